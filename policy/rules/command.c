/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command - programs that start other programs, seen through. See the header;
 * command_table.c knows their options, command_shell.c the shell's grammar.
 */
#include "policy/rules/command.h"

#include <string.h>

#include "policy/rules/command_table.h"
#include "policy/rules/command_words.h"

void garita_words_free(struct garita_words *words)
{
	garita_text_free(&words->text);
	free(words->list);
	*words = (struct garita_words){ 0 };
}

void garita_words_add(struct garita_words *words, size_t at, bool plain,
		      bool quoted)
{
	if (words->count == words->room) {
		words->room = words->room ? words->room * 2 : 8;
		words->list = garita_xresize(words->list, words->room,
					     sizeof(*words->list));
	}
	words->list[words->count++] = (struct garita_word){ .at = at,
							    .plain = plain,
							    .quoted = quoted };
}

bool garita_command_is_assignment(const char *word)
{
	size_t len = 0;

	while (word[len] == '_' || (word[len] >= 'a' && word[len] <= 'z') ||
	       (word[len] >= 'A' && word[len] <= 'Z') ||
	       (len > 0 && garita_is_digit(word[len])))
		len++;
	return len > 0 &&
	       (word[len] == '=' || (word[len] == '+' && word[len + 1] == '='));
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void report(struct garita_command_reader *reader, const char *path,
		   enum garita_program_how how, bool waits)
{
	const struct garita_program program = {
		.path = path,
		.name = name_of(path),
		.how = how,
		.waits = waits,
	};

	if (!reader->enough)
		reader->enough = reader->visit(&program, reader->data);
}

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       garita_is_digit(c) || (unsigned char)c >= 0x80 ||
	       (c != '\0' && strchr("_./+-@:", c) != NULL);
}

/* Quotes and backslashes join: "ht""tpd" is a word of five letters. */
static bool is_joint(char c)
{
	return c == '"' || c == '\'' || c == '\\';
}

static void report_words(struct garita_command_reader *reader, const char *text,
			 enum garita_program_how how)
{
	auto_text word = { 0 };

	for (; !reader->enough; text++) {
		if (is_name_byte(*text)) {
			garita_text_putc(&word, *text);
			continue;
		}
		if (is_joint(*text))
			continue;
		if (word.len > 0)
			report(reader, word.data, how, false);
		word.len = 0;
		if (*text == '\0')
			break;
	}
}

void garita_command_unclear(struct garita_command_reader *reader,
			    const char *text)
{
	reader->unclear = true;
	report(reader, "", GARITA_PROGRAM_UNCLEAR, false);
	report_words(reader, text, GARITA_PROGRAM_UNCLEAR);
}

static void report_unclear(struct garita_command_reader *reader,
			   const struct garita_words *words, size_t from,
			   size_t to)
{
	garita_command_unclear(reader, "");
	for (size_t i = from; i < to; i++)
		report_words(reader, garita_words_text(words, i),
			     GARITA_PROGRAM_UNCLEAR);
}

/* ---- programs that are given a command after options ---- */

static bool in_list(const char *list, const char *name, size_t len)
{
	while (*list != '\0') {
		size_t n = strcspn(list, " ");

		if (n == len && strncmp(list, name, len) == 0)
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

static bool has_letter(const char *letters, char c)
{
	return c != '\0' && strchr(letters, c) != NULL;
}

/* Steps over one option and its value; false for one that is not known. */
static bool skip_option(const struct garita_launcher *launcher,
			const char *text, size_t *at)
{
	(*at)++;
	if (text[1] == '-') {
		const struct garita_launcher_long *known =
			garita_launcher_long(launcher);
		size_t len = strcspn(text + 2, "=");

		if (known == NULL)
			return false;
		if (!in_list(known->values, text + 2, len))
			return in_list(known->flags, text + 2, len);
		if (text[2 + len] == '\0')
			(*at)++;
		return true;
	}
	for (const char *c = text + 1; *c != '\0'; c++) {
		if (has_letter(launcher->values, *c)) {
			if (c[1] == '\0')
				(*at)++;
			return true;
		}
		if (!has_letter(launcher->flags, *c))
			return false;
	}
	return true;
}

/* Where the command begins that is wrapped; `to` when it has none, and false
 * when that cannot be told. */
static bool find_wrapped(const struct garita_launcher *launcher,
			 const struct garita_words *words, size_t from,
			 size_t to, size_t *ret)
{
	size_t at = from + 1;

	while (at < to) {
		const char *text = garita_words_text(words, at);

		if (garita_command_is_assignment(text)) {
			at++;
			continue;
		}
		if (!words->list[at].plain)
			return false;
		if (*text != '-')
			break;
		if (strcmp(text, "--") == 0) {
			at++;
			break;
		}
		if (!skip_option(launcher, text, &at))
			return false;
	}
	/* "env -- A=1 program" */
	while (at < to &&
	       garita_command_is_assignment(garita_words_text(words, at)))
		at++;
	for (unsigned i = 0; i < launcher->operands && at < to; i++)
		if (!words->list[at++].plain)
			return false;
	*ret = at < to ? at : to;
	return true;
}

/* ---- shells ---- */

/* Options of a shell, "-c" among them? False when they cannot be told. */
static bool shell_options(const struct garita_words *words, size_t to,
			  size_t *at, bool *ret_command, bool *ret_input)
{
	static const char flags[] = "login posix norc noprofile restricted "
				    "verbose noediting";

	for (; *at < to; (*at)++) {
		const char *text = garita_words_text(words, *at);

		if (!words->list[*at].plain)
			return false;
		if ((*text != '-' && *text != '+') || text[1] == '\0')
			break;
		if (strcmp(text, "--") == 0)
			break;
		if (garita_starts_with(text, "--")) {
			if (in_list("rcfile init-file", text + 2,
				    strlen(text + 2)))
				(*at)++;
			else if (!in_list(flags, text + 2, strlen(text + 2)))
				return false;
			continue;
		}
		*ret_command = *ret_command || strchr(text + 1, 'c') != NULL;
		*ret_input = *ret_input || strchr(text + 1, 's') != NULL;
		if (strpbrk(text + 1, "oO") != NULL)
			(*at)++;
	}
	if (*at < to && (strcmp(garita_words_text(words, *at), "--") == 0 ||
			 strcmp(garita_words_text(words, *at), "-") == 0))
		(*at)++;
	return true;
}

static void read_shell(struct garita_command_reader *reader,
		       const struct garita_words *words, size_t from, size_t to)
{
	const char *path = garita_words_text(words, from);
	bool command = false, input = false;
	size_t at = from + 1;

	if (!shell_options(words, to, &at, &command, &input)) {
		report(reader, path, GARITA_PROGRAM_LAUNCHER, false);
		report_unclear(reader, words, from + 1, to);
		return;
	}
	if (at >= to || (input && !command)) {
		report(reader, path, GARITA_PROGRAM_STARTED, true);
		return;
	}
	report(reader, path, GARITA_PROGRAM_LAUNCHER, false);
	if (!words->list[at].plain) {
		report_unclear(reader, words, at, to);
		return;
	}
	if (!command) {
		report(reader, garita_words_text(words, at),
		       GARITA_PROGRAM_STARTED, false);
		return;
	}
	garita_command_script(reader, garita_words_text(words, at));
	/* "$@" in the script is what follows it. */
	if (reader->unclear && at + 1 < to)
		report_unclear(reader, words, at + 1, to);
}

/* su and runuser: a script after -c, wherever that is; else a login shell. */
static void read_su(struct garita_command_reader *reader,
		    const struct garita_words *words, size_t from, size_t to)
{
	const char *script = NULL;
	bool more = false, torn = false;

	for (size_t i = from + 1; i < to && script == NULL; i++) {
		const char *text = garita_words_text(words, i);
		size_t in = i; /* the word that has the script */

		if (garita_starts_with(text, "--command="))
			script = text + strlen("--command=");
		else if (garita_starts_with(text, "-c") && text[2] != '\0')
			script = text + 2;
		else if (strcmp(text, "-c") == 0 ||
			 strcmp(text, "--command") == 0)
			script = ++in < to ? garita_words_text(words, in) : "";
		else if (strcmp(text, "-u") == 0 || strcmp(text, "--") == 0 ||
			 garita_starts_with(text, "--user") ||
			 !words->list[i].plain)
			more = true;
		torn = script != NULL && in < to && !words->list[in].plain;
	}
	report(reader, garita_words_text(words, from),
	       script || more ? GARITA_PROGRAM_LAUNCHER
			      : GARITA_PROGRAM_STARTED,
	       !script && !more);
	/* Half of it is in a variable: "httpd$X" may be httpd. */
	if (torn)
		garita_command_unclear(reader, script);
	else if (script != NULL)
		garita_command_script(reader, script);
	if (more || reader->unclear)
		report_unclear(reader, words, from + 1, to);
}

/* ---- others ---- */

static void read_find(struct garita_command_reader *reader,
		      const struct garita_words *words, size_t from, size_t to)
{
	static const char runs[] = "exec execdir ok okdir";
	bool any = false, more = false;

	for (size_t i = from + 1; i < to; i++) {
		const char *text = garita_words_text(words, i);
		size_t end = i + 1;

		/* It may be -exec, or have become one. */
		more = more || !words->list[i].plain;
		if (*text != '-' || !in_list(runs, text + 1, strlen(text + 1)))
			continue;
		while (end < to &&
		       strcmp(garita_words_text(words, end), ";") != 0 &&
		       strcmp(garita_words_text(words, end), "+") != 0)
			end++;
		any = true;
		if (reader->depth >= GARITA_COMMAND_DEEPEST) {
			report_unclear(reader, words, i + 1, end);
		} else {
			reader->depth++;
			garita_command_read(reader, words, i + 1, end);
			reader->depth--;
		}
		i = end;
	}
	report(reader, garita_words_text(words, from),
	       any || more ? GARITA_PROGRAM_LAUNCHER : GARITA_PROGRAM_STARTED,
	       false);
	if (more)
		report_unclear(reader, words, from + 1, to);
}

static void read_service(struct garita_command_reader *reader,
			 const struct garita_words *words, size_t from,
			 size_t to)
{
	auto_text script = { 0 };
	size_t at = from + 1;

	while (at < to && *garita_words_text(words, at) == '-')
		at++;
	report(reader, garita_words_text(words, from), GARITA_PROGRAM_LAUNCHER,
	       false);
	if (at >= to || !words->list[at].plain) {
		report_unclear(reader, words, from + 1, to);
		return;
	}
	garita_text_printf(&script, "/etc/init.d/%s",
			   garita_words_text(words, at));
	report(reader, script.data, GARITA_PROGRAM_STARTED, false);
}

/* An interpreter's code can start anything; its words are what there is to
 * see. A file of code is not read at all. */
static void read_code(struct garita_command_reader *reader,
		      const struct garita_words *words, size_t from, size_t to)
{
	const char *path = garita_words_text(words, from);
	bool code = strstr(name_of(path), "awk") != NULL;

	for (size_t i = from + 1; i < to && !code; i++) {
		const char *text = garita_words_text(words, i);

		code = *text == '-' && strpbrk(text, "ceErm") != NULL;
	}
	report(reader, path, GARITA_PROGRAM_STARTED, to == from + 1);
	for (size_t i = from + 1; i < to && code; i++)
		report_words(reader, garita_words_text(words, i),
			     GARITA_PROGRAM_MENTIONED);
}

static void read_vague(struct garita_command_reader *reader,
		       const struct garita_words *words, size_t from, size_t to)
{
	bool more = from + 1 < to;

	report(reader, garita_words_text(words, from),
	       more ? GARITA_PROGRAM_LAUNCHER : GARITA_PROGRAM_STARTED, !more);
	if (more)
		report_unclear(reader, words, from + 1, to);
}

/* What a launcher starts: returns where the next command begins, or `to` when
 * all is said. */
static size_t read_launcher(struct garita_command_reader *reader,
			    const struct garita_launcher *launcher,
			    const struct garita_words *words, size_t from,
			    size_t to)
{
	const char *path = garita_words_text(words, from);
	size_t next = to;

	switch (launcher->kind) {
	case GARITA_LAUNCHER_WRAPS:
		if (!find_wrapped(launcher, words, from, to, &next)) {
			report(reader, path, GARITA_PROGRAM_LAUNCHER, false);
			report_unclear(reader, words, from + 1, to);
			return to;
		}
		report(reader, path,
		       next < to ? GARITA_PROGRAM_LAUNCHER
				 : GARITA_PROGRAM_STARTED,
		       false);
		return next;
	case GARITA_LAUNCHER_SHELL:
		read_shell(reader, words, from, to);
		return to;
	case GARITA_LAUNCHER_SU:
		read_su(reader, words, from, to);
		return to;
	case GARITA_LAUNCHER_FIND:
		read_find(reader, words, from, to);
		return to;
	case GARITA_LAUNCHER_SERVICE:
		read_service(reader, words, from, to);
		return to;
	case GARITA_LAUNCHER_CODE:
		read_code(reader, words, from, to);
		return to;
	case GARITA_LAUNCHER_VAGUE:
		read_vague(reader, words, from, to);
		return to;
	}
	return to;
}

void garita_command_read(struct garita_command_reader *reader,
			 const struct garita_words *words, size_t from,
			 size_t to)
{
	while (from < to && !reader->enough) {
		const char *path = garita_words_text(words, from);
		const struct garita_launcher *launcher;

		if (!words->list[from].plain) {
			report_unclear(reader, words, from, to);
			return;
		}
		launcher = garita_launcher_find(name_of(path));
		if (launcher != NULL) {
			from = read_launcher(reader, launcher, words, from, to);
			continue;
		}
		/* s6-overlay's, and what older podmans mounted for --init:
		 * they run what they are given. */
		if (from + 1 < to && (strcmp(path, "/init") == 0 ||
				      strcmp(path, "/dev/init") == 0)) {
			report(reader, path, GARITA_PROGRAM_LAUNCHER, false);
			from++;
			from += strcmp(garita_words_text(words, from), "--") ==
				0;
			continue;
		}
		report(reader, path, GARITA_PROGRAM_STARTED, false);
		return;
	}
}

bool garita_command_programs(const struct garita_json *args,
			     garita_program_visit *visit, void *data)
{
	struct garita_command_reader reader = { .visit = visit, .data = data };
	auto_words words = { 0 };

	for (size_t i = 0; i < garita_json_count(args); i++) {
		const char *arg = garita_json_string(garita_json_item(args, i));

		garita_words_add(&words, words.text.len, true, false);
		garita_text_puts(&words.text, arg ? arg : "");
		garita_text_putc(&words.text, '\0');
	}
	garita_command_read(&reader, &words, 0, words.count);
	return reader.enough;
}
