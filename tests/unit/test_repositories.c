/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What docker calls an image: the file it writes is read, any other is not,
 * and what is on it about other images stays there.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/store/repositories.h"

#define HALF_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HALF_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HALF_C "cccccccccccccccccccccccccccccccc"
#define APP    "sha256:" HALF_A HALF_A
#define OTHER  "sha256:" HALF_B HALF_B
#define BLOB   "sha256:" HALF_C HALF_C

static int find(const char *text, size_t len, struct garita_image *ret,
		struct garita_error *err)
{
	/* Exactly as long as said, so that valgrind and ASan see a step past
	 * the end. */
	auto_free char *copy = garita_xalloc(len == 0 ? 1 : len);

	memcpy(copy, text, len);
	return garita_repositories_find(copy, len, APP, ret, err);
}

static void test_names_are_found(void **state)
{
	static const struct {
		const char *why, *text, *names, *digests;
	} rows[] = {
		{ "a new store", "{\"Repositories\":{}}", "", "" },
		{ "as docker writes it",
		  "{\"Repositories\":{\"app\":{\"app:v1\":\"" APP "\","
		  "\"app:v2\":\"" OTHER "\",\"app@" BLOB "\":\"" APP "\"},"
		  "\"b/c\":{\"b/c:x\":\"" APP "\"}}}",
		  "app:v1 b/c:x ", "app@" BLOB " " },
		{ "a registry with a port",
		  "{\"Repositories\":{\"r.example:5000/a\":{"
		  "\"r.example:5000/a:1\":\"" APP "\","
		  "\"r.example:5000/a@" BLOB "\":\"" APP "\"}}}",
		  "r.example:5000/a:1 ", "r.example:5000/a@" BLOB " " },
		{ "indented by an administrator",
		  "{ \"Repositories\" :\n\t{ \"app\" : { \"app:v1\" :\r\n "
		  "\"" APP "\" } } }\n",
		  "app:v1 ", "" },
		{ "only others'",
		  "{\"Repositories\":{\"app\":{\"app:v1\":\"" OTHER "\"}}}", "",
		  "" },
		{ "a repository whose last name went away",
		  "{\"Repositories\":{\"app\":{},\"b\":{\"b:1\":\"" APP "\"}}}",
		  "b:1 ", "" },
		{ "a digest of another kind",
		  "{\"Repositories\":{\"a\":{\"a@sha512:00\":\"" APP "\"}}}",
		  "", "" },
		{ "one name begins with the other",
		  "{\"Repositories\":{\"a\":{\"a:1\":\"" APP
		  "\",\"a:10\":\"" APP "\"},\"a-b\":{\"a-b:1\":\"" APP "\"}}}",
		  "a:1 a:10 a-b:1 ", "" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_error err = { 0 };
		auto_image image = { 0 };
		auto_text names = { 0 }, digests = { 0 };

		if (find(rows[i].text, strlen(rows[i].text), &image, &err) < 0)
			fail_msg("%s: %s", rows[i].why, err.text);
		garita_text_puts(&names, "");
		garita_text_puts(&digests, "");
		for (size_t k = 0; k < image.name_count; k++)
			garita_text_printf(&names, "%s ", image.names[k]);
		for (size_t k = 0; k < image.repo_digest_count; k++)
			garita_text_printf(&digests, "%s ",
					   image.repo_digests[k]);
		if (strcmp(names.data, rows[i].names) != 0 ||
		    strcmp(digests.data, rows[i].digests) != 0)
			fail_msg("%s: %s%s", rows[i].why, names.data,
				 digests.data);
	}
}

static void test_other_texts_are_refused(void **state)
{
	static const struct {
		const char *why, *text;
	} rows[] = {
		{ "nothing", "" },
		{ "no object", "[]" },
		{ "null", "null" },
		{ "no Repositories", "{}" },
		{ "another member", "{\"repositories\":{}}" },
		{ "a second member", "{\"Repositories\":{},\"x\":{}}" },
		{ "the member twice", "{\"Repositories\":{},\"Repositories\":"
				      "{}}" },
		{ "text after it", "{\"Repositories\":{}} {}" },
		{ "a list of repositories", "{\"Repositories\":[]}" },
		{ "a repository that is a string",
		  "{\"Repositories\":{\"app\":\"" APP "\"}}" },
		{ "a name that is of an object",
		  "{\"Repositories\":{\"app\":{\"app:v1\":{}}}}" },
		{ "a name that is of null",
		  "{\"Repositories\":{\"app\":{\"app:v1\":null}}}" },
		{ "no comma", "{\"Repositories\":{\"app\":{\"app:1\":\"" APP
			      "\" \"app:2\":\"" APP "\"}}}" },
		{ "a comma too many",
		  "{\"Repositories\":{\"app\":{\"app:1\":\"" APP "\",}}}" },
		{ "a comma after the last repository",
		  "{\"Repositories\":{\"app\":{\"app:1\":\"" APP "\"},}}" },
		{ "an escape in a name",
		  "{\"Repositories\":{\"app\":{\"app:\\u0031\":\"" APP
		  "\"}}}" },
		{ "an escaped quote", "{\"Repositories\":{\"a\\\"\":{}}}" },
		{ "an escape in what is about another image",
		  "{\"Repositories\":{\"app\":{\"app:\\n\":\"" OTHER "\"}}}" },
		{ "a name twice: docker would take the last",
		  "{\"Repositories\":{\"app\":{\"app:1\":\"" APP
		  "\",\"app:1\":\"" OTHER "\"}}}" },
		{ "a repository twice",
		  "{\"Repositories\":{\"app\":{\"app:1\":\"" APP
		  "\"},\"app\":{}}}" },
		{ "a repository twice, not side by side",
		  "{\"Repositories\":{\"app\":{\"app:1\":\"" APP
		  "\"},\"b\":{},\"app\":{}}}" },
		{ "an empty key", "{\"Repositories\":{\"\":{}}}" },
		{ "a name of another repository",
		  "{\"Repositories\":{\"app\":{\"b:1\":\"" APP "\"}}}" },
		{ "no tag",
		  "{\"Repositories\":{\"app\":{\"app:\":\"" APP "\"}}}" },
		{ "just the repository",
		  "{\"Repositories\":{\"app\":{\"app\":\"" APP "\"}}}" },
		{ "a tag with a path",
		  "{\"Repositories\":{\"app\":{\"app:1/b\":\"" APP "\"}}}" },
		{ "a name that goes on after the repository's",
		  "{\"Repositories\":{\"app\":{\"appx:1\":\"" APP "\"}}}" },
		{ "a digest that is none",
		  "{\"Repositories\":{\"app\":{\"app@sha256:1\":\"" APP
		  "\"}}}" },
		{ "a letter that no name has",
		  "{\"Repositories\":{\"app\":{\"app:\xc3\xa9\":\"" APP
		  "\"}}}" },
		{ "a control character",
		  "{\"Repositories\":{\"app\":{\"app:\x1b[\":\"" APP "\"}}}" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_error err = { 0 };
		auto_image image = { 0 };

		if (find(rows[i].text, strlen(rows[i].text), &image, &err) !=
		    -EINVAL)
			fail_msg("accepted: %s", rows[i].why);
		assert_string_not_equal(err.text, "");
		assert_int_equal(image.name_count, 0);
		assert_int_equal(image.repo_digest_count, 0);
	}
}

/* Wherever the file ends early, it is not believed; nor with a NUL, except
 * within words about other images, which nobody looks at. */
static void test_cut_texts_are_refused(void **state)
{
	static const char text[] =
		"{\"Repositories\":{\"app\":{\"app:v1\":\"" APP "\",\"app@" BLOB
		"\":\"" APP "\"}}}";

	(void)state;
	for (size_t len = 0; len < strlen(text); len++) {
		auto_image image = { 0 };

		assert_int_equal(find(text, len, &image, NULL), -EINVAL);
		assert_int_equal(image.name_count, 0);
	}
	for (size_t at = 0; at < sizeof(text); at++) {
		size_t len = at < strlen(text) ? strlen(text) : sizeof(text);
		auto_image image = { 0 };
		char copy[sizeof(text)];
		int failed;

		memcpy(copy, text, sizeof(copy));
		copy[at] = '\0';
		failed = find(copy, len, &image, NULL);
		if (failed == 0 && image.name_count == 1 &&
		    image.repo_digest_count == 1)
			fail_msg("a NUL at %zu is not seen", at);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_are_found),
		cmocka_unit_test(test_other_texts_are_refused),
		cmocka_unit_test(test_cut_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
