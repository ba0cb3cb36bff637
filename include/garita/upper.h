/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upper - what a container's own layer holds before the container starts.
 *
 * The upper directory of its overlay is empty when it was just made but for
 * what engine and runtime put there. What else lies there came from a run
 * before, or from somebody who copied it in (`podman cp`), and no digest of
 * the image knows of it.
 */
#ifndef GARITA_UPPER_H
#define GARITA_UPPER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { GARITA_UPPER_MAX = 4096 }; /* entries: beyond it is not fresh */

struct garita_upper_entry {
	char *path; /* "/etc/mtab": as the container sees it */
	mode_t mode;
	bool empty; /* no bytes */
	bool hides; /* covers what the image has there, or takes it away */
	char *link; /* target of a symbolic link, or NULL */
};

struct garita_upper {
	struct garita_upper_entry *all;
	size_t count;
	bool more;         /* there are more than that */
	char why_not[256]; /* why it cannot be told, then nothing else holds */
};

void garita_upper_free(struct garita_upper *upper); /* NULL is fine */

#endif
