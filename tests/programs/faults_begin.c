/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_begin - before the program: what cannot be done to it from outside.
 */
#include "faults_trace.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

const long young_calls[] = {
	SYS_openat2,         SYS_close_range,       SYS_execveat,
	SYS_statx,           SYS_memfd_create,      SYS_pidfd_open,
	SYS_renameat2,       SYS_pidfd_send_signal, SYS_faccessat2,
	SYS_clone3,          SYS_getrandom,         SYS_prlimit64,
	SYS_seccomp,         SYS_preadv2,           SYS_rseq,
	SYS_membarrier,      SYS_copy_file_range,   457 /* statmount */,
	458 /* listmount */,
};
const size_t young_call_count = sizeof(young_calls) / sizeof(young_calls[0]);

static void filter_calls(long which, int error)
{
	enum { MOST = 2 * sizeof(young_calls) / sizeof(young_calls[0]) + 2 };
	struct sock_filter filter[MOST] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { 1, filter };

	for (size_t i = 0; i < young_call_count; i++) {
		if (which >= 0 && (size_t)which != i)
			continue;
		filter[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)young_calls[i], 0,
			1);
		filter[program.len++] = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)error);
	}
	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
							     SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
		_exit(126);
}

static void limit(int what, rlim_t to)
{
	const struct rlimit limits = { to, to };

	setrlimit((__rlimit_resource_t)what, &limits);
}

pid_t begin(const struct subject *subject, const struct fault *fault)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid > 0)
		return pid;
	dup2(subject->input, 0);
	dup2(subject->output, 1);
	dup2(subject->errors, 2);
	limit(RLIMIT_CORE, 0);
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	if (fault->kind == LIMIT)
		limit(fault->error, (rlim_t)fault->n);
	if (fault->kind == UNKNOWN)
		filter_calls(fault->n, fault->error);
	execv(subject->argv[0], subject->argv);
	_exit(126);
}
