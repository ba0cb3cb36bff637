#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What documents, manual pages and examples name is there: files, links, verbs,
# options and programs. A document that is out of date sends its reader to
# something that does not exist; this finds it before the reader does. TAP.
# Backticks are those of Markdown.
# shellcheck disable=SC2016
set -u
build=$(readlink -f "${GARITA_BUILD:-build}") || exit 99
cd "${GARITA_SRC:-$(dirname "$0")/..}" || exit 99
export LC_ALL=C.UTF-8

mapfile -t documents < <(printf '%s\n' README.md SECURITY.md CONTRIBUTING.md NEWS \
  docs/*.md examples/README.md examples/*/README.md)
mapfile -t pages < <(printf '%s\n' man/*.[1-8])
mapfile -t examples < <(find examples -type f ! -name README.md | sort)

number=0
check() { # what, then the offending words on standard input
  local words
  words=$(cat)
  number=$((number + 1))
  if [ -z "$words" ]; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1"
    sort -u <<<"$words" | sed 's/^/# /'
  fi
}

# Code of a Markdown file, a piece a line: `spans`, which may go over a line's
# end, and indented lines, of which one that ends in a backslash goes on.
code() { # file
  tr '\n' ' ' <"$1" | grep -oP '(?<!`)`[^`]+`' | tr -d '`'
  sed -e ':more' -e '/\\$/{N; s/\\\n */ /; b more' -e '}' "$1" |
    sed -nE 's/^(    |\t)[$#]? ?//p'
}

# The same of a manual page.
page_code() { # file
  sed -n 's/^\.\(Dl\|Ql\) //p' "$1"
  sed -n '/^\.Bd -literal/,/^\.Ed/p' "$1" | sed -e 's/\\e$/\\/' |
    sed -e ':more' -e '/\\$/{N; s/\\\n */ /; b more' -e '}' |
    sed -E 's/^[$#] //'
}

# And of an example: what its comments quote, and what it runs.
example_code() { # file
  grep -oP '`[^`]+`' "$1" | tr -d '`'
  sed -nE 's|^ *(//\|#) +(garita )|\2|p' "$1"
}

everything() {
  local file
  for file in "${documents[@]}"; do code "$file" | sed "s,^,$file: ,"; done
  for file in "${pages[@]}"; do page_code "$file" | sed "s,^,$file: ,"; done
  for file in "${examples[@]}"; do example_code "$file" | sed "s,^,$file: ,"; done
}

said=$(everything)

# ---- files ----
links() {
  local file target
  for file in "${documents[@]}"; do
    grep -oP '\]\(\K[^)]+' "$file" | while read -r target; do
      case $target in *://*) continue ;; esac
      [ -e "$(dirname "$file")/${target%%#*}" ] || echo "$file: $target"
    done
  done
}
check "links of documents lead to a file" < <(links)

# Tests are written without their ending, too.
paths() {
  local file word
  { sed -nE 's/^([^:]+): (.*)$/\1 \2/p' <<<"$said"; } | while read -r file rest; do
    for word in $rest; do
      word=${word%%[:,;]}
      case $word in
      /*) continue ;;
      hook/* | policy/* | include/* | tests/* | docs/* | examples/* | build-aux/* | man/*) ;;
      *) continue ;;
      esac
      case $word in *'<'* | *\$* | *'|'*) continue ;; esac
      # A pattern, or alternatives in braces, of which one is enough.
      word=${word//\{*\}/*}
      compgen -G "$word" >/dev/null || compgen -G "$word.*" >/dev/null ||
        grep -qE "^[[:space:]]$word( |\$)" Makefile.am || echo "$file: $word"
    done
  done
}
check "source files that are named are there" < <(paths)

schemas() {
  grep -oHE '[a-z-]+-[0-9]\.schema\.json' "${documents[@]}" "${pages[@]}" \
    "${examples[@]}" | sort -u | while IFS=: read -r file word; do
    [ -e "docs/schema/$word" ] || [ -e "$build/$word" ] || echo "$file: $word"
  done
}
check "schemas that are named are there" < <(schemas)

# ---- commands ----
dev_verbs=$(sed -n 's,^cmd_\([a-z]*\)().*,\1,p' dev)
dev() {
  grep -oE '^[^:]+: (.* )?\./dev [a-z]+' <<<"$said" |
    sed -nE 's,^([^:]+): .*\./dev ([a-z]+)$,\1 \2,p' |
    while read -r file verb; do
      grep -qx "$verb" <<<"$dev_verbs" || echo "$file: ./dev $verb"
    done
}
check "verbs of ./dev that are named are there" < <(dev)

garita() {
  # shellcheck disable=SC2086
  ${EMULATOR:-} "$build/garita" "$@"
}
verbs=$(garita help --words | cut -f 1)
[ -n "$verbs" ] || exit 99

# `garita VERB [FORM] [--option...]`; a word in capitals stands for any.
commands() {
  local file line verb form words word
  sed -nE 's/^([^:]+): (.*[|;&] *|sudo |.*\$\()?(garita [a-z-]+.*)$/\1 \3/p' <<<"$said" |
    while read -r file _ verb line; do
      verb=${verb%%[,.;:)]}
      grep -qx -e "$verb" <<<"$verbs" || {
        echo "$file: garita $verb"
        continue
      }
      # Verbs with forms: the first word is one of them. They have options of
      # their own; the forms of others share theirs.
      words=$(garita help --words "$verb" | cut -f 1)
      form=${line%% *}
      form=${form%%[,.;:)]}
      case $verb in
      policy | image | net | seccomp)
        case $form in
        [a-z]*) grep -qx -e "$form" <<<"$words" || {
          echo "$file: garita $verb $form"
          continue
        } ;;
        esac
        ;;
      esac
      case $verb in
      policy | image) words=$(garita help --words "$verb" "$form" | cut -f 1) ;;
      esac
      # A comment or another command behind it is not of it.
      for word in ${line%%[|;#]*}; do
        word=${word%%=*}
        case $word in --*) ;; *) continue ;; esac
        grep -qx -e "${word%%[],.)]}" <<<"$words" ||
          echo "$file: garita $verb $word"
      done
    done
}
check "verbs and options of garita that are named are there" < <(commands)
# It finds them, and what is wrong about them.
found=$(grep -cE '^[^:]+: (sudo )?garita [a-z]' <<<"$said")
check "there are commands to look at" < <([ "$found" -ge 60 ] || echo "only $found")
check "and what is not there is seen" < <(
  said="x.md: garita check --no-such
x.md: sudo garita nothing
x.md: garita policy nothing FILE
x.md: garita image inspect --key F NAME"
  [ "$(commands)" = "x.md: garita check --no-such
x.md: garita nothing
x.md: garita policy nothing
x.md: garita image --key" ] || commands)

# ---- programs and pages ----
programs=$(sed -nE 's/^(bin|hook)_PROGRAMS = //p' Makefile.am | xargs -n 1)
programs_in() { # file
  local name
  for name in $programs; do
    grep -qE "(^|[^a-z-])$name([^a-z-]|\$)" "$1" || echo "$1: $name"
  done
}
check "README, design.md and configure name every program" < <(
  for file in README.md docs/design.md configure.ac; do programs_in "$file"; done)

pages_of() {
  local name page section
  for name in $programs; do
    case $name in
    garita) page=man/garita.1 ;;
    garita-verify) continue ;; # nobody calls it
    *) page=man/$name.8 ;;
    esac
    for section in NAME SYNOPSIS DESCRIPTION FILES 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
      grep -qx "\.Sh $section" "$page" || echo "$page: no $section"
    done
  done
}
check "each program has a page with all that a page has" < <(pages_of)

references() {
  grep -HE '^\.(Xr) garita' "${pages[@]}" |
    sed -E 's/^([^:]+):\.Xr ([^ ]+) ([0-9]).*/\1 \2.\3/' |
    while read -r file page; do
      [ -e "man/$page" ] || [ "$page" = garita-rules.7 ] || echo "$file: $page"
    done
  grep -oHE 'garita[a-z.-]*\([1-8]\)' "${documents[@]}" "${examples[@]}" |
    sed -E 's/^([^:]+):([^(]+)\(([0-9])\)/\1 \2.\3/' |
    while read -r file page; do
      [ -e "man/$page" ] || [ "$page" = garita-rules.7 ] || echo "$file: $page"
    done
}
check "pages that are referred to are there" < <(references)

# An example that the list of examples leaves out is found by nobody.
listed() {
  local file name
  for file in "${examples[@]}"; do
    name=${file#examples/}
    grep -qF -e "]($name)" -e "]($(dirname "$name"))" -e "](${name%%/*}/README.md)" \
      examples/README.md || echo "examples/README.md: $name"
  done
}
check "the list of examples has each" < <(listed)

echo "1..$number"
