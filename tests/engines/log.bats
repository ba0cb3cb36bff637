#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The decision log: one whole line a decision, whoever else writes, and no
# verdict that depends on it.

# bats sets lines, output and status behind shellcheck's back; programs of
# inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common

# A runtime that does nothing: it is the log that is looked at here.
setup_file()
{
	garita_up
	rootfs
	cp "$GARITA_BUILD/tests/programs/null_runtime" "$GARITA_DIR/runc-null"
	bundle "$GARITA_DIR/risky"
	bundle "$GARITA_DIR/plain" '.process.user = {uid: 1000, gid: 1000}'
	bundle "$GARITA_DIR/broken"
	echo '{"process":' >"$GARITA_DIR/broken/config.json"
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	forget
	policy <<<"{\"version\":1,\"runtime\":\"$GARITA_DIR/runc-null\"}"
}

# gate CODE BUNDLE [ID]
gate()
{
	local code=0

	inside timeout 20 "$RUNTIME" create --bundle "$2" "${3:-one}" \
		>out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$1" ] || {
		echo "exit code $code, not $1"
		cat out err
		return 1
	}
}

lines_are()
{
	decisions >log
	[ "$(tail -c 1 log | od -An -c | tr -d ' ')" = '\n' ]
	[ "$(jq -c . log | wc -l)" = "$1" ]
	[ "$(wc -l <log)" = "$1" ]
}

@test "what a line says: refused, repaired, not judged" {
	gate 1 risky first
	gate 0 plain second
	gate 2 broken third
	lines_are 3
	jq -e -s 'all(.version == 1 and .program == "garita-runtime" and
		.verb == "create" and .profile == "restricted@1" and
		(.time | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{6}Z$"))
		and .costMicroseconds > 0 and (has("would") | not))' log
	jq -e -s --arg dir "$GARITA_DIR" '
		(.[0] | .verdict == "deny" and .id == "first" and
			.bundle == $dir + "/risky" and
			.findings[0].rule == "run-as-non-root" and
			.findings[0].action == "deny" and
			.findings[0].pointer == "/process/user/uid" and
			.findings[0].found == "uid 0" and
			(.image | has("sure"))) and
		(.[1] | .verdict == "repair" and .id == "second" and
			any(.findings[]; .rule == "seccomp-required")) and
		(.[2] | .verdict == "deny" and .id == "third" and
			(.error | contains("config.json")) and
			(has("findings") | not))' log
	[ "$(inside stat -c %a "$LOG")" = 600 ]
}

@test "verbs that bring no config are no decisions" {
	inside "$RUNTIME" state nobody
	inside "$RUNTIME" --version
	inside "$RUNTIME" delete nobody
	run inside cat "$LOG"
	[ "$status" != 0 ]
}

@test "a command line that is refused is written down, too" {
	run -2 inside "$RUNTIME" create --nonesuch --bundle plain one
	lines_are 1
	jq -e '.verdict == "deny" and (.error | contains("--nonesuch"))' log
}

@test "dry-run says what would have been" {
	policy <<<"{\"version\":1,\"mode\":\"dry-run\",\"runtime\":\"$GARITA_DIR/runc-null\"}"
	gate 0 risky
	gate 0 broken
	bundle plain '.process.user = {uid: 1000, gid: 1000}'
	gate 0 plain
	lines_are 3
	jq -e -s 'all(.verdict == "admit") and
		map(.would) == ["deny", "deny", "repair"]' log
}

@test "no secret and no control character gets in" {
	bundle secret '.process.env += ["PASSWORD=sesame\u0041"] |
		.process.user.username = "a\nb\u001b[2J"'
	gate 1 secret
	lines_are 1
	run ! grep -q sesame log err
	run ! grep -q $'\e' log
	jq -e '.findings[] | select(.found | contains("a\nb"))' log
}

@test "300 writers at once: every line whole, none lost" {
	inside sh -c 'seq 300 | xargs -P 30 -I N sh -c "
		\"$1\" create --bundle risky id-N 2>/dev/null; test \$? = 1"' \
		- "$RUNTIME" 3>&-
	lines_are 300
	[ "$(jq -r .id log | sort -u | wc -l)" = 300 ]
}

@test "another file by the policy, in a directory that is made" {
	policy <<<"{\"version\":1,\"runtime\":\"$GARITA_DIR/runc-null\",
		\"log\":{\"file\":\"$GARITA_DIR/logs/here.jsonl\"}}"
	gate 1 risky
	[ "$(jq -r .event logs/here.jsonl | paste -sd' ')" = \
		decision ]
	run inside cat "$LOG"
	[ "$status" != 0 ]
}

# ---- the log is in trouble: the verdict stays, and stderr says so ----

verdicts_stand()
{
	local why=$1

	gate 1 risky
	grep -qF "garita refused this container" err
	grep -qF "warning: decision not logged" err
	grep -qF -- "$why" err
	# The engine shows the last line: that must be the reason.
	[[ $(tail -n 1 err) == "garita refused"* ]]
	gate 0 plain
	grep -qF "warning: decision not logged" err
}

@test "a full disk: a refusal stays one, an admission too" {
	inside mount -t tmpfs -o size=16k,mode=0700 garita-test /var/log/garita
	inside sh -c 'head -c 16384 /dev/zero >/var/log/garita/filler'
	verdicts_stand "$LOG"
	inside rm /var/log/garita/filler
	gate 1 risky
	lines_are 1
}

# Two pages, of which the log has one with 96 bytes left.
@test "a disk that becomes full within a line: the next writer closes it off" {
	inside mount -t tmpfs -o size=8k,mode=0700 garita-test /var/log/garita
	inside sh -c 'head -c 4096 /dev/zero >/var/log/garita/filler
		{ printf %3999s; echo; } >"$0"' "$LOG"
	gate 1 risky first
	grep -qF "warning: decision not logged" err
	decisions >log
	[ "$(wc -c <log)" = 4096 ]
	gate 0 plain second
	decisions | cmp - log
	inside rm /var/log/garita/filler
	gate 1 risky third
	decisions >log
	[ "$(wc -l <log)" = 3 ]
	sed -n 2p log | grep -q '^{"version":1,'
	run ! jq . <(sed -n 2p log)
	[ "$(sed -n 3p log | jq -r .id)" = third ]
}

@test "a line torn in the middle is closed off by the next writer" {
	gate 1 risky first
	inside sh -c 'printf %s "{\"version\":1,\"tor" >>"$0"' "$LOG"
	gate 1 risky second
	gate 1 risky third
	decisions >log
	[ "$(wc -l <log)" = 4 ]
	[ "$(sed -n 2p log)" = '{"version":1,"tor' ]
	sed 2d log | jq -e -s 'map(.id) == ["first", "second", "third"]'
}

@test "a link in the place of the log is not followed" {
	: >elsewhere
	inside ln -s "$GARITA_DIR/elsewhere" "$LOG"
	verdicts_stand "$LOG"
	[ ! -s elsewhere ]
}

@test "a fifo, a directory or a device in its place does not hang" {
	inside mkfifo "$LOG"
	verdicts_stand "$LOG"
	inside rm "$LOG"
	inside mkdir "$LOG"
	verdicts_stand "$LOG"
	inside rmdir "$LOG"
	inside mknod "$LOG" c 1 7
	verdicts_stand "$LOG"
}

@test "no directory and nowhere to make it" {
	policy <<<"{\"version\":1,\"runtime\":\"$GARITA_DIR/runc-null\",
		\"log\":{\"file\":\"/nowhere/at/all.jsonl\"}}"
	verdicts_stand /nowhere/at/all.jsonl
}

@test "a file size limit does not kill the gate" {
	gate 1 risky
	run -1 inside bash -c 'ulimit -f 0; exec "$0" create --bundle risky one' \
		"$RUNTIME"
	[[ $output == *"garita refused"* ]]
}

@test "a log that others can write is no secret, but stays a log" {
	inside install -m 0666 /dev/null "$LOG"
	gate 1 risky
	lines_are 1
}
