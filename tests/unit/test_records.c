/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Searching a file for records must find the same as parsing it would:
 * nothing inside a string is a record, nothing is found twice or by half.
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

static const struct {
	const char *why, *text;
	size_t count;
} fine[] = {
	{ "nothing", "", 0 },
	{ "blanks", " \n", 0 },
	{ "a nil slice in Go", "null", 0 },
	{ "no records", " [ ] ", 0 },
	{ "one", "[{\"id\":\"a\"}]", 1 },
	{ "indented",
	  "[\n  {\n    \"id\" : \"a\"\n  } ,\n  { \"id\":\"c\" }\n]\n", 2 },
	{ "brackets in strings", "[{\"id\":\"a\",\"x\":\"}]{[\"}]", 1 },
	{ "an escaped quote", "[{\"id\":\"a\",\"x\":\"\\\"}\"}]", 1 },
	{ "an escaped backslash", "[{\"id\":\"a\",\"x\":\"\\\\\"}]", 1 },
	{ "three backslashes", "[{\"id\":\"a\",\"x\":\"\\\\\\\"}\"}]", 1 },
	{ "metadata that looks like a record",
	  "[{\"id\":\"a\",\"metadata\":\"[{\\\"id\\\":\\\"b\\\"}]\"}]", 1 },
	{ "a name that ends like one begins",
	  "[{\"id\":\"a\",\"x\":\"{\",\"y\":[{\"z\":{}}]}]", 1 },
	{ "a record without id", "[{\"x\":\"b\"},{\"id\":\"a\"},{}]", 1 },
	{ "an id that is no string", "[{\"id\":7},{\"id\":\"a\"}]", 1 },
};

static const struct {
	const char *why, *text;
} broken[] = {
	{ "an object", "{\"id\":\"a\"}" },
	{ "a word", "nul" },
	{ "bytes after null", "null []" },
	{ "not closed", "[{\"id\":\"a\"}" },
	{ "bytes after", "[{\"id\":\"a\"}] x" },
	{ "garbage", "garbage" },
	{ "a bracket", "[" },
};

static int by_id(const char *text, const char *id, struct garita_json_doc **ret,
		 struct garita_error *err)
{
	auto_records records = { 0 };
	int failed = garita_records_add(&records, text, strlen(text), err);

	return failed < 0 ? failed
			  : garita_records_by_id(&records, id, ret, err);
}

static void test_what_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(fine); i++) {
		auto_records records = { 0 };
		auto_json struct garita_json_doc *doc = NULL;

		if (garita_records_add(&records, fine[i].text,
				       strlen(fine[i].text), NULL) != 0)
			fail_msg("refused: %s", fine[i].why);
		if (records.count != fine[i].count)
			fail_msg("%zu records: %s", records.count, fine[i].why);
		assert_int_equal(
			garita_records_by_id(&records, "b", &doc, NULL),
			-ENOENT);
		assert_int_equal(garita_records_by_id(&records, "", &doc, NULL),
				 -ENOENT);
		if (fine[i].count == 0)
			continue;
		if (garita_records_by_id(&records, "a", &doc, NULL) != 0)
			fail_msg("not found: %s", fine[i].why);
		assert_string_equal(garita_json_string(garita_json_get(
					    garita_json_root(doc), "id")),
				    "a");
	}
}

static void test_what_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(broken); i++) {
		struct garita_json_doc *doc = NULL;

		if (by_id(broken[i].text, "a", &doc, NULL) != -EINVAL)
			fail_msg("accepted: %s", broken[i].why);
		assert_null(doc);
	}
}

/* Cut anywhere, a file gives the whole record or none. */
static void test_half_a_file(void **state)
{
	const char *text = "[{\"id\":\"a\",\"x\":[1,{\"y\":\"z\\\"]}\"}],"
			   "\"k\":\"v\"},{\"id\":\"b\"}]";

	(void)state;
	for (size_t len = 0; len < strlen(text); len++) {
		auto_free char *half = garita_xstrndup(text, len);
		auto_json struct garita_json_doc *doc = NULL;

		if (by_id(half, "a", &doc, NULL) == 0)
			assert_string_equal(
				garita_json_string(garita_json_get(
					garita_json_root(doc), "k")),
				"v");
	}
}

static void test_two_files(void **state)
{
	const char *lasting = "[{\"id\":\"a\",\"layer\":\"x\"}]";
	const char *fleeting = "[{\"id\":\"b\",\"layer\":\"x\"},"
			       "{\"id\":\"c\",\"names\":[\"y\"],"
			       "\"layer\":\"z\"},"
			       "{\"id\":\"d\",\"layer\":\"y\"},"
			       "{\"id\":\"a\",\"layer\":\"w\"}]";
	auto_records records = { 0 };
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };

	(void)state;
	assert_int_equal(
		garita_records_add(&records, lasting, strlen(lasting), NULL),
		0);
	assert_int_equal(
		garita_records_add(&records, fleeting, strlen(fleeting), NULL),
		0);
	assert_int_equal(
		garita_records_by_member(&records, "layer", "x", &doc, &err),
		-EEXIST);
	assert_string_equal(err.text, "two records have the layer x");
	assert_int_equal(garita_records_by_id(&records, "a", &doc, &err),
			 -EEXIST);
	assert_string_equal(err.text, "two records have the id a");
	assert_int_equal(
		garita_records_by_member(&records, "layer", "q", &doc, &err),
		-ENOENT);
	assert_int_equal(
		garita_records_by_member(&records, "names", "y", &doc, &err),
		-ENOENT);
	/* c has the word, but elsewhere. */
	assert_int_equal(
		garita_records_by_member(&records, "layer", "y", &doc, &err),
		0);
	assert_string_equal(garita_json_string(garita_json_get(
				    garita_json_root(doc), "id")),
			    "d");
}

/* What is used of the file meets the strict parser. */
static void test_a_record_is_parsed_strictly(void **state)
{
	const char *text = "[{\"id\":\"a\",\"x\":1,\"x\":2},"
			   "{\"id\":\"b\",\"x\":nonsense},"
			   "{\"id\":\"c\",\"x\":[}},"
			   "{\"id\":\"d\",\"id\":\"e\"}]";
	struct garita_json_doc *doc = NULL;

	(void)state;
	for (const char *id = "abcd"; *id != '\0'; id++) {
		char word[] = { *id, '\0' };

		assert_int_equal(by_id(text, word, &doc, NULL), -EINVAL);
	}
	assert_null(doc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_found),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_half_a_file),
		cmocka_unit_test(test_two_files),
		cmocka_unit_test(test_a_record_is_parsed_strictly),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
