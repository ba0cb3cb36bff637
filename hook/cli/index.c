/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * index - see the header.
 */
#include "hook/cli/index.h"

#include <string.h>
#include <sys/random.h>

#include "garita/memory.h"

enum { FIRST_ROOM = 256 };

static uint64_t hash(const struct garita_index *index, const char *key)
{
	uint64_t h = index->seed;

	for (; *key != '\0'; key++) {
		h = (h ^ (unsigned char)*key) * UINT64_C(0x9e3779b97f4a7c15);
		h ^= h >> 29;
	}
	return h;
}

static uint32_t *find(const struct garita_index *index, const char *key)
{
	size_t at = (size_t)hash(index, key) & (index->room - 1);

	while (index->slots[at] != 0 &&
	       strcmp(index->keys[index->slots[at] - 1], key) != 0)
		at = (at + 1) & (index->room - 1);
	return &index->slots[at];
}

/* Never more than half full. */
static void grow(struct garita_index *index)
{
	index->room = index->room ? 2 * index->room : FIRST_ROOM;
	free(index->slots);
	index->slots = garita_xcalloc(index->room, sizeof(*index->slots));
	index->keys =
		garita_xresize(index->keys, index->room, sizeof(*index->keys));
	for (size_t i = 0; i < index->count; i++)
		*find(index, index->keys[i]) = (uint32_t)(i + 1);
}

size_t garita_index_of(struct garita_index *index, const char *key,
		       bool *ret_new)
{
	uint32_t *slot;

	if (index->room == 0 &&
	    getrandom(&index->seed, sizeof(index->seed), GRND_NONBLOCK) < 0)
		index->seed = (uint64_t)(uintptr_t)index;
	if (index->count >= index->room / 2)
		grow(index);
	slot = find(index, key);
	*ret_new = *slot == 0;
	if (*ret_new) {
		index->keys[index->count++] = garita_xstrdup(key);
		*slot = (uint32_t)index->count;
	}
	return *slot - 1;
}

void garita_index_free(struct garita_index *index)
{
	for (size_t i = 0; i < index->count; i++)
		free(index->keys[i]);
	free(index->keys);
	free(index->slots);
	*index = (struct garita_index){ 0 };
}
