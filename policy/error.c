/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One reason for a person, in fixed room. Much of what ends up here was chosen
 * by somebody else (keys, paths, option words), so the text is made harmless
 * for a terminal and a log line before it is kept: no control characters.
 * The pointer is kept as it is, because programs compare it, and is made
 * harmless when it is put into words.
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "garita/error.h"

/* Replaces what could drive a terminal or begin a new log line: C0, DEL, and
 * C1, which in UTF-8 is C2 80 to C2 9F. */
static void make_harmless(char *text)
{
	unsigned char before = 0;

	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == 0x7f) {
			*text = '?';
		} else if (before == 0xc2 && c >= 0x80 && c <= 0x9f) {
			text[-1] = '?';
			*text = '?';
		}
		before = c;
	}
}

/* Ends a text that did not fit with "..." and never within a character. */
static void mark_cut(char *text, size_t size)
{
	size_t at = size - sizeof("...");

	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	memcpy(text + at, "...", sizeof("..."));
}

/* 0 would read as success and a negative code as a positive return value:
 * both would make a failure look like something else. */
static int failure_code(int code)
{
	if (code < 0 && code > INT_MIN)
		code = -code;
	return code > 0 ? code : EIO;
}

int garita_fail(struct garita_error *err, int code, const char *fmt, ...)
{
	struct garita_error made = { .code = failure_code(code) };
	va_list args;
	int len;

	if (!err)
		return -made.code;

	/* Written aside first: the arguments may be parts of *err. */
	va_start(args, fmt);
	len = vsnprintf(made.text, sizeof(made.text), fmt, args);
	va_end(args);
	if (len < 0)
		made.text[0] = '\0';
	else if ((size_t)len >= sizeof(made.text))
		mark_cut(made.text, sizeof(made.text));
	make_harmless(made.text);

	*err = made;
	return -made.code;
}

int garita_fail_in(struct garita_error *err, const char *what)
{
	char text[sizeof((struct garita_error){ 0 }.text)];
	int len;

	if (!err)
		return -EIO;

	len = snprintf(text, sizeof(text), "%s: %s", what, err->text);
	if (len >= 0) {
		if ((size_t)len >= sizeof(text))
			mark_cut(text, sizeof(text));
		make_harmless(text);
		memcpy(err->text, text, sizeof(err->text));
	}
	err->code = failure_code(err->code);
	return -err->code;
}

const char *garita_error_words(const struct garita_error *err, char *into,
			       size_t size)
{
	char place[64] = "";
	char where[sizeof(err->pointer) + 8] = "";
	bool known = err->line > 0 || err->pointer[0];
	int len;

	if (size == 0)
		return "";
	if (err->line > 0)
		snprintf(place, sizeof(place), "line %u, column %u", err->line,
			 err->column);
	if (err->pointer[0])
		snprintf(where, sizeof(where), "%sat %s", place[0] ? ", " : "",
			 err->pointer);

	/* Behind the reason, which may begin with the name of the file. */
	len = snprintf(into, size, "%s%s%s%s%s", err->text, known ? " (" : "",
		       place, where, known ? ")" : "");
	if (len < 0)
		into[0] = '\0';
	else if ((size_t)len >= size && size > sizeof("..."))
		mark_cut(into, size);
	make_harmless(into);
	return into;
}
