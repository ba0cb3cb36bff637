/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wait - see the header.
 */
#include "hook/wait.h"

#include <errno.h>
#include <poll.h>

#include "hook/clock.h"

/* Of one thing, whatever the clock says. */
enum { MAX_TRIES = 256 };

int garita_wait(int fd, short events, uint64_t until_us)
{
	for (int tries = 0; tries < MAX_TRIES; tries++) {
		struct pollfd ready = { .fd = fd, .events = events };
		uint64_t now = garita_clock_us();
		int rc;

		if (now >= until_us)
			return -ETIMEDOUT;
		rc = poll(&ready, 1, (int)((until_us - now + 999) / 1000));
		if (rc >= 0)
			return rc > 0 ? 0 : -ETIMEDOUT;
		if (errno != EINTR)
			return -errno;
	}
	return -ETIMEDOUT;
}
