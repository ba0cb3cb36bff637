/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolve - see the header.
 */
#include "hook/resolve.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

/* EAGAIN: the kernel saw a rename or mount while it walked and cannot be sure
 * that ".." stayed inside; trying again a few times is what it asks for. */
enum { TRIES = 32 };

int garita_resolve(int at, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC),
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	for (int tries = 0; tries < TRIES; tries++) {
		fd = syscall(SYS_openat2, at, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EINTR && errno != EAGAIN))
			break;
	}
	return fd >= 0 ? (int)fd : -errno;
}
