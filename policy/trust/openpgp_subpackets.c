/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_subpackets - what a signature says about itself.
 *
 * There are two areas. What the first says is signed; the second can be
 * changed by anybody who has the file in hand, so nothing but hints is taken
 * from it: who may have signed, and a signature that stands for itself. A
 * thing that is said twice could be read twice differently (the first, the
 * last), and a demand that is marked critical and not known here must not be
 * passed over: both make the signature one that does not count.
 */
#include "policy/trust/openpgp.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"

enum { /* RFC 9580, 5.2.3.7 */
       CREATED = 2,
       LIFETIME = 3,
       KEY_LIFETIME = 9,
       REVOKER = 12,
       KEY_ID = 16,
       NOTATION = 20, /* any number of them */
       FLAGS = 27,
       EMBEDDED = 32,
       FINGERPRINT = 33,
};

/* Known, and without a meaning for us even when they are critical: whether it
 * may be exported or revoked, preferences, which name is the first, where the
 * policy is, who is meant by the key, why it was revoked, features. Not among
 * them, so refused when critical: notations (20), targets (31), for whom it is
 * meant (35), and the limits of a trust signature (5, 6). */
static bool is_harmless(unsigned type)
{
	static const unsigned char list[] = { 4,  7,  11, 21, 22, 23, 24,
					      25, 26, 28, 29, 30, 34, 39 };

	return memchr(list, (int)type, sizeof(list)) != NULL;
}

/* Which may be in the part that is not signed. */
static bool is_hint(unsigned type)
{
	return type == KEY_ID || type == FINGERPRINT || type == EMBEDDED;
}

static bool one_length(struct garita_openpgp_bytes *area, uint32_t *ret)
{
	uint32_t first, second;

	if (!garita_openpgp_number(area, 1, &first))
		return false;
	if (first < 192) {
		*ret = first;
		return true;
	}
	if (first == 255)
		return garita_openpgp_number(area, 4, ret);
	if (!garita_openpgp_number(area, 1, &second))
		return false;
	*ret = ((first - 192) << 8) + second + 192;
	return true;
}

static bool exactly(struct garita_openpgp_bytes body, uint32_t *ret)
{
	return garita_openpgp_number(&body, 4, ret) && body.left == 0;
}

static bool read_fingerprint(struct garita_openpgp_bytes body,
			     struct garita_openpgp_signature *sig)
{
	if (body.left == 0)
		return false;
	/* Of another version of key: it is none that is read here. */
	if (body.at[0] != 4) {
		sig->why_not = "made by a key that is not of version 4";
		return true;
	}
	if (body.left != 1 + GARITA_OPENPGP_FINGERPRINT)
		return false;
	memcpy(sig->fingerprint, body.at + 1, GARITA_OPENPGP_FINGERPRINT);
	sig->has_fingerprint = true;
	return true;
}

static bool read_revoker(struct garita_openpgp_bytes body,
			 struct garita_openpgp_signature *sig)
{
	/* Class (0x80), algorithm, fingerprint. */
	if (body.left != 2 + GARITA_OPENPGP_FINGERPRINT)
		return false;
	memcpy(sig->revoker, body.at + 2, GARITA_OPENPGP_FINGERPRINT);
	sig->has_revoker = true;
	return true;
}

/* False when it is malformed. */
static bool read_one(unsigned type, bool critical,
		     struct garita_openpgp_bytes body,
		     struct garita_openpgp_signature *sig)
{
	switch (type) {
	case CREATED:
		return exactly(body, &sig->created);
	case LIFETIME:
		return exactly(body, &sig->lifetime);
	case KEY_LIFETIME:
		return exactly(body, &sig->key_lifetime);
	case KEY_ID:
		if (body.left != GARITA_OPENPGP_KEY_ID)
			return false;
		memcpy(sig->key_id, body.at, GARITA_OPENPGP_KEY_ID);
		sig->has_key_id = true;
		return true;
	case FINGERPRINT:
		return read_fingerprint(body, sig);
	case FLAGS:
		sig->has_flags = true;
		sig->flags = body.left > 0 ? body.at[0] : 0;
		return true;
	case EMBEDDED:
		sig->embedded = body;
		return true;
	case REVOKER:
		return read_revoker(body, sig);
	default:
		if (critical && !is_harmless(type))
			sig->why_not = "it has a critical part that is not "
				       "known here";
		return true;
	}
}

int garita_openpgp_subpackets(struct garita_openpgp_bytes area, bool is_signed,
			      struct garita_openpgp_signature *sig,
			      struct garita_error *err)
{
	while (area.left > 0) {
		struct garita_openpgp_bytes body;
		uint32_t len, head;
		unsigned type;
		uint64_t bit;

		if (!one_length(&area, &len) ||
		    !garita_openpgp_take(&area, len, &body) ||
		    !garita_openpgp_number(&body, 1, &head))
			return garita_fail(err, EINVAL,
					   "a malformed OpenPGP signature");
		type = head & 0x7f;
		bit = type < 64 ? UINT64_C(1) << type : 0;
		/* What the signer signed goes before what anybody wrote. */
		if (!is_signed && (!is_hint(type) || (sig->seen & bit) != 0))
			continue;
		if ((sig->seen & bit) != 0 && !is_harmless(type) &&
		    type != NOTATION)
			sig->why_not = "it says one thing twice";
		sig->seen |= bit;
		if (!read_one(type, (head & 0x80) != 0, body, sig))
			return garita_fail(err, EINVAL,
					   "a malformed OpenPGP signature");
	}
	if (is_signed && (sig->seen & UINT64_C(1) << CREATED) == 0 &&
	    sig->why_not == NULL)
		sig->why_not = "it does not say when it was made";
	return 0;
}
