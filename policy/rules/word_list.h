/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * word_list - many words as a finding shows them: a few, and how many more.
 */
#ifndef GARITA_RULES_WORD_LIST_H
#define GARITA_RULES_WORD_LIST_H

#include <string.h>

#include "garita/text.h"

struct garita_word_list {
	struct garita_text text;
	size_t count;
};

enum { GARITA_MOST_WORDS = 8, GARITA_LONGEST_WORD = 60 };

static inline void garita_word_list_add(struct garita_word_list *words,
					const char *word)
{
	if (words->count++ >= GARITA_MOST_WORDS)
		return;
	if (words->count > 1)
		garita_text_puts(&words->text, ", ");
	garita_text_add(&words->text, word, strnlen(word, GARITA_LONGEST_WORD));
}

/* After the last word: what a person reads, or NULL when there was none. */
static inline const char *garita_word_list_end(struct garita_word_list *words)
{
	if (words->count > GARITA_MOST_WORDS)
		garita_text_printf(&words->text, " and %zu more",
				   words->count - GARITA_MOST_WORDS);
	return words->count > 0 ? words->text.data : NULL;
}

static inline void garita_word_list_free(struct garita_word_list *words)
{
	garita_text_free(&words->text);
}
#define auto_word_list                                                         \
	__attribute__((cleanup(garita_word_list_free))) struct garita_word_list

#endif
