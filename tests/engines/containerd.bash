# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# containerd.bash - a private containerd for a test, gone without a trace
# afterwards.
#
#	load containerd                     # from a .bats file beside this one
#	setup_file()    { containerd_up; }  # once: makes $CTD_DIR, starts it;
#	                # containerd_up COMMAND: which may change config.toml
#	teardown_file() { containerd_down; }
#
#	ctd_in COMMAND...       runs a command where containerd's mounts are
#	ctd ARGUMENTS...        ctr, talking to it
#	ctd_layout NAME...      makes one-layer OCI images in $CTD_DIR/oci/layout,
#	                        all of the same layer, told apart by a label
#	ctd_import NAME REF     copies an image of the layout into containerd
#	ctd_cri METHOD <JSON    calls the CRI service, prints what it made
#
# $CTD_DIR/root is containerd's root; its state is at /run/containerd inside.
# Needs root, containerd, runc, umoci, busybox-static, python3-grpcio.
#
# containerd, its shims and containers live in mount, process and network
# namespaces of their own, in which /run and /var/lib are empty and
# /sys/fs/cgroup/unified is not mounted.
# All of them end with the first process of the namespace, so even a killed
# test run leaves only a directory below $TMPDIR and empty cgroups, which the
# next one removes.

# shellcheck source=tests/engines/cgroups.bash
. "${BASH_SOURCE[0]%/*}/cgroups.bash"

containerd_up()
{
	CTD_DIR=$(mktemp -d "${TMPDIR:-/tmp}/garita-containerd.XXXXXX") ||
		return 1
	cgroups_enter
	mkdir "$CTD_DIR"/{root,oci,tmp}
	cat >"$CTD_DIR/config.toml" <<-CONF
	version = 2
	root = "$CTD_DIR/root"
	state = "/run/containerd"
	[grpc]
	  address = "/run/containerd/containerd.sock"
	[plugins."io.containerd.grpc.v1.cri"]
	  sandbox_image = "localhost/pause:v1"
	  restrict_oom_score_adj = true
	  [plugins."io.containerd.grpc.v1.cri".cni]
	    conf_dir = "$CTD_DIR/cni"
	    bin_dir = "$(ctd_cni)"
	CONF
	${1:+"$1"} || return 1
	# Words of the inner shell, not of this one. fd 3 is bats's own.
	# shellcheck disable=SC2016
	unshare --mount --propagation private --pid --fork --kill-child --net \
		--mount-proc bash -c '
		for at in /run /var/lib; do
			mount -t tmpfs -o mode=0755 garita-test "$at" || exit
		done
		busybox ip link set lo up || exit
		if mountpoint -q /sys/fs/cgroup/unified; then
			umount /sys/fs/cgroup/unified || exit
		fi
		: >"$0/ready"
		exec containerd --config "$0/config.toml"' "$CTD_DIR" \
		</dev/null >"$CTD_DIR/containerd.log" 2>&1 3>&- &
	CTD_UNSHARE=$!
	export CTD_DIR CTD_UNSHARE CTD_HOLDER
	ctd_wait test -e "$CTD_DIR/ready" || return 1
	CTD_HOLDER=$(tr -d ' ' \
		<"/proc/$CTD_UNSHARE/task/$CTD_UNSHARE/children")
	ctd_wait ctd version
}

# ctd_wait COMMAND...: until it works, twenty seconds at most
ctd_wait()
{
	local tries

	for ((tries = 0; tries < 200; tries++)); do
		! "$@" >/dev/null 2>&1 || return 0
		kill -0 "$CTD_UNSHARE" 2>/dev/null || break
		sleep 0.1
	done
	tail -n 20 "$CTD_DIR/containerd.log" >&2
	return 1
}

# Debian's place, and Fedora's.
ctd_cni()
{
	[ -d /usr/lib/cni ] && echo /usr/lib/cni || echo /usr/libexec/cni
}

ctd_in()
{
	nsenter --mount --pid --net --target "$CTD_HOLDER" -- "$@"
}

ctd()
{
	ctd_in ctr --address /run/containerd/containerd.sock "$@"
}

containerd_down()
{
	[ -n "${CTD_DIR:-}" ] || return 0
	# The first process of its namespace: all others go with it.
	kill -KILL "$CTD_HOLDER" 2>/dev/null || true
	wait "$CTD_UNSHARE" 2>/dev/null || true
	cgroups_leave
	rm -rf --one-file-system "$CTD_DIR"
	unset CTD_DIR CTD_UNSHARE CTD_HOLDER
}

# One layer with busybox and its applets, that every image starts from.
ctd_base()
{
	local root=$CTD_DIR/oci/root layout=$CTD_DIR/oci/layout

	mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp}
	cp /bin/busybox "$root/bin/busybox"
	for applet in sh cat sleep id true false ls touch mkdir mount env; do
		ln -s busybox "$root/bin/$applet"
	done
	printf 'root:x:0:0:root:/:/bin/sh\n' >"$root/etc/passwd"
	umoci init --layout "$layout"
	umoci new --image "$layout:base"
	umoci insert --image "$layout:base" "$root" /
	umoci config --image "$layout:base" --config.cmd /bin/sleep \
		--config.cmd 1000000 --config.env PATH=/bin
}

ctd_layout()
{
	local name layout=$CTD_DIR/oci/layout

	[ -e "$layout" ] || ctd_base >/dev/null || return 1
	for name; do
		umoci config --image "$layout:base" --tag "$name" \
			--config.label "name=$name" >/dev/null || return 1
	done
}

ctd_import()
{
	local layout=$CTD_DIR/oci/layout name=$1 ref=$2

	shift 2
	rm -rf "$CTD_DIR/oci/one"
	mkdir "$CTD_DIR/oci/one"
	cp -al "$layout/blobs" "$layout/oci-layout" "$CTD_DIR/oci/one"
	jq -c --arg name "$name" --arg ref "$ref" '.manifests |= (map(select(
		.annotations["org.opencontainers.image.ref.name"] == $name) |
		.annotations = {"io.containerd.image.name": $ref}))' \
		"$layout/index.json" >"$CTD_DIR/oci/one/index.json"
	tar -C "$CTD_DIR/oci/one" -cf "$CTD_DIR/oci/one.tar" .
	ctd "$@" images import --no-unpack "$CTD_DIR/oci/one.tar" >/dev/null
}

# A call to containerd's CRI service: fields by number on stdin, see cri.py, of
# which the first call starts one.
ctd_cri()
{
	local code fifos=$CTD_DIR/cri

	if [ ! -e "$fifos" ]; then
		mkdir "$fifos" && mkfifo "$fifos/ask" "$fifos/answer" || return
		ctd_in /usr/bin/python3 "${BASH_SOURCE[0]%/*}/cri.py" \
			/run/containerd/containerd.sock "$fifos/ask" \
			"$fifos/answer" </dev/null >"$fifos/log" 2>&1 3>&- &
		disown
	fi
	# A fifo waits for its other end, which may have died.
	# shellcheck disable=SC2016
	(echo "$*" && cat) | timeout 20 sh -c 'cat >"$0"' "$fifos/ask" || return
	timeout 90 cat "$fifos/answer" >"$fifos/text" || return
	read -r code <"$fifos/text"
	if [ "$code" = 0 ]; then
		sed 1d "$fifos/text"
	else
		sed 1d "$fifos/text" >&2
	fi
	return "$code"
}

# ctd_sandbox NAME: a pod on the host's network; its id
ctd_sandbox()
{
	ctd_cri RunPodSandbox <<-JSON
	{"1": {"1": {"1": "$1", "2": "uid-$1", "3": "test"},
		"8": {"2": {"1": {"1": 2}}}}}
	JSON
}

# ctd_pod_container SANDBOX NAME IMAGE: started in that pod; its id
ctd_pod_container()
{
	local id

	id=$(ctd_cri CreateContainer <<-JSON
	{"1": "$1", "2": {"1": {"1": "$2"}, "2": {"1": "$3"}},
		"3": {"1": {"1": "pod", "2": "uid", "3": "test"},
		"8": {"2": {"1": {"1": 2}}}}}
	JSON
	) || return 1
	ctd_cri StartContainer <<<"{\"1\": \"$id\"}" >/dev/null || return 1
	echo "$id"
}
