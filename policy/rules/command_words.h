/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command_words - what the two readers of a command line share: command.c
 * knows programs that start others, command_shell.c knows the shell's grammar.
 */
#ifndef GARITA_RULES_COMMAND_WORDS_H
#define GARITA_RULES_COMMAND_WORDS_H

#include "garita/text.h"
#include "policy/rules/command.h"

/* One word of a command. */
struct garita_word {
	size_t at;   /* where it begins in the command's text */
	bool plain;  /* it is just this text: nothing expands in it */
	bool quoted; /* something of it was quoted */
};

/* The words of one command; each ends in NUL in `text`. */
struct garita_words {
	struct garita_text text;
	struct garita_word *list;
	size_t count, room;
};

struct garita_command_reader {
	garita_program_visit *visit;
	void *data;
	bool enough;    /* the visit said so */
	bool unclear;   /* a command so far could not be told */
	unsigned depth; /* of commands in commands */
};

enum { GARITA_COMMAND_DEEPEST = 8 };

void garita_words_free(struct garita_words *words);
void garita_words_add(struct garita_words *words, size_t at, bool plain,
		      bool quoted);
#define auto_words                                                             \
	__attribute__((cleanup(garita_words_free))) struct garita_words

static inline const char *garita_words_text(const struct garita_words *words,
					    size_t i)
{
	return words->text.data + words->list[i].at;
}

/* The command that the words from `from` to before `to` are. */
void garita_command_read(struct garita_command_reader *reader,
			 const struct garita_words *words, size_t from,
			 size_t to);
/* A shell script. What is unclear in it makes all of it unclear. */
void garita_command_script(struct garita_command_reader *reader,
			   const char *script);
/* Says that no more can be told of this text than its words. */
void garita_command_unclear(struct garita_command_reader *reader,
			    const char *text);
/* Is it "NAME=value"? */
bool garita_command_is_assignment(const char *word);

#endif
