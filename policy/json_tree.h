/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json_tree - what the json files share among themselves and with the name
 * check, which looks at every node of a config; nobody else includes it.
 *
 * A document is its text (given, or a copy) and what was made beside it, in
 * chunks that only garita_json_free() gives back. A string without escapes is
 * the very bytes of the text, ended by a NUL in the place of its closing quote;
 * nodes, lists, numbers and other strings are in the chunks, of which a config
 * of an engine needs one: what a start costs is mostly the pages it touches.
 *
 * Arrays and objects both hold `struct member`; an array's have no key. An
 * object with more than GARITA_JSON_INDEX_ABOVE members also has them sorted
 * by key, so that no number of members makes anything quadratic. Sorted and
 * not hashed: a hash would need a secret seed to withstand keys chosen to
 * collide.
 */
#ifndef GARITA_JSON_TREE_H
#define GARITA_JSON_TREE_H

#include <string.h>

#include "garita/json.h"
#include "policy/step.h"

enum {
	GARITA_JSON_INDEX_ABOVE = 32,
	/* Bytes that may be read behind any text of a document, so that texts
	 * are looked at in steps. Most strings are shorter than one. */
	GARITA_JSON_STEP = GARITA_STEP,
};

/* The place of a node that no text had. Texts end at 32 MiB. */
#define GARITA_JSON_NOWHERE ((UINT32_C(1) << 28) - 1)

struct garita_json_member {
	const char *key; /* NULL in an array */
	struct garita_json *value;
};

/* What is in an array or an object. */
struct garita_json_list {
	/* Positions in members sorted by key (room of them), or NULL. */
	uint32_t *index;
	uint32_t room; /* members that fit */
	struct garita_json_member members[];
};

struct garita_json {
	union {
		const char *text; /* string, number; NUL-terminated */
		struct garita_json_list *list; /* NULL: empty */
	};
	uint32_t count;       /* members; length of text; 1 for true */
	uint32_t offset : 28; /* of the key or value in the text, or NOWHERE */
	enum garita_json_type type : 4;
};

struct garita_json_chunk {
	struct garita_json_chunk *next;
	_Alignas(16) char bytes[];
};

/* Where the lines of a text begin: found when first asked for. */
struct garita_json_lines {
	const char *text; /* the document's: no newline of it is gone */
	size_t len;
	bool several; /* a newline was passed; engines write a single line */
	uint32_t *newlines; /* offsets, ascending; NULL: not looked for yet */
	size_t count;
};

struct garita_json_doc {
	struct garita_json_chunk *chunks;
	char *free; /* unused part of the newest chunk */
	size_t left;
	size_t chunk_size; /* of the next one */
	char *given; /* its end is the text, but for closing quotes; or NULL */
	bool all_known; /* names.c met no name but the spec's, none was put */
	struct garita_json *root;
	struct garita_json_lines *lines; /* NULL: it had no text */
};

struct garita_json_doc *garita_json_doc_new(size_t chunk_size);
/* Uninitialised memory that lives as long as the document. */
void *garita_json_take_chunk(struct garita_json_doc *doc, size_t size);
static inline void *garita_json_take(struct garita_json_doc *doc, size_t size,
				     size_t align)
{
	size_t skip = (size_t)(-(uintptr_t)doc->free & (align - 1));
	char *ret;

	/* With nothing left, `free` may be NULL and is no place to count from.
	 */
	if (doc->left <= skip || doc->left - skip < size)
		return garita_json_take_chunk(doc, size);
	ret = doc->free + skip;
	doc->free = ret + size;
	doc->left -= skip + size;
	return ret;
}

/* The bytes and a NUL. */
char *garita_json_take_text(struct garita_json_doc *doc, const char *text,
			    size_t len);
/* An empty list for `room` members. */
struct garita_json_list *garita_json_take_list(struct garita_json_doc *doc,
					       uint32_t room);
static inline struct garita_json *garita_json_node(struct garita_json_doc *doc,
						   enum garita_json_type type,
						   uint32_t offset)
{
	struct garita_json *node = garita_json_take(
		doc, sizeof(*node), _Alignof(struct garita_json));

	*node = (struct garita_json){
		.type = type,
		.offset = offset & GARITA_JSON_NOWHERE,
	};
	return node;
}

static inline bool garita_json_is(const struct garita_json *node,
				  enum garita_json_type type)
{
	return node && node->type == type;
}

/* Line and column of a byte. */
void garita_json_line(struct garita_json_lines *lines, size_t offset,
		      unsigned *ret_line, unsigned *ret_column);

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

/* How many bytes mean themselves in a string, before the first of a step that
 * does not: not ASCII (negative), a control character or NUL, a quote, a
 * backslash. */
static inline size_t garita_json_plain(const void *at)
{
	const garita_step bytes = garita_step_at(at);

	return garita_step_first((bytes < 0x20) | (bytes == '"') |
				 (bytes == '\\'));
}

/* Length of the well-formed UTF-8 sequence (RFC 3629) that begins here; 0 when
 * it is malformed: overlong, a surrogate, above U+10FFFF, or cut. */
size_t garita_json_utf8(const unsigned char *at, size_t left);

/* Single tokens of a text (json_scan.c). Whatever is wrong with one is said
 * here, once; then nothing more is read. */
struct garita_json_scan {
	struct garita_json_doc *doc; /* takes what is no slice of the text */
	unsigned char *text;         /* the document's */
	unsigned char *at;           /* what is next */
	unsigned char *end;          /* where NULs are, for all of the slack */
	unsigned flags;
	struct garita_json token; /* the last one */
	char problem[160];
	size_t bad_at;
};

/* White space, and comments where they are allowed. False: `problem` is set;
 * so with all of these. */
bool garita_json_skip(struct garita_json_scan *scan);
/* At an opening quote; or at anything but a quote and punctuation: true, false,
 * null or a number. Sets type, count and text of `token`; the text lives as
 * long as the document. */
bool garita_json_scan_string(struct garita_json_scan *scan);
bool garita_json_scan_word(struct garita_json_scan *scan);

#endif
