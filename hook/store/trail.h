/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trail - the way from a root file system to its image, for a person to walk.
 *
 * A start wants an answer and nothing else. Who asks why, or wants to look at
 * the layers themselves, gives a query a trail: the store then writes down
 * what it found at each step and how that was checked. All functions take a
 * NULL trail and do nothing.
 */
#ifndef GARITA_HOOK_STORE_TRAIL_H
#define GARITA_HOOK_STORE_TRAIL_H

#include <stddef.h>

#include "garita/image.h"

/* One step: a thing, and what made it believable. */
struct garita_trail_step {
	const char *what; /* "container record"; static */
	char *found;      /* what it is or says */
	char *checked;    /* how it was checked */
};

/* A layer that is mounted. Paths count from the sysroot. */
struct garita_trail_layer {
	char diff_id[GARITA_DIGEST_SIZE];
	char *diff;  /* directory with its files */
	char *split; /* tar-split file, gzipped; may not be there */
};

struct garita_trail {
	struct garita_trail_step *steps;
	size_t step_count;
	struct garita_trail_layer *layers; /* top first, as mounted */
	size_t layer_count;
};

void garita_trail_step(struct garita_trail *trail, const char *what,
		       const char *found, const char *checked_fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Takes both paths. */
void garita_trail_layer(struct garita_trail *trail, const char *diff_id,
			char *diff, char *split);
void garita_trail_free(struct garita_trail *trail);
#define auto_trail                                                             \
	__attribute__((cleanup(garita_trail_free))) struct garita_trail

#endif
