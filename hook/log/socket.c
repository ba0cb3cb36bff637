/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * socket - one datagram to a daemon that may be stopped, stuck or gone.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "hook/log/sink.h"
#include "hook/wait.h"

/* Of one thing, whatever the clock says. */
enum { MAX_TRIES = 256 };

/* Its queue is full: waits for room, which others may take before us; but not
 * for ever, whatever the clock says. */
static int send_all(int fd, const struct garita_text *message,
		    uint64_t until_us)
{
	for (int tries = 0; tries < MAX_TRIES; tries++) {
		int rc;

		if (send(fd, message->data, message->len,
			 MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		rc = garita_wait(fd, POLLOUT, until_us);
		if (rc < 0)
			return rc;
	}
	return -ETIMEDOUT;
}

static int open_socket(const char *path, struct garita_error *err)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	auto_fd int fd =
		socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0)
		return garita_fail(err, errno, "%s: %s", path, strerror(errno));
	return garita_take_fd(&fd);
}

int garita_sink_reach(const char *path, struct garita_error *err)
{
	auto_fd int fd = open_socket(path, err);

	return fd < 0 ? fd : 0;
}

int garita_sink_send(const char *path, const struct garita_text *message,
		     unsigned deadline_ms, struct garita_error *err)
{
	uint64_t until_us = garita_clock_us() + deadline_ms * UINT64_C(1000);
	auto_fd int fd = open_socket(path, err);
	int rc;

	if (fd < 0)
		return fd;
	rc = send_all(fd, message, until_us);
	if (rc == -ETIMEDOUT)
		return garita_fail(err, ETIMEDOUT,
				   "%s: its reader took nothing for %u ms",
				   path, deadline_ms);
	return rc < 0 ? garita_fail(err, -rc, "%s: %s", path, strerror(-rc))
		      : 0;
}
