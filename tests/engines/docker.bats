#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A user of docker before the gate that `garita install docker` put there: what
# runs, what is repaired, what the person reads who is refused; builds of both
# kinds; and `garita install runc` behind it, for those who go round.

# bats sets lines, output and status behind shellcheck's back; programs of
# inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load docker
load report
load common

SCHEMA=$GARITA_SRC/docs/schema/image-inspect-1.schema.json

setup_file()
{
	docker_up
	export ROOT=$DOCKER_DIR/host
	mkdir -p "$ROOT"/etc/docker "$ROOT"/usr/sbin "$ROOT"/var/lib
	: >"$ROOT/usr/sbin/dockerd"
	echo '{"log-driver": "json-file"}' >"$ROOT/etc/docker/daemon.json"
	chmod -R go-w "$ROOT"
	at_runcs_place
	put install
	docker_daemon docker ". + $(members)" # where every docker is
	docker_image app
	export WORK=$DOCKER_DIR/work
	mkdir "$WORK" "$WORK/data" "$WORK/build"
}

teardown_file()
{
	docker_down
	[ "$(grep -cF garita-docker /proc/self/mountinfo)" -eq 0 ]
}

setup()
{
	cd "$WORK" || return
	enforce '{}'
	docker_in sh -c ': >/var/log/garita/decisions.jsonl'
}

teardown()
{
	mapfile -t all < <(dock ps --all --quiet)
	[ "${#all[@]}" -eq 0 ] || dock rm --force "${all[@]}" >/dev/null
}

# The program is the one that was built; below the tree it is its own copy.
put()
{
	mkdir -p "$ROOT${RUNTIME%/*}"
	cp "$RUNTIME" "$ROOT$RUNTIME"
	"$GARITA" "$@" docker --sysroot "$ROOT" --runtime "$RUNTIME"
}

# What dockerd makes of the file as it is now: members of it, for docker_daemon.
members()
{
	jq -c '{runtimes, "default-runtime", "log-driver"} |
		with_entries(select(.value != null))' "$ROOT/etc/docker/daemon.json"
}

# A group of the test's own is where its daemon puts containers.
enforce()
{
	jq -n --arg ours "/${DOCKER_DIR##*/}" --argjson more "$1" \
		'{version: 1, rules: ({"cgroup-parent": {action: "deny",
			allow: ["\($ours)/*", "\($ours)/buildkit/*"]}} + ($more.rules // {}))} +
			($more | del(.rules))' |
		docker_in sh -c 'umask 022; cat >/etc/garita/policy.json'
}

decisions()
{
	docker_in cat /var/log/garita/decisions.jsonl
}

# docker CODE ARGUMENTS...: standard output to ./out, the rest to ./err
docker()
{
	local want=$1 code=0

	shift
	dock "$@" >out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: docker $*"
		cat out err
		return 1
	}
}

# has NAME VALUE: a line of /proc/self/status in ./out
has()
{
	grep -qE "^$1:[[:space:]]+$2\$" out || {
		echo "$1 is not $2"
		cat out
		return 1
	}
}

run_as="run --rm --net none --user 1000:1000"

# What is left of containers that are not in docker's list.
nothing_left()
{
	docker 0 ps --all --quiet
	[ ! -s out ]
	run docker_in find /run/docker/runtime-runc/moby -mindepth 1
	[ "$output" = "" ]
	run docker_in grep -F "$DATA/overlay2/" /proc/self/mountinfo
	[ "$output" = "" ]
}

# ---- what runs ----

@test "dockerd takes the file that was installed: the gate is its default" {
	docker 0 info --format '{{.DefaultRuntime}} {{.LoggingDriver}}'
	[ "$(cat out)" = "garita json-file" ]
	# What the table of docs/engines.md says it does not protect from.
	docker 0 run --rm --net none --runtime runc app:v1 id -u
	[ "$(cat out)" = 0 ]
	[ "$(decisions)" = "" ]
}

@test "baseline: an ordinary container runs, as root, with docker's filter" {
	enforce '{"profile": "baseline"}'
	docker 0 run --rm --net none app:v1 sh -c 'id -u; cat /proc/self/status'
	[ "$(head -n 1 out)" = 0 ]
	has Seccomp 2
	docker 3 run --rm --net none app:v1 sh -c 'exit 3'
	docker 127 run --rm --net none app:v1 nonesuch
}

@test "restricted: repaired, as seen from inside; unconfined is confined" {
	for options in "" "--security-opt seccomp=unconfined"; do
		# shellcheck disable=SC2086
		docker 0 $run_as $options app:v1 sh -c 'id -u; cat /proc/self/status'
		[ "$(head -n 1 out)" = 1000 ]
		has NoNewPrivs 1
		has Seccomp 2
		has CapEff 0000000000000000
		has CapPrm 0000000000000000
		has CapBnd 0000000000000400
	done
	decisions | tail -n 1 | jq -e '.verdict == "repair" and
		.image.sure == "config" and
		.image.names == ["docker.io/library/app:v1"]'
	# shellcheck disable=SC2086
	docker 0 $run_as --runtime runc --security-opt seccomp=unconfined \
		app:v1 cat /proc/self/status
	has Seccomp 0
}

@test "a service as compose writes it: volumes, limits, health, links" {
	enforce '{"profile": "restricted"}'
	docker 0 network create --internal --label \
		com.docker.compose.project=shop shop_default
	docker 0 volume create shop_data
	docker 0 create --name shop-web-1 --user 1000:1000 --network shop_default \
		--network-alias web --hostname web --domainname example.com \
		--add-host db:10.0.0.2 --dns 10.0.0.3 \
		--label com.docker.compose.project=shop \
		--label com.docker.compose.service=web \
		--label com.docker.compose.oneoff=False \
		--volume shop_data:/data --volume /anonymous \
		--mount type=tmpfs,target=/scratch --tmpfs /run:size=1m \
		--env A=b --env-file /dev/null --workdir /tmp --read-only \
		--memory 64m --memory-swap 64m --cpus 0.5 --cpu-shares 100 \
		--pids-limit 64 --ulimit nofile=512:512 --shm-size 8m \
		--restart on-failure:2 --stop-signal TERM --stop-timeout 1 \
		--log-driver json-file --log-opt max-size=1m \
		--health-cmd true --health-interval 1s --cap-drop ALL \
		--security-opt no-new-privileges --expose 8080 --init=false \
		app:v1 sh -c 'echo $A; pwd; hostname 2>/dev/null; cat /etc/hostname; sleep 1000'
	docker 0 start shop-web-1
	for _ in {1..50}; do
		docker 0 inspect --format '{{.State.Health.Status}}' shop-web-1
		! grep -qx healthy out || break
		sleep 0.1
	done
	grep -qx healthy out
	docker 0 exec shop-web-1 sh -c 'cat /etc/hosts; ls -d /data /scratch'
	grep -q "10.0.0.2.*db" out
	# The next service joins it.
	docker 0 run --rm --user 1000:1000 --network container:shop-web-1 \
		--volume shop_data:/data:ro app:v1 ls -d /data
	docker 0 rm --force --volumes shop-web-1
	docker 0 network rm shop_default
	docker 0 volume rm shop_data
	nothing_left
}

@test "a network guard: in docker's own network, and for who joins it" {
	local at

	enforce '{"profile": "restricted", "scopes": [{"name": "db",
		"match": {"uid": 1000}, "network": {"listen": [5432]}}]}'
	docker 0 network create --internal guarded
	docker 0 run --detach --name db --user 1000:1000 --network guarded app:v1 \
		sh -c 'busybox httpd -p 80 -h /etc; exec busybox httpd -f -p 5432 -h /etc'
	docker 0 inspect --format \
		'{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' db
	at=$(cat out)
	docker 0 run --rm --user 1001:1001 --network guarded app:v1 sh -c \
		"for i in 1 2 3 4 5; do busybox nc -w 2 $at 5432 </dev/null && exit; sleep 1; done; exit 9"
	docker 1 run --rm --user 1001:1001 --network guarded app:v1 \
		busybox nc -w 1 "$at" 80
	# A second one in its network changes nothing.
	docker 0 run --detach --name web --user 1001:1001 --network container:db \
		app:v1 busybox httpd -f -p 8080 -h /etc
	docker 1 run --rm --user 1001:1001 --network guarded app:v1 \
		busybox nc -w 1 "$at" 8080
	docker 0 rm --force web db
	docker 0 network rm guarded
}

@test "exec, pause, update, restart, stop, start, kill, wait, top, logs" {
	local id

	docker 0 run --detach --net none --name life --user 1000:1000 app:v1 \
		sh -c 'echo begun; sleep 1000'
	id=$(cat out)
	docker 0 exec life id -u
	[ "$(cat out)" = 1000 ]
	docker 5 exec --env A=1 --workdir /tmp life sh -c 'exit 5'
	docker 0 exec life cat /proc/self/status
	has Seccomp 2
	has NoNewPrivs 1
	has CapEff 0000000000000000
	docker 126 exec life nonesuch
	docker 0 pause life
	docker 0 inspect --format '{{.State.Status}}' life
	[ "$(cat out)" = paused ]
	docker 0 unpause life
	docker 0 top life
	docker 0 update --memory 32m --memory-swap 32m --pids-limit 50 life
	docker 0 restart --time 0 life
	docker 0 stop --time 0 life
	docker 0 start life
	docker 0 logs life
	[ "$(cat out)" = "begun
begun
begun" ]
	docker 0 kill life
	docker 0 wait life
	[ "$(cat out)" = 137 ]
	docker 0 rm life
	nothing_left
	# Each start was judged: run, restart, start.
	[ "$(decisions | jq -r --arg id "$id" 'select(.id == $id and
		.verb == "create") | .verdict' | wc -l)" = 3 ]
	decisions | jq -se 'any(.verb == "update" and .verdict == "admit")'
}

@test "exec: not as root, not with power; update: a limit is not taken away" {
	docker 0 run --detach --net none --name life --user 1000:1000 \
		--pids-limit 50 app:v1 sleep 1000
	docker 126 exec --user 0 life id
	grep -hF exec-root out err
	docker 126 exec --privileged life id
	grep -hF "garita refused" out err
	docker 1 update --pids-limit -1 life
	grep -F update-resources err
	docker 0 exec life id -u
	# Without a filter of its own it takes that of the container.
	docker 0 rm --force life
}

# ---- what is refused ----

# refused RULES HINT OPTIONS...: with exactly these rules, in docker's own
# message; nothing stays but what docker keeps for `docker rm`
refused()
{
	local rules=$1 hint=$2 is

	shift 2
	docker 125 run --rm "$@" app:v1 true
	is=$(sed -n 's/.*garita refused this container: //p' err |
		sed 's/ | /\n/g; s/: unknown.*//' |
		sed 's/: .*//' | uniq | tr '\n' ' ')
	[ "$is" = "$rules " ] || {
		echo "rules: $is, not $rules"
		cat err
		return 1
	}
	grep -qF "docker: Error response from daemon" err
	grep -qF -- "$hint" err
	decisions | tail -n 1 | jq -e '.verdict == "deny"'
}

@test "refused, each for its reason, in docker's own error" {
	local user="--net none --user 1000:1000"

	# Words on purpose.
	# shellcheck disable=SC2086
	{
	refused run-as-non-root "--user 1000" --net none
	refused privileged "run without --privileged" $user --privileged
	refused "runtime-socket-mount sensitive-host-mount" docker.sock $user \
		-v /var/run/docker.sock:/var/run/docker.sock
	refused "runtime-socket-mount sensitive-host-mount" docker.sock $user \
		-v /:/host
	refused sensitive-host-mount /etc $user -v /etc:/e:ro
	refused host-path-mount "$WORK/data" $user -v "$WORK/data:/data"
	refused host-pid "--pid host" $user --pid host
	refused host-network "--network host" --user 1000:1000 --network host
	refused "host-ipc sensitive-host-mount" "--ipc host" $user --ipc host
	refused host-uts "--uts host" $user --uts host
	refused dangerous-capability CAP_SYS_ADMIN $user --cap-add SYS_ADMIN
	refused "dangerous-capability capabilities-baseline" CAP_ $user --cap-add ALL
	refused host-devices /dev/kmsg $user --device /dev/kmsg
	}
	nothing_left
}

@test "a refused container is not started later, and docker rm removes it" {
	docker 125 run --name no --net none app:v1 true
	docker 0 inspect --format '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' no
	grep -q "^created 12[78] .*garita refused.*run-as-non-root" out
	docker 1 start no
	grep -q "garita refused" err
	docker 0 rm no
	# Nor by a restart policy.
	docker 125 run --detach --name no --restart always --net none app:v1 true
	docker 0 inspect --format '{{.State.Running}}' no
	[ "$(cat out)" = false ]
	docker 0 rm --force no
	nothing_left
}

@test "a container that exits is restarted by its policy, and judged again" {
	docker 0 run --detach --name again --restart on-failure:2 --net none \
		--user 1000:1000 app:v1 sh -c 'echo once; exit 4'
	docker 0 wait again
	for _ in {1..50}; do
		docker 0 inspect --format '{{.RestartCount}} {{.State.Status}}' again
		! grep -qx "2 exited" out || break
		sleep 0.1
	done
	grep -qx "2 exited" out
	docker 0 logs again
	[ "$(grep -c once out)" = 3 ]
	[ "$(decisions | jq -r 'select(.verb == "create") | .verdict' |
		sort -u)" = repair ]
}

# ---- builds ----

dockerfile()
{
	printf '%s\n' "$@" >build/Dockerfile
}

@test "the classic builder: each step is judged" {
	dockerfile 'FROM app:v1' 'USER 1000:1000' \
		'RUN id -u && grep -E "^(Seccomp|NoNewPrivs|CapEff):" /proc/self/status'
	docker_env env DOCKER_BUILDKIT=0 docker build --network none \
		--tag built:v1 "$WORK/build" >out 2>err || {
		cat out err
		return 1
	}
	grep -qx 1000 out
	has NoNewPrivs 1
	has Seccomp 2
	has CapEff 0000000000000000
	dockerfile 'FROM app:v1' 'RUN touch /one'
	run ! docker_env env DOCKER_BUILDKIT=0 docker build --network none "$WORK/build"
	echo "$output"
	[[ $output == *"garita refused this container: run-as-non-root"* ]]
}

# ---- which image ----

image()
{
	docker_in "$GARITA" image "$@" >out 2>err 3>&- && status=0 || status=$?
	cat out err
}

@test "image: a container by name and id, its config known, no manifest" {
	local id

	docker 0 run --detach --net none --user 1000:1000 --name web app:v1 \
		sleep 1000
	id=$(cat out)
	for word in web "$id" "${id:0:9}"; do
		image inspect --format json "$word"
		[ "$status" = 1 ]
		[ "$(jq -r .container out)" = "$id" ]
		[ "$(jq -r .name out)" = web ]
		[ "$(jq -r .image.sure out)" = config ]
		[ "$(jq -r .image.reference out)" = app:v1 ]
		[ "$(jq -r .image.config out)" = \
			"$(dock inspect --format '{{.Image}}' web)" ]
		[ "$(jq '.steps | length' out)" -ge 3 ]
		run fits "$SCHEMA" out
		[ "$output" = "" ]
	done
	image inspect "$(docker_in find /run "$DOCKER_DIR" -type d \
		-path "*/moby/$id" -not -path '*/runtime-runc/*' | head -n 1)"
	[ "$status" = 1 ]
	grep -xF "container    $id" out
}

@test "image: files of layers are compared, and a changed one is named" {
	docker 0 run --detach --net none --user 1000:1000 --name web app:v1 \
		sleep 1000
	image verify-layers web
	[ "$status" = 0 ]
	[ "$(grep -c '^same ' out)" = 1 ]
	lower=$(dock inspect --format '{{.GraphDriver.Data.LowerDir}}' web)
	file=${lower##*:}/etc/passwd
	cp -a "$file" kept
	echo evil::0:0:::/bin/sh >>"$file"
	image verify-layers web
	cp -a kept "$file"
	[ "$status" = 1 ]
	grep -xF "  /etc/passwd  contents differ" out
	image verify-layers web
	[ "$status" = 0 ]
}

@test "what was copied in before the start does not run" {
	enforce '{"profile": "off", "rules": {"upper-is-fresh": "deny",
		"cgroup-parent": "off"}}'
	docker 0 run --rm app:v1 true
	docker 0 run --rm --user 77 --workdir /work \
		--volume /etc:/data/etc:ro --hostname x app:v1 true
	docker 0 create --name web app:v1 cat /hello
	echo evil >hello
	docker 0 cp "$PWD/hello" web:/hello
	docker 1 start --attach web
	grep -F "upper-is-fresh: /hello, a file" err
}

# ---- transparency ----

# session RUNTIME: what a user sees of docker, with the exit codes
session()
{
	local words at=$1 code

	while read -r words; do
		echo "-- $words"
		code=0
		docker_env AT="$at" sh -c "$words" >session.out \
			2>session.err </dev/null 3>&- || code=$?
		echo "code $code"
		sed 's/^/out /' session.out
		sed 's/^/err /' session.err
	# The client says the last now and then when nothing started.
	done <<'SESSION' | sed 's/[0-9a-f]\{64\}/ID/g; s/\<[0-9a-f]\{12\}\>/ID/g
		/error waiting for container/d'
echo from stdin | docker run --rm -i --runtime $AT app:v1 sh -c "cat; echo out; echo err >&2; exit 7"
docker run --rm --runtime $AT app:v1 nonesuch
docker run --rm --runtime $AT app:v1 sh -c "kill -9 \$\$"
script -qec "docker run --rm -it --runtime $AT app:v1 sh -c 'test -t 0 && test -t 1; echo \$?; sleep 0.5; exit 3'" /dev/null </dev/null | tr -cd 01
docker run -d --name life --runtime $AT app:v1 sh -c "trap 'echo caught' USR1; trap 'exit 9' TERM; echo up; while :; do sleep 0.1; done"
echo in | docker exec -i life cat
docker exec -e A=b -w /tmp -u 1000 life sh -c "echo \$A; pwd; id; exit 5"
docker exec life nonesuch
docker exec --privileged life grep CapEff /proc/self/status
docker update --pids-limit 60 life; docker update --pids-limit -1 life
docker pause life; docker inspect --format "{{.State.Status}}" life; docker unpause life
docker kill --signal USR1 life; sleep 0.3; docker stop life; docker logs life; docker inspect --format "{{.State.Status}} {{.State.ExitCode}}" life
docker start life; docker rm -f life
docker run --rm --privileged --pid host --network host -v /:/host:ro --runtime $AT app:v1 sh -c "ls -d /host/etc; grep CapEff /proc/self/status"
SESSION
}

@test "dry-run and off: a session of docker is as with the bare runtime" {
	session runc >bare
	for policy in '{"mode": "dry-run"}' '{"profile": "off", "rules":
		{"cgroup-parent": "off"}}'; do
		enforce "$policy"
		session garita >ours
		diff -U 3 bare ours
	done
}

# ---- at runc's own place ----

# In this docker's namespace runc's package is ours to change; from before its
# start, as it knows itself by its path.
at_runcs_place()
{
	docker_in bash -e -c '
		ours=$0/tmp/sbin
		mkdir -p "$ours/upper" "$ours/work"
		mount -t overlay overlay -o \
			"lowerdir=/usr/sbin,upperdir=$ours/upper,workdir=$ours/work" \
			/usr/sbin' "$DOCKER_DIR"
}

@test "garita install runc: --runtime runc and BuildKit are judged, too" {
	docker_in "$GARITA" install runc --runtime "$RUNTIME"
	docker 125 run --rm --net none --runtime runc --privileged \
		--user 1000:1000 app:v1 true
	grep -F "garita refused this container: privileged" err
	# shellcheck disable=SC2086
	docker 0 $run_as --runtime runc app:v1 cat /proc/self/status
	has NoNewPrivs 1
	# Through both entries it is judged once.
	docker_in sh -c ': >/var/log/garita/decisions.jsonl'
	# shellcheck disable=SC2086
	docker 0 $run_as app:v1 true
	[ "$(decisions | jq -r 'select(.verb == "create") | .verb' | wc -l)" = 1 ]

	dockerfile 'FROM app:v1' 'USER 1000:1000' \
		'RUN grep -E "^(Seccomp|NoNewPrivs|CapEff):" /proc/self/status'
	docker_env env DOCKER_BUILDKIT=1 docker build --progress plain \
		--no-cache --network none "$WORK/build" >err 2>&1 || {
		cat err
		return 1
	}
	sed 's/^#[0-9]* [0-9.]* //' err >out
	has NoNewPrivs 1
	has Seccomp 2
	has CapEff 0000000000000000
	dockerfile 'FROM app:v1' 'RUN touch /one'
	run ! docker_env env DOCKER_BUILDKIT=1 docker build --progress plain \
		--no-cache --network none "$WORK/build"
	echo "$output"
	[[ $output == *"garita refused this container: run-as-non-root"* ]]

	docker_in "$GARITA" uninstall runc --runtime "$RUNTIME"
	docker 0 run --rm --net none --runtime runc app:v1 id -u
	[ "$(cat out)" = 0 ]
}

@test "the programs stay while a container runs that was started through them" {
	docker 0 run --detach --net none --user 1000:1000 app:v1 \
		sh -c 'while :; do sleep 1; done'
	run -1 docker_in "$GARITA" uninstall --all --runtime "$RUNTIME"
	[[ $output == *"docker: $(cat out)"* ]]
	[[ $output == *"remove them first"* ]]
	docker 0 rm --force "$(cat out)"
	docker 0 run --detach --net none --runtime runc app:v1 \
		sh -c 'while :; do sleep 1; done'
	run -0 docker_in "$GARITA" uninstall --all --runtime "$RUNTIME"
	docker 0 rm --force "$(cat out)"
}

@test "after uninstall dockerd has its own default" {
	run -0 put uninstall
	[ "$(cat "$ROOT/etc/docker/daemon.json")" = '{"log-driver": "json-file"}' ]
	docker_daemon after ". + $(members)"
	docker 0 info --format '{{.DefaultRuntime}}'
	[ "$(cat out)" = runc ]
	docker_talk docker
}

# ---- garita doctor ----

@test "garita doctor: canaries through dockerd, and nothing is left of them" {
	docker_in sh -c 'mkdir -p /etc/docker && cp "$0" /etc/docker/daemon.json' \
		"$DOCKER_DIR/$DOCKER_NAME.json"
	docker_env "$GARITA" doctor docker --canary --runtime "$RUNTIME" \
		--hook "$HOOK" >out 2>err </dev/null 3>&- || {
		cat out err
		return 1
	}
	grep -qF "it says itself that $RUNTIME is what it starts" out
	grep -qF "docker run: one with every privilege was refused" out
	grep -qF "docker run: one that asks for nothing was admitted and ran" out
	[ ! -s err ]
	[ "$(dock ps --all --quiet)" = "" ]
	[ "$(dock images --quiet localhost/garita-canary)" = "" ]
	# dockerd read the runtime's own words, and ours behind them.
	[ "$(dock info --format '{{.RuncCommit.ID}}')" = \
		"$(runc --version | sed -n 's/^commit: //p')" ]
}
