/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * index - numbers for strings, in the order in which they are first seen.
 *
 * Strings come out of logs, where strangers chose some of them: the hash has a
 * seed that they do not know.
 */
#ifndef GARITA_HOOK_INDEX_H
#define GARITA_HOOK_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Begin with zeros. */
struct garita_index {
	char **keys; /* one a number */
	size_t count;
	uint32_t *slots; /* number + 1; 0: free */
	size_t room;     /* of slots, a power of two */
	uint64_t seed;
};

/* The number of `key`, which is new when it was not there. */
size_t garita_index_of(struct garita_index *index, const char *key,
		       bool *ret_new);
void garita_index_free(struct garita_index *index);

#endif
