/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names_fold - keys as Go's encoding/json compares them, and the sorted list
 * of the spec's names in which a key is looked up that way.
 */
#include "policy/names_fold.h"

#include <stdlib.h>
#include <string.h>

#include "garita/names.h"
#include "policy/names_table.h"

/* The next character after Go's folding. The table's names are ASCII, and
 * besides the letter itself only these two fold into ASCII. */
int garita_names_next_folded(const char **at)
{
	unsigned char c = (unsigned char)**at;

	if (strncmp(*at, "\xc5\xbf", 2) == 0) { /* U+017F, long s */
		*at += 2;
		return 's';
	}
	if (strncmp(*at, "\xe2\x84\xaa", 3) == 0) { /* U+212A, Kelvin sign */
		*at += 3;
		return 'k';
	}
	*at += c != '\0';
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

int garita_names_compare(const char *a, const char *b)
{
	int x, y;

	do {
		x = garita_names_next_folded(&a);
		y = garita_names_next_folded(&b);
	} while (x == y && x != '\0');
	return x - y;
}

bool garita_names_fold_equal(const char *a, const char *b)
{
	return garita_names_compare(a, b) == 0;
}

/* Names below an object, those of one used twice counted twice. */
static size_t count_names(enum garita_names_which which)
{
	const struct garita_names_object *object = garita_names_object(which);
	size_t count = object != NULL ? object->count : 0;

	for (size_t i = 0; object != NULL && i < object->count; i++)
		count += count_names(object->members[i].child);
	return count;
}

static void collect_names(struct garita_names_list *list,
			  enum garita_names_which which)
{
	const struct garita_names_object *object = garita_names_object(which);

	for (size_t i = 0; object != NULL && i < object->count; i++) {
		list->names[list->count++] = object->members[i].name;
		collect_names(list, object->members[i].child);
	}
}

static int by_folding(const void *a, const void *b)
{
	return garita_names_compare(*(const char *const *)a,
				    *(const char *const *)b);
}

static void make_list(struct garita_names_list *list)
{
	list->names = garita_xcalloc(count_names(GARITA_NAMES_OF_CONFIG),
				     sizeof(*list->names));
	collect_names(list, GARITA_NAMES_OF_CONFIG);
	qsort(list->names, list->count, sizeof(*list->names), by_folding);
}

const char *garita_names_resembled(struct garita_names_list *list,
				   const char *key)
{
	const char **end, **found;
	const char *like;

	if (list->names == NULL)
		make_list(list);
	end = list->names + list->count;
	found = bsearch(&key, list->names, list->count, sizeof(*list->names),
			by_folding);
	if (found == NULL)
		return NULL;
	like = *found;
	while (found > list->names && by_folding(found - 1, &key) == 0)
		found--;
	for (; found < end && by_folding(found, &key) == 0; found++)
		if (strcmp(*found, key) == 0)
			return *found;
	return like;
}

void garita_names_list_free(struct garita_names_list *list)
{
	free(list->names);
	*list = (struct garita_names_list){ 0 };
}
