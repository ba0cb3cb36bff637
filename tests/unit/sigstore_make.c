/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sigstore_make - what cosign does when it signs, by libcrypto.
 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/x509.h>

#include "garita/memory.h"
#include "tests/unit/sigstore_make.h"

EVP_PKEY *make_pair(const char *kind, struct garita_key *ret)
{
	EVP_PKEY *pair = strcmp(kind, "ED25519") == 0
				 ? EVP_PKEY_Q_keygen(NULL, NULL, kind)
				 : EVP_EC_gen(kind);
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(pair, &der);

	assert_true(len > 0);
	assert_int_equal(garita_key_read((char *)der, (size_t)len, ret, NULL),
			 0);
	OPENSSL_free(der);
	return pair;
}

char *make_base64(const void *bytes, size_t len)
{
	char *text = garita_xalloc(len / 3 * 4 + 5);

	EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);
	return text;
}

char *make_signature(EVP_PKEY *pair, const char *md, const void *message,
		     size_t len)
{
	bool is_ed = EVP_PKEY_get_base_id(pair) == EVP_PKEY_ED25519;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[256];
	size_t sig_len = sizeof(sig);

	assert_int_equal(EVP_DigestSignInit_ex(
				 ctx, NULL, is_ed ? NULL : (md ? md : "SHA256"),
				 NULL, NULL, pair, NULL),
			 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &sig_len, message, len), 1);
	EVP_MD_CTX_free(ctx);
	return make_base64(sig, sig_len);
}

char *make_dsse_signature(EVP_PKEY *pair, const char *type, const char *payload)
{
	auto_text pae = { 0 };

	garita_text_printf(&pae, "DSSEv1 %zu %s %zu %s", strlen(type), type,
			   strlen(payload), payload);
	return make_signature(pair, NULL, pae.data, pae.len);
}

void read_one(const struct garita_format *format, const struct garita_key *keys,
	      size_t key_count, const struct garita_blobs *material,
	      const struct garita_blob *blob, struct garita_claims *ret)
{
	const struct garita_requirement wanted = { .kind = GARITA_REQUIRE_KEYS,
						   .need = 1 };
	const struct garita_format_case of = {
		.wanted = &wanted,
		.keys = keys,
		.key_count = key_count,
		.material = material,
	};

	if (format->knows(blob))
		format->read(&of, blob, ret);
}

void read_text(const struct garita_format *format,
	       const struct garita_key *keys, size_t key_count,
	       const char *text, size_t len, struct garita_claims *ret)
{
	auto_blobs bag = { 0 };

	assert_int_equal(garita_blobs_add(&bag, "text", text, len), 0);
	read_one(format, keys, key_count, &bag, &bag.all[0], ret);
}
