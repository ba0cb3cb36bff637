/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whatever our reader takes, yajl takes and reads alike: configs of real
 * engines, and some hundred thousand texts made of them and of every form that
 * JSON has by changing, removing, doubling and moving bytes. The numbers are
 * drawn from a fixed seed; the fuzz target json goes on where this ends.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/json.h"
#include "tests/unit/json_oracle.h"

static unsigned draw(uint64_t *seed, size_t below)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((*seed >> 33) % below);
}

/* What is put in the place of something else: all that means something, and
 * the bytes at every edge. */
static const char *const words[] = {
	"{",        "}",        "[",        "]",        ",",
	":",        "\"",       "\\",       "/",        "*",
	" ",        "\n",       "\t",       "\r",       "\f",
	"0",        "1",        "9",        "-",        "+",
	".",        "e",        "E",        "u",        "true",
	"false",    "null",     "tru",      "nulll",    "\"\"",
	"\"a\"",    "\"a\":",   "\\u",      "\\u0000",  "\\u0041",
	"\\ud800",  "\\udc00",  "\\uDBFF",  "\\uE000",  "\\n",
	"\\/",      "\\x",      "\x7f",     "\x80",     "\xbf",
	"\xc0\xaf", "\xc2\x80", "\xdf\xbf", "\xe0\x9f", "\xed\xa0\x80",
	"\xef\xbb", "\xf0\x90", "\xf4\x90", "\xff",     "//",
	"/*",       "*/",       "/**/",     "// x\n",   "{}",
	"[]",       "1e5",      "-0",       "01",       "1.",
	"[1,",      "{\"b\":",  "\x1f",     "'",        "\xc5\xbf",
	"\"\\\\\"", "12345678", "        ", "\\\"",     "\xf0\x9f\x98\x80",
};

static void put(struct garita_text *out, uint64_t *seed)
{
	const char *word = words[draw(seed, GARITA_COUNT(words))];

	if (draw(seed, 40) == 0)
		garita_text_putc(out, '\0');
	else
		garita_text_puts(out, word);
}

/* One text out of another: at a few places something else happens. */
static void change(const char *text, size_t len, unsigned changes,
		   uint64_t *seed, struct garita_text *out)
{
	size_t at = 0;

	while (at < len) {
		size_t run = 1 + draw(seed, 2 * len / changes + 1);

		run = run < len - at ? run : len - at;
		garita_text_add(out, text + at, run);
		at += run;
		switch (draw(seed, 5)) {
		case 0: /* some bytes are gone */
			at += draw(seed, 4);
			break;
		case 1: /* or there twice */
			at -= run < 8 ? run : 8;
			break;
		case 2: /* or are those of another place */
			at = draw(seed, len);
			break;
		case 3:
			put(out, seed);
			break;
		case 4:
			put(out, seed);
			at++;
			break;
		}
		if (out->len > 2 * len + 64)
			break;
	}
}

static void check(const char *text, size_t len)
{
	static const unsigned both[] = { GARITA_JSON_STRICT,
					 GARITA_JSON_COMMENTS };

	for (size_t i = 0; i < GARITA_COUNT(both); i++) {
		/* Exactly as long as told: a read beyond is seen by ASan. */
		auto_free char *copy = garita_xresize(NULL, len, 1);
		const char *words_of;

		if (len > 0)
			memcpy(copy, text, len);
		words_of = json_oracle_objects(copy, len, both[i]);
		if (words_of != NULL)
			fail_msg("%s: %.*s", words_of,
				 len < 4000 ? (int)len : 4000, text);
	}
}

static void check_changed(const char *text, size_t len, unsigned rounds,
			  unsigned changes, uint64_t *seed)
{
	check(text, len);
	for (unsigned i = 0; i < rounds; i++) {
		auto_text out = { 0 };

		change(text, len, 1 + draw(seed, changes), seed, &out);
		check(out.data, out.len);
	}
}

static void test_short_texts(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		" [ ] ",
		"true",
		"-0.5e+10",
		"\"\"",
		"[1,2.5,-3e7,true,false,null,\"s\",{},[]]",
		"{\"a\":1,\"b\":[{\"c\":null}],\"d\":{\"e\":\"f\"}}",
		"{\"a\" : \"\\\"\\\\\\/\\b\\f\\n\\r\\t\" }",
		"[ \"\\u00e9\\ud83d\\ude00\" ]",
		"[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\",\"12345678\"]",
		"/* c */ {\"a\": // d\n 1, /**/ \"b\" : [ ] } // e",
		"{\n  \"k\" : [\n    0,\n    \"x\"\n  ]\n}\n",
		"[[[[{\"a\":{\"a\":{\"a\":[[\"deep\"]]}}}]]]]",
	};
	uint64_t seed = 1;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(texts); i++)
		check_changed(texts[i], strlen(texts[i]), 15000, 4, &seed);
}

/* Every text of up to four of the words that decide about structure. */
static void test_all_that_is_tiny(void **state)
{
	static const char *const parts[] = {
		"",  "{",     "}",   "[",    "]",  ",",    ":",
		" ", "\"a\"", "\"b", "true", "12", "-",    "\\u0061\"",
		"/", "//",    "/*",  "*/",   "\n", "\xc3", "\xa9",
	};
	enum { MOST = 4 };
	size_t i[MOST] = { 0 }, at = 0;

	(void)state;
	while (at < MOST) {
		auto_text text = { 0 };

		for (size_t part = 0; part < MOST; part++)
			garita_text_puts(&text, parts[i[part]]);
		check(text.data, text.len);
		for (at = 0; at < MOST; at++) {
			if (++i[at] < GARITA_COUNT(parts))
				break;
			i[at] = 0;
		}
	}
}

enum { MOST_BYTES = 1 << 20 };

static void check_file(const char *path, uint64_t *seed)
{
	FILE *file = fopen(path, "re");
	auto_free char *text = garita_xalloc(MOST_BYTES);
	size_t len;

	if (file == NULL)
		fail_msg("cannot open %s", path);
	len = fread(text, 1, MOST_BYTES, file);
	fclose(file);
	check_changed(text, len, 60, 30, seed);
}

static void test_what_engines_write(void **state)
{
	static const char *const places[] = {
		"tests/samples/engines/*/*.json",
		"tests/rules/*/*.json",
		"examples/*.json",
	};
	uint64_t seed = 2;
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(places); i++) {
		char pattern[4096];
		glob_t found;

		snprintf(pattern, sizeof(pattern), "%s/%s", GARITA_SRC_DIR,
			 places[i]);
		assert_int_equal(glob(pattern, 0, NULL, &found), 0);
		for (size_t at = 0; at < found.gl_pathc; at++, seen++)
			check_file(found.gl_pathv[at], &seed);
		globfree(&found);
	}
	assert_true(seen >= 100); /* nothing got lost */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_short_texts),
		cmocka_unit_test(test_all_that_is_tiny),
		cmocka_unit_test(test_what_engines_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
