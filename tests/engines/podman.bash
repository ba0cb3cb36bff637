# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# podman.bash - a private podman for a test, gone without a trace afterwards.
#
#	load podman                     # from a .bats file in this directory
#	setup_file()    { podman_up; }  # once: makes $PODMAN_DIR, starts nothing
#	teardown_file() { podman_down; }
#
#	podman_in COMMAND...    runs a command where podman's mounts can be seen
#	pod ARGUMENTS...        podman, with its own root, runroot and config
#	podman_image NAME [UMOCI-CONFIG-OPTIONS]
#	                        adds localhost/NAME:v1, made of busybox-static
#
# $PODMAN_DIR/storage is the store, $PODMAN_DIR/hooks.d the hooks directory,
# $PODMAN_DIR/containers.conf may be changed. The network is "none", the
# runtime is crun unless a test says --runtime. Needs root, podman, crun,
# umoci, busybox-static.
#
# A sleeping process holds a mount namespace of its own in which /run, /dev/shm
# and /var/tmp are empty and /sys/fs/cgroup/unified is not mounted (crun 1.8
# refuses hybrid cgroups). Every mount podman makes dies with that process, so
# even a killed test run leaves only a directory below $TMPDIR and empty cgroups,
# which the next one removes.

# shellcheck source=tests/engines/cgroups.bash
. "${BASH_SOURCE[0]%/*}/cgroups.bash"

podman_up()
{
	PODMAN_DIR=$(mktemp -d "${TMPDIR:-/tmp}/garita-podman.XXXXXX") ||
		return 1
	cgroups_enter
	mkdir "$PODMAN_DIR"/{storage,run,tmp,hooks.d,oci}
	cat >"$PODMAN_DIR/containers.conf" <<-CONF
	[containers]
	default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
	netns = "none"
	log_driver = "k8s-file"
	[engine]
	runtime = "crun"
	runtime_supports_json = ["crun", "runc", "garita-runtime"]
	cgroup_manager = "cgroupfs"
	events_logger = "none"
	hooks_dir = ["$PODMAN_DIR/hooks.d"]
	image_copy_tmp_dir = "$PODMAN_DIR/tmp"
	CONF
	printf '{"default":[{"type":"insecureAcceptAnything"}]}\n' \
		>"$PODMAN_DIR/policy.json"
	: >"$PODMAN_DIR/registries.conf"
	cat >"$PODMAN_DIR/storage.conf" <<-CONF
	[storage]
	driver = "overlay"
	graphroot = "$PODMAN_DIR/storage"
	runroot = "$PODMAN_DIR/run"
	CONF

	# Words of the inner shell, not of this one. fd 3 is bats's own.
	# shellcheck disable=SC2016
	unshare --mount --propagation private bash -c '
		for at in /run /dev/shm /var/tmp; do
			mount -t tmpfs -o mode=1777 garita-test "$at" || exit
		done
		if mountpoint -q /sys/fs/cgroup/unified; then
			umount /sys/fs/cgroup/unified || exit
		fi
		: >"$1/ready"
		exec sleep infinity' holder "$PODMAN_DIR" \
		</dev/null >"$PODMAN_DIR/holder.log" 2>&1 3>&- &
	PODMAN_HOLDER=$!
	export PODMAN_DIR PODMAN_HOLDER

	local tries=0
	until [ -e "$PODMAN_DIR/ready" ]; do
		if ! kill -0 "$PODMAN_HOLDER" 2>/dev/null ||
			[ $((tries += 1)) -gt 200 ]; then
			cat "$PODMAN_DIR/holder.log" >&2
			return 1
		fi
		sleep 0.05
	done
}

podman_in()
{
	nsenter --mount="/proc/$PODMAN_HOLDER/ns/mnt" -- "$@"
}

# A command with the environment of the private podman, and nothing else.
podman_env()
{
	podman_in env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME="$PODMAN_DIR" \
		TMPDIR="$PODMAN_DIR/tmp" LC_ALL=C \
		PODMAN_IGNORE_CGROUPSV1_WARNING=1 \
		CONTAINERS_CONF="$PODMAN_DIR/containers.conf" \
		CONTAINERS_REGISTRIES_CONF="$PODMAN_DIR/registries.conf" \
		CONTAINERS_STORAGE_CONF="$PODMAN_DIR/storage.conf" \
		"$@"
}

pod()
{
	podman_env podman --tmpdir "$PODMAN_DIR/run/libpod" "$@"
}

# One layer with busybox and its applets, in an OCI layout that every image of
# this test starts from: so they share that layer.
podman_base()
{
	local root=$PODMAN_DIR/oci/root

	[ ! -e "$PODMAN_DIR/oci/layout" ] || return 0
	mkdir -p "$root"/{bin,etc,proc,sys,dev,tmp}
	cp /bin/busybox "$root/bin/busybox"
	for applet in sh cat sleep id true false ls touch mkdir mount env; do
		ln -s busybox "$root/bin/$applet"
	done
	printf 'root:x:0:0:root:/:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n' \
		>"$root/etc/passwd"
	umoci init --layout "$PODMAN_DIR/oci/layout"
	umoci new --image "$PODMAN_DIR/oci/layout:base"
	umoci insert --image "$PODMAN_DIR/oci/layout:base" "$root" /
	umoci config --image "$PODMAN_DIR/oci/layout:base" \
		--config.cmd /bin/sh --config.env PATH=/bin
}

podman_image()
{
	local name=$1 layout=$PODMAN_DIR/oci/layout

	shift
	podman_base >/dev/null || return 1
	umoci config --image "$layout:base" --tag "$name" \
		--config.label "name=$name" "$@" >/dev/null || return 1
	podman_env skopeo --policy "$PODMAN_DIR/policy.json" copy --quiet \
		"oci:$layout:$name" "containers-storage:localhost/$name:v1"
}

podman_down()
{
	[ -n "${PODMAN_DIR:-}" ] || return 0
	pod rm --all --force --time 0 >/dev/null 2>&1 || true
	kill "$PODMAN_HOLDER" 2>/dev/null || true
	wait "$PODMAN_HOLDER" 2>/dev/null || true
	cgroups_leave
	rm -rf --one-file-system "$PODMAN_DIR"
	unset PODMAN_DIR PODMAN_HOLDER
}
