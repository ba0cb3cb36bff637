/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json_tree - what the json files share among themselves; nobody else
 * includes it.
 *
 * A node is 32 bytes; nodes, keys and texts live in chunks that the document
 * owns and that only garita_json_free() gives back. Arrays and objects both
 * hold `struct member`; an array's have no key. An object with more than
 * GARITA_JSON_INDEX_ABOVE members also has them sorted by key, so that no
 * number of members makes anything quadratic. Sorted and not hashed: a hash
 * would need a secret seed to withstand keys chosen to collide.
 */
#ifndef GARITA_JSON_TREE_H
#define GARITA_JSON_TREE_H

#include "garita/json.h"

enum { GARITA_JSON_INDEX_ABOVE = 16 };

/* The place of a node that no text had. Texts end at 4 MiB. */
#define GARITA_JSON_NOWHERE UINT32_MAX

struct garita_json_member {
	const char *key; /* NULL in an array */
	struct garita_json *value;
};

struct garita_json {
	enum garita_json_type type;
	uint32_t offset; /* of the key or value in the text, or NOWHERE */
	uint32_t count;  /* members; length of text; 1 for true */
	uint32_t room;   /* members that fit */
	union {
		const char *text; /* string, number; NUL-terminated */
		struct garita_json_member *members;
	};
	/* Positions in members sorted by key (room of them), or NULL. */
	uint32_t *index;
};

struct garita_json_chunk {
	struct garita_json_chunk *next;
	_Alignas(16) char bytes[];
};

struct garita_json_doc {
	struct garita_json_chunk *chunks;
	char *free; /* unused part of the newest chunk */
	size_t left;
	size_t chunk_size; /* of the next one */
	struct garita_json *root;
	uint32_t *newlines; /* offsets of every newline, ascending */
	size_t newline_count;
};

struct garita_json_doc *garita_json_doc_new(void);
/* Uninitialised memory that lives as long as the document. */
void *garita_json_take(struct garita_json_doc *doc, size_t size, size_t align);
/* The bytes and a NUL. */
char *garita_json_take_text(struct garita_json_doc *doc, const char *text,
			    size_t len);
struct garita_json *garita_json_node(struct garita_json_doc *doc,
				     enum garita_json_type type,
				     uint32_t offset);
/* Line and column of a byte. */
void garita_json_line(const uint32_t *newlines, size_t count, size_t offset,
		      unsigned *ret_line, unsigned *ret_column);
bool garita_json_is(const struct garita_json *node, enum garita_json_type type);

/* Where `key` (of len bytes, no NUL needed) is in `object`: the position in
 * members. False when it is not there; then *ret_slot, when there is an index,
 * is where its position belongs in the index. */
bool garita_json_find(const struct garita_json *object, const char *key,
		      size_t len, uint32_t *ret, uint32_t *ret_slot);
/* Builds the index of an object that is large enough for one. */
void garita_json_make_index(struct garita_json_doc *doc,
			    struct garita_json *object);

/* Sets err->pointer; a long one is cut with "...". */
void garita_json_error_pointer(struct garita_error *err, const char *pointer);

/* One step of a JSON pointer. Moves *at past "/token". False at the end or
 * when the pointer is malformed, which `bad` then tells. `room` holds the
 * token only when it has escapes in it. */
struct garita_json_step {
	const char *token;
	size_t len;
};
bool garita_json_step(const char **at, struct garita_text *room,
		      struct garita_json_step *ret, bool *bad);

/* Length of the well-formed UTF-8 sequence (RFC 3629) that begins here; 0 when
 * it is malformed: overlong, a surrogate, above U+10FFFF, or cut. */
size_t garita_json_utf8(const unsigned char *at, size_t left);

/* A walk over the raw text before yajl sees it: everything about single
 * tokens is checked here, by our own rules, and the offset of each is noted
 * in order, which yajl does not tell. */
struct garita_json_scan {
	uint32_t *tokens; /* of strings, numbers, words, '{' and '[' */
	size_t token_count;
	uint32_t *newlines;
	size_t newline_count;
	/* With a problem: the text before `good` holds whole tokens only. */
	char problem[160];
	size_t bad_at;
	size_t good;
};

void garita_json_scan_text(const unsigned char *text, size_t len,
			   unsigned flags, struct garita_json_scan *ret);
void garita_json_scan_free(struct garita_json_scan *scan);

#endif
