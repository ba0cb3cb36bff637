/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_verify - is this signature good? Which key, scheme and hash go together
 * is decided here; the arithmetic is in one file for each family.
 */
#include <errno.h>
#include <string.h>

#include "garita/sha256.h"
#include "policy/trust/key_parts.h"
#include "policy/trust/sha512.h"

size_t garita_hash_len(enum garita_hash hash)
{
	switch (hash) {
	case GARITA_SHA256:
		return 32;
	case GARITA_SHA384:
		return 48;
	case GARITA_SHA512:
		return 64;
	}
	return 0;
}

static void hash_short(const void *first, size_t first_len, const void *second,
		       size_t second_len, unsigned char *ret)
{
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, first, first_len);
	garita_sha256_update(&ctx, second, second_len);
	garita_sha256_final(&ctx, ret);
}

void garita_hash_of(enum garita_hash hash, const void *first, size_t first_len,
		    const void *second, size_t second_len,
		    unsigned char ret[GARITA_HASH_MAX])
{
	switch (hash) {
	case GARITA_SHA256:
		hash_short(first, first_len, second, second_len, ret);
		return;
	case GARITA_SHA384:
		garita_sha384(first, first_len, second, second_len, ret);
		return;
	case GARITA_SHA512:
		garita_sha512(first, first_len, second, second_len, ret);
		return;
	}
}

int garita_key_bad(const struct garita_key *key, struct garita_error *err)
{
	return garita_fail(err, EBADMSG, "not signed by %s", key->words);
}

static bool fits(const struct garita_key *key, enum garita_scheme scheme)
{
	switch (key->kind) {
	case GARITA_KEY_RSA:
		return scheme == GARITA_SCHEME_PKCS1 ||
		       scheme == GARITA_SCHEME_PSS;
	case GARITA_KEY_P256:
	case GARITA_KEY_P384:
	case GARITA_KEY_P521:
		return scheme == GARITA_SCHEME_DER ||
		       scheme == GARITA_SCHEME_RAW;
	case GARITA_KEY_ED25519:
		return scheme == GARITA_SCHEME_ED ||
		       scheme == GARITA_SCHEME_ED_PH;
	}
	return false;
}

static int no_fit(const struct garita_key *key, struct garita_error *err)
{
	return garita_fail(err, EINVAL,
			   "%s is not of the kind that makes such signatures",
			   key->words);
}

int garita_key_verify_hashed(const struct garita_key *key,
			     enum garita_scheme scheme, enum garita_hash hash,
			     const unsigned char *hashed,
			     const unsigned char *sig, size_t sig_len,
			     struct garita_error *err)
{
	if (!fits(key, scheme) || garita_hash_len(hash) == 0)
		return no_fit(key, err);
	switch (scheme) {
	case GARITA_SCHEME_DER:
	case GARITA_SCHEME_RAW:
		return garita_key_ecdsa_verify(key, scheme, hash, hashed, sig,
					       sig_len, err);
	case GARITA_SCHEME_PKCS1:
	case GARITA_SCHEME_PSS:
		return garita_key_rsa_verify(key, scheme, hash, hashed, sig,
					     sig_len, err);
	case GARITA_SCHEME_ED_PH:
		if (hash != GARITA_SHA512)
			return no_fit(key, err);
		return garita_key_ed25519_verify(
			key, true, hashed, GARITA_HASH_MAX, sig, sig_len, err);
	case GARITA_SCHEME_ED:
		return no_fit(key, err); /* it signs all of the message */
	}
	return no_fit(key, err);
}

int garita_key_verify(const struct garita_key *key, enum garita_scheme scheme,
		      enum garita_hash hash, const void *message,
		      size_t message_len, const unsigned char *sig,
		      size_t sig_len, struct garita_error *err)
{
	unsigned char hashed[GARITA_HASH_MAX] = { 0 };

	if (!fits(key, scheme))
		return no_fit(key, err);
	if (scheme == GARITA_SCHEME_ED)
		return garita_key_ed25519_verify(
			key, false, message, message_len, sig, sig_len, err);
	if (scheme == GARITA_SCHEME_ED_PH)
		hash = GARITA_SHA512;
	garita_hash_of(hash, message, message_len, NULL, 0, hashed);
	return garita_key_verify_hashed(key, scheme, hash, hashed, sig, sig_len,
					err);
}
