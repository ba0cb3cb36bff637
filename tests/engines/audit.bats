#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The audit trail: every place that a record can go to, with the real daemons
# and the real kernel behind it; and what happens when they are not there, are
# full, or are stuck.

# bats sets lines, output and status behind shellcheck's back; programs of
# inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load common

# /dev is covered, so that /dev/log is ours alone.
setup_file()
{
	garita_up
	rootfs
	cp "$GARITA_BUILD/tests/programs/null_runtime" "$GARITA_DIR/runc-null"
	bundle "$GARITA_DIR/risky"
	bundle "$GARITA_DIR/plain" '.process.user = {uid: 1000, gid: 1000}'
	cp "$GARITA_DIR/plain/config.json" "$GARITA_DIR/plain.json"
	bundle "$GARITA_DIR/odd'
<0>na\"me" '.process.user = {uid: 0}'
	inside bash -e -c 'mkdir "$0/dev" /run/lock
		mount -t tmpfs -o mode=0755 garita-test "$0/dev"
		cp -a /dev/{null,zero,full,random,urandom,tty,fd,stdin,stdout,stderr} \
			"$0/dev"
		mount --bind "$0/dev" /dev' "$GARITA_DIR"
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	forget
	forget_state
	cp plain.json plain/config.json # without the repairs of before
	DAEMONS=()
}

teardown()
{
	local pid

	for pid in "${DAEMONS[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	inside rm -rf /dev/log /run/systemd/journal /run/log
}

forget_state()
{
	inside sh -c 'rm -rf /var/lib/garita/*'
}

# logs TO-JSON [MORE-JSON]
logs()
{
	policy <<<"{\"version\":1,\"runtime\":\"$GARITA_DIR/runc-null\",
		\"log\":$1${2:+,$2}}"
}

# gate CODE BUNDLE [ID]; what went wrong is in ./err
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

# until_found FILE PATTERN
until_found()
{
	local tries

	for ((tries = 0; tries < 200; tries++)); do
		! inside grep -qF -- "$2" "$1" 2>/dev/null || return 0
		sleep 0.05
	done
	inside cat "$1"
	return 1
}

until_there()
{
	local tries

	for ((tries = 0; tries < 200; tries++)); do
		! inside test -S "$1" || return 0
		sleep 0.05
	done
	return 1
}

# ---- the schema ----

@test "records are as the schema says" {
	local schema=$GARITA_SRC/docs/schema/record-1.schema.json

	logs '{"file": true}'
	gate 1 risky
	gate 0 plain
	gate 2 nothing
	gate 1 "odd'
<0>na\"me"
	bundle privileged '.process.capabilities[] += ["CAP_SYS_ADMIN"] |
		.linux.maskedPaths = [] | .linux.resources.devices = [{allow: true,
		access: "rwm"}] | .process.noNewPrivileges = false'
	gate 1 privileged
	logs '{"file": true}' '"mode": "dry-run"'
	gate 0 risky
	inside "$RUNTIME" create --nonesuch || true
	inside cat "$LOG" >log
	python3 - "$schema" log <<-'E'
	import json, sys, jsonschema
	schema = json.load(open(sys.argv[1]))
	jsonschema.Draft202012Validator.check_schema(schema)
	check = jsonschema.Draft202012Validator(schema)
	lines = [json.loads(line) for line in open(sys.argv[2])]
	for line in lines:
	    check.validate(line)
	assert len(lines) >= 8, len(lines)
	for bad in ({"time": "now"}, {"verdict": "perhaps"}, {"x": 1}):
	    assert not check.is_valid({**lines[0], **bad}), bad
	E
	# The digest is what anybody can compute.
	[ "$(tail -n 1 log | jq -r .policy)" = \
		"sha256:$(inside sha256sum "$POLICY" | cut -d' ' -f1)" ]
	[ "$(tail -n 1 log | jq -r .host)" = "$(uname -n)" ]
}

@test "a policy that extends others: the digest is that of all of them" {
	inside sh -c 'echo "{\"version\":1,\"profile\":\"baseline\"}" \
		>/etc/garita/base.json'
	policy <<<"{\"version\":1,\"extends\":\"base.json\",
		\"runtime\":\"$GARITA_DIR/runc-null\"}"
	gate 0 plain
	[ "$(decisions | jq -r .policy)" = "sha256:$(inside sh -c '
		sha256sum /etc/garita/policy.json /etc/garita/base.json |
		sha256sum' | cut -d' ' -f1)" ]
	inside sh -c 'echo "{\"version\":1}" >/etc/garita/base.json'
	gate 0 plain
	[ "$(inside jq -r .event "$LOG" | paste -sd' ')" = \
		"decision policy-change decision" ]
	inside rm /etc/garita/base.json
}

@test "engines are told by where their bundles lie" {
	local at engine

	logs '{"file": true}'
	while read -r engine at; do
		inside mkdir -p "${at%/*}"
		inside cp -a risky "$at"
		gate 1 "$at"
		[ "$(decisions | tail -n 1 | jq -r .engine)" = "$engine" ]
	done <<-E
	docker $GARITA_DIR/io.containerd.runtime.v2.task/moby/abc
	containerd $GARITA_DIR/io.containerd.runtime.v2.task/k8s.io/abc
	buildkit $GARITA_DIR/buildkit/executor/abc
	podman $GARITA_DIR/overlay-containers/abc/userdata
	cri-o /run/overlay-containers/abc/userdata
	E
	gate 1 risky
	[ "$(decisions | tail -n 1 | jq -r .engine)" = null ]
}

# ---- a changed policy ----

@test "another policy than before is one record, whoever meets it" {
	local before after

	logs '{"file": true}'
	gate 1 risky
	before=$(decisions | jq -r .policy)
	[ "$(inside readlink /var/lib/garita/policy-seen)" = "$before" ]
	logs '{"file": true}' '"profile": "baseline"'
	inside sh -c 'seq 60 | xargs -P 20 -I N sh -c "
		\"$0\" create --bundle risky id-N 2>/dev/null; :"' "$RUNTIME" 3>&-
	inside cat "$LOG" >log
	after=$(tail -n 1 log | jq -r .policy)
	[ "$before" != "$after" ]
	jq -es --arg before "$before" --arg after "$after" '
		map(select(.event == "policy-change")) | length == 1 and
		(.[0] | .policyBefore == $before and .policy == $after and
			.program == "garita-runtime" and (has("verdict") | not))' log
	# Some find that another start has repaired the config they share: a second
	# word of theirs.
	[ "$(jq -c 'select(.event == "decision" and
		.error != "config.json was changed after it was judged")' log |
		wc -l)" = 61 ]
	no_policy
	gate 1 risky
	[ "$(inside tail -n 2 "$LOG" | jq -r .policy | uniq)" = built-in ]
}

# A hook reads its policy, and then waits for its input.
@test "who read the policy before the change does not tell it backwards" {
	local old pid code=0

	logs '{"file": true}'
	gate 1 risky
	old=$(decisions | jq -r .policy)
	mkfifo input
	nsenter --mount="/proc/$GARITA_HOLDER/ns/mnt" -- "$HOOK" precreate \
		<input >/dev/null 2>&1 3>&- &
	pid=$!
	exec 9>input
	until grep -q '^0 0x0 ' "/proc/$pid/syscall"; do
		sleep 0.01
	done
	logs '{"file": true}' '"profile": "baseline"'
	gate 0 plain
	cat risky/config.json >&9
	exec 9>&-
	wait "$pid" || code=$?
	[ "$code" = 1 ]
	[ "$(inside jq -r .event "$LOG" | paste -sd' ')" = \
		"decision policy-change decision decision" ]
	[ "$(decisions | tail -n 1 | jq -r .policy)" = "$old" ]
	gate 0 plain
	[ "$(inside jq -r .event "$LOG" | tail -n 1)" = decision ]
	[ "$(inside grep -c policy-change "$LOG")" = 1 ]
}

@test "nonsense, or a file, in the place of what was seen" {
	logs '{"file": true}'
	inside ln -s ../../x /var/lib/garita/policy-seen
	gate 1 risky
	[ "$(inside jq -r .event "$LOG")" = decision ]
	inside sh -c 'rm -r /var/lib/garita && : >/var/lib/garita'
	gate 1 risky
	inside sh -c 'rm /var/lib/garita && mkdir -m 0700 /var/lib/garita'
	gate 1 risky
	inside test -L /var/lib/garita/policy-seen
}

@test "what garita install does is a record, and what it could not do" {
	inside mkdir -p /etc/crio
	install()
	{
		inside "$GARITA" "$@" --runtime "$RUNTIME" crio
	}
	logs '{"file": true}'
	run -0 install install --dry-run --force
	run ! inside test -e "$LOG"
	run -0 install install --force
	run -0 install install --force # nothing to do
	run -0 install uninstall
	inside sh -c 'echo mine >/etc/crio/crio.conf.d/50-garita.conf'
	run ! install install
	inside cat "$LOG" >log
	jq -es 'map(.event) == ["install", "uninstall", "install"] and
		all(.program == "garita" and .engine == "cri-o" and
			(has("verdict") | not)) and
		map(has("error")) == [false, false, true]' log
	run -0 inside "$GARITA" log --verdict uninstall
	[[ $output == *"uninstall"*"cri-o"* ]]
	# It has two names.
	run -0 inside "$GARITA" log --engine crio --format json
	[ "$output" = "$(cat log)" ]
	# Of another file system there is none here.
	mkdir -p elsewhere/etc elsewhere/usr/bin
	cp "$RUNTIME" elsewhere/usr/bin
	run -0 inside "$GARITA" install --force --sysroot "$PWD/elsewhere" \
		--runtime /usr/bin/garita-runtime crio
	[ "$(inside cat "$LOG" | wc -l)" = 3 ]
}

# ---- the kernel ----

# Reads the kernel's own stream while COMMAND runs; what it printed is in
# ./stream, as auditd would write it.
kernel()
{
	inside python3 "$GARITA_SRC/tests/engines/audit.py" "$@" >stream \
		2>err 3>&-
}

# In a container the kernel has no audit log for anybody: then that is told.
out_of_reach()
{
	if inside python3 "$GARITA_SRC/tests/engines/audit.py" --can; then
		return 1
	fi
	# All of it, or the test goes on and fails.
	logs '{"audit": true}' && gate 0 plain &&
		grep -q "decision not logged (audit)" err &&
		logs '{"audit": "required"}' && gate 2 plain &&
		grep -q "requires its record in log/audit" err
}

# A field of the last record, as ausearch(8) understands it.
field()
{
	tail -n 1 stream >last
	ausearch -i -if last 2>/dev/null | tail -n 1 >said
	grep -qF "$1" said || {
		cat last said
		return 1
	}
}

@test "the kernel's audit log has it, and ausearch reads it" {
	! out_of_reach || return 0
	logs '{"audit": true}'
	run -1 kernel "$RUNTIME" create --bundle risky one
	[ "$(wc -l <stream)" = 1 ]
	grep -q "op=decision:create verdict=deny rules=.*run-as-non-root" stream
	grep -q 'exe="garita-runtime" .*res=failed' stream
	field " vm=one "
	ausearch -m TRUSTED_APP -x garita-runtime -sv no -if stream >found 2>&1
	grep -q "^type=TRUSTED_APP" found
	run -0 kernel "$RUNTIME" create --bundle plain two
	field " res=success"
	# The file has the same one.
	[ "$(decisions | jq -r '.id' | paste -sd' ')" = "one two" ]
}

@test "nobody writes a second record, or another field, into the kernel's log" {
	! out_of_reach || return 0
	logs '{"audit": true}'
	run -2 kernel "$RUNTIME" create --bundle "odd' res=success
type=USER_LOGIN msg=audit(1.1:1): pid=1" one
	[ "$(wc -l <stream)" = 1 ]
	[ "$(grep -o "'" stream | wc -l)" = 2 ]
	[ "$(grep -o "res=" stream)" = res= ]
	grep -q " data=[0-9A-F]* " stream
	field "odd' res=success?type=USER_LOGIN"
}

@test "auditing is off: told, and where it is required, refused" {
	! out_of_reach || return 0
	logs '{"audit": true}'
	run -0 kernel --off "$RUNTIME" create --bundle plain one
	grep -q "warning: decision not logged (audit): auditing is off" err
	[ ! -s stream ]
	logs '{"audit": "required"}'
	run -2 kernel --off "$RUNTIME" create --bundle plain one
	grep -q "the policy requires its record in log/audit: auditing is off" err
	[[ $(tail -n 1 err) == "garita refused"* ]]
	[ "$(decisions | tail -n 1 | jq -r .verdict)" = deny ]
	# What is refused anyway is refused for its own reason.
	run -1 kernel --off "$RUNTIME" create --bundle risky one
	grep -q "run-as-non-root" err
	run -0 kernel "$RUNTIME" create --bundle plain one
	grep -q "verdict=" stream
	# Dry-run changes nothing.
	logs '{"audit": "required"}' '"mode": "dry-run"'
	run -0 kernel --off "$RUNTIME" create --bundle plain one
	grep -q "decision not logged (audit)" err
}

@test "without the right to write the audit log: told, or refused" {
	logs '{"audit": "required"}'
	run -2 inside capsh --drop=cap_audit_write -- -c \
		"exec '$RUNTIME' create --bundle plain one"
	[[ $output == *"the kernel takes no audit record from here"* ]]
}

# The kernel puts who writes to a full queue to sleep, where no signal reaches
# it. Here send(2) sleeps: it waits for a supervisor that never answers.
@test "a kernel that takes nothing holds up no start" {
	logs '{"audit": true}'
	gate 0 plain
	run -0 inside timeout 20 python3 "$GARITA_SRC/tests/engines/odd_socket.py" no-send \
		"$RUNTIME" create --bundle plain one
	[[ $output == *"(audit): the kernel's audit log took nothing for 100 ms"* ]]
	logs '{"audit": "required"}'
	run -2 inside timeout 20 python3 "$GARITA_SRC/tests/engines/odd_socket.py" no-send \
		"$RUNTIME" create --bundle plain one
	[[ $output == *"requires its record in log/audit: the kernel's audit log took nothing"* ]]
}

# How many processes run the gate.
gates()
{
	local exe count=0

	for exe in /proc/[0-9]*/exe; do
		[ ! "$exe" -ef "$RUNTIME" ] || count=$((count + 1))
	done
	echo "$count"
}

@test "who waits for the kernel's answer gives up, however often it is woken" {
	local tries

	logs '{"audit": true}'
	gate 0 plain
	run -0 inside timeout 20 python3 "$GARITA_SRC/tests/engines/odd_socket.py" \
		no-recv "$RUNTIME" create --bundle plain one
	[[ $output == *"decision not logged (audit): "* ]]
	for ((tries = 0; tries < 60 && $(gates) > 0; tries++)); do
		sleep 0.05
	done
	[ "$(gates)" = 0 ]
}

# ---- syslog ----

syslog_up()
{
	cat >rsyslog.conf <<-E
	module(load="imuxsock" SysSock.Name="/dev/log")
	template(name="whole" type="string"
		string="%syslogfacility-text%.%syslogseverity-text%|%syslogtag%|%msg%\n")
	*.* action(type="omfile" file="$GARITA_DIR/syslog" template="whole")
	E
	: >syslog
	nsenter --mount="/proc/$GARITA_HOLDER/ns/mnt" -- \
		rsyslogd -n -f "$GARITA_DIR/rsyslog.conf" \
		-i "$GARITA_DIR/rsyslog.pid" </dev/null >rsyslog.out 2>&1 3>&- &
	DAEMONS+=($!)
	until_there /dev/log
}

@test "rsyslog has it, whole, under our name" {
	local many

	logs '{"syslog": true}'
	syslog_up
	gate 1 risky first
	gate 2 "odd' x
<0>root: owned" second
	# A long one is without its findings, but a record.
	many=$(jq -cn '[range(300) | {destination: "/m\(.)", type: "bind",
		source: "/etc/\(.)", options: ["bind", "rw"]}]')
	bundle many ".mounts += $many"
	gate 1 many third
	until_found syslog '"id":"third"'
	grep garita-runtime syslog >ours
	[ "$(wc -l <ours)" = 3 ]
	grep -cE '^authpriv.warning\|garita-runtime\[[0-9]+\]:\|' ours
	cut -d'|' -f3- ours | jq -es 'map(.id) == ["first", "second", "third"] and
		(.[0].findings | length > 3) and
		(.[2] | (has("findings") | not) and .findingsOmitted > 64 and
			(.rules | index("sensitive-host-mount")))'
	decisions | tail -n 1 | jq -e '.findings | length >= 64'
}

@test "nobody listens at /dev/log: told, or refused" {
	logs '{"syslog": true}'
	gate 0 plain
	grep -q "decision not logged (syslog): /dev/log: No such file" err
	logs '{"syslog": "required"}'
	gate 2 plain
	grep -q "requires its record in log/syslog: /dev/log" err
}

# Listens, and never reads: its queue fills up.
stuck_up()
{
	nsenter --mount="/proc/$GARITA_HOLDER/ns/mnt" -- python3 -c '
import socket, sys, time
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
c.setblocking(False)
c.connect(sys.argv[1])
try:
    while True:
        c.send(b"x" * 1000)
except BlockingIOError:
    pass
open(sys.argv[2], "w").close()
time.sleep(1000)' "$1" "$GARITA_DIR/stuck" </dev/null >stuck.out 2>&1 3>&- &
	DAEMONS+=($!)
	garita_wait "$GARITA_DIR/stuck"
	rm "$GARITA_DIR/stuck"
}

@test "a daemon that takes nothing holds up no start" {
	logs '{"syslog": true, "journal": true}'
	inside mkdir -p /run/systemd/journal
	stuck_up /dev/log
	stuck_up /run/systemd/journal/socket
	gate 0 plain
	grep -q "decision not logged (syslog): /dev/log: its reader took nothing" err
	grep -q "decision not logged (journal)" err
	[ "$(decisions | tail -n 1 | jq -r .verdict)" = repair ]
	logs '{"syslog": "required"}'
	gate 2 plain
	grep -q "requires its record in log/syslog" err
	gate 1 risky
}

@test "garita doctor says which places take no record" {
	logs '{"syslog": true, "journal": "required"}'
	run inside "$GARITA" doctor
	echo "$output" >stream
	grep -q "/dev/log: No such file" stream
	grep -A2 "/run/systemd/journal/socket" stream |
		grep -q "requires it: nothing is admitted"
	stuck_up /dev/log
	run inside "$GARITA" doctor
	[[ $output == *"syslog takes records"* ]]
	! out_of_reach || return 0
	logs '{"audit": true}'
	run kernel --off "$GARITA" doctor
	grep -q "auditing is off" stream
}

# ---- the journal ----

@test "journald has it, with fields to look for" {
	logs '{"journal": true}'
	inside mkdir -p /run/systemd/journal
	nsenter --mount="/proc/$GARITA_HOLDER/ns/mnt" -- \
		/lib/systemd/systemd-journald </dev/null >journald.out 2>&1 3>&- &
	DAEMONS+=($!)
	until_there /run/systemd/journal/socket
	gate 1 risky first
	gate 0 plain second
	gate 2 "odd
GARITA_VERDICT=admit
PRIORITY=0" third
	for _ in {1..200}; do
		inside journalctl -D /run/log/journal -o json --all \
			SYSLOG_IDENTIFIER=garita-runtime >journal
		[ "$(wc -l <journal)" != 3 ] || break
		sleep 0.05
	done
	jq -es 'map(.GARITA_VERDICT) == ["deny", "repair", "deny"] and
		map(.GARITA_CONTAINER) == ["first", "second", "third"] and
		map(.PRIORITY) == ["4", "6", "4"] and
		(.[0].MESSAGE | startswith("refused create of first: ")) and
		all(.GARITA_EVENT == "decision" and
			(.GARITA_COST_USEC | tonumber) > 0 and
			(.GARITA_RECORD | fromjson | .version == 1))' journal
	[ "$(inside journalctl -D /run/log/journal -o cat \
		GARITA_RULE=run-as-non-root)" = \
		"refused create of first: run-as-non-root" ]
}

# ---- the file ----

@test "a required file: a full disk, a fifo or no place for it refuse" {
	logs '{"file": "required"}'
	gate 0 plain
	inside mount -t tmpfs -o size=16k,mode=0700 garita-test /var/log/garita
	inside sh -c 'head -c 16384 /dev/zero >/var/log/garita/filler'
	gate 2 plain
	grep -q "requires its record in log/file: $LOG: No space left" err
	# It was not handed over for nothing: the next one is as good.
	inside rm /var/log/garita/filler
	gate 0 plain
	inside sh -c 'rm "$0" && mkfifo "$0"' "$LOG"
	gate 2 plain
	logs '{"file": "required", "path": "/nowhere/at/all"}'
	gate 2 plain
	logs '{"file": false}'
	gate 0 plain
	[ ! -s err ]
}

@test "hook and image verifier are held to it, too" {
	logs '{"file": "required", "path": "/nowhere/at/all"}' \
		'"profile": "off"'
	run -2 inside sh -c '"$0" precreate <plain/config.json' "$HOOK"
	[[ $output == *"requires its record in log/file"* ]]
	run -2 inside sh -c 'printf "{\"id\":\"x\",\"bundle\":\"%s\"}" \
		"$1/plain" | "$0" createRuntime --judge-only' "$HOOK" "$GARITA_DIR"
	[[ $output == *"requires its record in log/file"* ]]
	digest=sha256:$(printf %064d 1)
	run -2 inside sh -c 'printf "{\"digest\":\"%s\"}" "$1" | "$0" \
		-name registry.example.com/x:1 -digest "$1" -stdin-media-type \
		application/vnd.oci.descriptor.v1+json' \
		"$GARITA_BUILD/garita-image-verifier" "$digest"
	[[ $output == *"requires its record in log/file"* ]]
}

@test "logrotate turns the log, and no line is lost" {
	local conf=$GARITA_SRC/examples/logrotate/garita

	logs '{"file": true}'
	inside sh -c 'seq 200 | xargs -P 8 -I N sh -c "
		\"$0\" create --bundle risky id-N 2>/dev/null; :"' "$RUNTIME" 3>&- &
	for _ in 1 2 3; do
		inside logrotate --force --state "$GARITA_DIR/rotated" "$conf"
		sleep 0.1
	done
	wait $!
	inside sh -c 'zcat -f /var/log/garita/decisions.jsonl*' >all
	[ "$(jq -r .id all | sort -u | wc -l)" = 200 ]
	[ "$(jq -c . all | wc -l)" = 200 ]
	[ "$(inside stat -c %a /var/log/garita/decisions.jsonl.1)" = 600 ]
	# And garita reads all of them, the compressed ones too.
	[ "$(inside "$GARITA" log --format json | wc -l)" = 200 ]
}
