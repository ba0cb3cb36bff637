/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * probe - makes system calls inside a container and says what came back.
 *
 *	probe            every probe
 *	probe NAME...    these
 *	probe --list     their names
 *
 * One line a probe: "NAME ok", "NAME errno N" or "NAME signal N". Each runs in
 * a child of its own, since a filter may kill, and harms nothing when no
 * filter is there and it has all capabilities: what would change the machine
 * is called with arguments the kernel refuses, with another errno than EPERM.
 *
 * Linked statically, so that it runs in an empty root file system.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/programs/probe.h"

#define BAD (-1L) /* no descriptor, no address, no size */

/* Calls that need no preparation: number and arguments. */
static const struct raw {
	const char *name;
	long number;
	long arg[6];
} raws[] = {
	/* Mounts. Null paths: EFAULT. */
	{ "mount", SYS_mount, { 0 } },
	{ "umount2", SYS_umount2, { 0 } },
	{ "pivot_root", SYS_pivot_root, { 0 } },
	{ "fsopen", SYS_fsopen, { 0 } },
	{ "fsconfig", SYS_fsconfig, { BAD } },
	{ "fsmount", SYS_fsmount, { BAD } },
	{ "fspick", SYS_fspick, { BAD } },
	{ "move_mount", SYS_move_mount, { BAD, 0, BAD, 0, 0 } },
	{ "open_tree", SYS_open_tree, { BAD, 0, 0 } },
	{ "mount_setattr", SYS_mount_setattr, { BAD, 0, 0, 0, 0 } },
	{ "open_by_handle_at", SYS_open_by_handle_at, { BAD, 0, 0 } },
	{ "fanotify_init", SYS_fanotify_init, { BAD, 0 } },
	{ "fanotify_mark", SYS_fanotify_mark, { BAD, 0, 0, BAD, 0 } },
	{ "quotactl", SYS_quotactl, { BAD, 0, 0, 0 } },
	/* Namespaces. */
	{ "unshare_newns", SYS_unshare, { CLONE_NEWNS } },
	{ "unshare_newcgroup", SYS_unshare, { CLONE_NEWCGROUP } },
	{ "unshare_newuts", SYS_unshare, { CLONE_NEWUTS } },
	{ "unshare_newipc", SYS_unshare, { CLONE_NEWIPC } },
	{ "unshare_newuser", SYS_unshare, { CLONE_NEWUSER } },
	{ "unshare_newpid", SYS_unshare, { CLONE_NEWPID } },
	{ "unshare_newnet", SYS_unshare, { CLONE_NEWNET } },
	{ "unshare_newtime", SYS_unshare, { 0x80 } },
	{ "setns", SYS_setns, { BAD, 0 } },
	{ "clone3", SYS_clone3, { 0, 0 } },
	{ "sethostname", SYS_sethostname, { 0, 99999 } },
	{ "setdomainname", SYS_setdomainname, { 0, 99999 } },
	/* Socket families. The last two are AF_ALG for a kernel that cuts
	 * the argument to 32 bits. */
	{ "socket_alg", SYS_socket, { AF_ALG, SOCK_SEQPACKET, 0 } },
	{ "socket_vsock", SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 } },
	{ "socket_rxrpc", SYS_socket, { AF_RXRPC, SOCK_DGRAM, AF_INET } },
	{ "socket_tipc", SYS_socket, { AF_TIPC, SOCK_STREAM, 0 } },
	{ "socket_can", SYS_socket, { AF_CAN, SOCK_RAW, 1 } },
	{ "socket_bluetooth", SYS_socket, { AF_BLUETOOTH, SOCK_RAW, 1 } },
	{ "socket_wide_alg", SYS_socket, { 0x100000026, SOCK_SEQPACKET, 0 } },
	{ "socketpair_alg", SYS_socketpair, { AF_ALG, SOCK_SEQPACKET, 0, 0 } },
	/* Keys, io_uring, bpf and other doors with a history. */
	{ "keyctl", SYS_keyctl, { 0, -3, 0 } },
	{ "add_key", SYS_add_key, { 0, 0, 0, 0, -3 } },
	{ "request_key", SYS_request_key, { 0, 0, 0, -3 } },
	{ "io_uring_setup", SYS_io_uring_setup, { 1, 0 } },
	{ "io_uring_enter", SYS_io_uring_enter, { BAD, 0, 0, 0, 0, 0 } },
	{ "io_uring_register", SYS_io_uring_register, { BAD, 0, 0, 0 } },
	{ "bpf", SYS_bpf, { 9999, 0, 0 } },
	{ "userfaultfd", SYS_userfaultfd, { 0x10000 } },
	{ "perf_event_open", SYS_perf_event_open, { 0, 0, BAD, BAD, 0 } },
	{ "kcmp", SYS_kcmp, { 1, 1, 9999, 0, 0 } },
	{ "pidfd_getfd", SYS_pidfd_getfd, { BAD, BAD, 0 } },
	{ "process_madvise", SYS_process_madvise, { BAD, 0, 0, 0, 0 } },
	{ "personality_no_aslr", SYS_personality, { 0x40000 } },
	{ "get_mempolicy", SYS_get_mempolicy, { 0, 0, 0, 0, 0 } },
	/* The machine itself. */
	{ "init_module", SYS_init_module, { 0, 0, 0 } },
	{ "finit_module", SYS_finit_module, { BAD, 0, 0 } },
	{ "delete_module", SYS_delete_module, { 0, 0 } },
	{ "kexec_load", SYS_kexec_load, { 0, 99999, 0, BAD } },
	{ "reboot", SYS_reboot, { 0, 0, 0, 0 } },
	{ "swapon", SYS_swapon, { 0, 0 } },
	{ "swapoff", SYS_swapoff, { 0 } },
	{ "acct", SYS_acct, { 1 } },
	{ "syslog", SYS_syslog, { 9999, 0, 0 } },
	{ "settimeofday", SYS_settimeofday, { 1, 0 } },
	{ "clock_settime", SYS_clock_settime, { 9999, 1 } },
	/* Allowed. */
	{ "socket_netlink", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 } },
	{ "socket_packet", SYS_socket, { AF_PACKET, SOCK_DGRAM, 0 } },
	{ "personality_linux", SYS_personality, { 0 } },
	{ "personality_ask", SYS_personality, { 0xffffffff } },
	{ "ptrace_traceme", SYS_ptrace, { 0, 0, 0, 0 } },
#ifdef __x86_64__
	{ "modify_ldt", SYS_modify_ldt, { 0, 0, 0 } },
	{ "iopl", SYS_iopl, { 99 } },
	{ "ioperm", SYS_ioperm, { BAD, BAD, 1 } },
	{ "x32_getpid", 0x40000000 | SYS_getpid, { 0 } },
#endif
};

enum { RAW_COUNT = sizeof(raws) / sizeof(raws[0]) };

static long make_raw(const struct raw *raw)
{
	return syscall(raw->number, raw->arg[0], raw->arg[1], raw->arg[2],
		       raw->arg[3], raw->arg[4], raw->arg[5]);
}

/* Runs in the child: 0, or the errno as an exit status. */
static int run_one(const struct raw *raw, const struct probe *probe)
{
	errno = 0;
	if (raw)
		return make_raw(raw) < 0 ? errno : 0;
	return probe->run() < 0 ? (errno ? errno : EIO) : 0;
}

static void report(const char *name, const struct raw *raw,
		   const struct probe *probe)
{
	int status;
	pid_t child = fork();

	if (child == 0)
		_exit(run_one(raw, probe));
	if (child < 0 || waitpid(child, &status, 0) != child) {
		printf("%s not run\n", name);
		return;
	}
	if (WIFSIGNALED(status))
		printf("%s signal %d\n", name, WTERMSIG(status));
	else if (WEXITSTATUS(status))
		printf("%s errno %d\n", name, WEXITSTATUS(status));
	else
		printf("%s ok\n", name);
}

static bool wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], name) == 0)
			return true;
	}
	return argc < 2;
}

int main(int argc, char **argv)
{
	bool list = argc == 2 && strcmp(argv[1], "--list") == 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t i = 0; i < RAW_COUNT; i++) {
		if (list)
			puts(raws[i].name);
		else if (wanted(raws[i].name, argc, argv))
			report(raws[i].name, &raws[i], NULL);
	}
	for (size_t i = 0; i < probe_count; i++) {
		if (list)
			puts(probes[i].name);
		else if (wanted(probes[i].name, argc, argv))
			report(probes[i].name, NULL, &probes[i]);
	}
	return 0;
}
