/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a public key. What we read, libcrypto reads too and writes as
 * the bytes that we name the key by; a point off its curve, which we find when
 * it is used, is the exception.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "garita/image.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "policy/trust/key_parts.h"
#include "tests/fuzz/sigstore.h"

/* The armour is ours to judge (unit tests); what is in it is compared. */
static EVP_PKEY *theirs(const uint8_t *data, size_t size)
{
	const unsigned char *at = data;
	auto_free unsigned char *der = NULL;
	bool pkcs1 = false;

	if (data[0] == 0x30)
		return d2i_PUBKEY(NULL, &at, (long)size);
	must(garita_key_pem((const char *)data, size, &der, &size, &pkcs1,
			    NULL) == 0);
	at = der;
	return pkcs1 ? d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, (long)size)
		     : d2i_PUBKEY(NULL, &at, (long)size);
}

static bool is_off_curve(const struct garita_key *key)
{
	unsigned char sig[1024] = { 0x30, 6, 2, 1, 1, 2, 1, 1 };
	struct garita_error err = { 0 };

	if (key->kind == GARITA_KEY_RSA || key->kind == GARITA_KEY_ED25519)
		return false;
	return garita_key_verify(key, GARITA_SCHEME_DER, GARITA_SHA256, "", 0,
				 sig, 8, &err) == -EINVAL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct garita_key key;
	struct garita_error err = { 0 };
	unsigned char *der = NULL;
	char digest[GARITA_DIGEST_SIZE], words[GARITA_KEY_WORDS];
	EVP_PKEY *other;
	int len;

	if (garita_key_read((const char *)data, size, &key, &err) < 0) {
		must(err.text[0] != '\0');
		return 0;
	}
	other = theirs(data, size);
	if (!other) {
		must(is_off_curve(&key));
		ERR_clear_error();
		return 0;
	}
	len = i2d_PUBKEY(other, &der);
	must(len > 0);
	garita_sha256_digest(der, (size_t)len, digest);
	snprintf(words, sizeof(words), "key %s", digest);
	must(strcmp(words, key.words) == 0);
	OPENSSL_free(der);
	EVP_PKEY_free(other);
	return 0;
}
