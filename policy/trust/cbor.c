/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cbor - see the header.
 */
#include "policy/trust/cbor.h"

#include <string.h>

#include "policy/json_tree.h"

enum { FALSE_VALUE = 20, TRUE_VALUE = 21, NULL_VALUE = 22 };

/* The argument of a head and how many bytes follow the first one for it. */
static bool read_number(const struct garita_cbor *from, uint64_t *ret,
			size_t *ret_bytes)
{
	unsigned more = from->at[0] & 0x1f;
	size_t bytes = more < 24 ? 0 : (size_t)1 << (more - 24);
	uint64_t value = more;

	if (more > 27 || bytes > from->left - 1)
		return false; /* 28 to 30 are not in use, 31 is indefinite */
	if (bytes > 0)
		value = 0;
	for (size_t i = 0; i < bytes; i++)
		value = value << 8 | from->at[1 + i];
	/* Half of the bytes would have done. */
	if ((bytes == 1 && value < 24) ||
	    (bytes > 1 && value >> (4 * bytes) == 0))
		return false;
	*ret = value;
	*ret_bytes = bytes;
	return true;
}

static bool is_string(enum garita_cbor_kind kind)
{
	return kind == GARITA_CBOR_BYTES || kind == GARITA_CBOR_TEXT;
}

static bool is_utf8(const struct garita_cbor_item *item)
{
	size_t left = (size_t)item->number, len;

	for (const unsigned char *at = item->bytes; left > 0; at += len) {
		len = garita_json_utf8(at, left);
		if (len == 0)
			return false;
		left -= len;
	}
	return true;
}

bool garita_cbor_take(struct garita_cbor *from, struct garita_cbor_item *ret)
{
	struct garita_cbor_item item = { 0 };
	struct garita_cbor rest = *from;
	size_t bytes = 0;

	if (rest.left < 1 || !read_number(&rest, &item.number, &bytes))
		return false;
	item.kind = (enum garita_cbor_kind)(rest.at[0] >> 5);
	rest.at += 1 + bytes;
	rest.left -= 1 + bytes;
	if (is_string(item.kind)) {
		if (item.number > rest.left)
			return false;
		item.bytes = rest.at;
		rest.at += item.number;
		rest.left -= (size_t)item.number;
	}
	if (item.kind == GARITA_CBOR_TEXT && !is_utf8(&item))
		return false;
	if (item.kind == GARITA_CBOR_SIMPLE &&
	    (item.number < FALSE_VALUE || item.number > NULL_VALUE))
		return false;
	*from = rest;
	*ret = item;
	return true;
}

bool garita_cbor_take_kind(struct garita_cbor *from, enum garita_cbor_kind kind,
			   struct garita_cbor_item *ret)
{
	struct garita_cbor rest = *from;
	struct garita_cbor_item item;

	if (!garita_cbor_take(&rest, &item) || item.kind != kind)
		return false;
	*from = rest;
	*ret = item;
	return true;
}

/* Items that follow a head. More than there are bytes cannot follow. */
static uint64_t count_inside(const struct garita_cbor_item *item)
{
	switch (item->kind) {
	case GARITA_CBOR_ARRAY:
		return item->number;
	case GARITA_CBOR_MAP:
		return item->number > UINT64_MAX / 2 ? UINT64_MAX
						     : 2 * item->number;
	case GARITA_CBOR_TAG:
		return 1;
	case GARITA_CBOR_NUMBER:
	case GARITA_CBOR_NEGATIVE:
	case GARITA_CBOR_BYTES:
	case GARITA_CBOR_TEXT:
	case GARITA_CBOR_SIMPLE:
		break;
	}
	return 0;
}

bool garita_cbor_skip(struct garita_cbor *from)
{
	uint64_t wanted[GARITA_CBOR_DEPTH_MAX] = { 1 };
	struct garita_cbor rest = *from;
	size_t depth = 1;

	while (depth > 0) {
		struct garita_cbor_item item;
		uint64_t inside;

		if (wanted[depth - 1] == 0) {
			depth--;
			continue;
		}
		wanted[depth - 1]--;
		if (!garita_cbor_take(&rest, &item))
			return false;
		inside = count_inside(&item);
		if (inside > rest.left ||
		    (inside > 0 && depth == GARITA_CBOR_DEPTH_MAX))
			return false;
		if (inside > 0)
			wanted[depth++] = inside;
	}
	*from = rest;
	return true;
}

bool garita_cbor_is(const struct garita_cbor_item *item, const char *text)
{
	size_t len = strlen(text);

	return item->kind == GARITA_CBOR_TEXT && item->number == len &&
	       memcmp(item->bytes, text, len) == 0;
}

bool garita_cbor_int(const struct garita_cbor_item *item, int *ret)
{
	if (item->number > INT32_MAX || (item->kind != GARITA_CBOR_NUMBER &&
					 item->kind != GARITA_CBOR_NEGATIVE))
		return false;
	*ret = item->kind == GARITA_CBOR_NUMBER ? (int)item->number
						: -1 - (int)item->number;
	return true;
}
