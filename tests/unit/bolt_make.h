/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bolt_make - a bbolt database made for a test, from a tree of keys.
 *
 * It lays pages out as bbolt does: a small bucket without buckets in it lies
 * in its parent's value, a large one is a tree of branch and leaf pages, a
 * large value makes its page overflow.
 */
#ifndef GARITA_TESTS_BOLT_MAKE_H
#define GARITA_TESTS_BOLT_MAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/text.h"

struct bolt_node {
	char *key;
	struct garita_text value;
	struct bolt_node **members; /* of a bucket, in the order of keys */
	size_t count;
	bool bucket;
};

struct bolt_node *bolt_node_new(void); /* a bucket for the root */
void bolt_node_free(struct bolt_node *node);
/* The bucket `key` in a bucket, made when it is not there. */
struct bolt_node *bolt_in(struct bolt_node *bucket, const char *key);
/* The same along "a|b|c". */
struct bolt_node *bolt_at(struct bolt_node *bucket, const char *path);
/* Sets a value; the second is for strings. */
void bolt_set(struct bolt_node *bucket, const char *key, const void *bytes,
	      size_t len);
void bolt_put(struct bolt_node *bucket, const char *key, const char *text);
/* Removes a value or bucket that is there. */
void bolt_drop(struct bolt_node *bucket, const char *key);

/* The file: both meta pages are good, the newer has `txid`. */
void bolt_print(const struct bolt_node *root, size_t page_size, uint64_t txid,
		struct garita_text *out);
/* Where the meta page of `number` 0 or 1 begins, and its checksum set right
 * after an edit. */
enum { BOLT_META = 16 };
void bolt_sign(char *file, size_t page_size, int number);

#endif
