/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults - starts a program again and again, each time with another fault, and
 * looks at what came of it.
 *
 *	faults OPTION... -- PROGRAM ARGUMENT...
 *
 * What must come of it without a fault, and with one, or nothing:
 *	--runtime FILE --verb WORD  it becomes this runtime, called with WORD
 *	                    (without: its exit code is 0)
 *	--refused           never that
 *	--always            also when a call fails without which it could do
 *	--repaired FILE     ...with this config.json in the bundle
 *	--given FILE        ...which reads this from the descriptor it is told
 *of
 *	--said FILE         ...having written this to standard output
 *	--guarded           ...with the network guarded as without a fault
 *	--guarded-already   ...which it is before, too, and never less
 *	--log FILE          ...with more in here than before
 *	--journal SOCKET    ...with a datagram sent there, where we listen
 * What there is before each run:
 *	--bundle DIR --config FILE  this config.json, there
 *	--input FILE        standard input; with --guarded, a hook's state of a
 *	                    process in a network of its own
 *	--forget DIR        no file in there (but directories)
 *	--disk DIR          which is small, so that it can be full; otherwise it
 *	                    is empty
 * Further:
 *	--helper FILE       what else it may execute: followed, too
 *	--watch DIR         where a run may leave only what one without a fault
 *	                    does
 *	--allocator ADDRESS of malloc(), calloc(), realloc() in PROGRAM
 *	--learn FILE        writes what is given or said without a fault there,
 *	                    and ends
 *	--step N            only every N-th, but others for each kind of fault,
 *	                    and all for one of them
 *	--verbose
 *
 * In each process, for each system call in turn: it fails with each of some
 * errors; it and all behind it fail; it moves one byte; the process ends
 * before it and behind it, or out of time. Then: each kind of system call
 * fails. Then: each allocation; young system calls by seccomp, each and all;
 * few descriptors, little memory, files of a few bytes, a full disk, a helper
 * that stops.
 *
 * config.json is the old or the new one, whole (or a third one that garita
 * starts as it is). What is left behind, other than by a program that was
 * ended, is wrong; what one left that was ended must be gone from the bundle
 * after the next start, and must not disturb it.
 */
#include "faults.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>

/* Of the run before any fault. */
static struct trail usual;

static void each_call(enum kind kind, int error, long step)
{
	static long offset;
	struct fault fault = { .kind = kind, .error = error };

	offset++; /* so that together they meet every call */
	for (; fault.process < usual.processes; fault.process++) {
		struct trail trail = { 0 };

		for (fault.n = 1 + offset % step; fault.n < MOST_CALLS;
		     fault.n += step) {
			inject(&fault, &trail);
			if (trail.calls[fault.process] < fault.n)
				break;
		}
	}
}

static void each_number(int error)
{
	static long counted; /* so that others are left out for each error */
	struct fault fault = { .kind = FAIL_SUCH, .error = error };
	struct trail trail;

	for (fault.n = 0; fault.n < MOST_NUMBERS; fault.n++)
		if (usual.is_called[fault.n] && !never_fails(fault.n) &&
		    fault.n != SYS_execveat && fault.n != SYS_execve &&
		    counted++ % ((asked.step + 5) / 6) == 0)
			inject(&fault, &trail);
}

static void each_limit(int which, long upto, long by)
{
	struct fault fault = { .kind = LIMIT, .error = which };
	struct trail trail;

	for (fault.n = 0; fault.n <= upto; fault.n += by)
		inject(&fault, &trail);
}

static void each_allocation(void)
{
	struct fault fault = { .kind = MEMORY };
	struct trail trail;

	for (fault.n = 1; fault.n <= usual.allocations; fault.n += asked.step)
		inject(&fault, &trail);
}

static void each_young_call(int error)
{
	struct fault fault = { .kind = UNKNOWN, .error = error };
	struct trail trail;

	for (fault.n = -1; fault.n < (long)young_call_count; fault.n++)
		inject(&fault, &trail);
}

static void each_room(enum kind kind, long most)
{
	struct fault fault = { .kind = kind };
	struct trail trail;

	for (fault.n = 0; fault.n <= most; fault.n++)
		inject(&fault, &trail);
}

/* A helper that stops is waited for as long as garita waits: some seconds. */
static void each_stop(void)
{
	struct fault fault = { .kind = STOP };
	struct trail trail;

	for (fault.process = 1; fault.process < usual.processes;
	     fault.process++) {
		long calls = usual.calls[fault.process];
		long before = usual.before[fault.process];

		fault.n = asked.step == 1 ? before + 1 : (before + calls) / 2;
		for (; fault.n <= calls; fault.n += asked.step)
			inject(&fault, &trail);
	}
}

static void all_faults(void)
{
	/* Not ENOENT and ELOOP: answers, not faults. */
	static const int errors[] = {
		EIO,    ENOMEM, EINTR,  EAGAIN, EMFILE, ENOSPC,
		EACCES, EPERM,  ENOSYS, EINVAL, ESTALE,
	};
	const size_t count = sizeof(errors) / sizeof(errors[0]);
	const long memory = asked.subject.helper ? 32 << 20 : 8 << 20;

	for (size_t i = 0; i < count; i++) {
		each_call(FAIL, errors[i],
			  errors[i] == EMFILE ? (asked.step + 9) / 10
					      : asked.step);
		if (errors[i] == EINTR)
			continue; /* no kernel says so for ever */
		each_call(FAIL_ON, errors[i], asked.step);
		each_number(errors[i]);
	}
	each_call(SHORT, 0, asked.step);
	each_call(END_BEFORE, SIGKILL, asked.step);
	each_call(END_BEHIND, SIGKILL, asked.step);
	each_call(END_BEHIND, SIGXCPU, asked.step);
	each_allocation();
	each_young_call(ENOSYS);
	each_young_call(EPERM);
	each_limit(RLIMIT_NOFILE, 24, 1);
	each_limit(RLIMIT_AS, memory, memory / 128 * asked.step);
	each_limit(RLIMIT_FSIZE, (long)asked.repaired.len + 4096,
		   97 * asked.step);
	if (asked.disk != NULL) {
		each_room(FULL, 8);
		each_room(CROWDED, 6);
	}
	if (asked.subject.helper != NULL)
		each_stop();
}

static void learn(void)
{
	struct bytes bytes = usual.given.data != NULL
				     ? usual.given
				     : read_all(asked.subject.output);

	put_file(AT_FDCWD, asked.learn, &bytes);
}

int main(int argc, char **argv)
{
	bool as_asked;

	read_options(argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	as_asked = run_without_fault(&usual) == 0;
	if (as_asked && asked.learn != NULL)
		learn();
	else if (as_asked && seen.wrong == 0)
		all_faults();
	printf("%ld system calls in %d processes, %ld allocations, %u runs: %u "
	       "admitted (%u with more repairs), %u refused, %u ended, %u left "
	       "something for the next start, %u wrong\n",
	       usual.calls[0] + usual.calls[1] + usual.calls[2],
	       usual.processes, usual.allocations, seen.runs, seen.admitted,
	       seen.other, seen.refused, seen.ended, seen.left, seen.wrong);
	return seen.wrong > 0;
}
