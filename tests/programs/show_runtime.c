/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * show_runtime - a runtime that says what it was called with, a line each:
 * "arg", "env", "fd" (number, or number and what it is), "umask", "cwd",
 * "signal" (one that is ignored or blocked), "limit", "process" (what else it
 * inherited), and a line of "proc" for each of some files in /proc/self. For
 * tests of garita's last step.
 */
#include <dirent.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
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

static void show_limits(void)
{
	for (int what = 0; what < RLIM_NLIMITS; what++) {
		struct rlimit limit;

		if (getrlimit((__rlimit_resource_t)what, &limit) == 0)
			printf("limit %d %ju %ju\n", what,
			       (uintmax_t)limit.rlim_cur,
			       (uintmax_t)limit.rlim_max);
	}
}

/* What an engine waits for is our pid: is it the one that was started? */
static void show_process(void)
{
	printf("process pid %ld parent %ld group %ld session %ld nice %d "
	       "dumpable %d\n",
	       (long)getpid(), (long)getppid(), (long)getpgrp(),
	       (long)getsid(0), getpriority(PRIO_PROCESS, 0),
	       prctl(PR_GET_DUMPABLE));
}

static void show_proc(void)
{
	static const char *const kept[] = {
		"/proc/self/oom_score_adj",   "/proc/self/cgroup",
		"/proc/self/personality",     "/proc/self/timerslack_ns",
		"/proc/self/coredump_filter",
	};
	static const char *const marks[] = {
		"Uid:",        "Gid:",     "Groups:",           "Cap",
		"NoNewPrivs:", "Seccomp:", "Cpus_allowed_list:"
	};
	char line[512];
	FILE *file;

	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		file = fopen(kept[i], "re");
		while (file && fgets(line, sizeof(line), file))
			printf("proc %s", line);
		if (file)
			fclose(file);
	}
	file = fopen("/proc/self/status", "re");
	while (file && fgets(line, sizeof(line), file))
		for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
			if (strncmp(line, marks[i], strlen(marks[i])) == 0)
				printf("proc %s", line);
	if (file)
		fclose(file);
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
	show_limits();
	show_process();
	show_proc();
	printf("umask %04o\n", (unsigned)mask);
	printf("cwd %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : "?");
	return 0;
}
