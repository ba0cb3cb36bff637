/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * helper - asks another program, when facts are gathered and never at a start.
 *
 * By its absolute path, which root alone can change, so that nobody else is
 * asked; with an environment of ours, nothing to read, and an end: of time and
 * of bytes. What it says is a fact like any other, not an order.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook/clock.h"
#include "hook/file.h"
#include "hook/host/gather.h"
#include "hook/wait.h"

enum { PATIENCE_US = 5 * 1000 * 1000 };

static bool is_roots(const char *path)
{
	struct stat st;
	auto_fd int fd = garita_file_open_trusted(NULL, path, &st, NULL);

	return fd >= 0 && (st.st_mode & S_IXUSR) != 0;
}

static int prepare(posix_spawn_file_actions_t *actions,
		   posix_spawnattr_t *attributes, int out)
{
	sigset_t all, none;
	int rc;

	sigfillset(&all);
	sigemptyset(&none);
	rc = posix_spawn_file_actions_addopen(actions, STDIN_FILENO,
					      "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(actions, out,
						      STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_addopen(actions, STDERR_FILENO,
						      "/dev/null", O_WRONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	if (rc == 0)
		rc = posix_spawn_file_actions_addchdir_np(actions, "/");
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attributes, &all);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setflags(attributes,
					      POSIX_SPAWN_SETSIGDEF |
						      POSIX_SPAWN_SETSIGMASK |
						      POSIX_SPAWN_SETPGROUP);
	return rc; /* of a group of its own, so that all of it can be ended */
}

static pid_t start(const char *const argv[], int out)
{
	static char path_word[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
		    locale[] = "LC_ALL=C", home[] = "HOME=/";
	char *const env[] = { path_word, locale, home, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t child = -1;

	if (posix_spawn_file_actions_init(&actions) != 0)
		return -1;
	if (posix_spawnattr_init(&attributes) == 0) {
		if (prepare(&actions, &attributes, out) != 0 ||
		    posix_spawn(&child, argv[0], &actions, &attributes,
				(char *const *)argv, env) != 0)
			child = -1;
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return child;
}

/* Until its end: true when all was read, or as much as is wanted. */
static bool listen_to(int fd, size_t max_bytes, bool cut, uint64_t until,
		      struct garita_text *said)
{
	for (;;) {
		char some[4096];
		ssize_t n;

		if (garita_wait(fd, POLLIN, until) < 0)
			return false;
		n = read(fd, some, sizeof(some));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
		if (said->len + (size_t)n > max_bytes)
			return cut;
		garita_text_add(said, some, (size_t)n);
	}
}

/* Waits until it ended, or until then, and ends all of its group: also what it
 * left in the background. As long as it is not waited for, its number is its
 * own. True when it ended well by itself. */
static bool end(pid_t child, bool patiently, uint64_t until)
{
	auto_fd int pidfd =
		patiently ? (int)syscall(SYS_pidfd_open, (long)child, 0L) : -1;
	int status = 0;
	pid_t ended;

	if (pidfd >= 0)
		(void)garita_wait(pidfd, POLLIN, until);
	kill(-child, SIGKILL);
	do
		ended = waitpid(child, &status, 0);
	while (ended < 0 && errno == EINTR);
	return ended == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

char *garita_helper(const char *const argv[], size_t max_bytes, bool cut)
{
	uint64_t until = garita_clock_us() + PATIENCE_US;
	auto_text said = { 0 };
	bool heard, ended;
	int ends[2];
	pid_t child;

	if (!is_roots(argv[0]) || pipe2(ends, O_CLOEXEC) < 0)
		return NULL;
	garita_text_puts(&said, "");
	child = start(argv, ends[1]);
	close(ends[1]);
	if (child < 0) {
		close(ends[0]);
		return NULL;
	}
	heard = listen_to(ends[0], max_bytes, cut, until, &said);
	close(ends[0]);
	ended = end(child, heard && !cut, until);
	if (!heard || (!ended && !cut))
		return NULL;
	return garita_text_take(&said);
}
