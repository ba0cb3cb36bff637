/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as the text of mountinfo, where whoever mounts something chooses
 * the names. What is found is a mount of a line that names the place, and
 * going from mount to mount ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/store/mounts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void garita_out_of_memory(void)
{
	abort();
}

static void must(int holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size, *at = text;
	struct garita_overlay found = { 0 };
	struct garita_error err = { 0 };
	char *lower = NULL;

	if (garita_mounts_overlay(text, size, "/m", &found, &err) < 0)
		must(err.text[0] != '\0' && found.upper == NULL);
	else
		must(found.upper != NULL && strlen(found.upper) < size);
	free(found.upper);
	if (garita_mounts_lower(text, size, "/m", &lower) == 0)
		must(lower != NULL && strlen(lower) < size);
	free(lower);
	while (at < end) {
		const char *before = at;
		char *point = garita_mounts_next_point(&at, end);

		must(at <= end);
		if (point == NULL)
			break;
		must(at > before && strlen(point) < size);
		free(point);
	}
	return 0;
}
