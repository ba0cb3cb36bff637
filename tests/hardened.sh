#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The hardening that configure found is in the programs: an option that is
# named in a summary and reaches no compiler protects nobody. TAP.
set -u
cd "${GARITA_BUILD:-.}" || exit 99
programs=(garita garita-runtime garita-hook garita-image-verifier garita-verify)
failed=0 count=0

check() { # what is to be so, command...
  local what=$1
  shift
  count=$((count + 1))
  if "$@"; then
    echo "ok $count - $what"
  else
    echo "not ok $count - $what"
    failed=1
  fi
}
# Called by check.
# shellcheck disable=SC2317
has() { # pattern, readelf's words
  readelf -W "$2" "$3" 2>/dev/null | grep -Eq "$1"
}
# shellcheck disable=SC2317
has_not() { ! has "$@"; }
# shellcheck disable=SC2317
protected() { # by the stack protector: libc's own would not tell
  nm "$1" 2>/dev/null | grep -q 'U __stack_chk_fail'
}

configured() { grep -q -- "$1" config.log && grep -Eq "^(HARDEN_CFLAGS|HARDEN_LDFLAGS) =.*$1" Makefile; }
if grep -q '^SANITIZE = .' Makefile; then
  echo "1..1"
  echo "ok 1 - a build with sanitizers is not hardened"
  exit 0
fi

# A remembered verdict is of the sources that made it, as they are now.
# shellcheck disable=SC2317
names_sources() {
  local source judged
  source=$(sed -n 's/^srcdir = //p' Makefile)
  judged=$(make -s --no-print-directory judged-by)
  # shellcheck disable=SC2086
  judged=$(cd "$source" && cat $judged | sha256sum | cut -c 1-64)
  grep -qF "$judged" "$1"
}
for program in garita garita-runtime; do
  check "$program: names the sources that judge signatures" \
    names_sources "$program"
done

for program in "${programs[@]}"; do
  check "$program: no executable stack" has 'GNU_STACK .* RW ' -l "$program"
  check "$program: no segment is writable and executable" \
    has_not 'LOAD .* RWE ' -l "$program"
  if configured '-Wl,-z,relro'; then
    check "$program: tables are read-only after relocation" has GNU_RELRO -l "$program"
  else
    check "$program: the linker knows no relro" true
  fi
done
for archive in libgarita-hook.a libgarita-policy.a $(ls libgarita-start.a 2>/dev/null); do
  if configured '-fstack-protector-strong'; then
    check "$archive: the stack is guarded" protected "$archive"
  else
    check "$archive: the compiler knows no stack protector" true
  fi
done
echo "1..$count"
exit $failed
