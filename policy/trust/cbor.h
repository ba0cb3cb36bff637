/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cbor - items of CBOR (RFC 8949), taken one after the other.
 *
 * Lengths are definite and numbers as short as they can be, so that a value has
 * one encoding; strings of text are UTF-8. Everything else is no item: chunks,
 * floating point, simple values but false, true and null. What is returned
 * points into what was given.
 */
#ifndef GARITA_POLICY_TRUST_CBOR_H
#define GARITA_POLICY_TRUST_CBOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { GARITA_CBOR_DEPTH_MAX = 8 }; /* of what is skipped */

enum garita_cbor_kind {                       /* the major types */
			GARITA_CBOR_NUMBER,   /* from 0 */
			GARITA_CBOR_NEGATIVE, /* -1 - number */
			GARITA_CBOR_BYTES,
			GARITA_CBOR_TEXT,
			GARITA_CBOR_ARRAY, /* `number` items follow */
			GARITA_CBOR_MAP,   /* `number` pairs of items follow */
			GARITA_CBOR_TAG,   /* number `number`, of the item that
					      follows */
			GARITA_CBOR_SIMPLE,
};

struct garita_cbor {
	const unsigned char *at;
	size_t left;
};

struct garita_cbor_item {
	enum garita_cbor_kind kind;
	uint64_t number;
	const unsigned char *bytes; /* of BYTES and TEXT: `number` of them */
};

/* Takes an item's head, and of a string all of it. False, and nothing taken,
 * for what is no item. */
bool garita_cbor_take(struct garita_cbor *from, struct garita_cbor_item *ret);
/* The same when it has this kind. */
bool garita_cbor_take_kind(struct garita_cbor *from, enum garita_cbor_kind kind,
			   struct garita_cbor_item *ret);
/* Takes an item with all that is in it. */
bool garita_cbor_skip(struct garita_cbor *from);
/* Is it this text? */
bool garita_cbor_is(const struct garita_cbor_item *item, const char *text);
/* Is it the number -2^31 to 2^31 - 1? */
bool garita_cbor_int(const struct garita_cbor_item *item, int *ret);

#endif
