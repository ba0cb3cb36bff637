#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# With "mode": "dry-run", and with the profile off, an engine sees of garita
# what it sees of the bare runtime. Everything here is done twice, without and
# with garita, and compared: first what reaches the runtime, then what runc and
# crun answer, then what a user of podman sees. The differences that there are by intent are in known() and
# unread, and in garita-runtime(8), "TRANSPARENCY".

# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common

setup_file()
{
	podman_up
	podman_image app
	garita_up
	bundle "$GARITA_DIR/ends" '.process.args =
		["sh", "-c", "cat; echo out; echo err >&2; exit 7"]'
	bundle "$GARITA_DIR/waits" '.process.args = ["sh", "-c",
		"trap \"exit 9\" TERM; trap \"exit 8\" INT; echo up; sleep 60 & wait"]'
	bundle "$GARITA_DIR/killed" '.process.args = ["sh", "-c", "kill -9 $$"]'
	bundle "$GARITA_DIR/absent" '.process.args = ["/nothing"]'
	bundle "$GARITA_DIR/fds" '.process.args = ["sh", "-c",
		"for n in 3 4 5; do (cat <&$n) 2>&-; done; echo $LISTEN_FDS"]'
	bundle "$GARITA_DIR/terminal" '.process.terminal = true |
		.process.args = ["sh", "-c", "test -t 0 && test -t 1; echo $?"]'
	bundle "$GARITA_DIR/wrong" '.ociVersion = "9"'
	mkdir "$GARITA_DIR/empty"
}

teardown_file()
{
	podman_down
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
	delete_below "$GARITA_DIR/state"
	rm -rf state
}

transparent='{"mode": "dry-run"} {"profile": "off"}'

# each FUNCTION: with either runtime, behind either policy. $BARE and $RUNTIME
# are to be the same. What the bare one does is looked at once and kept in
# $SEEN.
each()
{
	local more

	for KIND in runc crun; do
		BARE=$(command -v "$KIND")
		SEEN=$(mktemp -d "$BATS_TEST_TMPDIR/bare.XXXXXX")
		while read -r more; do
			OFF=${more##*off*}
			jq -n --arg runtime "$BARE" --argjson more "$more" \
				'{version: 1, runtime: $runtime} + $more' | policy
			echo "-- $KIND $more"
			"$@"
		done <<<"${transparent/\} /$'}\n'}"
	done
}

# ---- what reaches the runtime ----

# shown PROGRAM COMMAND...: what a runtime says it got, started by a shell that
# runs `$context` first
shown()
{
	PROGRAM=$1 inside bash -c 'echo $$ >pid; '"$context"'
		exec "$PROGRAM" "$@"' - "${@:2}" 3>&- >shown
	sed <shown -e "s/ pid $(cat pid) / pid ours /" \
			-e "s/parent [0-9]*/parent P/; s/group [0-9]* session [0-9]*/group/"
}

# What is another by intent: argv[0] is the runtime's path, long options are
# spelled in one way, of the environment some variables are kept, and only
# descriptors that were announced stay open.
known()
{
	grep -v "^arg \|^env "
}

# What a shell does before it becomes the runtime.
contexts=(
	:
	'umask 0027; cd empty/..; ulimit -n 100; ulimit -c 0; ulimit -s 4096'
	'trap '\'''\'' INT HUP PIPE CHLD TERM USR1'
	'echo 500 >/proc/self/oom_score_adj; renice -n 5 -p $$ >/dev/null'
	'exec 3<fds/config.json 4<waits/config.json 9<empty'
	'exec <&-'
	'exec 2>&1'
	'exec 0</dev/null 2>/dev/null'
)

reaches()
{
	local at=$GARITA_DIR/$KIND-show bare n=0

	cp "$GARITA_BUILD/tests/programs/show_runtime" "$at"
	inside sh -c 'sed -i "s,\"runtime\": \".*\",\"runtime\": \"$0\"," "$1"' \
		"$at" "$POLICY"
	for context in "${contexts[@]}"; do
		for words in "delete $ID" "create --bundle ends $ID" \
			"start $ID" "kill $ID 9" "state $ID" \
			"create --preserve-fds 2 --bundle ends $ID"; do
			bare=$SEEN/$((n += 1))
			# shellcheck disable=SC2086
			[ -e "$bare" ] || shown "$at" $words >"$bare"
			cp "$bare" bare.all
			# shellcheck disable=SC2086
			shown "$RUNTIME" $words >ours.all
			grep -q "pid ours " ours.all || fails "not exec" \
				"$(cat ours.all)"
			closed='fd [3-9]'
			[[ $words != *preserve* ]] || closed='fd [5-9]'
			sed -i "/^$closed/d; /^fd [1-9][0-9]/d" bare.all
			# Where nothing was open, the runtime gets /dev/null.
			grep -q '^fd 0 ' bare.all ||
				sed -i '/^fd 0 .dev.null$/d' ours.all
			diff <(known <bare.all) <(known <ours.all) ||
				fails "$context: $words"
		done
	done
}

@test "pid, signals, umask, cwd, limits, oom score, cgroup, descriptors" {
	each reaches
}

# ---- what it answers ----

# observe NAME PROGRAM WORDS...: its exit code, output and what it left
observe()
{
	local code=0 name=$1

	# Those of an earlier call, a container may still write to.
	rm -f log.json pid "$name.out" "$name.err"
	inside timeout -k 5 20 "${@:2}" >"$name.out" 2>"$name.err" \
		<ends/rootfs.txt 3>&- || code=$?
	{
		echo "code $code"
		sed 's/^/out /' "$name.out"
		sed 's/^/err /; s/time="[^"]*"/time/' "$name.err"
		[ ! -e log.json ] || jq -c 'del(.time)' log.json
		[ ! -e pid ] || echo "a pid file: $(sed 's/[0-9]/9/g; s/99*/N/' pid)"
	} | sed -E 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?/WHEN/; s/("pid": )[1-9][0-9]*/\1N/
		s/("created": ).*/\1WHEN/; s/^(out +[^ ]+ +)[1-9][0-9]* /\1N /
		s/started:[0-9]+/started/g' |
		sed "s,$RUNTIME,$BARE,g" >"$name.seen"
}

again()
{
	local at

	# Of a restore that failed, crun leaves control groups and who is in them.
	[ "${1:-}" != restore ] ||
		while read -r at; do
			xargs -r kill -KILL <"$at/cgroup.procs" || true
			for _ in {1..50}; do
				! rmdir "$at" 2>/dev/null || break
				sleep 0.1
			done
		done < <(find /sys/fs/cgroup -depth -type d -path "*/$ID*")
	[ -e "state/$ID" ] || return 0
	inside "$BARE" --root "$PWD/state" delete --force "$ID" >/dev/null 2>&1 3>&- ||
		true
	rm -rf "state/$ID"
}

# alike NUMBER WORDS...: the same from both, each on a clean state
alike()
{
	local bare=$SEEN/$1

	shift
	if [ ! -e "$bare" ]; then
		observe bare "$BARE" --root "$PWD/state" "$@"
		again "$1"
		mv bare.seen "$bare"
	fi
	observe ours "$RUNTIME" --root "$PWD/state" "$@"
	again "$1"
	diff "$bare" ours.seen || fails "$KIND $*"
}

answers()
{
	local line n=0

	echo '{"pids": {"limit": 60}}' >ends/rootfs.txt
	while read -r line; do
		: $((n += 1))
		line=${line//ID/$ID}
		case $line in
		'#'*) continue ;;
		# A command line that cannot be read is judged by no profile.
		'?'*) [ -n "$OFF" ] || continue ;;
		esac
		# shellcheck disable=SC2086
		alike "$n" ${line#\?}
	done <<'INVOCATIONS'
features
list
list -q
list --format json
list --format=json
state nobody
start nobody
kill nobody KILL
delete nobody
delete --force nobody
pause nobody
resume nobody
ps nobody
ps --format json nobody
exec nobody true
update --memory 10000000 nobody
--help
?help
create --help
run --help
exec --help
kill --help
run --bundle ends ID
run --bundle=ends ID
run --bundle ends --pid-file pid ID
--log log.json --log-format json run --bundle ends ID
--log=log.json --log-format=json run --bundle absent ID
--log log.json --log-format json run --bundle absent ID
--log log.json --log-format json state nobody
run --bundle killed ID
run --bundle absent ID
?run --bundle empty ID
?run --bundle missing ID
run --bundle fds ID
run --preserve-fds 2 --bundle fds ID
run --no-pivot --bundle ends ID
create --bundle terminal ID
create --bundle terminal --console-socket missing ID
--systemd-cgroup run --bundle ends ID
?--cgroup-manager=cgroupfs run --bundle ends ID
?--cgroup-manager=systemd run --bundle ends ID
run --detach --bundle terminal ID
?
?frobnicate
?frobnicate ID
?run
?run --bundle ends
?run --bundle ends ID more
?run --bundle ends --frobnicate ID
?run --bundle
?create --bundle ends bad/id
?state
?kill ID
?--frobnicate
?--log
?restore --bundle ends ID
?checkpoint nobody
INVOCATIONS
}

@test "exit codes, output, logs and pid files of a table of calls" {
	each answers
}

# ---- a container that runs ----

# life PROGRAM: everything that is done to one container, as its caller sees it
life()
{
	local words id=$ID-$RANDOM

	while read -r words; do
		words=${words//ID/$id}
		# crun 1.8 has no such verb: with the profile off garita says so
		# first (garita-runtime(8), TRANSPARENCY).
		[[ $words != events* || $KIND = runc ]] || continue
		# shellcheck disable=SC2086
		observe life "$1" --root "$PWD/state" $words
		echo "-- ${words//$id/ID}"
		# A process that was killed ends in its own time.
		[[ $words != *KILL ]] || sleep 0.3
		# When a process is gone, and what it used, is chance.
		case $words in
		events*) head -n 1 life.seen ;;
		ps*) wc -w <life.seen ;;
		*) cat life.seen ;;
		esac | sed "s/$id/ID/g"
	done <<'VERBS'
create --bundle waits --pid-file pid ID
create --bundle waits ID
state ID
start ID
start ID
exec ID sh -c exit
exec ID false
exec --cwd /tmp --env A=b ID sh
exec --pid-file pid --detach ID true
exec --user 1000 ID id
exec ID missing
update --pids-limit 50 ID
update --resources - ID
update --memory no ID
pause ID
state ID
resume ID
ps ID
events --stats ID
list -q
delete ID
kill ID 0
kill ID 999
kill ID KILL
delete --force ID
state ID
VERBS
}

lives()
{
	[ -e "$SEEN/life" ] || life "$BARE" >"$SEEN/life"
	life "$RUNTIME" >ours.life
	diff -U 4 <(sed "s,$RUNTIME,$BARE,g" ours.life) "$SEEN/life"
}

@test "create, start, exec, update, pause, ps, kill, delete" {
	each lives
}

# ended PROGRAM SIGNAL: the code of a run whose runtime got the signal
ended()
{
	local code=0 tries

	again
	rm -f up
	inside sh -c 'echo $$ >runs; exec "$0" --root "$PWD/state" run \
		--bundle waits "$1"' "$1" "$ID" >up 2>err </dev/null 3>&- &
	for ((tries = 0; tries < 100; tries++)); do
		! grep -qs up up || break
		sleep 0.05
	done
	kill -"$2" "$(cat runs)"
	wait $! || code=$?
	echo "$2 $code"
	cat err
}

signals()
{
	local signal

	for signal in TERM INT; do
		ended "$BARE" "$signal" >bare.ended
		ended "$RUNTIME" "$signal" >ours.ended
		diff bare.ended ours.ended
	done
}

@test "signals to the runtime of a run that lasts" {
	each signals
}

# On a terminal, and with sockets of a service manager.
terminals()
{
	local at

	for at in "$BARE" "$RUNTIME"; do
		again
		inside timeout 20 script -qec "'$at' --root $PWD/state run \
			--bundle terminal '$ID'" /dev/null \
			</dev/null >tty.out 2>&1 3>&- || cat -A tty.out
		# crun 1.8 alone, too, now and then fails when a terminal ends.
		[ "$(tr -dc 01 <tty.out)" = 0 ] || [ "$KIND" = crun ] ||
			fails "$at" "$(cat -A tty.out)"
		again
		inside timeout 20 sh -c 'LISTEN_PID=$$ LISTEN_FDS=1 \
			exec "$@"' - "$at" --root "$PWD/state" run --bundle fds "$ID" \
			3<ends/rootfs.txt 4<fds/config.json </dev/null \
			>"fds.${at##*/}"
		grep -q listening "fds.${at##*/}"
	done
	diff "fds.$KIND" "fds.${RUNTIME##*/}"
}

@test "terminals and passed sockets" {
	echo listening >ends/rootfs.txt
	each terminals
}

# taken PROGRAM: what comes over the console socket of a create and a start
taken()
{
	again
	rm -f console
	inside /usr/bin/python3 "$GARITA_SRC/tests/engines/console.py" console \
		>taken 2>&1 </dev/null 3>&- &
	garita_wait console
	inside "$1" --root "$PWD/state" create --bundle terminal \
		--console-socket "$PWD/console" "$ID" </dev/null >&2 3>&-
	inside "$1" --root "$PWD/state" start "$ID" </dev/null >&2 3>&-
	wait $!
	cat taken
}

console_sockets()
{
	taken "$BARE" >bare.taken
	taken "$RUNTIME" >ours.taken
	diff bare.taken ours.taken
	grep -q "^1 terminal" ours.taken
	grep -qF "b'0" ours.taken
}

@test "a console socket" {
	each console_sockets
}

# ---- what a user of an engine sees ----

# user RUNTIME: a session with podman; all that it prints, and the exit codes
user()
{
	local words at=$1 code

	while read -r words; do
		echo "-- $words"
		code=0
		podman_env AT="$at" DIR="$PODMAN_DIR" sh -c '
			podman() {
				command podman --tmpdir "$DIR/run/libpod" \
					--runtime "$AT" "$@"
			}
			'"$words" <ends/rootfs.txt >user.out 2>user.err \
			3>&- || code=$?
		echo "code $code"
		sed 's/^/out /' user.out
		sed 's/^/err /' user.err
	done <<'SESSION' | sed "s,$RUNTIME,$BARE,g; s/[0-9a-f]\{64\}/ID/g"
podman run --rm -i localhost/app:v1 sh -c "cat; echo out; echo err >&2; exit 7"
podman run --rm localhost/app:v1 nonesuch
podman run --rm localhost/app:v1 /etc
podman run --rm localhost/app:v1 sh -c "kill -9 \$\$"
podman run --rm --preserve-fds 2 localhost/app:v1 sh -c "cat <&3; cat <&4" 3<$DIR/policy.json 4<$DIR/storage.conf
LISTEN_PID=$$ LISTEN_FDS=1; export LISTEN_PID LISTEN_FDS; exec podman --tmpdir $DIR/run/libpod --runtime $AT run --rm localhost/app:v1 sh -c "cat <&3; echo \$LISTEN_FDS" 3<$DIR/policy.json
said=$(script -qec "podman --tmpdir $DIR/run/libpod --runtime $AT run --rm -it localhost/app:v1 sh -c \"test -t 0 && test -t 1 && test -t 2; echo \\$?; sleep 0.5; exit 3\"" /dev/null </dev/null); code=$?; echo "$said" | tr -cd 01; exit $code
podman run -d --name life --pidfile $DIR/life.pid localhost/app:v1 sh -c "trap \"echo caught\" USR1; trap \"exit 9\" TERM; echo up; while :; do sleep 0.1; done"
kill -0 $(cat $DIR/life.pid)
podman exec -i life cat
podman exec -e A=b -w /tmp -u 1000 life sh -c "echo \$A; pwd; id; exit 5"
podman exec life nonesuch
podman kill --signal USR1 life; podman pause life; podman unpause life; sleep 0.3; podman stop life >/dev/null; podman logs life; podman inspect --format "{{.State.Status}} {{.State.ExitCode}}" life
podman start life >/dev/null; podman rm -f --time 0 life
podman run -d --name twice --restart on-failure:1 localhost/app:v1 sh -c "echo once; exit 4"; until podman inspect --format "{{.RestartCount}} {{.State.Status}}" twice | grep -x "1 exited"; do sleep 0.1; done; podman logs twice; podman rm -f twice >/dev/null
podman run --rm --privileged --pid host --network host -v /:/host:ro localhost/app:v1 sh -c "ls -d /host/etc; grep CapEff /proc/self/status"
SESSION
}

# With crun: a podman takes its time, and docker.bats does the same with runc.
users()
{
	[ "$KIND" = crun ] || return 0
	[ -e "$SEEN/user" ] || user "$BARE" >"$SEEN/user"
	user "$RUNTIME" >ours.user
	diff -U 3 "$SEEN/user" ours.user
}

@test "a session of podman: codes, output, signals, terminal, descriptors" {
	echo "from stdin" >ends/rootfs.txt
	each users
}
