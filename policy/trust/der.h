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
#include <string.h>
#include <time.h>

enum {
	GARITA_DER_BOOLEAN = 0x01,
	GARITA_DER_INTEGER = 0x02,
	GARITA_DER_BIT_STRING = 0x03,
	GARITA_DER_OCTETS = 0x04,
	GARITA_DER_NULL = 0x05,
	GARITA_DER_OID = 0x06,
	GARITA_DER_ENUMERATED = 0x0a,
	GARITA_DER_UTF8 = 0x0c,
	GARITA_DER_NUMERIC = 0x12,
	GARITA_DER_PRINTABLE = 0x13,
	GARITA_DER_T61 = 0x14,
	GARITA_DER_IA5 = 0x16,
	GARITA_DER_UTC_TIME = 0x17,
	GARITA_DER_TIME = 0x18, /* GeneralizedTime */
	GARITA_DER_BMP = 0x1e,  /* BMPString */
	GARITA_DER_SEQUENCE = 0x30,
	GARITA_DER_SET = 0x31,
};
/* Context tag `n`, of a simple or of a constructed element. */
#define GARITA_DER_CONTEXT(n) (0x80 | (n))
#define GARITA_DER_INSIDE(n)  (0xa0 | (n))

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
/* The next element whatever its tag. `ret_all`, when not NULL, gets it with its
 * head. */
bool garita_der_take_any(struct garita_der *from, unsigned char *ret_tag,
			 struct garita_der *ret, struct garita_der *ret_all);
/* The next element with its head, and what is in it. */
bool garita_der_take_whole(struct garita_der *from, unsigned char tag,
			   struct garita_der *ret, struct garita_der *ret_all);
/* Has the next element this tag? */
static inline bool garita_der_next_is(const struct garita_der *from,
				      unsigned char tag)
{
	return from->left > 0 && from->at[0] == tag;
}
/* BOOLEAN, which DER writes as 0 or 255. */
bool garita_der_take_bool(struct garita_der *from, bool *ret);
/* An INTEGER from 0 to `max`. */
bool garita_der_take_small(struct garita_der *from, unsigned long max,
			   unsigned long *ret);
/* UTCTime or GeneralizedTime, to the second and in UTC, as RFC 5280 has them.
 * With `fraction` a GeneralizedTime may have one (RFC 3161); it is cut off. */
bool garita_der_take_time(struct garita_der *from, bool fraction, time_t *ret);

static inline bool garita_der_equal(const struct garita_der *a,
				    const struct garita_der *b)
{
	return a->left == b->left &&
	       (a->left == 0 || memcmp(a->at, b->at, a->left) == 0);
}
/* Is it these bytes? `bytes` is a string constant. */
#define garita_der_is(der, bytes)                                              \
	((der)->left == sizeof(bytes) - 1 &&                                   \
	 memcmp((der)->at, (bytes), sizeof(bytes) - 1) == 0)

#endif
