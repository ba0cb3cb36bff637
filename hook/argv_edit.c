/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_edit - a canonical command line read again and changed: the options of
 * an exec or an update, which garita judges and says anew.
 */
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/argv.h"

/* Of a canonical command, all before the verb begin with "--". */
static size_t verb_at(const struct garita_command *command)
{
	size_t at = 1;

	while (at < command->argc && command->argv[at][0] == '-')
		at++;
	return at;
}

static bool is_option(const char *word)
{
	return word && garita_starts_with(word, "--") && word[2] != '\0';
}

bool garita_argv_option(const struct garita_command *command, size_t i,
			struct garita_argv_option *ret)
{
	size_t first = verb_at(command) + 1;
	const char *name, *equals;

	/* None behind the first word that is no option: the container's
	 * program may have some. */
	for (size_t n = 0; n <= i; n++)
		if (first + n >= command->argc ||
		    !is_option(command->argv[first + n]))
			return false;
	name = command->argv[first + i] + strlen("--");
	equals = strchr(name, '=');
	ret->name = name;
	ret->name_len = equals ? (size_t)(equals - name) : strlen(name);
	ret->value = equals ? equals + 1 : NULL;
	return true;
}

bool garita_argv_option_is(const struct garita_argv_option *option,
			   const char *name)
{
	return strlen(name) == option->name_len &&
	       memcmp(name, option->name, option->name_len) == 0;
}

static size_t id_at(const struct garita_command *command)
{
	size_t at = 1;

	while (at < command->argc && command->argv[at] != command->id)
		at++;
	return at;
}

char *const *garita_argv_rest(const struct garita_command *command)
{
	size_t at = id_at(command);

	return command->argv + (at < command->argc ? at + 1 : command->argc);
}

static void push(struct garita_command *command, char *word)
{
	command->argv = garita_xresize(command->argv, command->argc + 2,
				       sizeof(*command->argv));
	command->argv[command->argc++] = word;
	command->argv[command->argc] = NULL;
}

static void push_id(struct garita_command *command, const char *id)
{
	push(command, garita_xstrdup(id));
	command->id = command->argv[command->argc - 1];
}

static bool is_dropped(const struct garita_argv_option *option,
		       const char *const drop[])
{
	for (; *drop; drop++)
		if (garita_argv_option_is(option, *drop))
			return true;
	return false;
}

/* A copy of the words up to the verb, without it. */
static void copy_globals(const struct garita_command *command, bool with_log,
			 struct garita_command *ret)
{
	push(ret, NULL);
	for (size_t i = 1; i < verb_at(command); i++)
		if (with_log || !garita_starts_with(command->argv[i], "--log="))
			push(ret, garita_xstrdup(command->argv[i]));
}

static void free_words(struct garita_command *command)
{
	for (size_t i = 0; i < command->argc; i++)
		free(command->argv[i]);
	free(command->argv);
}

void garita_argv_replace(struct garita_command *command,
			 const char *const drop[], const char *name,
			 const char *value)
{
	struct garita_command made = *command;
	struct garita_argv_option option;
	auto_text word = { 0 };

	made.argv = NULL;
	made.argc = 0;
	copy_globals(command, true, &made);
	push(&made, garita_xstrdup(command->verb));
	for (size_t i = 0; garita_argv_option(command, i, &option); i++)
		if (!is_dropped(&option, drop))
			push(&made, garita_xstrdup(option.name - strlen("--")));
	garita_text_printf(&word, "--%s=%s", name, value);
	push(&made, garita_text_take(&word));
	push_id(&made, command->id);
	free_words(command);
	*command = made;
}

void garita_argv_state(const struct garita_command *command,
		       struct garita_command *ret)
{
	struct garita_command made = {
		.action = GARITA_VERB_ALWAYS,
		.verb = "state",
	};

	/* What this one fails by is not what the engine asked. */
	copy_globals(command, false, &made);
	push(&made, garita_xstrdup("state"));
	push_id(&made, command->id);
	*ret = made;
}
