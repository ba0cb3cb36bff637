/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_default - the built-in profile, as a table one can read.
 *
 * It is a list of what ordinary programs use: a shell, threads, sockets, a
 * package manager, a database, language runtimes. Everything else is refused
 * with EPERM: io_uring, the kernel's keyrings, userfaultfd, kexec, swap,
 * quotas, accounting, and, for a container without the capability, mounts,
 * namespaces, bpf, perf and modules. It allows nothing that the default of
 * moby refuses (tests/unit/test_seccomp.c has that list and compares).
 *
 * It is stricter than moby in these places, on purpose:
 *  - socket families: UNIX, INET, INET6 and NETLINK, and PACKET with
 *    CAP_NET_RAW. Asking for a family can make the kernel load its module,
 *    and the rare ones (RXRPC, TIPC, CAN, ...) are where root came from.
 *  - socketpair: UNIX only. The kernel creates a socket of the family before
 *    it finds out that the family has no pairs: another door to AF_ALG.
 *  - socketcall: closed, as its arguments lie behind a pointer where a filter
 *    cannot look. Not on s390x: see the row.
 *  - one architecture, the native one, so that no second table of numbers
 *    (int 0x80, x32) leads around this one.
 *  - modify_ldt, which serves 32-bit code only; fanotify_mark, useless without
 *    fanotify_init; lookup_dcookie, gone since Linux 6.7; s390_pci_mmio_*.
 */
#include <errno.h>
#include <sys/socket.h>
#include <linux/capability.h>

#include "policy/seccomp_table.h"

#include "garita/memory.h"

enum {
	/* The machines that kept the first generation of calls, from before
	 * there were *at() and flags. */
	ON_OLD = GARITA_ON_X86_64 | GARITA_ON_S390X | GARITA_ON_PPC64LE |
		 GARITA_ON_ARM,
	ON_OLD_64 = ON_OLD & ~GARITA_ON_ARM,
	ON_64 = GARITA_ON_ALL & ~GARITA_ON_ARM,
};

static const uint64_t common_families[] = { AF_UNIX, AF_INET, AF_INET6,
					    AF_NETLINK };
static const uint64_t packet_family[] = { AF_PACKET };
static const uint64_t pair_families[] = { AF_UNIX };
/* Linux and 32-bit Linux, each also as UNAME26; 0xffffffff only asks. None
 * turns off address randomisation or makes data executable. */
static const uint64_t personalities[] = { 0, 0x8, 0x20000, 0x20008,
					  0xffffffff };
/* CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. The flag of
 * time namespaces (0x80) is part of the exit signal in clone(2). */
static const uint64_t new_namespace[] = { 0x7e020000 };

const struct garita_seccomp_row garita_seccomp_rows[] = {
	/* Reading and writing what is open. */
	{ .names = "close close_range copy_file_range dup dup3 fallocate fcntl "
		   "fdatasync flock fsync ftruncate ioctl lseek pread64 preadv "
		   "preadv2 pwrite64 pwritev pwritev2 read readahead readv "
		   "sendfile splice sync syncfs tee truncate vmsplice write "
		   "writev",
	  .machines = GARITA_ON_ALL },
	{ .names = "fadvise64", .machines = ON_64 },
	{ .names = "sync_file_range", .machines = ON_64 & ~GARITA_ON_PPC64LE },
	{ .names = "sync_file_range2", .machines = GARITA_ON_PPC64LE },
	{ .names = "cachestat", .machines = GARITA_ON_ALL },

	/* Names, directories, owners, attributes: a package manager's work. */
	{ .names =
		  "chdir faccessat faccessat2 fchdir fchmod fchmodat fchmodat2 "
		  "fchown fchownat fstat fstatfs getcwd getdents64 linkat "
		  "mkdirat mknodat name_to_handle_at openat openat2 readlinkat "
		  "renameat2 statfs statx symlinkat umask unlinkat utimensat",
	  .machines = GARITA_ON_ALL },
	{ .names = "newfstatat", .machines = ON_64 },
	{ .names = "renameat", .machines = GARITA_ON_ALL & ~GARITA_ON_RISCV64 },
	{ .names = "access chmod chown creat dup2 futimesat getdents lchown "
		   "link lstat mkdir mknod open readlink rename rmdir stat "
		   "symlink unlink utimes",
	  .machines = ON_OLD },
	{ .names = "utime", .machines = ON_OLD_64 },
	{ .names = "fgetxattr flistxattr fremovexattr fsetxattr getxattr "
		   "getxattrat lgetxattr listxattr listxattrat llistxattr "
		   "lremovexattr lsetxattr removexattr removexattrat setxattr "
		   "setxattrat",
	  .machines = GARITA_ON_ALL },
	/* Look at the mounts of the own namespace, as /proc/self/mounts. */
	{ .names = "listmount statmount", .machines = GARITA_ON_ALL },
	{ .names = "inotify_add_watch inotify_init1 inotify_rm_watch",
	  .machines = GARITA_ON_ALL },
	{ .names = "inotify_init", .machines = ON_OLD },

	/* Memory. */
	{ .names = "brk madvise map_shadow_stack membarrier memfd_create "
		   "mincore mlock mlock2 mlockall mprotect mremap mseal msync "
		   "munlock munlockall munmap pkey_alloc pkey_free "
		   "pkey_mprotect process_mrelease remap_file_pages",
	  .machines = GARITA_ON_ALL },
	{ .names = "mmap", .machines = ON_64 },
	{ .names = "memfd_secret", .machines = ON_64 & ~GARITA_ON_PPC64LE },

	/* Processes and threads: start, wait, end, schedule, limit. */
	{ .names = "execve execveat exit exit_group futex futex_requeue "
		   "futex_wait futex_waitv futex_wake get_robust_list getcpu "
		   "getpgid getpid getppid getpriority getrusage getsid gettid "
		   "ioprio_get ioprio_set prctl prlimit64 restart_syscall rseq "
		   "set_robust_list set_tid_address setpgid setpriority "
		   "setrlimit setsid times wait4 waitid",
	  .machines = GARITA_ON_ALL },
	{ .names = "sched_get_priority_max sched_get_priority_min "
		   "sched_getaffinity sched_getattr sched_getparam "
		   "sched_getscheduler sched_rr_get_interval "
		   "sched_setaffinity sched_setattr sched_setparam "
		   "sched_setscheduler sched_yield",
	  .machines = GARITA_ON_ALL },
	{ .names = "fork getpgrp pause vfork", .machines = ON_OLD },
	{ .names = "getrlimit", .machines = ON_64 },
	{ .names = "ugetrlimit",
	  .machines = GARITA_ON_PPC64LE | GARITA_ON_ARM },
	{ .names = "waitpid", .machines = GARITA_ON_PPC64LE },

	/* Who one is, and giving that up. */
	{ .names = "capget capset getegid geteuid getgid getgroups getresgid "
		   "getresuid getuid setfsgid setfsuid setgid setgroups "
		   "setregid setresgid setresuid setreuid setuid",
	  .machines = GARITA_ON_ALL },
	/* Locking oneself in further. */
	{ .names = "landlock_add_rule landlock_create_ruleset "
		   "landlock_restrict_self seccomp",
	  .machines = GARITA_ON_ALL },

	/* Signals. */
	{ .names = "kill pidfd_open pidfd_send_signal rt_sigaction "
		   "rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn "
		   "rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo "
		   "sigaltstack signalfd4 tgkill tkill",
	  .machines = GARITA_ON_ALL },
	{ .names = "signalfd", .machines = ON_OLD },
	{ .names = "sigprocmask sigreturn fstatfs64 statfs64",
	  .machines = ON_OLD & ~GARITA_ON_X86_64 },

	/* Waiting for many things at once. */
	{ .names = "epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 eventfd2 "
		   "pipe2 ppoll pselect6",
	  .machines = GARITA_ON_ALL },
	{ .names = "epoll_create epoll_wait eventfd pipe poll",
	  .machines = ON_OLD },
	{ .names = "select", .machines = ON_OLD_64 },
	{ .names = "_llseek _newselect",
	  .machines = GARITA_ON_PPC64LE | GARITA_ON_ARM },
	/* Databases read and write through the old asynchronous interface. */
	{ .names = "io_cancel io_destroy io_getevents io_pgetevents io_setup "
		   "io_submit",
	  .machines = GARITA_ON_ALL },

	/* Time. adjtimex and clock_adjtime read; to set, the kernel itself
	 * asks for CAP_SYS_TIME. */
	{ .names = "adjtimex clock_adjtime clock_getres clock_gettime "
		   "clock_nanosleep getitimer gettimeofday nanosleep setitimer "
		   "timer_create timer_delete timer_getoverrun timer_gettime "
		   "timer_settime timerfd_create timerfd_gettime "
		   "timerfd_settime",
	  .machines = GARITA_ON_ALL },
	{ .names = "alarm", .machines = ON_OLD_64 },
	{ .names = "time", .machines = GARITA_ON_X86_64 | GARITA_ON_PPC64LE },

	/* The system. */
	{ .names = "getrandom sysinfo uname", .machines = GARITA_ON_ALL },

	/* System V and POSIX message queues, semaphores, shared memory. */
	{ .names = "mq_getsetattr mq_notify mq_open mq_timedreceive "
		   "mq_timedsend mq_unlink msgctl msgget msgrcv msgsnd semctl "
		   "semget semop semtimedop shmat shmctl shmdt shmget",
	  .machines = GARITA_ON_ALL },
	{ .names = "ipc", .machines = GARITA_ON_S390X | GARITA_ON_PPC64LE },

	/* Sockets. */
	{ .names = "accept accept4 bind connect getpeername getsockname "
		   "getsockopt listen recvfrom recvmmsg recvmsg sendmmsg "
		   "sendmsg sendto setsockopt shutdown",
	  .machines = GARITA_ON_ALL },
	{ .names = "recv send", .machines = GARITA_ON_PPC64LE | GARITA_ON_ARM },
	{ .names = "socket",
	  .machines = GARITA_ON_ALL,
	  .test = GARITA_ARG_IS,
	  .arg = 0,
	  .values = common_families,
	  .value_count = GARITA_COUNT(common_families) },
	{ .names = "socket",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_NET_RAW),
	  .test = GARITA_ARG_IS,
	  .arg = 0,
	  .values = packet_family,
	  .value_count = GARITA_COUNT(packet_family) },
	{ .names = "socketpair",
	  .machines = GARITA_ON_ALL,
	  .test = GARITA_ARG_IS,
	  .arg = 0,
	  .values = pair_families,
	  .value_count = GARITA_COUNT(pair_families) },
	/* libseccomp opens socketcall(SYS_SOCKET) for every family as soon as
	 * any is allowed, so it must be refused by name. ENOSYS sends a C
	 * library to the direct calls. */
	{ .names = "socketcall",
	  .machines = GARITA_ON_PPC64LE,
	  .refuse = ENOSYS },
	/* A glibc for kernels before 4.3 knows no other way here. The families
	 * are therefore open on s390x, as they are with moby. */
	{ .names = "socketcall", .machines = GARITA_ON_S390X },

	/* Starting processes and threads, but no namespaces. clone3 has its
	 * flags behind a pointer: ENOSYS makes a C library use clone. */
	{ .names = "clone",
	  .machines = GARITA_ON_ALL & ~GARITA_ON_S390X,
	  .without = GARITA_CAP(CAP_SYS_ADMIN),
	  .test = GARITA_ARG_NO_BIT,
	  .arg = 0,
	  .values = new_namespace,
	  .value_count = GARITA_COUNT(new_namespace) },
	/* s390 takes the stack first and the flags second. */
	{ .names = "clone",
	  .machines = GARITA_ON_S390X,
	  .without = GARITA_CAP(CAP_SYS_ADMIN),
	  .test = GARITA_ARG_NO_BIT,
	  .arg = 1,
	  .values = new_namespace,
	  .value_count = GARITA_COUNT(new_namespace) },
	{ .names = "clone3",
	  .machines = GARITA_ON_ALL,
	  .refuse = ENOSYS,
	  .without = GARITA_CAP(CAP_SYS_ADMIN) },
	{ .names = "personality",
	  .machines = GARITA_ON_ALL,
	  .test = GARITA_ARG_IS,
	  .arg = 0,
	  .values = personalities,
	  .value_count = GARITA_COUNT(personalities) },

	/* Debuggers, leak checkers. Before Linux 4.8 a tracer could change the
	 * call of its child after the filter had looked at it. */
	{ .names = "process_vm_readv process_vm_writev ptrace",
	  .machines = GARITA_ON_ALL,
	  .without = GARITA_CAP(CAP_SYS_PTRACE),
	  .kernel_major = 4,
	  .kernel_minor = 8 },
	{ .names = "kcmp pidfd_getfd process_madvise process_vm_readv "
		   "process_vm_writev ptrace",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_PTRACE) },

	/* What a capability is for. The kernel asks for it as well; closing the
	 * call spares everybody else the code behind it. */
	{ .names = "clone clone3 fanotify_init fanotify_mark fsconfig fsmount "
		   "fsopen fspick lsm_get_self_attr lsm_list_modules "
		   "lsm_set_self_attr mount mount_setattr move_mount open_tree "
		   "quotactl quotactl_fd setdomainname sethostname setns "
		   "umount2 unshare",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_ADMIN) },
	{ .names = "umount",
	  .machines = GARITA_ON_S390X | GARITA_ON_PPC64LE,
	  .need = GARITA_CAP(CAP_SYS_ADMIN) },
	{ .names = "bpf",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_ADMIN) | GARITA_CAP(CAP_BPF) },
	{ .names = "perf_event_open",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_ADMIN) | GARITA_CAP(CAP_PERFMON) },
	{ .names = "syslog",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_ADMIN) | GARITA_CAP(CAP_SYSLOG) },
	{ .names = "open_by_handle_at", /* out of any mount of the host */
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_DAC_READ_SEARCH) },
	{ .names = "chroot",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_CHROOT) },
	{ .names = "reboot",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_BOOT) },
	{ .names = "delete_module finit_module init_module",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_MODULE) },
	{ .names = "acct",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_PACCT) },
	{ .names = "ioperm iopl",
	  .machines = GARITA_ON_X86_64,
	  .need = GARITA_CAP(CAP_SYS_RAWIO) },
	{ .names = "clock_settime settimeofday",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_TIME) },
	{ .names = "clock_settime64",
	  .machines = GARITA_ON_ARM,
	  .need = GARITA_CAP(CAP_SYS_TIME) },
	{ .names = "stime",
	  .machines = GARITA_ON_PPC64LE,
	  .need = GARITA_CAP(CAP_SYS_TIME) },
	{ .names = "vhangup",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_TTY_CONFIG) },
	{ .names = "get_mempolicy mbind set_mempolicy set_mempolicy_home_node",
	  .machines = GARITA_ON_ALL,
	  .need = GARITA_CAP(CAP_SYS_NICE) },

	/* What one machine has and its C library or compiler needs. */
	{ .names = "arch_prctl uretprobe", .machines = GARITA_ON_X86_64 },
	{ .names = "riscv_flush_icache riscv_hwprobe",
	  .machines = GARITA_ON_RISCV64 },
	{ .names = "s390_runtime_instr", .machines = GARITA_ON_S390X },
	{ .names = "swapcontext", .machines = GARITA_ON_PPC64LE },
	{ .names = "arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush "
		   "set_tls",
	  .machines = GARITA_ON_ARM },
	/* 32-bit forms: ids, offsets and times became wider once each. */
	{ .names = "chown32 fchown32 getegid32 geteuid32 getgid32 getgroups32 "
		   "getresgid32 getresuid32 getuid32 lchown32 setfsgid32 "
		   "setfsuid32 setgid32 setgroups32 setregid32 setresgid32 "
		   "setresuid32 setreuid32 setuid32",
	  .machines = GARITA_ON_ARM },
	{ .names = "fcntl64 fstat64 fstatat64 ftruncate64 lstat64 mmap2 "
		   "sendfile64 stat64 truncate64",
	  .machines = GARITA_ON_ARM },
	{ .names = "clock_adjtime64 clock_getres_time64 clock_gettime64 "
		   "clock_nanosleep_time64 futex_time64 io_pgetevents_time64 "
		   "mq_timedreceive_time64 mq_timedsend_time64 ppoll_time64 "
		   "pselect6_time64 recvmmsg_time64 rt_sigtimedwait_time64 "
		   "sched_rr_get_interval_time64 semtimedop_time64 "
		   "timer_gettime64 timer_settime64 timerfd_gettime64 "
		   "timerfd_settime64 utimensat_time64",
	  .machines = GARITA_ON_ARM },
};

const size_t garita_seccomp_row_count = GARITA_COUNT(garita_seccomp_rows);
