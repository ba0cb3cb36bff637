#!/usr/bin/env bats
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The built-in seccomp profile under the real runc and the real crun.
#
# One static program makes the calls (tests/programs/probe.c) in three
# containers that differ in nothing but the profile, and all have every
# capability, so that what refuses is the filter and not the kernel:
#
#	bare      no profile
#	default   the profile of a container with the engines' default set
#	admin     the profile of a container that keeps every capability
#
# A refusal counts only when "bare" answers something else. A kernel without
# the feature answers ENOSYS or EAFNOSUPPORT there, which still is not EPERM.

# bats sets lines, output and status behind shellcheck's back.
# shellcheck disable=SC2030,SC2031,SC2153

DEFAULT_CAPS=(CAP_CHOWN CAP_DAC_OVERRIDE CAP_FSETID CAP_FOWNER CAP_MKNOD
	CAP_NET_RAW CAP_SETGID CAP_SETUID CAP_SETFCAP CAP_SETPCAP
	CAP_NET_BIND_SERVICE CAP_SYS_CHROOT CAP_KILL CAP_AUDIT_WRITE)

ALLOWED=(threads fork_exec spawn clone_plain traced_child tcp tcp6 udp
	unix_stream unix_pair file_work copying own_root mappings signals
	waiting system_v old_aio own_memory own_filter drop_root
	socket_netlink socket_packet personality_linux personality_ask
	ptrace_traceme)

# Closed for everybody.
NEVER=(pivot_root socket_alg socket_vsock socket_rxrpc socket_tipc socket_can
	socket_bluetooth socket_wide_alg socketpair_alg keyctl add_key
	request_key io_uring_setup io_uring_enter io_uring_register
	userfaultfd personality_no_aslr kexec_load swapon swapoff modify_ldt)

# Closed without the capability that is for them.
BY_CAPABILITY=(mount umount2 fsopen fsconfig fsmount fspick move_mount
	open_tree mount_setattr open_by_handle_at fanotify_init fanotify_mark
	quotactl unshare_newns unshare_newcgroup unshare_newuts unshare_newipc
	unshare_newuser unshare_newpid unshare_newnet unshare_newtime setns
	clone_newns clone_newcgroup clone_newuts clone_newipc clone_newuser
	clone_newpid clone_newnet sethostname setdomainname bpf
	perf_event_open kcmp pidfd_getfd process_madvise get_mempolicy
	init_module finit_module delete_module reboot acct syslog settimeofday
	clock_settime iopl ioperm)

# Other tables of system calls, and the one that answers ENOSYS.
FOREIGN=(int80_getpid int80_socketcall_alg x32_getpid)
NOT_THERE=(clone3)

# The container's config without its profile: all capabilities this machine
# may give, own namespaces, nothing of the host but read-only busybox.
base_config()
{
	jq -n --args '{
		ociVersion: "1.0.2",
		process: {
			terminal: false, noNewPrivileges: true, cwd: "/",
			user: { uid: 0, gid: 0 }, args: [], env: ["PATH=/bin"],
			capabilities: {
				bounding: $ARGS.positional,
				effective: $ARGS.positional,
				permitted: $ARGS.positional
			}
		},
		root: { path: "rootfs" },
		hostname: "probe",
		mounts: [
			{ destination: "/proc", type: "proc", source: "proc" },
			{ destination: "/tmp", type: "tmpfs", source: "tmpfs",
			  options: ["nosuid", "nodev", "mode=1777"] }
		],
		linux: {
			namespaces: [ { type: "pid" }, { type: "mount" },
				{ type: "ipc" }, { type: "uts" },
				{ type: "network" } ]
		}
	}' "$@"
}

# The capabilities of this process, by name: a runtime cannot give others.
own_caps()
{
	capsh --decode="$(awk '$1 == "CapBnd:" { print $2 }' /proc/self/status)" |
		sed 's/.*=//; s/,/\n/g' | tr '[:lower:]' '[:upper:]'
}

# make_bundle DIR PROFILE ARG...
make_bundle()
{
	local dir=$1 profile=$2

	shift 2
	mkdir -p "$dir"
	jq --slurpfile profile "$profile" --arg rootfs "$ROOTFS" \
		'.process.args = $ARGS.positional | .root.path = $rootfs |
		if $profile[0] then .linux.seccomp = $profile[0] else . end' \
		"$WORK/base.json" --args -- "$@" >"$dir/config.json"
}

# run_bundle RUNTIME DIR: in a mount namespace of its own, in which crun
# finds no hybrid cgroups (it refuses them) and all mounts die with us.
run_bundle()
{
	# Words of the inner shell.
	# shellcheck disable=SC2016
	unshare --mount --propagation private sh -c '
		if mountpoint -q /sys/fs/cgroup/unified; then
			umount /sys/fs/cgroup/unified || exit
		fi
		if [ -d "$3/overlay" ]; then
			o=$3/overlay
			mount -t tmpfs garita-test "$o" || exit
			mkdir "$o/upper" "$o/work" "$o/root"
			mount -t overlay -o "lowerdir=/,upperdir=$o/upper,workdir=$o/work" \
				garita-test "$o/root" || exit
		fi
		exec "$1" --root "$2" run --bundle "$3" "garita-seccomp-$$"' \
		run "$1" "$WORK/state-$1" "$2" </dev/null 3>&-
}

setup_file()
{
	local kernel tools runtime profile

	[ "$(id -u)" = 0 ] || {
		echo "needs root" >&2
		return 1
	}
	tools=${GARITA_BUILD:-$PWD}/tests/programs
	SAMPLES=${GARITA_SRC:-$PWD}/tests/samples/engines
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/garita-seccomp.XXXXXX")
	ROOTFS=$WORK/rootfs
	export WORK ROOTFS
	mkdir -p "$ROOTFS"/{bin,proc,tmp,dev,etc,var}
	cp "$(command -v busybox)" "$ROOTFS/bin/busybox"
	cp "$tools/probe" "$ROOTFS/bin/probe"
	"$ROOTFS/bin/busybox" --install -s "$WORK/rootfs/bin" 2>/dev/null || true
	# --install makes links to the path it was called by
	find "$ROOTFS/bin" -type l -exec ln -sf busybox {} \;

	mapfile -t caps < <(own_caps)
	base_config "${caps[@]}" >"$WORK/base.json"
	IFS=. read -r -a kernel <<<"$(uname -r | grep -oE '^[0-9]+\.[0-9]+')"
	echo null >"$WORK/bare.json"
	"$tools/print_seccomp" "$(uname -m)" "${kernel[@]}" \
		"${DEFAULT_CAPS[@]}" >"$WORK/default.json"
	"$tools/print_seccomp" "$(uname -m)" "${kernel[@]}" all \
		>"$WORK/admin.json"
	"$tools/probe" --list >"$WORK/list"
	# What podman gives a container, as garita repairs it.
	jq .linux.seccomp "$SAMPLES/podman-4.3.1/config.json" \
		>"$WORK/podman.json"
	"${GARITA_BUILD:-$PWD}/garita" seccomp intersect "$WORK/podman.json" \
		default >"$WORK/both.json"
	for profile in bare default admin; do
		make_bundle "$WORK/$profile" "$WORK/$profile.json" /bin/probe
		for runtime in runc crun; do
			run_bundle "$runtime" "$WORK/$profile" \
				>"$WORK/$runtime.$profile" 2>&1 || {
				cat "$WORK/$runtime.$profile" >&2
				return 1
			}
		done
	done
}

teardown_file()
{
	if [ -n "${WORK:-}" ]; then
		rm -rf --one-file-system "$WORK"
	fi
}

# answer RUNTIME PROFILE NAME: "ok", "errno 1", "signal 31"
answer()
{
	sed -n "s/^$3 //p" "$WORK/$1.$2"
}

# each FUNCTION NAME...: for the names this machine's probe has; FUNCTION
# prints what is wrong
each()
{
	local check=$1 name wrong=""

	shift
	for name in "$@"; do
		if grep -qx "$name" "$WORK/list"; then
			wrong+=$("$check" "$name")
		fi
	done
	if [ -n "$wrong" ]; then
		echo "$wrong"
		return 1
	fi
}

must_work()
{
	local profile is

	for profile in bare default admin; do
		is=$(answer "$RUNTIME" "$profile" "$1")
		[ "$is" = ok ] || echo "$1 with $profile: ${is:-no answer}; "
	done
}

must_be_closed()
{
	local is bare

	is=$(answer "$RUNTIME" "$2" "$1")
	bare=$(answer "$RUNTIME" bare "$1")
	[ "$is" = "errno 1" ] || echo "$1 with $2: ${is:-no answer}; "
	[ "$bare" != "errno 1" ] && [ -n "$bare" ] ||
		echo "$1 proves nothing, without a profile: ${bare:-no answer}; "
}

closed_by_default()
{
	must_be_closed "$1" default
}

closed_even_for_admin()
{
	must_be_closed "$1" admin
}

# With the capability the call reaches the kernel, which answers as ever.
open_for_admin()
{
	local is bare

	is=$(answer "$RUNTIME" admin "$1")
	bare=$(answer "$RUNTIME" bare "$1")
	[ "$is" = "$bare" ] || echo "$1 with admin: $is, without profile: $bare; "
}

# SIGSYS from libseccomp's answer to a foreign architecture. runc puts a stub
# in front that answers ENOSYS for high numbers, as x32's are.
# Some hypervisors have no int 0x80 to give: without a filter it then ends in
# the same way.
must_be_foreign()
{
	local is profile bare

	bare=$(answer "$RUNTIME" bare "$1")
	for profile in default admin; do
		is=$(answer "$RUNTIME" "$profile" "$1")
		case $1:$is:$bare in
		*:"signal 31":* | x32_*:"errno 38":*) ;;
		int80_*:"signal 11":"signal 11") ;;
		*) echo "$1 with $profile: ${is:-no answer}; " ;;
		esac
	done
}

must_not_be_there()
{
	local is bare

	is=$(answer "$RUNTIME" default "$1")
	bare=$(answer "$RUNTIME" bare "$1")
	[ "$is" = "errno 38" ] || echo "$1: $is; "
	[ "$bare" != "errno 38" ] || echo "$1 is not in this kernel; "
}

@test "every probe is in one list" {
	printf '%s\n' "${ALLOWED[@]}" "${NEVER[@]}" "${BY_CAPABILITY[@]}" \
		"${FOREIGN[@]}" "${NOT_THERE[@]}" | sort >"$WORK/named"
	[ -z "$(uniq -d "$WORK/named")" ]
	run comm -13 "$WORK/named" <(sort "$WORK/list")
	[ -z "$output" ]
}

# both COMMAND...: with each runtime. Nothing behind it: what asks for its status
# would let a function in it go on after a failure.
both()
{
	for RUNTIME in runc crun; do
		echo "$RUNTIME:"
		"$@"
	done
}

@test "what programs do all day works" {
	both each must_work "${ALLOWED[@]}"
}

@test "mounts, namespaces, bpf, ... are closed" {
	both each closed_by_default "${BY_CAPABILITY[@]}"
}

@test "... and open for whoever has the capability" {
	both each open_for_admin "${BY_CAPABILITY[@]}"
}

@test "AF_ALG, keyrings, io_uring, ... are closed with and without capabilities" {
	both each closed_by_default "${NEVER[@]}"
	both each closed_even_for_admin "${NEVER[@]}"
}

@test "clone3 is not there, so that libraries use clone" {
	both each must_not_be_there "${NOT_THERE[@]}"
}

@test "int 0x80 and x32 lead nowhere" {
	both each must_be_foreign "${FOREIGN[@]}"
}

# runs DIR: the script in it, to its end
runs()
{
	run run_bundle "$RUNTIME" "$1"
	echo "$output"
	[ "$status" = 0 ]
	[ "${lines[-1]}" = "done" ]
}

# A package manager's work in the empty root: unpack, own, set, replace.
busybox_work()
{
	cat <<-'SCRIPT'
	set -e
	grep -q '^Seccomp:.*2' /proc/self/status
	cd /tmp
	mkdir -p tree/usr/bin tree/etc
	echo one >tree/etc/conf
	cp /bin/busybox tree/usr/bin/busybox
	chown 5:6 tree/etc/conf
	chmod 4711 tree/usr/bin/busybox
	ln -s conf tree/etc/link
	ln tree/etc/conf tree/etc/hard
	mkfifo tree/etc/pipe
	tar -cf tree.tar -C tree .
	mkdir out
	tar -xpf tree.tar -C out
	test "$(stat -c %u:%g out/etc/conf)" = 5:6
	test "$(stat -c %a out/usr/bin/busybox)" = 4711
	test "$(stat -c %h out/etc/conf)" = 2
	test -p out/etc/pipe
	echo two >out/etc/conf.new
	mv out/etc/conf.new out/etc/conf
	test "$(sh -c 'cat out/etc/link' | sed s/two/2/)" = 2
	chroot out /usr/bin/busybox true
	(sleep 30 & kill $!; wait $!) 2>/dev/null || test $? = 143
	echo "done"
	SCRIPT
}

check_busybox_work()
{
	make_bundle "$WORK/work-$RUNTIME" "$WORK/default.json" \
		/bin/sh -c "$(busybox_work)"
	runs "$WORK/work-$RUNTIME"
}

@test "a shell and tar do a package manager's work" {
	both check_busybox_work
}

# The real thing: this machine's own package manager, in a throw-away overlay
# of this machine's root.
host_work()
{
	cat <<-'SCRIPT'
	set -e
	grep -q '^Seccomp:.*2' /proc/self/status
	export PATH=/usr/sbin:/usr/bin:/sbin:/bin
	cd /tmp
	if command -v dpkg-deb >/dev/null; then
		mkdir -p pkg/DEBIAN pkg/usr/share/garita-probe
		printf '%s\n' 'Package: garita-probe' 'Version: 1' \
			'Architecture: all' 'Maintainer: nobody <n@example.com>' \
			'Description: probe' >pkg/DEBIAN/control
		printf '#!/bin/sh\nset -e\nuseradd --system garita-probe\n' \
			>pkg/DEBIAN/postinst
		chmod 755 pkg/DEBIAN/postinst
		echo text >pkg/usr/share/garita-probe/file
		dpkg-deb --root-owner-group --build pkg probe.deb
		dpkg --install probe.deb
		getent passwd garita-probe
		dpkg --purge garita-probe
	else
		rpm --initdb --dbpath /tmp/db
		rpm --query --all | head -n 3
		useradd --system garita-probe
	fi
	echo "done"
	SCRIPT
}

check_host_work()
{
	local dir=$WORK/host-$RUNTIME

	mkdir -p "$dir/overlay"
	ROOTFS=$dir/overlay/root make_bundle "$dir" "$WORK/default.json" \
		/bin/sh -c "$(host_work)"
	runs "$dir"
}

@test "this machine's package manager installs a package" {
	both check_host_work
}

# A repaired profile is loaded, programs work under it, and what podman leaves
# open is closed.
check_intersected()
{
	make_bundle "$WORK/both-$RUNTIME" "$WORK/both.json" /bin/probe
	run run_bundle "$RUNTIME" "$WORK/both-$RUNTIME"
	echo "$output"
	[ "$status" = 0 ]
	for name in threads fork_exec spawn tcp unix_stream file_work; do
		grep -qx "$name ok" <<<"$output"
	done
	for name in keyctl mount setns unshare_newuser socket_alg \
		clone_newuser pivot_root; do
		grep -qE "^$name errno (1|38)$" <<<"$output"
	done
	make_bundle "$WORK/both-work-$RUNTIME" "$WORK/both.json" \
		/bin/sh -c "$(busybox_work)"
	runs "$WORK/both-work-$RUNTIME"
}

@test "podman's profile, intersected with the built-in one" {
	both check_intersected
}
