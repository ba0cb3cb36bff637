/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json - a strict JSON tree that two parsers cannot read differently.
 *
 * garita_json_parse() accepts a subset of RFC 8259 and refuses a repeated key,
 * U+0000 in any string, malformed UTF-8, an unpaired surrogate escape, bytes
 * after the document, and anything larger or deeper than the limits below.
 * Comments are refused too unless asked for (the operator's own files may have
 * them, what a container engine writes may not). Keys that differ only in
 * letter case are a question of *which* object they are in: names.h.
 *
 * A document owns every node and string in it, until garita_json_free(). All
 * pointers the accessors return are borrowed from the document. Nodes are
 * made in a document and can be placed only in that document; removing a node
 * does not free it before the document. Nothing here does I/O.
 *
 * Numbers keep the text they had: 18446744073709551615 survives.
 */
#ifndef GARITA_JSON_H
#define GARITA_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"
#include "garita/text.h"

enum {
	GARITA_JSON_MAX_BYTES = 4 * 1024 * 1024,
	/* Of a large one. A million values are 64 MiB for a moment. */
	GARITA_JSON_LARGE_BYTES = 32 * 1024 * 1024,
	GARITA_JSON_LARGE_VALUES = 1024 * 1024,
	GARITA_JSON_MAX_DEPTH = 32, /* levels; crun >= 1.28 stops there too */
};

enum garita_json_type {
	GARITA_JSON_NULL,
	GARITA_JSON_BOOL,
	GARITA_JSON_NUMBER,
	GARITA_JSON_STRING,
	GARITA_JSON_ARRAY,
	GARITA_JSON_OBJECT,
};

enum garita_json_flags {
	GARITA_JSON_STRICT = 0,
	GARITA_JSON_COMMENTS = 1 << 0, /* allow C and C++ comments */
	/* More bytes, and no more than so many values: what is said about an
	 * image and was signed, of which a report of a scanner may be half. */
	GARITA_JSON_LARGE = 1 << 1,
};

struct garita_json_doc; /* a document: owns memory, remembers line starts */
struct garita_json;     /* a node */

/* Parses `len` bytes into a new document, which the caller frees. On failure
 * returns -errno (-E2BIG too large, -ELOOP too deep, -EINVAL else), leaves
 * *ret alone, and err has line, column and the JSON pointer reached. `text` is
 * not needed afterwards. */
int garita_json_parse(const char *text, size_t len, unsigned flags,
		      struct garita_json_doc **ret, struct garita_error *err);
/* The same of a text that is given away: *text is memory of malloc(3), becomes
 * the document's in place of a copy, and is NULL afterwards, also on failure.
 */
int garita_json_parse_given(char **text, size_t len, unsigned flags,
			    struct garita_json_doc **ret,
			    struct garita_error *err);
/* The same where the text is the end of *text, and begins `at` bytes on. */
int garita_json_parse_end(char **text, size_t at, size_t len, unsigned flags,
			  struct garita_json_doc **ret,
			  struct garita_error *err);
/* An empty document whose root is an empty object; for building output. */
struct garita_json_doc *garita_json_new(void);
void garita_json_free(struct garita_json_doc *doc);

static inline void garita_cleanup_json(struct garita_json_doc **at)
{
	garita_json_free(*at);
}
#define auto_json __attribute__((cleanup(garita_cleanup_json)))

struct garita_json *garita_json_root(struct garita_json_doc *doc);

/* Reading. Every accessor takes NULL and a node of the wrong type and then
 * answers with NULL, 0 or false, so a chain needs one check at its end. */
enum garita_json_type garita_json_type(const struct garita_json *node);
/* The type's name in an error text: "a string", "an object", ... */
const char *garita_json_type_words(enum garita_json_type type);
size_t garita_json_count(const struct garita_json *node); /* array, object */
struct garita_json *garita_json_item(const struct garita_json *node, size_t i);
/* Key of the i-th member; its value is garita_json_item(node, i). */
const char *garita_json_key(const struct garita_json *node, size_t i);
struct garita_json *garita_json_get(const struct garita_json *object,
				    const char *key);
/* By JSON pointer ("" is `node` itself); NULL when any step is missing. */
struct garita_json *garita_json_at(struct garita_json *node,
				   const char *pointer);
const char *garita_json_string(const struct garita_json *node); /* or NULL */
size_t garita_json_length(const struct garita_json *node); /* of a string */
bool garita_json_bool(const struct garita_json *node); /* true only for true */
/* Digits only (and a minus for i64); -EINVAL for 1.0, 1e3, "1", -0; -ERANGE. */
int garita_json_u64(const struct garita_json *node, uint64_t *ret);
int garita_json_i64(const struct garita_json *node, int64_t *ret);
const char *garita_json_number_text(const struct garita_json *node);
/* Is this very string an item of the array? */
bool garita_json_holds(const struct garita_json *array, const char *word);
/* Not there, or null, which means the same to every reader. */
static inline bool garita_json_absent(const struct garita_json *node)
{
	return node == NULL || garita_json_type(node) == GARITA_JSON_NULL;
}

/* Where the node began in the parsed text, 1-based; {0, 0} for a node that
 * was made by an edit. For a member, the place of its key. */
void garita_json_place(const struct garita_json_doc *doc,
		       const struct garita_json *node, unsigned *ret_line,
		       unsigned *ret_column);
/* The deepest node of `pointer` that exists (at least the root): where to
 * point a person when the member itself is missing. */
struct garita_json *garita_json_nearest(struct garita_json *root,
					const char *pointer);
/* Like garita_fail(), with line, column and pointer of a place in `doc`. */
int garita_json_fail(struct garita_error *err, struct garita_json_doc *doc,
		     const char *pointer, int code, const char *fmt, ...)
	__attribute__((cold, format(printf, 5, 6)));
/* Appends "/key" to a pointer, escaping ~ and / (RFC 6901). */
void garita_json_pointer_add(struct garita_text *pointer, const char *key);

/* Editing. New nodes belong to `doc` and are placed with put or append. */
struct garita_json *garita_json_new_string(struct garita_json_doc *doc,
					   const char *text);
struct garita_json *garita_json_new_bool(struct garita_json_doc *doc,
					 bool value);
struct garita_json *garita_json_new_u64(struct garita_json_doc *doc,
					uint64_t value);
struct garita_json *garita_json_new_i64(struct garita_json_doc *doc,
					int64_t value);
struct garita_json *garita_json_new_array(struct garita_json_doc *doc);
struct garita_json *garita_json_new_object(struct garita_json_doc *doc);
/* Sets a member: replaces the value where the key is, else adds it last. */
void garita_json_put(struct garita_json_doc *doc, struct garita_json *object,
		     const char *key, struct garita_json *value);
void garita_json_append(struct garita_json_doc *doc, struct garita_json *array,
			struct garita_json *value);
/* True when it was there. */
bool garita_json_remove(struct garita_json *object, const char *key);
bool garita_json_remove_item(struct garita_json *array, size_t i);
/* Keeps the members or items that `keep` says yes to (key is NULL for an
 * item); one pass, however many go. */
typedef bool garita_json_keep(const char *key, const struct garita_json *value,
			      const void *data);
void garita_json_filter(struct garita_json_doc *doc, struct garita_json *node,
			garita_json_keep *keep, const void *data);
/* The object at a pointer of plain keys, made (and its parents) where missing
 * or null. NULL when a step is there and is not an object. */
struct garita_json *garita_json_make_object(struct garita_json_doc *doc,
					    const char *pointer);
/* The array that is a member of an object, made where there is none; what else
 * stands there gives way. */
struct garita_json *garita_json_make_array(struct garita_json_doc *doc,
					   struct garita_json *object,
					   const char *key);
/* Short forms for building output: put a new node. */
void garita_json_put_string(struct garita_json_doc *doc,
			    struct garita_json *object, const char *key,
			    const char *value); /* NULL: puts nothing */
void garita_json_put_bool(struct garita_json_doc *doc,
			  struct garita_json *object, const char *key,
			  bool value);
void garita_json_put_u64(struct garita_json_doc *doc,
			 struct garita_json *object, const char *key,
			 uint64_t value);

/* Printing: the one spelling. No white space, members in their order, the
 * shortest escapes, UTF-8 as it is. Same tree, same bytes. */
void garita_json_print(const struct garita_json *node, struct garita_text *out);
/* The same in pieces, for what need not be in memory as a whole. What `take`
 * returns ends the printing when it is negative, and is returned. */
typedef int garita_json_take_piece(void *data, const char *text, size_t len);
int garita_json_print_pieces(const struct garita_json *node,
			     garita_json_take_piece *take, void *data);
/* The same with two-space indentation, for people. */
void garita_json_print_pretty(const struct garita_json *node,
			      struct garita_text *out);
/* Same values, members in any order. */
bool garita_json_equal(const struct garita_json *a,
		       const struct garita_json *b);

#endif
