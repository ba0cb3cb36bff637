#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A user of podman before the gate, with crun and with runc behind it: what
# runs, what is repaired, and what the person reads who is refused.

# bats sets lines, output and status behind shellcheck's back; programs of
# inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2153,SC2154

load podman
load common

setup_file()
{
	podman_up
	podman_image app
	podman_image other --config.label other=1
	podman_image infra --config.user 1000 --config.cmd sleep \
		--config.cmd 1000 --config.stopsignal SIGKILL
	# The file ends with the table of the engine.
	echo 'infra_image = "localhost/infra:v1"' \
		>>"$PODMAN_DIR/containers.conf"
	garita_up
	inside mkdir -p /run/podman
	# The engine's own socket, listening; of a store of its own, as two
	# podmans on one store wait for each other.
	podman_env sh -c 'echo $$ >"$0" && exec podman "$@"' \
		"$GARITA_DIR/service" --root "$PODMAN_DIR/tmp/root" --runroot \
		"$PODMAN_DIR/tmp/run" --tmpdir "$PODMAN_DIR/tmp/libpod" \
		system service --time 0 unix:///run/podman/podman.sock \
		</dev/null >/dev/null 2>&1 3>&- &
	for _ in {1..100}; do
		! inside test -S /run/podman/podman.sock || break
		sleep 0.1
	done
	mkdir "$GARITA_DIR/data"
	ln -s /etc "$GARITA_DIR/link"
}

teardown_file()
{
	kill "$(cat "$GARITA_DIR/service")" 2>/dev/null || true
	podman_down
	garita_down
}

setup()
{
	cd "$GARITA_DIR" || return 1
	forget
}

teardown()
{
	pod rm --all --force --time 0 >/dev/null 2>&1 3>&- || true
	pod pod rm --all --force >/dev/null 2>&1 3>&- || true
}

both()
{
	for KIND in crun runc; do
		echo "-- $KIND"
		enforce '{}'
		"$@"
	done
}

# podman CODE ARGUMENTS...: standard output to ./out, the rest to ./err
podman()
{
	local want=$1 code=0

	shift
	pod --runtime "$RUNTIME" "$@" >out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: podman $*"
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

nothing_left()
{
	podman 0 ps --all --quiet
	[ ! -s out ]
	run inside grep -F "$PODMAN_DIR/storage/overlay/" /proc/self/mountinfo
	[ "$output" = "" ]
}

# ---- what runs ----

as_it_came()
{
	enforce '{"profile": "baseline"}'
	podman 0 run --rm localhost/app:v1 sh -c 'id -u; cat /proc/self/status'
	[ "$(head -n 1 out)" = 0 ]
	has Seccomp 2
	[ ! -s err ]
	podman 3 run --rm localhost/app:v1 sh -c 'exit 3'
	podman 127 run --rm localhost/app:v1 nonesuch
}

@test "baseline: an ordinary container runs, as root, with podman's filter" {
	both as_it_came
}

repaired()
{
	podman 0 run --rm --user 1000 localhost/app:v1 \
		sh -c 'id -u; cat /proc/self/status'
	[ "$(head -n 1 out)" = 1000 ]
	has NoNewPrivs 1
	has Seccomp 2
	has CapEff 0000000000000000
	has CapPrm 0000000000000000
	has CapInh 0000000000000000
	has CapAmb 0000000000000000
	has CapBnd 0000000000000400
	decisions | tail -n 1 | jq -e '.verdict == "repair" and
		.image.sure == "verified" and
		.image.names == ["localhost/app:v1"]'

	podman 0 run --rm --user 1000 --security-opt seccomp=unconfined \
		localhost/app:v1 cat /proc/self/status
	has Seccomp 2
	pod --runtime "$KIND" run --rm --user 1000 --security-opt \
		seccomp=unconfined localhost/app:v1 cat /proc/self/status >out
	has Seccomp 0
}

@test "restricted: repaired, as seen from inside; unconfined is confined" {
	both repaired
}

whole_life()
{
	local id

	podman 0 run --detach --name life --user 1000 localhost/app:v1 \
		sh -c 'echo begun; sleep 1000'
	id=$(cat out)
	podman 0 inspect --format '{{.State.Status}} {{.OCIRuntime}}' life
	[ "$(cat out)" = "running $RUNTIME" ]
	podman 0 exec life id -u
	[ "$(cat out)" = 1000 ]
	podman 5 exec life sh -c 'exit 5'
	podman 0 exec life cat /proc/self/status
	has Seccomp 2
	has CapEff 0000000000000000
	podman 0 pause life
	podman 0 unpause life
	podman 0 update --memory 64m life
	podman 0 restart --time 0 life
	podman 0 exec life true
	podman 0 stop --time 0 life
	podman 0 logs life
	[ "$(cat out)" = "begun
begun" ]
	podman 0 inspect --format '{{.State.ExitCode}} {{.State.Status}}' life
	[ "$(cat out)" = "137 exited" ]
	podman 0 start life
	podman 0 kill life
	podman 137 wait life || true
	podman 0 rm --force --time 0 life
	nothing_left
	# Each start was judged: run, restart, start.
	[ "$(decisions | jq -r --arg id "$id" 'select(.id == $id and .verb == "create") | .verdict' |
		wc -l)" = 3 ]
}

@test "exec, pause, restart, stop, logs, inspect, start, kill, rm" {
	both whole_life
}

volumes()
{
	enforce "{\"rules\": {\"host-path-mount\": {\"action\": \"deny\",
		\"allow\": [\"$GARITA_DIR/data:ro\"]}}}"
	podman 0 run --rm --user 1000 -v "$GARITA_DIR/data:/data:ro" \
		-v named:/named --tmpfs /scratch --read-only --hostname h \
		--env A=b --workdir /tmp --init=false localhost/app:v1 \
		sh -c 'ls -d /data /named /scratch; echo $A; cat /etc/hostname'
	[ "$(tail -n 2 out)" = "b
h" ]
	podman 0 volume rm --all --force
}

@test "volumes, tmpfs, a hostname, a working directory" {
	both volumes
}

# podman 4 gives the bundle's directory to the container's root, who could write
# there once he got out: what was judged might not be what runs. podman 5 does
# not, but leaves the devices open, as nobody can make one in there.
user_namespace()
{
	local map="0:100000:5000"

	enforce '{"rules": {"device-cgroup-allow-all": "fix"}}'
	if [[ $(pod --version) == *" 4."* ]]; then
		podman 126 run --rm --uidmap "$map" --gidmap "$map" \
			localhost/app:v1 true
		grep -q "userdata belongs to uid 100000" err
	else
		# Whether it then runs hangs on who may read our TMPDIR.
		pod --runtime "$RUNTIME" run --rm --uidmap "$map" --gidmap \
			"$map" localhost/app:v1 true >out 2>err </dev/null 3>&- ||
			true
		run ! grep "garita refused" err
		decisions | tail -n 1 | jq -e '.verdict == "repair"'
	fi
	nothing_left
}

@test "a user namespace: by whose bundle it is" {
	both user_namespace
}

# podman runs a pod's first container, which only sleeps, as root.
pods()
{
	enforce '{"rules": {"run-as-non-root": "warn"}}'
	podman 0 pod create --name pods --network none --infra-image \
		localhost/infra:v1 --infra-command "sleep 1000"
	podman 0 run --detach --pod pods --name one --user 1000 \
		localhost/app:v1 sleep 1000
	podman 0 run --rm --pod pods --user 1000 localhost/app:v1 id -u
	[ "$(cat out)" = 1000 ]
	# They share what a pod shares: namespaces joined by a path.
	jq -e '[.linux.namespaces[] | select(.path) | .type] |
		index("network") and index("ipc") and index("uts")' \
		"$(pod inspect --format '{{.OCIConfigPath}}' one)"
	enforce '{}'
	podman 126 run --rm --pod pods localhost/app:v1 true
	grep -q run-as-non-root err
	# Namespaces of another container, and of the host by such a path.
	podman 0 run --detach --name alone --user 1000 localhost/app:v1 \
		sleep 1000
	podman 0 run --rm --user 1000 --network container:alone --ipc \
		container:alone --pid container:alone localhost/app:v1 true
	podman 126 run --rm --user 1000 --network "ns:/proc/$GARITA_HOLDER/ns/net" \
		localhost/app:v1 true
	grep -q "host's network namespace" err
	podman 0 pod rm --force --time 0 pods
	podman 0 rm --force --time 0 alone
	nothing_left
}

@test "a pod: its containers share namespaces, and are admitted" {
	both pods
}

# build CODE LINES...: of a Containerfile
build()
{
	local code=0

	printf '%s\n' 'FROM localhost/app:v1' "${@:2}" >Containerfile
	# The directory that it has when nobody says otherwise.
	podman_env TMPDIR=/var/tmp podman --tmpdir "$PODMAN_DIR/run/libpod" \
		--runtime "$RUNTIME" build --no-cache --network none \
		--ulimit nofile=1024:1024 --tag "built-$KIND" \
		--file "$PWD/Containerfile" "$PODMAN_DIR/hooks.d" \
		>out 2>err </dev/null 3>&- || code=$?
	[ "$code" = "$1" ] || {
		echo "exit code $code, not $1"
		cat out err
		return 1
	}
}

builds()
{
	local step='RUN id -u; cat /proc/self/status; grep " /sys/fs/cgroup" /proc/self/mountinfo'

	build 1 "$step"
	grep -F "garita refused this container: run-as-non-root" err
	enforce "$(sed 's,^ *//.*,,' "$GARITA_SRC/examples/policy-builds.json" |
		jq 'del(.extends)')"
	build 0 "$step"
	grep -qx 0 out
	has NoNewPrivs 1
	has Seccomp 2
	grep -qE " /sys/fs/cgroup[^ ]* ro,.* - cgroup2? " out
	run ! grep -qE " /sys/fs/cgroup[^ ]* rw,.* - cgroup2? " out
	decisions | tail -n 1 | jq -e '.verdict == "repair"'
	build 0 "USER 1000" "RUN id -u"
	grep -qx 1000 out
	podman 0 run --rm "localhost/built-$KIND" id -u
	[ "$(cat out)" = 1000 ]
	# Of builds alone.
	podman 126 run --rm localhost/app:v1 true
	podman 0 rmi --force "built-$KIND"
	nothing_left
}

@test "podman build: each step is judged" {
	both builds
}

played()
{
	# As in a pod of podman's: the first container is root's.
	enforce '{"rules": {"run-as-non-root": "warn"}}'
	cat >play.yaml <<-'YAML'
	apiVersion: v1
	kind: Pod
	metadata:
	  name: shop
	spec:
	  containers:
	  - name: web
	    image: localhost/app:v1
	    imagePullPolicy: Never
	    command: [sleep, "1000"]
	    securityContext:
	      runAsUser: 1000
	      runAsGroup: 1000
	YAML
	podman 0 kube play --network none "$PWD/play.yaml"
	podman 0 exec shop-web cat /proc/self/status
	has Uid "1000.1000.1000.1000"
	has NoNewPrivs 1
	has Seccomp 2
	has CapEff 0000000000000000
	podman 0 pod rm --force --time 0 shop
	sed -i 's/^    securityContext:/&\n      privileged: true/' play.yaml
	podman 125 kube play --network none "$PWD/play.yaml"
	grep -F "garita refused this container: privileged" out err
	podman 0 pod rm --force --time 0 shop
	nothing_left
}

@test "podman kube play: what a manifest asks for is judged" {
	both played
}

# ---- what is refused ----

# refused RULES HINT ARGUMENTS...: with exactly these rules, in podman's own
# message, in one line
refused()
{
	local rules=$1 hint=$2 is

	shift 2
	podman 126 run --rm "$@" true
	[ "$(wc -l <err)" = 1 ]
	is=$(sed 's/.*garita refused this container: //; s/ | /\n/g' err |
		sed 's/: .*//' | uniq | tr '\n' ' ')
	[ "$is" = "$rules " ] || {
		echo "rules: $is, not $rules"
		cat err
		return 1
	}
	grep -qF "Error: OCI runtime error: $RUNTIME: garita refused" err
	grep -qF -- "$hint" err
	# podman's guesses at what went wrong are not added.
	run ! grep -iE 'permission denied|not permitted|no such file|not found' err
	[ "$(wc -c <err)" -lt 3000 ]
	# The same in the log, for whoever looks later.
	decisions | tail -n 1 | jq -e '.verdict == "deny"'
}

refusals()
{
	local app=localhost/app:v1 user="--user 1000"

	# Words on purpose.
	# shellcheck disable=SC2086
	{
	refused run-as-non-root "--user 1000" $app
	refused privileged "run without --privileged" $user --privileged $app
	refused "runtime-socket-mount sensitive-host-mount" podman.sock $user \
		-v /run/podman/podman.sock:/s $app
	refused "runtime-socket-mount sensitive-host-mount" podman.sock $user \
		-v /run/podman:/s $app
	refused "runtime-socket-mount sensitive-host-mount" podman.sock $user \
		-v /:/host $app
	refused sensitive-host-mount /etc $user -v /etc:/e $app
	refused host-pid "--pid host" $user --pid host $app
	refused host-network "--network host" $user --network host $app
	refused "host-ipc sensitive-host-mount" "--ipc host" $user --ipc host $app
	refused host-uts "--uts host" $user --uts host $app
	refused dangerous-capability CAP_SYS_ADMIN $user --cap-add SYS_ADMIN $app
	refused "dangerous-capability capabilities-baseline" CAP_ $user \
		--cap-add ALL $app
	refused host-devices /dev/kmsg $user --device /dev/kmsg $app
	refused sensitive-host-mount /proc $user -v /proc:/p:ro $app
	refused sensitive-host-mount /etc $user -v "$GARITA_DIR/link:/l" $app
	}
	nothing_left
}

@test "refused, each for its reason, in podman's own error" {
	both refusals
}

stays_refused()
{
	podman 126 run --name no localhost/app:v1 true
	podman 0 ps --all --format '{{.Names}} {{.Status}}'
	grep -q "^no Created" out
	podman 126 start no || podman 125 start no
	grep -q "garita refused" err
	podman 0 rm no
	nothing_left
}

@test "a refused container is not started later, and podman rm removes it" {
	both stays_refused
}

# ---- which image ----

digest()
{
	pod image inspect --format '{{.Digest}}' "localhost/$1:v1"
}

allowlists()
{
	local app other

	app=$(digest app)
	other=$(digest other)
	[ "$app" != "$other" ]

	enforce "{\"images\": {\"allow\": [\"$app\"]}}"
	podman 0 run --rm --user 1000 localhost/app:v1 true
	refused image-allowlist "$other" --user 1000 localhost/other:v1
	# A name is no proof: the tag is moved to the other image.
	pod tag localhost/other:v1 localhost/app:v1
	refused image-allowlist "$other" --user 1000 localhost/app:v1
	pod tag "$app" localhost/app:v1 2>/dev/null ||
		pod tag "$(pod images --all --no-trunc --format '{{.Id}} {{.Digest}}' |
			sed -n "s/ $app//p" | head -n 1)" localhost/app:v1
	[ "$(digest app)" = "$app" ]

	# The image's id (the digest of its config) is as good.
	enforce "{\"images\": {\"allow\": [\"sha256:$(pod image inspect \
		--format '{{.Id}}' localhost/app:v1)\"]}}"
	podman 0 run --rm --user 1000 localhost/app:v1 true

	enforce '{"images": {"allow-file": "allowed", "deny-file": "denied"}}'
	printf '# ours\n%s\n%s\n' "$app" "$other" | sort |
		inside sh -c 'cat >/etc/garita/allowed; : >/etc/garita/denied'
	podman 0 run --rm --user 1000 localhost/app:v1 true
	podman 0 run --rm --user 1000 localhost/other:v1 true
	# Denied although allowed.
	echo "$other" | inside sh -c 'cat >/etc/garita/denied'
	podman 0 run --rm --user 1000 localhost/app:v1 true
	refused image-allowlist "deny list" --user 1000 localhost/other:v1
	# A list that cannot be read is not an empty list.
	inside rm /etc/garita/denied
	podman 126 run --rm --user 1000 localhost/app:v1 true
	grep -q "could not judge" err
	inside sh -c ': >/etc/garita/denied && chmod 0666 /etc/garita/denied'
	podman 126 run --rm --user 1000 localhost/app:v1 true
	inside rm /etc/garita/denied /etc/garita/allowed
}

@test "allow lists inline and in a file; deny beats allow; a tag proves nothing" {
	both allowlists
}

no_image()
{
	local app

	app=$(digest app)
	enforce "{\"images\": {\"allow\": [\"$app\"]}}"
	refused image-allowlist "unknown image" --user 1000 --rootfs \
		"$PODMAN_DIR/oci/root"
	# Words of the caller are no evidence.
	refused image-allowlist "unknown image" --user 1000 \
		--annotation "io.kubernetes.cri-o.ImageRef=${app#*:}" \
		--annotation "io.kubernetes.cri-o.ImageName=localhost/app:v1" \
		--annotation "io.kubernetes.cri.image-name=localhost/app@$app" \
		--annotation "org.opencontainers.image.ref.name=$app" \
		--label "digest=$app" --rootfs "$PODMAN_DIR/oci/root"
	refused image-allowlist "$(digest other)" --user 1000 \
		--annotation "io.kubernetes.cri-o.ImageRef=${app#*:}" \
		--annotation "io.kubernetes.cri.image-name=localhost/app@$app" \
		localhost/other:v1
	# What strict wants of the machine is not what this is about.
	enforce "$("$GARITA" rules --format json | jq '{profile: "strict",
		rules: ([.rules[] | select(.scope == ["host"]) | {(.id): "off"}] |
		add + {"user-namespace": "warn", "image-digest-pinned": "warn"})}')"
	refused unknown-image "from an image" --user 1000 --read-only --rootfs \
		"$PODMAN_DIR/oci/root"
	podman 0 run --rm --user 1000 --read-only localhost/app:v1 true
}

@test "--rootfs is no image, and annotations prove none" {
	both no_image
}

dry_run()
{
	enforce '{"mode": "dry-run"}'
	podman 0 run --rm --privileged localhost/app:v1 sh -c \
		'id -u; cat /proc/self/status'
	[ "$(head -n 1 out)" = 0 ]
	has Seccomp 0
	[ ! -s err ]
	decisions | tail -n 1 | jq -e '.verdict == "admit" and .would == "deny" and
		([.findings[] | select(.action == "deny") | .rule] | unique ==
		["privileged", "run-as-non-root"])'
}

@test "dry-run: everything runs as it was, and the log tells" {
	both dry_run
}
