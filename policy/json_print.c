/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one spelling of a tree, and whether two trees say the same. Both walk
 * with a list of their own instead of recursing, so that a tree which edits
 * made deep cannot exhaust the stack.
 */
#include <string.h>

#include "policy/json_tree.h"

enum {
	FIRST_FRAMES = GARITA_JSON_MAX_DEPTH,
	/* Room before each step of a string: what is copied at once, or an
	 * escape, and the punctuation around it. */
	ROOM_FOR_STEP = GARITA_JSON_STEP + 8,
	/* On the stack, whose pages a start has used before. */
	PIECE = 16 * 1024,
};

struct frame {
	const struct garita_json *node;
	uint32_t next; /* member to print */
};

struct printer {
	struct garita_text *out;      /* or: */
	garita_json_take_piece *take; /* NULL: no pieces are taken */
	void *data;
	int rc;         /* what it returned */
	char *piece;    /* PIECE bytes */
	char *at, *end; /* where in out or piece, and where its room ends */
	bool pretty;
	/* What was parsed is no deeper than the first ones, so that it is
	 * printed without memory: half a file is not left by a lack of it. */
	struct frame first[FIRST_FRAMES];
	struct frame *more;
	size_t depth, more_room;
};

static struct frame *frame_at(struct printer *p, size_t depth)
{
	return depth < FIRST_FRAMES ? &p->first[depth]
				    : &p->more[depth - FIRST_FRAMES];
}

/* No more is taken after a failure. */
static void give_piece(struct printer *p)
{
	if (p->rc >= 0)
		p->rc = p->take(p->data, p->piece, (size_t)(p->at - p->piece));
	p->at = p->piece;
}

/* `size` is at most a piece. */
static void more_room(struct printer *p, size_t size)
{
	if (p->take != NULL) {
		give_piece(p);
		return;
	}
	p->out->len = p->at ? (size_t)(p->at - p->out->data) : p->out->len;
	garita_text_reserve(p->out, size);
	p->at = p->out->data + p->out->len;
	p->end = p->out->data + p->out->room - 1; /* a NUL comes last */
}

static inline void want_room(struct printer *p, size_t size)
{
	if ((size_t)(p->end - p->at) < size)
		more_room(p, size);
}

static void put(struct printer *p, const char *text, size_t len)
{
	while (len > 0) {
		size_t part = len < PIECE ? len : PIECE;

		want_room(p, part);
		memcpy(p->at, text, part);
		p->at += part;
		text += part;
		len -= part;
	}
}

/* Shortest escapes; "/" and DEL need none, UTF-8 stays as it is. */
static void print_special(struct printer *p, unsigned char c)
{
	static const char letters[] = "btn\0fr"; /* from \b (8) to \r (13) */
	static const char hex[] = "0123456789abcdef";
	char *at = p->at;

	if (c >= 0x80) {
		*p->at++ = (char)c;
		return;
	}
	*at++ = '\\';
	if (c == '"' || c == '\\') {
		*at++ = (char)c;
	} else if (c >= '\b' && c <= '\r' && c != '\v') {
		*at++ = letters[c - '\b'];
	} else {
		*at++ = 'u';
		*at++ = '0';
		*at++ = '0';
		*at++ = hex[c >> 4];
		*at++ = hex[c & 15];
	}
	p->at = at;
}

/* A step is copied before it is known how much of it is the string's: texts
 * have slack behind them, and what is too much is overwritten next. */
static void print_string(struct printer *p, const char *text)
{
	char *at; /* p->at would be read again behind every byte written */

	want_room(p, ROOM_FOR_STEP);
	at = p->at;
	*at++ = '"';
	for (;;) {
		size_t plain = garita_json_plain(text);

		memcpy(at, text, GARITA_JSON_STEP);
		if (plain == GARITA_JSON_STEP) {
			p->at = at + GARITA_JSON_STEP;
			text += GARITA_JSON_STEP;
		} else {
			p->at = at + plain;
			text += plain;
			if (*text == '\0')
				break;
			print_special(p, (unsigned char)*text++);
		}
		want_room(p, ROOM_FOR_STEP);
		at = p->at;
	}
	*p->at++ = '"';
}

static void new_line(struct printer *p)
{
	if (!p->pretty)
		return;
	put(p, "\n", 1);
	for (size_t i = 0; i < p->depth; i++)
		put(p, "  ", 2);
}

static void open_container(struct printer *p, const struct garita_json *node)
{
	bool array = node->type == GARITA_JSON_ARRAY;

	if (node->count == 0) {
		put(p, array ? "[]" : "{}", 2);
		return;
	}
	put(p, array ? "[" : "{", 1);
	if (p->depth == FIRST_FRAMES + p->more_room) {
		p->more_room =
			p->more_room > 0 ? p->more_room * 2 : FIRST_FRAMES;
		p->more =
			garita_xresize(p->more, p->more_room, sizeof(*p->more));
	}
	*frame_at(p, p->depth++) = (struct frame){ .node = node };
}

static void print_value(struct printer *p, const struct garita_json *node)
{
	switch (node ? node->type : GARITA_JSON_NULL) {
	case GARITA_JSON_NULL:
		put(p, "null", 4);
		break;
	case GARITA_JSON_BOOL:
		put(p, node->count ? "true" : "false", node->count ? 4 : 5);
		break;
	case GARITA_JSON_NUMBER:
		put(p, node->text, node->count);
		break;
	case GARITA_JSON_STRING:
		print_string(p, node->text);
		break;
	case GARITA_JSON_ARRAY:
	case GARITA_JSON_OBJECT:
		open_container(p, node);
		break;
	}
}

/* The next member of the innermost container, or its end. */
static void print_next(struct printer *p)
{
	struct frame *frame = frame_at(p, p->depth - 1);
	const struct garita_json *node = frame->node;
	const struct garita_json_member *member;

	if (frame->next == node->count) {
		p->depth--;
		new_line(p);
		put(p, node->type == GARITA_JSON_ARRAY ? "]" : "}", 1);
		return;
	}
	if (frame->next > 0)
		put(p, ",", 1);
	new_line(p);
	member = &node->list->members[frame->next++];
	if (member->key) {
		print_string(p, member->key);
		*p->at++ = ':';
		if (p->pretty)
			*p->at++ = ' ';
	}
	print_value(p, member->value);
}

static void print_all(struct printer *p, const struct garita_json *node)
{
	print_value(p, node);
	while (p->depth > 0 && p->rc >= 0)
		print_next(p);
	free(p->more);
}

static void print(const struct garita_json *node, struct garita_text *out,
		  bool pretty)
{
	struct printer p = { .out = out, .pretty = pretty };

	more_room(&p, ROOM_FOR_STEP);
	print_all(&p, node);
	*p.at = '\0';
	out->len = (size_t)(p.at - out->data);
}

int garita_json_print_pieces(const struct garita_json *node,
			     garita_json_take_piece *take, void *data)
{
	char piece[PIECE];
	struct printer p = {
		.take = take,
		.data = data,
		.piece = piece,
		.at = piece,
		.end = piece + PIECE,
	};

	print_all(&p, node);
	give_piece(&p);
	return p.rc;
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
