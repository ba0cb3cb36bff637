# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# docker.bash - private docker daemons for a test, gone without a trace
# afterwards.
#
#	load docker                     # from a .bats file beside this one
#	setup_file()    { docker_up; docker_daemon main; }
#	teardown_file() { docker_down; }
#
#	docker_daemon NAME [JQ]  starts one with the data root $DOCKER_DIR/NAME;
#	                         JQ edits its daemon.json. The last one started
#	                         is the one that dock talks to, and its data root
#	                         is $DATA (below its user's, with userns-remap).
#	                         $DOCKER_PATH comes first on its PATH
#	docker_talk NAME         makes an earlier one that again
#	dock ARGUMENTS...        docker
#	docker_in COMMAND...     runs a command where docker's mounts can be seen
#	docker_image NAME...     adds NAME:v1, of a layer that all share
#	docker_registry          starts one at 127.0.0.1:5000 there
#	docker_push NAME REF     puts such an image into it
#
# Needs root, docker, skopeo, umoci, busybox-static; docker_registry needs
# docker's registry.
#
# The daemons, their shims and containers live in mount, process and network
# namespaces of their own, in which /etc is a copy (docker writes a key there)
# and so is /var/lib; /run and /var/log are empty. All of them end with the first
# process of the namespace, so even a killed test run leaves only a directory
# below $TMPDIR and empty cgroups, which the next one removes.

# shellcheck source=tests/engines/cgroups.bash
. "${BASH_SOURCE[0]%/*}/cgroups.bash"

docker_up()
{
	DOCKER_DIR=$(mktemp -d "${TMPDIR:-/tmp}/garita-docker.XXXXXX") ||
		return 1
	cgroups_enter
	mkdir "$DOCKER_DIR"/{oci,tmp,etc}
	# Images and records are root's and say so with any umask.
	chmod 0755 "$DOCKER_DIR"
	# Words of the inner shell, not of this one. fd 3 is bats's own.
	# shellcheck disable=SC2016
	unshare --mount --propagation private --pid --fork --kill-child --net \
		--mount-proc bash -c '
		cp -a /etc/. "$0/etc/" 2>/dev/null
		rm -rf "$0/etc/docker" "$0/etc/garita"
		mkdir "$0/etc/garita" &&
			mount --bind "$0/etc" /etc &&
			mount -t tmpfs -o mode=0755 garita-test /run &&
			mkdir -p "$0/lib/upper" "$0/lib/work" &&
			mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$0/lib/upper,workdir=$0/lib/work" /var/lib &&
			rm -rf /var/lib/garita &&
			mount -t tmpfs -o mode=0755 garita-test /var/log &&
			mkdir -m 0700 /var/log/garita &&
			busybox ip link set lo up || exit
		: >"$0/ready"
		# As the first process it must take in orphans: bash does.
		sleep infinity &
		while :; do wait; done' "$DOCKER_DIR" \
		</dev/null >"$DOCKER_DIR/holder.log" 2>&1 3>&- &
	DOCKER_UNSHARE=$!
	export DOCKER_DIR DOCKER_UNSHARE DOCKER_HOLDER
	docker_wait "$DOCKER_DIR/holder.log" test -e "$DOCKER_DIR/ready" ||
		return 1
	# Without a newline, so it "fails".
	read -r DOCKER_HOLDER \
		<"/proc/$DOCKER_UNSHARE/task/$DOCKER_UNSHARE/children" ||
		[ -n "$DOCKER_HOLDER" ]
}

# docker_wait LOG COMMAND...: until it works, twenty seconds at most
docker_wait()
{
	local tries log=$1

	shift
	for ((tries = 0; tries < 200; tries++)); do
		! "$@" >/dev/null 2>&1 || return 0
		kill -0 "$DOCKER_UNSHARE" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 20 "$log" >&2
	return 1
}

docker_in()
{
	nsenter --mount --pid --net --target "$DOCKER_HOLDER" -- "$@"
}

docker_env()
{
	docker_in env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C \
		HOME="$DOCKER_DIR" TMPDIR="$DOCKER_DIR/tmp" \
		DOCKER_HOST="unix:///run/$DOCKER_NAME.sock" "$@"
}

dock()
{
	docker_env docker "$@"
}

docker_daemon()
{
	local name=$1

	jq -n --arg name "$name" --arg dir "$DOCKER_DIR" '{
		"data-root": "\($dir)/\($name)",
		"exec-root": "/run/\($name)",
		"pidfile": "/run/\($name).pid",
		"hosts": ["unix:///run/\($name).sock"],
		"cgroup-parent": "/\($dir | split("/") | last)",
		"storage-driver": "overlay2",
		"iptables": false, "ip-forward": false, "ip-masq": false,
		"bridge": "none"} | '"${2:-.}" >"$DOCKER_DIR/$name.json" ||
		return 1
	# Directories it makes on the way to its own must be closed to others.
	(umask 022 && docker_in env -i \
		PATH="${DOCKER_PATH:+$DOCKER_PATH:}/usr/sbin:/usr/bin:/sbin:/bin" \
		HOME="$DOCKER_DIR" TMPDIR="$DOCKER_DIR/tmp" \
		dockerd --config-file "$DOCKER_DIR/$name.json") \
		</dev/null >"$DOCKER_DIR/$name.log" 2>&1 3>&- &
	DOCKER_NAME=$name
	docker_wait "$DOCKER_DIR/$name.log" dock version || return 1
	docker_talk "$name"
}

docker_talk()
{
	local remapped

	DOCKER_NAME=$1
	DATA=$DOCKER_DIR/$1
	for remapped in "$DATA"/[0-9]*.[0-9]*; do
		[ ! -d "$remapped" ] || DATA=$remapped
	done
	export DOCKER_NAME DATA
}

# One layer with busybox and its applets, that every image starts from.
docker_base()
{
	local root=$DOCKER_DIR/oci/root layout=$DOCKER_DIR/oci/layout applet

	mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp}
	cp /bin/busybox "$root/bin/busybox"
	for applet in sh cat sleep id true false ls touch mkdir mount env; do
		ln -s busybox "$root/bin/$applet"
	done
	printf 'root:x:0:0:root:/:/bin/sh\n' >"$root/etc/passwd"
	umoci init --layout "$layout"
	umoci new --image "$layout:base"
	umoci insert --image "$layout:base" "$root" /
	umoci config --image "$layout:base" --config.cmd /bin/sh \
		--config.env PATH=/bin
}

docker_layout()
{
	local layout=$DOCKER_DIR/oci/layout name

	[ -e "$layout" ] || docker_base >/dev/null || return 1
	for name; do
		umoci config --image "$layout:base" --tag "$name" \
			--config.label "name=$name" >/dev/null || return 1
	done
}

docker_copy()
{
	docker_env skopeo --insecure-policy copy --quiet "$@"
}

docker_image()
{
	local name

	for name; do
		docker_layout "$name" || return 1
		rm -f "$DOCKER_DIR/oci/one.tar"
		docker_copy "oci:$DOCKER_DIR/oci/layout:$name" \
			"docker-archive:$DOCKER_DIR/oci/one.tar:$name:v1" &&
			dock load --quiet --input "$DOCKER_DIR/oci/one.tar" ||
			return 1
	done
}

docker_registry()
{
	local program

	# Debian's name, and the rest of the world's.
	program=$(command -v docker-registry || command -v registry) || return 1
	cat >"$DOCKER_DIR/registry.yml" <<-CONF
	version: 0.1
	log: {level: error}
	storage: {filesystem: {rootdirectory: $DOCKER_DIR/registry}}
	http: {addr: "127.0.0.1:5000"}
	CONF
	docker_in "$program" serve "$DOCKER_DIR/registry.yml" </dev/null \
		>"$DOCKER_DIR/registry.log" 2>&1 3>&- &
	# 1388 is port 5000.
	docker_wait "$DOCKER_DIR/registry.log" \
		docker_in grep -q ':1388 00000000:0000 0A' /proc/net/tcp
}

docker_push()
{
	docker_copy --dest-tls-verify=false \
		"oci:$DOCKER_DIR/oci/layout:$1" "docker://127.0.0.1:5000/$2"
}

docker_down()
{
	[ -n "${DOCKER_DIR:-}" ] || return 0
	# The first process of its namespace: all others go with it.
	kill -KILL "$DOCKER_HOLDER" 2>/dev/null || true
	wait "$DOCKER_UNSHARE" 2>/dev/null || true
	cgroups_leave
	rm -rf --one-file-system "$DOCKER_DIR"
	unset DOCKER_DIR DOCKER_UNSHARE DOCKER_HOLDER
}
