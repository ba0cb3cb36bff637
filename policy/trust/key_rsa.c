/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_rsa - RSA signatures (RFC 8017): a power, and then comparing.
 *
 * PKCS#1 v1.5 is checked by writing the one block that a signer may have
 * written and comparing all of it; reading that block field by field is how
 * others were made to take forgeries.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/key_parts.h"
#include "policy/trust/modular.h"

/* DigestInfo before the hash; SHA-2 with its NULL (RFC 8017, 9.2). Byte 1 and
 * byte 18 count what follows, byte 14 is the hash's last arc. */
enum { INFO_LEN = 19 };
static const unsigned char info_sha256[INFO_LEN] = {
	0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
	0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0x04, 0x20,
};

static unsigned char last_arc(enum garita_hash hash)
{
	switch (hash) {
	case GARITA_SHA256:
		return 1;
	case GARITA_SHA384:
		return 2;
	case GARITA_SHA512:
		return 3;
	}
	return 0;
}

/* sig^e mod n in as many bytes as n; false for a number that is no signature of
 * this key. */
static bool raise_to_power(const struct garita_key *key,
			   const unsigned char *sig, unsigned char *ret)
{
	/* In two halves, or the shift would be as wide as the number. */
	const garita_limb e[] = {
		(garita_limb)key->exponent,
		(garita_limb)((uint64_t)key->exponent >> GARITA_LIMB_BITS / 2 >>
			      GARITA_LIMB_BITS / 2),
	};
	garita_limb m[GARITA_LIMBS_MAX];
	struct garita_modulus n;

	if (!garita_modulus_set(&n, key->bytes, key->len) ||
	    !garita_limbs_read(m, n.count, sig, key->len) ||
	    garita_limbs_compare(m, n.m, n.count) >= 0)
		return false;
	garita_mod_enter(&n, m, m);
	garita_mod_power(&n, m, m, e, GARITA_COUNT(e));
	garita_mod_leave(&n, m, m);
	garita_limbs_write(m, n.count, ret, key->len);
	return true;
}

static bool is_pkcs1(const unsigned char *block, size_t len,
		     enum garita_hash hash, const unsigned char *hashed)
{
	unsigned char wanted[GARITA_KEY_RSA_MAX];
	size_t hash_len = garita_hash_len(hash);
	unsigned char *at = wanted + len - hash_len;

	memset(wanted, 0xff, len);
	wanted[0] = 0;
	wanted[1] = 1;
	memcpy(at, hashed, hash_len);
	at -= INFO_LEN;
	memcpy(at, info_sha256, INFO_LEN);
	at[1] = (unsigned char)(INFO_LEN - 2 + hash_len);
	at[14] = last_arc(hash);
	at[18] = (unsigned char)hash_len;
	at[-1] = 0;
	return memcmp(block, wanted, len) == 0;
}

/* Takes the mask that `seed` makes off `data` (MGF1, RFC 8017, B.2.1). */
static void unmask(enum garita_hash hash, const unsigned char *seed,
		   unsigned char *data, size_t len)
{
	unsigned char part[GARITA_HASH_MAX];
	size_t hash_len = garita_hash_len(hash);

	for (size_t at = 0; at < len; at++) {
		size_t number = at / hash_len;
		unsigned char counter[4] = { 0, 0, (unsigned char)(number >> 8),
					     (unsigned char)number };

		if (at % hash_len == 0)
			garita_hash_of(hash, seed, hash_len, counter,
				       sizeof(counter), part);
		data[at] ^= part[at % hash_len];
	}
}

/* RFC 8017, 9.1.2, with a salt as long as the hash. `block` is changed. */
static bool is_pss(unsigned char *block, size_t len, unsigned char top,
		   enum garita_hash hash, const unsigned char *hashed)
{
	size_t hash_len = garita_hash_len(hash);
	size_t masked = len - hash_len - 1, zeros = masked - hash_len - 1;
	const unsigned char *inner = block + masked;
	unsigned char message[8 + GARITA_HASH_MAX] = { 0 };
	unsigned char again[GARITA_HASH_MAX];

	if (block[len - 1] != 0xbc || (block[0] & ~top) != 0)
		return false;
	unmask(hash, inner, block, masked);
	block[0] &= top;
	for (size_t i = 0; i < zeros; i++)
		if (block[i] != 0)
			return false;
	if (block[zeros] != 1)
		return false;
	memcpy(message + 8, hashed, hash_len);
	garita_hash_of(hash, message, 8 + hash_len, block + zeros + 1, hash_len,
		       again);
	return memcmp(again, inner, hash_len) == 0;
}

int garita_key_rsa_verify(const struct garita_key *key,
			  enum garita_scheme scheme, enum garita_hash hash,
			  const unsigned char *hashed, const unsigned char *sig,
			  size_t sig_len, struct garita_error *err)
{
	unsigned char block[GARITA_KEY_RSA_MAX] = { 0 }, *at = block,
		      top = 0xff;
	size_t len = key->len;

	if (sig_len != len || !raise_to_power(key, sig, block))
		return garita_key_bad(key, err);
	if (scheme == GARITA_SCHEME_PKCS1)
		return is_pkcs1(block, len, hash, hashed)
			       ? 0
			       : garita_key_bad(key, err);
	/* PSS fills one bit less than the modulus has: for a modulus whose
	 * first byte is 1 that leaves the first byte of the block empty. */
	for (unsigned first = key->bytes[0]; first < 0x80; first <<= 1)
		top >>= 1;
	top >>= 1;
	if (top == 0) {
		if (*at++ != 0)
			return garita_key_bad(key, err);
		len--;
		top = 0xff;
	}
	return is_pss(at, len, top, hash, hashed) ? 0
						  : garita_key_bad(key, err);
}
