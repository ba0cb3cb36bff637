/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Places and pointers in a tree, editing it, printing it and comparing it.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/json.h"

static struct garita_json_doc *parse(const char *text, unsigned flags)
{
	struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };

	if (garita_json_parse(text, strlen(text), flags, &doc, &err) < 0)
		fail_msg("refused %s: %s", text, err.text);
	return doc;
}

static void check_print(struct garita_json_doc *doc, const char *wanted)
{
	auto_text out = { 0 };

	garita_json_print(garita_json_root(doc), &out);
	assert_string_equal(out.data, wanted);
}

static void test_places(void **state)
{
	static const char text[] =
		"{ // a \"comment\" [\n"
		"\t\"a\": 1, \"\xe2\x82\xac\": /* \n\n */ {\n"
		"\"in\\\"ner\"\n:\n[ true,\n  null, [], \"\\n\" ]"
		"},\r\n"
		" \"z\":\"end\" }";
	static const struct {
		const char *pointer;
		unsigned line, column;
	} rows[] = {
		{ "", 1, 1 },
		{ "/a", 2, 2 },
		{ "/\xe2\x82\xac", 2, 10 },
		{ "/\xe2\x82\xac/in\"ner", 5, 1 }, /* its key's place */
		{ "/\xe2\x82\xac/in\"ner/0", 7, 3 },
		{ "/\xe2\x82\xac/in\"ner/1", 8, 3 },
		{ "/\xe2\x82\xac/in\"ner/2", 8, 9 },
		{ "/\xe2\x82\xac/in\"ner/3", 8, 13 },
		{ "/z", 9, 2 },
	};
	auto_json struct garita_json_doc *doc =
		parse(text, GARITA_JSON_COMMENTS);
	struct garita_json *root = garita_json_root(doc);
	unsigned line, column;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_json *node =
			garita_json_at(root, rows[i].pointer);

		assert_non_null(node);
		garita_json_place(doc, node, &line, &column);
		if (line != rows[i].line || column != rows[i].column)
			fail_msg("%s: %u:%u", rows[i].pointer, line, column);
	}
	garita_json_put_bool(doc, root, "a", true);
	garita_json_place(doc, garita_json_get(root, "a"), &line, &column);
	assert_int_equal(line, 0);
	assert_int_equal(column, 0);
	garita_json_place(doc, NULL, &line, &column);
	assert_int_equal(line, 0);
}

static const char pointed[] =
	"{\"a\":{\"b\":[10,[20,21],{\"c\":30}]},\"\":1,\"a/b\":2,\"m~n\":3,"
	"\"~1\":4,\"0\":5,\" \":6,\"-\":7}";

static void test_pointers(void **state)
{
	static const struct {
		const char *pointer, *printed; /* NULL: nothing there */
	} rows[] = {
		{ "", pointed },
		{ "/a/b/0", "10" },
		{ "/a/b/1/1", "21" },
		{ "/a/b/2/c", "30" },
		{ "/", "1" },
		{ "/a~1b", "2" },
		{ "/m~0n", "3" },
		{ "/~01", "4" }, /* not "/": ~0 is not read twice */
		{ "/0", "5" },
		{ "/ ", "6" },
		{ "/-", "7" },
		{ "a", NULL },
		{ "/a/b/3", NULL },
		{ "/a/b/-", NULL },
		{ "/a/b/00", NULL },
		{ "/a/b/01", NULL },
		{ "/a/b/+1", NULL },
		{ "/a/b/ 1", NULL },
		{ "/a/b/", NULL },
		{ "/a/b/1e0", NULL },
		{ "/a/b/4294967296", NULL }, /* 0 when cut to 32 bits */
		{ "/a/b/18446744073709551616", NULL },
		{ "/a/", NULL },
		{ "/a/b/0/0", NULL },
		{ "/m~n", NULL },
		{ "/m~2n", NULL },
		{ "/m~", NULL },
		{ "/A", NULL },
		{ "/a/bb", NULL },
		{ "//a", NULL },
	};
	auto_json struct garita_json_doc *doc = parse(pointed, 0);

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_json *node =
			garita_json_at(garita_json_root(doc), rows[i].pointer);
		auto_text out = { 0 };

		garita_json_print(node, &out);
		if (!node != !rows[i].printed ||
		    (node && strcmp(out.data, rows[i].printed) != 0))
			fail_msg("%s: %s", rows[i].pointer, out.data);
	}
	assert_null(garita_json_at(garita_json_root(doc), NULL));
}

static void test_pointer_add_is_read_back(void **state)
{
	static const char *const keys[] = { "a",  "",    "a/b", "m~n",
					    "~1", "~0/", "//~", " " };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(keys); i++) {
		auto_json struct garita_json_doc *doc = garita_json_new();
		struct garita_json *root = garita_json_root(doc);
		auto_text pointer = { 0 };

		garita_json_put_u64(doc, root, keys[i], 5);
		garita_json_pointer_add(&pointer, keys[i]);
		assert_non_null(garita_json_at(root, pointer.data));
		assert_ptr_equal(garita_json_at(root, pointer.data),
				 garita_json_get(root, keys[i]));
	}
}

static void test_fail_points_at_the_nearest(void **state)
{
	auto_json struct garita_json_doc *doc =
		parse("{\n \"process\": {\n  \"user\": {} } }", 0);
	struct garita_json *root = garita_json_root(doc);
	struct garita_error err = { 0 };
	char deep[600] = "/process";

	(void)state;
	assert_int_equal(garita_json_fail(&err, doc, "/process/user/uid", EPERM,
					  "%s is missing", "uid"),
			 -EPERM);
	assert_int_equal(err.code, EPERM);
	assert_int_equal(err.line, 3);
	assert_int_equal(err.column, 3);
	assert_string_equal(err.pointer, "/process/user/uid");
	assert_string_equal(err.text, "uid is missing");

	/* Made of the old error. */
	garita_json_fail(&err, doc, err.pointer, EPERM, "so: %s", err.text);
	assert_string_equal(err.pointer, "/process/user/uid");
	assert_string_equal(err.text, "so: uid is missing");
	assert_int_equal(garita_json_fail(NULL, doc, "", EPERM, "x"), -EPERM);
	garita_json_fail(&err, NULL, "/x", EPERM, "no document");
	assert_int_equal(err.line, 0);
	garita_json_fail(&err, doc, NULL, EPERM, "no pointer");
	assert_int_equal(err.line, 1);
	assert_string_equal(err.pointer, "");

	memset(deep + strlen("/process"), 'x', sizeof(deep) - 20);
	garita_json_fail(&err, doc, deep, EPERM, "far");
	assert_int_equal(strlen(err.pointer), sizeof(err.pointer) - 1);
	assert_string_equal(err.pointer + sizeof(err.pointer) - 4, "...");

	assert_ptr_equal(garita_json_nearest(root, "/process/x/y"),
			 garita_json_get(root, "process"));
	assert_ptr_equal(garita_json_nearest(root, "/nothing"), root);
	assert_ptr_equal(garita_json_nearest(root, "malformed"), root);
	assert_ptr_equal(garita_json_nearest(root, ""), root);
}

static void test_put_and_remove(void **state)
{
	auto_json struct garita_json_doc *doc =
		parse("{\"a\":1,\"b\":[1,2,3],\"c\":null}", 0);
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *list = garita_json_get(root, "b");
	struct garita_json *inner;

	(void)state;
	garita_json_put_bool(doc, root, "a", true); /* stays first */
	garita_json_put_string(doc, root, "d", "x\"y");
	garita_json_put_string(doc, root, "nothing", NULL);
	garita_json_put(doc, root, "i", garita_json_new_i64(doc, INT64_MIN));
	garita_json_append(doc, list, garita_json_new_u64(doc, UINT64_MAX));
	check_print(doc, "{\"a\":true,\"b\":[1,2,3,18446744073709551615],"
			 "\"c\":null,\"d\":\"x\\\"y\","
			 "\"i\":-9223372036854775808}");

	assert_true(garita_json_remove(root, "a"));
	assert_false(garita_json_remove(root, "a"));
	assert_true(garita_json_remove(root, "i"));
	assert_true(garita_json_remove_item(list, 0));
	assert_true(garita_json_remove_item(list, 2));
	assert_false(garita_json_remove_item(list, 2));
	check_print(doc, "{\"b\":[2,3],\"c\":null,\"d\":\"x\\\"y\"}");

	inner = garita_json_new_object(doc);
	garita_json_put(doc, inner, "k", garita_json_new_array(doc));
	garita_json_put(doc, root, "c", inner);
	garita_json_put(doc, root, "d", garita_json_new_string(doc, ""));
	check_print(doc, "{\"b\":[2,3],\"c\":{\"k\":[]},\"d\":\"\"}");
}

static void test_edit_of_the_wrong_thing_does_nothing(void **state)
{
	static const char text[] = "{\"a\":[1],\"s\":\"x\"}";
	auto_json struct garita_json_doc *doc = parse(text, 0);
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *list = garita_json_get(root, "a");
	struct garita_json *value = garita_json_new_bool(doc, true);

	(void)state;
	garita_json_put(doc, NULL, "k", value);
	garita_json_put(doc, list, "k", value);
	garita_json_put(doc, garita_json_get(root, "s"), "k", value);
	garita_json_put(doc, root, "k", NULL);
	garita_json_put(doc, root, NULL, value);
	garita_json_append(doc, root, value);
	garita_json_append(doc, NULL, value);
	garita_json_append(doc, list, NULL);
	assert_false(garita_json_remove(list, "0"));
	assert_false(garita_json_remove(NULL, "a"));
	assert_false(garita_json_remove(root, NULL));
	assert_false(garita_json_remove_item(root, 0));
	assert_false(garita_json_remove_item(NULL, 0));
	check_print(doc, text);
}

static void test_make_object(void **state)
{
	auto_json struct garita_json_doc *doc =
		parse("{\"n\":null,\"a\":{\"s\":\"x\"},\"l\":[{}]}", 0);
	struct garita_json *root = garita_json_root(doc);
	auto_text deep = { 0 };

	(void)state;
	assert_ptr_equal(garita_json_make_object(doc, ""), root);
	assert_ptr_equal(garita_json_make_object(doc, "/a"),
			 garita_json_get(root, "a"));
	assert_null(garita_json_make_object(doc, "/a/s"));
	assert_null(garita_json_make_object(doc, "/a/s/t"));
	assert_null(garita_json_make_object(doc, "/l"));
	assert_null(garita_json_make_object(doc, "/l/0"));
	assert_null(garita_json_make_object(doc, "no/slash"));
	assert_null(garita_json_make_object(doc, "/new/b~d"));
	assert_null(garita_json_make_object(doc, NULL));
	for (int i = 0; i < GARITA_JSON_MAX_DEPTH; i++)
		garita_text_puts(&deep, "/d");
	assert_null(garita_json_make_object(doc, deep.data));
	check_print(doc, "{\"n\":null,\"a\":{\"s\":\"x\"},\"l\":[{}]}");

	garita_json_put_u64(doc, garita_json_make_object(doc, "/n/m/~1"), "k",
			    1);
	check_print(doc, "{\"n\":{\"m\":{\"/\":{\"k\":1}}},"
			 "\"a\":{\"s\":\"x\"},\"l\":[{}]}");

	/* As deep as may be is as deep as can be read. */
	assert_non_null(garita_json_make_object(doc, deep.data + 2));
	garita_text_free(&deep);
	garita_json_print(root, &deep);
	garita_json_free(parse(deep.data, 0));
}

/* Whatever is put in can be printed and read again. */
static void test_bytes_that_are_no_text(void **state)
{
	static const struct {
		const char *put, *printed;
	} rows[] = {
		{ "plain", "\"plain\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
		{ "a\xc0\xaf"
		  "b",
		  "\"a\xef\xbf\xbd\xef\xbf\xbd"
		  "b\"" },
		{ "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf0\x9f\x98\x80\x1b\x7f",
		  "\"\xf0\x9f\x98\x80\\u001b\x7f\"" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *doc = garita_json_new();
		struct garita_json *root = garita_json_root(doc);
		auto_text out = { 0 };
		auto_json struct garita_json_doc *again = NULL;

		garita_json_put_string(doc, root, "v", rows[i].put);
		garita_json_print(garita_json_get(root, "v"), &out);
		assert_string_equal(out.data, rows[i].printed);
		garita_json_put_bool(doc, root, rows[i].put, true);
		assert_int_equal(garita_json_count(root), 2);
		garita_text_free(&out);
		garita_json_print(root, &out);
		again = parse(out.data, 0);
		assert_true(garita_json_equal(root, garita_json_root(again)));
	}
}

/* Puts and removes on both sides of where an object gets an index, compared
 * with a plain list of what should be there. */
static void test_index_follows_edits(void **state)
{
	enum { KEYS = 64, ROUNDS = 20000 };
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	unsigned random = 12345;
	uint64_t wanted[KEYS] = { 0 }, count = 0, got;

	(void)state;
	for (unsigned round = 1; round <= ROUNDS; round++) {
		char key[8];
		unsigned k;

		random = random * 1103515245u + 12345u;
		k = (random >> 16) % KEYS;
		snprintf(key, sizeof(key), "k%u", k);
		/* Waves: mostly growing, then mostly shrinking. */
		if ((random >> 24) % 4 < (round / 500 % 2 ? 1u : 3u)) {
			garita_json_put_u64(doc, root, key, round);
			count += wanted[k] == 0;
			wanted[k] = round;
		} else {
			assert_int_equal(garita_json_remove(root, key),
					 wanted[k] != 0);
			count -= wanted[k] != 0;
			wanted[k] = 0;
		}
		assert_int_equal(garita_json_count(root), count);
		for (k = 0; k < KEYS; k++) {
			struct garita_json *node;

			snprintf(key, sizeof(key), "k%u", k);
			node = garita_json_get(root, key);
			assert_int_equal(node != NULL, wanted[k] != 0);
			if (!node)
				continue;
			assert_int_equal(garita_json_u64(node, &got), 0);
			assert_true(got == wanted[k]);
		}
	}
}

static void test_make_array(void **state)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc), *made, *again;

	(void)state;
	garita_json_put_string(doc, root, "text", "x");
	made = garita_json_make_array(doc, root, "list");
	garita_json_append(doc, made, garita_json_new_string(doc, "a"));
	again = garita_json_make_array(doc, root, "list");
	assert_ptr_equal(made, again);
	assert_true(garita_json_holds(again, "a"));
	assert_false(garita_json_holds(again, "b"));
	assert_false(garita_json_holds(again, "A"));
	/* What stands there gives way. */
	assert_int_equal(
		garita_json_count(garita_json_make_array(doc, root, "text")),
		0);
	assert_int_equal(garita_json_type(garita_json_get(root, "text")),
			 GARITA_JSON_ARRAY);
	/* An object holds nothing, whatever its values; nor does nothing. */
	garita_json_put_string(doc, root, "b", "b");
	assert_false(garita_json_holds(root, "b"));
	assert_false(garita_json_holds(NULL, "b"));
	assert_true(garita_json_absent(NULL));
	assert_false(garita_json_absent(root));
}

static void test_pretty(void **state)
{
	auto_json struct garita_json_doc *doc = parse(
		"{\"a\":[1,{\"b\":[]},\"x\"],\"c\":{},\"d\":{\"e\":null}}", 0);
	auto_text out = { 0 };

	(void)state;
	garita_json_print_pretty(garita_json_root(doc), &out);
	assert_string_equal(out.data, "{\n"
				      "  \"a\": [\n"
				      "    1,\n"
				      "    {\n"
				      "      \"b\": []\n"
				      "    },\n"
				      "    \"x\"\n"
				      "  ],\n"
				      "  \"c\": {},\n"
				      "  \"d\": {\n"
				      "    \"e\": null\n"
				      "  }\n"
				      "}");
	garita_text_free(&out);
	garita_json_print(NULL, &out);
	assert_string_equal(out.data, "null");
}

/* Edits may nest deeper than a reader takes; printing still ends well. */
static void test_deep_edits_print(void **state)
{
	enum { DEEP = 100000 };
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *at = garita_json_new_array(doc);
	auto_text out = { 0 };

	(void)state;
	garita_json_put(doc, garita_json_root(doc), "a", at);
	for (int i = 1; i < DEEP; i++) {
		struct garita_json *inner = garita_json_new_array(doc);

		garita_json_append(doc, at, inner);
		at = inner;
	}
	garita_json_print(garita_json_root(doc), &out);
	assert_int_equal(out.len, strlen("{\"a\":}") + 2 * DEEP);
	assert_true(garita_json_equal(garita_json_root(doc),
				      garita_json_root(doc)));
}

static void test_equal(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal;
	} rows[] = {
		{ "{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}", true },
		{ "[1,2]", "[2,1]", false },
		{ "[1,2]", "[1,2,3]", false },
		{ "{\"a\":1}", "{\"a\":1,\"b\":1}", false },
		{ "{\"a\":1,\"b\":1}", "{\"a\":1,\"c\":1}", false },
		{ "{\"a\":[{\"b\":null}]}", "{\"a\":[{\"b\":null}]}", true },
		{ "{\"a\":[{\"b\":null}]}", "{\"a\":[{\"b\":false}]}", false },
		{ "\"a\"", "\"\\u0061\"", true },
		{ "\"a\"", "\"A\"", false },
		{ "\"a\"", "\"ab\"", false },
		{ "1", "\"1\"", false },
		{ "1", "1.0", false },
		{ "100", "1e2", false },
		{ "true", "true", true },
		{ "true", "false", false },
		{ "null", "false", false },
		{ "[]", "{}", false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *a = parse(rows[i].a, 0);
		auto_json struct garita_json_doc *b = parse(rows[i].b, 0);
		struct garita_json *left = garita_json_root(a);
		struct garita_json *right = garita_json_root(b);

		if (garita_json_equal(left, right) != rows[i].equal ||
		    garita_json_equal(right, left) != rows[i].equal)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
		assert_false(garita_json_equal(left, NULL));
	}
	assert_true(garita_json_equal(NULL, NULL));
}

static bool keep_even(const char *key, const struct garita_json *value,
		      const void *data)
{
	uint64_t number = 1;

	(void)data;
	if (key != NULL)
		return ((key[strlen(key) - 1] - '0') & 1) == 0;
	return garita_json_u64(value, &number) == 0 && (number & 1) == 0;
}

static void test_filter(void **state)
{
	static const struct {
		const char *text, *kept;
	} rows[] = {
		{ "[1,2,3,4]", "[2,4]" },
		{ "[1,3]", "[]" },
		{ "[]", "[]" },
		{ "{\"k1\":1,\"k2\":2}", "{\"k2\":2}" },
		{ "\"text\"", "\"text\"" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_json struct garita_json_doc *doc = parse(rows[i].text, 0);
		auto_text out = { 0 };

		garita_json_filter(doc, garita_json_root(doc), keep_even, NULL);
		garita_json_print(garita_json_root(doc), &out);
		assert_string_equal(out.data, rows[i].kept);
	}
	garita_json_filter(NULL, NULL, keep_even, NULL);
}

/* What a large object has an index for still works on what is left. */
static void test_filter_of_many(void **state)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k%u", i);
		garita_json_put_u64(doc, root, key, i);
	}
	garita_json_filter(doc, root, keep_even, NULL);
	assert_int_equal(garita_json_count(root), 500);
	assert_null(garita_json_get(root, "k501"));
	assert_non_null(garita_json_get(root, "k502"));
	garita_json_put_u64(doc, root, "k501", 1);
	assert_non_null(garita_json_get(root, "k501"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_filter_of_many),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_pointer_add_is_read_back),
		cmocka_unit_test(test_fail_points_at_the_nearest),
		cmocka_unit_test(test_put_and_remove),
		cmocka_unit_test(test_edit_of_the_wrong_thing_does_nothing),
		cmocka_unit_test(test_make_object),
		cmocka_unit_test(test_make_array),
		cmocka_unit_test(test_bytes_that_are_no_text),
		cmocka_unit_test(test_index_follows_edits),
		cmocka_unit_test(test_pretty),
		cmocka_unit_test(test_deep_edits_print),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
