/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_words - what may be asked of one word of a command line.
 *
 * Private to argv.c and argv_edit.c.
 */
#ifndef GARITA_HOOK_ARGV_WORDS_H
#define GARITA_HOOK_ARGV_WORDS_H

#include <stdbool.h>

/* A word for a message: of an option its name only (a value may be a secret),
 * and nothing that a terminal would act on. */
struct garita_word_shown {
	char text[48];
};
struct garita_word_shown garita_word_show(const char *word);

/* Does it end in what Go calls white space (unicode.IsSpace)? */
bool garita_word_ends_in_space(const char *word);
/* What runc and crun both take for a container id: [A-Za-z0-9_+.-], at most
 * 1024 bytes, no "-" first, not "." or "..". */
bool garita_word_is_id(const char *word);
/* "9", "KILL", "SIGRTMIN+1": the runtime knows whether there is such a one. */
bool garita_word_is_signal(const char *word);

#endif
