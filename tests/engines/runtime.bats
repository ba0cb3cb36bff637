#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# garita-runtime in front of the real runc and the real crun: what it refuses
# leaves no trace but the reason, what it repairs shows inside the container,
# and everything else is as without it.

# bats sets lines, output and status behind shellcheck's back; programs of jq
# and of inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load common

setup_file()
{
	garita_up
	rootfs
	bundle "$GARITA_DIR/risky" '.process.args = ["true"]'
}

teardown_file()
{
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	ID=garita-${GARITA_DIR##*.}-$BATS_TEST_NUMBER
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
		enforce '{}'
		"$@"
	done
}

# call CODE COMMAND...: standard output to ./out, the rest to ./err. A code of
# "refused" is 1 or 2.
call()
{
	local want=$1 code=0

	shift
	inside timeout 30 "$@" >out 2>err </dev/null 3>&- || code=$?
	case $want:$code in
	refused:[12]) ;;
	"$code:$code") ;;
	*)
		echo "exit code $code, not $want: $*"
		cat out err
		return 1
		;;
	esac
}

garita()
{
	local want=$1

	shift
	call "$want" "$RUNTIME" --root "$STATE" "$@"
}

bare()
{
	local want=$1

	shift
	call "$want" "$KIND" --root "$STATE" "$@"
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

nothing_runs()
{
	bare 0 list -q
	[ ! -s out ]
}

# fingerprint DIR: every file, its bytes and its inode
fingerprint()
{
	find "$1" -printf '%p %i %m %U %T@ %s\n' | sort
	find "$1" -type f -exec sha256sum {} + | sort
}

# untouched DIR COMMAND...
untouched()
{
	local dir=$1

	shift
	fingerprint "$dir" >before
	"$@"
	fingerprint "$dir" >after
	diff before after
}

# A bundle that can be repaired: all that `garita check` repairs is wrong.
repairable()
{
	bundle "$1" '.process.user = {uid: 1000, gid: 1000}
		| .process.noNewPrivileges = false
		| .process.capabilities |= map_values(. + ["CAP_NET_RAW"])
		| .process.capabilities.ambient = ["CAP_NET_RAW"]
		| .process.capabilities.inheritable = ["CAP_NET_RAW"]
		| .annotations = {"run.oci.keep_original_groups": "1"}
		| del(.linux.seccomp, .linux.maskedPaths, .linux.readonlyPaths)'
	edit "$1" --arg look "${2:-$look}" '.process.args = ["sh", "-c", $look]'
}

# ---- refused ----

refused_without_a_trace()
{
	local verb

	for verb in create run; do
		rm -f log.json
		untouched risky garita 1 --log log.json --log-format json \
			"$verb" --bundle risky "$ID"
		[ ! -s out ]
		[ "$(wc -l <err)" = 1 ]
		says "garita refused this container" run-as-non-root "uid 0" \
			/process/user/uid "--user 1000"
		# The same words where the engine looks, as its own kind of line.
		[ "$(wc -l <log.json)" = 1 ]
		jq -e '.level == "error" and (.time | sub("[.][0-9]+Z$"; "Z") | fromdate > 0)' log.json
		[ "$(jq -r .msg log.json)" = "$(cat err)" ]
		run ! grep -iE 'permission denied|operation not permitted|no such file or directory|executable file not found' err log.json
		nothing_runs
	done
}

@test "a container as root: refused, with the reason, and nothing is left" {
	both refused_without_a_trace
	[ "$(decisions | jq -s '[.[] | select(.verdict == "deny")] | length')" = 4 ]
}

words_for_the_engine()
{
	rm -f log.txt
	garita 1 --log log.txt create --bundle risky "$ID"
	cmp log.txt err
	# Where the engine's file cannot be written it is a refusal all the same.
	garita 1 --log /nowhere/log create --bundle risky "$ID"
	garita 1 --log / create --bundle risky "$ID"
	garita 1 --log /dev/full create --bundle risky "$ID"
	mkfifo "log.$KIND"
	garita 1 --log "log.$KIND" create --bundle risky "$ID"
	nothing_runs
}

@test "the reason as text, and to a log that cannot be written" {
	both words_for_the_engine
}

# ---- repaired ----

repaired_and_seen_inside()
{
	repairable "fix-$KIND" "$look
		grep -c ' /proc/sys ro' /proc/self/mountinfo
		grep -qE ' /(proc|sys)/(keys|timer_list|kcore|firmware) ' \
			/proc/self/mountinfo && echo masked"
	bare 1 run --bundle "fix-$KIND" "$ID"
	says "NoNewPrivs:0" "Seccomp:0" "CapEff:0000000000002000"
	garita 0 run --bundle "fix-$KIND" "$ID"
	[ "$(sed -n 1p out | tr ' ' '\n' | sort | tr '\n' ' ')" = \
		"CapAmb:0000000000000000 CapBnd:0000000000000400 CapEff:0000000000000000 CapInh:0000000000000000 CapPrm:0000000000000000 NoNewPrivs:1 Seccomp:2 uid=1000 " ] || {
		cat out
		return 1
	}
	[ "$(sed -n 2,3p out | tr '\n' ' ')" = "1 masked " ]
	[ ! -s err ]
}

@test "repaired: no capability, no new privileges, a filter, masked paths" {
	both repaired_and_seen_inside
}

repaired_is_canonical()
{
	repairable "fix-$KIND" true
	garita 0 run --bundle "fix-$KIND" "$ID"
	call 0 "$GARITA" check --no-fix --format json "fix-$KIND"
	jq -e '.verdict == "admit"' out
	[ "$(ls -A "fix-$KIND")" = config.json ]
	[ "$(stat -c %a:%u "fix-$KIND/config.json")" = 644:0 ]
	# Judged again it is the same, byte for byte.
	sha256sum "fix-$KIND/config.json" >sum
	garita 0 run --bundle "fix-$KIND" "$ID"
	sha256sum -c sum
	jq -e '.annotations | has("run.oci.keep_original_groups") | not' \
		"fix-$KIND/config.json"
}

@test "what the runtime read is canonical, and needs no repair again" {
	both repaired_is_canonical
}

spelled_otherwise()
{
	repairable "fix-$KIND" true
	jq '.process.args = ["sh", "-c", "echo \(.process.args | length)"]' \
		"fix-$KIND/config.json" | jq -c . | sed 's/"ociVersion"/"oci\\u0056ersion"/' \
		>text
	cat text >"fix-$KIND/config.json"
	garita 0 run --bundle "fix-$KIND" "$ID"
	run -1 grep u0056 "fix-$KIND/config.json"
}

@test "the runtime reads what garita printed, not the text that came" {
	both spelled_otherwise
}

# ---- as without garita ----

whole_life()
{
	repairable "life-$KIND"
	rm -f pid
	edit "life-$KIND" '.process.args = ["sleep", "1000"]'
	garita 0 create --bundle "life-$KIND" --pid-file "$GARITA_DIR/pid" "$ID"
	kill -0 "$(cat pid)"
	garita 0 state "$ID"
	jq -e '.status == "created"' out
	garita 0 start "$ID"
	garita 0 state "$ID"
	jq -e '.status == "running"' out
	garita 0 list -q
	[ "$(cat out)" = "$ID" ]
	garita 0 list --format json
	jq -e length out
	garita 0 exec --user 1000:1000 "$ID" id -u
	says 1000
	garita 7 exec "$ID" sh -c 'exit 7'
	garita 0 ps "$ID"
	says "$(cat pid)"
	garita 0 pause "$ID"
	garita 0 state "$ID"
	jq -e '.status == "paused"' out
	garita 0 resume "$ID"
	garita 0 update --pids-limit 50 "$ID"
	garita 0 kill "$ID" KILL
	garita_wait_status stopped
	garita 0 delete "$ID"
	garita 1 state "$ID"
	nothing_runs
}

garita_wait_status()
{
	local tries

	for ((tries = 0; tries < 100; tries++)); do
		garita 0 state "$ID"
		[ "$(jq -r .status out)" != "$1" ] || return 0
		sleep 0.05
	done
	return 1
}

@test "create, state, start, exec, ps, pause, update, kill, delete" {
	both whole_life
}

same_words()
{
	local args

	for args in --version features "list" "state nobody" "kill nobody 9" \
		"delete nobody" "run --help" "--help"; do
		# --version stands alone: of the rest nothing is handed on.
		[ "$args" = --version ] || args="--root $STATE $args"
		# shellcheck disable=SC2086
		call_any "$KIND" $args
		sed '/time=/d' out >bare.out
		cp code bare.code
		# shellcheck disable=SC2086
		call_any "$RUNTIME" $args
		# Whose --version it is stands behind the runtime's own.
		diff bare.out <(sed '/time=/d; /^garita: /d' out)
		cmp code bare.code
	done
}

call_any()
{
	local code=0

	inside "$@" >out 2>err </dev/null 3>&- || code=$?
	echo "$code" >code
}

@test "what starts nothing says the same as the bare runtime" {
	both same_words
}

through_the_wrapper()
{
	repairable "io-$KIND" 'cat; echo "to $FOO" >&2; exit 7'
	edit "io-$KIND" '.process.env += ["FOO=stderr"]'
	local code=0

	echo from stdin | inside "$RUNTIME" --root "$STATE" run --bundle \
		"io-$KIND" "$ID" >out 2>err 3>&- || code=$?
	[ "$code" = 7 ]
	[ "$(cat out)" = "from stdin" ]
	[ "$(cat err)" = "to stderr" ]
	# The bundle is where we are, as ".", and through a link.
	call 7 sh -c 'cd "$0" && exec "$@"' "io-$KIND" \
		"$RUNTIME" --root "$STATE" run "$ID"
	call 7 sh -c 'cd "$0" && exec "$@"' "io-$KIND" \
		"$RUNTIME" --root "$STATE" run --bundle . "$ID"
	ln -sfn "io-$KIND" link
	garita 7 run -b link "$ID"
	garita 7 run --bundle="io-$KIND" "$ID"
	# Descriptors that were asked for, and no other.
	repairable "io-$KIND" 'cat <&3; ! true <&4'
	echo kept >kept
	inside "$RUNTIME" --root "$STATE" run --preserve-fds 1 --bundle \
		"io-$KIND" "$ID" >out 2>err 3<kept 4<kept
	says kept
}

@test "standard input and output, exit codes, the cwd and descriptors" {
	both through_the_wrapper
}

environment_is_built()
{
	cp "$GARITA_BUILD/tests/programs/show_runtime" "$KIND-show"
	KIND_PATH=$GARITA_DIR/$KIND-show
	policy <<<"{\"version\":1,\"runtime\":\"$KIND_PATH\"}"
	repairable "env-$KIND" true
	inside env -i LD_PRELOAD=/x LD_LIBRARY_PATH=/x GODEBUG=x GOTRACEBACK=x \
		GCONV_PATH=/x BASH_ENV=/x _LIBCONTAINER_INITPIPE=3 \
		_OCI_SYNCPIPE=3 PATH=/evil HOME=/root XDG_RUNTIME_DIR=/run/u \
		NOTIFY_SOCKET=/run/n TMPDIR=/tmp USER=root LOGNAME=x \
		"$RUNTIME" create --bundle "env-$KIND" "$ID" >out 3>&-
	run grep '^env' out
	[ "$(sort <<<"$output")" = "env HOME=/root
env NOTIFY_SOCKET=/run/n
env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
env TMPDIR=/tmp
env USER=root
env XDG_RUNTIME_DIR=/run/u" ]
	# One spelling, with the bundle by its real path.
	[ "$(grep '^arg' out)" = "arg $KIND_PATH
arg create
arg --bundle=$(readlink -f "env-$KIND")
arg $ID" ]
}

@test "LD_PRELOAD, GODEBUG and their like do not reach the runtime" {
	both environment_is_built
}

# ---- the bundle ----

# A reason names config.json where it is about what is written there, and not
# where it is about the machine.
reasons_name_their_place()
{
	bundle odd '.process.user = {uid: 1000} | .process.args = 7'
	garita 2 run --bundle odd "$ID"
	says "config.json: " "at /process/args)"
	bundle odd '.process.user = {uid: 1000} | .mounts += [{destination: "/x",
		type: "bind", source: "/proc/self/ns/net", options: ["bind"]}]'
	garita 2 run --bundle odd "$ID"
	says "could not judge it: cannot tell where /proc/self/ns/net leads"
}

@test "a reason names config.json only where it is about it" {
	both reasons_name_their_place
}

odd_configs()
{
	local good=$GARITA_DIR/good-$KIND.json

	bundle odd '.process.user = {uid: 1000} | .process.args = ["true"]'
	garita 0 run --bundle odd "$ID"
	mv odd/config.json "$good"

	ln -s "$good" odd/config.json
	untouched odd garita 2 run --bundle odd "$ID"
	says "symbolic link"
	rm odd/config.json

	ln "$good" odd/config.json
	untouched odd garita 2 run --bundle odd "$ID"
	says "2 names"
	rm odd/config.json

	mkfifo odd/config.json
	untouched odd garita 2 run --bundle odd "$ID"
	says fifo
	rm odd/config.json

	mkdir odd/config.json
	untouched odd garita 2 run --bundle odd "$ID"
	rmdir odd/config.json

	garita 2 run --bundle odd "$ID"
	says config.json
	run ! grep -i "no such file" err

	cp "$good" odd/config.json
	chmod 0664 odd/config.json
	untouched odd garita 2 run --bundle odd "$ID"
	says "changed by others"
	chmod 0644 odd/config.json
	chown 1000 odd/config.json
	untouched odd garita 2 run --bundle odd "$ID"
	says "uid 1000"
	chown 0 odd/config.json
	garita 0 run --bundle odd "$ID"

	{ cat "$good"; head -c $((5 * 1024 * 1024)) /dev/zero | tr '\0' ' '; } \
		>odd/config.json
	untouched odd garita 2 run --bundle odd "$ID"
	says "larger than"
	: >odd/config.json
	untouched odd garita 2 run --bundle odd "$ID"
	nothing_runs
}

@test "config.json as a link, fifo, foreign, writable, huge or missing" {
	both odd_configs
}

odd_places()
{
	bundle odd '.process.user = {uid: 1000} | .process.args = ["true"]'
	chmod 0777 odd
	untouched odd garita 2 run --bundle odd "$ID"
	says "can be changed by others"
	chmod 1777 odd
	untouched odd garita 2 run --bundle odd "$ID"
	chmod 0755 odd
	chown 1000 odd
	untouched odd garita 2 run --bundle odd "$ID"
	says "uid 1000"
	chown 0 odd

	mkdir theirs
	mv odd theirs/odd
	chown 1000 theirs
	untouched theirs garita 2 run --bundle theirs/odd "$ID"
	says "uid 1000"
	# A link does not help to hide where it is.
	ln -sfn theirs/odd link
	untouched theirs garita 2 run --bundle link "$ID"
	rm -r theirs link
	garita 2 run --bundle missing "$ID"
	garita 2 run --bundle risky/config.json "$ID"
	nothing_runs
}

@test "a bundle in a directory that others can change" {
	both odd_places
}

full_disk()
{
	mkdir -p small
	inside mount -t tmpfs -o size=64k,mode=0755 garita-test small
	bundle roomy '.process.user = {uid: 1000} | .process.args = ["true"]'
	inside cp roomy/config.json small/config.json
	inside sh -c 'head -c 1000000 /dev/zero >small/filler; sha256sum small/*' \
		>before 2>err
	garita 2 run --bundle small "$ID"
	says "cannot write the repaired config"
	inside sh -c 'sha256sum small/*' >after
	diff before after
	[ "$(inside ls -A small)" = "config.json
filler" ]
	inside umount small
	nothing_runs
}

@test "a full disk under the bundle: refused, the config whole" {
	both full_disk
}

@test "a file size limit under the bundle: refused, and nothing is left" {
	local blocks

	no_policy
	repairable limited true
	cp limited/config.json old.json
	for blocks in 1 4; do
		call 2 bash -c 'ulimit -f "$0" && exec "$@"' "$blocks" \
			"$RUNTIME" create --bundle limited "$ID"
		says "garita refused this container" "File too large"
		cmp old.json limited/config.json
		[ "$(ls -A limited)" = config.json ]
	done
}

@test "the --log file has the reason, also when nobody reads stderr" {
	no_policy
	bundle unheard
	inside python3 -c 'import os, signal, sys
from_us, to_us = os.pipe()
os.close(from_us)
os.dup2(to_us, 2)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$RUNTIME" --log unheard.log \
		create --bundle unheard "$ID" 3>&- || true
	grep -F "garita refused this container" unheard.log
}

# A runtime that does nothing, so that what is killed is garita.
@test "killed at any moment it leaves the old config or the new one" {
	local killed

	cp "$GARITA_BUILD/tests/programs/null_runtime" runc-null
	policy <<<"{\"version\":1,\"runtime\":\"$GARITA_DIR/runc-null\"}"
	repairable kill true
	cp kill/config.json old.json
	call 0 "$RUNTIME" create --bundle kill "$ID"
	cp kill/config.json new.json
	run ! cmp old.json new.json
	killed=$(inside bash -c '
		for ((i = 0; i < 200; i++)); do
			cp old.json kill/put && mv kill/put kill/config.json
			timeout -s KILL "0.00$((RANDOM % 50 + 10))" \
				"$0" create --bundle kill "$1" 2>/dev/null ||
				echo killed
			cmp -s old.json kill/config.json ||
				cmp -s new.json kill/config.json ||
				echo TORN
		done' "$RUNTIME" "$ID" 2>/dev/null 3>&-)
	[[ $killed != *TORN* ]]
	[[ $killed == *killed* ]]
	# The next one clears up what they left.
	call 0 "$RUNTIME" create --bundle kill "$ID"
	[ "$(ls -A kill)" = config.json ]
}

# ---- the policy ----

# A container that runs, made while the policy was fine.
running()
{
	repairable "run-$KIND"
	edit "run-$KIND" '.process.args = ["sleep", "1000"]'
	enforce '{}'
	garita 0 run --detach --bundle "run-$KIND" "$ID"
}

bad_policies()
{
	local bad

	for bad in foreign writable broken unknown directory link fifo; do
		echo "-- $bad"
		running
		case $bad in
		foreign) inside chown 1000 "$POLICY" ;;
		writable) inside chmod 0666 "$POLICY" ;;
		broken) policy <<<'{"version": 1' ;;
		unknown) policy <<<'{"version": 1, "rule": {}}' ;;
		directory) no_policy && inside mkdir "$POLICY" ;;
		link) no_policy && inside ln -s /nowhere "$POLICY" ;;
		fifo) no_policy && inside mkfifo "$POLICY" ;;
		esac
		untouched risky garita 2 --log log.json create --bundle risky x
		says "could not judge" policy.json
		garita 2 exec "$ID" true
		# What clears up goes on, or an engine could never do it. It does
		# not know the runtime then: the first of the usual places.
		if [ "$KIND" = runc ]; then
			garita 0 state "$ID"
			garita 0 kill "$ID" KILL
			garita_wait_status stopped
			garita 0 delete "$ID"
		else
			bare 0 delete --force "$ID"
		fi
		no_policy
	done
}

@test "a policy that is unreadable, foreign or wrong starts nothing" {
	both bad_policies
}

profiles_and_rules()
{
	local root

	# off: as the engine wrote it, but in one spelling
	bundle rules '.process.args = ["sh", "-c", "id -u"]'
	cp rules/config.json before.json
	enforce '{"profile": "off"}'
	garita 0 run --bundle rules "$ID"
	[ "$(cat out)" = 0 ]
	diff <(jq -S . before.json) <(jq -S . rules/config.json)

	enforce '{"rules": {"run-as-non-root": "off"}}'
	garita 0 run --bundle rules "$ID"
	[ "$(cat out)" = 0 ]

	bundle rules '.process.user.uid = 1000 | .process.args = ["true"]'
	enforce '{"rules": {"seccomp-required": "deny"}}'
	garita 1 run --bundle rules "$ID"
	says seccomp-required
	enforce '{"fix": false}'
	garita 1 run --bundle rules "$ID"
	says seccomp-required

	root='.process.user.uid = 0 | .process.capabilities |=
		map_values(["CAP_CHOWN", "CAP_NET_RAW"])'
	bundle rules "$root"
	edit rules --arg look "$look" '.process.args = ["sh", "-c", $look]'
	enforce '{"rules": {"run-as-non-root": "warn", "capabilities-restricted":
		{"action": "fix", "allow": ["CAP_CHOWN"]}}}'
	garita 0 run --bundle rules "$ID"
	says "CapEff:0000000000000001"

	enforce '{"profile": "baseline"}'
	bundle rules "$root"
	edit rules --arg look "$look" '.process.args = ["sh", "-c", $look]'
	garita 0 run --bundle rules "$ID"
	says "CapEff:0000000000002001" "Seccomp:2"
}

@test "profiles, and rules of the operator's own" {
	both profiles_and_rules
}

restored()
{
	enforce '{"profile": "off"}'
	mkdir -p image
	rm -f log.json
	garita 2 --log log.json --log-format json restore --image-path image \
		--bundle risky "$ID"
	says "restore brings memory and files that nobody judged"
	jq -e '.level == "error"' log.json
	rm log.json
	nothing_runs
	# In dry-run the runtime is asked, which finds no image there.
	enforce '{"mode": "dry-run"}'
	garita 1 restore --image-path image --bundle risky "$ID"
	run ! grep "garita refused" err
	decisions | tail -n 1 | jq -e '.verb == "restore" and
		.verdict == "admit" and .would == "deny" and
		(.error | contains("nobody judged"))'
	nothing_runs
}

@test "restore: refused by every profile" {
	both restored
}

dry_run()
{
	local line

	bundle dry '.process.args = ["sh", "-c", "id -u; exit 5"]'
	enforce '{"mode": "dry-run"}'
	untouched dry garita 5 run --bundle dry "$ID"
	[ "$(cat out)" = 0 ]
	[ ! -s err ]
	decisions | tail -n 1 | jq -e '.verdict == "admit" and .would == "deny" and
		.findings[0].rule == "run-as-non-root"'

	# Repairs are not made either.
	repairable dry
	untouched dry garita 0 run --bundle dry "$ID"
	says "Seccomp:0"
	decisions | tail -n 1 | jq -e '.verdict == "admit" and .would == "repair"'

	# Nor is anything else in the way: not a config that garita cannot read,
	printf '%s' "$(jq -c . dry/config.json | sed 's/^{/{"Hooks":null,/')" \
		>dry/text
	mv dry/text dry/config.json
	untouched dry garita 0 run --bundle dry "$ID"
	decisions | tail -n 1 | jq -e '.verdict == "admit" and .would == "deny" and
		(.error | contains("Hooks"))'
	# nor a link,
	mv dry/config.json elsewhere.json
	ln -s ../elsewhere.json dry/config.json
	garita 0 run --bundle dry "$ID"
	decisions | tail -n 1 | jq -e '.error | contains("symbolic link")'
	# nor a command line.
	case $KIND in
	runc) garita 0 run --preserve-fds=0x0 --bundle dry "$ID" ;;
	crun) garita 0 run --bun=dry "$ID" ;;
	esac
	decisions | tail -n 1 | jq -e '.would == "deny" and (.error | contains("command line"))'
	# What such a line says of descriptors the runtime knows alone.
	rm dry/config.json
	bundle dry '.process.args = ["sh", "-c", "cat <&3"]'
	echo kept >kept
	line=(--preserve-fds=0x1 --bundle dry)
	[ "$KIND" = runc ] || line=(--bun=dry --preserve-fds 1)
	inside timeout 30 "$RUNTIME" --root "$STATE" run "${line[@]}" "$ID" \
		>out 2>err 3<kept
	says kept
}

@test "dry-run changes nothing and writes down what would have been" {
	both dry_run
}

odd_runtimes()
{
	local path

	bundle good '.process.user.uid = 1000 | .process.args = ["true"]'
	cp "$(command -v "$KIND")" "$KIND-copy"
	path=$GARITA_DIR/$KIND-copy
	policy <<<"{\"version\":1,\"runtime\":\"$path\"}"
	garita 0 run --bundle good "$ID"

	chmod 0777 "$KIND-copy"
	untouched good garita 2 --log log.json --log-format json run --bundle good "$ID"
	says "can be changed by others" "$path"
	[ "$(tail -n 1 log.json | jq -r .msg)" = "$(cat err)" ]
	chmod 0755 "$KIND-copy"
	chown 1000 "$KIND-copy"
	garita 2 run --bundle good "$ID"
	says "uid 1000"
	chown 0 "$KIND-copy"
	chmod 0644 "$KIND-copy"
	garita 2 run --bundle good "$ID"
	says "not executable"
	printf '#!/bin/sh\ntrue\n' >"$KIND-copy"
	chmod 0755 "$KIND-copy"
	garita 2 run --bundle good "$ID"
	says script
	rm "$KIND-copy"
	garita 2 run --bundle good "$ID"
	says "$path"
	cp "$RUNTIME" "$KIND-copy"
	garita 0 run --bundle good --help || true
	policy <<<"{\"version\":1,\"runtime\":\"$RUNTIME\"}"
	garita 2 run --bundle good "$ID"
	policy <<<"{\"version\":1,\"runtime\":\"$KIND\"}"
	garita 2 run --bundle good "$ID"
	rm "$KIND-copy"
	nothing_runs
}

@test "a runtime that is missing, a script, or that others can change" {
	both odd_runtimes
}

# ---- what we assume of the runtimes ----

absent_means()
{
	bundle absent 'del(.process.capabilities, .process.user)'
	edit absent --arg look "$look" '.process.args = ["sh", "-c", $look]'
	bare 0 run --bundle absent "$ID"
	says uid=0 CapEff:0000000000000000 CapBnd:0000000000000000
	garita 1 run --bundle absent "$ID"
	says run-as-non-root
	# An empty user is root, too.
	edit absent '.process.user = {}'
	bare 0 run --bundle absent "$ID"
	says uid=0
	garita 1 run --bundle absent "$ID"
	says run-as-non-root
}

@test "absent capabilities are none, an absent user is root" {
	both absent_means
}
