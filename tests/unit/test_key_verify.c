/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_key_verify - signatures that libcrypto makes now, and everything that
 * is nearly a good one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "tests/unit/key_pairs.h"

static const char message[] = "a manifest, as it were";

static const EVP_MD *md_of(enum garita_hash hash)
{
	switch (hash) {
	case GARITA_SHA256:
		return EVP_sha256();
	case GARITA_SHA384:
		return EVP_sha384();
	case GARITA_SHA512:
		return EVP_sha512();
	}
	return NULL;
}

/* libcrypto's signature. `salt` is of PSS only. */
static size_t sign(EVP_PKEY *key, enum garita_hash hash, bool pss, int salt,
		   unsigned char ret[2048])
{
	bool is_ed = EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *of = NULL;
	size_t len = 2048;

	assert_int_equal(EVP_DigestSignInit(ctx, &of,
					    is_ed ? NULL : md_of(hash), NULL,
					    key),
			 1);
	if (pss) {
		assert_int_equal(
			EVP_PKEY_CTX_set_rsa_padding(of, RSA_PKCS1_PSS_PADDING),
			1);
		assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_saltlen(of, salt), 1);
	}
	assert_int_equal(EVP_DigestSign(ctx, ret, &len,
					(const unsigned char *)message,
					strlen(message)),
			 1);
	EVP_MD_CTX_free(ctx);
	return len;
}

static int verify(const struct garita_key *key, enum garita_scheme scheme,
		  enum garita_hash hash, const unsigned char *sig, size_t len)
{
	return garita_key_verify(key, scheme, hash, message, strlen(message),
				 sig, len, NULL);
}

static enum garita_scheme scheme_of(enum garita_key_kind kind, bool pss)
{
	switch (kind) {
	case GARITA_KEY_RSA:
		return pss ? GARITA_SCHEME_PSS : GARITA_SCHEME_PKCS1;
	case GARITA_KEY_P256:
	case GARITA_KEY_P384:
	case GARITA_KEY_P521:
		return GARITA_SCHEME_DER;
	case GARITA_KEY_ED25519:
		return GARITA_SCHEME_ED;
	}
	return GARITA_SCHEME_DER;
}

/* What is not good must be bad, whichever bit was changed. */
static void check_tampered(const struct key_pairs *pairs, size_t i,
			   enum garita_scheme scheme, enum garita_hash hash,
			   unsigned char *sig, size_t len)
{
	struct garita_key changed = pairs->keys[i];
	size_t step = len > 150 ? 29 : 1;

	for (size_t bit = 0; bit < len * 8; bit += step) {
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (verify(&pairs->keys[i], scheme, hash, sig, len) != -EBADMSG)
			fail_msg("%s: bit %zu", key_pair_kinds[i].name, bit);
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_int_equal(verify(&pairs->keys[i], scheme, hash, sig, len - 1),
			 -EBADMSG);
	sig[len] = 0;
	assert_int_equal(verify(&pairs->keys[i], scheme, hash, sig, len + 1),
			 -EBADMSG);
	assert_int_equal(garita_key_verify(&pairs->keys[i], scheme, hash,
					   message, strlen(message) - 1, sig,
					   len, NULL),
			 -EBADMSG);
	changed.bytes[changed.len / 2] ^= 4;
	assert_true(verify(&changed, scheme, hash, sig, len) < 0);
	assert_int_equal(verify(&pairs->keys[i], scheme, hash, sig, len), 0);
}

static void test_every_kind_and_hash(void **state)
{
	const struct key_pairs *pairs = *state;

	for (size_t i = 0; i < KEY_PAIRS; i++) {
		for (unsigned hash = GARITA_SHA256; hash <= GARITA_SHA512;
		     hash++) {
			enum garita_hash other = hash == GARITA_SHA256
							 ? GARITA_SHA512
							 : GARITA_SHA256;
			enum garita_scheme scheme =
				scheme_of(key_pair_kinds[i].kind, false);
			unsigned char sig[2049];
			size_t len = sign(pairs->made[i], hash, false, 0, sig);

			assert_int_equal(
				verify(&pairs->keys[i], scheme, hash, sig, len),
				0);
			check_tampered(pairs, i, scheme, hash, sig, len);
			if (scheme != GARITA_SCHEME_ED)
				assert_int_equal(verify(&pairs->keys[i], scheme,
							other, sig, len),
						 -EBADMSG);
		}
	}
}

static void test_pss(void **state)
{
	const struct key_pairs *pairs = *state;

	for (size_t i = 0;
	     i < KEY_PAIRS && key_pair_kinds[i].kind == GARITA_KEY_RSA; i++) {
		for (unsigned hash = GARITA_SHA256; hash <= GARITA_SHA512;
		     hash++) {
			unsigned char sig[2049];
			size_t len = sign(pairs->made[i], hash, true,
					  RSA_PSS_SALTLEN_DIGEST, sig);

			assert_int_equal(verify(&pairs->keys[i],
						GARITA_SCHEME_PSS, hash, sig,
						len),
					 0);
			assert_int_equal(verify(&pairs->keys[i],
						GARITA_SCHEME_PKCS1, hash, sig,
						len),
					 -EBADMSG);
			check_tampered(pairs, i, GARITA_SCHEME_PSS, hash, sig,
				       len);
			len = sign(pairs->made[i], hash, true, 20, sig);
			assert_int_equal(verify(&pairs->keys[i],
						GARITA_SCHEME_PSS, hash, sig,
						len),
					 -EBADMSG);
			len = sign(pairs->made[i], hash, false, 0, sig);
			assert_int_equal(verify(&pairs->keys[i],
						GARITA_SCHEME_PSS, hash, sig,
						len),
					 -EBADMSG);
		}
	}
}

static void test_raw_and_hashed(void **state)
{
	const struct key_pairs *pairs = *state;
	unsigned char sig[2049], raw[132], hashed[32];
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, message, strlen(message));
	garita_sha256_final(&ctx, hashed);
	for (size_t i = 0; i < KEY_PAIRS; i++) {
		size_t len = sign(pairs->made[i], GARITA_SHA256, false, 0, sig);
		size_t half = (size_t)key_pair_kinds[i].raw;
		const unsigned char *at = sig;
		ECDSA_SIG *parts;

		assert_int_equal(
			garita_key_verify_hashed(
				&pairs->keys[i],
				scheme_of(key_pair_kinds[i].kind, false),
				GARITA_SHA256, hashed, sig, len, NULL),
			key_pair_kinds[i].kind == GARITA_KEY_ED25519 ? -EINVAL
								     : 0);
		if (half == 0)
			continue;
		parts = d2i_ECDSA_SIG(NULL, &at, (long)len);
		BN_bn2binpad(ECDSA_SIG_get0_r(parts), raw,
			     key_pair_kinds[i].raw);
		BN_bn2binpad(ECDSA_SIG_get0_s(parts), raw + half,
			     key_pair_kinds[i].raw);
		ECDSA_SIG_free(parts);
		assert_int_equal(verify(&pairs->keys[i], GARITA_SCHEME_RAW,
					GARITA_SHA256, raw, 2 * half),
				 0);
		assert_int_equal(verify(&pairs->keys[i], GARITA_SCHEME_RAW,
					GARITA_SHA256, raw, 2 * half - 1),
				 -EBADMSG);
		assert_int_equal(verify(&pairs->keys[i], GARITA_SCHEME_RAW,
					GARITA_SHA256, sig, len),
				 -EBADMSG);
		assert_int_equal(verify(&pairs->keys[i], GARITA_SCHEME_DER,
					GARITA_SHA256, raw, 2 * half),
				 -EBADMSG);
	}
}

/* r or s of zero or the order, and s plus the order: never a signature. */
static void test_numbers_out_of_range(void **state)
{
	const struct key_pairs *pairs = *state;
	static const unsigned char order[32] = {
		0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
		0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
	};
	const struct garita_key *key = &pairs->keys[KEY_PAIR_P256];
	unsigned char raw[64] = { 0 };

	assert_int_equal(key->kind, GARITA_KEY_P256);
	for (int form = 0; form < 9; form++) {
		memset(raw, 0, sizeof(raw));
		raw[31] = raw[63] = 1;
		if (form % 3 == 1)
			raw[31] = 0;
		if (form % 3 == 2)
			memcpy(raw, order, 32);
		if (form / 3 == 1)
			raw[63] = 0;
		if (form / 3 == 2)
			memcpy(raw + 32, order, 32);
		assert_int_equal(verify(key, GARITA_SCHEME_RAW, GARITA_SHA256,
					raw, sizeof(raw)),
				 -EBADMSG);
	}
}

static void test_schemes_that_do_not_fit(void **state)
{
	const struct key_pairs *pairs = *state;
	unsigned char sig[2049];

	for (size_t i = 0; i < KEY_PAIRS; i++) {
		size_t len = sign(pairs->made[i], GARITA_SHA256, false, 0, sig);
		bool is_rsa = key_pair_kinds[i].kind == GARITA_KEY_RSA;
		bool is_ed = key_pair_kinds[i].kind == GARITA_KEY_ED25519;
		const bool fits[] = { [GARITA_SCHEME_DER] = !is_rsa && !is_ed,
				      [GARITA_SCHEME_RAW] = !is_rsa && !is_ed,
				      [GARITA_SCHEME_PKCS1] = is_rsa,
				      [GARITA_SCHEME_PSS] = is_rsa,
				      [GARITA_SCHEME_ED] = is_ed,
				      [GARITA_SCHEME_ED_PH] = is_ed };

		for (unsigned scheme = 0; scheme < GARITA_COUNT(fits); scheme++)
			if (!fits[scheme])
				assert_int_equal(verify(&pairs->keys[i], scheme,
							GARITA_SHA256, sig,
							len),
						 -EINVAL);
	}
}

static size_t unhex(const char *hex, unsigned char *ret)
{
	long len = 0;
	unsigned char *bytes = OPENSSL_hexstr2buf(hex, &len);

	assert_non_null(bytes);
	memcpy(ret, bytes, (size_t)len);
	OPENSSL_free(bytes);
	return (size_t)len;
}

/* RFC 8032, 7.1 and 7.3. */
static const struct {
	enum garita_scheme scheme;
	const char *key, *message, *sig;
} ed_vectors[] = {
	{ GARITA_SCHEME_ED,
	  "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	  "",
	  "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
	  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
	{ GARITA_SCHEME_ED,
	  "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	  "72",
	  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
	  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
	{ GARITA_SCHEME_ED_PH,
	  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	  "616263",
	  "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
	  "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406" },
};

static void test_ed25519_vectors(void **state)
{
	for (size_t i = 0; i < GARITA_COUNT(ed_vectors); i++) {
		unsigned char point[32], text[8] = { 0 }, sig[64];
		enum garita_scheme scheme = ed_vectors[i].scheme;
		size_t len = strlen(ed_vectors[i].message) / 2;
		struct garita_key key;

		(void)state;
		unhex(ed_vectors[i].key, point);
		unhex(ed_vectors[i].sig, sig);
		if (len > 0)
			unhex(ed_vectors[i].message, text);
		assert_int_equal(garita_key_point(GARITA_KEY_ED25519, point, 32,
						  &key, NULL),
				 0);
		if (garita_key_verify(&key, scheme, GARITA_SHA256, text, len,
				      sig, 64, NULL) != 0)
			fail_msg("vector %zu", i);
		scheme = scheme == GARITA_SCHEME_ED ? GARITA_SCHEME_ED_PH
						    : GARITA_SCHEME_ED;
		assert_int_equal(garita_key_verify(&key, scheme, GARITA_SHA512,
						   text, len, sig, 64, NULL),
				 -EBADMSG);
	}
}

/* Adds the order to S: the same number to a careless reader. */
static void test_ed25519_s_is_below_the_order(void **state)
{
	const struct key_pairs *pairs = *state;
	static const unsigned char order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,        0xd6,
		0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10,
	};
	const struct garita_key *key = &pairs->keys[KEY_PAIR_ED25519];
	unsigned char sig[2049];
	unsigned carry = 0;
	size_t len = sign(pairs->made[KEY_PAIR_ED25519], GARITA_SHA512, false,
			  0, sig);

	assert_int_equal(verify(key, GARITA_SCHEME_ED, GARITA_SHA512, sig, len),
			 0);
	for (size_t i = 0; i < 32; i++) {
		carry += (unsigned)sig[32 + i] + order[i];
		sig[32 + i] = (unsigned char)carry;
		carry >>= 8;
	}
	assert_int_equal(verify(key, GARITA_SCHEME_ED, GARITA_SHA512, sig, len),
			 -EBADMSG);
}

/* Points that RFC 8032 says do not decode. */
static void test_ed25519_keys_that_are_no_points(void **state)
{
	const struct key_pairs *pairs = *state;
	static const char *const bad[] = {
		/* y = 2: x squared is no square */
		"02000000000000000000000000000000000000000000000000000000000000"
		"00",
		/* y = p and y = p + 1: 0 and 1 in other words */
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		"7f",
		/* y = 1, and x = 0 with a sign */
		"01000000000000000000000000000000000000000000000000000000000000"
		"80",
	};
	unsigned char sig[2049], point[32];
	size_t len = sign(pairs->made[KEY_PAIR_ED25519], GARITA_SHA512, false,
			  0, sig);

	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		struct garita_key key;

		unhex(bad[i], point);
		assert_int_equal(garita_key_point(GARITA_KEY_ED25519, point, 32,
						  &key, NULL),
				 0);
		assert_int_equal(
			verify(&key, GARITA_SCHEME_ED, GARITA_SHA512, sig, len),
			-EINVAL);
	}
}

/* Many messages and keys: ours and libcrypto's answer alike. */
static void test_ed25519_against_libcrypto(void **state)
{
	for (int i = 0; i < 50; i++) {
		EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		auto_text spki = key_pair_spki(pair);
		struct garita_key key;
		unsigned char sig[2049];
		size_t len = sign(pair, GARITA_SHA512, false, 0, sig);

		(void)state;
		assert_int_equal(
			garita_key_read(spki.data, spki.len, &key, NULL), 0);
		assert_int_equal(
			verify(&key, GARITA_SCHEME_ED, GARITA_SHA512, sig, len),
			0);
		sig[i] ^= 1;
		assert_int_equal(
			verify(&key, GARITA_SCHEME_ED, GARITA_SHA512, sig, len),
			-EBADMSG);
		EVP_PKEY_free(pair);
	}
}

static void test_points_off_the_curve(void **state)
{
	const struct key_pairs *pairs = *state;
	unsigned char sig[2049];

	for (size_t i = 0; i < KEY_PAIRS; i++) {
		struct garita_key key = pairs->keys[i];
		size_t len;

		if (key_pair_kinds[i].raw == 0)
			continue;
		len = sign(pairs->made[i], GARITA_SHA256, false, 0, sig);
		key.bytes[key.len - 1] ^= 1;
		assert_int_equal(verify(&key, GARITA_SCHEME_DER, GARITA_SHA256,
					sig, len),
				 -EINVAL);
		memset(key.bytes + 1, 0, key.len - 1);
		assert_int_equal(verify(&key, GARITA_SCHEME_DER, GARITA_SHA256,
					sig, len),
				 -EINVAL);
		memset(key.bytes + 1, 0xff, key.len - 1);
		assert_int_equal(verify(&key, GARITA_SCHEME_DER, GARITA_SHA256,
					sig, len),
				 -EINVAL);
	}
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Figures for the record; nothing is asserted about them. */
static void test_what_a_signature_costs(void **state)
{
	const struct key_pairs *pairs = *state;
	enum { ROUNDS = 20 };

	for (size_t i = 0; i < KEY_PAIRS; i++) {
		enum garita_scheme scheme =
			scheme_of(key_pair_kinds[i].kind, false);
		unsigned char sig[2049];
		size_t len = sign(pairs->made[i], GARITA_SHA256, false, 0, sig);
		double start = now_us();

		for (int round = 0; round < ROUNDS; round++)
			assert_int_equal(verify(&pairs->keys[i], scheme,
						GARITA_SHA256, sig, len),
					 0);
		print_message("# %s: %.0f us\n", key_pair_kinds[i].name,
			      (now_us() - start) / ROUNDS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_and_hash),
		cmocka_unit_test(test_pss),
		cmocka_unit_test(test_raw_and_hashed),
		cmocka_unit_test(test_numbers_out_of_range),
		cmocka_unit_test(test_schemes_that_do_not_fit),
		cmocka_unit_test(test_ed25519_vectors),
		cmocka_unit_test(test_ed25519_s_is_below_the_order),
		cmocka_unit_test(test_ed25519_keys_that_are_no_points),
		cmocka_unit_test(test_ed25519_against_libcrypto),
		cmocka_unit_test(test_points_off_the_curve),
		cmocka_unit_test(test_what_a_signature_costs),
	};

	return cmocka_run_group_tests(tests, key_pairs_set_up,
				      key_pairs_tear_down);
}
