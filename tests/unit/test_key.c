/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_key - keys and signatures that libcrypto makes now, each way of reading
 * a key, and everything that is nearly a good signature.
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
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "garita/key.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"

static const char message[] = "a manifest, as it were";

static const struct maker {
	const char *name;
	int type;
	unsigned bits;
	const char *curve;
	enum garita_key_kind kind;
	int raw; /* bytes of r */
} makers[] = {
	{ "RSA-2048", EVP_PKEY_RSA, 2048, NULL, GARITA_KEY_RSA, 0 },
	/* one bit less than whole bytes, and one more: PSS counts bits */
	{ "RSA-2049", EVP_PKEY_RSA, 2049, NULL, GARITA_KEY_RSA, 0 },
	{ "RSA-2055", EVP_PKEY_RSA, 2055, NULL, GARITA_KEY_RSA, 0 },
	{ "RSA-3072", EVP_PKEY_RSA, 3072, NULL, GARITA_KEY_RSA, 0 },
	{ "RSA-4096", EVP_PKEY_RSA, 4096, NULL, GARITA_KEY_RSA, 0 },
	{ "P-256", EVP_PKEY_EC, 0, "P-256", GARITA_KEY_P256, 32 },
	{ "P-384", EVP_PKEY_EC, 0, "P-384", GARITA_KEY_P384, 48 },
	{ "P-521", EVP_PKEY_EC, 0, "P-521", GARITA_KEY_P521, 66 },
	{ "Ed25519", EVP_PKEY_ED25519, 0, NULL, GARITA_KEY_ED25519, 0 },
};
enum { MAKERS = GARITA_COUNT(makers) };

static EVP_PKEY *made[MAKERS];
static struct garita_key keys[MAKERS];

static EVP_PKEY *make(const struct maker *of)
{
	switch (of->type) {
	case EVP_PKEY_RSA:
		return EVP_RSA_gen(of->bits);
	case EVP_PKEY_EC:
		return EVP_EC_gen(of->curve);
	default:
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	}
}

static struct garita_text spki_of(EVP_PKEY *key)
{
	struct garita_text text = { 0 };
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	assert_true(len > 0);
	garita_text_add(&text, (char *)der, (size_t)len);
	OPENSSL_free(der);
	return text;
}

static struct garita_text pem_of(EVP_PKEY *key)
{
	struct garita_text text = { 0 };
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	long len;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	len = BIO_get_mem_data(bio, &data);
	garita_text_add(&text, data, (size_t)len);
	BIO_free(bio);
	return text;
}

static int set_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAKERS; i++) {
		auto_text pem = { 0 };

		made[i] = make(&makers[i]);
		assert_non_null(made[i]);
		pem = pem_of(made[i]);
		assert_int_equal(
			garita_key_read(pem.data, pem.len, &keys[i], NULL), 0);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAKERS; i++)
		EVP_PKEY_free(made[i]);
	return 0;
}

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
static void check_tampered(size_t i, enum garita_scheme scheme,
			   enum garita_hash hash, unsigned char *sig,
			   size_t len)
{
	struct garita_key changed = keys[i];
	size_t step = len > 150 ? 29 : 1;

	for (size_t bit = 0; bit < len * 8; bit += step) {
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
		if (verify(&keys[i], scheme, hash, sig, len) != -EBADMSG)
			fail_msg("%s: bit %zu", makers[i].name, bit);
		sig[bit / 8] ^= (unsigned char)(1 << bit % 8);
	}
	assert_int_equal(verify(&keys[i], scheme, hash, sig, len - 1),
			 -EBADMSG);
	sig[len] = 0;
	assert_int_equal(verify(&keys[i], scheme, hash, sig, len + 1),
			 -EBADMSG);
	assert_int_equal(verify(&keys[i], scheme, hash, sig, 0), -EBADMSG);
	assert_int_equal(garita_key_verify(&keys[i], scheme, hash, message,
					   strlen(message) - 1, sig, len, NULL),
			 -EBADMSG);
	changed.bytes[changed.len / 2] ^= 4;
	assert_true(verify(&changed, scheme, hash, sig, len) < 0);
	assert_int_equal(verify(&keys[i], scheme, hash, sig, len), 0);
}

static void test_every_kind_and_hash(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAKERS; i++) {
		for (unsigned hash = GARITA_SHA256; hash <= GARITA_SHA512;
		     hash++) {
			enum garita_hash other = hash == GARITA_SHA256
							 ? GARITA_SHA512
							 : GARITA_SHA256;
			enum garita_scheme scheme =
				scheme_of(makers[i].kind, false);
			unsigned char sig[2049];
			size_t len = sign(made[i], hash, false, 0, sig);

			assert_int_equal(
				verify(&keys[i], scheme, hash, sig, len), 0);
			check_tampered(i, scheme, hash, sig, len);
			if (scheme != GARITA_SCHEME_ED)
				assert_int_equal(verify(&keys[i], scheme, other,
							sig, len),
						 -EBADMSG);
		}
	}
}

static void test_pss(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAKERS && makers[i].kind == GARITA_KEY_RSA;
	     i++) {
		for (unsigned hash = GARITA_SHA256; hash <= GARITA_SHA512;
		     hash++) {
			unsigned char sig[2049];
			size_t len = sign(made[i], hash, true,
					  RSA_PSS_SALTLEN_DIGEST, sig);

			assert_int_equal(verify(&keys[i], GARITA_SCHEME_PSS,
						hash, sig, len),
					 0);
			assert_int_equal(verify(&keys[i], GARITA_SCHEME_PKCS1,
						hash, sig, len),
					 -EBADMSG);
			check_tampered(i, GARITA_SCHEME_PSS, hash, sig, len);
			len = sign(made[i], hash, true, 20, sig);
			assert_int_equal(verify(&keys[i], GARITA_SCHEME_PSS,
						hash, sig, len),
					 -EBADMSG);
			len = sign(made[i], hash, false, 0, sig);
			assert_int_equal(verify(&keys[i], GARITA_SCHEME_PSS,
						hash, sig, len),
					 -EBADMSG);
		}
	}
}

static void test_raw_and_hashed(void **state)
{
	unsigned char sig[2049], raw[132], hashed[32];
	struct garita_sha256 ctx;

	(void)state;
	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, message, strlen(message));
	garita_sha256_final(&ctx, hashed);
	for (size_t i = 0; i < MAKERS; i++) {
		size_t len = sign(made[i], GARITA_SHA256, false, 0, sig);
		size_t half = (size_t)makers[i].raw;
		const unsigned char *at = sig;
		ECDSA_SIG *parts;

		assert_int_equal(
			garita_key_verify_hashed(
				&keys[i], scheme_of(makers[i].kind, false),
				GARITA_SHA256, hashed, sig, len, NULL),
			makers[i].kind == GARITA_KEY_ED25519 ? -EINVAL : 0);
		if (half == 0)
			continue;
		parts = d2i_ECDSA_SIG(NULL, &at, (long)len);
		BN_bn2binpad(ECDSA_SIG_get0_r(parts), raw, makers[i].raw);
		BN_bn2binpad(ECDSA_SIG_get0_s(parts), raw + half,
			     makers[i].raw);
		ECDSA_SIG_free(parts);
		assert_int_equal(verify(&keys[i], GARITA_SCHEME_RAW,
					GARITA_SHA256, raw, 2 * half),
				 0);
		assert_int_equal(verify(&keys[i], GARITA_SCHEME_RAW,
					GARITA_SHA256, raw, 2 * half - 1),
				 -EBADMSG);
		assert_int_equal(verify(&keys[i], GARITA_SCHEME_RAW,
					GARITA_SHA256, sig, len),
				 -EBADMSG);
		assert_int_equal(verify(&keys[i], GARITA_SCHEME_DER,
					GARITA_SHA256, raw, 2 * half),
				 -EBADMSG);
	}
}

/* r or s of zero or the order, and s plus the order: never a signature. */
static void test_numbers_out_of_range(void **state)
{
	static const unsigned char order[32] = {
		0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
		0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
	};
	const struct garita_key *key = &keys[5];
	unsigned char raw[64] = { 0 };

	(void)state;
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
	unsigned char sig[2049];

	(void)state;
	for (size_t i = 0; i < MAKERS; i++) {
		size_t len = sign(made[i], GARITA_SHA256, false, 0, sig);
		bool is_rsa = makers[i].kind == GARITA_KEY_RSA;
		bool is_ed = makers[i].kind == GARITA_KEY_ED25519;
		const bool fits[] = { [GARITA_SCHEME_DER] = !is_rsa && !is_ed,
				      [GARITA_SCHEME_RAW] = !is_rsa && !is_ed,
				      [GARITA_SCHEME_PKCS1] = is_rsa,
				      [GARITA_SCHEME_PSS] = is_rsa,
				      [GARITA_SCHEME_ED] = is_ed,
				      [GARITA_SCHEME_ED_PH] = is_ed };

		for (unsigned scheme = 0; scheme < GARITA_COUNT(fits); scheme++)
			if (!fits[scheme])
				assert_int_equal(verify(&keys[i], scheme,
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
	{ GARITA_SCHEME_ED,
	  "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	  "af82",
	  "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
	  "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
	{ GARITA_SCHEME_ED_PH,
	  "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
	  "616263",
	  "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
	  "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406" },
};

static void test_ed25519_vectors(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(ed_vectors); i++) {
		unsigned char point[32], text[8] = { 0 }, sig[64];
		enum garita_scheme scheme = ed_vectors[i].scheme;
		size_t len = strlen(ed_vectors[i].message) / 2;
		struct garita_key key;

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
	static const unsigned char order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,        0xd6,
		0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, [31] = 0x10,
	};
	const struct garita_key *key = &keys[MAKERS - 1];
	unsigned char sig[2049];
	unsigned carry = 0;
	size_t len = sign(made[MAKERS - 1], GARITA_SHA512, false, 0, sig);

	(void)state;
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
	size_t len = sign(made[MAKERS - 1], GARITA_SHA512, false, 0, sig);

	(void)state;
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
	(void)state;
	for (int i = 0; i < 50; i++) {
		EVP_PKEY *pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		auto_text spki = spki_of(pair);
		struct garita_key key;
		unsigned char sig[2049];
		size_t len = sign(pair, GARITA_SHA512, false, 0, sig);

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
	unsigned char sig[2049];

	(void)state;
	for (size_t i = 0; i < MAKERS; i++) {
		struct garita_key key = keys[i];
		size_t len;

		if (makers[i].raw == 0)
			continue;
		len = sign(made[i], GARITA_SHA256, false, 0, sig);
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

/* ---- reading ---- */

static void test_words_are_of_the_spki(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAKERS; i++) {
		auto_text spki = spki_of(made[i]);
		char digest[80], words[100];
		struct garita_key key;

		garita_sha256_digest(spki.data, spki.len, digest);
		snprintf(words, sizeof(words), "key %s", digest);
		assert_string_equal(keys[i].words, words);
		assert_int_equal(
			garita_key_read(spki.data, spki.len, &key, NULL), 0);
		assert_memory_equal(&key, &keys[i], sizeof(key));
		if (makers[i].kind != GARITA_KEY_RSA)
			assert_int_equal(
				garita_key_point(makers[i].kind, keys[i].bytes,
						 keys[i].len, &key, NULL),
				0);
		else
			assert_int_equal(
				garita_key_rsa(
					keys[i].bytes, keys[i].len,
					(const unsigned char *)"\0\1\0\1", 4,
					&key, NULL),
				0);
		assert_memory_equal(&key, &keys[i], sizeof(key));
	}
}

static void test_pkcs1_is_the_same_key(void **state)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct garita_key key;
	unsigned char *der = NULL;
	char *pem;
	long len;
	int der_len = i2d_PublicKey(made[0], &der);

	(void)state;
	PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, der_len);
	len = BIO_get_mem_data(bio, &pem);
	assert_int_equal(garita_key_read(pem, (size_t)len, &key, NULL), 0);
	assert_memory_equal(&key, &keys[0], sizeof(key));
	/* Without the armour nothing says what it is. */
	assert_int_equal(
		garita_key_read((char *)der, (size_t)der_len, &key, NULL),
		-EINVAL);
	OPENSSL_free(der);
	BIO_free(bio);
}

/* Every byte of the encoding that is not the number itself matters. */
static void test_der_has_one_form(void **state)
{
	(void)state;
	for (size_t i = 0; i < MAKERS; i++) {
		auto_text spki = spki_of(made[i]);
		struct garita_key key;

		for (size_t at = 0; at < spki.len; at++) {
			char kept = spki.data[at];
			struct garita_key other = keys[i];

			spki.data[at] = (char)(kept ^ 1);
			if (garita_key_read(spki.data, spki.len, &other,
					    NULL) == 0 &&
			    strcmp(other.words, keys[i].words) == 0)
				fail_msg("%s: byte %zu", makers[i].name, at);
			spki.data[at] = kept;
		}
		for (size_t len = 0; len < spki.len; len++)
			assert_int_equal(
				garita_key_read(spki.data, len, &key, NULL),
				-EINVAL);
		garita_text_putc(&spki, '\n');
		assert_int_equal(
			garita_key_read(spki.data, spki.len, &key, NULL),
			-EINVAL);
	}
}

static const char *const begin = "-----BEGIN PUBLIC KEY-----";
static const char *const finish = "-----END PUBLIC KEY-----";

/* {why, how it is written}: B begin, E end, 1 and 2 the lines of the body, n
 * newline; the rest as it is. */
static const struct {
	const char *why, *form, *words; /* words: NULL when it is read */
} pems[] = {
	{ "as openssl writes it", "Bn1n2nEn", NULL },
	{ "CRLF", "B\rn1\rn2\rnE\rn", NULL },
	{ "no newline at the end", "Bn1n2nE", NULL },
	{ "in one line", "Bn12nEn", NULL },
	{ "white space around", "n \tnBn1n2nEn nn", NULL },
	{ "two blocks", "Bn1n2nEnBn1n2nEn", "more than one" },
	{ "text after", "Bn1n2nEnhello", "more than one" },
	{ "text before", "hellonBn1n2nEn", "neither DER nor" },
	{ "a byte order mark",
	  "\xef\xbb\xbf"
	  "Bn1n2nEn",
	  "neither DER nor" },
	{ "a header", "BnProc-Type: xnn1n2nEn", "header" },
	{ "a blank line", "Bnn1n2nEn", "does not end" },
	{ "a blank line inside", "Bn1nn2nEn", "does not end" },
	{ "white space in a line", "Bn1n 2nEn", "white space" },
	{ "white space after a line", "Bn1 n2nEn", "white space" },
	{ "white space after the begin", "B n1n2nEn", "neither DER nor" },
	{ "no end", "Bn1n2n", "does not end" },
	{ "no begin", "1n2nEn", "neither DER nor" },
	{ "nothing between", "BnEn", "base64" },
	{ "half of it", "Bn1nEn", "malformed" },
	{ "only the begin", "B", "does not end" },
	{ "nothing", "", "empty" },
	{ "only white space", "n n", "empty" },
	{ "a private key", "-----BEGIN EC PRIVATE KEY-----n1n2nEn", "private" },
	{ "a private key", "-----BEGIN PRIVATE KEY-----n1n2nEn", "private" },
	{ "encrypted", "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----n1",
	  "private" },
	{ "a certificate", "-----BEGIN CERTIFICATE-----n1n2nEn",
	  "certificate" },
	{ "OpenPGP", "-----BEGIN PGP PUBLIC KEY BLOCK-----n1", "OpenPGP" },
	{ "something else", "-----BEGIN SSH2 PUBLIC KEY-----n1n2nEn",
	  "PUBLIC" },
	{ "letter case", "-----BEGIN public key-----n1n2nEn", "PUBLIC" },
	{ "ends as another", "Bn1n2n-----END RSA PUBLIC KEY-----n",
	  "does not end" },
	{ "too few dashes", "----BEGIN PUBLIC KEY-----n1n2nEn", "neither" },
};

static struct garita_text write_pem(const char *form,
				    const struct garita_text *spki)
{
	struct garita_text text = { 0 };
	unsigned char body[300];
	bool is_label = false;

	EVP_EncodeBlock(body, (unsigned char *)spki->data, (int)spki->len);
	for (; *form; form++) {
		is_label = is_label ? *form != 'n' : *form == '-';
		if (*form == 'n')
			garita_text_putc(&text, '\n');
		else if (is_label)
			garita_text_putc(&text, *form);
		else if (*form == 'B')
			garita_text_puts(&text, begin);
		else if (*form == 'E')
			garita_text_puts(&text, finish);
		else if (*form == '1')
			garita_text_add(&text, (char *)body, 64);
		else if (*form == '2')
			garita_text_puts(&text, (char *)body + 64);
		else
			garita_text_putc(&text, *form);
	}
	return text;
}

static void test_pem(void **state)
{
	auto_text spki = spki_of(made[5]);

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(pems); i++) {
		auto_text pem = write_pem(pems[i].form, &spki);
		struct garita_error err = { 0 };
		struct garita_key key;
		int r = garita_key_read(pem.data ? pem.data : "", pem.len, &key,
					&err);

		if (pems[i].words == NULL) {
			if (r != 0)
				fail_msg("%s: %s", pems[i].why, err.text);
			assert_string_equal(key.words, keys[5].words);
		} else if (r != -EINVAL ||
			   strstr(err.text, pems[i].words) == NULL) {
			fail_msg("%s: %d %s", pems[i].why, r, err.text);
		}
	}
}

static const struct {
	const char *why;
	size_t modulus_len;
	unsigned char first, last;
	const char *exponent;
	size_t exponent_len;
	int r;
} numbers[] = {
	{ "good", 256, 0x80, 1, "\3", 1, 0 },
	{ "2047 bits", 256, 0x7f, 1, "\3", 1, -EINVAL },
	{ "1024 bits", 128, 0xff, 1, "\3", 1, -EINVAL },
	{ "no bits", 0, 0, 0, "\3", 1, -EINVAL },
	{ "8192 bits", 1024, 0xff, 1, "\3", 1, 0 },
	{ "8200 bits", 1025, 0xff, 1, "\3", 1, -EINVAL },
	{ "even", 256, 0x80, 2, "\3", 1, -EINVAL },
	{ "exponent 1", 256, 0x80, 1, "\1", 1, -EINVAL },
	{ "exponent 0", 256, 0x80, 1, "\0", 1, -EINVAL },
	{ "no exponent", 256, 0x80, 1, "", 0, -EINVAL },
	{ "exponent 2", 256, 0x80, 1, "\2", 1, -EINVAL },
	{ "exponent 65538", 256, 0x80, 1, "\1\0\2", 3, -EINVAL },
	{ "exponent 257", 256, 0x80, 1, "\1\1", 2, 0 },
	{ "a long exponent", 256, 0x80, 1, "\1\0\0\0\0\0\0\0\1", 9, -EINVAL },
	{ "zeros before", 256, 0x80, 1, "\0\0\0\0\0\0\0\0\0\3", 10, 0 },
};

static void test_rsa_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(numbers); i++) {
		unsigned char modulus[1026] = { 0 };
		size_t len = numbers[i].modulus_len;
		struct garita_key key;

		if (len > 0) {
			modulus[1] = numbers[i].first;
			modulus[len] = numbers[i].last;
		}
		if (garita_key_rsa(modulus, len + 1,
				   (const unsigned char *)numbers[i].exponent,
				   numbers[i].exponent_len, &key,
				   NULL) != numbers[i].r)
			fail_msg("%s", numbers[i].why);
	}
}

static void test_other_keys_are_refused(void **state)
{
	static const char *const curves[] = { "secp256k1", "P-224",
					      "brainpoolP256r1" };
	EVP_PKEY *others[] = {
		EVP_EC_gen(curves[0]),
		EVP_EC_gen(curves[1]),
		EVP_EC_gen(curves[2]),
		EVP_RSA_gen(1024),
		EVP_PKEY_Q_keygen(NULL, NULL, "X25519"),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED448"),
		EVP_EC_gen("P-256"),
	};
	struct garita_key key;

	(void)state;
	/* A compressed point: Go's reader, which cosign uses, has none. */
	EVP_PKEY_set_utf8_string_param(others[6], "point-format", "compressed");
	for (size_t i = 0; i < GARITA_COUNT(others); i++) {
		auto_text spki = spki_of(others[i]);

		if (garita_key_read(spki.data, spki.len, &key, NULL) != -EINVAL)
			fail_msg("key %zu", i);
		EVP_PKEY_free(others[i]);
	}
	assert_int_equal(garita_key_point(GARITA_KEY_P256, keys[5].bytes, 64,
					  &key, NULL),
			 -EINVAL);
	assert_int_equal(garita_key_point(GARITA_KEY_P256, keys[5].bytes + 1,
					  65, &key, NULL),
			 -EINVAL);
	assert_int_equal(garita_key_point(GARITA_KEY_RSA, keys[0].bytes, 256,
					  &key, NULL),
			 -EINVAL);
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
	enum { ROUNDS = 20 };

	(void)state;
	for (size_t i = 0; i < MAKERS; i++) {
		enum garita_scheme scheme = scheme_of(makers[i].kind, false);
		unsigned char sig[2049];
		size_t len = sign(made[i], GARITA_SHA256, false, 0, sig);
		double start = now_us();

		for (int round = 0; round < ROUNDS; round++)
			assert_int_equal(verify(&keys[i], scheme, GARITA_SHA256,
						sig, len),
					 0);
		print_message("# %s: %.0f us\n", makers[i].name,
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
		cmocka_unit_test(test_words_are_of_the_spki),
		cmocka_unit_test(test_pkcs1_is_the_same_key),
		cmocka_unit_test(test_der_has_one_form),
		cmocka_unit_test(test_pem),
		cmocka_unit_test(test_rsa_numbers),
		cmocka_unit_test(test_other_keys_are_refused),
		cmocka_unit_test(test_what_a_signature_costs),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
