/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_trust_base64 - one text for each string of bytes, and DER likewise.
 */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/evp.h>

#include "garita/memory.h"
#include "policy/trust/base64.h"
#include "policy/trust/der.h"
#include "policy/trust/format.h"

static int strict(const char *text, size_t max)
{
	auto_free unsigned char *bytes = NULL;
	size_t len = 0;

	return garita_base64(text, strlen(text), max, &bytes, &len);
}

static int lax(const char *text)
{
	auto_free unsigned char *bytes = NULL;
	size_t len = 0;

	return garita_base64_proto(text, strlen(text), 100, &bytes, &len);
}

static const struct {
	const char *why, *text;
	bool lax; /* taken by the reading for protocol buffers */
} refused[] = {
	{ "no padding", "QQ", true },
	{ "no padding", "QUI", true },
	{ "the alphabet of URLs", "-_-_", true },
	{ "bits left over", "QR==", false },
	{ "bits left over", "QUJ=", false },
	{ "both alphabets", "+-+-", false },
	{ "one character says nothing", "QQ==Q", false },
	{ "too much padding", "Q===", false },
	{ "only padding", "====", false },
	{ "only padding", "=", false },
	{ "half of the padding", "QQ=", false },
	{ "after the padding", "QQ==QQ==", false },
	{ "padding inside", "Q=Q=", false },
	{ "white space", "QUJD\n", false },
	{ "white space", "QU JD", false },
	{ "white space", " QUJD", false },
	{ "not of the alphabet", "QU*D", false },
	{ "UTF-8", "QU\xc3\xa4", false },
};

static void test_other_spellings_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(refused); i++) {
		if (strict(refused[i].text, 100) != -EINVAL)
			fail_msg("%s (%s)", refused[i].text, refused[i].why);
		if ((lax(refused[i].text) == 0) != refused[i].lax)
			fail_msg("lax: %s (%s)", refused[i].text,
				 refused[i].why);
	}
}

/* Behind what a text has, of which nothing changes when it cannot be read. */
static void test_added_to_a_text(void **state)
{
	static const struct {
		const char *text, *wanted;
	} all[] = {
		{ "", "" },
		{ "Pj8+", ">?>" },
		{ "Pj8-", ">?>" },
		{ "Pj8", ">?" },
		{ "Pj8_", ">?"
			  "?" },
		{ "Pg==", ">" },
		{ "Pj8+_w==", NULL },
		{ "Pj8!", NULL },
		{ "Pj8+P", NULL },
		{ "Pj9=", NULL },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(all); i++) {
		size_t len = strlen(all[i].text);
		auto_text to = { 0 };

		garita_text_puts(&to, "before");
		if (all[i].wanted == NULL) {
			assert_int_equal(
				garita_base64_proto_add(all[i].text, len, &to),
				-EINVAL);
			assert_string_equal(to.data, "before");
			assert_int_equal(to.len, 6);
			continue;
		}
		assert_int_equal(garita_base64_proto_add(all[i].text, len, &to),
				 0);
		assert_int_equal(garita_base64_size(all[i].text, len),
				 strlen(all[i].wanted));
		assert_int_equal(to.len, 6 + strlen(all[i].wanted));
		assert_string_equal(to.data + 6, all[i].wanted);
	}
}

static void test_every_length_against_libcrypto(void **state)
{
	unsigned char bytes[100], text[200];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + 200);
	for (size_t len = 0; len < sizeof(bytes); len++) {
		int made = EVP_EncodeBlock(text, bytes, (int)len);
		auto_free unsigned char *got = NULL, *again = NULL;
		size_t got_len = 0, again_len = 0;

		assert_int_equal(garita_base64((char *)text, (size_t)made, len,
					       &got, &got_len),
				 0);
		assert_int_equal(got_len, len);
		assert_memory_equal(got, bytes, len);
		for (int i = 0; i < made; i++)
			text[i] = text[i] == '+'   ? '-'
				  : text[i] == '/' ? '_'
						   : text[i];
		assert_int_equal(garita_base64_proto((char *)text, (size_t)made,
						     len, &again, &again_len),
				 0);
		assert_int_equal(again_len, len);
		assert_memory_equal(again, bytes, len);
	}
	assert_int_equal(strict("QUJD", 3), 0);
	assert_int_equal(strict("QUJD", 2), -E2BIG);
	assert_int_equal(strict("QQ==", 1), 0);
	assert_int_equal(strict("", 0), 0);
}

#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1

static const struct {
	const char *why;
	const unsigned char *bytes;
	size_t len;
	int number; /* -1: refused */
	size_t left;
} numbers[] = {
	{ "zero has no bytes", BYTES("\x02\x01\x00"), 0, 0 },
	{ "one byte", BYTES("\x02\x01\x7f"), 0x7f, 0 },
	{ "a zero keeps it positive", BYTES("\x02\x02\x00\x80"), 0x80, 0 },
	{ "the next element is left", BYTES("\x02\x01\x05\x02\x01\x06"), 5, 3 },
	{ "negative", BYTES("\x02\x01\x80"), -1, 0 },
	{ "a needless zero", BYTES("\x02\x02\x00\x7f"), -1, 0 },
	{ "two needless zeros", BYTES("\x02\x03\x00\x00\x80"), -1, 0 },
	{ "no bytes", BYTES("\x02\x00"), -1, 0 },
	{ "another tag", BYTES("\x03\x01\x01"), -1, 0 },
	{ "cut", BYTES("\x02\x02\x01"), -1, 0 },
	{ "no length", BYTES("\x02"), -1, 0 },
	{ "nothing", BYTES(""), -1, 0 },
	{ "a long length for a short one", BYTES("\x02\x81\x01\x01"), -1, 0 },
	{ "a longer one", BYTES("\x02\x82\x00\x01\x01"), -1, 0 },
	{ "indefinite", BYTES("\x02\x80\x01\x00\x00"), -1, 0 },
	{ "length of lengths cut", BYTES("\x02\x82\x01"), -1, 0 },
	{ "three bytes of length", BYTES("\x02\x83\x01\x00\x00\x01"), -1, 0 },
};

static void test_numbers_of_der(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(numbers); i++) {
		struct garita_der from = { numbers[i].bytes, numbers[i].len };
		struct garita_der got = { NULL, 0 };
		int value = 0;

		if (!garita_der_take_number(&from, &got)) {
			if (numbers[i].number >= 0)
				fail_msg("refused: %s", numbers[i].why);
			assert_ptr_equal(from.at, numbers[i].bytes);
			assert_int_equal(from.left, numbers[i].len);
			continue;
		}
		for (size_t j = 0; j < got.left; j++)
			value = value << 8 | got.at[j];
		if (value != numbers[i].number)
			fail_msg("%d: %s", value, numbers[i].why);
		assert_int_equal(from.left, numbers[i].left);
	}
}

/* Lengths around each change of form. */
static void test_lengths_of_der(void **state)
{
	static const size_t lengths[] = { 0, 127, 128, 255, 256, 65535 };
	auto_free unsigned char *bytes = garita_xalloc(65535 + 4);

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(lengths); i++) {
		size_t len = lengths[i], head = len < 128   ? 2
						: len < 256 ? 3
							    : 4;
		struct garita_der from = { bytes, len + head }, got;

		bytes[0] = GARITA_DER_SEQUENCE;
		bytes[1] = (unsigned char)(head == 2 ? len : 0x7e + head);
		bytes[2] = (unsigned char)(head == 3 ? len : len >> 8);
		bytes[3] = (unsigned char)len;
		assert_true(garita_der_take(&from, GARITA_DER_SEQUENCE, &got));
		assert_int_equal(got.left, len);
		assert_ptr_equal(got.at, bytes + head);
		assert_int_equal(from.left, 0);
		from = (struct garita_der){ bytes, len + head - 1 };
		assert_false(garita_der_take(&from, GARITA_DER_SEQUENCE, &got));
	}
}

/* So long that the processor's own way is taken, where it has one: each length
 * of what is left over, and each byte where a character should be. */
static void test_long(void **state)
{
	enum { BYTES = 72 * 1024, CHARACTERS = BYTES / 3 * 4 + 4 };
	auto_free unsigned char *bytes = garita_xalloc(BYTES);
	auto_free char *text = garita_xalloc(CHARACTERS + 1);
	static const size_t places[] = { 0, 15, 16, 40001, BYTES };
	uint32_t seed = 1;

	(void)state;
	for (size_t i = 0; i < BYTES; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (unsigned char)(seed >> 24);
	}
	for (size_t len = BYTES - 40; len <= BYTES; len++) {
		auto_free unsigned char *ours = NULL;
		size_t ours_len = 0;
		int chars =
			EVP_EncodeBlock((unsigned char *)text, bytes, (int)len);

		assert_int_equal(garita_base64(text, (size_t)chars, BYTES,
					       &ours, &ours_len),
				 0);
		assert_int_equal(ours_len, len);
		assert_memory_equal(ours, bytes, len);
	}
	for (size_t i = 0; i < GARITA_COUNT(places); i++) {
		for (int byte = 0; byte < 256; byte++) {
			static const char others[] = "+/0123456789";
			auto_free unsigned char *ours = NULL;
			char kept = text[places[i]];
			bool is_one = (byte >= 'A' && byte <= 'Z') ||
				      (byte >= 'a' && byte <= 'z') ||
				      (byte != 0 && strchr(others, byte));
			size_t len = 0;
			int rc;

			text[places[i]] = (char)byte;
			rc = garita_base64(text, BYTES / 3 * 4, BYTES, &ours,
					   &len);
			assert_int_equal(rc, is_one ? 0 : -EINVAL);
			if (is_one) {
				auto_free unsigned char *theirs =
					garita_xalloc(BYTES + 3);

				EVP_DecodeBlock(theirs, (unsigned char *)text,
						BYTES / 3 * 4);
				assert_memory_equal(ours, theirs, BYTES);
			}
			text[places[i]] = kept;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_other_spellings_are_refused),
		cmocka_unit_test(test_added_to_a_text),
		cmocka_unit_test(test_every_length_against_libcrypto),
		cmocka_unit_test(test_numbers_of_der),
		cmocka_unit_test(test_lengths_of_der),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
