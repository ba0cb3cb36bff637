/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * der - elements of DER (X.690), taken one after the other.
 *
 * Lengths are definite and as short as they can be, as DER wants; anything
 * else is no element. Tags are of one byte. What is returned points into what
 * was given.
 */
#ifndef GARITA_POLICY_TRUST_DER_H
#define GARITA_POLICY_TRUST_DER_H

#include <stdbool.h>
#include <stddef.h>

enum {
	GARITA_DER_INTEGER = 0x02,
	GARITA_DER_BIT_STRING = 0x03,
	GARITA_DER_SEQUENCE = 0x30,
};

struct garita_der {
	const unsigned char *at;
	size_t left;
};

/* Takes an element off `from`; false, and nothing taken, when the next one is
 * another or is malformed. */
bool garita_der_take(struct garita_der *from, unsigned char tag,
		     struct garita_der *ret);
/* An INTEGER of zero or more, as short as it can be: its bytes, big endian,
 * without leading zeros, so zero has none. */
bool garita_der_take_number(struct garita_der *from, struct garita_der *ret);

#endif
