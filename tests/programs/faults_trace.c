/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_trace - one run of a program, and of what it starts, with a fault.
 *
 * All processes of garita's are followed (ptrace) until they become the
 * runtime. System calls are counted for each by itself, so that the n-th is the
 * same one in each run, however processes take turns. What cannot be done from
 * outside (limits, a seccomp filter) is done before the program is executed.
 */
#include "faults_trace.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 10 }; /* that a run may take at most, on a busy machine */

static struct process *find(struct run *run, pid_t pid)
{
	struct trail *trail = run->trail;

	for (int i = 0; i < trail->processes; i++)
		if (run->processes[i].pid == pid)
			return &run->processes[i];
	if (trail->processes == MOST_PROCESSES)
		die("too many processes");
	run->alive++;
	/* A fork has the breakpoints of who made it. */
	run->processes[trail->processes] = (struct process){
		.pid = pid,
		.is_fresh = true,
		.entering = true,
		.base = run->processes[0].base,
		.has_breaks = run->processes[0].has_breaks,
	};
	return &run->processes[trail->processes++];
}

static bool is_coarse(const struct fault *fault)
{
	return fault->kind == LIMIT || fault->kind == UNKNOWN ||
	       fault->kind == FULL || fault->kind == CROWDED ||
	       fault->kind == MEMORY;
}

static void let_go_on(const struct run *run, const struct process *process,
		      int signal)
{
	bool before = process == &run->processes[0] && run->execs == 0;

	if (process->stepping != 0)
		ptrace(PTRACE_SINGLESTEP, process->pid, 0, signal);
	else
		ptrace(before || is_coarse(run->fault) ? PTRACE_CONT
						       : PTRACE_SYSCALL,
		       process->pid, 0, signal);
}

static bool is_program(pid_t pid, const char *program)
{
	char path[64], is[4096];
	ssize_t len;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	len = readlink(path, is, sizeof(is) - 1);
	is[len > 0 ? len : 0] = '\0';
	return program != NULL && strcmp(is, program) == 0;
}

/* What it would read from the descriptor that a word names. */
static void take_given(pid_t pid, const char *word, struct bytes *ret)
{
	const char *digits = strstr(word, "=/proc/self/fd/");
	char path[96];
	int fd;

	if (digits == NULL)
		return;
	snprintf(path, sizeof(path), "/proc/%d/fd/%.8s", (int)pid,
		 strrchr(digits, '/') + 1);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die(path);
	free(ret->data);
	*ret = read_all(fd);
	close(fd);
}

/* Is the runtime called as it should be? */
static bool is_called_well(pid_t pid, const struct subject *subject,
			   struct bytes *ret_given)
{
	bool has_verb = false, has_bundle = subject->bundle == NULL;
	char path[64], bundle[4096];
	struct bytes words;

	snprintf(bundle, sizeof(bundle), "--bundle=%s",
		 subject->bundle ? subject->bundle : "");
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	words = read_at(AT_FDCWD, path);
	for (size_t at = 0; at < words.len; at += strlen(words.data + at) + 1) {
		const char *word = words.data + at;

		has_verb = has_verb || strcmp(word, subject->verb) == 0;
		has_bundle = has_bundle || strcmp(word, bundle) == 0;
		take_given(pid, word, ret_given);
	}
	free(words.data);
	return has_verb && has_bundle;
}

static void end_all(struct run *run)
{
	for (int i = 0; i < run->trail->processes; i++) {
		pid_t pid = run->processes[i].pid;

		if (pid == 0)
			continue;
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, __WALL) < 0 && errno == EINTR)
			;
		run->processes[i].pid = 0;
	}
	run->alive = 0;
}

/* It became another program. false: it need not be followed any more. */
static void see_exec(struct run *run, struct process *process)
{
	const struct subject *subject = run->subject;
	bool is_first = process == &run->processes[0];

	process->entering = false; /* the exec's own end comes next */
	process->meeting = false;
	process->has_breaks = false;
	process->has_become = true;
	run->trail->before[process - run->processes] = process->n;
	if (is_first && run->execs++ == 0) {
		hide_clock(process->pid);
		/* Only where they are counted: it takes time. */
		if (run->fault->kind == MEMORY || run->fault->kind == NONE)
			break_allocators(run, process);
		let_go_on(run, process, 0);
		return;
	}
	if (!is_first && is_program(process->pid, subject->helper)) {
		hide_clock(process->pid);
		let_go_on(run, process, 0);
		return;
	}
	if (!is_program(process->pid, subject->runtime)) {
		run->how = STRANGE;
		end_all(run);
		return;
	}
	if (is_first) {
		run->trail->alive = run->alive - 1;
		run->how = is_called_well(process->pid, subject,
					  &run->trail->given)
				   ? ADMITTED
				   : STRANGE;
		end_all(run);
		return;
	}
	/* Asked about a container: that is the runtime's own work. */
	ptrace(PTRACE_DETACH, process->pid, 0, 0);
	process->pid = 0;
	run->alive--;
}

static void see_call(struct run *run, struct process *process)
{
	const struct fault *fault = run->fault;
	struct __ptrace_syscall_info info = { 0 };
	pid_t pid = process->pid;
	int i = (int)(process - run->processes);

	if (!process->entering) {
		if (process->meeting && fault->kind == END_BEHIND)
			kill(pid, fault->error);
		else if (process->meeting && fault->kind != SHORT)
			set_result(pid, -fault->error);
		process->entering = true;
		process->meeting = false;
		let_go_on(run, process, 0);
		return;
	}
	ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(info), &info);
	process->number = (long)info.entry.nr;
	run->trail->calls[i] = ++process->n;
	process->meeting = meets(fault, i, process);
	if (process->meeting)
		run->trail->met = process->number;
	if (process->number >= 0 && process->number < MOST_NUMBERS)
		run->trail->is_called[process->number] = true;
	if (process->n == MOST_CALLS) {
		run->how = ENDLESS;
		end_all(run);
		return;
	}
	process->entering = false;
	if (process->meeting && fault->kind == STOP)
		return;
	if (process->meeting && fault->kind == END_BEFORE)
		kill(pid, fault->error);
	else if (process->meeting && fault->kind == SHORT)
		set_third(pid, info.entry.args[2] ? 1 : 0);
	else if (process->meeting && fault->kind != END_BEHIND &&
		 process->number !=
			 SYS_close) /* which closes, whatever it says */
		set_number(pid, -1);
	let_go_on(run, process, 0);
}

static void see_end(struct run *run, struct process *process, int status)
{
	if (process == &run->processes[0])
		run->how = status;
	process->pid = 0;
	run->alive--;
}

static void see_stop(struct run *run, struct process *process, int status)
{
	int signal = WSTOPSIG(status), event = status >> 16;

	if (event == PTRACE_EVENT_EXEC) {
		see_exec(run, process);
	} else if (event != 0) {
		let_go_on(run, process, 0);
	} else if (signal == (SIGTRAP | 0x80)) {
		see_call(run, process);
	} else if (signal == SIGTRAP && meet_break(run, process)) {
		let_go_on(run, process, 0);
	} else if (signal == SIGSTOP && process->is_fresh) {
		process->is_fresh = false;
		let_go_on(run, process, 0);
	} else {
		let_go_on(run, process, signal);
	}
}

static void too_late(int signal)
{
	(void)signal;
}

/* Until all processes have ended, or the runtime is reached. */
static void follow(struct run *run)
{
	while (run->alive > 0) {
		int status;
		pid_t pid = waitpid(-1, &status, __WALL);

		if (pid < 0 && errno == EINTR) {
			run->how = ENDLESS;
			end_all(run);
		} else if (pid < 0) {
			die("waitpid");
		} else if (!WIFSTOPPED(status)) {
			see_end(run, find(run, pid), status);
		} else {
			see_stop(run, find(run, pid), status);
		}
	}
}

int trace(const struct subject *subject, const struct fault *fault,
	  struct trail *ret)
{
	const struct sigaction wake = { .sa_handler = too_late };
	const struct itimerval late = { .it_value.tv_sec = SECONDS };
	const struct itimerval never = { 0 };
	struct run run = { .subject = subject, .fault = fault, .trail = ret };
	struct process *first;
	int status;
	pid_t pid;

	*ret = (struct trail){ 0 };
	pid = begin(subject, fault);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("waitpid");
	ptrace(PTRACE_SETOPTIONS, pid, 0,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK |
		       PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
		       PTRACE_O_EXITKILL);
	first = find(&run, pid);
	first->is_fresh = false;
	sigaction(SIGALRM, &wake, NULL);
	setitimer(ITIMER_REAL, &late, NULL);
	let_go_on(&run, first, 0);
	follow(&run);
	setitimer(ITIMER_REAL, &never, NULL);
	return run.how;
}
