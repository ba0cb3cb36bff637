/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names_fold - folding and looking up, for the name check (names.c) only.
 */
#ifndef GARITA_NAMES_FOLD_H
#define GARITA_NAMES_FOLD_H

#include <stddef.h>

/* The next character of *at after Go's folding, 0 at the end, and moves *at
 * behind it. */
int garita_names_next_folded(const char **at);
/* As strcmp(3), after folding. */
int garita_names_compare(const char *a, const char *b);

/* Every name of the spec, sorted by folding. Made when it is first needed,
 * that is when a config has a key that its object does not know: those of
 * engines have none. Begins as { 0 }. */
struct garita_names_list {
	const char **names;
	size_t count;
};

/* A name that `key` folds to, the very name if there is one; NULL: it is like
 * none. */
const char *garita_names_resembled(struct garita_names_list *list,
				   const char *key);
void garita_names_list_free(struct garita_names_list *list);

#endif
