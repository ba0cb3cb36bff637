#!/usr/bin/env bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every fuzz target over what is kept for it, each file once: a short pass that
# finds again what was found before. TAP; of a build with --enable-fuzzing.
set -u
build=${GARITA_BUILD:-$PWD}
cd "${GARITA_SRC:-$(dirname "$0")/../..}" || exit 99
# shellcheck source=tests/fuzz/kept.bash
. tests/fuzz/kept.bash

count=0
for target in "$build"/tests/fuzz/fuzz_*; do
  case $target in *.o) continue ;; esac
  name=${target##*/fuzz_}
  count=$((count + 1))
  mapfile -t files < <(kept "$name")
  if [ ${#files[@]} -eq 0 ]; then
    echo "not ok $count - $name: nothing is kept for it"
  elif words=$("$target" -rss_limit_mb=1024 -timeout=10 "${files[@]}" 2>&1); then
    echo "ok $count - $name: ${#files[@]} files"
  else
    echo "not ok $count - $name: ${#files[@]} files"
    tail -n 40 <<<"$words" | sed 's/^/# /'
  fi
done
echo "1..$count"
[ "$count" -gt 0 ]
