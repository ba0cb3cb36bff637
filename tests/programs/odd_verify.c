/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * odd_verify - stands in for garita-verify and misbehaves as the image's name
 * in the request asks it to: "odd/hang", "odd/crash", ...
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "hook/trust/door.h"
#include "policy/trust/request.h"

static void answer(enum garita_trust_state state, const char *words)
{
	struct garita_trust trust = { .state = state };
	struct garita_reply reply;

	snprintf(trust.words, sizeof(trust.words), "%s", words);
	garita_reply_write(&trust, &reply);
	if (write(STDOUT_FILENO, &reply, sizeof(reply)) !=
	    (ssize_t)sizeof(reply))
		_exit(9);
}

static void judge(bool holds, const char *what)
{
	answer(holds ? GARITA_TRUST_ACCEPTED : GARITA_TRUST_REFUSED, what);
	_exit(0);
}

static void hang(void)
{
	for (;;)
		pause();
}

static void late(void)
{
	answer(GARITA_TRUST_ACCEPTED, "yes");
	close(STDOUT_FILENO);
	hang();
}

static void crash(void)
{
	answer(GARITA_TRUST_ACCEPTED, "yes");
	signal(SIGSEGV, SIG_DFL); /* whoever reports it: a sanitizer */
	raise(SIGSEGV);
}

static void code(void)
{
	answer(GARITA_TRUST_ACCEPTED, "yes");
	_exit(3);
}

static void half(void)
{
	if (write(STDOUT_FILENO, "garita reply 1\n", 16) != 16)
		_exit(9);
}

static void chatter(void)
{
	static char words[4096];

	for (;;)
		if (write(STDOUT_FILENO, words, sizeof(words)) < 0)
			_exit(9);
}

static void no_memory(void)
{
	_exit(GARITA_EXIT_NO_MEMORY);
}

/* What it was given: no environment, no signal blocked or ignored. */
static void given(void)
{
	sigset_t blocked;

	sigprocmask(SIG_BLOCK, NULL, &blocked);
	judge(environ[0] == NULL && !sigismember(&blocked, SIGTERM) &&
		      signal(SIGCHLD, SIG_IGN) == SIG_DFL,
	      "what it was given");
}

static bool refused(long result)
{
	return result == -1 && (errno == ENOSYS || errno == EMFILE);
}

/* Behind the door nothing works but answering. */
static void door(void)
{
	char *page;

	if (garita_door_enter(NULL) < 0 || garita_door_close(NULL) < 0)
		judge(false, "the door does not close");
	if (!refused(open("/etc/passwd", O_RDONLY)) ||
	    !refused(socket(AF_UNIX, SOCK_STREAM, 0)) ||
	    !refused(syscall(SYS_execve, "/bin/true", NULL, NULL)) ||
	    !refused(syscall(SYS_kill, 1, 0)) ||
	    !refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)) ||
	    !refused(syscall(SYS_ptrace, 0, 0, 0, 0)) ||
	    !refused(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)) ||
	    !refused(write(STDERR_FILENO, "x", 1)) ||
	    !refused(syscall(SYS_read, STDIN_FILENO, NULL, 0)))
		judge(false, "something gets through the door");
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED || mprotect(page, 4096, PROT_EXEC) == 0 ||
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0) != MAP_FAILED)
		judge(false, "memory behind the door is not as it should be");
	judge(true, "nothing gets through the door");
}

static void yes(void)
{
	judge(true, "yes");
}

static const struct {
	const char *name;
	void (*act)(void);
} acts[] = {
	{ "odd/hang", hang },        { "odd/late", late },
	{ "odd/crash", crash },      { "odd/code", code },
	{ "odd/half", half },        { "odd/chatter", chatter },
	{ "odd/memory", no_memory }, { "odd/given", given },
	{ "odd/door", door },        { "odd/yes", yes },
};

int main(void)
{
	static char request[64 * 1024];
	ssize_t len = read(STDIN_FILENO, request, sizeof(request));

	for (size_t i = 0; len > 0 && i < GARITA_COUNT(acts); i++)
		if (memmem(request, (size_t)len, acts[i].name,
			   strlen(acts[i].name)) != NULL)
			acts[i].act();
	return 0;
}
