/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespace - see the header.
 *
 * A pid is a number that may be somebody else's a moment later. The process is
 * held by a pidfd first; when it still lives after its namespace was opened,
 * that namespace was its own.
 */
#include "hook/net/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "garita/memory.h"

static bool is_same(const char *path, const struct stat *st)
{
	struct stat other;

	return stat(path, &other) == 0 && other.st_dev == st->st_dev &&
	       other.st_ino == st->st_ino;
}

static int open_namespace(pid_t pid, struct garita_error *err)
{
	auto_fd int process = (int)syscall(SYS_pidfd_open, (long)pid, 0L);
	struct pollfd ended = { .fd = process, .events = POLLIN };
	char path[64];
	auto_fd int fd = -1;

	if (process < 0)
		return garita_fail(err, errno, "process %d: %s", (int)pid,
				   strerror(errno));
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return garita_fail(err, errno, "%s: %s", path, strerror(errno));
	if (poll(&ended, 1, 0) != 0)
		return garita_fail(err, ESRCH, "process %d has ended",
				   (int)pid);
	return garita_take_fd(&fd);
}

int garita_namespace_enter(pid_t pid, struct garita_namespace_visit *ret,
			   struct garita_error *err)
{
	auto_fd int fd = open_namespace(pid, err);
	auto_fd int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return fd;
	if (home < 0 || fstat(fd, &st) < 0)
		return garita_fail(err, errno, "process %d: %s", (int)pid,
				   strerror(errno));
	if (is_same("/proc/self/ns/net", &st) || is_same("/proc/1/ns/net", &st))
		return garita_fail(err, EPERM,
				   "process %d is on the host's network, which "
				   "has no guard",
				   (int)pid);
	if (setns(fd, CLONE_NEWNET) < 0)
		return garita_fail(err, errno,
				   "cannot enter the network of process %d: %s",
				   (int)pid, strerror(errno));
	*ret = (struct garita_namespace_visit){
		.home = garita_take_fd(&home),
		.inode = st.st_ino,
	};
	return 0;
}

void garita_namespace_leave(struct garita_namespace_visit *visit)
{
	if (visit->home < 0)
		return;
	(void)setns(visit->home, CLONE_NEWNET);
	close(visit->home);
	visit->home = -1;
}
