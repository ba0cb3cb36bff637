/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one spelling of a tree, and whether two trees say the same. Both walk
 * with a list of their own instead of recursing, so that a tree which edits
 * made deep cannot exhaust the stack.
 */
#include <string.h>

#include "policy/json_tree.h"

enum { FIRST_FRAMES = GARITA_JSON_MAX_DEPTH };

struct frame {
	const struct garita_json *node;
	uint32_t next; /* member to print */
};

struct printer {
	struct garita_text *out;
	bool pretty;
	struct frame *frames;
	size_t depth;
	size_t room;
};

static bool needs_escape(unsigned char c)
{
	return c < 0x20 || c == '"' || c == '\\';
}

/* Does any of eight bytes need an escape? One subtraction a question borrows
 * out of a byte that is too small; bytes from 0x80 on never count. */
static bool eight_need_escape(const char *at)
{
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	uint64_t word, quote, slash;

	memcpy(&word, at, sizeof(word));
	quote = word ^ (ones * '"');
	slash = word ^ (ones * '\\');
	return (((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) |
		((slash - ones) & ~slash)) &
	       tops;
}

/* Length of the part that is printed as it is. */
static size_t plain_run(const char *text, size_t len)
{
	size_t run = 0;

	while (len - run >= 8 && !eight_need_escape(text + run))
		run += 8;
	/* The last eight again, in place of a loop over what is left. */
	if (len >= 8 && len - run < 8 && !eight_need_escape(text + len - 8))
		return len;
	while (run < len && !needs_escape((unsigned char)text[run]))
		run++;
	return run;
}

/* Shortest escapes; "/" and DEL need none, UTF-8 stays as it is. */
static void print_escape(struct garita_text *out, unsigned char c)
{
	static const char letters[] = "btn\0fr"; /* from \b (8) to \r (13) */

	if (c == '"' || c == '\\') {
		garita_text_putc(out, '\\');
		garita_text_putc(out, (char)c);
	} else if (c >= '\b' && c <= '\r' && c != '\v') {
		garita_text_putc(out, '\\');
		garita_text_putc(out, letters[c - '\b']);
	} else {
		garita_text_printf(out, "\\u%04x", c);
	}
}

static void print_string(struct garita_text *out, const char *text)
{
	size_t len = strlen(text);

	garita_text_putc(out, '"');
	for (;;) {
		size_t run = plain_run(text, len);

		garita_text_add(out, text, run);
		if (run == len)
			break;
		print_escape(out, (unsigned char)text[run]);
		text += run + 1;
		len -= run + 1;
	}
	garita_text_putc(out, '"');
}

static void new_line(struct printer *p)
{
	if (!p->pretty)
		return;
	garita_text_putc(p->out, '\n');
	for (size_t i = 0; i < p->depth; i++)
		garita_text_puts(p->out, "  ");
}

static void open_container(struct printer *p, const struct garita_json *node)
{
	bool array = node->type == GARITA_JSON_ARRAY;

	if (node->count == 0) {
		garita_text_puts(p->out, array ? "[]" : "{}");
		return;
	}
	garita_text_putc(p->out, array ? '[' : '{');
	if (p->depth == p->room) {
		p->room = p->room > 0 ? p->room * 2 : FIRST_FRAMES;
		p->frames =
			garita_xresize(p->frames, p->room, sizeof(*p->frames));
	}
	p->frames[p->depth++] = (struct frame){ .node = node };
}

static void print_value(struct printer *p, const struct garita_json *node)
{
	switch (garita_json_type(node)) {
	case GARITA_JSON_NULL:
		garita_text_puts(p->out, "null");
		break;
	case GARITA_JSON_BOOL:
		garita_text_puts(p->out, node->count ? "true" : "false");
		break;
	case GARITA_JSON_NUMBER:
		garita_text_add(p->out, node->text, node->count);
		break;
	case GARITA_JSON_STRING:
		print_string(p->out, node->text);
		break;
	case GARITA_JSON_ARRAY:
	case GARITA_JSON_OBJECT:
		open_container(p, node);
		break;
	}
}

static void print(const struct garita_json *node, struct garita_text *out,
		  bool pretty)
{
	struct printer p = { .out = out, .pretty = pretty };

	print_value(&p, node);
	while (p.depth > 0) {
		struct frame *frame = &p.frames[p.depth - 1];
		const struct garita_json_member *member;

		if (frame->next == frame->node->count) {
			bool array = frame->node->type == GARITA_JSON_ARRAY;

			p.depth--;
			new_line(&p);
			garita_text_putc(out, array ? ']' : '}');
			continue;
		}
		if (frame->next > 0)
			garita_text_putc(out, ',');
		new_line(&p);
		member = &frame->node->list->members[frame->next++];
		if (member->key) {
			print_string(out, member->key);
			garita_text_puts(out, pretty ? ": " : ":");
		}
		print_value(&p, member->value);
	}
	free(p.frames);
}

void garita_json_print(const struct garita_json *node, struct garita_text *out)
{
	print(node, out, false);
}

void garita_json_print_pretty(const struct garita_json *node,
			      struct garita_text *out)
{
	print(node, out, true);
}

struct pair {
	const struct garita_json *a, *b;
};

struct pairs {
	struct pair *list;
	size_t count;
	size_t room;
};

static void add_pair(struct pairs *pairs, const struct garita_json *a,
		     const struct garita_json *b)
{
	if (pairs->count == pairs->room) {
		pairs->room = pairs->room > 0 ? pairs->room * 2 : 64;
		pairs->list = garita_xresize(pairs->list, pairs->room,
					     sizeof(*pairs->list));
	}
	pairs->list[pairs->count++] = (struct pair){ .a = a, .b = b };
}

/* Are these two alike as far as they go? Their members are added to `pairs`,
 * to be compared later. Numbers are alike when their text is: 1.0 and 1 are
 * not the same to every reader. */
static bool alike(const struct garita_json *a, const struct garita_json *b,
		  struct pairs *pairs)
{
	if (!a || !b || a->type != b->type)
		return a == b;

	switch (a->type) {
	case GARITA_JSON_NULL:
		return true;
	case GARITA_JSON_BOOL:
		return a->count == b->count;
	case GARITA_JSON_NUMBER:
	case GARITA_JSON_STRING:
		return a->count == b->count &&
		       memcmp(a->text, b->text, a->count) == 0;
	case GARITA_JSON_ARRAY:
	case GARITA_JSON_OBJECT:
		break;
	}
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		const char *key = a->list->members[i].key;
		const struct garita_json *other =
			key ? garita_json_get(b, key)
			    : b->list->members[i].value;

		if (!other)
			return false;
		add_pair(pairs, a->list->members[i].value, other);
	}
	return true;
}

bool garita_json_equal(const struct garita_json *a, const struct garita_json *b)
{
	struct pairs pairs = { 0 };
	bool equal = alike(a, b, &pairs);

	while (equal && pairs.count > 0) {
		struct pair pair = pairs.list[--pairs.count];

		equal = alike(pair.a, pair.b, &pairs);
	}
	free(pairs.list);
	return equal;
}
