/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_edit - a canonical command line made, read again and changed: the bundle
 * that was judged, the options of an exec or an update that garita says anew.
 */
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/argv.h"
#include "hook/argv_build.h"
#include "hook/argv_words.h"

void garita_command_push(struct garita_command *command, char *word)
{
	command->argv = garita_xresize(command->argv, command->argc + 2,
				       sizeof(*command->argv));
	command->argv[command->argc++] = word;
	command->argv[command->argc] = NULL;
}

void garita_command_drop_words(struct garita_command *command)
{
	for (size_t i = 0; i < command->argc; i++)
		free(command->argv[i]);
	free(command->argv);
	command->argv = NULL;
	command->argc = 0;
	command->bundle_at = 0;
	command->bundle = NULL;
	command->id = NULL;
}

void garita_command_point_at_bundle(struct garita_command *command)
{
	if (command->bundle_at > 0)
		command->bundle =
			command->argv[command->bundle_at] + strlen("--bundle=");
}

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

static void push_id(struct garita_command *command, const char *id)
{
	garita_command_push(command, garita_xstrdup(id));
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
	garita_command_push(ret, NULL);
	for (size_t i = 1; i < verb_at(command); i++)
		if (with_log || !garita_starts_with(command->argv[i], "--log="))
			garita_command_push(ret,
					    garita_xstrdup(command->argv[i]));
}

/* Makes room for the first option of the verb. */
static void insert_option(struct garita_command *command)
{
	size_t at = verb_at(command) + 1;

	garita_command_push(command, NULL);
	for (size_t i = command->argc - 1; i > at; i--)
		command->argv[i] = command->argv[i - 1];
	command->argv[at] = NULL;
	command->bundle_at = at;
}

void garita_argv_set_bundle(struct garita_command *command, const char *path)
{
	auto_text word = { 0 };

	if (command->action != GARITA_VERB_JUDGE)
		return;
	garita_text_puts(&word, "--bundle=");
	garita_text_puts(&word, path);
	/* A runc that cuts white space off would read another directory. */
	if (garita_word_ends_in_space(path))
		garita_text_putc(&word, '/');
	if (command->bundle_at == 0)
		insert_option(command);
	free(command->argv[command->bundle_at]);
	command->argv[command->bundle_at] = garita_text_take(&word);
	garita_command_point_at_bundle(command);
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
	garita_command_push(&made, garita_xstrdup(command->verb));
	for (size_t i = 0; garita_argv_option(command, i, &option); i++)
		if (!is_dropped(&option, drop))
			garita_command_push(
				&made,
				garita_xstrdup(option.name - strlen("--")));
	garita_text_printf(&word, "--%s=%s", name, value);
	garita_command_push(&made, garita_text_take(&word));
	push_id(&made, command->id);
	garita_command_drop_words(command);
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
	garita_command_push(&made, garita_xstrdup("state"));
	push_id(&made, command->id);
	*ret = made;
}
