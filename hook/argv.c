/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv - the command line of an OCI runtime, parsed with that runtime's own
 * option tables and rebuilt in one spelling.
 *
 * Only what every version of the runtime reads as we do is accepted. To think
 * of: urfave/cli v1 honours options behind the container id, some of v3 fill
 * an empty "--x=" from the next word and cut white space off the end of words,
 * getopt completes abbreviated names and reads -bX as -b X.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/argv.h"
#include "hook/argv_build.h"
#include "hook/argv_tables.h"
#include "hook/argv_words.h"

enum { MAX_WORDS = 4096, MAX_PRESERVE_FDS = 65535 }; /* exec: before ID */

struct reader {
	const struct garita_runtime_tables *tables;
	enum garita_runtime_kind kind;
	const char *verb; /* for messages; NULL while reading globals */
	char *const *words;
	size_t count;
	size_t at;
	struct garita_command *out;
	struct garita_error *err;
};

/* The place ("runc create: ") and the reason. */
__attribute__((format(printf, 2, 3))) static int refuse(const struct reader *in,
							const char *fmt, ...)
{
	char reason[384];
	va_list args;

	va_start(args, fmt);
	vsnprintf(reason, sizeof(reason), fmt, args);
	va_end(args);
	return garita_fail(in->err, EINVAL, "%s%s%s: %s", in->tables->program,
			   in->verb ? " " : "", in->verb ? in->verb : "",
			   reason);
}

static void push_option(struct garita_command *command, const char *name,
			const char *value)
{
	auto_text word = { 0 };

	garita_text_puts(&word, "--");
	garita_text_puts(&word, name);
	if (value) {
		garita_text_putc(&word, '=');
		garita_text_puts(&word, value);
	}
	garita_command_push(command, garita_text_take(&word));
}

static const struct garita_option *by_name(const struct garita_option *options,
					   const char *name, size_t len)
{
	for (; options->name[0] != '\0'; options++) {
		if (strlen(options->name) == len &&
		    memcmp(options->name, name, len) == 0)
			return options;
	}
	return NULL;
}

static const struct garita_option *by_letter(
	const struct garita_option *options, char letter)
{
	for (; options->name[0] != '\0'; options++) {
		if (options->letter && options->letter == letter)
			return options;
	}
	return NULL;
}

/* Finds the row of the option word; *ret_value is what follows "=", or NULL. */
static int find_option(const struct reader *in,
		       const struct garita_option *options,
		       const struct garita_option **ret, const char **ret_value)
{
	const char *word = in->words[in->at];
	bool two = word[1] == '-';
	const char *name = word + (two ? 2 : 1);
	const char *equals = strchr(name, '=');
	size_t len = equals ? (size_t)(equals - name) : strlen(name);
	bool go = in->tables->one_dash_long;
	const struct garita_option *found = NULL;

	if (len == 1 && (!two || go))
		found = by_letter(options, name[0]);
	else if (two || go)
		found = by_name(options, name, len);
	else
		return refuse(in, "\"%s\": write short options one by one",
			      garita_word_show(word).text);
	if (!found)
		return refuse(in, "unknown option \"%s\"",
			      garita_word_show(word).text);
	if (found->why_not != GARITA_OPTION_TAKEN)
		return refuse(in, "option \"--%s\" is refused: %s", found->name,
			      garita_option_why_words(found->why_not));
	if (!two && equals && !go)
		return refuse(in, "\"%s=\": the value would begin with =",
			      garita_word_show(word).text);

	*ret = found;
	*ret_value = equals ? equals + 1 : NULL;
	return 0;
}

static int read_switch(const struct reader *in,
		       const struct garita_option *option, const char *value,
		       bool *ret)
{
	bool may = in->tables->one_dash_long ||
		   option->takes == GARITA_TAKES_MAYBE;

	if (!value || (may && strcmp(value, "true") == 0)) {
		*ret = true;
		return 0;
	}
	if (may && option->takes != GARITA_TAKES_ON &&
	    strcmp(value, "false") == 0) {
		*ret = false;
		return 0;
	}
	return refuse(in, "\"--%s\" takes no such value", option->name);
}

/* The value of an option: after "=", or the next word. */
static int read_value(struct reader *in, const struct garita_option *option,
		      const char *joined, const char **ret)
{
	const char *value = joined;

	if (!value) {
		if (in->at + 1 >= in->count)
			return refuse(in, "\"--%s\" lacks its value",
				      option->name);
		value = in->words[++in->at];
		/* "-" alone is standard input; else it may be an option whose
		 * value was forgotten. */
		if (value[0] == '-' && value[1] != '\0')
			return refuse(in,
				      "is \"%s\" the value of \"--%s\"? if so "
				      "write --%s=VALUE",
				      garita_word_show(value).text,
				      option->name, option->name);
	}
	if (value[0] == '\0')
		return refuse(in, "the value of \"--%s\" is empty",
			      option->name);
	if (garita_word_ends_in_space(value))
		return refuse(in, "the value of \"--%s\" ends in white space",
			      option->name);
	*ret = value;
	return 0;
}

/* Where the runtime would write its log, when that is a file. */
static void note_log(struct reader *in, const char *value)
{
	bool crun = in->kind == GARITA_RUNTIME_CRUN;

	if (crun && (garita_starts_with(value, "journald:") ||
		     garita_starts_with(value, "syslog:")))
		return;
	if (crun && garita_starts_with(value, "file:"))
		value += strlen("file:");
	if (value[0] != '\0')
		in->out->log = garita_xstrdup(value);
}

/* The options that garita itself needs to know. */
static int note_option(struct reader *in, const char *name, const char *value)
{
	struct garita_command *out = in->out;

	if (!in->verb && strcmp(name, "log") == 0) {
		note_log(in, value);
	} else if (!in->verb && strcmp(name, "log-format") == 0) {
		if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0)
			return refuse(in, "\"--log-format\" is text or json");
		out->log_json = strcmp(value, "json") == 0;
	} else if (in->verb && strcmp(name, "bundle") == 0) {
		out->bundle_at = out->argc; /* where it goes next */
	} else if (in->verb && strcmp(name, "preserve-fds") == 0) {
		if (garita_parse_u32(value, 0, MAX_PRESERVE_FDS,
				     &out->preserve_fds) < 0)
			return refuse(in,
				      "\"--preserve-fds\" is a decimal number "
				      "of at most %d",
				      MAX_PRESERVE_FDS);
	}
	return 0;
}

/* Reads the option at in->at and, when it takes one, its value. `seen` has a
 * bit for each row that may not come again. */
static int read_option(struct reader *in, const struct garita_option *options,
		       uint64_t *seen, bool *ret_help)
{
	const struct garita_option *option = NULL;
	const char *value = NULL;
	bool on = false;
	uint64_t bit;
	int r = find_option(in, options, &option, &value);

	if (r < 0 || option == NULL)
		return r < 0 ? r : -EINVAL;
	bit = (uint64_t)1 << (option - options);
	if ((*seen & bit) && option->takes != GARITA_TAKES_VALUES)
		return refuse(in, "\"--%s\" comes twice", option->name);
	*seen |= bit;
	switch (option->takes) {
	case GARITA_TAKES_HELP:
		if (value)
			return refuse(in, "\"--%s\" takes no value",
				      option->name);
		garita_command_drop_words(in->out);
		garita_command_push(in->out, NULL);
		if (in->verb)
			garita_command_push(in->out, garita_xstrdup(in->verb));
		push_option(in->out, option->name, NULL);
		*ret_help = true;
		return 0;
	case GARITA_TAKES_NOTHING:
	case GARITA_TAKES_ON:
	case GARITA_TAKES_MAYBE:
		r = read_switch(in, option, value, &on);
		if (r == 0 && on)
			push_option(in->out, option->name, NULL);
		return r;
	case GARITA_TAKES_VALUE:
	case GARITA_TAKES_VALUES:
		r = read_value(in, option, value, &value);
		if (r == 0)
			r = note_option(in, option->name, value);
		if (r == 0)
			push_option(in->out, option->name, value);
		return r;
	}
	return 0;
}

/* Reads options up to the first word that is none, or to the end. */
static int read_options(struct reader *in, const struct garita_option *options,
			bool *ret_help)
{
	uint64_t seen = 0;

	for (; in->at < in->count; in->at++) {
		const char *word = in->words[in->at];
		int r;

		if (in->at > MAX_WORDS)
			return refuse(in, "more than %d words", MAX_WORDS);
		if (word[0] != '-' || strcmp(word, "--") == 0)
			return 0;
		r = read_option(in, options, &seen, ret_help);
		if (r < 0 || *ret_help)
			return r;
	}
	return 0;
}

static int read_id(struct reader *in)
{
	const char *id = in->at < in->count ? in->words[in->at] : NULL;

	if (!id || id[0] == '\0')
		return refuse(in, "no container id");
	if (!garita_word_is_id(id))
		return refuse(in, "bad container id \"%s\"",
			      garita_word_show(id).text);
	garita_command_push(in->out, garita_xstrdup(id));
	in->out->id = in->out->argv[in->out->argc - 1];
	in->at++;
	return 0;
}

static int read_end(struct reader *in)
{
	if (in->at >= in->count)
		return 0;
	return refuse(
		in,
		"unexpected word \"%s\"; options come before the container id",
		garita_word_show(in->words[in->at]).text);
}

static int read_signal(struct reader *in)
{
	const char *word = in->at < in->count ? in->words[in->at] : NULL;

	if (!word)
		return 0;
	if (!garita_word_is_signal(word))
		return refuse(in, "bad signal \"%s\"",
			      garita_word_show(word).text);
	garita_command_push(in->out, garita_xstrdup(word));
	in->at++;
	return 0;
}

static const struct garita_verb *find_verb(
	const struct garita_runtime_tables *tables, const char *name)
{
	for (const struct garita_verb *verb = tables->verbs;
	     verb->name[0] != '\0'; verb++) {
		if (strcmp(verb->name, name) == 0)
			return verb;
	}
	return NULL;
}

static int read_help_verb(struct reader *in)
{
	const struct garita_verb *verb =
		in->at < in->count ? find_verb(in->tables, in->words[in->at])
				   : NULL;

	if (!verb)
		return read_end(in);
	garita_command_push(in->out, garita_xstrdup(verb->name));
	in->at++;
	return 0;
}

static int read_operands(struct reader *in, const struct garita_verb *verb)
{
	int r = 0;

	if (in->at < in->count && strcmp(in->words[in->at], "--") == 0) {
		in->at++;
		/* Kept where a second one may follow: which of two the
		 * runtime takes for itself depends on its version. */
		if (verb->operands == GARITA_OPERANDS_ID_REST)
			garita_command_push(in->out, garita_xstrdup("--"));
	}
	switch (verb->operands) {
	case GARITA_OPERANDS_NONE:
		break;
	case GARITA_OPERANDS_ID:
		r = read_id(in);
		break;
	case GARITA_OPERANDS_ID_SIGNAL:
		r = read_id(in);
		if (r == 0)
			r = read_signal(in);
		break;
	case GARITA_OPERANDS_ID_REST:
		r = read_id(in);
		for (; r == 0 && in->at < in->count; in->at++)
			garita_command_push(in->out,
					    garita_xstrdup(in->words[in->at]));
		break;
	case GARITA_OPERANDS_VERB:
		r = read_help_verb(in);
		break;
	case GARITA_OPERANDS_ANY:
		in->at = in->count;
		break;
	}
	return r < 0 ? r : read_end(in);
}

static int read_command(struct reader *in)
{
	const struct garita_verb *verb;
	bool help = false;
	int r;

	garita_command_push(in->out, NULL);
	r = read_options(in, in->tables->globals, &help);
	if (r == 0 && help)
		in->out->action = GARITA_VERB_ALWAYS;
	if (r < 0 || help)
		return r;

	if (in->at >= in->count)
		return refuse(in, "no command");
	verb = find_verb(in->tables, in->words[in->at]);
	if (!verb)
		return refuse(in, "unknown command \"%s\"",
			      garita_word_show(in->words[in->at]).text);
	in->verb = verb->name;
	in->out->verb = verb->name;
	garita_command_push(in->out, garita_xstrdup(verb->name));
	in->at++;

	r = read_options(in, verb->options, &help);
	if (r == 0 && !help)
		r = read_operands(in, verb);
	if (r < 0)
		return r;
	in->out->action = help ? GARITA_VERB_ALWAYS : verb->action;
	return 0;
}

int garita_argv_parse(enum garita_runtime_kind kind, int argc,
		      char *const argv[], struct garita_command *ret,
		      struct garita_error *err)
{
	struct reader in = {
		.tables = garita_argv_tables(kind),
		.kind = kind,
		.words = argv,
		.count = argc > 0 ? (size_t)argc : 0,
		.at = 1,
		.out = ret,
		.err = err,
	};
	int r;

	*ret = (struct garita_command){ .action = GARITA_VERB_REFUSE };
	r = read_command(&in);
	if (r < 0) { /* only the log stays */
		garita_command_drop_words(ret);
		ret->verb = NULL;
		ret->preserve_fds = 0;
		return r;
	}
	garita_command_point_at_bundle(ret);
	return 0;
}

void garita_command_free(struct garita_command *command)
{
	if (!command)
		return;
	garita_command_drop_words(command);
	free((void *)command->log);
	*command = (struct garita_command){ .action = GARITA_VERB_REFUSE };
}
