/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * settle - see the header.
 */
#include "hook/settle.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hook/heap.h"

enum {
	STANDARD = 3,       /* stdin, stdout and stderr */
	CANNOT_START = 125, /* nothing was judged: a refusal for every caller */
};

/* One call where it can be asked of all three. */
static bool has_standard(void)
{
	struct pollfd all[STANDARD] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	return poll(all, STANDARD, 0) >= 0 &&
	       ((all[0].revents | all[1].revents | all[2].revents) &
		POLLNVAL) == 0;
}

void garita_settle_standard(int access)
{
	for (int fd = 0; !has_standard() && fd < STANDARD; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", access) != fd)
			_exit(CANNOT_START);
	}
}

mode_t garita_settle(int access)
{
	garita_heap_settle();
	garita_settle_standard(access);
	return umask(077);
}
