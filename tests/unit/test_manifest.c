/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The blobs of an image are written by whoever built it. What counts as a
 * manifest, a config and an index, and that nothing counts as two of them.
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
#include "garita/manifest.h"

#define HEX "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A   "sha256:" HEX
#define B                                                                      \
	"sha256:"                                                              \
	"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LIST   "\"manifests\":[{\"digest\":\"" B "\"},{\"digest\":\"" A "\"}]"
#define CONFIG "\"config\":{\"digest\":\"" A "\"}"

static const struct {
	const char *why, *text;
	bool fine;
} manifests[] = {
	{ "OCI", "{\"schemaVersion\":2," CONFIG ",\"layers\":[]}", true },
	{ "with a media type",
	  "{\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+"
	  "json\"," CONFIG ",\"layers\":[{}]}",
	  true },
	{ "an index", "{" LIST "}", false },
	{ "both", "{" CONFIG ",\"layers\":[]," LIST "}", false },
	{ "schema 1", "{\"schemaVersion\":1,\"fsLayers\":[]}", false },
	{ "schema 1 and 2", "{" CONFIG ",\"layers\":[],\"fsLayers\":[]}",
	  false },
	{ "no layers", "{" CONFIG "}", false },
	{ "layers is no array", "{" CONFIG ",\"layers\":{}}", false },
	{ "no config", "{\"layers\":[]}", false },
	{ "config twice", "{" CONFIG "," CONFIG ",\"layers\":[]}", false },
	{ "another hash",
	  "{\"config\":{\"digest\":\"sha512:" HEX "\"},\"layers\":[]}", false },
	{ "upper case",
	  "{\"config\":{\"digest\":\"SHA256:" HEX "\"},\"layers\":[]}", false },
	{ "bytes after", "{" CONFIG ",\"layers\":[]}{}", false },
	{ "no object", "[]", false },
	{ "nothing", "", false },
};

static void test_manifests(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(manifests); i++) {
		char digest[GARITA_DIGEST_SIZE] = "untouched";
		int failed = garita_manifest_config(manifests[i].text,
						    strlen(manifests[i].text),
						    digest, NULL);

		if ((failed == 0) != manifests[i].fine)
			fail_msg("%s: %d", manifests[i].why, failed);
		assert_string_equal(digest, failed == 0 ? A : "untouched");
	}
}

static const struct {
	const char *why, *text;
	int count; /* -1: refused */
} configs[] = {
	{ "two", "{\"rootfs\":{\"diff_ids\":[\"" A "\",\"" B "\"]}}", 2 },
	{ "none", "{\"rootfs\":{\"diff_ids\":[]}}", 0 },
	{ "no list", "{\"rootfs\":{\"type\":\"layers\"}}", 0 },
	{ "no rootfs", "{}", 0 },
	{ "a nil slice in Go", "{\"rootfs\":{\"diff_ids\":null}}", 0 },
	{ "a string", "{\"rootfs\":{\"diff_ids\":\"" A "\"}}", -1 },
	{ "a number in it", "{\"rootfs\":{\"diff_ids\":[\"" A "\",7]}}", -1 },
	{ "another hash", "{\"rootfs\":{\"diff_ids\":[\"md5:00\"]}}", -1 },
	{ "the list twice",
	  "{\"rootfs\":{\"diff_ids\":[],\"diff_ids\":[\"" A "\"]}}", -1 },
	{ "nothing", "", -1 },
};

static void test_configs(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(configs); i++) {
		struct garita_diff_ids found = { 0 };
		int failed = garita_manifest_diff_ids(
			configs[i].text, strlen(configs[i].text), &found, NULL);

		if (configs[i].count < 0) {
			if (failed != -EINVAL)
				fail_msg("%s: %d", configs[i].why, failed);
			assert_null(found.ids);
			continue;
		}
		if (failed < 0)
			fail_msg("%s: %d", configs[i].why, failed);
		assert_int_equal(found.count, configs[i].count);
		if (found.count == 2) {
			assert_string_equal(found.ids[0], A);
			assert_string_equal(found.ids[1], B);
		}
		free(found.ids);
	}
}

static int read_stack(size_t layers)
{
	auto_text text = { 0 };
	struct garita_diff_ids found = { 0 };
	int failed;

	garita_text_puts(&text, "{\"rootfs\":{\"diff_ids\":[");
	for (size_t i = 0; i < layers; i++)
		garita_text_printf(&text, "%s\"" A "\"", i > 0 ? "," : "");
	garita_text_puts(&text, "]}}");
	failed = garita_manifest_diff_ids(text.data, text.len, &found, NULL);
	free(found.ids);
	return failed;
}

static void test_the_number_of_layers_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(read_stack(GARITA_LAYERS_MAX), 0);
	assert_int_equal(read_stack(GARITA_LAYERS_MAX + 1), -E2BIG);
}

static const struct {
	const char *why, *text;
	bool has, is;
} indexes[] = {
	{ "OCI", "{\"schemaVersion\":2," LIST "}", true, true },
	{ "does not name it", "{\"manifests\":[{\"digest\":\"" B "\"}]}", false,
	  true },
	{ "empty", "{\"manifests\":[]}", false, true },
	{ "names it elsewhere", "{\"manifests\":[],\"x\":\"" A "\"}", false,
	  true },
	{ "an object", "{\"manifests\":{\"digest\":\"" A "\"}}", false, false },
	{ "also a manifest", "{" LIST "," CONFIG "}", false, false },
	{ "also layers", "{" LIST ",\"layers\":[]}", false, false },
	{ "the list twice", "{" LIST ",\"manifests\":[]}", false, false },
	{ "a manifest", "{" CONFIG ",\"layers\":[]}", false, false },
	{ "no JSON", "manifests " A, false, false },
	{ "nothing", "", false, false },
};

static void test_indexes(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(indexes); i++) {
		const char *text = indexes[i].text;

		if (garita_manifest_index_has(text, strlen(text), A) !=
		    indexes[i].has)
			fail_msg("has: %s", indexes[i].why);
		if (garita_manifest_is_index(text, strlen(text)) !=
		    indexes[i].is)
			fail_msg("is: %s", indexes[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_manifests),
		cmocka_unit_test(test_configs),
		cmocka_unit_test(test_the_number_of_layers_is_bounded),
		cmocka_unit_test(test_indexes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
