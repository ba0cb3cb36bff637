/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Limits of the JSON reader: depth, size, and objects so large that anything
 * quadratic would be seen. Who writes a config must not be able to exhaust us.
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

/* `open` n times, then `middle`, then `close` n times. */
static char *nested(const char *open, const char *middle, const char *close,
		    size_t n)
{
	struct garita_text text = { 0 };

	for (size_t i = 0; i < n; i++)
		garita_text_puts(&text, open);
	garita_text_puts(&text, middle);
	for (size_t i = 0; i < n; i++)
		garita_text_puts(&text, close);
	return garita_text_take(&text);
}

static void test_depth(void **state)
{
	static const size_t too_deep[] = { 33, 34, 128, 1000000 };
	auto_free char *most = nested("[", "1", "]", 32);
	auto_free char *objects = nested("{\"a\":", "{}", "}", 31);
	auto_json struct garita_json_doc *doc = parse(most, 0);
	auto_json struct garita_json_doc *other = parse(objects, 0);
	auto_text out = { 0 };

	(void)state;
	garita_json_print(garita_json_root(doc), &out);
	assert_string_equal(out.data, most);
	garita_text_free(&out);
	garita_json_print(garita_json_root(other), &out);
	assert_string_equal(out.data, objects);

	for (size_t i = 0; i < GARITA_COUNT(too_deep); i++) {
		auto_free char *text = nested("[", "", "", too_deep[i]);
		auto_free char *keys = nested("{\"a\":", "", "", too_deep[i]);
		struct garita_json_doc *none = NULL;
		struct garita_error err = { 0 };

		assert_int_equal(
			garita_json_parse(text, strlen(text), 0, &none, &err),
			-ELOOP);
		assert_int_equal(err.line, 1);
		assert_int_equal(err.column, 33);
		assert_int_equal(strlen(err.pointer), 32 * strlen("/0"));
		assert_non_null(strstr(err.text, "32 levels"));
		/* A million of them are more than 4 MiB. */
		if (strlen(keys) > GARITA_JSON_MAX_BYTES)
			continue;
		assert_int_equal(
			garita_json_parse(keys, strlen(keys), 0, &none, &err),
			-ELOOP);
		assert_int_equal(err.column, 32 * 5 + 1);
		assert_null(none);
	}
}

/* One string of all the bytes that there may be; one byte more is too much. */
static void check_longest(char *text, size_t most, unsigned flags)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_json_doc *none = NULL;
	struct garita_error err = { 0 };

	memset(text, 'x', most + 1);
	text[0] = text[most - 1] = '"';
	assert_int_equal(garita_json_parse(text, most, flags, &doc, &err), 0);
	assert_int_equal(garita_json_length(garita_json_root(doc)), most - 2);
	assert_int_equal(strlen(garita_json_string(garita_json_root(doc))),
			 most - 2);
	assert_int_equal(garita_json_parse(text, most + 1, flags, &none, &err),
			 -E2BIG);
	assert_null(none);
}

static void test_size(void **state)
{
	size_t most = GARITA_JSON_MAX_BYTES;
	auto_free char *text = garita_xalloc(most + 1);
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_json_doc *none = NULL;
	struct garita_error err = { 0 };

	(void)state;
	check_longest(text, most, 0);
	assert_int_equal(garita_json_parse(text, SIZE_MAX, 0, &none, &err),
			 -E2BIG);

	/* The most tokens that fit. */
	for (size_t i = 0; i < most; i++)
		text[i] = i % 2 ? ',' : '1';
	text[0] = '[';
	text[1] = ' ';
	text[most - 2] = '1';
	text[most - 1] = ']';
	assert_int_equal(garita_json_parse(text, most, 0, &doc, &err), 0);
	assert_int_equal(garita_json_count(garita_json_root(doc)),
			 most / 2 - 1);
	assert_null(none);
}

/* What may be larger has more bytes, and not as many values. */
static void test_large(void **state)
{
	size_t most = GARITA_JSON_LARGE_BYTES;
	size_t values = GARITA_JSON_LARGE_VALUES;
	auto_free char *text = garita_xalloc(most + 1);
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_json_doc *none = NULL;
	struct garita_error err = { 0 };

	(void)state;
	check_longest(text, most, GARITA_JSON_LARGE);
	assert_int_equal(garita_json_parse(text, most, 0, &none, &err), -E2BIG);

	/* The array is a value, too. */
	text[0] = '[';
	for (size_t i = 1; i < 2 * values - 2; i++)
		text[i] = i % 2 ? '1' : ',';
	text[2 * values - 2] = ']';
	assert_int_equal(garita_json_parse(text, 2 * values - 1,
					   GARITA_JSON_LARGE, &doc, &err),
			 0);
	assert_int_equal(garita_json_count(garita_json_root(doc)), values - 1);
	memcpy(text + 2 * values - 2, ",1]", 3);
	assert_int_equal(garita_json_parse(text, 2 * values + 1,
					   GARITA_JSON_LARGE, &none, &err),
			 -E2BIG);
	assert_non_null(strstr(err.text, "values"));
	assert_null(none);
}

/* {"k0":0,"k1":1,...} with keys in an order that is not sorted. */
static char *many_keys(unsigned count, const char *last)
{
	struct garita_text text = { 0 };

	garita_text_putc(&text, '{');
	for (unsigned i = 0; i < count; i++)
		garita_text_printf(&text, "\"k%u\":%u,", i * 7919 % count, i);
	garita_text_puts(&text, last);
	garita_text_putc(&text, '}');
	return garita_text_take(&text);
}

static void test_many_keys(void **state)
{
	static const unsigned counts[] = { 2, 15, 16, 17, 18, 250000 };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(counts); i++) {
		unsigned n = counts[i];
		auto_free char *text = many_keys(n, "\"last\":true");
		auto_free char *twice = many_keys(n, "\"k1\":null");
		auto_json struct garita_json_doc *doc = parse(text, 0);
		auto_json struct garita_json_doc *copy = parse(text, 0);
		struct garita_json_doc *none = NULL;
		struct garita_error err = { 0 };
		struct garita_json *root = garita_json_root(doc);

		assert_int_equal(garita_json_count(root), n + 1);
		for (unsigned at = 0; at < n; at += 1 + n / 5000) {
			char key[16];
			uint64_t value = n;

			snprintf(key, sizeof(key), "k%u", at * 7919 % n);
			assert_int_equal(
				garita_json_u64(garita_json_get(root, key),
						&value),
				0);
			assert_int_equal(value, at);
		}
		assert_true(garita_json_bool(garita_json_get(root, "last")));
		assert_null(garita_json_get(root, "k"));
		assert_null(garita_json_get(root, "zzz"));
		assert_null(garita_json_get(root, ""));
		assert_true(garita_json_equal(root, garita_json_root(copy)));

		assert_int_equal(
			garita_json_parse(twice, strlen(twice), 0, &none, &err),
			-EINVAL);
		assert_non_null(strstr(err.text, "\"k1\" is there twice"));
		assert_int_equal(err.column, strlen(twice) - 9);
	}
}

/* A repair may have to remove most of a large object. */
static void test_many_removals(void **state)
{
	enum { KEYS = 20000 };
	auto_free char *text = many_keys(KEYS, "\"last\":true");
	auto_json struct garita_json_doc *doc = parse(text, 0);
	struct garita_json *root = garita_json_root(doc);
	auto_text out = { 0 };

	(void)state;
	for (unsigned i = 0; i < KEYS; i++) {
		char key[16];

		snprintf(key, sizeof(key), "k%u", i);
		assert_true(garita_json_remove(root, key));
	}
	garita_json_print(root, &out);
	assert_string_equal(out.data, "{\"last\":true}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_many_removals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
