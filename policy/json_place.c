/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where things are: JSON pointers (RFC 6901), lines and columns. A message
 * has to send a person to the right byte, so every node keeps its offset; lines
 * are counted in the document's copy of the text when one is asked for.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "policy/json_tree.h"

/* Lists the newlines of a text. Twice over it is still little: a place is
 * asked for when something is wrong, and then mostly more than once. */
static void find_lines(struct garita_json_lines *lines)
{
	const char *end = lines->text + lines->len, *at;
	size_t count = 0;

	for (at = lines->text; (at = memchr(at, '\n', (size_t)(end - at)));
	     at++)
		count++;
	lines->newlines = garita_xcalloc(count, sizeof(*lines->newlines));
	for (at = lines->text; (at = memchr(at, '\n', (size_t)(end - at)));
	     at++)
		lines->newlines[lines->count++] =
			(uint32_t)(at - lines->text); /* ends at 32 MiB */
}

void garita_json_line(struct garita_json_lines *lines, size_t offset,
		      unsigned *ret_line, unsigned *ret_column)
{
	size_t low = 0, high; /* low: newlines before the offset */

	if (lines->several && !lines->newlines)
		find_lines(lines);
	high = lines->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (lines->newlines[middle] < offset)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_line = (unsigned)low + 1;
	*ret_column = (unsigned)(low > 0 ? offset - lines->newlines[low - 1]
					 : offset + 1);
}

void garita_json_place(const struct garita_json_doc *doc,
		       const struct garita_json *node, unsigned *ret_line,
		       unsigned *ret_column)
{
	if (!doc || !doc->lines || !node ||
	    node->offset == GARITA_JSON_NOWHERE) {
		*ret_line = 0;
		*ret_column = 0;
		return;
	}
	garita_json_line(doc->lines, node->offset, ret_line, ret_column);
}

void garita_json_pointer_add(struct garita_text *pointer, const char *key)
{
	garita_text_putc(pointer, '/');
	while (*key) {
		size_t plain = strcspn(key, "~/");

		garita_text_add(pointer, key, plain);
		key += plain;
		if (*key) {
			garita_text_puts(pointer, *key == '~' ? "~0" : "~1");
			key++;
		}
	}
}

bool garita_json_step(const char **at, struct garita_text *room,
		      struct garita_json_step *ret, bool *bad)
{
	const char *token = *at + 1;
	size_t len;

	if (**at == '\0')
		return false;
	if (**at != '/') {
		*bad = true;
		return false;
	}
	len = (size_t)(strchrnul(token, '/') - token);
	*at = token + len;
	*ret = (struct garita_json_step){ .token = token, .len = len };
	if (!memchr(token, '~', len))
		return true;

	room->len = 0;
	garita_text_puts(room, ""); /* room->data is there from here */
	for (size_t i = 0; i < len; i++) {
		char c = token[i];

		if (c == '~') {
			i++;
			if (i == len || (token[i] != '0' && token[i] != '1')) {
				*bad = true;
				return false;
			}
			c = token[i] == '0' ? '~' : '/';
		}
		garita_text_putc(room, c);
	}
	*ret = (struct garita_json_step){ .token = room->data,
					  .len = room->len };
	return true;
}

/* "-" (after the last) names no item that exists. */
static struct garita_json *item_at(const struct garita_json *array,
				   const struct garita_json_step *step)
{
	char digits[sizeof("4294967295")];
	uint32_t i;

	if (step->len >= sizeof(digits))
		return NULL;
	memcpy(digits, step->token, step->len);
	digits[step->len] = '\0';
	if (garita_parse_u32(digits, 0, UINT32_MAX, &i) < 0)
		return NULL;
	return garita_json_item(array, i);
}

static struct garita_json *child_at(const struct garita_json *node,
				    const struct garita_json_step *step)
{
	uint32_t at, slot;

	if (garita_json_is(node, GARITA_JSON_ARRAY))
		return item_at(node, step);
	if (garita_json_is(node, GARITA_JSON_OBJECT) &&
	    garita_json_find(node, step->token, step->len, &at, &slot))
		return node->list->members[at].value;
	return NULL;
}

/* The deepest node on the way; *ret_all says whether it is the last one. */
static struct garita_json *walk(struct garita_json *node, const char *pointer,
				bool *ret_all)
{
	auto_text room = { 0 };
	struct garita_json_step step;
	bool bad = false;

	*ret_all = false;
	while (garita_json_step(&pointer, &room, &step, &bad)) {
		struct garita_json *child = child_at(node, &step);

		if (!child)
			return node;
		node = child;
	}
	*ret_all = !bad;
	return node;
}

struct garita_json *garita_json_at(struct garita_json *node,
				   const char *pointer)
{
	bool all;

	if (!node || !pointer)
		return NULL;
	node = walk(node, pointer, &all);
	return all ? node : NULL;
}

struct garita_json *garita_json_nearest(struct garita_json *root,
					const char *pointer)
{
	bool all;

	return root && pointer ? walk(root, pointer, &all) : root;
}

void garita_json_error_pointer(struct garita_error *err, const char *pointer)
{
	size_t len = strlen(pointer), room = sizeof(err->pointer) - 1;

	if (len > room) {
		len = room - strlen("...");
		while (len > 0 && ((unsigned char)pointer[len] & 0xc0) == 0x80)
			len--; /* not within a character */
	}
	snprintf(err->pointer, sizeof(err->pointer), "%.*s%s", (int)len,
		 pointer, pointer[len] ? "..." : "");
}

int garita_json_fail(struct garita_error *err, struct garita_json_doc *doc,
		     const char *pointer, int code, const char *fmt, ...)
{
	struct garita_error made;
	char text[2 * sizeof(made.text)]; /* longer is cut by garita_fail() */
	va_list args;
	int r;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	/* Made aside: the pointer and the arguments may be parts of *err. */
	r = garita_fail(&made, code, "%s", text);
	if (!err)
		return r;

	garita_json_place(doc,
			  garita_json_nearest(garita_json_root(doc), pointer),
			  &made.line, &made.column);
	garita_json_error_pointer(&made, pointer ? pointer : "");
	*err = made;
	return r;
}
