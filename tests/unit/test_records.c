/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cutting an array of objects into pieces must find the same objects as
 * parsing it: brackets and quotes inside strings are not brackets and quotes.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "hook/store/records.h"

static int add(struct garita_records *records, const char *text)
{
	return garita_records_add(records, garita_xstrdup(text), strlen(text),
				  NULL);
}

static const struct {
	const char *why, *text;
	size_t count;
} fine[] = {
	{ "nothing", "", 0 },
	{ "blanks", " \n", 0 },
	{ "a nil slice in Go", "null", 0 },
	{ "no records", " [ ] ", 0 },
	{ "one", "[{\"id\":\"a\"}]", 1 },
	{ "indented", "[\n  {\n    \"id\" : \"a\"\n  } ,\n  { }\n]\n", 2 },
	{ "brackets in strings", "[{\"x\":\"}]{[\",\"id\":\"a\"}]", 1 },
	{ "an escaped quote", "[{\"x\":\"\\\"}\",\"id\":\"a\"}]", 1 },
	{ "an escaped backslash", "[{\"x\":\"\\\\\",\"id\":\"a\"}]", 1 },
	{ "three backslashes", "[{\"x\":\"\\\\\\\"}\",\"id\":\"a\"}]", 1 },
	{ "the key deeper down is not the key",
	  "[{\"y\":{\"id\":\"b\"},\"id\":\"a\",\"z\":[{\"id\":\"c\"}]}]", 1 },
	{ "the key's name as a value", "[{\"x\":\"id\",\"id\":\"a\"}]", 1 },
	{ "a record without key", "[{},{\"id\":\"a\"}]", 2 },
};

static const struct {
	const char *why, *text;
} broken[] = {
	{ "no array", "{}" },
	{ "a word", "nul" },
	{ "bytes after", "[] []" },
	{ "bytes after null", "nullx" },
	{ "not closed", "[{\"id\":\"a\"}" },
	{ "record not closed", "[{\"id\":\"a\"" },
	{ "string not closed", "[{\"id\":\"a}]" },
	{ "string ends in an escape", "[{\"id\":\"a\\\"}]" },
	{ "crossed brackets", "[{\"x\":[}]]" },
	{ "no object", "[\"id\"]" },
	{ "an array in the array", "[[]]" },
	{ "comma at the end", "[{\"id\":\"a\"},]" },
	{ "no comma", "[{\"id\":\"a\"}{\"id\":\"b\"}]" },
	{ "the key twice", "[{\"id\":\"a\",\"id\":\"b\"}]" },
	{ "the key is no string", "[{\"id\":7}]" },
	{ "too deep", "[{\"x\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]"
		      "]]]]]]]]]]]]]]]]]]]}]" },
};

static void test_what_is_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(fine); i++) {
		auto_records records = { .key = "id" };
		auto_json struct garita_json_doc *doc = NULL;

		if (add(&records, fine[i].text) != 0)
			fail_msg("refused: %s", fine[i].why);
		if (records.count != fine[i].count)
			fail_msg("%zu records: %s", records.count, fine[i].why);
		if (strstr(fine[i].text, "\"a\"") == NULL)
			continue;
		if (garita_records_get(&records, "a", &doc, NULL) != 0)
			fail_msg("not found: %s", fine[i].why);
		assert_string_equal(garita_json_string(garita_json_get(
					    garita_json_root(doc), "id")),
				    "a");
		assert_int_equal(garita_records_get(&records, "b", &doc, NULL),
				 -ENOENT);
		assert_int_equal(garita_records_get(&records, "", &doc, NULL),
				 -ENOENT);
	}
}

static void test_what_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(broken); i++) {
		auto_records records = { .key = "id" };

		if (add(&records, broken[i].text) != -EINVAL)
			fail_msg("accepted: %s", broken[i].why);
		assert_int_equal(records.count, 0);
	}
}

/* Cut anywhere, a file of records is never taken for a shorter one. */
static void test_half_a_file_is_refused(void **state)
{
	const char *text = "[{\"id\":\"a\",\"x\":[1,{\"y\":\"z\\\"\"}]},"
			   "{\"id\":\"b\"}]";

	(void)state;
	for (size_t len = 1; len < strlen(text); len++) {
		auto_records records = { .key = "id" };
		char *copy = garita_xstrndup(text, len);

		if (garita_records_add(&records, copy, len, NULL) != -EINVAL)
			fail_msg("accepted the first %zu bytes", len);
	}
}

static void test_two_files(void **state)
{
	auto_records records = { .key = "layer" };
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };

	(void)state;
	assert_int_equal(add(&records, "[{\"layer\":\"x\"}]"), 0);
	assert_int_equal(add(&records, "[{\"layer\":\"x\"},{\"layer\":\"y\"}]"),
			 0);
	assert_int_equal(garita_records_get(&records, "x", &doc, &err),
			 -EEXIST);
	assert_string_equal(err.text, "two records have the layer x");
	assert_int_equal(garita_records_get(&records, "y", &doc, &err), 0);
	assert_int_equal(add(&records, "[]"), -EINVAL);
}

/* What is used of the file meets the strict parser. */
static void test_a_record_is_parsed_strictly(void **state)
{
	auto_records records = { .key = "id" };
	struct garita_json_doc *doc = NULL;

	(void)state;
	assert_int_equal(add(&records, "[{\"id\":\"a\",\"x\":1,\"x\":2},"
				       "{\"id\":\"b\",\"x\":nonsense}]"),
			 0);
	assert_int_equal(garita_records_get(&records, "a", &doc, NULL),
			 -EINVAL);
	assert_int_equal(garita_records_get(&records, "b", &doc, NULL),
			 -EINVAL);
	assert_null(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_cut),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_half_a_file_is_refused),
		cmocka_unit_test(test_two_files),
		cmocka_unit_test(test_a_record_is_parsed_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
