#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What is done to a container that runs: exec in both its forms and update,
# through garita-runtime, with the real runc, crun and podman. What is refused
# starts nothing, what is repaired shows inside, the rest is as without garita.

# bats sets lines, output and status behind shellcheck's back; programs of jq
# and of inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load common
load podman

setup_file()
{
	podman_up
	garita_up
	rootfs
}

teardown_file()
{
	garita_down
	podman_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	ID=garita-exec-${GARITA_DIR##*.}-$BATS_TEST_NUMBER
	forget
}

teardown()
{
	delete_below "$GARITA_DIR/state-runc" "$GARITA_DIR/state-crun"
}

# both FUNCTION: with runc and with crun behind garita
both()
{
	for KIND in runc crun; do
		echo "-- $KIND"
		STATE=$GARITA_DIR/state-$KIND
		# No limit of processes; what 0 is, crun's versions differ on,
		# and 1.8 fails with -1.
		NONE=-1
		[ "$KIND" = runc ] || NONE=0
		enforce '{}'
		forget
		"$@"
	done
}

# call CODE COMMAND...: standard output to ./out, the rest to ./err
call()
{
	local want=$1 code=0

	shift
	inside timeout 30 "$@" >out 2>err <"${INPUT:-/dev/null}" 3>&- || code=$?
	[ "$want" = "$code" ] || {
		echo "exit code $code, not $want: $*"
		cat out err
		return 1
	}
}

garita()
{
	local want=$1

	shift
	call "$want" "$RUNTIME" --root "$STATE" "$@"
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

# has NAME VALUE: in the /proc/self/status that was printed
has()
{
	grep -qE "^$1:[[:space:]]*$2\$" out || {
		grep "^$1" out
		return 1
	}
}

# started: a container of uid 1000, with one capability to have
started()
{
	bundle "b-$KIND" '.process.user = {uid: 1000, gid: 1001}
		| .process.capabilities = {bounding: ["CAP_NET_BIND_SERVICE"]}
		| .process.env += ["OWN=1"] | .process.cwd = "/tmp"
		| .linux.resources.pids.limit = 100'
	inside "$KIND" --root "$STATE" delete --force "$ID" >/dev/null 2>&1 ||
		true
	garita 0 run --detach --bundle "b-$KIND" "$ID"
}

# process [JQ]: ./process.json, as an engine would write it, edited
process()
{
	rm -f process.json
	jq '.process | .args = ["cat", "/proc/self/status"] | '"${1:-.}" \
		"b-$KIND/config.json" >process.json
	chmod 0600 process.json
}

# ---- the command line ----

words()
{
	started
	garita 0 exec "$ID" id
	says "uid=1000 gid=1001"
	garita 7 exec "$ID" sh -c 'exit 7'
	garita 0 exec --env A=1 --cwd /mnt "$ID" \
		sh -c 'echo $A$OWN $(pwd) $(id -u); ls /proc/self/fd'
	# Nothing of garita's own is open in there.
	[ "$(tr '\n' ' ' <out)" = "11 /mnt 1000 0 1 2 3 " ]
	garita 0 exec -u 5:6 "$ID" id
	says "uid=5 gid=6"
	garita 0 exec "$ID" cat /proc/self/status
	has NoNewPrivs 1
	has Seccomp 2
	has CapEff 0000000000000000
	has CapBnd 0000000000000400
	garita 0 exec --cap CAP_NET_BIND_SERVICE "$ID" true
	garita 0 exec --detach --pid-file "$GARITA_DIR/pid" "$ID" sleep 100
	kill -0 "$(cat pid)"
	decisions | jq -se 'map(select(.verb == "exec"))
		| length == 7 and all(.verdict == "admit" and .bundle != null)'
}

@test "in words: as the container is" {
	both words
}

refused_words()
{
	local args

	started
	for args in "--user 0" "--user 0:0" "--cap CAP_SYS_ADMIN" \
		"--cap CAP_CHOWN" "--cwd /proc/self/fd/7" "--cwd ../.." \
		"--cap CAP_NOBODY_KNOWS"; do
		# shellcheck disable=SC2086
		garita 1 --log log.json --log-format json exec $args "$ID" \
			echo here
		says "garita refused"
		[ ! -s out ]
		jq -e '.level == "error"' log.json
		rm log.json
	done
	for args in "--user root" "--cgroup ../.." "--cgroup cpu:/../.."; do
		# shellcheck disable=SC2086
		garita 2 exec $args "$ID" echo here
		says "could not judge"
		[ ! -s out ]
	done
	garita 2 exec garita-nobody true
	garita 2 exec "$ID"
	# By the operator's leave, the same goes through.
	enforce '{"profile": "baseline"}'
	garita 0 exec --user 0 "$ID" id -u
	[ "$(cat out)" = 0 ]
	decisions | tail -n 1 | jq -e '.verdict == "admit" and
		.findings[0].rule == "exec-root"'
}

@test "in words: no root, no capability, no directory of the host" {
	both refused_words
}

# ---- a file ----

file()
{
	started
	process
	garita 0 exec --process process.json "$ID"
	has Uid '1000.1000.1000.1000'
	has NoNewPrivs 1
	has CapBnd 0000000000000400
	# What the file leaves open is as in the container.
	process 'del(.capabilities)'
	garita 0 exec --process process.json "$ID"
	has CapBnd 0000000000000400
	has CapEff 0000000000000000
	decisions | tail -n 1 | jq -e '.verdict == "admit" and .verb == "exec"'
	process 'del(.env) | .args = ["/bin/sh", "-c", "echo =$TERM="]'
	garita 0 exec --process process.json "$ID"
	[ "$(cat out)" = =xterm= ]
	process '.env = [] | .args = ["/bin/sh", "-c", "echo =$TERM="]'
	garita 0 exec --process process.json "$ID"
	[ "$(cat out)" = =xterm= ]
}

@test "a file: an ordinary process" {
	both file
}

repaired_file()
{
	started
	# podman and docker write what the container had before it was repaired.
	process '.noNewPrivileges = false | .capabilities = {
		bounding: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE"]}'
	enforce '{"profile": "baseline"}'
	garita 0 exec --process process.json "$ID"
	has NoNewPrivs 1
	has CapBnd 0000000000000400
	decisions | tail -n 1 | jq -e '.verdict == "repair" and
		([.findings[].rule] | index("exec-privileged"))'
	# The file is the engine's and stays what it was.
	jq -e '.noNewPrivileges == false' process.json
	enforce '{"fix": false}'
	garita 1 exec --process process.json "$ID"
	says exec-privileged
}

@test "a file: no more than the container has" {
	both repaired_file
}

refused_file()
{
	started
	process '.user = {uid: 0, gid: 0}'
	garita 1 exec --process process.json "$ID"
	says exec-root "uid 0"
	process 'del(.user)'
	garita 1 exec --process process.json "$ID"
	says exec-root
	process '.cwd = "/proc/self/fd/7"'
	garita 1 exec --process process.json "$ID"
	says process-cwd
	process '.capabilities.effective = ["CAP_SYS_ADMIN"]'
	garita 1 exec --process process.json "$ID"
	says CAP_SYS_ADMIN
}

@test "a file: root, a directory of the host, power over it" {
	both refused_file
}

no_file()
{
	started
	process
	garita 2 exec --process process.json --user 1000 "$ID"
	garita 2 exec --process process.json "$ID" id
	garita 2 exec --process /nowhere/process.json "$ID"
	chmod 0666 process.json
	garita 2 exec --process process.json "$ID"
	chmod 0600 process.json
	chown 65534 process.json
	garita 2 exec --process process.json "$ID"
	mkfifo "fifo-$KIND"
	garita 2 exec --process "fifo-$KIND" "$ID"
	says "not a regular file"
	garita 2 exec --process /dev/zero "$ID"
	head -c 5000000 /dev/zero | tr '\0' ' ' >process.json
	chown 0 process.json
	garita 2 exec --process process.json "$ID"
	# Two readers, two answers.
	process
	sed 's/"uid": 1000/"uid": 1000, "UID": 0/' process.json >twice.json
	garita 2 exec --process twice.json "$ID"
	says UID
	decisions | jq -se 'map(select(.verb == "exec" and .verdict != "deny"))
		== []'
}

@test "a file: none, of others, a fifo, endless, ambiguous" {
	both no_file
}

# ---- whose container ----

not_printed()
{
	started
	garita 0 exec "$ID" true
	edit "b-$KIND" '.process.user.uid = 0'
	garita 2 exec "$ID" id
	says "not what garita-runtime printed"
	# Judged with what the container claims to be, it would be root's.
	enforce '{"mode": "dry-run"}'
	garita 0 exec "$ID" true
}

@test "a config that somebody wrote later is not believed" {
	both not_printed
}

by_annotation()
{
	# What lets everything pass, where the container could point.
	bundle "other-$KIND" '.process.user = {uid: 0, gid: 0}'
	bundle "b-$KIND" '.process.user = {uid: 1000, gid: 1000}'
	edit "b-$KIND" --arg other "$GARITA_DIR/other-$KIND" \
		'.annotations = {bundle: $other}'
	enforce '{"rules": {"unsafe-annotations": "off"}}'
	inside "$KIND" --root "$STATE" delete --force "$ID" >/dev/null 2>&1 ||
		true
	garita 0 run --detach --bundle "b-$KIND" "$ID"
	garita 0 exec "$ID" id -u
	[ "$(cat out)" = 1000 ]
	garita 1 exec --user 0 "$ID" id -u
	says exec-root
}

@test "an annotation does not lead to another bundle" {
	both by_annotation
}

dry_run()
{
	started
	enforce '{"mode": "dry-run"}'
	garita 0 exec --user 0 "$ID" id -u
	[ "$(cat out)" = 0 ]
	decisions | tail -n 1 | jq -e '.verb == "exec" and
		.verdict == "admit" and .would == "deny" and
		.findings[0].rule == "exec-root"'
	process '.user = {uid: 0}'
	garita 0 exec --process process.json "$ID"
	has Uid '0.0.0.0'
	echo '{"pids": {"limit": 77}}' >limits
	INPUT=limits garita 0 update --resources - "$ID"
	garita 0 update --pids-limit="$NONE" "$ID"
	decisions | tail -n 1 | jq -e '.verb == "update" and .would == "deny"'
}

@test "dry-run: as it would be without, and told" {
	both dry_run
}

unrecorded()
{
	local required='"log": {"file": "required", "path": "/nowhere/at/all"}'

	started
	enforce "{$required}"
	garita 2 --log log.json --log-format json exec "$ID" echo here
	says "requires its record in log/file"
	[ ! -s out ]
	jq -e '.level == "error"' log.json
	rm log.json
	process
	garita 2 exec --process process.json "$ID"
	[ ! -s out ]
	garita 2 update --pids-limit 50 "$ID"
	echo '{"pids": {"limit": 50}}' >limits
	garita 2 update --resources limits "$ID"
	[ "$(pids_max)" = 100 ]
	enforce "{\"mode\": \"dry-run\", $required}"
	garita 0 exec "$ID" echo here
	[ "$(cat out)" = here ]
}

@test "where no record can be made, nothing is done" {
	both unrecorded
}

nobody_asks()
{
	started
	enforce '{"profile": "off"}'
	edit "b-$KIND" '.process.user.uid = 0'
	garita 0 exec --user 0 "$ID" id -u
	[ "$(cat out)" = 0 ]
	garita 0 update --pids-limit="$NONE" "$ID"
}

@test "without a rule that asks, it is handed on" {
	both nobody_asks
}

root_group()
{
	started
	enforce '{"profile": "baseline", "rules": {"non-root-group": "deny"}}'
	garita 0 exec --user 1000:1002 "$ID" id
	garita 1 exec --user 1000:0 "$ID" id
	says non-root-group "gid 0"
	process '.user = {uid: 1000, gid: 1001, additionalGids: [0]}'
	garita 1 exec --process process.json "$ID"
	says non-root-group "additional group 0"
}

@test "root's group is not for an exec, either" {
	both root_group
}

# ---- update ----

# Where the container's control group is. Of version 2: ""
cgroup_of() { # controller
	local pid

	pid=$(inside "$KIND" --root "$STATE" state "$ID" | jq .pid)
	sed -n "s/^[0-9]*:$1://p" "/proc/$pid/cgroup"
}

pids_max()
{
	cat "/sys/fs/cgroup/pids$(cgroup_of pids)/pids.max" 2>/dev/null ||
		cat "/sys/fs/cgroup$(cgroup_of "")/pids.max"
}

updated()
{
	started
	garita 0 update --pids-limit 50 "$ID"
	[ "$(pids_max)" = 50 ]
	echo '{"pids": {"limit": 60}}' >limits
	garita 0 update --resources limits "$ID"
	[ "$(pids_max)" = 60 ]
	echo '{"pids": {"limit": 70}}' >limits
	INPUT=limits garita 0 update --resources - "$ID"
	[ "$(pids_max)" = 70 ]
	decisions | jq -se 'map(select(.verb == "update"))
		| length == 3 and all(.verdict == "admit")'
}

@test "update: other limits" {
	both updated
}

refused_update()
{
	started
	garita 1 update --pids-limit=-1 "$ID"
	says update-resources "no limit"
	echo '{"pids": {"limit": -1}}' >limits
	garita 1 update --resources limits "$ID"
	INPUT=limits garita 1 update --resources - "$ID"
	garita 2 update --resources limits --pids-limit 5 "$ID"
	garita 2 update --memory 1e9 "$ID"
	echo '{"pids": {"limit": 5, "Limit": -1}}' >limits
	garita 2 update --resources limits "$ID"
	mkfifo "limits-$KIND"
	garita 2 update --resources "limits-$KIND" "$ID"
	[ "$(pids_max)" = 100 ]
	enforce '{"profile": "baseline"}'
	garita 0 update --pids-limit="$NONE" "$ID"
	[ "$KIND" = crun ] || [ "$(pids_max)" = max ]
}

@test "update: a limit is not taken away" {
	both refused_update
}

# crun 1.8 puts such a value into JSON as it is.
no_number()
{
	local option

	started
	for option in blkio-weight cpu-period cpu-quota cpu-rt-period \
		cpu-rt-runtime cpu-share memory memory-reservation \
		memory-swap pids-limit; do
		garita 2 update --$option '100},"pids":{"limit":4000' "$ID"
		says "--$option is no whole number"
	done
	[ "$(pids_max)" = 100 ]
	garita 0 update --cpu-share 512 --cpuset-cpus 0 "$ID"
}

@test "update: an option says no more than its number" {
	both no_number
}

devices()
{
	sort "/sys/fs/cgroup/devices$(cgroup_of devices)/devices.list"
}

# runc does not look at them, crun opens them.
same_devices()
{
	local before

	started
	before=$(devices)
	echo '{"devices": [{"allow": true, "access": "rwm"}],
		"pids": {"limit": 60}}' >limits
	garita 0 update --resources limits "$ID"
	[ "$(devices)" = "$before" ]
	[ "$(pids_max)" = 60 ]
	INPUT=limits garita 0 update --resources - "$ID"
	[ "$(devices)" = "$before" ]
}

@test "update: no device is opened" {
	# Only control groups of version 1 show theirs.
	[ ! -e /sys/fs/cgroup/devices/devices.list ] || both same_devices
}

# ---- podman ----

podman()
{
	local want=$1 code=0

	shift
	pod --runtime "$RUNTIME" "$@" >out 2>err </dev/null 3>&- || code=$?
	case $want:$code in
	refused:12[56] | refused:255 | "$code:$code") return ;;
	esac
	echo "exit code $code, not $want: podman $*"
	cat out err
	return 1
}

last()
{
	decisions | jq -s 'map(select(.verb == "exec")) | last' | jq -e "$@"
}

under_podman()
{
	# This podman keeps its files where no engine does.
	local paths='{"host-path-mount": "off"}'

	enforce "{\"rules\": $paths}"
	podman 0 run --detach --name life --user 1000 localhost/exec:v1 \
		sleep 1000
	podman 0 exec life id -u
	[ "$(cat out)" = 1000 ]
	podman 5 exec --env A=1 --workdir /tmp life sh -c 'exit 5'
	podman 0 exec life cat /proc/self/status
	has NoNewPrivs 1
	has Seccomp 2
	has CapEff 0000000000000000
	has CapBnd 0000000000000400
	last '.verdict != "deny" and .id != null'
	podman refused exec --user 0 life id
	last '.verdict == "deny" and
		([.findings[].rule] | index("exec-root"))'
	podman refused exec --privileged life id
	last '.verdict == "deny"'
	podman 0 rm --force --time 0 life

	enforce "{\"profile\": \"baseline\", \"rules\": $paths}"
	podman 0 run --detach --name life localhost/exec:v1 sleep 1000
	podman 0 exec life id -u
	[ "$(cat out)" = 0 ]
	last '.verdict != "deny"'
	podman refused exec --privileged life id
	last '.verdict == "deny"'
	podman 0 rm --force --time 0 life
}

@test "podman exec: admitted as the container is, not as root, not privileged" {
	podman_image exec
	both under_podman
}
