# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# growth - what one more rule, mount or kilobyte costs. Each curve is a few
# points, measured in turn like all rows of tests/bench/run. As it is about
# small differences, a point is the shortest start of all: a busy machine only
# ever adds. Between neighbours stands what one more unit costs there (rules:
# against none, as profiles hardly differ in number). Linear is where that
# stays the same; a curve whose last step costs more than twice a unit of the
# step before it is over. tests/bench/run reads this and has what it uses.

# A bare bundle that every profile admits as it is: nothing to repair, so that a
# point has the cost of its own size only. Strict asks three things of a
# container that no directory can have.
growth_strict='"user-namespace": "warn", "unknown-image": "warn", "image-digest-pinned": "warn"'

growth_policy() { # profile
  local rules=
  [ "$1" != strict ] || rules=$growth_strict
  # Rules about the machine have a row of their own.
  printf '{"version": 1, "profile": "%s", "rules": {%s}, "runtime": "%s",
    "host": {"at-start": "off"}}\n' \
    "$1" "$rules" "$MACHINE/null/runc" >/etc/garita/policy.json
}

growth_bundle() { # name, jq program that makes its config of the base
  mkdir -p "/tmp/$1/rootfs"
  jq "$2" "$MACHINE/growth.json" >"/tmp/$1/config.json"
  growth_policy strict
  # Printed and repaired once, as the engine's next start would find it.
  "$MACHINE/bin/garita-runtime" create --bundle "/tmp/$1" growth
  cp "/tmp/$1/config.json" "$MACHINE/as-made-$1"
}

growth_prepare() {
  local n kb
  jq '.process.user = {uid: 1000, gid: 1000} | .root.readonly = true
    | .process.capabilities = {} | .linux.resources.memory.limit = 67108864
    | .linux.resources.cpu.shares = 512 | .linux.resources.pids.limit = 100
    | .linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", syscalls:
      [{names: ["read", "write", "execve", "exit_group"],
        action: "SCMP_ACT_ALLOW"}]}' /tmp/config.json >"$MACHINE/growth.json"
  growth_bundle rules .
  for n in 10 100 1000; do
    growth_bundle "mounts-$n" ".mounts += [range($n) | {
      destination: \"/data/\\(.)\", type: \"tmpfs\", source: \"tmpfs\",
      options: [\"nosuid\", \"nodev\", \"noexec\", \"size=64k\"]}]"
  done
  # Half of it variables, half annotations, of a hundred bytes.
  for kb in 5 20 80 320 1280 4000; do
    growth_bundle "config-$kb" "(($kb * 1024 - (tojson | length)) / 216) as \$n
      | (\"x\" * 80) as \$pad
      | .process.env += [range(\$n) | \"VARIABLE_\\(. + 10000)=\" + \$pad]
      | .annotations += ([range(\$n) | {key: \"org.example.\\(. + 10000)\",
        value: \$pad}] | from_entries)"
  done
}

growth_sample() { # bundle, name, runs
  sample "growth-$2" "$3" "/tmp/$1" \
    "$MACHINE/bin/garita-runtime" create --bundle "/tmp/$1" growth
}

growth_round() { # runs a point
  local profile n kb
  for profile in off baseline restricted strict; do
    growth_policy $profile
    growth_sample rules "rules-$profile" "$1"
  done
  growth_policy strict
  for n in 10 100 1000; do
    growth_sample "mounts-$n" "mounts-$n" "$1"
  done
  for kb in 5 20 80 320; do
    growth_sample "config-$kb" "config-$kb" "$1"
  done
  for kb in 1280 4000; do
    growth_sample "config-$kb" "config-$kb" 3
  done
}

# What is counted at each point, by the name of its sample.
growth_units() {
  local name
  "$MACHINE/bin/garita" rules --format json | jq -c '
    ["off", "baseline", "restricted", "strict"][] as $profile
    | {name: "growth-rules-\($profile)",
       n: [.rules[] | select(.scope != ["host"] and
        (.[$profile] // "off" | . != "off"))] | length}'
  for name in "$MACHINE"/as-made-{mounts,config}-*; do
    jq -c --arg name "${name##*/as-made-}" --argjson bytes "$(stat -c %s "$name")" \
      '{name: "growth-\($name)", n: (if $name | startswith("mounts")
        then .mounts | length else $bytes / 1024 end)}' "$name"
  done
}

# From {"name": us} on stdin: the curves.
growth_curves() {
  jq --slurpfile units <(growth_units) '
    . as $us
    | def curve($what; $unit):
        [$units[] | select(.name | startswith("growth-\($what)-"))
          | {n, us: $us[.name], name: (.name | ltrimstr("growth-\($what)-"))}]
        | sort_by(.n) | . as $points
        | [range(length) | . as $i | $points[$i]
          | $points[if $what == "rules" then 0 else $i - 1 end] as $before
          | if $i == 0 then . else .us_per_unit =
              (.us - $before.us) / (.n - $before.n) end]
        | {what: $what, unit: $unit, points: .,
           last_against_before: (if $what == "rules" then null
             else .[-1].us_per_unit / .[-2].us_per_unit end)};
    [curve("rules"; "rule"), curve("mounts"; "mount"), curve("config"; "kB")]'
}

# The curves of a report on stdin, for people.
growth_print() {
  jq -r '
    def cut: . * 100 | round / 100;
    .growth[] | "\nOne more \(.unit):", (.points[]
      | "\(.n | round)\t\(.us | round)\t\(.us_per_unit // "" |
        if . == "" then . else cut end)"),
    if .last_against_before == null then "END\t-" else "END\t\(.last_against_before | cut)" end' |
    awk -F '\t' '
      $1 == "END" && $2 != "-" {
        printf "%s: the last step costs %s times what the one before does\n",
          $2 <= 2 ? "  linear" : "  OVER", $2
      }
      $1 == "END" { next }
      NF < 3 { print; next }
      { printf "%8s  %8s us", $1, $2
        if ($3 != "") printf "  %8s us each", $3
        print "" }'
}
