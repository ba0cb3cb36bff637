/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cli - options by exact name, and output.
 */
#include "hook/cli/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hook/report/report.h"
#include "policy/nearest.h"

const char *garita_cli_word(const struct garita_cli_verb *verb)
{
	const char *space = strchr(verb->name, ' ');

	return space ? space + 1 : verb->name;
}

/* Every option has these in common with every other. */
static const char *letters(const char *name)
{
	return name + strspn(name, "-");
}

static const struct garita_cli_option *find(
	const struct garita_cli *cli, const struct garita_cli_option *options,
	size_t count, const char *word, size_t len)
{
	auto_free char *name = garita_xstrndup(word, len);
	struct garita_nearest near = garita_nearest_to(letters(name));

	for (size_t i = 0; i < count; i++) {
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
		if (garita_starts_with(options[i].name, "--"))
			garita_nearest_try(&near, letters(options[i].name));
	}
	if (near.word != NULL)
		garita_cli_complain(cli,
				    "unknown option %s; did you mean --%s?",
				    name, near.word);
	else
		garita_cli_complain(cli,
				    "unknown option %s; see garita help %s",
				    name, cli->verb);
	return NULL;
}

static int take_value(const struct garita_cli *cli,
		      const struct garita_cli_option *option, const char *value)
{
	struct garita_cli_list *list = option->list;

	if (list != NULL) {
		list->words = garita_xresize(list->words, list->count + 1,
					     sizeof(*list->words));
		list->words[list->count++] = value;
		return 0;
	}
	if (*option->value != NULL) {
		garita_cli_complain(cli, "%s is given twice", option->name);
		return -EINVAL;
	}
	*option->value = value;
	return 0;
}

/* Reads the option at argv[i]; how many words it took, or -EINVAL. */
static int read_option(const struct garita_cli *cli,
		       const struct garita_cli_option *options, size_t count,
		       int i)
{
	const char *word = cli->argv[i];
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct garita_cli_option *option =
		find(cli, options, count, word, len);

	if (option == NULL)
		return -EINVAL;
	if (option->flag != NULL && equals == NULL) {
		*option->flag = true;
		return 1;
	}
	if (option->flag != NULL) {
		garita_cli_complain(cli, "%s takes no value", option->name);
		return -EINVAL;
	}
	if (equals == NULL && i + 1 >= cli->argc) {
		garita_cli_complain(cli, "%s needs a value", option->name);
		return -EINVAL;
	}
	if (take_value(cli, option, equals ? equals + 1 : cli->argv[i + 1]) < 0)
		return -EINVAL;
	return equals ? 1 : 2;
}

int garita_cli_options(const struct garita_cli *cli,
		       const struct garita_cli_option *options, size_t count,
		       const char **words, size_t *ret_count)
{
	bool only_words = false;
	size_t n = 0;

	for (int i = 1; i < cli->argc;) {
		const char *word = cli->argv[i];
		int took;

		if (!only_words && strcmp(word, "--") == 0) {
			only_words = true;
			i++;
			continue;
		}
		if (only_words || word[0] != '-' || word[1] == '\0') {
			words[n++] = word;
			i++;
			continue;
		}
		took = read_option(cli, options, count, i);
		if (took < 0)
			return took;
		i += took;
	}
	*ret_count = n;
	return 0;
}

int garita_cli_wants_json(const struct garita_cli *cli, const char *format,
			  bool *ret)
{
	bool json = format != NULL && strcmp(format, "json") == 0;

	if (format != NULL && !json && strcmp(format, "text") != 0) {
		garita_cli_complain(cli, "--format is text or json, not %s",
				    format);
		return -EINVAL;
	}
	*ret = json;
	return 0;
}

void garita_cli_print(const struct garita_text *text)
{
	if (text->len > 0)
		fwrite(text->data, 1, text->len, stdout);
}

int garita_cli_fail(const struct garita_cli *cli,
		    const struct garita_error *error)
{
	char words[1024];

	garita_cli_complain(cli, "%s",
			    garita_error_words(error, words, sizeof(words)));
	return GARITA_EXIT_ERROR;
}

void garita_cli_complain(const struct garita_cli *cli, const char *fmt, ...)
{
	auto_text line = { 0 };
	char said[4096];
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	garita_text_printf(&line, "garita %s: ", cli->verb);
	garita_report_put_safe(&line, said);
	garita_text_putc(&line, '\n');
	fputs(line.data, stderr);
}
