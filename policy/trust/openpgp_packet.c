/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_packet - where a packet ends.
 *
 * OpenPGP has two kinds of headers and six spellings of a length. All that
 * GnuPG writes are read; of those where two readers could disagree about the
 * end (a length that is not there, parts) only what real signatures need: a
 * compressed packet without a length is the last thing of a message, and
 * parts are for data.
 */
#include "policy/trust/openpgp.h"

#include <errno.h>

enum { FIRST_PART_MIN = 512 }; /* RFC 9580, 4.2.1.4 */

void garita_openpgp_packet_free(struct garita_openpgp_packet *packet)
{
	garita_text_free(&packet->joined);
}

bool garita_openpgp_take(struct garita_openpgp_bytes *bytes, size_t len,
			 struct garita_openpgp_bytes *ret)
{
	if (len > bytes->left)
		return false;
	*ret = (struct garita_openpgp_bytes){ bytes->at, len };
	bytes->at += len;
	bytes->left -= len;
	return true;
}

bool garita_openpgp_number(struct garita_openpgp_bytes *bytes, size_t size,
			   uint32_t *ret)
{
	struct garita_openpgp_bytes part;
	uint32_t number = 0;

	if (!garita_openpgp_take(bytes, size, &part))
		return false;
	for (size_t i = 0; i < size; i++)
		number = number << 8 | part.at[i];
	*ret = number;
	return true;
}

bool garita_openpgp_mpi(struct garita_openpgp_bytes *bytes,
			struct garita_openpgp_bytes *ret)
{
	uint32_t bits;

	return garita_openpgp_number(bytes, 2, &bits) &&
	       garita_openpgp_take(bytes, (bits + 7) / 8, ret);
}

void garita_openpgp_put(struct garita_text *text, uint32_t number, size_t size)
{
	while (size-- > 0)
		garita_text_putc(text, (char)(number >> (8 * size) & 0xff));
}

static bool is_data(unsigned tag)
{
	return tag == GARITA_OPENPGP_COMPRESSED ||
	       tag == GARITA_OPENPGP_LITERAL;
}

/* A length of the new kind; *part is true when more parts follow. */
static bool new_length(struct garita_openpgp_bytes *bytes, uint32_t *ret,
		       bool *part)
{
	uint32_t first, second;

	*part = false;
	if (!garita_openpgp_number(bytes, 1, &first))
		return false;
	if (first < 192) {
		*ret = first;
		return true;
	}
	if (first < 224) {
		if (!garita_openpgp_number(bytes, 1, &second))
			return false;
		*ret = ((first - 192) << 8) + second + 192;
		return true;
	}
	if (first == 255)
		return garita_openpgp_number(bytes, 4, ret);
	*part = true;
	*ret = UINT32_C(1) << (first & 0x1f);
	return true;
}

static int cut_off(struct garita_error *err)
{
	return garita_fail(err, EINVAL, "an OpenPGP packet is cut off");
}

/* All parts of a body, the first of which has `len` bytes. */
static int join(struct garita_openpgp_bytes *bytes, uint32_t len,
		struct garita_openpgp_packet *into, struct garita_error *err)
{
	struct garita_openpgp_bytes body;
	bool more = true;

	if (!is_data(into->tag))
		return garita_fail(err, EINVAL,
				   "an OpenPGP packet (tag %u) in parts, which "
				   "only data may be",
				   into->tag);
	if (len < FIRST_PART_MIN)
		return garita_fail(err, EINVAL,
				   "an OpenPGP packet whose first part has "
				   "less than 512 bytes");
	for (;;) {
		if (!garita_openpgp_take(bytes, len, &body))
			return cut_off(err);
		garita_text_add(&into->joined, (const char *)body.at,
				body.left);
		if (!more)
			break;
		if (!new_length(bytes, &len, &more))
			return cut_off(err);
	}
	into->body.at = (const unsigned char *)into->joined.data;
	into->body.left = into->joined.len;
	return 0;
}

static int next_new(struct garita_openpgp_bytes *bytes,
		    struct garita_openpgp_packet *into,
		    struct garita_error *err)
{
	uint32_t len;
	bool part;

	if (!new_length(bytes, &len, &part))
		return cut_off(err);
	if (part)
		return join(bytes, len, into, err);
	if (!garita_openpgp_take(bytes, len, &into->body))
		return cut_off(err);
	return 0;
}

static int next_old(struct garita_openpgp_bytes *bytes, unsigned kind,
		    struct garita_openpgp_packet *into,
		    struct garita_error *err)
{
	uint32_t len;

	if (kind == 3) {
		if (into->tag != GARITA_OPENPGP_COMPRESSED)
			return garita_fail(err, EINVAL,
					   "an OpenPGP packet (tag %u) without "
					   "a length",
					   into->tag);
		into->body = *bytes;
		bytes->at += bytes->left;
		bytes->left = 0;
		return 0;
	}
	if (!garita_openpgp_number(bytes, (size_t)1 << kind, &len) ||
	    !garita_openpgp_take(bytes, len, &into->body))
		return cut_off(err);
	return 0;
}

int garita_openpgp_next(struct garita_openpgp_bytes *bytes,
			struct garita_openpgp_packet *ret,
			struct garita_error *err)
{
	struct garita_openpgp_bytes rest = *bytes;
	auto_openpgp_packet packet = { 0 };
	uint32_t head;
	int failure;

	if (!garita_openpgp_number(&rest, 1, &head))
		return cut_off(err);
	if ((head & 0x80) == 0)
		return garita_fail(err, EINVAL, "no OpenPGP packet");
	packet.tag = (head & 0x40) != 0 ? head & 0x3f : head >> 2 & 0xf;
	if (packet.tag == 0)
		return garita_fail(err, EINVAL, "an OpenPGP packet of tag 0");
	if ((head & 0x40) != 0)
		failure = next_new(&rest, &packet, err);
	else
		failure = next_old(&rest, head & 3, &packet, err);
	if (failure < 0)
		return failure;
	*ret = packet;
	packet = (struct garita_openpgp_packet){ 0 };
	*bytes = rest;
	return 0;
}
