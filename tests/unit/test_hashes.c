/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_hashes - SHA-1, SHA-384 and SHA-512: every length around the blocks and
 * every way to cut the text in two, against libcrypto.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "garita/memory.h"
#include "policy/trust/sha1.h"
#include "policy/trust/sha512.h"

enum { MOST = 600, LARGE = 5 * 1024 * 1024 + 17 };

static unsigned char text[LARGE];

static void assert_same(const unsigned char *ours, size_t size,
			const EVP_MD *how, size_t len)
{
	unsigned char theirs[EVP_MAX_MD_SIZE];

	assert_int_equal(EVP_Digest(text, len, theirs, NULL, how, NULL), 1);
	assert_memory_equal(ours, theirs, size);
}

static void check(size_t cut, size_t len)
{
	unsigned char hash[64];

	garita_sha512(text, cut, text + cut, len - cut, hash);
	assert_same(hash, 64, EVP_sha512(), len);
	garita_sha384(text, cut, text + cut, len - cut, hash);
	assert_same(hash, 48, EVP_sha384(), len);
}

static int fill(void **state)
{
	uint32_t x = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		x = x * 1664525 + 1013904223;
		text[i] = (unsigned char)(x >> 24);
	}
	return 0;
}

static void test_every_length(void **state)
{
	unsigned char hash[64];

	(void)state;
	for (size_t len = 0; len < MOST; len++) {
		check(0, len);
		check(len, len);
		garita_sha1(text, len, hash);
		assert_same(hash, GARITA_SHA1_SIZE, EVP_sha1(), len);
	}
	garita_sha512(NULL, 0, NULL, 0, hash);
	assert_same(hash, 64, EVP_sha512(), 0);
	garita_sha1(NULL, 0, hash);
	assert_same(hash, GARITA_SHA1_SIZE, EVP_sha1(), 0);
}

static void test_every_cut(void **state)
{
	(void)state;
	for (size_t cut = 0; cut <= 280; cut++)
		check(cut, 280);
}

static void test_a_large_text(void **state)
{
	unsigned char hash[64];

	(void)state;
	check(12345, LARGE);
	garita_sha1(text, LARGE, hash);
	assert_same(hash, GARITA_SHA1_SIZE, EVP_sha1(), LARGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_a_large_text),
	};

	return cmocka_run_group_tests(tests, fill, NULL);
}
