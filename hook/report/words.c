/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * words - text out of a config, made safe for where it goes: a terminal, XML,
 * a URI, JSON. Who wrote the config wants some reader to see something else:
 * a command in place of a letter, markup in place of text, half a character.
 */
#include <string.h>

#include "hook/report/report.h"

enum { REPLACEMENT = 0xfffd };

/* Reads one character; how many bytes it took. Bytes that are no UTF-8 are
 * each taken for U+FFFD. */
static size_t read_character(const char *text, uint32_t *ret)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least; /* smaller ones are overlong */
	} shapes[] = {
		{ 0x80, 0x00, 0 },
		{ 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 },
		{ 0xf8, 0xf0, 0x10000 },
	};
	const unsigned char *at = (const unsigned char *)text;

	for (size_t more = 0; more < GARITA_COUNT(shapes); more++) {
		uint32_t value = at[0] & (unsigned char)~shapes[more].mask;
		size_t i = 1;

		if ((at[0] & shapes[more].mask) != shapes[more].lead)
			continue;
		for (; i <= more && (at[i] & 0xc0) == 0x80; i++)
			value = value << 6 | (at[i] & 0x3f);
		if (i <= more || value < shapes[more].least ||
		    value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
			break;
		*ret = value;
		return i;
	}
	*ret = REPLACEMENT;
	return 1;
}

/* Would a terminal act on it, or show the rest in another order? */
static bool is_command(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c <= 0x9f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static void put_command(struct garita_text *out, uint32_t c)
{
	garita_text_printf(out, c > 0xff ? "\\u%04x" : "\\x%02x", c);
}

void garita_report_put_safe(struct garita_text *out, const char *text)
{
	while (*text != '\0') {
		uint32_t c;
		size_t len = read_character(text, &c);

		if (c == REPLACEMENT && len == 1)
			garita_text_printf(out, "\\x%02x",
					   (unsigned char)*text);
		else if (is_command(c))
			put_command(out, c);
		else
			garita_text_add(out, text, len);
		text += len;
	}
}

void garita_report_put_xml(struct garita_text *out, const char *text)
{
	while (*text != '\0') {
		uint32_t c;
		size_t len = read_character(text, &c);

		if (c == '&')
			garita_text_puts(out, "&amp;");
		else if (c == '<')
			garita_text_puts(out, "&lt;");
		else if (c == '>')
			garita_text_puts(out, "&gt;");
		else if (c == '"')
			garita_text_puts(out, "&quot;");
		else if (c == '\n')
			garita_text_puts(out, "&#10;");
		else if (c >= 0xfffd && c <= 0xffff)
			garita_text_puts(out, "\xef\xbf\xbd");
		else if (is_command(c))
			put_command(out, c);
		else
			garita_text_add(out, text, len);
		text += len;
	}
}

static bool is_plain_in_uri(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       garita_is_digit(c) || (c != '\0' && strchr("-._~/", c) != NULL);
}

void garita_report_put_uri(struct garita_text *out, const char *path)
{
	if (*path == '/')
		garita_text_puts(out, "file://");
	for (; *path != '\0'; path++) {
		if (is_plain_in_uri(*path))
			garita_text_putc(out, *path);
		else
			garita_text_printf(out, "%%%02X", (unsigned char)*path);
	}
}

/* Most of all text: nothing to look for in it. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] >= 0x7f)
			return false;
	return true;
}

void garita_report_put_string(struct garita_json_doc *doc,
			      struct garita_json *object, const char *key,
			      const char *value)
{
	auto_text clean = { 0 };

	if (value == NULL || is_plain(value, strlen(value))) {
		garita_json_put_string(doc, object, key, value);
		return;
	}
	garita_text_puts(&clean, "");
	while (*value != '\0') {
		uint32_t c;
		size_t len = read_character(value, &c);

		if (c == REPLACEMENT)
			garita_text_puts(&clean, "\xef\xbf\xbd");
		else
			garita_text_add(&clean, value, len);
		value += len;
	}
	garita_json_put_string(doc, object, key, clean.data);
}

/* Below U+0020 the printer has escaped; the others stand only in strings. */
void garita_report_put_printed(const struct garita_text *printed,
			       struct garita_text *out)
{
	const char *at = printed->data, *end = at + printed->len;

	garita_text_reserve(out, printed->len + 1);
	if (is_plain(at, printed->len)) {
		garita_text_add(out, at, printed->len);
		return;
	}
	while (at < end) {
		uint32_t c;
		size_t len = read_character(at, &c);

		if (is_command(c) && c != '\n')
			garita_text_printf(out, "\\u%04x", c);
		else
			garita_text_add(out, at, len);
		at += len;
	}
}

void garita_report_put_tree(const struct garita_json *node,
			    struct garita_text *out)
{
	auto_text tree = { 0 };

	garita_json_print_pretty(node, &tree);
	garita_report_put_printed(&tree, out);
	garita_text_putc(out, '\n');
}
