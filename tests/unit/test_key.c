/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_key - each way of reading a key, and everything that is nearly one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "tests/unit/key_pairs.h"

static void test_words_are_of_the_spki(void **state)
{
	const struct key_pairs *pairs = *state;

	for (size_t i = 0; i < KEY_PAIRS; i++) {
		auto_text spki = key_pair_spki(pairs->made[i]);
		char digest[80], words[100];
		struct garita_key key;

		garita_sha256_digest(spki.data, spki.len, digest);
		snprintf(words, sizeof(words), "key %s", digest);
		assert_string_equal(pairs->keys[i].words, words);
		assert_int_equal(
			garita_key_read(spki.data, spki.len, &key, NULL), 0);
		assert_memory_equal(&key, &pairs->keys[i], sizeof(key));
		if (key_pair_kinds[i].kind != GARITA_KEY_RSA)
			assert_int_equal(
				garita_key_point(key_pair_kinds[i].kind,
						 pairs->keys[i].bytes,
						 pairs->keys[i].len, &key,
						 NULL),
				0);
		else
			assert_int_equal(
				garita_key_rsa(
					pairs->keys[i].bytes,
					pairs->keys[i].len,
					(const unsigned char *)"\0\1\0\1", 4,
					&key, NULL),
				0);
		assert_memory_equal(&key, &pairs->keys[i], sizeof(key));
	}
}

static void test_pkcs1_is_the_same_key(void **state)
{
	const struct key_pairs *pairs = *state;
	BIO *bio = BIO_new(BIO_s_mem());
	struct garita_key key;
	unsigned char *der = NULL;
	char *pem;
	long len;
	int der_len = i2d_PublicKey(pairs->made[0], &der);

	PEM_write_bio(bio, "RSA PUBLIC KEY", "", der, der_len);
	len = BIO_get_mem_data(bio, &pem);
	assert_int_equal(garita_key_read(pem, (size_t)len, &key, NULL), 0);
	assert_memory_equal(&key, &pairs->keys[0], sizeof(key));
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
	const struct key_pairs *pairs = *state;

	for (size_t i = 0; i < KEY_PAIRS; i++) {
		auto_text spki = key_pair_spki(pairs->made[i]);
		struct garita_key key;

		for (size_t at = 0; at < spki.len; at++) {
			char kept = spki.data[at];
			struct garita_key other = pairs->keys[i];

			spki.data[at] = (char)(kept ^ 1);
			if (garita_key_read(spki.data, spki.len, &other,
					    NULL) == 0 &&
			    strcmp(other.words, pairs->keys[i].words) == 0)
				fail_msg("%s: byte %zu", key_pair_kinds[i].name,
					 at);
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
	const struct key_pairs *pairs = *state;
	auto_text spki = key_pair_spki(pairs->made[KEY_PAIR_P256]);

	for (size_t i = 0; i < GARITA_COUNT(pems); i++) {
		auto_text pem = write_pem(pems[i].form, &spki);
		struct garita_error err = { 0 };
		struct garita_key key;
		int r = garita_key_read(pem.data ? pem.data : "", pem.len, &key,
					&err);

		if (pems[i].words == NULL) {
			if (r != 0)
				fail_msg("%s: %s", pems[i].why, err.text);
			assert_string_equal(key.words,
					    pairs->keys[KEY_PAIR_P256].words);
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
	for (size_t i = 0; i < GARITA_COUNT(numbers); i++) {
		unsigned char modulus[1026] = { 0 };
		size_t len = numbers[i].modulus_len;
		struct garita_key key;

		(void)state;
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
	const struct key_pairs *pairs = *state;
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
	unsigned char moved[65];
	struct garita_key key;

	/* A compressed point: Go's reader, which cosign uses, has none. */
	EVP_PKEY_set_utf8_string_param(others[6], "point-format", "compressed");
	for (size_t i = 0; i < GARITA_COUNT(others); i++) {
		auto_text spki = key_pair_spki(others[i]);

		if (garita_key_read(spki.data, spki.len, &key, NULL) != -EINVAL)
			fail_msg("key %zu", i);
		EVP_PKEY_free(others[i]);
	}
	assert_int_equal(garita_key_point(GARITA_KEY_P256,
					  pairs->keys[KEY_PAIR_P256].bytes, 64,
					  &key, NULL),
			 -EINVAL);
	/* One in 256 points would begin with a 4 there. */
	memcpy(moved, pairs->keys[KEY_PAIR_P256].bytes, sizeof(moved));
	moved[0] = 2;
	assert_int_equal(garita_key_point(GARITA_KEY_P256, moved, sizeof(moved),
					  &key, NULL),
			 -EINVAL);
	assert_int_equal(garita_key_point(GARITA_KEY_RSA, pairs->keys[0].bytes,
					  256, &key, NULL),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_of_the_spki),
		cmocka_unit_test(test_pkcs1_is_the_same_key),
		cmocka_unit_test(test_der_has_one_form),
		cmocka_unit_test(test_pem),
		cmocka_unit_test(test_rsa_numbers),
		cmocka_unit_test(test_other_keys_are_refused),
	};

	return cmocka_run_group_tests(tests, key_pairs_set_up,
				      key_pairs_tear_down);
}
