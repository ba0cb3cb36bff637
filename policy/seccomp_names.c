/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_names - the names of all system calls, and who has them.
 *
 * A table of our own and not libseccomp's: that one is as old as the package
 * (Debian 12's ends with Linux 5.17), and a name it does not know is simply
 * passed over. Ours ends with Linux 6.19. A name beyond it is "unknown", which
 * no comparison takes for harmless.
 *
 * The number beside a name has the bit of every architecture with that call,
 * in the order of enum garita_seccomp_arch; 0: only on those not listed there.
 * Calls that an architecture has behind socketcall or ipc count as had.
 */
#include "policy/seccomp_lookup.h"

#include <string.h>

/* Every architecture of the table. */
enum { ALL = (1 << GARITA_ARCH_OTHER) - 1 };

/* In the order of strcmp(3); tests/unit/test_seccomp_names.c looks. */
/* clang-format off */
const struct garita_seccomp_name garita_seccomp_names[GARITA_SECCOMP_CALLS] = {
	{ "_llseek", 0x170 }, { "_newselect", 0x170 }, { "_sysctl", 0x179 },
	{ "accept", ALL }, { "accept4", ALL }, { "access", 0x1f9 },
	{ "acct", ALL }, { "add_key", ALL }, { "adjtimex", ALL },
	{ "afs_syscall", 0x1d9 }, { "alarm", 0x1d9 }, { "arch_prctl", 0xc1 },
	{ "arm_fadvise64_64", 0x20 }, { "arm_sync_file_range", 0x20 },
	{ "bdflush", 0x178 }, { "bind", ALL }, { "bpf", ALL },
	{ "break", 0x50 }, { "breakpoint", 0x20 }, { "brk", ALL },
	{ "cachectl", 0x0 }, { "cacheflush", 0x20 }, { "cachestat", ALL },
	{ "capget", ALL }, { "capset", ALL }, { "chdir", ALL },
	{ "chmod", 0x1f9 }, { "chown", 0x1f9 }, { "chown32", 0x160 },
	{ "chroot", ALL }, { "clock_adjtime", ALL },
	{ "clock_adjtime64", 0x160 }, { "clock_getres", ALL },
	{ "clock_getres_time64", 0x160 }, { "clock_gettime", ALL },
	{ "clock_gettime64", 0x160 }, { "clock_nanosleep", ALL },
	{ "clock_nanosleep_time64", 0x160 }, { "clock_settime", ALL },
	{ "clock_settime64", 0x160 }, { "clone", ALL }, { "clone3", ALL },
	{ "close", ALL }, { "close_range", ALL }, { "connect", ALL },
	{ "copy_file_range", ALL }, { "creat", 0x1f9 },
	{ "create_module", 0x159 }, { "delete_module", ALL }, { "dup", ALL },
	{ "dup2", 0x1f9 }, { "dup3", ALL }, { "epoll_create", 0x1f9 },
	{ "epoll_create1", ALL }, { "epoll_ctl", ALL },
	{ "epoll_ctl_old", 0x1 }, { "epoll_pwait", ALL },
	{ "epoll_pwait2", ALL }, { "epoll_wait", 0x1f9 },
	{ "epoll_wait_old", 0x1 }, { "eventfd", 0x1f9 }, { "eventfd2", ALL },
	{ "execve", ALL }, { "execveat", ALL }, { "exit", ALL },
	{ "exit_group", ALL }, { "faccessat", ALL }, { "faccessat2", ALL },
	{ "fadvise64", 0x1df }, { "fadvise64_64", 0x140 },
	{ "fallocate", ALL }, { "fanotify_init", ALL },
	{ "fanotify_mark", ALL }, { "fchdir", ALL }, { "fchmod", ALL },
	{ "fchmodat", ALL }, { "fchmodat2", ALL }, { "fchown", ALL },
	{ "fchown32", 0x160 }, { "fchownat", ALL }, { "fcntl", ALL },
	{ "fcntl64", 0x160 }, { "fdatasync", ALL }, { "fgetxattr", ALL },
	{ "file_getattr", ALL }, { "file_setattr", ALL },
	{ "finit_module", ALL }, { "flistxattr", ALL }, { "flock", ALL },
	{ "fork", 0x1f9 }, { "fremovexattr", ALL }, { "fsconfig", ALL },
	{ "fsetxattr", ALL }, { "fsmount", ALL }, { "fsopen", ALL },
	{ "fspick", ALL }, { "fstat", ALL }, { "fstat64", 0x160 },
	{ "fstatat64", 0x160 }, { "fstatfs", ALL }, { "fstatfs64", 0x178 },
	{ "fsync", ALL }, { "ftime", 0x50 }, { "ftruncate", ALL },
	{ "ftruncate64", 0x160 }, { "futex", ALL }, { "futex_requeue", ALL },
	{ "futex_time64", 0x160 }, { "futex_wait", ALL },
	{ "futex_waitv", ALL }, { "futex_wake", ALL }, { "futimesat", 0x1f9 },
	{ "get_kernel_syms", 0x159 }, { "get_mempolicy", ALL },
	{ "get_robust_list", ALL }, { "get_thread_area", 0x41 },
	{ "get_tls", 0x20 }, { "getcpu", ALL }, { "getcwd", ALL },
	{ "getdents", 0x1f9 }, { "getdents64", ALL }, { "getegid", ALL },
	{ "getegid32", 0x160 }, { "geteuid", ALL }, { "geteuid32", 0x160 },
	{ "getgid", ALL }, { "getgid32", 0x160 }, { "getgroups", ALL },
	{ "getgroups32", 0x160 }, { "getitimer", ALL }, { "getpeername", ALL },
	{ "getpgid", ALL }, { "getpgrp", 0x1f9 }, { "getpid", ALL },
	{ "getpmsg", 0x1d9 }, { "getppid", ALL }, { "getpriority", ALL },
	{ "getrandom", ALL }, { "getresgid", ALL }, { "getresgid32", 0x160 },
	{ "getresuid", ALL }, { "getresuid32", 0x160 }, { "getrlimit", 0x1df },
	{ "getrusage", ALL }, { "getsid", ALL }, { "getsockname", ALL },
	{ "getsockopt", ALL }, { "gettid", ALL }, { "gettimeofday", ALL },
	{ "getuid", ALL }, { "getuid32", 0x160 }, { "getxattr", ALL },
	{ "getxattrat", ALL }, { "gtty", 0x50 }, { "idle", 0x158 },
	{ "init_module", ALL }, { "inotify_add_watch", ALL },
	{ "inotify_init", 0x1f9 }, { "inotify_init1", ALL },
	{ "inotify_rm_watch", ALL }, { "io_cancel", ALL },
	{ "io_destroy", ALL }, { "io_getevents", ALL },
	{ "io_pgetevents", ALL }, { "io_pgetevents_time64", 0x160 },
	{ "io_setup", ALL }, { "io_submit", ALL }, { "io_uring_enter", ALL },
	{ "io_uring_register", ALL }, { "io_uring_setup", ALL },
	{ "ioctl", ALL }, { "ioperm", 0x1d1 }, { "iopl", 0xd1 },
	{ "ioprio_get", ALL }, { "ioprio_set", ALL }, { "ipc", 0x158 },
	{ "kcmp", ALL }, { "kexec_file_load", 0x1bf }, { "kexec_load", ALL },
	{ "keyctl", ALL }, { "kill", ALL }, { "landlock_add_rule", ALL },
	{ "landlock_create_ruleset", ALL }, { "landlock_restrict_self", ALL },
	{ "lchown", 0x1f9 }, { "lchown32", 0x160 }, { "lgetxattr", ALL },
	{ "link", 0x1f9 }, { "linkat", ALL }, { "listen", ALL },
	{ "listmount", ALL }, { "listns", ALL }, { "listxattr", ALL },
	{ "listxattrat", ALL }, { "llistxattr", ALL }, { "lock", 0x50 },
	{ "lookup_dcookie", ALL }, { "lremovexattr", ALL }, { "lseek", ALL },
	{ "lsetxattr", ALL }, { "lsm_get_self_attr", ALL },
	{ "lsm_list_modules", ALL }, { "lsm_set_self_attr", ALL },
	{ "lstat", 0x1f9 }, { "lstat64", 0x160 }, { "madvise", ALL },
	{ "map_shadow_stack", ALL }, { "mbind", ALL }, { "membarrier", ALL },
	{ "memfd_create", ALL }, { "memfd_secret", 0x1cf },
	{ "migrate_pages", ALL }, { "mincore", ALL }, { "mkdir", 0x1f9 },
	{ "mkdirat", ALL }, { "mknod", 0x1f9 }, { "mknodat", ALL },
	{ "mlock", ALL }, { "mlock2", ALL }, { "mlockall", ALL },
	{ "mmap", 0x1df }, { "mmap2", 0x160 }, { "modify_ldt", 0xd1 },
	{ "mount", ALL }, { "mount_setattr", ALL }, { "move_mount", ALL },
	{ "move_pages", ALL }, { "mprotect", ALL }, { "mpx", 0x50 },
	{ "mq_getsetattr", ALL }, { "mq_notify", ALL }, { "mq_open", ALL },
	{ "mq_timedreceive", ALL }, { "mq_timedreceive_time64", 0x160 },
	{ "mq_timedsend", ALL }, { "mq_timedsend_time64", 0x160 },
	{ "mq_unlink", ALL }, { "mremap", ALL }, { "mseal", ALL },
	{ "msgctl", ALL }, { "msgget", ALL }, { "msgrcv", ALL },
	{ "msgsnd", ALL }, { "msync", ALL }, { "multiplexer", 0x10 },
	{ "munlock", ALL }, { "munlockall", ALL }, { "munmap", ALL },
	{ "name_to_handle_at", ALL }, { "nanosleep", ALL },
	{ "newfstatat", 0x9f }, { "nfsservctl", 0x17f }, { "nice", 0x178 },
	{ "oldfstat", 0x50 }, { "oldlstat", 0x50 }, { "oldolduname", 0x50 },
	{ "oldstat", 0x50 }, { "olduname", 0x50 }, { "open", 0x1f9 },
	{ "open_by_handle_at", ALL }, { "open_tree", ALL },
	{ "open_tree_attr", ALL }, { "openat", ALL }, { "openat2", ALL },
	{ "pause", 0x1f9 }, { "pciconfig_iobase", 0x30 },
	{ "pciconfig_read", 0x30 }, { "pciconfig_write", 0x30 },
	{ "perf_event_open", ALL }, { "personality", ALL },
	{ "pidfd_getfd", ALL }, { "pidfd_open", ALL },
	{ "pidfd_send_signal", ALL }, { "pipe", 0x1f9 }, { "pipe2", ALL },
	{ "pivot_root", ALL }, { "pkey_alloc", ALL }, { "pkey_free", ALL },
	{ "pkey_mprotect", ALL }, { "poll", 0x1f9 }, { "ppoll", ALL },
	{ "ppoll_time64", 0x160 }, { "prctl", ALL }, { "pread64", ALL },
	{ "preadv", ALL }, { "preadv2", ALL }, { "prlimit64", ALL },
	{ "process_madvise", ALL }, { "process_mrelease", ALL },
	{ "process_vm_readv", ALL }, { "process_vm_writev", ALL },
	{ "prof", 0x50 }, { "profil", 0x50 }, { "pselect6", ALL },
	{ "pselect6_time64", 0x160 }, { "ptrace", ALL }, { "putpmsg", 0x1d9 },
	{ "pwrite64", ALL }, { "pwritev", ALL }, { "pwritev2", ALL },
	{ "query_module", 0x159 }, { "quotactl", ALL }, { "quotactl_fd", ALL },
	{ "read", ALL }, { "readahead", ALL }, { "readdir", 0x158 },
	{ "readlink", 0x1f9 }, { "readlinkat", ALL }, { "readv", ALL },
	{ "reboot", ALL }, { "recv", 0x178 }, { "recvfrom", ALL },
	{ "recvmmsg", ALL }, { "recvmmsg_time64", 0x160 }, { "recvmsg", ALL },
	{ "remap_file_pages", ALL }, { "removexattr", ALL },
	{ "removexattrat", ALL }, { "rename", 0x1f9 }, { "renameat", 0x1fb },
	{ "renameat2", ALL }, { "request_key", ALL },
	{ "restart_syscall", ALL }, { "riscv_flush_icache", 0x4 },
	{ "riscv_hwprobe", 0x4 }, { "rmdir", 0x1f9 }, { "rseq", ALL },
	{ "rseq_slice_yield", ALL }, { "rt_sigaction", ALL },
	{ "rt_sigpending", ALL }, { "rt_sigprocmask", ALL },
	{ "rt_sigqueueinfo", ALL }, { "rt_sigreturn", ALL },
	{ "rt_sigsuspend", ALL }, { "rt_sigtimedwait", ALL },
	{ "rt_sigtimedwait_time64", 0x160 }, { "rt_tgsigqueueinfo", ALL },
	{ "rtas", 0x10 }, { "s390_guarded_storage", 0x108 },
	{ "s390_pci_mmio_read", 0x108 }, { "s390_pci_mmio_write", 0x108 },
	{ "s390_runtime_instr", 0x108 }, { "s390_sthyi", 0x108 },
	{ "sched_get_priority_max", ALL }, { "sched_get_priority_min", ALL },
	{ "sched_getaffinity", ALL }, { "sched_getattr", ALL },
	{ "sched_getparam", ALL }, { "sched_getscheduler", ALL },
	{ "sched_rr_get_interval", ALL },
	{ "sched_rr_get_interval_time64", 0x160 },
	{ "sched_setaffinity", ALL }, { "sched_setattr", ALL },
	{ "sched_setparam", ALL }, { "sched_setscheduler", ALL },
	{ "sched_yield", ALL }, { "seccomp", ALL }, { "security", 0x81 },
	{ "select", 0xd9 }, { "semctl", ALL }, { "semget", ALL },
	{ "semop", ALL }, { "semtimedop", ALL },
	{ "semtimedop_time64", 0x160 }, { "send", 0x178 }, { "sendfile", ALL },
	{ "sendfile64", 0x160 }, { "sendmmsg", ALL }, { "sendmsg", ALL },
	{ "sendto", ALL }, { "set_mempolicy", ALL },
	{ "set_mempolicy_home_node", ALL }, { "set_robust_list", ALL },
	{ "set_thread_area", 0x41 }, { "set_tid_address", ALL },
	{ "set_tls", 0x20 }, { "setdomainname", ALL }, { "setfsgid", ALL },
	{ "setfsgid32", 0x160 }, { "setfsuid", ALL }, { "setfsuid32", 0x160 },
	{ "setgid", ALL }, { "setgid32", 0x160 }, { "setgroups", ALL },
	{ "setgroups32", 0x160 }, { "sethostname", ALL }, { "setitimer", ALL },
	{ "setns", ALL }, { "setpgid", ALL }, { "setpriority", ALL },
	{ "setregid", ALL }, { "setregid32", 0x160 }, { "setresgid", ALL },
	{ "setresgid32", 0x160 }, { "setresuid", ALL },
	{ "setresuid32", 0x160 }, { "setreuid", ALL }, { "setreuid32", 0x160 },
	{ "setrlimit", ALL }, { "setsid", ALL }, { "setsockopt", ALL },
	{ "settimeofday", ALL }, { "setuid", ALL }, { "setuid32", 0x160 },
	{ "setxattr", ALL }, { "setxattrat", ALL }, { "sgetmask", 0x50 },
	{ "shmat", ALL }, { "shmctl", ALL }, { "shmdt", ALL },
	{ "shmget", ALL }, { "shutdown", ALL }, { "sigaction", 0x178 },
	{ "sigaltstack", ALL }, { "signal", 0x158 }, { "signalfd", 0x1f9 },
	{ "signalfd4", ALL }, { "sigpending", 0x178 },
	{ "sigprocmask", 0x178 }, { "sigreturn", 0x178 },
	{ "sigsuspend", 0x178 }, { "socket", ALL }, { "socketcall", 0x158 },
	{ "socketpair", ALL }, { "splice", ALL }, { "spu_create", 0x10 },
	{ "spu_run", 0x10 }, { "ssetmask", 0x50 }, { "stat", 0x1f9 },
	{ "stat64", 0x160 }, { "statfs", ALL }, { "statfs64", 0x178 },
	{ "statmount", ALL }, { "statx", ALL }, { "stime", 0x150 },
	{ "stty", 0x50 }, { "subpage_prot", 0x10 }, { "swapcontext", 0x10 },
	{ "swapoff", ALL }, { "swapon", ALL }, { "switch_endian", 0x10 },
	{ "symlink", 0x1f9 }, { "symlinkat", ALL }, { "sync", ALL },
	{ "sync_file_range", 0x1cf }, { "sync_file_range2", 0x10 },
	{ "syncfs", ALL }, { "sys_debug_setcontext", 0x10 },
	{ "syscall", 0x0 }, { "sysfs", 0x1f9 }, { "sysinfo", ALL },
	{ "syslog", ALL }, { "sysmips", 0x0 }, { "tee", ALL },
	{ "tgkill", ALL }, { "time", 0x1d1 }, { "timer_create", ALL },
	{ "timer_delete", ALL }, { "timer_getoverrun", ALL },
	{ "timer_gettime", ALL }, { "timer_gettime64", 0x160 },
	{ "timer_settime", ALL }, { "timer_settime64", 0x160 },
	{ "timerfd", 0x108 }, { "timerfd_create", ALL },
	{ "timerfd_gettime", ALL }, { "timerfd_gettime64", 0x160 },
	{ "timerfd_settime", ALL }, { "timerfd_settime64", 0x160 },
	{ "times", ALL }, { "tkill", ALL }, { "truncate", ALL },
	{ "truncate64", 0x160 }, { "tuxcall", 0x91 }, { "ugetrlimit", 0x170 },
	{ "ulimit", 0x50 }, { "umask", ALL }, { "umount", 0x158 },
	{ "umount2", ALL }, { "uname", ALL }, { "unlink", 0x1f9 },
	{ "unlinkat", ALL }, { "unshare", ALL }, { "uprobe", 0x81 },
	{ "uretprobe", 0x81 }, { "uselib", 0x179 }, { "userfaultfd", ALL },
	{ "usr26", 0x20 }, { "usr32", 0x20 }, { "ustat", 0x1f9 },
	{ "utime", 0x1d9 }, { "utimensat", ALL },
	{ "utimensat_time64", 0x160 }, { "utimes", 0x1f9 }, { "vfork", 0x1f9 },
	{ "vhangup", ALL }, { "vm86", 0x50 }, { "vm86old", 0x40 },
	{ "vmsplice", ALL }, { "vserver", 0x61 }, { "wait4", ALL },
	{ "waitid", ALL }, { "waitpid", 0x50 }, { "write", ALL },
	{ "writev", ALL },
};
/* clang-format on */

int garita_seccomp_call(const char *name, size_t len)
{
	char room[sizeof(garita_seccomp_names[0])] = { 0 };

	if (len > GARITA_SECCOMP_LONGEST)
		return -1;
	memcpy(room, name, len);
	return garita_seccomp_call_in_steps(room, len);
}

struct garita_seccomp_set garita_seccomp_calls_on(unsigned arches)
{
	struct garita_seccomp_set set = { { 0 } };

	for (size_t arch = 0; arch < GARITA_ARCH_OTHER; arch++)
		for (size_t i = 0;
		     arches >> arch & 1 && i < GARITA_SECCOMP_TABLE_WORDS; i++)
			set.words[i] |= garita_seccomp_on[arch][i];
	for (size_t call = 0;
	     arches >> GARITA_ARCH_OTHER && call < GARITA_SECCOMP_CALLS; call++)
		garita_seccomp_put(&set, call);
	return set;
}
