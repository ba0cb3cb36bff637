/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command_line - command lines as one string, for the tests of hook/argv.c.
 */
#ifndef GARITA_TESTS_UNIT_COMMAND_LINE_H
#define GARITA_TESTS_UNIT_COMMAND_LINE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/argv.h"

struct words {
	char *text;
	char **argv;
	int argc;
};

static inline struct words split(const char *line, const char *separator)
{
	struct words ret = { .text = garita_xstrdup(line) };
	char *rest = ret.text;
	char *word;

	ret.argv = garita_xcalloc(strlen(line) + 2, sizeof(*ret.argv));
	while ((word = strsep(&rest, separator)))
		ret.argv[ret.argc++] = word;
	return ret;
}

static inline void words_free(struct words *words)
{
	free(words->argv);
	free(words->text);
}

/* The rebuilt words, "*" for the slot of the runtime's path. */
static inline char *join(const struct garita_command *command)
{
	auto_text out = { 0 };

	assert_null(command->argv[0]);
	assert_null(command->argv[command->argc]);
	for (size_t i = 0; i < command->argc; i++) {
		if (i > 0)
			garita_text_putc(&out, '|');
		garita_text_puts(&out, i > 0 ? command->argv[i] : "*");
	}
	return garita_text_take(&out);
}

static inline int parse(enum garita_runtime_kind kind, const char *line,
			struct garita_command *ret, struct garita_error *err)
{
	struct words words = split(line, "|");
	int r = garita_argv_parse(kind, words.argc, words.argv, ret, err);

	words_free(&words);
	return r;
}

/* What garita printed, garita reads as it printed it. */
static inline void assert_stable(enum garita_runtime_kind kind,
				 const char *printed)
{
	auto_command again = { 0 };
	struct garita_error err = { 0 };
	auto_free char *twice = NULL;

	if (parse(kind, printed, &again, &err) < 0)
		fail_msg("printed %s, refuses it: %s", printed, err.text);
	twice = join(&again);
	assert_string_equal(twice, printed);
}

#endif
