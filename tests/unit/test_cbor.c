/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_cbor - one encoding for each value: those of RFC 8949, appendix A, that
 * we read, and what is not the shortest, not definite or not finished.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "policy/trust/cbor.h"
#include "policy/trust/notation_envelope.h"

#define BYTES(text)                                                            \
	.bytes = (const unsigned char *)(text), .len = sizeof(text) - 1

static const struct {
	const unsigned char *bytes;
	size_t len;
	enum garita_cbor_kind kind;
	uint64_t number;
} good[] = {
	{ BYTES("\x00"), GARITA_CBOR_NUMBER, 0 },
	{ BYTES("\x17"), GARITA_CBOR_NUMBER, 23 },
	{ BYTES("\x18\x18"), GARITA_CBOR_NUMBER, 24 },
	{ BYTES("\x18\xff"), GARITA_CBOR_NUMBER, 255 },
	{ BYTES("\x19\x01\x00"), GARITA_CBOR_NUMBER, 256 },
	{ BYTES("\x1a\x00\x01\x00\x00"), GARITA_CBOR_NUMBER, 65536 },
	{ BYTES("\x1b\x00\x00\x00\x01\x00\x00\x00\x00"), GARITA_CBOR_NUMBER,
	  1ULL << 32 },
	{ BYTES("\x1b\xff\xff\xff\xff\xff\xff\xff\xff"), GARITA_CBOR_NUMBER,
	  UINT64_MAX },
	{ BYTES("\x20"), GARITA_CBOR_NEGATIVE, 0 },
	{ BYTES("\x38\x63"), GARITA_CBOR_NEGATIVE, 99 },
	{ BYTES("\x40"), GARITA_CBOR_BYTES, 0 },
	{ BYTES("\x44\x01\x02\x03\x00"), GARITA_CBOR_BYTES, 4 },
	{ BYTES("\x60"), GARITA_CBOR_TEXT, 0 },
	{ BYTES("\x64IETF"), GARITA_CBOR_TEXT, 4 },
	{ BYTES("\x62\xc3\xbc"), GARITA_CBOR_TEXT, 2 },
	{ BYTES("\x80"), GARITA_CBOR_ARRAY, 0 },
	{ BYTES("\x83\x01\x82\x02\x03\x82\x04\x05"), GARITA_CBOR_ARRAY, 3 },
	{ BYTES("\xa0"), GARITA_CBOR_MAP, 0 },
	{ BYTES("\xa2\x01\x02\x03\x04"), GARITA_CBOR_MAP, 2 },
	{ BYTES("\xc1\x1a\x51\x4b\x67\xb0"), GARITA_CBOR_TAG, 1 },
	{ BYTES("\xf4"), GARITA_CBOR_SIMPLE, 20 },
	{ BYTES("\xf5"), GARITA_CBOR_SIMPLE, 21 },
	{ BYTES("\xf6"), GARITA_CBOR_SIMPLE, 22 },
	{ BYTES("\x88\x81\x81\x81\x81\x81\x81\x00\0\0\0\0\0\0\0"),
	  GARITA_CBOR_ARRAY, 8 },
};

static const struct {
	const char *why;
	const unsigned char *bytes;
	size_t len;
} bad[] = {
	{ "nothing", BYTES("") },
	{ "23 in two bytes", BYTES("\x18\x17") },
	{ "255 in three", BYTES("\x19\x00\xff") },
	{ "65535 in five", BYTES("\x1a\x00\x00\xff\xff") },
	{ "2^32-1 in nine", BYTES("\x1b\x00\x00\x00\x00\xff\xff\xff\xff") },
	{ "a head that is cut", BYTES("\x19\x01") },
	{ "not in use", BYTES("\x1c") },
	{ "not in use", BYTES("\x1e\x00") },
	{ "an indefinite number", BYTES("\x1f") },
	{ "indefinite bytes", BYTES("\x5f\x41\x00\xff") },
	{ "indefinite text", BYTES("\x7f\x61x\xff") },
	{ "an indefinite array", BYTES("\x9f\x01\xff") },
	{ "an indefinite map", BYTES("\xbf\x01\x02\xff") },
	{ "a break", BYTES("\xff") },
	{ "bytes that are cut", BYTES("\x44\x01\x02\x03") },
	{ "text that is no UTF-8", BYTES("\x62\xc3\x28") },
	{ "text that is cut in a letter", BYTES("\x61\xc3") },
	{ "a string longer than memory",
	  BYTES("\x5b\xff\xff\xff\xff\xff\xff\xff\xff") },
	{ "an array that is cut", BYTES("\x82\x01") },
	{ "an array larger than what follows",
	  BYTES("\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x00") },
	{ "a map larger than what follows",
	  BYTES("\xbb\x80\x00\x00\x00\x00\x00\x00\x00\x00") },
	{ "a map that is cut", BYTES("\xa1\x01") },
	{ "a tag of nothing", BYTES("\xc1") },
	{ "undefined", BYTES("\xf7") },
	{ "a simple value", BYTES("\xf0") },
	{ "a simple value in two bytes", BYTES("\xf8\xff") },
	{ "a half", BYTES("\xf9\x38\x00") },
	{ "a float", BYTES("\xfa\x47\xc3\x50\x00") },
	{ "a double", BYTES("\xfb\x3f\xf1\x99\x99\x99\x99\x99\x9a") },
	{ "nine deep", BYTES("\x81\x81\x81\x81\x81\x81\x81\x81\x00") },
	{ "tags without end",
	  BYTES("\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1\xc1\x00") },
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(good); i++) {
		struct garita_cbor from = { good[i].bytes, good[i].len };
		struct garita_cbor whole = from;
		struct garita_cbor_item item;

		assert_true(garita_cbor_take(&from, &item));
		assert_int_equal(item.kind, good[i].kind);
		assert_true(item.number == good[i].number);
		if (!garita_cbor_skip(&whole) || whole.left != 0)
			fail_msg("item %zu is not skipped", i);
	}
}

static void test_what_is_no_value(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		/* As if the memory ended there. */
		auto_free unsigned char *copy = garita_xalloc(bad[i].len);
		struct garita_cbor from = { copy, bad[i].len };

		memcpy(copy, bad[i].bytes, bad[i].len);
		if (garita_cbor_skip(&from))
			fail_msg("%s is skipped", bad[i].why);
		assert_ptr_equal(from.at, copy);
		assert_int_equal(from.left, bad[i].len);
	}
}

static void test_numbers(void **state)
{
	struct garita_cbor_item item = { .kind = GARITA_CBOR_NEGATIVE,
					 .number = INT32_MAX };
	int number;

	(void)state;
	assert_true(garita_cbor_int(&item, &number));
	assert_int_equal(number, INT32_MIN);
	item.number++;
	assert_false(garita_cbor_int(&item, &number));
	item = (struct garita_cbor_item){ .kind = GARITA_CBOR_TEXT };
	assert_false(garita_cbor_int(&item, &number));
}

/* ---- envelopes that are none ---- */

#define SCHEME    "x\x1cio.cncf.notary.signingScheme"
#define SIGNED    "x\x1aio.cncf.notary.signingTime\xc1\x01"
#define CONTENT   "\x03x+application/vnd.cncf.notary.payload.v1+json"
#define CRIT      "\x02\x81" SCHEME
#define REST      "\xa0\x41p\x41s"
#define HEAD(len) "\xd2\x84\x58" len
/* 0x5 headers: alg, crit, cty, signingTime, scheme: 157 bytes less the time. */
#define ALL "\x01\x26" CRIT CONTENT SIGNED SCHEME "knotary.x509"

static void test_cose(void **state)
{
	static const struct {
		const char *why;
		const unsigned char *bytes;
		size_t len;
		const char *words;
	} cases[] = {
		{ "no certificates", BYTES(HEAD("\x99") "\xa5" ALL REST),
		  "no certificates" },
		{ "a header twice",
		  BYTES(HEAD("\x9b") "\xa6" ALL "\x01\x26" REST), "twice" },
		{ "signed and not signed",
		  BYTES(HEAD("\x99") "\xa5" ALL "\xa1\x01\x26\x41p\x41s"),
		  "twice" },
		{ "bytes after the headers",
		  BYTES(HEAD("\x9a") "\xa5" ALL "\x00" REST),
		  "bytes follow the signed headers" },
		{ "no map",
		  BYTES(HEAD("\x18") "\x80xxxxxxxxxxxxxxxxxxxxxxx" REST),
		  "no map" },
		{ "a label of bytes", BYTES("\xd2\x84\x43\xa1\x40\x00" REST),
		  "label" },
		{ "an algorithm that is not allowed",
		  BYTES("\xd2\x84\x43\xa1\x01\x27" REST), "not allowed" },
		{ "no content", BYTES("\xd2\x84\x43\xa1\x01\x26" REST),
		  "do not say what is signed" },
		{ "critical is nothing", BYTES("\xd2\x84\x43\xa1\x02\x80" REST),
		  "crit" },
		{ "critical is a number",
		  BYTES("\xd2\x84\x44\xa1\x02\x81\x01" REST), "crit" },
		{ "three parts", BYTES("\xd2\x83\x40\xa0\x41p"), "COSE_Sign1" },
		{ "another tag", BYTES("\xd1\x84\x40" REST), "COSE_Sign1" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct garita_notation_envelope envelope = { 0 };
		struct garita_error err = { 0 };

		if (garita_cose_read((const char *)cases[i].bytes, cases[i].len,
				     &envelope, &err) == 0)
			fail_msg("%s is read", cases[i].why);
		if (strstr(err.text, cases[i].words) == NULL)
			fail_msg("%s: %s", cases[i].why, err.text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_what_is_no_value),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_cose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
