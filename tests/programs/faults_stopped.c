/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * faults_stopped - a process that stands still: its registers, its memory, and
 * breakpoints in its allocator.
 */
#include "faults_trace.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <unistd.h>

/* ---- the registers of a stopped process ---- */

#if defined(__x86_64__)
void set_number(pid_t pid, long number)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.orig_rax),
	       number);
}

void set_result(pid_t pid, long result)
{
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user, regs.rax), result);
}

void set_third(pid_t pid, unsigned long value)
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

void set_number(pid_t pid, long number)
{
	int value = (int)number;
	struct iovec one = { &value, sizeof(value) };

	ptrace(PTRACE_SETREGSET, pid, 0x404 /* NT_ARM_SYSTEM_CALL */, &one);
}

void set_result(pid_t pid, long result)
{
	set_register(pid, 0, (unsigned long)result);
}

void set_third(pid_t pid, unsigned long value)
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

void hide_clock(pid_t pid)
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

void break_allocators(struct run *run, struct process *process)
{
	const struct subject *subject = run->subject;

	process->base = base_of(process->pid, subject->file);
	for (size_t i = 0; subject->allocators[i] != 0; i++)
		change_code(process->pid,
			    process->base + subject->allocators[i], run->was[i],
			    breakpoint);
	process->has_breaks = true;
}

bool meet_break(struct run *run, struct process *process)
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
