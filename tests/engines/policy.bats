#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The policy as a language: scopes and exceptions mean the same to the wrapper
# and to check; files extend one another only when nobody else can write them;
# and `garita policy` finds what an operator would want to know before.

# bats sets lines, output and status behind shellcheck's back; programs of jq
# have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common

setup_file()
{
	garita_up
	rootfs
	cp "$GARITA_BUILD/tests/programs/null_runtime" "$GARITA_DIR/runc-null"
	bundle "$GARITA_DIR/risky"
	bundle "$GARITA_DIR/other"
	mkdir "$GARITA_DIR/empty"
	base=$GARITA_SRC/tests/rules/base.json
	export base
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	forget
	no_policy
	inside rm -f /etc/garita/base.json /etc/garita/revoked
	rm -rf new.json old.json cases
}

# gate CODE BUNDLE
gate()
{
	run "-$1" inside timeout 20 "$RUNTIME" create --bundle "$2" one
}

# with JSON: the policy, with a runtime that does nothing
with()
{
	jq -n --arg runtime "$GARITA_DIR/runc-null" --argjson more "$1" \
		'{version: 1, runtime: $runtime} + $more' | policy
}

later=$(date -u -d '+60 days' +%F)
soon=$(date -u -d '+5 days' +%F)
past=$(date -u -d '-1 day' +%F)

# excepts DAY: root, for the bundle that is called risky
excepts()
{
	jq -n --arg bundle "$GARITA_DIR/risky" --arg day "$1" '{exceptions: [{
		rules: ["run-as-non-root"], match: {bundle: $bundle},
		reason: "needs root until 2.0", owner: "data team",
		expires: $day}]}'
}

# A digest of nobody.
digest=sha256:$(printf '5%.0s' {1..64})

# cases NAME JQ: cases/NAME.json, judged with the base of the rules' cases
cases()
{
	mkdir -p cases/bases
	[ -e cases/bases/base.json ] || cp "$base" cases/bases/base.json
	jq -n "{config: \"bases/base.json\", now: \"2026-11-21\",
		image: {names: [\"registry.example.com/app:1\"],
			reference: (\"registry.example.com/app@\" + \"$digest\"),
			manifest: \"$digest\", store: \"containers-storage\"},
		expect: {verdict: \"admit\"}} | $2" >"cases/$1.json"
}

@test "an exception: alike in enforce, dry-run and check, and written down" {
	with '{}'
	gate 1 risky
	with "$(excepts "$later")"
	gate 1 other
	gate 0 risky
	decisions | tail -n 1 | jq -e '.verdict == "repair" and
		any(.findings[]; .rule == "run-as-non-root" and .action == "off"
			and (.exception | contains("needs root until 2.0")))'
	run -0 inside "$GARITA" check --format json risky
	jq -e '.counts.excepted == 1' <<<"$output"
	run -0 inside "$GARITA" check risky
	[[ $output == *"Let through by an exception"* ]]
	[[ $output == *"needs root until 2.0 (data team, until $later)"* ]]
	run -1 inside "$GARITA" check other
	with "$(excepts "$later" | jq '. + {mode: "dry-run"}')"
	forget
	bundle risky # as it was before it was repaired
	gate 0 risky
	gate 0 other
	decisions | jq -es 'map(.would) == ["repair", "deny"]'
}

@test "an exception ends, with a warning before" {
	with "$(excepts "$soon")"
	run -0 inside "$GARITA" check risky
	[[ $output == *Warnings*"until $soon: "?" days left"* ]]
	run -1 inside "$GARITA" check --fail-on warn risky
	with "$(excepts "$past")"
	gate 1 risky
	run -1 inside "$GARITA" check risky
	[[ $output == *"ended with $past: needs root until 2.0"* ]]
}

@test "a scope: the first that matches, for the wrapper as for check" {
	with "$(jq -n --arg bundle "$GARITA_DIR/risky" '{scopes: [
		{name: "ours", match: {bundle: $bundle},
		 rules: {"run-as-non-root": "warn"}},
		{name: "all", match: {bundle: "/**"}, profile: "strict"}]}')"
	gate 0 risky
	gate 1 other
	run -0 inside "$GARITA" check risky
	[[ $output == *"scope ours"* ]]
	run -1 inside "$GARITA" check --format json other
	[ "$(jq -r .scope <<<"$output")" = all ]
}

@test "an annotation can tighten and nothing else" {
	with '{"profile": "baseline", "scopes": [
		{"name": "noted", "match": {"annotations": {"strict": "yes"}},
		 "rules": {"run-as-non-root": "deny"}}]}'
	gate 0 other
	edit other '.annotations.strict = "yes"'
	gate 1 other
	bundle other
	with '{"scopes": [
		{"name": "noted", "match": {"annotations": {"strict": "no"}},
		 "rules": {"run-as-non-root": "off"}}]}'
	gate 2 other
	[[ $output == *"would loosen run-as-non-root from deny to off"*"at /scopes/0"* ]]
	with "$(excepts "$later" |
		jq '.exceptions[0].match = {annotations: {a: "b"}}')"
	gate 2 risky
	[[ $output == *"an exception loosens"* ]]
}

@test "a policy that cannot be read refuses, and says where" {
	with '{"scopes": [{"name": "x", "match": {"imag": "a"}}]}'
	gate 2 risky
	[[ $output == *'did you mean "image"?'*"at /scopes/0/match/imag)"* ]]
	run -2 inside "$GARITA" policy check
	[[ $output == *'did you mean "image"?'* ]]
	with "$(excepts 2027-02-30)"
	gate 2 risky
	[[ $output == *"/exceptions/0/expires"* ]]
	with "$(excepts "$later" | jq 'del(.exceptions[0].reason)')"
	gate 2 risky
	[[ $output == *'"reason" is missing'* ]]
	with "$(excepts "$later" | jq '.exceptions[0].match = {}')"
	gate 2 risky
	[[ $output == *"which containers are meant"* ]]
}

@test "extends: a file beside the policy, on top of which the policy is read" {
	inside sh -c 'echo "{\"version\":1,\"profile\":\"baseline\",
		\"images\":{\"deny-file\":\"revoked\"},
		\"rules\":{\"host-pid\":\"off\",\"unknown-image\":\"off\",
		\"image-allowlist\":\"off\"}}" >/etc/garita/base.json
		: >/etc/garita/revoked'
	with '{"extends": "base.json", "rules": {"host-pid": "warn"}}'
	gate 0 risky
	run -0 inside "$GARITA" policy show
	echo "$output"
	[[ $output == *'"profile": "baseline@1", // /etc/garita/base.json:1'* ]]
	[[ $output == *'"host-pid": "warn", // /etc/garita/policy.json:6'* ]]
	[[ $output == *'"deny-file": "/etc/garita/revoked"'* ]]
	# What it shows is the same policy.
	policy <<<"$output"
	gate 0 risky
}

@test "extends: not what others can write, not itself, not without end" {
	inside sh -c 'echo "{\"version\":1}" >/etc/garita/base.json
		chmod 0666 /etc/garita/base.json'
	with '{"extends": "base.json"}'
	gate 2 risky
	[[ $output == *"/etc/garita/base.json"* ]]
	with '{"extends": "nothing.json"}'
	gate 2 risky
	with '{"extends": "policy.json"}'
	gate 2 risky
	[[ $output == *"extends itself"* ]]
	inside sh -c 'cd /etc/garita && for i in 1 2 3 4; do
		echo "{\"version\":1,\"extends\":\"b$((i + 1)).json\"}" >b$i.json
	done; echo "{\"version\":1}" >b5.json'
	with '{"extends": "b1.json"}'
	gate 2 risky
	[[ $output == *"above one another"* ]]
	with '{"extends": "b3.json"}'
	gate 1 risky
	[[ $output == *run-as-non-root* ]]
	inside sh -c 'echo "{\"version\":1,\"profil\":1}" >/etc/garita/b4.json'
	gate 2 risky
	[[ $output == *"b4.json"*'did you mean "profile"?'* ]]
}

@test "policy check: what does nothing, has ended, or anybody can choose" {
	run -0 inside "$GARITA" policy check
	[[ $output == *good* ]]
	jq -n --arg past "$past" --arg soon "$soon" --arg later "$later" \
		--arg digest "$digest" '{version: 1,
		scopes: [
		{name: "wide", match: {image: "r.io/**"}, profile: "strict"},
		{name: "narrow", match: {image: "r.io/db:1"}, profile: "strict"},
		{name: "nothing", match: {uid: 7}},
		{name: "by-name", match: {image: "x.io/a"},
		 rules: {"host-pid": "off"}},
		{name: "by-digest", match: {digest: $digest},
		 rules: {"host-pid": "off"}}],
		exceptions: [
		{rules: ["host-pid"], match: {digest: $digest}, reason: "old",
		 owner: "o", expires: $past},
		{rules: ["host-pid"], match: {digest: $digest}, reason: "near",
		 owner: "o", expires: $soon},
		{rules: ["host-pid"], match: {image: "x"}, reason: "named",
		 owner: "o", expires: $later},
		{rules: ["host-pid"], match: {digest: $digest}, reason: "fine",
		 owner: "o", expires: $later}],
		rules: {"unknown-image": "deny"}}' >new.json
	run -1 "$GARITA" policy check new.json
	echo "$output"
	[ "${#lines[@]}" = 6 ]
	[[ ${lines[0]} == *new.json:11:*'"narrow" is never reached: "wide"'* ]]
	[[ ${lines[1]} == *'"nothing" changes nothing'* ]]
	[[ ${lines[2]} == *'"by-name" loosens'* ]]
	[[ ${lines[3]} == *"ended with $past"* ]]
	[[ ${lines[4]} == *"ends soon, with $soon"* ]]
	[[ ${lines[5]} == *"whoever starts a container can choose"* ]]
}

@test "policy check: what is of no image is spared what a scope adds" {
	local rules=off count

	for count in 3 0; do
		jq -n --arg rules $rules '{version: 1, profile: "baseline",
			rules: {"unknown-image": $rules}, scopes: [
			{name: "action", match: {image: "r.io/a"},
			 rules: {"host-pid": "deny", "memory-limit": "deny"}},
			{name: "profile", match: {store: "docker"}, profile: "strict"},
			{name: "guard", match: {image: "r.io/b"}, network: {listen: []}},
			{name: "by-uid", match: {uid: 0}, profile: "strict"}]}' >new.json
		run "$GARITA" policy check new.json
		echo "$output"
		[ "$(grep -c "have unknown-image deny" <<<"$output")" = "$count" ]
		[[ $output != *by-uid* ]]
		rules=deny
	done
}

@test "policy check --corpus: exceptions that let nothing through" {
	jq -n --arg digest "$digest" --arg later "$later" '{version: 1,
		exceptions: [
		{rules: ["run-as-non-root"], match: {digest: $digest},
		 reason: "used", owner: "o", expires: $later},
		{rules: ["host-pid"], match: {digest: $digest},
		 reason: "unused", owner: "o", expires: $later}]}' >new.json
	cases root '.'
	jq '.process.user.uid = 0' "$base" >cases/bases/base.json
	run -1 "$GARITA" policy check --corpus cases --sysroot empty new.json
	[ "${#lines[@]}" = 1 ]
	[[ $output == *'lets nothing through in the corpus: "unused"'* ]]
	run -2 "$GARITA" policy check --corpus empty new.json
	[[ $output == *"no config"* ]]
}

@test "policy test: exact rules, both ways, and JUnit" {
	cases quiet '.'
	jq '.process.user.uid = 0' "$base" >cases/bases/root.json
	cases root '.config = "bases/root.json" |
		.expect = {verdict: "refuse", rules: ["run-as-non-root"]}'
	cases excepted '.config = "bases/root.json" | .policy = "bases/p.json" |
		.expect = {verdict: "admit", excepted: ["run-as-non-root"]}'
	cases ended '.config = "bases/root.json" | .policy = "bases/p.json" |
		.now = "2027-03-02" |
		.expect = {verdict: "refuse", rules: ["run-as-non-root"]}'
	cases last-day '.config = "bases/root.json" | .policy = "bases/p.json" |
		.now = "2027-03-01" | .expect = {verdict: "admit",
			excepted: ["run-as-non-root"]}'
	cases inline '.config = {ociVersion: "1.0.2", process: {user: {uid: "0"}}} |
		.expect = {verdict: "error"}'
	jq -n --arg digest "$digest" '{version: 1, exceptions: [
		{rules: ["run-as-non-root"], match: {digest: $digest},
		 reason: "r", owner: "o", expires: "2027-03-01"}]}' \
		>cases/bases/p.json
	run -0 "$GARITA" policy test --sysroot empty cases
	[ "$output" = "6 passed, 0 failed" ]

	cases more '.expect.rules = ["host-pid"]'
	cases less '.config = "bases/root.json" | .expect.verdict = "refuse"'
	cases none 'del(.expect)'
	cases typo '.exspect = {}'
	cases unknown '.expect.rules = ["host-pidd"]'
	run -1 "$GARITA" policy test --sysroot empty cases
	[ "${lines[-1]}" = "6 passed, 5 failed" ]
	[[ $output == *"cases/more.json: not found: host-pid"* ]]
	[[ $output == *"cases/less.json: found, which is not expected: run-as-non-root"* ]]
	[[ $output == *'cases/typo.json: '*'did you mean "expect"?'* ]]
	[[ $output == *"cases/unknown.json: no such rule: host-pidd"* ]]
	run -1 "$GARITA" policy test --format junit --sysroot empty cases
	[[ $output == *'<testsuite name="garita policy test" tests="11" failures="5">'* ]]
	[ "$(grep -c '<testcase classname="garita" name="' <<<"$output")" = 11 ]
	[ "$(grep -c '<failure message="' <<<"$output")" = 5 ]
	if command -v python3 >/dev/null; then
		python3 -c 'import sys, xml.etree.ElementTree as e
e.fromstring(sys.stdin.buffer.read())' <<<"$output"
	fi
	run -2 "$GARITA" policy test empty
}

@test "policy diff: which containers change" {
	cases quiet '.'
	jq '.process.user.uid = 0' "$base" >cases/bases/root.json
	echo '{"version": 1}' >old.json
	echo '{"version": 1, "rules": {"run-as-non-root": "warn"}}' >new.json
	run -0 "$GARITA" policy diff --sysroot empty old.json old.json cases
	[ "$output" = "0 of 3 decided otherwise" ]
	run -1 "$GARITA" policy diff --sysroot empty old.json new.json cases
	[ "${lines[0]}" = "cases/bases/root.json: refuse -> admit" ]
	[ "${lines[1]}" = "  ~ run-as-non-root (deny -> warn)" ]
	[ "${lines[2]}" = "1 of 3 decided otherwise" ]
	run -1 "$GARITA" policy diff --sysroot empty --format json old.json \
		new.json cases
	[ "$(jq -c . <<<"$output")" = '{"version":1,"judged":3,"differ":1,'`
		`'"changes":[{"path":"cases/bases/root.json","old":"refuse",'`
		`'"new":"admit","rules":[{"rule":"run-as-non-root","old":"deny",'`
		`'"new":"warn"}]}]}' ]
	run -0 "$GARITA" policy diff --sysroot empty --format json old.json \
		old.json cases
	jq -e '.changes == [] and .differ == 0' <<<"$output"
	run -2 "$GARITA" policy diff --format xml old.json new.json cases
	run -2 "$GARITA" policy diff old.json missing.json cases
	run -2 "$GARITA" policy diff old.json new.json empty
}

@test "every engine's captured config is judged by the example policies" {
	for file in "$GARITA_SRC"/examples/policy*.json; do
		[ "${file##*/}" != policy-allowlist.json ] || continue
		run "$GARITA" policy diff "$file" "$file" \
			"$GARITA_SRC/tests/samples/engines"
		[ "$status" = 0 ] || fails "$file" "$output"
	done
}

@test "the schema: takes what garita takes, and nothing else" {
	schema=$GARITA_BUILD/policy-1.schema.json
	"$GARITA" policy schema | cmp - "$schema"
	[ "$("$GARITA" rules --format json | jq -c '[.rules[].id] | sort')" = \
		"$(jq -c '."$defs".rule.enum | sort' "$schema")" ]
	[ "$(jq -c '."$defs".rule.enum | sort' "$schema")" = \
		"$(jq -c '."$defs".rules.properties | keys' "$schema")" ]
	excepts "$later" | jq '. + {version: 1, scopes: [{name: "x",
		match: {uid: [5, "1-2"], image: "a", args: ["*"]},
		profile: "strict@1", rules: {"host-pid": {action: "warn"}}}]}' \
		>new.json
	run -1 "$GARITA" policy check new.json # it loosens by what one chooses
	cat >judge.py <<'EOF'
import json, re, sys
import jsonschema
schema = json.load(open(sys.argv[1]))
jsonschema.Draft202012Validator.check_schema(schema)
valid = jsonschema.Draft202012Validator(schema)
for path in sys.argv[2:]:
    text = re.sub(r'(?m)^\s*//.*$', '', open(path).read())
    valid.validate(json.loads(text))
good = json.load(open(sys.argv[-1]))
for pointer, value in (
        (('version',), 2), (('profil',), 'strict'), (('mode',), 'dryrun'),
        (('profile',), 'restricted@2'), (('rules',), {'host-pidd': 'off'}),
        (('rules',), {'host-pid': 'fix'}), (('rules',), []),
        (('images',), {'allow': ['x']}), (('runtime',), 'runc'),
        (('exceptions', 0, 'rules'), []), (('exceptions', 0, 'end'), ''),
        (('exceptions', 0, 'expires'), 'never'), (('scopes', 0, 'match'), {'imag': 'a'}),
        (('scopes', 0, 'match'), {'digest': 'a'}), (('scopes', 0, 'profile'), 'x')):
    bad = json.loads(json.dumps(good))
    at = bad
    for step in pointer[:-1]:
        at = at[step]
    at[pointer[-1]] = value
    assert not valid.is_valid(bad), (pointer, value)
EOF
	if python3 -c 'import jsonschema' 2>/dev/null; then
		python3 judge.py "$schema" "$GARITA_SRC"/examples/policy*.json \
			new.json
	fi
}

@test "usage" {
	run -2 "$GARITA" policy
	[[ $output == *"give check, show, test, diff, suggest or schema"* ]]
	run -2 "$GARITA" policy chek
	[[ $output == *"did you mean check?"* ]]
	run -2 "$GARITA" policy check --corpsu x
	[[ $output == "garita policy check: "*"did you mean --corpus?"* ]]
	run -2 "$GARITA" policy diff one
	run -2 "$GARITA" policy test --format sarif x
}
