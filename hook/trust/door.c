/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * door - what is left to a process that reads what strangers wrote.
 *
 * Written by hand, as a table: building such a filter with libseccomp takes
 * 16 ms, this one some microseconds. A system call that is not in the table
 * fails with ENOSYS, so a library does without where it can; one of another
 * architecture ends the process.
 */
#include "hook/trust/door.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "garita/memory.h"

#if defined(__x86_64__) && defined(__LP64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define OUR_ARCH AUDIT_ARCH_I386
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define OUR_ARCH AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define OUR_ARCH AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define OUR_ARCH AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define OUR_ARCH AUDIT_ARCH_S390X
#elif defined(__loongarch64)
#define OUR_ARCH AUDIT_ARCH_LOONGARCH64
#else
/* Of no architecture: behind the door every call ends the process, which is
 * a refusal. Add this one's AUDIT_ARCH_ number. */
#define OUR_ARCH 0
#endif

#ifdef SYS_mmap2
#define OUR_MMAP SYS_mmap2
#else
#define OUR_MMAP SYS_mmap
#endif

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

/* A sanitizer's shadow memory is terabytes of addresses, and its runtime looks
 * at the signal stack at the end. */
#ifdef SANITIZED
#define ADDRESSES RLIM_INFINITY
#define OURSELVES ALLOW(SYS_getpid), ALLOW(SYS_gettid), ALLOW(SYS_sigaltstack)
#else
#define ADDRESSES (256UL * 1024 * 1024)
#define OURSELVES ALLOW(SYS_getpid)
#endif

enum { FIRST_CLOSED = STDERR_FILENO + 1, CPU_SECONDS = 2 };

/* As each libc declares it. */
#ifdef __GLIBC__
typedef __rlimit_resource_t resource;
#else
typedef int resource;
#endif

static int limit(struct garita_error *err)
{
	static const struct {
		resource what;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_CORE, 0 },       { RLIMIT_NOFILE, 0 },
		{ RLIMIT_FSIZE, 0 },      { RLIMIT_CPU, CPU_SECONDS },
		{ RLIMIT_AS, ADDRESSES },
	};

	for (size_t i = 0; i < GARITA_COUNT(limits); i++) {
		const struct rlimit to = { limits[i].most, limits[i].most };
		struct rlimit now;

		/* One that is lower already stays. */
		if (to.rlim_max > 0 && getrlimit(limits[i].what, &now) == 0 &&
		    now.rlim_max <= to.rlim_max && now.rlim_cur <= to.rlim_cur)
			continue;
		if (setrlimit(limits[i].what, &to) < 0)
			return garita_fail(
				err, errno, "cannot limit resource %d: %s",
				(int)limits[i].what, strerror(errno));
	}
	return 0;
}

int garita_door_enter(struct garita_error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return garita_fail(err, errno, "cannot give up privileges: %s",
				   strerror(errno));
	if (syscall(SYS_close_range, FIRST_CLOSED, ~0U, 0) < 0)
		return garita_fail(err, errno, "cannot close descriptors: %s",
				   strerror(errno));
	return limit(err);
}

static int drop_capabilities(struct garita_error *err)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };

	if (syscall(SYS_capset, &head, none) < 0)
		return garita_fail(err, errno, "cannot drop capabilities: %s",
				   strerror(errno));
	return 0;
}

#define FIELD(name) ((unsigned)offsetof(struct seccomp_data, name))
/* The half of an argument that holds a small number. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARGUMENT(i) (FIELD(args) + 8 * (i))
#else
#define ARGUMENT(i) (FIELD(args) + 8 * (i) + 4)
#endif

#define LOAD(field)  BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (field))
#define ANSWER(what) BPF_STMT(BPF_RET | BPF_K, (what))
/* Skips `over` instructions unless the loaded word is `value`. */
#define UNLESS(value, over)                                                    \
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(value), 0, (over))
#define ALLOW(nr) UNLESS((nr), 1), ANSWER(SECCOMP_RET_ALLOW)
#define REFUSED   (SECCOMP_RET_ERRNO | ENOSYS)

/* Numbers of x32 are other numbers, which are not in it. */
static const struct sock_filter filter[] = {
	LOAD(FIELD(arch)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
	ANSWER(SECCOMP_RET_KILL_PROCESS),
	LOAD(FIELD(nr)),
	ALLOW(SYS_brk),
	ALLOW(SYS_munmap),
	ALLOW(SYS_mremap),
	ALLOW(SYS_madvise),
	ALLOW(SYS_getrandom),
	ALLOW(SYS_clock_gettime),
	ALLOW(SYS_futex),
	ALLOW(SYS_exit_group),
	OURSELVES,
	/* mmap, but nothing that can be executed. */
	UNLESS(OUR_MMAP, 4),
	LOAD(ARGUMENT(2)),
	BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 1, 0),
	ANSWER(SECCOMP_RET_ALLOW),
	ANSWER(REFUSED),
	UNLESS(SYS_write, 3),
	LOAD(ARGUMENT(0)),
	UNLESS(STDOUT_FILENO, 1),
	ANSWER(SECCOMP_RET_ALLOW),
	ANSWER(REFUSED),
};

int garita_door_close(struct garita_error *err)
{
	const struct sock_fprog program = {
		.len = GARITA_COUNT(filter),
		.filter = (struct sock_filter *)filter,
	};
	int rc = drop_capabilities(err);

	if (rc < 0)
		return rc;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return garita_fail(err, errno, "cannot filter system calls: %s",
				   strerror(errno));
	return 0;
}
