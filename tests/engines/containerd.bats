#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A user of containerd before the gate that `garita install containerd` put
# there: ctr, and the kubelet's side (CRI): pods and containers that run, that
# are repaired, that are refused with the reason in the client's own error.

# bats sets lines, output and status behind shellcheck's back; programs of
# inner shells have their own $.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154

load containerd
load report
load common

SCHEMA=$GARITA_SRC/docs/schema/image-inspect-1.schema.json
TASKS=/run/containerd/io.containerd.runtime.v2.task

setup_file()
{
	containerd_up gated
	# Of this namespace alone, as the policy and the log.
	ctd_in bash -e -c '
		mkdir -p "$0/etc" "$0/work"
		mount -t tmpfs -o mode=0755 garita-test "$0/etc"
		cp -a /etc/. "$0/etc/" 2>/dev/null || true
		mount --bind "$0/etc" /etc
		mount -t tmpfs -o mode=0755 garita-test /var/log
		rm -rf /etc/garita
		mkdir /etc/garita
		mkdir -m 0700 /var/log/garita' "$CTD_DIR"
	ctd_layout app pause user
	local layout=$CTD_DIR/oci/layout
	umoci config --image "$layout:user" --config.user 1000:1000
	umoci config --image "$layout:pause" --config.user 65535:65535
	ctd_import app localhost/app:v1
	ctd_import user localhost/user:v1
	ctd_import app localhost/app:v1 -n elsewhere
	ctd_import app localhost/app:v1 -n k8s.io
	ctd_import pause localhost/pause:v1 -n k8s.io
	# The network of pods: a cable, and an address of this node's.
	mkdir -p "$CTD_DIR/cni"
	printf %s '{"cniVersion": "0.4.0", "name": "test", "plugins": [
		{"type": "ptp", "ipam": {"type": "host-local", "dataDir": "'"$CTD_DIR"'/ipam",
		"ranges": [[{"subnet": "10.99.0.0/16"}]],
		"routes": [{"dst": "0.0.0.0/0"}]}}]}' >"$CTD_DIR/cni/10-test.conflist"
}

teardown_file()
{
	containerd_down
	[ "$(grep -cF garita-containerd /proc/self/mountinfo)" -eq 0 ]
}

# What garita install writes into a file like ours, in a tree of its own.
gated()
{
	local root=$CTD_DIR/host

	mkdir -p "$root/etc/containerd" "$root/usr/bin" "$root/var/lib" \
		"$root${RUNTIME%/*}"
	: >"$root/usr/bin/containerd"
	cp "$RUNTIME" "$root$RUNTIME"
	cp "$CTD_DIR/config.toml" "$root/etc/containerd/config.toml"
	chmod -R go-w "$root"
	"$GARITA" install containerd --sysroot "$root" --runtime "$RUNTIME" &&
		cp "$root/etc/containerd/config.toml" "$CTD_DIR/config.toml"
}

setup()
{
	cd "$CTD_DIR/work" || return
	enforce '{}'
	ctd_in sh -c ': >/var/log/garita/decisions.jsonl'
}

teardown()
{
	local ns id

	for ns in default elsewhere; do
		for id in $(ctd -n "$ns" containers ls -q); do
			ctd -n "$ns" tasks rm --force "$id"
			ctd -n "$ns" containers rm "$id"
		done
	done >/dev/null 2>&1 || true
	: >>pods
	while read -r id; do
		cri 0 StopPodSandbox <<<"{\"1\": \"$id\"}"
		cri 0 RemovePodSandbox <<<"{\"1\": \"$id\"}"
	done <pods
	rm pods
}

enforce()
{
	# A root elsewhere than in /var/lib is not known for containerd's.
	jq -n --argjson more "$1" --arg root "$CTD_DIR/root" '{version: 1,
		runtime: "/usr/sbin/runc", rules: ({"host-path-mount": {
		action: "deny", allow:
		["\($root)/io.containerd.grpc.v1.cri/sandboxes/*/*"]}} +
		($more.rules // {}))} + ($more | del(.rules))' |
		ctd_in sh -c 'umask 022; cat >/etc/garita/policy.json'
}

decisions()
{
	ctd_in cat /var/log/garita/decisions.jsonl
}

# call CODE COMMAND...: standard output to ./out, the rest to ./err
call()
{
	local want=$1 code=0

	shift
	"$@" >out 2>err 3>&- || code=$?
	[ "$code" = "$want" ] || {
		echo "exit code $code, not $want: $*"
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
	# A shim ends a moment after the client was told.
	for _ in {1..50}; do
		left=$(ctd_in find /run/containerd/runc "$TASKS" -mindepth 2
			ctd_in ps -eo stat=,args= |
				grep '^[^Z].*containerd-shim') || true
		[ -n "$left" ] || return 0
		sleep 0.1
	done
	echo "$left"
	return 1
}

# ---- ctr ----

# ctr CODE ARGUMENTS...
ctr()
{
	call "$1" ctd "${@:2}" </dev/null
}

# gate CODE OPTIONS... ID COMMAND...: ctr run, by the path of the gate
gate()
{
	ctr "$1" run --runc-binary "$RUNTIME" "${@:2}"
}

@test "ctr: repaired, as seen from inside; exit codes" {
	gate 0 --rm localhost/user:v1 one \
		sh -c 'id -u; cat /proc/self/status'
	[ "$(head -n 1 out)" = 1000 ]
	has NoNewPrivs 1
	has Seccomp 2
	has CapEff 0000000000000000
	has CapBnd 0000000000000400
	decisions | tail -n 1 | jq -e '.verdict == "repair" and .id == "one" and
		.image.sure == "verified" and
		.image.names == ["localhost/user:v1"]'
	gate 3 --rm localhost/user:v1 two sh -c 'exit 3'
	# What is not protected (docs/engines.md), and ctr's own wish.
	ctr 0 run --rm localhost/user:v1 three cat /proc/self/status
	has Seccomp 0
	enforce '{"profile": "baseline"}'
	gate 0 --rm localhost/app:v1 four id -u
	[ "$(cat out)" = 0 ]
	nothing_left
}

# refused RULE OPTIONS...
refused()
{
	gate 1 --rm "${@:2}" no true
	grep -qF "ctr: failed to create shim task: OCI runtime create failed: garita refused this container: $1" err ||
		{ cat err && return 1; }
	decisions | tail -n 1 | jq -e '.verdict == "deny"' >/dev/null
	ctd containers rm no >/dev/null 2>&1 || true
}

@test "ctr: refused, each for its reason, and nothing is left" {
	local user=localhost/user:v1

	refused run-as-non-root localhost/app:v1
	refused privileged --privileged $user
	refused host-network --net-host $user
	refused host-devices --device /dev/kmsg $user
	refused dangerous-capability --cap-add CAP_SYS_ADMIN $user
	refused sensitive-host-mount --mount \
		type=bind,src=/etc,dst=/e,options=rbind:ro $user
	refused runtime-socket-mount --mount \
		type=bind,src=/run/containerd/containerd.sock,dst=/s,options=rbind:rw \
		$user
	nothing_left
	# The container that is recorded does not start later, either.
	gate 1 localhost/app:v1 no true
	ctr 1 tasks start no
	grep -q "garita refused" err
	ctr 0 containers rm no
	nothing_left
}

@test "ctr: exec, pause, resume, kill, start again, delete" {
	gate 0 --detach localhost/user:v1 life sleep 1000
	ctr 0 tasks exec --exec-id a life cat /proc/self/status
	has NoNewPrivs 1
	has Seccomp 2
	has CapEff 0000000000000000
	ctr 5 tasks exec --exec-id b life sh -c 'exit 5'
	ctr 1 tasks exec --exec-id c --user 0 life id
	grep -F exec-root err
	ctr 0 tasks pause life
	ctr 0 tasks ls
	grep -q "^life .*PAUSED" out
	ctr 0 tasks resume life
	ctr 0 tasks ps life
	ctr 0 tasks kill --signal KILL life
	until ctd tasks ls | grep -q "^life .*STOPPED"; do
		sleep 0.1
	done
	ctr 0 tasks rm life || ctr 137 tasks rm life
	ctr 0 tasks start --detach life
	ctr 0 tasks rm --force life || ctr 137 tasks rm --force life
	ctr 0 containers rm life
	nothing_left
	[ "$(decisions | jq -r 'select(.verb == "create") | .verdict' | wc -l)" = 2 ]
}

# ---- pods ----

# cri CODE METHOD [--all] <MESSAGE
cri()
{
	call "$1" ctd_cri "${@:2}"
}

# pod CODE NAME [SECURITY]: what a pod has in common; its id in $pod
pod()
{
	SANDBOX=$(jq -cn --arg name "$2" --argjson security "${3:-"{}"}" '{
		"1": {"1": $name, "2": "uid-\($name)", "3": "test"},
		"8": {"2": $security}}')
	cri "$1" RunPodSandbox <<<"{\"1\": $SANDBOX, \"2\": \"${HANDLER:-}\"}"
	pod=$(cat out)
	[ "$1" != 0 ] || echo "$pod" >>pods
}

user='"5": {"1": 1000}, "12": {"1": 1000}'

# container CODE NAME [SECURITY [MORE]]: created and started; its id in $id
container()
{
	local code=$1

	jq -cn --arg pod "$pod" --arg name "$2" --argjson sandbox "$SANDBOX" \
		--argjson security "{${3-$user}}" --argjson more "${4:-"{}"}" '{
		"1": $pod, "3": $sandbox,
		"2": ({"1": {"1": $name}, "2": {"1": "localhost/app:v1"},
			"15": {"2": $security}} + $more)}' >message
	cri 0 CreateContainer <message
	id=$(cat out)
	cri "$code" StartContainer <<<"{\"1\": \"$id\"}"
}

# in_container COMMAND...: standard output to ./out
in_container()
{
	jq -cn --arg id "$id" '{"1": $id, "2": $ARGS.positional}' --args -- "$@" |
		call 0 ctd_cri ExecSync --all
	mv out answer
	jq -r '.["1"] // ""' answer >out
	code=$(jq '.["3"] // 0' answer)
}

@test "CRI: a pod, and containers that are repaired, as seen from inside" {
	pod 0 web
	decisions | jq -e '.id == "'"$pod"'" and .verdict != "deny"'
	# RuntimeDefault, unconfined, and nothing said (which is unconfined).
	for seccomp in '"15": {"1": 0}' '"15": {"1": 1}' '"4": {}'; do
		container 0 "app-${#seccomp}-$RANDOM" "$user, $seccomp"
		in_container cat /proc/self/status
		has NoNewPrivs 1
		has Seccomp 2
		has CapEff 0000000000000000
		has CapBnd 0000000000000400
	done
	decisions | tail -n 2 | head -n 1 | jq -e '.image.sure == "verified" and
		.image.names == ["localhost/app:v1"]'
	in_container sh -c 'id -u; exit 5'
	[ "$(cat out) $code" = "1000 5" ]
	# What kubelet mounts from its own directories, and a limit.
	cri 0 UpdateContainerResources <<<"{\"1\": \"$id\",
		\"2\": {\"3\": 512, \"4\": 67108864}}"
	cri 0 ContainerStats --all <<<"{\"1\": \"$id\"}"
	cri 0 StopContainer <<<"{\"1\": \"$id\", \"2\": 0}"
	cri 0 RemoveContainer <<<"{\"1\": \"$id\"}"
	# Another in the place of what ended, as kubelet restarts.
	container 0 again
	cri 0 StopContainer <<<"{\"1\": \"$id\", \"2\": 0}"
}

# not_in_a_pod RULE SECURITY [MORE]
not_in_a_pod()
{
	container 1 "no-$RANDOM" "${@:2}"
	grep -qF "garita refused this container: $1" err ||
		{ cat err && return 1; }
	grep -q "^rpc error: code = UNKNOWN desc = failed to create containerd task: " err
	# Nothing but the record, which kubelet removes.
	[ "$(ctd_in find "$TASKS/k8s.io/$id" 2>/dev/null)" = "" ]
	cri 0 ContainerStatus --all <<<"{\"1\": \"$id\"}"
	jq -e '.["1"] | contains("garita refused")' out
	cri 0 RemoveContainer <<<"{\"1\": \"$id\"}"
}

@test "CRI: refused, each for its reason, in the error that kubelet shows" {
	pod 0 web
	not_in_a_pod run-as-non-root ''
	not_in_a_pod dangerous-capability "$user, \"1\": {\"1\": [\"SYS_ADMIN\"]}"
	not_in_a_pod sensitive-host-mount "$user" \
		'{"7": {"1": "/host", "2": "/etc"}}'
	for path in / /run/containerd /run/containerd/containerd.sock; do
		not_in_a_pod runtime-socket-mount "$user" \
			"{\"7\": {\"1\": \"/s\", \"2\": \"$path\"}}"
	done
	# What an annotation of the pod says is no evidence.
	not_in_a_pod run-as-non-root '' '{"10": {"1":
		"io.kubernetes.cri.container-type", "2": "sandbox"}}'
	container 0 good
	pod 0 strong '{"6": true}'
	not_in_a_pod privileged "$user, \"2\": true"
}

@test "CRI: the node's namespaces, told by their inode" {
	# The kubelet's hostNetwork, hostPID, hostIPC.
	pod 1 net '{"1": {"1": 2}}'
	grep -F "garita refused this container: host-network" err
	pod 1 pid '{"1": {"2": 2}}'
	grep -F "garita refused this container: host-pid" err
	pod 1 ipc '{"1": {"3": 2}}'
	grep -F "garita refused this container: host-ipc" err
	nothing_left
	# By the operator's leave: the pod is, its containers are judged by
	# what their own path leads to.
	enforce '{"rules": {"host-network": "warn", "host-uts": "warn",
		"host-pid": "warn"}}'
	pod 0 leave '{"1": {"1": 2, "2": 2}}'
	container 0 inside "$user, \"3\": {\"1\": 2, \"2\": 2}"
	enforce '{}'
	container 1 later "$user, \"3\": {\"1\": 2, \"2\": 2}"
	grep -F "host-network" err
	grep -F "host-pid" err
	# What a container calls the node's is its pod's, where that has its own.
	pod 0 own
	container 0 inside "$user, \"3\": {\"2\": 2}"
}

# answers WANT(0|1) COMMAND...: connects, or is not let to
answers()
{
	local want=$1

	shift
	for _ in {1..20}; do
		"$@" busybox nc -w 1 "$HOST" "$PORT" </dev/null >/dev/null 2>&1 &&
			code=0 || code=1
		[ "$want:$code" = 0:1 ] || break
	done
	[ "$code" = "$want" ] || fails "$HOST:$PORT: $code"
}

servers='{"3": ["sh", "-c", "busybox httpd -p 8080 -h /etc; exec busybox httpd -f -p 5432 -h /etc"]}'

# pod_guard PORT [MORE]: for every container
pod_guard()
{
	enforce "{\"scopes\": [{\"name\": \"s\", \"match\": {\"image\":
		\"localhost/app\"}, \"network\": {\"listen\": [$1] ${2:-}}}]}"
}

@test "CRI: the network of a pod is guarded, and no container opens it" {
	ctd_in busybox ip addr add 169.254.169.254/32 dev lo
	ctd_in busybox httpd -p 8080 -h /etc 3>&-
	pod 0 free
	container 0 free "$user" "$servers"
	in_container busybox nc -w 1 169.254.169.254 8080
	[ "$code" = 0 ]

	pod_guard 5432
	pod 0 db
	container 0 db "$user" "$servers"
	in_container busybox ip -4 -o addr show eth0
	HOST=$(grep -o '10\.99\.[0-9.]*' out | head -n 1)
	PORT=5432 answers 0 ctd_in
	PORT=8080 answers 1 ctd_in
	in_container busybox nc -w 1 169.254.169.254 8080
	[ "$code" != 0 ]
	# The second one of the pod brings a guard of its own.
	pod_guard 8080 ', "deny-metadata": false'
	container 0 web
	PORT=5432 answers 1 ctd_in
	PORT=8080 answers 1 ctd_in
	in_container busybox nc -w 1 169.254.169.254 8080
	[ "$code" != 0 ]
	call 0 ctd_in "$GARITA" net show "$id"
	[ "$(grep -c '^garita-' out)" = 2 ]
}

@test "CRI: by handler; another one goes round the gate" {
	HANDLER=garita pod 0 gated
	container 1 root ''
	HANDLER=runc pod 0 round
	container 0 root ''
	in_container id -u
	[ "$(cat out)" = 0 ]
}

@test "CRI: dry-run, everything runs as it was, and the log tells" {
	enforce '{"mode": "dry-run"}'
	pod 0 trial '{"1": {"1": 2}}'
	container 0 root '"3": {"1": 2}'
	in_container sh -c 'id -u; cat /proc/self/status'
	[ "$(head -n 1 out)" = 0 ]
	has Seccomp 0
	decisions | jq -se 'map(select(.verb)) | all(.verdict == "admit") and
		any(.would == "deny" and .id == "'"$pod"'") and
		any(.would == "deny" and .id == "'"$id"'")'
}

# ---- which image ----

image()
{
	ctd_in "$GARITA" image "$@" >out 2>err 3>&- && status=0 || status=$?
	cat out err
}

@test "image: a container is found by id and by bundle" {
	ctr 0 run --detach localhost/app:v1 web sleep 1000
	for word in web we "$TASKS/default/web"; do
		image inspect --format json "$word"
		[ "$status" = 0 ]
		[ "$(jq -r .container out)" = web ]
		[ "$(jq -r .image.sure out)" = verified ]
		[ "$(jq -r .image.store out)" = containerd ]
		[ "$(jq -r .bundle out)" = "$TASKS/default/web" ]
		[ "$(jq '.steps | length' out)" -ge 3 ]
		run fits "$SCHEMA" out
		[ "$output" = "" ]
	done
	# There is nothing that files of layers could be compared with.
	image verify-layers web
	[ "$status" = 2 ]
	grep -F "keeps nothing" err
}

@test "image: one id in two namespaces, only the bundle says which" {
	ctr 0 run --detach localhost/app:v1 web sleep 1000
	ctr 0 -n elsewhere run --detach localhost/app:v1 web sleep 1000
	image inspect web
	[ "$status" = 2 ]
	grep -F "several containers are called web" err
	image inspect "$TASKS/elsewhere/web"
	[ "$status" = 0 ]
}

# ---- garita doctor ----

# doctor CODE ARGUMENTS...: with a crictl, as on a node
doctor()
{
	local want=$1

	shift
	ctd_in mkdir -p /etc/containerd
	ctd_in cp -p "$CTD_DIR/config.toml" /etc/containerd/config.toml
	if [ ! -e "$CTD_DIR/bin" ]; then
		mkdir "$CTD_DIR/bin"
		install "$GARITA_SRC/tests/engines/crictl.py" "$CTD_DIR/bin/crictl"
		ctd_in mount --bind "$CTD_DIR/bin" /usr/local/bin
	fi
	call "$want" ctd_in env GARITA_CRI="$GARITA_SRC/tests/engines/cri.py" \
		"$GARITA" doctor containerd --runtime "$RUNTIME" --hook "$HOOK" "$@"
}

@test "garita doctor: pods through CRI, one refused and one started" {
	doctor 0 --canary
	grep -qF "default runtime garita is $RUNTIME" out
	grep -qF "containerd was started after its files were changed" out
	grep -qF "crictl runp: one with every privilege was refused" out
	grep -qF "crictl runp: one that asks for nothing was admitted and ran" out
	grep -qF "ctr run and nerdctl run start runc by its name" out
	# The canaries are gone.
	[ "$(ctd -n k8s.io containers ls -q | wc -l)" = 0 ]
	# A file that was changed since is not what runs.
	ctd_in touch -d '1 hour' /etc/containerd/config.toml
	call 1 ctd_in "$GARITA" doctor containerd --runtime "$RUNTIME" --hook "$HOOK"
	grep -qF "was started before" out
}

@test "garita doctor: a file that containerd imports replaces what its own says" {
	doctor 0
	grep -qF "it says itself that $RUNTIME is what it starts" out
	ctd_in bash -e -c 'mkdir -p /etc/containerd/more
		cat >/etc/containerd/more/99.toml
		sed -i "1i imports = [\"/etc/containerd/more/*.toml\"]" \
			/etc/containerd/config.toml' <<-'TOML'
	version = 2
	[plugins."io.containerd.grpc.v1.cri".containerd]
	  default_runtime_name = "runc"
	TOML
	call 1 ctd_in "$GARITA" doctor containerd --runtime "$RUNTIME" --hook "$HOOK"
	grep -qF "it says itself that it starts runc" out
	ctd_in rm -r /etc/containerd/more
}

@test "garita doctor: ctr by runc's name, with the gate in its place" {
	ctd_in bash -e -c '
		mkdir "$0/sbin"
		cp -a /usr/sbin/. "$0/sbin/"
		mount --bind "$0/sbin" /usr/sbin
		mv /usr/sbin/runc /usr/sbin/runc.real
		ln -s "$1" /usr/sbin/runc' "$CTD_DIR" "$RUNTIME"
	enforce '{"runtime": "/usr/sbin/runc.real"}'
	doctor 0 --canary
	grep -qF "ctr run: one with every privilege was refused" out
	grep -qF "ctr run: one that asks for nothing was admitted and ran" out
	run ! grep -qF "start runc by its name" out
	run ctd images ls -q
	[[ $output != *canary* ]]
	[ "$(ctd containers ls -q | grep -c canary)" = 0 ]
	ctd_in umount /usr/sbin
}
