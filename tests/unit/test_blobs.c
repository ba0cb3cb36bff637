/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_blobs - what goes in comes out, by its hash only, and limits hold.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "garita/blobs.h"
#include "garita/memory.h"

static void test_found_by_hash(void **state)
{
	auto_blobs bag = { 0 };
	const struct garita_blob *found;

	(void)state;
	assert_int_equal(garita_blobs_add(&bag, "a", "abc", 3), 0);
	assert_int_equal(garita_blobs_add(&bag, "empty", "", 0), 0);
	found = garita_blobs_find(
		&bag, "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb"
		      "410ff61f20015ad");
	assert_ptr_equal(found, &bag.all[0]);
	assert_string_equal(found->bytes, "abc");
	found = garita_blobs_find(
		&bag, "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca"
		      "495991b7852b855");
	assert_ptr_equal(found, &bag.all[1]);
	assert_null(garita_blobs_find(&bag, "sha256:a"));
	assert_null(garita_blobs_find(&bag, "a"));
	assert_true(garita_blobs_have(&bag, "abc", 3));
	assert_true(garita_blobs_have(&bag, "", 0));
	assert_false(garita_blobs_have(&bag, "abd", 3));
	assert_false(garita_blobs_have(&bag, "ab", 2));
}

/* What is taken is freed with the bag, what is lent is not (and a sanitizer
 * would tell). */
static void test_taken_and_lent(void **state)
{
	static const char lent[] = "lent";
	unsigned char hash[GARITA_SHA256_SIZE];
	char *taken = garita_xstrdup("taken"), *kept;
	struct garita_blobs bag = { 0 };

	(void)state;
	kept = taken;
	garita_sha256(lent, 4, hash);
	assert_int_equal(garita_blobs_take(&bag, "a", &taken, 5), 0);
	assert_null(taken);
	assert_ptr_equal(bag.all[0].bytes, kept);
	assert_int_equal(garita_blobs_lend(&bag, "b", lent, 4, hash), 0);
	assert_ptr_equal(bag.all[1].bytes, lent);
	assert_int_equal(bag.total, 9);
	assert_ptr_equal(
		garita_blobs_find(
			&bag, "sha256:99341d56cc28805370b9"
			      "f449c044a4cf00a1e7eb003362116c814fd96899c55c"),
		&bag.all[0]);
	assert_memory_equal(bag.all[1].sha256, hash, sizeof(hash));
	garita_blobs_free(&bag);
	assert_string_equal(lent, "lent");
	/* What does not fit stays the caller's. */
	taken = garita_xstrdup("");
	kept = taken;
	assert_int_equal(
		garita_blobs_take(&bag, "a", &taken, GARITA_BLOB_MAX + 1),
		-E2BIG);
	assert_ptr_equal(taken, kept);
	assert_int_equal(
		garita_blobs_lend(&bag, "a", lent, GARITA_BLOB_MAX + 1, hash),
		-E2BIG);
	assert_int_equal(bag.count, 0);
	free(taken);
}

static void test_limits(void **state)
{
	auto_blobs bag = { 0 };
	auto_free char *big = garita_xalloc(GARITA_BLOB_MAX + 1);

	(void)state;
	assert_int_equal(garita_blobs_add(&bag, "b", big, GARITA_BLOB_MAX + 1),
			 -E2BIG);
	for (size_t i = 0; i < GARITA_BLOBS_BYTES / GARITA_BLOB_MAX; i++)
		assert_int_equal(
			garita_blobs_add(&bag, "b", big, GARITA_BLOB_MAX), 0);
	assert_int_equal(garita_blobs_add(&bag, "b", big, 1), -E2BIG);
	garita_blobs_free(&bag);
	for (size_t i = 0; i < GARITA_BLOBS_MAX; i++)
		assert_int_equal(garita_blobs_add(&bag, "b", "x", 1), 0);
	assert_int_equal(garita_blobs_add(&bag, "b", "x", 1), -E2BIG);
	assert_int_equal(bag.count, GARITA_BLOBS_MAX);
}

/* A word at every place of texts of every length up to some steps; and what is
 * nearly it. */
static void test_words(void **state)
{
	static const char *const words[] = { "", "w", "wo", "\"word\"",
					     "a word of more than a step" };
	char text[80];

	(void)state;
	for (size_t w = 0; w < GARITA_COUNT(words); w++) {
		size_t word = strlen(words[w]);

		for (size_t len = word; len < sizeof(text); len++) {
			for (size_t at = 0; at + word <= len; at++) {
				auto_blobs bag = { 0 };

				memset(text, '"', sizeof(text));
				memcpy(text + at, words[w], word);
				garita_blobs_add(&bag, "a", text, len);
				assert_true(
					garita_blob_has(&bag.all[0], words[w]));
				if (word < 2)
					continue;
				bag.all[0].bytes[at + 1 + at % (word - 1)] ^= 1;
				assert_false(
					garita_blob_has(&bag.all[0], words[w]));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_found_by_hash),
		cmocka_unit_test(test_taken_and_lent),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
