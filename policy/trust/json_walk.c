/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json_walk - see the header.
 */
#include "policy/trust/json_walk.h"

#include <errno.h>
#include <stdio.h>

int garita_walk_wrong(struct garita_walk *walk, const char *fmt, ...)
{
	char words[sizeof(walk->err->text)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	return garita_json_fail(walk->err, walk->doc,
				walk->at.data ? walk->at.data : "", EINVAL,
				"%s", words);
}

size_t garita_walk_in(struct garita_walk *walk, const char *key)
{
	size_t before = walk->at.len;

	garita_json_pointer_add(&walk->at, key);
	return before;
}

size_t garita_walk_to(struct garita_walk *walk, size_t index)
{
	char key[24];

	snprintf(key, sizeof(key), "%zu", index);
	return garita_walk_in(walk, key);
}

void garita_walk_out(struct garita_walk *walk, size_t before)
{
	walk->at.len = before;
	walk->at.data[before] = '\0';
}
