/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * nearest - edit distance between short words (Levenshtein), for hints only.
 */
#include "policy/nearest.h"

#include <string.h>

enum { LONGEST = 64 };

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Number of letters to add, drop or change; both at most LONGEST long. */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST + 1];
	size_t len_a = strlen(a), len_b = strlen(b);

	for (size_t j = 0; j <= len_b; j++)
		row[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			size_t above = row[j];

			row[j] = least(above + 1, row[j - 1] + 1,
				       diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[len_b];
}

struct garita_nearest garita_nearest_to(const char *wanted)
{
	/* Further than a third of the word is a guess, not a hint; so is one
	 * that has no letter of it. */
	size_t len = strlen(wanted), limit = len / 3 + 2;

	return (struct garita_nearest){
		.wanted = wanted,
		.distance = limit < len ? limit : len,
	};
}

void garita_nearest_try(struct garita_nearest *best, const char *word)
{
	size_t d;

	if (strlen(best->wanted) > LONGEST || strlen(word) > LONGEST)
		return;
	d = distance(best->wanted, word);
	if (d < best->distance) {
		best->distance = d;
		best->word = word;
	}
}
