/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * modules - see the header. The texts are root's own, but long (six thousand
 * modules) and written by other programs.
 */
#include "garita/modules.h"

#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"

static const char states[GARITA_MODULE_STATES][9] = {
	[GARITA_MODULE_ABSENT] = "absent",
	[GARITA_MODULE_BLOCKED] = "blocked",
	[GARITA_MODULE_LOADABLE] = "loadable",
	[GARITA_MODULE_LOADED] = "loaded",
	[GARITA_MODULE_BUILT_IN] = "built-in",
};

const char *garita_module_state_name(enum garita_module_state state)
{
	return states[state];
}

enum garita_module_state garita_module_state_named(const char *name)
{
	enum garita_module_state state = 0;

	while (state < GARITA_MODULE_STATES &&
	       (name == NULL || strcmp(states[state], name) != 0))
		state++;
	return state;
}

static bool is_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (name[i] <= ' ' || name[i] == '/' || name[i] == 0x7f)
			return false;
	return len > 0 && len <= GARITA_MODULE_NAME_MAX;
}

/* A new entry to be filled; NULL for what is no name. Entries of one name are
 * put together by settle(). */
static struct garita_module *add(struct garita_modules *modules,
				 const char *name, size_t len)
{
	struct garita_module *added;

	if (!is_name(name, len))
		return NULL;
	if (modules->count == modules->room) {
		modules->room = modules->room ? modules->room * 2 : 64;
		modules->all = garita_xresize(modules->all, modules->room,
					      sizeof(*modules->all));
	}
	added = &modules->all[modules->count++];
	*added = (struct garita_module){ 0 };
	memcpy(added->name, name, len);
	for (size_t i = 0; i < len; i++)
		if (added->name[i] == '-')
			added->name[i] = '_';
	return added;
}

void garita_modules_read_loaded(struct garita_modules *modules,
				const char *text)
{
	while (*text != '\0') {
		struct garita_module *module =
			add(modules, text, strcspn(text, " \n"));

		if (module != NULL)
			module->loaded = true;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

/* "kernel/net/sctp/sctp.ko.xz: kernel/lib/libcrc32c.ko.xz" */
void garita_modules_read_files(struct garita_modules *modules, const char *text,
			       bool built_in)
{
	while (*text != '\0') {
		size_t len = strcspn(text, ":\n");
		const char *slash = memrchr(text, '/', len);
		const char *name = slash ? slash + 1 : text;
		const char *end =
			memmem(name, len - (size_t)(name - text), ".ko", 3);
		struct garita_module *module =
			end ? add(modules, name, (size_t)(end - name)) : NULL;

		if (module != NULL) {
			module->there = true;
			module->built_in = built_in;
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
}

/* The next word of a line, which ends with `end`. */
static const char *next_word(const char **at, const char *end, size_t *ret_len)
{
	const char *word;

	while (*at < end && strchr(" \t\r", **at) != NULL)
		(*at)++;
	word = *at;
	while (*at < end && strchr(" \t\r", **at) == NULL)
		(*at)++;
	*ret_len = (size_t)(*at - word);
	return word;
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return len == strlen(word) && memcmp(text, word, len) == 0;
}

/* Does the command load nothing, whatever its arguments? */
static bool stops(const char *command, size_t len)
{
	static const char *const commands[] = {
		"/bin/false",
		"/bin/true",
		"/usr/bin/false",
		"/usr/bin/true",
	};

	for (size_t i = 0; i < GARITA_COUNT(commands); i++)
		if (is_word(command, len, commands[i]))
			return true;
	return false;
}

static void read_line(struct garita_modules *modules, const char *at,
		      const char *end)
{
	size_t verb_len, name_len, command_len, more_len;
	const char *verb = next_word(&at, end, &verb_len);
	const char *name = next_word(&at, end, &name_len);
	const char *command = next_word(&at, end, &command_len);
	bool install = is_word(verb, verb_len, "install");
	struct garita_module *module;

	if (!install && !is_word(verb, verb_len, "blacklist"))
		return;
	module = add(modules, name, name_len);
	if (module == NULL)
		return;
	module->blacklisted = !install;
	/* More after it may be "; modprobe --ignore-install x". */
	next_word(&at, end, &more_len);
	module->stopped =
		install && stops(command, command_len) && more_len == 0;
}

/* A backslash at the end of a line goes on with the next one. */
void garita_modules_read_config(struct garita_modules *modules,
				const char *text)
{
	auto_text line = { 0 };

	garita_text_puts(&line, "");
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");
		bool goes_on = len > 0 && text[len - 1] == '\\';

		garita_text_add(&line, text, goes_on ? len - 1 : len);
		text += len;
		text += *text == '\n';
		if (goes_on && *text != '\0') {
			garita_text_putc(&line, ' ');
			continue;
		}
		read_line(modules, line.data, line.data + line.len);
		line.len = 0;
		line.data[0] = '\0';
	}
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct garita_module *)a)->name,
		      ((const struct garita_module *)b)->name);
}

void garita_modules_settle(struct garita_modules *modules)
{
	size_t kept = 0;

	if (modules->count == 0)
		return;
	qsort(modules->all, modules->count, sizeof(*modules->all), by_name);
	for (size_t i = 1; i < modules->count; i++) {
		struct garita_module *last = &modules->all[kept];
		const struct garita_module *next = &modules->all[i];

		if (strcmp(last->name, next->name) != 0) {
			modules->all[++kept] = *next;
			continue;
		}
		last->there = last->there || next->there;
		last->built_in = last->built_in || next->built_in;
		last->loaded = last->loaded || next->loaded;
		last->stopped = last->stopped || next->stopped;
		last->blacklisted = last->blacklisted || next->blacklisted;
	}
	modules->count = kept + 1;
}

enum garita_module_state garita_modules_state(
	const struct garita_modules *modules, const struct garita_module *of)
{
	if (of->built_in)
		return GARITA_MODULE_BUILT_IN;
	if (of->loaded)
		return GARITA_MODULE_LOADED;
	if (!of->there)
		return GARITA_MODULE_ABSENT;
	return of->stopped || modules->no_more ? GARITA_MODULE_BLOCKED
					       : GARITA_MODULE_LOADABLE;
}

void garita_modules_free(struct garita_modules *modules)
{
	free(modules->all);
	*modules = (struct garita_modules){ 0 };
}
