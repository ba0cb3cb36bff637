/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nearest - "did you mean": the valid word closest to a misspelt one.
 */
#ifndef GARITA_NEAREST_H
#define GARITA_NEAREST_H

#include <stddef.h>

struct garita_nearest {
	const char *wanted; /* borrowed */
	const char *word;   /* the best so far, or NULL: none is near */
	size_t distance;
};

struct garita_nearest garita_nearest_to(const char *wanted);
/* `word` is borrowed and becomes the answer when it is nearer. */
void garita_nearest_try(struct garita_nearest *best, const char *word);

#endif
