/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command_shell - the commands of a shell script, without running it.
 *
 * One pass over the text by the grammar that POSIX and the usual shells share
 * (POSIX.1-2017, Shell Command Language, 2.2 to 2.10). Whatever two shells
 * read differently, or what only running would tell, ends the pass: the whole
 * script is then unclear. So is one that ends inside a quote.
 */
#include "policy/rules/command_words.h"

#include <string.h>

struct script {
	const char *at; /* what is not read yet */
	struct garita_command_reader *reader;
};

/* One word while it is read. */
struct shape {
	bool plain;
	bool quoted;   /* before a "=", where that changes its meaning */
	bool assigned; /* a "=" was read */
};

static bool read_commands(struct script *script, char end);

static bool is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       garita_is_digit(c) || c == '_';
}

/* Room for a word of the lists below. */
enum { LIST_WORD = 10 };

static bool in_list(const char (*list)[LIST_WORD], size_t count,
		    const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], word) == 0)
			return true;
	return false;
}

/* ---- expansions: the position is behind the "$" or the backquote ---- */

/* "$(commands)" and "<(commands)", behind the parenthesis. */
static bool read_nested(struct script *script)
{
	bool told;

	if (script->reader->depth >= GARITA_COMMAND_DEEPEST)
		return false;
	script->reader->depth++;
	told = read_commands(script, ')');
	script->reader->depth--;
	return told;
}

/* "$((1 + 2))", behind both: numbers, unless something else is in it. */
static bool skip_arithmetic(struct script *script)
{
	size_t open = 2;

	for (; *script->at != '\0'; script->at++) {
		char c = *script->at;

		if (strchr("`'\"\\", c) != NULL ||
		    (c == '$' && script->at[1] == '('))
			return false;
		open += c == '(';
		if (c == ')' && --open == 0) {
			script->at++;
			return true;
		}
	}
	return false;
}

/* "${name:-word}", behind the brace. */
static bool skip_parameter(struct script *script)
{
	size_t open = 1;

	for (; *script->at != '\0'; script->at++) {
		char c = *script->at;

		if (strchr("`'\"\\", c) != NULL ||
		    (c == '$' && script->at[1] == '('))
			return false;
		open += c == '{';
		if (c == '}' && --open == 0) {
			script->at++;
			return true;
		}
	}
	return false;
}

static bool read_backquoted(struct script *script)
{
	size_t len = strcspn(script->at, "`\\");
	struct script inner = { .reader = script->reader };
	auto_free char *text = NULL;
	bool told;

	if (script->at[len] != '`' ||
	    script->reader->depth >= GARITA_COMMAND_DEEPEST)
		return false;
	text = garita_xstrndup(script->at, len);
	script->at += len + 1;
	inner.at = text;
	script->reader->depth++;
	told = read_commands(&inner, '\0');
	script->reader->depth--;
	return told;
}

static bool read_dollar(struct script *script, bool in_quotes,
			struct garita_words *words, struct shape *shape)
{
	char c = *script->at;

	/* Whatever comes of it, an assignment's name it is not. */
	garita_text_putc(&words->text, '$');
	/* $'x' is one word in bash and another in dash; in double quotes it
	 * is only a dollar. */
	if (c == '\'' || c == '"')
		return in_quotes;
	if (c == '(') {
		shape->plain = false;
		script->at++;
		if (*script->at != '(')
			return read_nested(script);
		script->at++;
		return skip_arithmetic(script);
	}
	if (c == '{') {
		shape->plain = false;
		script->at++;
		return skip_parameter(script);
	}
	if (is_name_byte(c)) {
		shape->plain = false;
		while (is_name_byte(*script->at))
			script->at++;
	} else if (c != '\0' && strchr("@*#?$!-", c) != NULL) {
		shape->plain = false;
		script->at++;
	}
	return true;
}

/* ---- words ---- */

static bool read_double_quoted(struct script *script,
			       struct garita_words *words, struct shape *shape)
{
	while (*script->at != '"') {
		char c = *script->at;

		if (c == '\0')
			return false;
		script->at++;
		if (c == '\\' && *script->at != '\0' &&
		    strchr("$`\"\\\n", *script->at) != NULL) {
			if (*script->at != '\n')
				garita_text_putc(&words->text, *script->at);
			script->at++;
		} else if (c == '$') {
			if (!read_dollar(script, true, words, shape))
				return false;
		} else if (c == '`') {
			shape->plain = false;
			if (!read_backquoted(script))
				return false;
		} else {
			garita_text_putc(&words->text, c);
		}
	}
	script->at++;
	return true;
}

static bool read_quoted(struct script *script, char quote,
			struct garita_words *words, struct shape *shape)
{
	size_t len;

	shape->quoted = shape->quoted || !shape->assigned;
	if (quote == '"')
		return read_double_quoted(script, words, shape);
	len = strcspn(script->at, "'");
	if (script->at[len] == '\0')
		return false;
	garita_text_add(&words->text, script->at, len);
	script->at += len + 1;
	return true;
}

static bool ends_word(char c)
{
	return c == '\0' || strchr(" \t\n;&|<>()", c) != NULL;
}

/* A pattern or a brace list: the name of the file is not what is written.
 * "[" and "{" alone are a command and a reserved word. */
static bool expands(char c, size_t place, char next)
{
	if (c == '*' || c == '?')
		return true;
	return (c == '[' || c == '{') && (place > 0 || !ends_word(next)) &&
	       !(c == '[' && next == '[') && next != '}';
}

static bool read_piece(struct script *script, struct garita_words *words,
		       size_t start, struct shape *shape)
{
	char c = *script->at++;

	switch (c) {
	case '\\':
		if (*script->at == '\n') {
			script->at++;
			return true;
		}
		if (*script->at == '\0')
			return false;
		shape->quoted = shape->quoted || !shape->assigned;
		garita_text_putc(&words->text, *script->at++);
		return true;
	case '\'':
	case '"':
		return read_quoted(script, c, words, shape);
	case '$':
		return read_dollar(script, false, words, shape);
	case '`':
		shape->plain = false;
		garita_text_putc(&words->text, '$');
		return read_backquoted(script);
	default:
		if (expands(c, words->text.len - start, *script->at))
			shape->plain = false;
		shape->assigned = shape->assigned || c == '=';
		garita_text_putc(&words->text, c);
		return true;
	}
}

static bool read_word(struct script *script, struct garita_words *words)
{
	struct shape shape = { .plain = true };
	size_t start = words->text.len;

	while (!ends_word(*script->at))
		if (!read_piece(script, words, start, &shape))
			return false;
	/* "$EMPTY" without quotes may be no word at all, a lone line end in
	 * backslashes is none. */
	garita_text_putc(&words->text, '\0');
	garita_words_add(words, start, shape.plain, shape.quoted);
	return true;
}

/* ---- commands ---- */

/* Words before a command that are not of it. */
static const char leading[][LIST_WORD] = { "!",     "{",    "}",    "if",
					   "then",  "elif", "fi",   "do",
					   "while", "else", "done", "until" };
/* Grammar of their own, read differently or not at all here. */
static const char unread[][LIST_WORD] = { "case",     "esac",    "select",
					  "function", "coproc",  "[[",
					  "eval",     "alias",   "enable",
					  "hash",     "mapfile", "readarray" };
/* Built in, and they start nothing. */
static const char harmless[][LIST_WORD] = {
	":",       "[",       "bg",     "break",  "cd",       "continue",
	"declare", "echo",    "exit",   "export", "false",    "fg",
	"getopts", "jobs",    "kill",   "let",    "local",    "printf",
	"pushd",   "popd",    "pwd",    "read",   "readonly", "return",
	"set",     "shift",   "shopt",  "test",   "times",    "true",
	"type",    "typeset", "ulimit", "umask",  "unalias",  "unset",
	"wait",
};

/* "command -v name" only asks. */
static bool only_asks(const struct garita_words *words, size_t i)
{
	return i + 1 < words->count &&
	       strcmp(garita_words_text(words, i), "command") == 0 &&
	       (strcmp(garita_words_text(words, i + 1), "-v") == 0 ||
		strcmp(garita_words_text(words, i + 1), "-V") == 0);
}

/* trap 'commands' SIGNAL, and . FILE: false when it cannot be told. */
static bool read_builtin(struct script *script,
			 const struct garita_words *words, size_t i,
			 bool *ret_done)
{
	const char *name = garita_words_text(words, i);
	bool traps = strcmp(name, "trap") == 0;

	*ret_done =
		traps || strcmp(name, ".") == 0 || strcmp(name, "source") == 0;
	if (!*ret_done || i + 1 >= words->count)
		return true;
	if (!words->list[i + 1].plain)
		return false;
	if (traps)
		garita_command_script(script->reader,
				      garita_words_text(words, i + 1));
	else
		garita_command_read(script->reader, words, i + 1, i + 2);
	return true;
}

/* "for name in words", whose commands follow as others do; but "for name do"
 * has its first one here. */
static bool read_for(const struct garita_words *words, size_t i)
{
	for (; i < words->count; i++)
		if (strcmp(garita_words_text(words, i), "do") == 0)
			return false;
	return true;
}

/* One simple command, complete. */
static bool read_simple(struct script *script, const struct garita_words *words)
{
	size_t i = 0;
	bool done = false;

	while (i < words->count && !words->list[i].quoted &&
	       in_list(leading, GARITA_COUNT(leading),
		       garita_words_text(words, i)))
		i++;
	if (i < words->count && !words->list[i].quoted &&
	    strcmp(garita_words_text(words, i), "for") == 0)
		return read_for(words, i);
	while (i < words->count && !words->list[i].quoted &&
	       garita_command_is_assignment(garita_words_text(words, i)))
		i++;
	if (i >= words->count)
		return true;
	if (!words->list[i].plain ||
	    in_list(unread, GARITA_COUNT(unread), garita_words_text(words, i)))
		return false;
	if (only_asks(words, i) || in_list(harmless, GARITA_COUNT(harmless),
					   garita_words_text(words, i)))
		return true;
	if (!read_builtin(script, words, i, &done))
		return false;
	if (!done)
		garita_command_read(script->reader, words, i, words->count);
	return !script->reader->unclear;
}

/* The file of a redirection is no word of the command. */
static bool read_redirection(struct script *script, struct garita_words *words)
{
	char sign = *script->at++;
	auto_words target = { 0 };

	if (*script->at == '(') {
		script->at++;
		garita_text_puts(&words->text, "$");
		garita_words_add(words, words->text.len - 1, false, false);
		garita_text_putc(&words->text, '\0');
		return read_nested(script);
	}
	if (sign == '<' && *script->at == '<')
		return false; /* a here-document */
	while (*script->at != '\0' && strchr("<>&|", *script->at) != NULL)
		script->at++;
	script->at += strspn(script->at, " \t");
	return !ends_word(*script->at) && read_word(script, &target);
}

static bool is_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len > 0 && text[len] == '\0';
}

/* Ends a command, and makes room for the next. */
static bool finish(struct script *script, struct garita_words *words)
{
	bool told = words->count == 0 || read_simple(script, words);

	words->count = 0;
	words->text.len = 0;
	return told;
}

/* What is no word. */
static bool read_operator(struct script *script, struct garita_words *words)
{
	char c = *script->at;

	switch (c) {
	case '#':
		script->at += strcspn(script->at, "\n");
		return true;
	case '<':
	case '>':
		/* "2>file": the number is no word either */
		return read_redirection(script, words);
	case '(':
		/* After words it is a function or an array. */
		if (words->count > 0)
			return false;
		script->at++;
		return read_nested(script);
	default: /* ; & | and the end of a line */
		script->at++;
		return finish(script, words);
	}
}

static bool read_commands(struct script *script, char end)
{
	auto_words words = { 0 };

	while (!script->reader->enough) {
		script->at += strspn(script->at, " \t");
		if (*script->at == '\0' || *script->at == ')') {
			if (*script->at != end || !finish(script, &words))
				return false;
			script->at += end != '\0';
			return true;
		}
		if (*script->at == '#' ||
		    (ends_word(*script->at) && *script->at != '\0')) {
			if (!read_operator(script, &words))
				return false;
			continue;
		}
		if (!read_word(script, &words))
			return false;
		if ((*script->at == '<' || *script->at == '>') &&
		    !words.list[words.count - 1].quoted &&
		    is_number(garita_words_text(&words, words.count - 1)))
			words.count--;
	}
	return true;
}

void garita_command_script(struct garita_command_reader *reader,
			   const char *text)
{
	struct script script = { .at = text, .reader = reader };
	bool before = reader->unclear, told = false;
	unsigned depth = reader->depth;

	reader->unclear = false;
	if (depth < GARITA_COMMAND_DEEPEST) {
		reader->depth++;
		told = read_commands(&script, '\0');
		reader->depth = depth;
	}
	if (!told || reader->unclear)
		garita_command_unclear(reader, text);
	reader->unclear = reader->unclear || before;
}
