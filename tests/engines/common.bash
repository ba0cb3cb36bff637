# shellcheck shell=bash
# Words of inner shells and jq; what the .bats files use.
# shellcheck disable=SC2016,SC2034,SC2153
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# common.bash - garita at its real paths, on a machine that forgets.
#
#	garita_up               # in setup_file(): makes $GARITA_DIR
#	garita_down             # in teardown_file()
#
#	inside COMMAND...       runs it where /etc, /var/lib, /var/log and /run
#	                        are the test's own
#	policy <<<'{...}'       writes /etc/garita/policy.json there
#	no_policy               removes it
#	enforce JSON            writes one with these members, in front of $KIND
#	decisions               prints the decision log; forget empties it
#	bundle DIR [JQ]         a `runc spec` bundle with busybox, edited
#
# The programs come from $GARITA_BUILD. A sleeping process holds a mount
# namespace: /etc is a copy, /var/lib, /var/log and /run are empty, and
# /sys/fs/cgroup/unified is not mounted (crun before 1.15 refuses hybrid
# cgroups). Everything dies with that process, even after a kill -9, but for
# $GARITA_DIR and empty cgroups, which the next one removes. With podman, docker or
# containerd, call podman_up, docker_up or containerd_up first: then its
# namespace is the one.

# shellcheck source=tests/engines/cgroups.bash
. "${BASH_SOURCE[0]%/*}/cgroups.bash"

bats_require_minimum_version 1.5.0
GARITA_BUILD=$(readlink -f "${GARITA_BUILD:-./build}")
GARITA_SRC=${GARITA_SRC:-$(readlink -f "$BATS_TEST_DIRNAME/../..")}
export GARITA_BUILD GARITA_SRC LC_ALL=C
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin
export GARITA=$GARITA_BUILD/garita
export RUNTIME=$GARITA_BUILD/garita-runtime
export HOOK=$GARITA_BUILD/garita-hook
POLICY=/etc/garita/policy.json
LOG=/var/log/garita/decisions.jsonl

garita_up()
{
	[ "$(id -u)" = 0 ] || {
		echo "needs root" >&2
		return 1
	}
	GARITA_DIR=$(mktemp -d "${TMPDIR:-/tmp}/garita-test.XXXXXX") || return 1
	cgroups_enter
	GARITA_HOLDER=${PODMAN_HOLDER:-${DOCKER_HOLDER:-${CTD_HOLDER:-}}}
	if [ -z "$GARITA_HOLDER" ]; then
		unshare --mount --propagation private bash -c '
			if mountpoint -q /sys/fs/cgroup/unified; then
				umount /sys/fs/cgroup/unified || exit
			fi
			mount -t tmpfs -o mode=0755 garita-test /run || exit
			: >"$0/ready"
			exec sleep infinity' "$GARITA_DIR" \
			</dev/null >"$GARITA_DIR/holder.log" 2>&1 3>&- &
		GARITA_HOLDER=$!
		garita_wait "$GARITA_DIR/ready" || {
			cat "$GARITA_DIR/holder.log" >&2
			return 1
		}
	fi
	GARITA_ENTER="--mount=/proc/$GARITA_HOLDER/ns/mnt"
	# Those two have processes of their own, as their /proc shows.
	[ -z "${DOCKER_HOLDER:-}${CTD_HOLDER:-}" ] ||
		GARITA_ENTER+=" --pid=/proc/$GARITA_HOLDER/ns/pid"
	export GARITA_DIR GARITA_HOLDER GARITA_ENTER
	inside bash -e -c '
		mkdir "$0/etc"
		mount -t tmpfs -o mode=0755 garita-test "$0/etc"
		cp -a /etc/. "$0/etc/" 2>/dev/null || true
		rm -rf "$0/etc/garita"
		mkdir "$0/etc/garita"
		mount --bind "$0/etc" /etc
		for at in /var/lib /var/log; do
			mount -t tmpfs -o mode=0755 garita-test "$at"
		done
		mkdir -m 0700 /var/log/garita /var/lib/garita' "$GARITA_DIR"
}

garita_down()
{
	[ -n "${GARITA_DIR:-}" ] || return 0
	if [ -z "${PODMAN_HOLDER:-}${DOCKER_HOLDER:-}${CTD_HOLDER:-}" ]; then
		kill "$GARITA_HOLDER" 2>/dev/null || true
		wait "$GARITA_HOLDER" 2>/dev/null || true
	fi
	cgroups_leave
	rm -rf --one-file-system "$GARITA_DIR"
}

# garita_wait FILE: until it is there, ten seconds at most
garita_wait()
{
	local tries

	for ((tries = 0; tries < 200; tries++)); do
		[ ! -e "$1" ] || return 0
		sleep 0.05
	done
	return 1
}

# A directory that was entered outside is not the same one inside.
inside()
{
	# shellcheck disable=SC2086
	nsenter $GARITA_ENTER -- \
		sh -c 'cd "$0" && exec "$@"' "$PWD" "$@"
}

policy()
{
	inside sh -c 'rm -rf "$0" && cat >"$0"' "$POLICY"
}

no_policy()
{
	inside rm -rf "$POLICY"
}

# enforce JSON: a policy with these members, and $KIND as the runtime
enforce()
{
	jq -n --arg runtime "$(command -v "$KIND")" --argjson more "$1" \
		'{version: 1, runtime: $runtime} + $more' | policy
}

# delete_below ROOT...: $ID is no container any more, of whichever runtime: runc
# would only forget one of crun's, and the other way round.
delete_below()
{
	local kind root

	for root; do
		kind=crun
		! inside test -e "$root/$ID/state.json" || kind=runc
		inside "$kind" --root "$root" delete --force "$ID" \
			>/dev/null 2>&1 3>&- || true
	done
}

# A policy that was changed between two tests is in the log, too.
decisions()
{
	inside sed '/"event":"policy-change"/d' "$LOG"
}

forget()
{
	inside sh -c 'while mountpoint -q /var/log/garita; do
			umount /var/log/garita || exit
		done
		rm -rf /var/log/garita && mkdir -m 0700 /var/log/garita
		rm -f /var/lib/garita/policy-seen'
}

# A root file system with busybox, for every bundle of the test.
rootfs()
{
	local root=$GARITA_DIR/rootfs applet

	[ ! -e "$root" ] || return 0
	mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp,mnt}
	cp "$(command -v busybox)" "$root/bin/busybox"
	for applet in sh cat echo grep sleep id true false ls touch head sed; do
		ln -s busybox "$root/bin/$applet"
	done
	chmod -R go-w "$root"
}

# What an author begins with: `runc spec`, as root, all of it risky enough.
bundle()
{
	local dir=$1

	rootfs
	rm -rf "$dir"
	mkdir -p "$dir"
	(cd "$dir" && runc spec)
	edit "$dir" --arg root "$GARITA_DIR/rootfs" \
		'.root.path = $root | .process.terminal = false
		 | del(.process.rlimits) | .process.args = ["sleep", "1000"]'
	[ -z "${2:-}" ] || edit "$dir" "$2"
}

# edit DIR JQ-ARGUMENTS...
edit()
{
	local dir=$1

	shift
	jq "$@" "$dir/config.json" >"$dir/edited"
	rm -f "$dir/config.json"
	mv "$dir/edited" "$dir/config.json"
	chmod 0644 "$dir/config.json"
}

# What a container sees of itself, as one line; for .process.args.
look='echo uid=$(id -u) $(grep -E "^(Seccomp|NoNewPrivs|Cap(Eff|Prm|Bnd|Inh|Amb)):" /proc/self/status | sed "s/[[:space:]]//g")'

# fails MESSAGE...: for a loop that looks at many things
fails()
{
	printf 'FAILED: %s\n' "$@"
	return 1
}
