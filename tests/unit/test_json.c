/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading JSON: what is taken, what is refused and where it is said to be.
 * Every refused text has the reason it is here: most are read differently by
 * two of runc (Go), crun <= 1.27 (yajl_tree) and crun >= 1.28 (json-c).
 */
#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/json.h"
#include "tests/unit/json_oracle.h"

/* A text that may have NUL in it. */
#define TEXT(literal) literal, sizeof(literal) - 1

static struct garita_json_doc *parse(const char *text, unsigned flags)
{
	struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };

	if (garita_json_parse(text, strlen(text), flags, &doc, &err) < 0)
		fail_msg("refused %s: %s", text, err.text);
	return doc;
}

static const struct {
	const char *why, *text;
	size_t len;
	const char *words; /* must be in the error */
	unsigned line, column;
	const char *pointer;
} refused[] = {
	{ "Go takes the last, yajl_tree the first", TEXT("{\"a\":1,\"a\":2}"),
	  "\"a\" is there twice", 1, 8, "/a" },
	{ "Go merges the two", TEXT("{\"p\":{\"x\":1},\"p\":{\"y\":2}}"),
	  "twice", 1, 14, "/p" },
	{ "null later is nothing to Go",
	  TEXT("{\"n\":[{\"k\":true,\n\"k\":null}]}"), "twice", 2, 1,
	  "/n/0/k" },
	{ "one key in two spellings", TEXT("{\"a\":1,\"\\u0061\":2}"), "twice",
	  1, 8, "/a" },
	{ "an empty key twice", TEXT("{\"\":1,\"\":2}"), "twice", 1, 7, "/" },
	{ "crun cuts the key at U+0000",
	  TEXT("{\"args\\u0000x\":1,\"args\":2}"), "U+0000", 1, 7, "" },
	{ "crun cuts the value at U+0000",
	  TEXT("{\"a\":{\"b\":\"x\\u0000y\"}}"), "U+0000", 1, 13, "/a/b" },
	{ "crun reads up to a NUL byte", TEXT("{\"a\":1}\0{"), "NUL", 1, 8,
	  "" },
	{ "NUL within a string", TEXT("{\"a\":\"x\0y\"}"), "NUL", 1, 8, "/a" },
	{ "Go ignores what follows", TEXT("{\"a\":1} {\"a\":2}"),
	  "after the end", 1, 9, "" },
	{ "bytes behind", TEXT("{}x"), "'x' is neither", 1, 3, "" },
	{ "two objects", TEXT("{}\n{}"), "after the end", 2, 1, "" },
	{ "a bracket behind", TEXT("{}]"), "after the end", 1, 3, "" },
	{ "two scalars", TEXT("1 2"), "after the end", 1, 3, "" },
	{ "yajl_tree takes C comments", TEXT("{/* */\"a\":1}"), "a comment", 1,
	  2, "" },
	{ "and C++ comments", TEXT("{\"a\":1}\n//"), "a comment", 2, 1, "" },
	{ "a lone slash", TEXT("/"), "unexpected '/'", 1, 1, "" },
	{ "json-c takes single quotes", TEXT("{'a':1}"), "single quote", 1, 2,
	  "" },
	{ "json-c takes a trailing comma", TEXT("{\"a\":1, }"),
	  "a comma before '}'", 1, 9, "" },
	{ "in an array too", TEXT("[1,]"), "a comma before ']'", 1, 4, "/1" },
	{ "json-c takes TRUE", TEXT("[TRUE]"), "'TRUE' is neither", 1, 2,
	  "/0" },
	{ "json-c takes NaN", TEXT("{\"a\":NaN}"), "'NaN' is neither", 1, 6,
	  "/a" },
	{ "Infinity", TEXT("-Infinity"), "neither", 1, 1, "" },
	{ "json-c takes raw control characters", TEXT("[\"a\tb\"]"),
	  "control character", 1, 4, "/0" },
	{ "a raw newline", TEXT("[\"a\nb\"]"), "control character", 1, 4,
	  "/0" },
	{ "Go replaces 0xff", TEXT("{\"a\":\"\xff\"}"), "UTF-8", 1, 7, "/a" },
	{ "yajl takes overlong UTF-8", TEXT("{\"a\":\"\xc0\xaf\"}"), "UTF-8", 1,
	  7, "/a" },
	{ "overlong, three bytes", TEXT("[\"\xe0\x80\xaf\"]"), "UTF-8", 1, 3,
	  "/0" },
	{ "overlong, four bytes", TEXT("[\"\xf0\x80\x80\xaf\"]"), "UTF-8", 1, 3,
	  "/0" },
	{ "yajl takes an encoded surrogate", TEXT("[\"\xed\xa0\x80\"]"),
	  "UTF-8", 1, 3, "/0" },
	{ "beyond U+10FFFF", TEXT("[\"\xf4\x90\x80\x80\"]"), "UTF-8", 1, 3,
	  "/0" },
	{ "five-byte form", TEXT("[\"\xf8\x88\x80\x80\x80\"]"), "UTF-8", 1, 3,
	  "/0" },
	{ "a continuation alone", TEXT("[\"ab\x80\"]"), "UTF-8", 1, 5, "/0" },
	{ "a sequence cut by the quote", TEXT("[\"\xe2\x82\"]"), "UTF-8", 1, 3,
	  "/0" },
	{ "a sequence cut by the end", TEXT("[\"\xf0\x9f\x98"), "UTF-8", 1, 3,
	  "/0" },
	{ "UTF-8 outside a string", TEXT("[\xc3\xa9]"), "unexpected byte 0xc3",
	  1, 2, "/0" },
	{ "malformed in a key", TEXT("{\"x\":{\"\xc0\xaf\":1}}"), "UTF-8", 1, 8,
	  "/x" },
	{ "Go: U+FFFD, yajl: ?", TEXT("[\"\\ud800\"]"), "unpaired", 1, 3,
	  "/0" },
	{ "a low one alone", TEXT("[\"\\uDFFF\"]"), "unpaired", 1, 3, "/0" },
	{ "two high ones", TEXT("[\"\\ud800\\ud800\"]"), "unpaired", 1, 3,
	  "/0" },
	{ "high, then a letter", TEXT("[\"\\ud800\\u0041\"]"), "unpaired", 1, 3,
	  "/0" },
	{ "high, then another escape", TEXT("[\"\\ud800\\n\\\\\\\\\"]"),
	  "unpaired", 1, 3, "/0" },
	{ "an escaped backslash first", TEXT("[\"\\\\\\ud800\"]"), "unpaired",
	  1, 5, "/0" },
	{ "high, then a short escape", TEXT("[\"\\ud800\\udc\"]"), "unpaired",
	  1, 3, "/0" },
	{ "CVE-2017-16516", TEXT("[\"\\u00\"]"), "four hex digits", 1, 3,
	  "/0" },
	{ "no hex digit", TEXT("[\"\\u00g0\"]"), "four hex digits", 1, 3,
	  "/0" },
	{ "ends in an escape", TEXT("[\"\\u00"), "four hex digits", 1, 3,
	  "/0" },
	{ "ends in a backslash", TEXT("[\"\\"), "no end", 1, 3, "/0" },
	{ "an escape of C", TEXT("[\"\\x41\"]"), "an escape", 1, 3, "/0" },
	{ "an escaped NUL byte", TEXT("[\"\\\0\"]"), "an escape", 1, 3, "/0" },
	{ "no closing quote", TEXT("{\"a\":\n  \"b}"), "no end", 2, 3, "/a" },
	{ "a byte order mark", TEXT("\xef\xbb\xbf{}"), "byte order mark", 1, 1,
	  "" },
	{ "nothing", TEXT(""), "no document", 1, 1, "" },
	{ "only white space", TEXT(" \n\t "), "no document", 2, 3, "" },
	{ "a form feed is no white space", TEXT("\f1"), "byte 0x0c", 1, 1, "" },
	{ "no white space of Unicode", TEXT("\xc2\xa0"), "byte 0xc2", 1, 1,
	  "" },
	{ "an object has no end", TEXT("{\"a\":{\"b\":1}"), "text ends", 1, 13,
	  "" },
	{ "a key has no value", TEXT("{\"a\""), "text ends", 1, 5, "/a" },
	{ "an array has no end", TEXT("{\"a\":[1,"), "text ends", 1, 9,
	  "/a/1" },
	{ "no comma", TEXT("{\"a\":[1 22]}"), "unexpected '2'", 1, 9, "/a/1" },
	{ "no comma between members", TEXT("{\"a\":1 \"b\":2}"),
	  "unexpected string", 1, 8, "" },
	{ "no colon", TEXT("{\"a\" 1}"), "unexpected '1'", 1, 6, "/a" },
	{ "a comma for a colon", TEXT("{\"a\",1}"), "unexpected ','", 1, 5,
	  "/a" },
	{ "no value", TEXT("{\"a\":}"), "unexpected '}'", 1, 6, "/a" },
	{ "a key that is no string", TEXT("{1:2}"), "unexpected '1'", 1, 2,
	  "" },
	{ "two commas", TEXT("[1,,2]"), "unexpected ','", 1, 4, "/1" },
	{ "a comma first", TEXT("[,1]"), "unexpected ','", 1, 2, "/0" },
	{ "closed by the other", TEXT("{\"a\":[1}"), "unexpected '}'", 1, 8,
	  "/a/1" },
	{ "octal to some", TEXT("[010]"), "'010' is neither", 1, 2, "/0" },
	{ "hexadecimal", TEXT("[0x1F]"), "neither", 1, 2, "/0" },
	{ "a plus sign", TEXT("[+1]"), "neither", 1, 2, "/0" },
	{ "no digit before the point", TEXT("[.5]"), "neither", 1, 2, "/0" },
	{ "no digit behind it", TEXT("[1.]"), "neither", 1, 2, "/0" },
	{ "no digit in the exponent", TEXT("[1e+]"), "neither", 1, 2, "/0" },
	{ "a minus alone", TEXT("-"), "neither", 1, 1, "" },
	{ "two words", TEXT("truefalse"), "neither", 1, 1, "" },
	{ "a word too short", TEXT("[nul]"), "neither", 1, 2, "/0" },
	{ "the first error is told", TEXT("{\"a\" 1,\"b\":\"\\ud800\"}"),
	  "unexpected '1'", 1, 6, "/a" },
	{ "pointer escapes", TEXT("{\"a/b\":{\"c~d\":x}}"), "neither", 1, 15,
	  "/a~1b/c~0d" },
	{ "columns are bytes",
	  TEXT("{\"\xc3\xa9\xe2\x82\xac\":\n \"\xf0\x9f\x98"
	       "\x80\", \"b\":!}"),
	  "unexpected '!'", 2, 14, "/b" },
};

static void test_refused(void **state)
{
	struct garita_json_doc *const untouched = (void *)refused;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(refused); i++) {
		/* Exactly as long as told: a read beyond is seen by ASan. */
		auto_free char *text = garita_xalloc(refused[i].len);
		struct garita_json_doc *doc = untouched;
		struct garita_error err = { 0 };
		int r;

		memcpy(text, refused[i].text, refused[i].len);
		r = garita_json_parse(text, refused[i].len, 0, &doc, &err);
		if (r != -EINVAL || err.code != EINVAL || doc != untouched)
			fail_msg("%s: %s gives %d", refused[i].why,
				 refused[i].text, r);
		if (!strstr(err.text, refused[i].words) ||
		    err.line != refused[i].line ||
		    err.column != refused[i].column ||
		    strcmp(err.pointer, refused[i].pointer) != 0)
			fail_msg("%s: %s gives %u:%u %s: %s", refused[i].why,
				 refused[i].text, err.line, err.column,
				 err.pointer, err.text);
		assert_null(json_oracle_objects(text, refused[i].len, 0));
		assert_int_equal(
			garita_json_parse(text, refused[i].len, 0, &doc, NULL),
			-EINVAL);
	}
}

static const struct {
	const char *why, *text, *printed; /* NULL: as it was */
} accepted[] = {
	{ "empty", "{}", NULL },
	{ "empty array", " [ ] ", "[]" },
	{ "scalars stand alone", " true", "true" },
	{ "a number at the very end", "12", NULL },
	{ "an exponent at the very end", "1e5", NULL },
	{ "null is kept", "{\"a\":null}", NULL },
	{ "an empty key", "{\"\":\"\"}", NULL },
	{ "one key in two objects",
	  "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":2}]}", NULL },
	{ "keys of another case are names.h's", "{\"a\":1,\"A\":2}", NULL },
	{ "keys that begin alike", "{\"a\":1,\"ab\":2,\"abc\":3}", NULL },
	{ "unlimited rlimit", "[18446744073709551615]", NULL },
	{ "numbers keep their spelling",
	  "[0,-0,1.0,1.50,1e3,1E+3,-1.5e-10,123456789012345678901234567890]",
	  NULL },
	{ "escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u001f\\u007F\\u00e9\"",
	  "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u001f\x7f\xc3\xa9\"" },
	{ "VT has no short form", "\"\\u000b\\u000B\"", "\"\\u000b\\u000b\"" },
	{ "a pair of surrogates", "\"\\ud83d\\uDE00x\"",
	  "\"\xf0\x9f\x98\x80x\"" },
	{ "first and last pair", "\"\\ud800\\udc00\\udbff\\udfff\"",
	  "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"" },
	{ "no escape after a backslash", "\"\\\\ud800 \\\\u0000\"", NULL },
	{ "UTF-8 edges",
	  "\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
	  "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
	  NULL },
	{ "a mark within a string", "\"\xef\xbb\xbf\"", NULL },
	{ "slashes and quotes in strings", "[\"/* \",\"//\",\"'\"]", NULL },
	{ "all white space", "\r\n\t [\r\n\t 1\r\n\t ,\r\n\t 2 ] \n", "[1,2]" },
	{ "a string before eight bytes end", "[\"1234567\",\"12345678\"]",
	  NULL },
};

static void test_accepted(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(accepted); i++) {
		auto_json struct garita_json_doc *doc =
			parse(accepted[i].text, 0);
		auto_json struct garita_json_doc *again = NULL;
		auto_text out = { 0 };
		const char *wanted = accepted[i].printed ? accepted[i].printed
							 : accepted[i].text;

		garita_json_print(garita_json_root(doc), &out);
		if (strcmp(out.data, wanted) != 0)
			fail_msg("%s: %s", accepted[i].why, out.data);
		again = parse(out.data, 0);
		assert_true(garita_json_equal(garita_json_root(doc),
					      garita_json_root(again)));
		assert_null(json_oracle_objects(accepted[i].text,
						strlen(accepted[i].text), 0));
	}
}

static const struct {
	const char *why, *text, *printed; /* NULL: refused */
} commented[] = {
	{ "both kinds", "/* a */ {\"a\": // b\n 1 /* c */}// d\n",
	  "{\"a\":1}" },
	{ "a quote in a comment", "{/* \" */\"a\":1,// \" it's\n\"b\":2}",
	  "{\"a\":1,\"b\":2}" },
	{ "a comment in a string", "[\"/*\",\"*/\",\"//\"]",
	  "[\"/*\",\"*/\",\"//\"]" },
	{ "stars", "/***/[/**/1/* * / **/]", "[1]" },
	{ "a slash of its own", "[1/*/ */]", "[1]" },
	{ "the last line has no end", "1// x", "1" },
	{ "a word ends at a comment", "[true/**/,1//\n]", "[true,1]" },
	{ "UTF-8 in a comment", "// \xe2\x82\xac\n1", "1" },
	{ "malformed UTF-8 in a comment", "// \xe2\x82\n1", NULL },
	{ "a comment has no end", "1 /* ", NULL },
	{ "nor has this one", "1 /*/", NULL },
	{ "nor this", "/* *", NULL },
	{ "comments do not nest", "/* /* */ */ 1", NULL },
	{ "no comment", "1 /", NULL },
	{ "no comment of a shell", "# x\n1", NULL },
	{ "only a comment", "/* {} */", NULL },
	{ "other rules stay", "{\"a\":1,/* */\"a\":2}", NULL },
	{ "no trailing comma", "[1,/* */]", NULL },
};

static void test_comments_when_asked_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(commented); i++) {
		auto_json struct garita_json_doc *doc = NULL;
		struct garita_error err = { 0 };
		auto_text out = { 0 };
		const char *text = commented[i].text;
		int r = garita_json_parse(text, strlen(text),
					  GARITA_JSON_COMMENTS, &doc, &err);

		if (r != (commented[i].printed ? 0 : -EINVAL))
			fail_msg("%s: %s", commented[i].why, err.text);
		assert_null(json_oracle_objects(text, strlen(text),
						GARITA_JSON_COMMENTS));
		garita_json_print(garita_json_root(doc), &out);
		if (r == 0 && strcmp(out.data, commented[i].printed) != 0)
			fail_msg("%s: %s", commented[i].why, out.data);
	}
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		int as_u64;
		uint64_t u64;
		int as_i64;
		int64_t i64;
	} rows[] = {
		{ "0", 0, 0, 0, 0 },
		{ "7", 0, 7, 0, 7 },
		{ "-7", -EINVAL, 0, 0, -7 },
		{ "-0", -EINVAL, 0, -EINVAL, 0 },
		{ "1.0", -EINVAL, 0, -EINVAL, 0 },
		{ "1e3", -EINVAL, 0, -EINVAL, 0 },
		{ "\"1\"", -EINVAL, 0, -EINVAL, 0 },
		{ "true", -EINVAL, 0, -EINVAL, 0 },
		{ "null", -EINVAL, 0, -EINVAL, 0 },
		{ "[]", -EINVAL, 0, -EINVAL, 0 },
		{ "9223372036854775807", 0, INT64_MAX, 0, INT64_MAX },
		{ "9223372036854775808", 0, UINT64_C(1) << 63, -ERANGE, 0 },
		{ "-9223372036854775808", -EINVAL, 0, 0, INT64_MIN },
		{ "-9223372036854775809", -EINVAL, 0, -ERANGE, 0 },
		{ "18446744073709551615", 0, UINT64_MAX, -ERANGE, 0 },
		{ "18446744073709551616", -ERANGE, 0, -ERANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *doc = parse(rows[i].text, 0);
		struct garita_json *node = garita_json_root(doc);
		uint64_t u64 = 3;
		int64_t i64 = 3;

		assert_int_equal(garita_json_u64(node, &u64), rows[i].as_u64);
		assert_true(u64 == (rows[i].as_u64 ? 3 : rows[i].u64));
		assert_int_equal(garita_json_i64(node, &i64), rows[i].as_i64);
		assert_true(i64 == (rows[i].as_i64 ? 3 : rows[i].i64));
	}
}

static void test_accessors_take_anything(void **state)
{
	auto_json struct garita_json_doc *doc = parse(
		"{\"s\":\"t\",\"n\":1,\"b\":true,\"z\":null,\"a\":[false]}", 0);
	struct garita_json *root = garita_json_root(doc);
	uint64_t u64;
	int64_t i64;

	(void)state;
	/* A chain over what is not there ends in nothing. */
	for (size_t i = 0; i <= garita_json_count(root); i++) {
		struct garita_json *node = garita_json_item(root, i);

		assert_null(garita_json_get(garita_json_get(node, "x"), "y"));
		assert_null(garita_json_item(garita_json_item(node, 1), 0));
		assert_null(garita_json_key(node, 0));
		assert_null(garita_json_get(node, NULL));
	}
	assert_int_equal(garita_json_type(NULL), GARITA_JSON_NULL);
	assert_int_equal(garita_json_count(NULL), 0);
	assert_null(garita_json_string(NULL));
	assert_null(garita_json_number_text(NULL));
	assert_false(garita_json_bool(NULL));
	assert_int_equal(garita_json_u64(NULL, &u64), -EINVAL);
	assert_int_equal(garita_json_i64(NULL, &i64), -EINVAL);
	assert_null(garita_json_at(NULL, ""));
	assert_null(garita_json_nearest(NULL, "/a"));
	assert_null(garita_json_root(NULL));
	garita_json_free(NULL);

	assert_string_equal(garita_json_key(root, 4), "a");
	assert_null(garita_json_key(root, 5));
	assert_string_equal(garita_json_string(garita_json_get(root, "s")),
			    "t");
	assert_null(garita_json_string(garita_json_get(root, "n")));
	assert_string_equal(garita_json_number_text(garita_json_get(root, "n")),
			    "1");
	assert_true(garita_json_bool(garita_json_get(root, "b")));
	assert_false(garita_json_bool(garita_json_get(root, "n")));
	assert_false(garita_json_bool(garita_json_at(root, "/a/0")));
	assert_int_equal(garita_json_type(garita_json_at(root, "/a/0")),
			 GARITA_JSON_BOOL);
	assert_string_equal(garita_json_type_words(GARITA_JSON_OBJECT),
			    "an object");
	assert_string_equal(garita_json_type_words(GARITA_JSON_NULL), "null");
}

static char *read_file(const char *path, size_t *ret_len)
{
	FILE *file = fopen(path, "re");
	char *text = garita_xalloc(GARITA_JSON_MAX_BYTES);

	if (!file)
		fail_msg("cannot open %s", path);
	*ret_len = fread(text, 1, GARITA_JSON_MAX_BYTES, file);
	fclose(file);
	return text;
}

static void check_sample(const char *path)
{
	auto_json struct garita_json_doc *doc = NULL, *again = NULL;
	struct garita_error err = { 0 };
	auto_text out = { 0 }, second = { 0 }, pretty = { 0 };
	size_t len;
	auto_free char *text = read_file(path, &len);

	if (garita_json_parse(text, len, 0, &doc, &err) < 0)
		fail_msg("%s: %u:%u %s", path, err.line, err.column, err.text);
	garita_json_print(garita_json_root(doc), &out);
	assert_int_equal(garita_json_parse(out.data, out.len, 0, &again, &err),
			 0);
	assert_true(garita_json_equal(garita_json_root(doc),
				      garita_json_root(again)));
	garita_json_print(garita_json_root(again), &second);
	assert_string_equal(second.data, out.data);

	garita_json_print_pretty(garita_json_root(doc), &pretty);
	garita_json_free(again);
	again = NULL;
	assert_int_equal(
		garita_json_parse(pretty.data, pretty.len, 0, &again, &err), 0);
	assert_true(garita_json_equal(garita_json_root(doc),
				      garita_json_root(again)));
}

static void test_engine_samples_round_trip(void **state)
{
	static const char *const kinds[] = {
		"config*.json",
		"exec-process.json",
		"hook-state*.json",
	};
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(kinds); i++) {
		char pattern[4096];
		glob_t found;

		snprintf(pattern, sizeof(pattern), "%s/%s/*/%s", GARITA_SRC_DIR,
			 "tests/samples/engines", kinds[i]);
		assert_int_equal(glob(pattern, 0, NULL, &found), 0);
		for (size_t at = 0; at < found.gl_pathc; at++, seen++)
			check_sample(found.gl_pathv[at]);
		globfree(&found);
	}
	assert_true(seen >= 30); /* nothing got lost */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_accepted),
		cmocka_unit_test(test_comments_when_asked_for),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_accessors_take_anything),
		cmocka_unit_test(test_engine_samples_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
