/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_pairs - keys that no file holds, so that no test depends on one.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "garita/memory.h"
#include "tests/unit/key_pairs.h"

const struct key_pair_kind key_pair_kinds[KEY_PAIRS] = {
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
static EVP_PKEY *make(const struct key_pair_kind *of)
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

struct garita_text key_pair_spki(EVP_PKEY *key)
{
	struct garita_text text = { 0 };
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	assert_true(len > 0);
	garita_text_add(&text, (char *)der, (size_t)len);
	OPENSSL_free(der);
	return text;
}

struct garita_text key_pair_pem(EVP_PKEY *key)
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

int key_pairs_set_up(void **state)
{
	struct key_pairs *pairs = garita_xalloc(sizeof(*pairs));

	for (size_t i = 0; i < KEY_PAIRS; i++) {
		auto_text pem = { 0 };

		pairs->made[i] = make(&key_pair_kinds[i]);
		assert_non_null(pairs->made[i]);
		pem = key_pair_pem(pairs->made[i]);
		assert_int_equal(garita_key_read(pem.data, pem.len,
						 &pairs->keys[i], NULL),
				 0);
	}
	*state = pairs;
	return 0;
}

int key_pairs_tear_down(void **state)
{
	struct key_pairs *pairs = *state;

	for (size_t i = 0; i < KEY_PAIRS; i++)
		EVP_PKEY_free(pairs->made[i]);
	free(pairs);
	return 0;
}
