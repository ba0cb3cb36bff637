#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Manual pages, help and completions say what the programs do: every verb,
# option and rule, and no other.

# bats sets lines, output and status behind shellcheck's back; inner shells
# have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common

setup()
{
	cd "$BATS_TEST_TMPDIR" || return 1
	PATH=$GARITA_BUILD:$PATH
}

verbs()
{
	"$GARITA" help --words | cut -f 1 | grep -vx -e help -e version
}

options()
{
	"$GARITA" help --words "$1" | cut -f 1 | grep '^--' || true
}

# ---- help ----

@test "help lists every verb; its words are the options there are" {
	local verb option

	[ "$(verbs | wc -l)" -ge 3 ]
	for verb in $(verbs); do
		"$GARITA" help | grep -qE "^  $verb +"
		# Each is known: what is wrong is something else.
		for option in $(options "$verb"); do
			run "$GARITA" "$verb" "$option" --no-such-option
			[[ $output != *"unknown option $option"* ]]
		done
	done
	# Each in an option table is in some usage.
	for verb in $(verbs); do
		options "$verb"
	done | sort -u >offered
	cat "$GARITA_SRC"/hook/cli/*.c |
		sed -n 's/^\t*{ "\(--[a-z-]*\)", .*/\1/p' | sort -u >known
	[ -s known ]
	run comm -13 offered known
	[ "$output" = "" ]
}

@test "words of values: alternatives, rules, files" {
	[ "$("$GARITA" help --words check --format | paste -sd' ')" = \
		"text json sarif junit" ]
	[ "$("$GARITA" help --words check --policy)" = @file ]
	[ "$("$GARITA" help --words explain | cut -f 1)" = \
		"$("$GARITA" rules --format json | jq -r '.rules[].id')" ]
	[ "$("$GARITA" help --words check --no-fix)" = "" ]
	[ "$("$GARITA" help --words nothing)" = "" ]
	# Forms of one verb: their own words, each once.
	"$GARITA" help --words policy | cut -f 1 >words
	[ "$(sort words | uniq -d)" = "" ]
	grep -qx show words
	run grep -x -e garita -e policy words
	[ "$output" = "" ]
	[ "$("$GARITA" help --words policy --profile)" = \
		$'off\nbaseline\nrestricted\nstrict' ]
	"$GARITA" help --words check | grep -qx @file
}

# ---- manual pages ----

# What garita(1) says of a verb: its lines of the synopsis, and its text.
synopsis_of()
{
	awk -v verb="$1" '
		/^\.Sh / { here = $2 == "SYNOPSIS"; next }
		!here { next }
		/^\.Nm/ { ours = 0 }
		/^\.Cm/ { ours = $2 == verb }
		ours' "$GARITA_SRC/man/garita.1"
}

text_of()
{
	awk -v verb="$1" '
		/^\.S[hs] / { here = $2 == "DESCRIPTION"; ours = 0 }
		here && /^\.It Cm/ { ours = $3 == verb }
		ours' "$GARITA_SRC/man/garita.1"
}

@test "garita(1) has every verb and every option of it, and no other" {
	local verb option

	for verb in $(verbs); do
		synopsis_of "$verb" >synopsis
		text_of "$verb" >text
		[ -s synopsis ] && [ -s text ] || fails "garita.1 has no $verb"
		for option in $(options "$verb"); do
			grep -qE "Fl .*-${option#--}( |\$)" text ||
				fails "no word about $option of $verb"
			# Those of seccomp are one [options].
			[ "$verb" = seccomp ] ||
				grep -qE "Fl .*-${option#--}( |\$)" synopsis ||
				fails "the synopsis of $verb has no $option"
		done
		grep -oE 'Fl -[a-z-]+' synopsis | sed 's/Fl /-/' | sort -u >said
		options "$verb" | sort -u | comm -23 said - >others
		[ ! -s others ] || fails "$verb does not have" "$(cat others)"
	done
}

@test "garita-rules(7) has every rule with what the tables say" {
	local page=$GARITA_BUILD/man/garita-rules.7

	cmp "$page" <("$GARITA" rules --format mdoc)
	mandoc -T lint -W warning "$page"
	sed -n 's/^\.Ss //p' "$page" >got
	"$GARITA" rules --format json >rules.json
	jq -r '.rules[].id' rules.json | cmp - got
	MANWIDTH=1000 mandoc -T utf8 -O width=1000 "$page" | col -bx |
		sed 's/  */ /g; s/‐/-/g' >text
	jq -r '.rules[] | .summary, (.allows // empty), .params[].holds,
		"baseline \(.baseline), restricted \(.restricted), strict " +
		.strict' rules.json |
		while read -r words; do
			words=$(tr -s ' ' <<<"$words")
			grep -qF -- "$words" text || echo "not there: $words"
		done >missing
	cat missing
	[ ! -s missing ]
}

@test "rules and explain say every parameter" {
	local id name

	"$GARITA" rules --format json |
		jq -r '.rules[] | .id as $id | .params[] | "\($id) \(.name)"' \
			>params
	[ -s params ]
	while read -r id name; do
		"$GARITA" explain "$id" | grep -qE "^  $name "
	done <params
}

# ---- completions ----

in_bash()
{
	bash --norc --noprofile -c '
		source "$0"
		COMP_WORDS=("$@")
		COMP_CWORD=$(($# - 1))
		_garita
		printf "%s\n" "${COMPREPLY[@]}"' \
		"$GARITA_SRC/completion/garita.bash" "$@"
}

in_fish()
{
	HOME=$BATS_TEST_TMPDIR fish --no-config -c 'source $argv[1]
		complete -C $argv[2]' \
		"$GARITA_SRC/completion/garita.fish" "$*" | cut -f 1
}

# Its own functions need a terminal; the words they are given are what counts.
in_zsh()
{
	zsh -f -c '
		compset() { : }
		_describe() { print -l -- "${(@)${(P)4}%%:*}" }
		_files() { print -l -- *(N) }
		source "$0"
		words=("$@")
		CURRENT=$#
		_garita' "$GARITA_SRC/completion/garita.zsh" "$@"
}

# Each shell offers at least these lines for this command line.
offers()
{
	local wanted=$1 shell

	shift
	for shell in bash zsh fish; do
		"in_$shell" "$@" >"$shell.out"
		sort -u "$shell.out" >sorted
		comm -23 <(sort -u <<<"$wanted") sorted >missing
		[ ! -s missing ] || {
			echo "$shell does not offer for $*:"
			cat missing
			echo "but:"
			cat "$shell.out"
			return 1
		}
	done
}

@test "bash, zsh and fish offer every verb, option, value and rule" {
	local verb ids

	touch config.json
	offers "$(verbs)" garita ""
	for verb in $(verbs); do
		[ -z "$(options "$verb")" ] ||
			offers "$(options "$verb")" garita "$verb" --
	done
	ids=$("$GARITA" rules --format json | jq -r '.rules[].id')
	offers "$ids" garita explain ""
	offers $'text\njson\nsarif\njunit' garita check --format ""
	offers $'denied\nexcepted\nrun-as-non-root' garita check --only ""
	offers warn garita check --fail-on ""
	offers config.json garita check ""
	offers config.json garita check --policy ""
	offers "$(verbs)" garita help ""
}

@test "bash completes after a comma and after an equals sign" {
	[ "$(in_bash garita check --only denied,fix)" = denied,fixed ]
	[ "$(in_bash garita check --format = sa)" = sarif ]
	[ "$(in_bash garita check --format =)" = $'json\njunit\nsarif\ntext' ]
	[ "$(in_bash garita ch)" = check ]
}
