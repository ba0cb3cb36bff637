/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_call - is this the system call that a fault is about?
 */
#include "faults_trace.h"

#include <sys/syscall.h>

bool never_fails(long number)
{
	static const long numbers[] = {
		SYS_geteuid,         SYS_getuid,     SYS_getegid, SYS_getgid,
		SYS_getpid,          SYS_gettid,     SYS_umask,   SYS_exit,
		SYS_set_tid_address, SYS_exit_group,
	};

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (numbers[i] == number)
			return true;
	return false;
}

/* Their third argument is how much: bytes, or pieces. */
static bool is_transfer(long number)
{
	return number == SYS_read || number == SYS_write ||
	       number == SYS_pread64 || number == SYS_readv ||
	       number == SYS_writev || number == SYS_sendto ||
	       number == SYS_recvfrom;
}

/* A child that cannot become its program says so by a pipe, until it is heard
 * (musl): of all calls that fail, that one does not. */
bool meets(const struct fault *fault, int i, const struct process *process)
{
	long n = process->n, number = process->number;
	bool tells = i > 0 && !process->has_become && number == SYS_write;

	switch (fault->kind) {
	case FAIL:
		return i == fault->process && n == fault->n &&
		       !never_fails(number);
	case FAIL_ON:
		return i == fault->process && n >= fault->n && !tells &&
		       !never_fails(number);
	case FAIL_SUCH:
		return number == fault->n && !tells && !never_fails(number);
	case SHORT:
		return i == fault->process && n == fault->n &&
		       is_transfer(number);
	case END_BEFORE:
	case END_BEHIND:
	case STOP:
		return i == fault->process && n == fault->n;
	case NONE:
	case MEMORY:
	case LIMIT:
	case UNKNOWN:
	case FULL:
	case CROWDED:
	case KINDS:
		break;
	}
	return false;
}
