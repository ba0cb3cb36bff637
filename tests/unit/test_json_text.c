/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings are read and printed in steps of several bytes: whatever is special
 * is found at every place of strings of every length, and nothing else is. And
 * what a document does with the text it was given.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/json.h"

enum { LONGEST = 50 };

/* ["xxx<part>xxx"] with `before` and `after` many x. */
static void make(struct garita_text *out, size_t before, const char *part,
		 size_t after)
{
	garita_text_puts(out, "[\"");
	for (size_t i = 0; i < before; i++)
		garita_text_putc(out, 'x');
	garita_text_puts(out, part);
	for (size_t i = 0; i < after; i++)
		garita_text_putc(out, 'x');
	garita_text_puts(out, "\"]");
}

/* Exactly as long as told: a read beyond is seen by ASan. */
static int parse_exactly(const struct garita_text *text,
			 struct garita_json_doc **ret, struct garita_error *err)
{
	char *copy = garita_xresize(NULL, text->len, 1);
	int rc;

	memcpy(copy, text->data, text->len);
	rc = garita_json_parse_given(&copy, text->len, 0, ret, err);
	assert_null(copy);
	return rc;
}

static void test_what_means_itself_and_what_does_not(void **state)
{
	static const struct {
		const char *text, *meant, *printed; /* NULL: as in the text */
	} parts[] = {
		{ "", NULL, NULL },
		{ " ", NULL, NULL },
		{ "!", NULL, NULL },
		{ "#", NULL, NULL },
		{ "[", NULL, NULL },
		{ "]", NULL, NULL },
		{ "~", NULL, NULL },
		{ "\x7f", NULL, NULL },
		{ "\xc2\x80", NULL, NULL },
		{ "\xe2\x80\xa2", NULL, NULL },
		{ "\xf0\x9f\x98\x80", NULL, NULL },
		{ "\\\"", "\"", NULL },
		{ "\\\\", "\\", NULL },
		{ "\\n", "\n", NULL },
		{ "\\u001f", "\x1f", NULL },
		{ "\\u0001", "\x01", NULL },
		{ "\\/", "/", "/" },
		{ "\\u0078", "x", "x" },
		{ "\\u00e9", "\xc3\xa9", "\xc3\xa9" },
		{ "\\ud83d\\ude00", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	};

	(void)state;
	for (size_t p = 0; p < GARITA_COUNT(parts); p++) {
		const char *text = parts[p].text;
		const char *meant = parts[p].meant ? parts[p].meant : text;
		const char *printed =
			parts[p].printed ? parts[p].printed : text;

		for (size_t i = 0; i < (size_t)LONGEST * LONGEST; i++) {
			size_t before = i / LONGEST, after = i % LONGEST;
			auto_json struct garita_json_doc *doc = NULL;
			auto_text in = { 0 }, want = { 0 }, out = { 0 };
			struct garita_error err = { 0 };
			const char *string;

			make(&in, before, text, after);
			assert_int_equal(parse_exactly(&in, &doc, &err), 0);
			string = garita_json_string(
				garita_json_item(garita_json_root(doc), 0));
			assert_int_equal(strlen(string),
					 before + strlen(meant) + after);
			assert_memory_equal(string + before, meant,
					    strlen(meant));
			make(&want, before, printed, after);
			garita_json_print(garita_json_root(doc), &out);
			assert_string_equal(out.data, want.data);
			assert_int_equal(out.len, want.len);
		}
	}
}

static void test_what_cannot_be_there(void **state)
{
	static const struct {
		const char *part, *words;
	} parts[] = {
		{ "\x1f", "raw control character" },
		{ "\n", "raw control character" },
		{ "\x01", "raw control character" },
		{ "\x80", "UTF-8" },
		{ "\xff", "UTF-8" },
		{ "\xe2\x80", "UTF-8" },
		{ "\\x", "an escape" },
		{ "\\u00", "four hex digits" },
		{ "\\u0000", "U+0000" },
		{ "\\udc00", "unpaired" },
	};

	(void)state;
	for (size_t p = 0; p < GARITA_COUNT(parts); p++) {
		for (size_t i = 0; i < (size_t)LONGEST * LONGEST; i++) {
			size_t before = i / LONGEST, after = i % LONGEST;
			struct garita_json_doc *doc = NULL;
			struct garita_error err = { 0 };
			auto_text in = { 0 };

			make(&in, before, parts[p].part, after);
			assert_int_equal(parse_exactly(&in, &doc, &err),
					 -EINVAL);
			assert_non_null(strstr(err.text, parts[p].words));
			assert_int_equal(err.column,
					 strlen("[\"") + before + 1);
			/* Cut off anywhere, it is refused as well. */
			in.len = strlen("[\"") + before;
			assert_int_equal(parse_exactly(&in, &doc, &err),
					 -EINVAL);
			assert_non_null(strstr(err.text, "no end"));
		}
	}
}

/* A string that was made by an edit lies where the memory of its document may
 * end; printing it reads no byte behind that. */
static void test_strings_at_the_end_of_a_chunk(void **state)
{
	(void)state;
	for (size_t len = 16300; len < 16420; len++) {
		struct garita_json_doc *doc = garita_json_new();
		struct garita_json *root = garita_json_root(doc);
		auto_free char *text = garita_xalloc(len + 1);
		auto_text out = { 0 };

		memset(text, 'x', len);
		garita_json_put_string(doc, root, "k", text);
		garita_json_put_string(doc, root, "l", "short");
		garita_json_print(root, &out);
		assert_int_equal(out.len,
				 len + strlen("{\"k\":\"\",\"l\":\"short\"}"));
		garita_json_free(doc);
	}
}

static void test_a_given_text_is_gone_in_any_case(void **state)
{
	struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };
	char *text = garita_xstrdup("{\"a\":1}");

	(void)state;
	assert_int_equal(garita_json_parse_given(&text, 7, 0, &doc, &err), 0);
	assert_null(text);
	garita_json_free(doc);
	doc = NULL;
	text = garita_xstrdup("{\"a\":1");
	assert_int_equal(garita_json_parse_given(&text, 6, 0, &doc, &err),
			 -EINVAL);
	assert_null(text);
	text = garita_xstrdup("{}");
	assert_int_equal(
		garita_json_parse_given(&text, SIZE_MAX, 0, &doc, &err),
		-E2BIG);
	assert_null(text);
	assert_null(doc);
}

/* What is decoded or edited has no line; asking for many is no work each. */
static void test_lines(void **state)
{
	enum { LINES = 100000 };
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };
	auto_text text = { 0 };
	struct garita_json *root;
	unsigned line, column;

	(void)state;
	garita_text_putc(&text, '[');
	for (size_t i = 0; i < LINES; i++)
		garita_text_puts(&text, i ? ",\n  \"\\n\\u000a\"" : "\"\"");
	garita_text_putc(&text, ']');
	assert_int_equal(garita_json_parse(text.data, text.len, 0, &doc, &err),
			 0);
	root = garita_json_root(doc);
	for (unsigned i = 0; i < LINES; i++) {
		garita_json_place(doc, garita_json_item(root, i), &line,
				  &column);
		assert_int_equal(line, i + 1);
		assert_int_equal(column, i ? 3 : 2);
	}
	garita_json_append(doc, root, garita_json_new_string(doc, "new"));
	garita_json_place(doc, garita_json_item(root, LINES), &line, &column);
	assert_int_equal(line, 0);
	assert_int_equal(column, 0);
}

struct pieces {
	struct garita_text all;
	unsigned count, most; /* the one after `most` fails */
};

static int take_piece(void *data, const char *text, size_t len)
{
	struct pieces *pieces = data;

	if (pieces->count == pieces->most)
		return -ENOSPC;
	pieces->count++;
	garita_text_add(&pieces->all, text, len);
	return 0;
}

/* What ends at a piece's end, and what is longer than one. */
static void test_printed_in_pieces(void **state)
{
	static const size_t some = 100000;

	(void)state;
	for (size_t first = 0; first < 40; first++) {
		auto_json struct garita_json_doc *doc = NULL;
		struct pieces pieces = { .most = 1000 }, few = { .most = 2 };
		auto_text text = { 0 }, whole = { 0 };

		garita_text_puts(&text, "{\"");
		while (text.len < first)
			garita_text_putc(&text, 'k');
		garita_text_puts(&text, "\":[\"");
		while (text.len < some)
			garita_text_puts(&text, "abcdefghijklmn\\n\xc3\xa4");
		garita_text_puts(&text, "\",1");
		while (text.len < 2 * some)
			garita_text_putc(&text, '7');
		while (text.len < 3 * some)
			garita_text_puts(&text, ",{\"a\":[]},true,null");
		garita_text_puts(&text, "]}");
		assert_int_equal(
			garita_json_parse(text.data, text.len, 0, &doc, NULL),
			0);
		garita_json_print(garita_json_root(doc), &whole);
		assert_string_equal(whole.data, text.data);
		assert_int_equal(garita_json_print_pieces(garita_json_root(doc),
							  take_piece, &pieces),
				 0);
		assert_string_equal(pieces.all.data, text.data);
		assert_true(pieces.count > 3);
		assert_int_equal(garita_json_print_pieces(garita_json_root(doc),
							  take_piece, &few),
				 -ENOSPC);
		assert_int_equal(few.count, 2);
		garita_text_free(&pieces.all);
		garita_text_free(&few.all);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_printed_in_pieces),
		cmocka_unit_test(test_what_means_itself_and_what_does_not),
		cmocka_unit_test(test_what_cannot_be_there),
		cmocka_unit_test(test_strings_at_the_end_of_a_chunk),
		cmocka_unit_test(test_a_given_text_is_gone_in_any_case),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
