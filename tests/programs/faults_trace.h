/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_trace - a run that is being traced, for the files that do it.
 *
 * faults_trace.c follows the processes, faults_begin.c is what happens before
 * the program, faults_call.c tells whether a fault meets a system call, and
 * faults_stopped.c reads and changes a process that stands still.
 */
#ifndef GARITA_TESTS_FAULTS_TRACE_H
#define GARITA_TESTS_FAULTS_TRACE_H

#include "faults.h"

struct process {
	pid_t pid; /* 0: it has ended */
	long n, number;
	bool is_fresh, has_become, entering, meeting;
	unsigned long base; /* what was added to the addresses of its program */
	bool has_breaks;
	unsigned long stepping; /* over the instruction there; 0: not */
};

struct run {
	const struct subject *subject;
	const struct fault *fault;
	struct trail *trail;
	struct process processes[MOST_PROCESSES];
	int alive;
	int execs; /* of the first */
	int how;
	unsigned char was[4][8]; /* where breakpoints are */
};

/* ---- faults_begin.c ---- */

/* The subject, stopped before it becomes its program. */
pid_t begin(const struct subject *subject, const struct fault *fault);

/* ---- faults_call.c ---- */

/* Does the fault meet the call that it enters, as process `i`? */
bool meets(const struct fault *fault, int i, const struct process *process);

/* ---- faults_stopped.c ---- */

void set_number(pid_t pid, long number);
void set_result(pid_t pid, long result);
void set_third(pid_t pid, unsigned long value);

/* A program that was just executed reads the clock without a system call, by
 * what the kernel mapped for that. It is not told of it. */
void hide_clock(pid_t pid);

/* From now on it stops at each of the subject's allocators. */
void break_allocators(struct run *run, struct process *process);

/* It stopped: at a breakpoint, which is left; or behind the instruction that
 * was in its place, which goes there again. false: at something else. */
bool meet_break(struct run *run, struct process *process);

#endif
