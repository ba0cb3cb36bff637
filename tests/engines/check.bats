#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita check and its kin as authors and CI use them: what the exit code
# says, what is printed and where, and that no input hangs or passes unread.

# bats sets lines, output and status behind shellcheck's back; programs of jq
# and of inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common
load ../diff/rows

setup_file()
{
	garita_up
	bundle "$GARITA_DIR/risky"
	bundle "$GARITA_DIR/plain" '.process.user = {uid: 1000, gid: 1000}'
	GARITA_SYSROOT=$GARITA_DIR/sysroot
	export GARITA_SYSROOT
	cd "$GARITA_SRC/tests/samples/engines" || return 1
	for sample in */config*.json; do
		grow_sysroot "$sample"
	done
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	no_policy
}

# What the host of this config had: namespaces that are not init's, those of a
# pod of a process that is in it, hook programs that belong to root.
grow_sysroot()
(
	trap - DEBUG
	root=$GARITA_SYSROOT
	for ns in cgroup ipc mnt net pid user uts; do
		mkdir -p "$root/proc/1/ns"
		: >"$root/proc/1/ns/$ns"
	done
	jq -r '.linux.namespaces[] | .path // empty' "$1" |
		while read -r path; do
			mkdir -p "$root${path%/*}"
			: >"$root$path"
			[[ $path != /proc/[0-9]*/ns/* ]] ||
				jq -r '"0::\(.linux.cgroupsPath)-pause"' "$1" \
					>"$root${path%/ns/*}/cgroup"
		done
	jq -r '.hooks // {} | .[][] | .path' "$1" | while read -r path; do
		mkdir -p "$root${path%/*}" "$root/usr/sbin"
		case $path in
		/proc/*/exe)
			install -m 0755 /dev/null "$root/usr/sbin/dockerd"
			ln -sfn /usr/sbin/dockerd "$root$path"
			;;
		*) install -m 0755 /dev/null "$root$path" ;;
		esac
	done
)

# check CODE ARGUMENTS...: standard output to ./out, the rest to ./err
check()
{
	local want=$1 code=0

	shift
	inside timeout 20 "$GARITA" check "$@" >out 2>err 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: check $*"
		cat out err
		return 1
	}
}

says()
{
	local words

	for words; do
		grep -qF -- "$words" out err || {
			echo "does not say: $words"
			cat out err
			return 1
		}
	done
}

# ---- what is judged ----

@test "captured configs: every profile's verdict and exit code" {
	local sample cells cell i want
	local args=(baseline restricted restricted strict)
	local edits=(. . .process.user.uid=1000 .process.user.uid=1000)

	# What strict wants of the machine is not what this is about.
	echo '{"version": 1, "host": {"at-start": "off"}}' >judged-policy.json
	while IFS=$'\t' read -r sample cells; do
		[[ $sample != '#'* ]] || continue
		IFS=$'\t' read -r -a cells <<<"$cells"
		for i in 0 1 2 3; do
			cell=${cells[i]}
			jq "${edits[i]}" \
				"$GARITA_SRC/tests/samples/engines/$sample" \
				>judged.json
			want=1
			case $cell in
			admit | repair) want=0 ;;
			esac
			check "$want" --sysroot "$GARITA_SYSROOT" --profile \
				"${args[i]}" --policy judged-policy.json \
				--format json judged.json
			[ "$(jq -r 'if .verdict != "refuse" then .verdict else
				[.findings[] | select(.action == "deny" and
				(has("partOf") | not)) | .rule] | unique |
				join(",") end' out)" = "$cell" ]
		done
	done <"$GARITA_SRC/tests/diff/samples.tsv"
}

@test "every captured config is in that table" {
	run diff <(cd "$GARITA_SRC/tests/samples/engines" &&
		printf '%s\n' */config*.json) \
		<(sed '/^#/d; s/\t.*//' "$GARITA_SRC/tests/diff/samples.tsv")
	[ "$output" = "" ]
}

@test "0 with repairs, 1 refused, and what the person reads" {
	check 0 plain
	says "admitted after repairs" seccomp-required capabilities
	[ ! -s err ]
	check 1 risky
	says refused run-as-non-root "found   uid 0" "wanted  a uid other" \
		"risky/config.json:" "--user 1000"
	[ ! -s err ]
}

@test "a bundle, its config and standard input are the same" {
	check 1 --format json risky
	jq 'del(.source, .image)' out >bundle.out
	check 1 --format json risky/config.json
	jq 'del(.source, .image)' out >config.out
	check 1 --format json - <risky/config.json
	jq -e '.source == "standard input"' out
	jq 'del(.source, .image)' out >stdin.out
	cmp bundle.out config.out
	cmp bundle.out stdin.out
}

@test "the place of a finding is its place in the text" {
	check 1 --format json risky
	run jq -r '.findings[] | select(.rule == "run-as-non-root") |
		"\(.pointer) \(.line)"' out
	[ "$output" = "/process/user/uid $(grep -n '"uid"' risky/config.json |
		head -n 1 | cut -d: -f1)" ]
}

@test "--no-fix refuses what would be repaired" {
	check 0 plain
	check 1 --no-fix plain
	says refused seccomp-required
	check 0 --print-config plain
	cp out repaired.json
	# The rest of what is said about it is a warning: no image.
	check 0 --no-fix repaired.json
}

@test "--fail-on warn counts warnings" {
	check 0 plain
	says Warnings unknown-image
	check 1 --fail-on warn plain
	policy <<<'{"version":1,"rules":{"unknown-image":"off",
		"memory-limit":"off","cpu-limit":"off"}}'
	check 0 --fail-on warn plain
}

@test "--print-config is what garita-runtime writes" {
	bundle twin '.process.user = {uid: 1000, gid: 1000} |
		.process.args = ["true"]'
	check 0 --print-config twin
	cp out printed.json
	inside "$RUNTIME" --root "$GARITA_DIR/state" run --bundle twin \
		"garita-twin-$$" </dev/null 3>&-
	run diff <(jq -S . printed.json) <(jq -S . twin/config.json)
	[ "$output" = "" ]
	check 1 --print-config risky
	[ ! -s out ]
	says run-as-non-root
}

@test "nothing is changed by looking" {
	cp -a plain before
	check 0 plain
	check 0 --print-config plain
	diff -r before plain
	[ "$(stat -c '%i %y' plain/config.json)" = \
		"$(stat -c '%i %y' plain/config.json)" ]
	rm -r before
}

@test "the policy at its usual place, --policy and --profile" {
	policy <<<'{"version":1,"profile":"off"}'
	check 0 risky
	says off
	check 1 --profile restricted risky
	check 1 --profile restricted@1 risky
	echo '{"version":1,"rules":{"run-as-non-root":"off"}}' >mine.json
	check 0 --policy mine.json risky
	policy <<<'{"version":1,"mode":"dry-run"}'
	check 1 risky
	says dry-run
}

@test "--sysroot brings its own policy, and takes nothing from this machine" {
	mkdir -p other/etc/garita other/proc/1/ns
	echo '{"version":1,"profile":"off"}' >other/etc/garita/policy.json
	check 0 --sysroot other risky
	check 1 risky
	check 2 --sysroot missing risky
	says "cannot open sysroot missing"
	rm -r other
}

# ---- what cannot be judged ----

refuses_row()
{
	local why=$1 at=$2 text=$3 says=$4 where=$5 code=0 is

	render "$at" "$text" >row.json
	inside timeout 20 "$GARITA" check --profile off --format json row.json \
		>out 2>err 3>&- || code=$?
	if [ "$says" = admits ]; then
		[ "$code" = 0 ] || echo "$why: exit code $code"
		return
	fi
	[ "$code" = 2 ] || echo "$why: exit code $code"
	[ ! -s err ] || echo "$why: stderr: $(cat err)"
	is=$(jq -r '"\(.verdict) \(.error.line > 0) \(.error.column > 0) " +
		(.error.pointer // "-") + " \(.error.text)"' out)
	case $is in
	"error true true $where "*"$says"*) ;;
	*) echo "$why: $is" ;;
	esac
}

@test "2 for what two readers read differently, with its place" {
	rows refuses_row >wrong
	cat wrong
	[ ! -s wrong ]
	render none "" >row.json
	check 0 --profile off row.json
}

@test "2 for what is no file, is missing, empty or too large" {
	mkfifo fifo
	mkdir empty withfifo
	mkfifo withfifo/config.json
	: >nothing.json
	head -c $((5 * 1024 * 1024)) /dev/zero | tr '\0' ' ' >large.json
	check 2 fifo
	says "not a regular file"
	check 2 withfifo
	says withfifo/config.json "not a regular file"
	check 2 /dev/zero
	says "not a regular file"
	check 2 missing.json
	says "missing.json: cannot open"
	check 2 empty
	says empty/config.json
	check 2 nothing.json
	check 2 large.json
	says "larger than"
	check 2 - </dev/zero
	says "standard input" "larger than"
	check 2 - </dev/null
	rm -r fifo empty withfifo large.json
}

@test "2 for a million brackets, quickly" {
	head -c 1000000 /dev/zero | tr '\0' '[' >deep.json
	check 2 deep.json
	says "levels"
	{ printf '{"a":'; head -c 1000000 /dev/zero | tr '\0' '['; } >deep.json
	check 2 --format json deep.json
	jq -e .error.text out
}

@test "2 for a policy that is wrong, with its place" {
	printf '{\n  "version": 1,\n  "profle": "baseline"\n}\n' >bad.json
	check 2 --policy bad.json plain
	says "bad.json" "line 3, column 3" "profile"
	printf '{"version":1,"rules":{"run-as-nonroot":"deny"}}' >bad.json
	check 2 --policy bad.json plain
	says run-as-non-root
	printf '{"version":1,"rules":{"run-as-non-root":"refuse"}}' >bad.json
	check 2 --policy bad.json plain
	says "line 1, column"
	check 2 --policy missing.json plain
	says missing.json
	mkfifo policy.fifo
	check 2 --policy policy.fifo plain
	check 2 --profile restrictd plain
	says "restrictd" "restricted"
	check 2 --profile restricted@99 plain
	rm policy.fifo
}

@test "2 for a policy that others can change" {
	policy <<<'{"version":1,"profile":"off"}'
	check 0 risky
	inside chmod 0666 /etc/garita/policy.json
	check 2 risky
	says "can be changed by others"
	inside chmod 0644 /etc/garita/policy.json
	inside chown 1000 /etc/garita/policy.json
	check 2 risky
	says "uid 1000"
	no_policy
	inside mkdir /etc/garita/policy.json
	check 2 risky
	no_policy
	inside ln -s /nowhere /etc/garita/policy.json
	check 2 risky
	no_policy
	inside mkfifo /etc/garita/policy.json
	check 2 risky
	no_policy
	policy <<<'{"version":1,"profile":"off"}'
	inside chmod 0777 /etc/garita
	check 2 risky
	inside chmod 0755 /etc/garita
}

@test "--format json is one JSON value, whatever happened" {
	local args

	for args in risky plain "--profile off risky" missing.json \
		"--policy missing.json risky" "--sysroot missing risky" \
		"--profile nonsense risky"; do
		# Words on purpose.
		# shellcheck disable=SC2086
		inside "$GARITA" check --format json $args >out 2>err || true
		jq -e -s 'length == 1 and .[0].version == 1 and
			(.[0].verdict | IN("admit", "repair", "refuse", "error"))
			' out || fails "$args: $(cat out err)"
		[ ! -s err ]
	done
}

@test "the JSON of a refusal has what a program needs" {
	check 1 --format json risky
	jq -e '.profile == "restricted@1" and .mode == "enforce" and
		.counts.denied == 1 and
		(.image | has("sure")) and
		([.findings[] | has("rule") and has("action") and has("fixed")
		and has("pointer") and has("found") and has("wanted") and
		has("why") and has("remedy") and has("references")] | all)' out
}

# ---- usage ----

@test "2 and a hint for what is misspelt" {
	check 2 --polic x plain
	says "unknown option --polic" "--policy"
	check 2
	check 2 - - <plain/config.json
	check 2 --format xml plain
	says "text, json, sarif and junit"
	check 2 --no-fix=yes plain
	check 2 --policy
	says "needs a value"
	check 2 --profile off --profile strict plain
	says twice
	check 2 --fail-on deny plain
	check 2 -- --no-fix
	run -2 "$GARITA" chekc
	[[ $output == *"did you mean check"* ]]
	run -2 "$GARITA"
	run -2 "$GARITA" explain run-as-nonroot
	[[ $output == *"did you mean run-as-non-root"* ]]
	run -2 "$GARITA" explain
	run -2 "$GARITA" rules extra
	run -2 "$GARITA" help nothing
}

@test "every verb has help, and the same in three ways" {
	local verb

	run -0 "$GARITA" help
	[[ $output == *check* && $output == *rules* && $output == *explain* ]]
	for verb in check rules explain; do
		run -0 "$GARITA" help "$verb"
		[[ $output == "usage: garita $verb"* ]]
		diff <("$GARITA" help "$verb") <("$GARITA" "$verb" --help)
		diff <("$GARITA" help "$verb") <("$GARITA" "$verb" -h)
	done
	run -0 "$GARITA" --version
	[[ $output == "garita "[0-9]* ]]
}

@test "every rule in the table can be explained" {
	local id want

	run -0 "$GARITA" rules
	[ "${#lines[@]}" -gt 20 ]
	for id in $("$GARITA" rules --format json | jq -r '.rules[].id'); do
		run -0 "$GARITA" explain "$id"
		[[ $output == "$id: "*why*"to pass"*profiles*baseline* ]]
		# ... and what it says to write in a policy is right.
		printf '{ "version": 1,\n%s }\n' "$(tail -n 1 <<<"$output")" \
			>explained.json
		# An empty list of registries trusts none.
		want=0
		[ "$id" != trusted-registry ] || want=1
		check "$want" --policy explained.json --profile off plain
	done
}

@test "colour only on a terminal, and not with NO_COLOR" {
	local esc=$'\e['

	check 1 risky
	run ! grep -qF "$esc" out
	run inside script -qec "'$GARITA' check risky" /dev/null
	[[ $output == *"$esc"* ]]
	NO_COLOR=1 run inside script -qec "'$GARITA' check risky" /dev/null
	[[ $output == *refused* && $output != *"$esc"* ]]
}

@test "what a config says cannot drive a terminal" {
	jq '.process.user.username = "\u001b]0;own\u0007\u009b2J"' \
		risky/config.json >evil.json
	check 1 evil.json
	says username "\\x9b2J"
	run ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' out
	check 1 --print-config evil.json
	run ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]' err
	printf '{"\\u001b[2J":1,"\\u001b[2J":2}' >evil.json
	check 2 evil.json
	run ! grep -qP '[\x00-\x08\x0b-\x1f\x7f]' err
}

@test "a verdict that cannot be written is none: 2" {
	local args

	for args in plain "--format json plain" "--print-config plain" \
		"--profile off risky"; do
		# shellcheck disable=SC2086
		run -2 inside sh -c 'exec "$@" >/dev/full' - "$GARITA" check $args
		[ -n "$output" ]
		# shellcheck disable=SC2086
		run -2 inside sh -c 'exec "$@" >&-' - "$GARITA" check $args
	done
	run -2 inside sh -c 'exec "$@" >/dev/full' - "$GARITA" rules
	run -2 inside sh -c 'exec "$@" >/dev/full' - "$GARITA" help
	run -2 inside sh -c 'exec "$@" >/dev/full' - "$GARITA" explain privileged
}
