/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Digest lists: one wrong byte anywhere makes the whole list unusable, and a
 * list that is usable never misses a digest that is on it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "garita/digests.h"
#include "garita/image.h"
#include "garita/sha256.h"
#include "garita/text.h"

#define D_A                                                                    \
	"sha256:"                                                              \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define D_B                                                                    \
	"sha256:"                                                              \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define D_0                                                                    \
	"sha256:"                                                              \
	"0000000000000000000000000000000000000000000000000000000000000000"

static void test_well_formed(void **state)
{
	static const char *const bad[] = {
		"",
		"sha256:",
		"sha256:aa",
		D_A "a",
		D_A "\n",
		D_A " ",
		" " D_A,
		"SHA256:"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaa",
		"sha512:"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaa",
		"sha256:"
		"Aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaa",
		"sha256:"
		"gaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaa",
		"sha256-"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaa",
	};

	(void)state;
	assert_true(garita_digest_well_formed(D_A));
	assert_true(garita_digest_well_formed(D_0));
	for (size_t i = 0; i < GARITA_COUNT(bad); i++)
		if (garita_digest_well_formed(bad[i]))
			fail_msg("accepted %s", bad[i]);
	/* Each byte of a digest, with each value. */
	for (size_t at = 0; at < 71; at++) {
		for (int c = 1; c < 256; c++) {
			char text[] = D_A;
			bool hex = (c >= '0' && c <= '9') ||
				   (c >= 'a' && c <= 'f');
			bool want = at < 7 ? text[at] == (char)c : hex;

			text[at] = (char)c;
			assert_int_equal(garita_digest_well_formed(text), want);
		}
	}
}

#define ROW(why, text, line, column)                                           \
	{                                                                      \
		why, text, sizeof(text) - 1, line, column                      \
	}

static void test_short_lists_that_cannot_be_trusted(void **state)
{
	static const struct {
		const char *why, *text;
		size_t len;
		unsigned line, column;
	} rows[] = {
		ROW("written on Windows", D_A "\r\n" D_B "\r\n", 1, 72),
		ROW("upper case",
		    "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
		    "AAAAAAAAAAAAAA\n",
		    1, 1),
		ROW("another algorithm",
		    D_A "\nsha512:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
			"aaaaaaaaaaaaaaaaaaa\n",
		    2, 1),
		ROW("no algorithm",
		    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		    "aaaaaaaa\n",
		    1, 1),
		ROW("cut off", D_A "\nsha256:aaaa", 2, 1),
		ROW("two on a line", D_A " " D_B "\n", 1, 1),
		ROW("glued together", D_A D_B "\n", 1, 1),
		ROW("a word behind it", D_A " revoked\n", 1, 1),
		ROW("a NUL behind it, where C would stop", D_A "\0\n", 1, 72),
		ROW("a NUL in a comment", "# \0\n" D_A "\n", 1, 3),
		ROW("a carriage return in a comment looks like a new line",
		    "# old\r" D_A "\n", 1, 6),
		ROW("and so does a vertical tab", "# old\v" D_A "\n", 1, 6),
		ROW("a byte order mark", "\xef\xbb\xbf" D_A "\n", 1, 1),
		ROW("another kind of comment", "// no\n", 1, 1),
		ROW("an image name", "\n\ndocker.io/x@" D_A "\n", 3, 1),
		ROW("a blank no one sees", D_A "\xc2\xa0\n", 1, 1),
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_digests list = { "unchanged", 9, true };
		struct garita_error err = { 0 };

		if (garita_digests_open(rows[i].text, rows[i].len, false, &list,
					&err) != -EINVAL)
			fail_msg("accepted: %s", rows[i].why);
		if (err.line != rows[i].line || err.column != rows[i].column)
			fail_msg("%s: reported at %u:%u", rows[i].why, err.line,
				 err.column);
		assert_int_equal(list.len, 9);
		/* "Checked before" is nothing a short list is spared for. */
		assert_int_equal(garita_digests_open(rows[i].text, rows[i].len,
						     true, &list, NULL),
				 -EINVAL);
	}
}

static void test_short_lists(void **state)
{
	static const struct {
		const char *why, *text;
		bool a, b;
	} rows[] = {
		{ "nothing", "", false, false },
		{ "blank lines", "\n\n \n\t\n", false, false },
		{ "a comment", "# " D_A "\n", false, false },
		{ "one", D_A "\n", true, false },
		{ "no last line feed", D_A, true, false },
		{ "in any order, twice", D_B "\n" D_A "\n" D_B "\n", true,
		  true },
		{ "comments", "# x\n" D_A " # a \xc3\xa9\n\n" D_B "#b", true,
		  true },
		{ "blanks around it", "\t " D_B " \t\n", false, true },
		{ "a comment behind a comment", "#\n##" D_A "\n" D_B, false,
		  true },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_digests list;
		struct garita_error err = { 0 };

		if (garita_digests_open(rows[i].text, strlen(rows[i].text),
					false, &list, &err) != 0)
			fail_msg("refused %s: %s", rows[i].why, err.text);
		if (garita_digests_have(&list, D_A) != rows[i].a ||
		    garita_digests_have(&list, D_B) != rows[i].b)
			fail_msg("misread: %s", rows[i].why);
		assert_false(garita_digests_have(&list, D_0));
		assert_false(garita_digests_have(&list, ""));
	}
}

/* ---- long lists ---- */

enum { LONG = 2000 };

/* Ascending digests; the number begins each, so their order is known. */
static void add_line(struct garita_text *text, unsigned n)
{
	char hash[GARITA_DIGEST_SIZE];

	garita_sha256_digest(&n, sizeof(n), hash);
	garita_text_printf(text, "sha256:%08x%s\n", n, hash + 7 + 8);
}

static void make_list(struct garita_text *text, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		add_line(text, 2 * i + 1);
}

static void test_a_long_list_has_all_its_digests(void **state)
{
	auto_text text = { 0 };
	struct garita_digests list;
	struct garita_error err = { 0 };

	(void)state;
	make_list(&text, LONG);
	assert_true(text.len > GARITA_DIGESTS_SMALL);
	assert_int_equal(
		garita_digests_open(text.data, text.len, false, &list, &err),
		0);
	assert_true(list.sorted);
	for (unsigned i = 0; i < LONG; i++) {
		auto_text odd = { 0 }, even = { 0 };

		add_line(&odd, 2 * i + 1);
		add_line(&even, 2 * i);
		odd.data[71] = '\0';
		even.data[71] = '\0';
		assert_true(garita_digests_have(&list, odd.data));
		assert_false(garita_digests_have(&list, even.data));
		/* The last digit alone makes the difference. */
		odd.data[70] = odd.data[70] == '0' ? '1' : '0';
		assert_false(garita_digests_have(&list, odd.data));
	}
	assert_false(garita_digests_have(&list, D_0));
	assert_false(garita_digests_have(&list, ""));
}

static int by_line(const void *a, const void *b)
{
	return memcmp(a, b, GARITA_DIGESTS_LINE);
}

/* Real hashes, spread as they are, of many counts. */
static void test_every_hash_is_found(void **state)
{
	static const unsigned counts[] = { 1000, 1025, 2049, 5000, 20000 };

	(void)state;
	for (size_t c = 0; c < GARITA_COUNT(counts); c++) {
		auto_text text = { 0 };
		struct garita_digests list;

		for (unsigned i = 0; i < 2 * counts[c]; i += 2) {
			char digest[GARITA_DIGEST_SIZE];

			garita_sha256_digest(&i, sizeof(i), digest);
			garita_text_printf(&text, "%s\n", digest);
		}
		qsort(text.data, counts[c], GARITA_DIGESTS_LINE, by_line);
		assert_int_equal(garita_digests_open(text.data, text.len, false,
						     &list, NULL),
				 0);
		for (unsigned i = 0; i < 2 * counts[c]; i++) {
			char digest[GARITA_DIGEST_SIZE];

			garita_sha256_digest(&i, sizeof(i), digest);
			assert_int_equal(garita_digests_have(&list, digest),
					 i % 2 == 0);
		}
	}
}

/* The end of what is short, exactly. */
static void test_the_line_between_short_and_long(void **state)
{
	auto_text text = { 0 };
	struct garita_digests list;

	(void)state;
	make_list(&text, GARITA_DIGESTS_SMALL / GARITA_DIGESTS_LINE);
	while (text.len < GARITA_DIGESTS_SMALL)
		garita_text_putc(&text, '\n');
	assert_int_equal(
		garita_digests_open(text.data, text.len, false, &list, NULL),
		0);
	assert_false(list.sorted);
	garita_text_putc(&text, '\n');
	assert_int_equal(
		garita_digests_open(text.data, text.len, false, &list, NULL),
		-EINVAL);
}

static void refuse_long(const char *why, const char *text, size_t len,
			unsigned line)
{
	struct garita_digests list;
	struct garita_error err = { 0 };

	if (garita_digests_open(text, len, false, &list, &err) != -EINVAL)
		fail_msg("accepted: %s", why);
	if (err.line != line)
		fail_msg("%s: reported in line %u", why, err.line);
}

/* One byte more or less shifts every line behind it. */
static void test_long_lists_that_cannot_be_trusted(void **state)
{
	auto_text good = { 0 }, text = { 0 };
	size_t at = 1000 * GARITA_DIGESTS_LINE;

	(void)state;
	make_list(&good, LONG);
	garita_text_add(&text, good.data, at);
	garita_text_putc(&text, '\n');
	garita_text_add(&text, good.data + at, good.len - at);
	refuse_long("a blank line", text.data, text.len, 1001);

	text.len = 0;
	garita_text_add(&text, good.data, at - 2);
	garita_text_add(&text, good.data + at - 1, good.len - at + 1);
	refuse_long("a digit is missing", text.data, text.len, 1000);

	text.len = 0;
	garita_text_add(&text, good.data, at + GARITA_DIGESTS_LINE);
	garita_text_add(&text, good.data + at, good.len - at);
	refuse_long("a repeat", text.data, text.len, 1002);

	text.len = 0;
	garita_text_add(&text, good.data, at);
	garita_text_add(&text, good.data + at + GARITA_DIGESTS_LINE,
			GARITA_DIGESTS_LINE);
	garita_text_add(&text, good.data + at, GARITA_DIGESTS_LINE);
	refuse_long("not sorted", text.data, text.len, 1002);

	refuse_long("no last line feed", good.data, good.len - 1, LONG);
	refuse_long("the last line is cut", good.data, good.len - 30, LONG);
	refuse_long("the second half only, from a wrong place", good.data + 1,
		    good.len - 1, 1);
}

/* One byte anywhere, in the first line, one in the middle and the last. */
static void test_long_lists_with_one_wrong_byte(void **state)
{
	static const size_t lines[] = { 0, 1234, LONG - 1 };
	static const char wrong[] = "\0\r \tAFGg/:`#\xff";
	auto_text text = { 0 };

	(void)state;
	make_list(&text, LONG);
	for (size_t i = 0; i < GARITA_COUNT(lines); i++) {
		for (size_t c = 0; c < GARITA_DIGESTS_LINE; c++) {
			char *at =
				text.data + lines[i] * GARITA_DIGESTS_LINE + c;
			char was = *at;

			for (size_t w = 0; w < sizeof(wrong) - 1; w++) {
				if (was == wrong[w])
					continue;
				*at = wrong[w];
				refuse_long("a wrong byte", text.data, text.len,
					    (unsigned)lines[i] + 1);
			}
			*at = was;
		}
	}
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void test_a_million(void **state)
{
	enum { MILLION = 1000000, LOOKUPS = 100000 };
	auto_text text = { 0 };
	struct garita_digests list;
	unsigned found = 0;
	double start;

	(void)state;
	make_list(&text, MILLION);
	start = seconds();
	assert_int_equal(
		garita_digests_open(text.data, text.len, false, &list, NULL),
		0);
	print_message("# a million lines checked in %.1f ms\n",
		      (seconds() - start) * 1e3);
	start = seconds();
	assert_int_equal(
		garita_digests_open(text.data, text.len, true, &list, NULL), 0);
	print_message("# checked before: %.1f us\n", (seconds() - start) * 1e6);
	start = seconds();
	for (unsigned i = 0; i < LOOKUPS; i++) {
		char digest[GARITA_DIGEST_SIZE];
		size_t line = (size_t)i * 7919 % MILLION;

		memcpy(digest, text.data + line * GARITA_DIGESTS_LINE, 71);
		digest[71] = '\0';
		found += garita_digests_have(&list, digest);
	}
	print_message("# one lookup: %.0f ns\n",
		      (seconds() - start) / LOOKUPS * 1e9);
	assert_int_equal(found, LOOKUPS);
	/* Even then no cut-off list gets through. */
	assert_int_equal(
		garita_digests_open(text.data, text.len - 1, true, &list, NULL),
		-EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_well_formed),
		cmocka_unit_test(test_short_lists_that_cannot_be_trusted),
		cmocka_unit_test(test_short_lists),
		cmocka_unit_test(test_a_long_list_has_all_its_digests),
		cmocka_unit_test(test_every_hash_is_found),
		cmocka_unit_test(test_the_line_between_short_and_long),
		cmocka_unit_test(test_long_lists_that_cannot_be_trusted),
		cmocka_unit_test(test_long_lists_with_one_wrong_byte),
		cmocka_unit_test(test_a_million),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
