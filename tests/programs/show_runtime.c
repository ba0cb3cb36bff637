/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * show_runtime - a runtime that says what it was called with, a line each:
 * "arg", "env", "fd" (number, or number and what it is), "umask", "cwd",
 * "signal" (one that is ignored or blocked). For tests of garita's last step.
 */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static void show_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	char target[PATH_MAX];

	if (!dir)
		return;
	while ((entry = readdir(dir)) != NULL) {
		ssize_t len;

		if (entry->d_name[0] == '.')
			continue;
		/* Ours alone: nobody else has /proc/self/fd open. */
		len = readlinkat(dirfd(dir), entry->d_name, target,
				 sizeof(target) - 1);
		target[len > 0 ? len : 0] = '\0';
		if (strncmp(target, "/proc/", 6) == 0)
			continue;
		printf("fd %s %s\n", entry->d_name, target);
	}
	closedir(dir);
}

static void show_signals(void)
{
	sigset_t blocked;

	sigprocmask(SIG_SETMASK, NULL, &blocked);
	for (int number = 1; number < NSIG; number++) {
		struct sigaction action;

		if (sigismember(&blocked, number) == 1)
			printf("signal %d blocked\n", number);
		if (sigaction(number, NULL, &action) == 0 &&
		    action.sa_handler == SIG_IGN)
			printf("signal %d ignored\n", number);
	}
}

int main(int argc, char **argv)
{
	char cwd[PATH_MAX];
	mode_t mask = umask(0);

	for (int i = 0; i < argc; i++)
		printf("arg %s\n", argv[i]);
	for (char **entry = environ; *entry; entry++)
		printf("env %s\n", *entry);
	show_fds();
	show_signals();
	printf("umask %04o\n", (unsigned)mask);
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : "?");
	return 0;
}
