/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * send - see the header.
 *
 * A question with a scan in it is megabytes. To write them into memory that
 * two processes see costs the kernel a page for each four kilobytes, twice what
 * hashing them takes; so the pipe is lent the pages in which they lie, and who
 * reads copies them once, to where it wants them. Where pages cannot be lent
 * (other kernels that look like Linux) they are written as usual.
 */
#include "hook/trust/send.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "garita/memory.h"
#include "hook/wait.h"

enum {
	/* Bytes: what a pipe takes as it is, and at most for anybody. */
	PIPE_SMALL = 64 * 1024,
	PIPE_LARGE = 1024 * 1024,
};

struct sending {
	struct iovec *at; /* what is left */
	size_t count;
	uint64_t deadline_us;
	int fd;
	bool copies;
};

int garita_send_open(const struct garita_text *written,
		     const struct garita_blobs *material, int ret[2],
		     struct garita_error *err)
{
	int ends[2], larger;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return garita_fail(err, errno, "cannot make a pipe: %s",
				   strerror(errno));
	/* Fewer turns of the two processes; without, it takes longer. */
	if (written->len + material->total > PIPE_SMALL) {
		larger = fcntl(ends[1], F_SETPIPE_SZ, PIPE_LARGE);
		(void)larger;
	}
	ret[0] = ends[0];
	ret[1] = ends[1];
	return 0;
}

static void take_off(struct sending *s, size_t sent)
{
	while (s->count > 0 && sent >= s->at->iov_len) {
		sent -= s->at->iov_len;
		s->at++;
		s->count--;
	}
	if (s->count > 0) {
		s->at->iov_base = (char *)s->at->iov_base + sent;
		s->at->iov_len -= sent;
	}
}

static int wait_for_room(const struct sending *s, struct garita_error *err)
{
	int rc = garita_wait(s->fd, POLLOUT, s->deadline_us);

	if (rc == -ETIMEDOUT)
		return garita_fail(err, ETIMEDOUT,
				   "the question was not read in time");
	return rc < 0 ? garita_fail(err, -rc, "cannot wait for a pipe: %s",
				    strerror(-rc))
		      : 0;
}

/* 1: all that is left, or the other end is closed. */
static int send_some(struct sending *s, struct garita_error *err)
{
	ssize_t n =
		s->copies ? writev(s->fd, s->at, (int)s->count)
			  : vmsplice(s->fd, s->at, s->count, SPLICE_F_NONBLOCK);

	if (n >= 0) {
		take_off(s, (size_t)n);
		return s->count == 0;
	}
	if (errno == EPIPE)
		return 1;
	if (errno == EAGAIN)
		return wait_for_room(s, err);
	if (errno == EINTR)
		return 0;
	if (s->copies)
		return garita_fail(err, errno, "cannot write the request: %s",
				   strerror(errno));
	s->copies = true;
	return 0;
}

int garita_send(int fd, const struct garita_text *written,
		const struct garita_blobs *material, uint64_t deadline_us,
		struct garita_error *err)
{
	auto_free struct iovec *all =
		garita_xcalloc(material->count + 1, sizeof(*all));
	struct sending sending = {
		.at = all,
		.count = material->count + 1,
		.deadline_us = deadline_us,
		.fd = fd,
	};
	int rc = 0;

	/* Ours only: the other end waits for what comes. */
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return garita_fail(err, errno, "cannot set up a pipe: %s",
				   strerror(errno));
	all[0] = (struct iovec){ written->data, written->len };
	for (size_t i = 0; i < material->count; i++)
		all[i + 1] = (struct iovec){ material->all[i].bytes,
					     material->all[i].len + 1 };
	while (rc == 0)
		rc = send_some(&sending, err);
	return rc < 0 ? rc : 0;
}
