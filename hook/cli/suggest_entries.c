/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * suggest_entries - the fewest entries that give each image its rules and no
 * other. Which image has which rule is a table; rows that are alike are one
 * entry, and so are columns that are alike, and whichever are fewer will do.
 */
#include <string.h>

#include "hook/cli/suggest.h"

void garita_suggest_entries_free(struct garita_suggest_entries *entries)
{
	for (size_t i = 0; i < entries->count; i++) {
		free(entries->all[i].images);
		free(entries->all[i].rules);
	}
	free(entries->all);
	*entries = (struct garita_suggest_entries){ 0 };
}

static bool any(const bool *set, size_t count)
{
	return count > 0 && memchr(set, 1, count) != NULL;
}

/* Whatever has this row of columns is one entry; `columns` is given away. */
static void add_row(struct garita_suggest_entries *entries, size_t rows,
		    size_t row, bool *columns, size_t count,
		    bool rows_are_images)
{
	struct garita_suggest_entry *entry;

	for (size_t i = 0; i < entries->count; i++) {
		entry = &entries->all[i];
		if (memcmp(rows_are_images ? entry->rules : entry->images,
			   columns, count) != 0)
			continue;
		(rows_are_images ? entry->images : entry->rules)[row] = true;
		free(columns);
		return;
	}
	entries->all = garita_xresize(entries->all, entries->count + 1,
				      sizeof(*entries->all));
	entry = &entries->all[entries->count++];
	entry->images =
		rows_are_images ? garita_xcalloc(rows, sizeof(bool)) : columns;
	entry->rules =
		rows_are_images ? columns : garita_xcalloc(rows, sizeof(bool));
	(rows_are_images ? entry->images : entry->rules)[row] = true;
}

/* Of the images that `scoped` is about: an entry for each set of rules. */
static struct garita_suggest_entries by_image(const struct garita_suggest *s,
					      bool scoped, bool all)
{
	size_t rules = garita_rule_count(), images = s->digests.count;
	struct garita_suggest_entries ret = { 0 };

	for (size_t i = 0; i < images; i++) {
		const struct garita_suggest_image *image = &s->images[i];
		bool *columns;

		if ((!all && image->in_scope != scoped) ||
		    !any(image->rules, rules))
			continue;
		columns = garita_xcalloc(rules, sizeof(bool));
		memcpy(columns, image->rules, rules * sizeof(bool));
		add_row(&ret, images, i, columns, rules, true);
	}
	return ret;
}

/* For each set of images. */
static struct garita_suggest_entries by_rule(const struct garita_suggest *s)
{
	size_t rules = garita_rule_count(), images = s->digests.count;
	struct garita_suggest_entries ret = { 0 };

	for (size_t r = 0; r < rules; r++) {
		bool *columns = garita_xcalloc(images, sizeof(bool));

		for (size_t i = 0; i < images; i++)
			columns[i] = s->images[i].rules[r];
		if (any(columns, images))
			add_row(&ret, rules, r, columns, images, false);
		else
			free(columns);
	}
	return ret;
}

struct garita_suggest_entries garita_suggest_fewest(
	const struct garita_suggest *s)
{
	auto_entries one = by_image(s, false, true), other = by_rule(s);
	bool fewer = other.count < one.count;
	struct garita_suggest_entries ret = fewer ? other : one;

	*(fewer ? &other : &one) = (struct garita_suggest_entries){ 0 };
	return ret;
}

struct garita_suggest_entries garita_suggest_by_image(
	const struct garita_suggest *s, bool in_scope)
{
	return by_image(s, in_scope, false);
}
