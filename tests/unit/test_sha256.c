/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SHA-256: every length around the block boundaries and every way to cut the
 * input, against libcrypto.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <time.h>

#include "garita/image.h"
#include "garita/memory.h"
#include "garita/sha256.h"

static void theirs(const void *data, size_t len, unsigned char ret[32])
{
	assert_int_equal(EVP_Digest(data, len, ret, NULL, EVP_sha256(), NULL),
			 1);
}

static void ours(const void *data, size_t len, unsigned char ret[32])
{
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, data, len);
	garita_sha256_final(&ctx, ret);
}

static void fill(unsigned char *data, size_t len)
{
	uint32_t x = 1;

	for (size_t i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		data[i] = (unsigned char)(x >> 24);
	}
}

static void test_every_length(void **state)
{
	unsigned char data[301], a[32], b[32];

	(void)state;
	fill(data, sizeof(data));
	for (size_t len = 0; len < sizeof(data); len++) {
		ours(data, len, a);
		theirs(data, len, b);
		assert_memory_equal(a, b, sizeof(a));
	}
	ours(NULL, 0, a);
	theirs("", 0, b);
	assert_memory_equal(a, b, sizeof(a));
}

static void test_every_cut(void **state)
{
	unsigned char data[200], a[32], b[32];

	(void)state;
	fill(data, sizeof(data));
	theirs(data, sizeof(data), b);
	for (size_t cut = 0; cut <= sizeof(data); cut++) {
		for (size_t again = cut; again <= sizeof(data); again += 7) {
			struct garita_sha256 ctx;

			garita_sha256_init(&ctx);
			garita_sha256_update(&ctx, data, cut);
			garita_sha256_update(&ctx, data + cut, again - cut);
			garita_sha256_update(&ctx, data + again,
					     sizeof(data) - again);
			garita_sha256_final(&ctx, a);
			assert_memory_equal(a, b, sizeof(a));
		}
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* More than 2^32 bits, and a figure for the record. */
static void test_a_large_input(void **state)
{
	enum { PART = 1 << 20, PARTS = 520 };
	auto_free unsigned char *data = garita_xalloc(PART);
	EVP_MD_CTX *other = EVP_MD_CTX_new();
	unsigned char a[32], b[32];
	struct garita_sha256 ctx;
	double start = seconds();

	(void)state;
	fill(data, PART);
	garita_sha256_init(&ctx);
	for (int i = 0; i < PARTS; i++)
		garita_sha256_update(&ctx, data, PART);
	garita_sha256_final(&ctx, a);
	print_message("# %.0f MB/s\n",
		      PARTS * (PART / 1e6) / (seconds() - start));
	assert_int_equal(EVP_DigestInit_ex(other, EVP_sha256(), NULL), 1);
	for (int i = 0; i < PARTS; i++)
		assert_int_equal(EVP_DigestUpdate(other, data, PART), 1);
	assert_int_equal(EVP_DigestFinal_ex(other, b, NULL), 1);
	EVP_MD_CTX_free(other);
	assert_memory_equal(a, b, sizeof(a));
}

/* What is large goes another way where the processor has one: from there and
 * back, at any place. */
static void test_large_among_small(void **state)
{
	enum { LARGE = 16 * 1024 };
	auto_free unsigned char *data = garita_xalloc(3 * LARGE);
	unsigned char a[32], b[32];

	(void)state;
	fill(data, 3 * LARGE);
	for (size_t begin = 0; begin < 130; begin += 13) {
		for (size_t len = LARGE - 70; len < LARGE + 70; len += 9) {
			struct garita_sha256 ctx;

			garita_sha256_init(&ctx);
			garita_sha256_update(&ctx, data, begin);
			garita_sha256_update(&ctx, data + begin, len);
			garita_sha256_update(&ctx, data + begin + len, 100);
			garita_sha256_final(&ctx, a);
			theirs(data, begin + len + 100, b);
			assert_memory_equal(a, b, sizeof(a));
		}
	}
}

static void test_digests_are_written_as_oci_writes_them(void **state)
{
	char text[GARITA_DIGEST_SIZE];

	(void)state;
	garita_sha256_digest("", 0, text);
	assert_string_equal(text,
			    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4"
			    "649b934ca495991b7852b855");
	garita_sha256_digest("abc", 3, text);
	assert_string_equal(text,
			    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a3"
			    "96177a9cb410ff61f20015ad");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_length),
		cmocka_unit_test(test_every_cut),
		cmocka_unit_test(test_a_large_input),
		cmocka_unit_test(test_large_among_small),
		cmocka_unit_test(test_digests_are_written_as_oci_writes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
