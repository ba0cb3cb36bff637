/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_trace - one run of a program, and of what it starts, with a fault.
 *
 * All processes of garita's are followed (ptrace) until they become the
 * runtime. System calls are counted for each by itself, so that the n-th is the
 * same one in each run, however processes take turns. What cannot be done from
 * outside (limits, a seccomp filter) is done before the program is executed.
 */
#include "faults.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SECONDS = 10 }; /* that a run may take at most, on a busy machine */

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

/* ---- the registers of a stopped process ---- */

#if defined(__x86_64__)
static void set_number(pid_t pid, long number)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax),
	       number);
}

static void set_result(pid_t pid, long result)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), result);
}

static void set_third(pid_t pid, unsigned long value)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rdx), value);
}

static unsigned long stack_of(pid_t pid)
{
	return (unsigned long)ptrace(PTRACE_PEEKUSER, pid,
				     offsetof(struct user, regs.rsp), 0);
}

static const unsigned char breakpoint[] = { 0xcc };

/* Where the breakpoint is that it stopped behind; 0: there is none. */
static unsigned long break_behind(pid_t pid)
{
	unsigned long at = (unsigned long)ptrace(
		PTRACE_PEEKUSER, pid, offsetof(struct user, regs.rip), 0);

	return at - sizeof(breakpoint);
}

/* Goes back to the begin of a function, or returns NULL from it. */
static void leave_break(pid_t pid, bool with_nothing)
{
	struct user_regs_struct regs;

	ptrace(PTRACE_GETREGS, pid, 0, &regs);
	regs.rip -= sizeof(breakpoint);
	if (with_nothing) {
		errno = 0;
		regs.rip = (unsigned long)ptrace(PTRACE_PEEKDATA, pid, regs.rsp,
						 0);
		if (errno != 0)
			die("ptrace");
		regs.rsp += sizeof(long);
		regs.rax = 0;
	}
	ptrace(PTRACE_SETREGS, pid, 0, &regs);
}
#elif defined(__aarch64__)
static void set_register(pid_t pid, int which, unsigned long value)
{
	struct user_regs_struct regs;
	struct iovec all = { &regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all);
	regs.regs[which] = value;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
}

static void set_number(pid_t pid, long number)
{
	int value = (int)number;
	struct iovec one = { &value, sizeof(value) };

	ptrace(PTRACE_SETREGSET, pid, 0x404 /* NT_ARM_SYSTEM_CALL */, &one);
}

static void set_result(pid_t pid, long result)
{
	set_register(pid, 0, (unsigned long)result);
}

static void set_third(pid_t pid, unsigned long value)
{
	set_register(pid, 2, value);
}

static unsigned long stack_of(pid_t pid)
{
	struct user_regs_struct regs;
	struct iovec all = { &regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all);
	return regs.sp;
}

static const unsigned char breakpoint[] = { 0x00, 0x00, 0x20, 0xd4 };

static unsigned long break_behind(pid_t pid)
{
	struct user_regs_struct regs;
	struct iovec all = { &regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all);
	return regs.pc; /* which it stops at */
}

static void leave_break(pid_t pid, bool with_nothing)
{
	struct user_regs_struct regs;
	struct iovec all = { &regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &all);
	if (!with_nothing)
		return;
	regs.pc = regs.regs[30];
	regs.regs[0] = 0;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &all);
}
#else
#error "say here how to change a system call"
#endif

/* ---- which call, and is it met ---- */

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

/* Does the fault meet this call, the n-th of process `i`? A child that cannot
 * become its program says so by a pipe, until it is heard (musl): of all calls
 * that fail, that one does not. */
static bool meets(const struct fault *fault, int i,
		  const struct process *process)
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

/* ---- before the program ---- */

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

static pid_t start(const struct subject *subject, const struct fault *fault)
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

/* ---- memory of a stopped process ---- */

static int open_memory(pid_t pid)
{
	char path[64];
	int ret;

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	ret = open(path, O_RDWR | O_CLOEXEC);
	if (ret < 0)
		die(path);
	return ret;
}

/* Where the program was loaded: its begin, as the kernel told it, without the
 * begin in its file. */
static unsigned long base_of(pid_t pid, int file)
{
	unsigned long pairs[64][2] = { 0 }, ret = 0;
	char path[64];
	Elf64_Ehdr head;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/auxv", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, pairs, sizeof(pairs)) < 0 ||
	    pread(file, &head, sizeof(head), 0) != (ssize_t)sizeof(head))
		die(path);
	close(fd);
	for (size_t i = 0; i < 64; i++)
		if (pairs[i][0] == AT_ENTRY)
			ret = pairs[i][1] - head.e_entry;
	return ret;
}

/* A program that was just executed reads the clock without a system call, by
 * what the kernel mapped for that. It is not told of it. */
static void hide_clock(pid_t pid)
{
	int memory = open_memory(pid);
	off_t at = (off_t)stack_of(pid);
	unsigned long word = 1, zeros = 0;

	/* The count of arguments, those, 0, the environment, 0, pairs. */
	for (at += (off_t)sizeof(word); zeros < 2; at += (off_t)sizeof(word)) {
		if (pread(memory, &word, sizeof(word), at) !=
		    (ssize_t)sizeof(word))
			die("the stack");
		zeros += word == 0;
	}
	for (; word != AT_SYSINFO_EHDR; at += 2 * (off_t)sizeof(word)) {
		if (pread(memory, &word, sizeof(word), at) !=
		    (ssize_t)sizeof(word))
			die("the stack");
		if (word == AT_NULL)
			break;
	}
	at -= 2 * (off_t)sizeof(word);
	if (word == AT_SYSINFO_EHDR) {
		word = AT_IGNORE;
		if (pwrite(memory, &word, sizeof(word), at) !=
		    (ssize_t)sizeof(word))
			die("the stack");
	}
	close(memory);
}

/* ---- the allocator ---- */

enum { BREAK = sizeof(breakpoint) };

static void change_code(pid_t pid, unsigned long at, unsigned char *ret_was,
			const unsigned char *to)
{
	int memory = open_memory(pid);

	if (ret_was != NULL &&
	    pread(memory, ret_was, BREAK, (off_t)at) != BREAK)
		die("code");
	if (pwrite(memory, to, BREAK, (off_t)at) != BREAK)
		die("code");
	close(memory);
}

static void break_allocators(struct run *run, struct process *process)
{
	const struct subject *subject = run->subject;

	process->base = base_of(process->pid, subject->file);
	for (size_t i = 0; subject->allocators[i] != 0; i++)
		change_code(process->pid,
			    process->base + subject->allocators[i], run->was[i],
			    breakpoint);
	process->has_breaks = true;
}

/* It stopped: at a breakpoint, which is left; or behind the instruction that
 * was in its place, which goes there again. false: at something else. */
static bool meet_break(struct run *run, struct process *process)
{
	const unsigned long *allocators = run->subject->allocators;
	unsigned long at = break_behind(process->pid);
	bool fails;
	size_t i = 0;

	if (process->stepping != 0) {
		change_code(process->pid, process->stepping, NULL, breakpoint);
		process->stepping = 0;
		return true;
	}
	while (allocators[i] != 0 && process->base + allocators[i] != at)
		i++;
	if (!process->has_breaks || allocators[i] == 0)
		return false;
	run->trail->allocations++;
	fails = run->fault->kind == MEMORY &&
		run->trail->allocations == run->fault->n;
	leave_break(process->pid, fails);
	if (fails)
		return true;
	change_code(process->pid, at, NULL, run->was[i]);
	process->stepping = at;
	return true;
}

/* ---- one run ---- */

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
	pid = start(subject, fault);
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
