#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The judge is pure: what policy/ asks of the rest of the world is what its
# objects leave undefined, and that may only be the words listed here. They
# count, copy, compare, format and, for signatures, compute; none opens, runs,
# connects, waits, or reads the environment or the clock. TAP.
set -u
cd "${GARITA_BUILD:-.}" || exit 99
nm=${NM:-nm}

allowed='
memchr bcmp memcmp memcpy memmem memmove memrchr memset mempcpy
strchr strchrnul strcmp strcspn strlen strncmp strncasecmp strnlen strrchr
strspn strstr strpbrk strcasecmp strerror strerrorname_np
snprintf vsnprintf asprintf vasprintf
__memcpy_chk __memmove_chk __memset_chk __snprintf_chk __vsnprintf_chk
__asprintf_chk __vasprintf_chk
malloc calloc realloc reallocarray free
bsearch qsort
abort __assert_fail __stack_chk_fail __errno_location
gmtime_r timegm __gmtime64_r __timegm64 inet_ntop inet_pton
__popcountdi2 __ctzdi2 __divdi3 __moddi3 __udivdi3 __umoddi3
_GLOBAL_OFFSET_TABLE_
inflate inflateEnd inflateInit2_
garita_out_of_memory'

# Undefined in some object of archive $1 and defined in none of $2...
missing() {
  local of=$1
  comm -23 <("$nm" -u "$of" 2>/dev/null | awk '$1 == "U" || $1 == "w" { print $2 }' | sort -u) \
    <("$nm" --defined-only "$@" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
}

number=0
check() { # what, offending words
  number=$((number + 1))
  if [ -z "$2" ]; then
    echo "ok $number - $1"
  else
    echo "not ok $number - $1"
    # shellcheck disable=SC2001
    sed 's/^/# /' <<<"$2"
  fi
}

echo "1..4"

if "$nm" --defined-only libgarita-policy.a 2>/dev/null | grep -q ' T garita_decide$'; then
  check "the judge is in libgarita-policy.a" ""
else
  check "the judge is in libgarita-policy.a" "garita_decide is not defined there"
fi

outside=$(missing libgarita-policy.a)
if [ -n "${SANITIZE:-}" ]; then
  outside=$(grep -Ev '^__(asan|ubsan|sanitizer|sancov|interceptor|start___sancov|stop___sancov)_' <<<"$outside")
fi
check "policy/ asks nothing of the outside world" \
  "$(comm -23 <(sort -u <<<"$outside" | sed '/^$/d') \
    <(xargs -n 1 <<<"$allowed" | sort -u))"

# A check that cannot fail proves nothing: the other half must be caught.
dirty=$(missing libgarita-hook.a libgarita-policy.a | grep -Ex 'open|openat|read|write|syscall|execveat' | head -n 1)
if [ -n "$dirty" ]; then
  check "the same look at hook/ does find I/O" ""
else
  check "the same look at hook/ does find I/O" "nothing found: is nm ($nm) working?"
fi

# But for a user's HOME, which that user alone is concerned by (hook/owner.h).
check "no object reads the environment by itself" \
  "$("$nm" -u -A libgarita-policy.a libgarita-hook.a 2>/dev/null |
    awk '$NF == "getenv" || $NF == "secure_getenv" || $NF == "environ" || $NF == "__environ"' |
    grep -vE '[-/](runtime|owner)\.o:')"
[ "$number" -eq 4 ]
