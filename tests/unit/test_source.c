/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_source - material as people have it, and as somebody crafts it: a file,
 * a directory, an OCI layout.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/image.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/trust/source.h"
#include "tests/unit/temporary.h"

#define SIGNATURE                                                              \
	"\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json\","
#define NOBODY                                                                 \
	"sha256:9999999999999999999999999999999999999999999999999999999999999" \
	"999"

/* A directory of the test; each begins with an empty one, and is in it. */
static char home[TEMPORARY_SIZE];

static int make_home(void **state)
{
	(void)state;
	temporary_make("source", home);
	return chdir(home) == 0 ? mkdir("in", 0755) : -1;
}

static int remove_home(void **state)
{
	(void)state;
	return chdir("/") < 0 ? -1 : temporary_remove(home);
}

static void put_bytes(const char *path, const char *bytes, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void put(const char *path, const char *text)
{
	put_bytes(path, text, strlen(text));
}

static void start_layout(void)
{
	put("in/oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
	assert_int_equal(mkdir("in/blobs", 0755), 0);
	assert_int_equal(mkdir("in/blobs/sha256", 0755), 0);
}

static void blob_path(const char *digest, struct garita_text *ret)
{
	garita_text_printf(ret, "in/blobs/sha256/%s", digest + 7);
}

/* Writes a blob and says its digest. */
static void blob(const char *text, char ret[GARITA_DIGEST_SIZE])
{
	auto_text path = { 0 };

	garita_sha256_digest(text, strlen(text), ret);
	blob_path(ret, &path);
	put(path.data, text);
}

/* A blob that lists these as `list` with `more` in each entry. */
static void listing(const char *list, const char *more, const char *digest,
		    char ret[GARITA_DIGEST_SIZE])
{
	auto_text text = { 0 };

	garita_text_printf(&text, "{\"%s\":[{%s\"digest\":\"%s\"}]}", list,
			   more, digest);
	blob(text.data, ret);
}

static void index_of(const char *digest)
{
	auto_text text = { 0 };

	garita_text_printf(&text, "{\"manifests\":[{\"digest\":\"%s\"}]}",
			   digest);
	put("in/index.json", text.data);
}

/* ---- what is read ---- */

static void a_file(void)
{
	put("in/one", "a");
}

static void a_directory(void)
{
	put("in/one", "a");
	put("in/two", "b");
	put("in/.hidden", "c");
	assert_int_equal(mkdir("in/below", 0755), 0);
	put("in/below/three", "d");
	assert_int_equal(mkfifo("in/fifo", 0644), 0);
	assert_int_equal(symlink("nowhere", "in/dangling"), 0);
}

/* As Kubernetes mounts a secret. */
static void a_directory_with_links_inside(void)
{
	assert_int_equal(mkdir("in/..data", 0755), 0);
	put("in/..data/one", "a");
	assert_int_equal(symlink("..data/one", "in/one"), 0);
}

static void a_signature(void)
{
	char payload[GARITA_DIGEST_SIZE], manifest[GARITA_DIGEST_SIZE];

	start_layout();
	blob("payload", payload);
	listing("layers", SIGNATURE, payload, manifest);
	index_of(manifest);
}

static void an_image(void)
{
	char layer[GARITA_DIGEST_SIZE], manifest[GARITA_DIGEST_SIZE];

	start_layout();
	blob("a layer is not looked at", layer);
	listing("layers", "\"mediaType\":\"a tar\",", layer, manifest);
	index_of(manifest);
}

static void an_index_without_its_platforms(void)
{
	char index[GARITA_DIGEST_SIZE];

	start_layout();
	listing("manifests", "", NOBODY, index);
	index_of(index);
}

static void nested(unsigned levels)
{
	char one[GARITA_DIGEST_SIZE], next[GARITA_DIGEST_SIZE];

	start_layout();
	blob("{\"layers\":[]}", one);
	for (unsigned i = 0; i < levels; i++) {
		listing("manifests", "", one, next);
		memcpy(one, next, sizeof(one));
	}
	index_of(one);
}

static void indexes_four_deep(void)
{
	nested(4);
}

static void indexes_five_deep(void)
{
	nested(5);
}

static void odd_digests(void)
{
	start_layout();
	put("in/index.json",
	    "{\"manifests\":[{\"digest\":\"sha256:../../../../etc/passwd\"},"
	    "{\"digest\":\"sha512:ab\"},{\"digest\":7},{},null,\"x\"]}");
}

static const struct {
	const char *path;
	void (*make)(void);
	size_t count;
} good[] = {
	{ "in/one", a_file, 1 },
	{ "in", a_directory, 2 },
	{ "in", a_directory_with_links_inside, 1 },
	{ "in", a_signature, 2 },
	{ "in", an_image, 1 },
	{ "in", an_index_without_its_platforms, 1 },
	{ "in", indexes_four_deep, 5 },
	{ "in", odd_digests, 0 },
};

static void test_what_is_read(void **state)
{
	for (size_t i = 0; i < GARITA_COUNT(good); i++) {
		struct garita_error err = { 0 };
		auto_blobs bag = { 0 };

		assert_int_equal(make_home(state), 0);
		good[i].make();
		if (garita_source_read(good[i].path, &bag, NULL, &err) < 0)
			fail_msg("row %zu: %s", i, err.text);
		if (bag.count != good[i].count)
			fail_msg("row %zu: %zu pieces, not %zu", i, bag.count,
				 good[i].count);
		assert_int_equal(remove_home(state), 0);
	}
}

/* ---- what is refused ---- */

static void nothing(void)
{
}

static void a_link_out(void)
{
	put("secret", "of root");
	assert_int_equal(symlink("../secret", "in/link"), 0);
}

static void an_absolute_link(void)
{
	assert_int_equal(symlink("/etc/hostname", "in/link"), 0);
}

static void a_blob_that_is_a_link_out(void)
{
	char digest[GARITA_DIGEST_SIZE];
	auto_text path = { 0 };

	start_layout();
	blob("{\"layers\":[]}", digest);
	blob_path(digest, &path);
	assert_int_equal(rename(path.data, "secret"), 0);
	assert_int_equal(symlink("../../../secret", path.data), 0);
	index_of(digest);
}

static void a_wrong_hash(void)
{
	char digest[GARITA_DIGEST_SIZE];
	auto_text path = { 0 };

	start_layout();
	blob("{\"layers\":[]}", digest);
	blob_path(digest, &path);
	put(path.data, "{\"layers\":[] }");
	index_of(digest);
}

static void a_blob_that_is_not_there(void)
{
	start_layout();
	index_of(NOBODY);
}

static void a_signature_that_is_not_there(void)
{
	char manifest[GARITA_DIGEST_SIZE];

	start_layout();
	listing("layers", SIGNATURE, NOBODY, manifest);
	index_of(manifest);
}

static void a_large_file(void)
{
	put("in/large", "");
	assert_int_equal(truncate("in/large", GARITA_BLOB_MAX + 1), 0);
}

static void a_large_blob(void)
{
	char digest[GARITA_DIGEST_SIZE];
	auto_text path = { 0 };

	start_layout();
	blob("{}", digest);
	blob_path(digest, &path);
	assert_int_equal(truncate(path.data, GARITA_BLOB_MAX + 1), 0);
	index_of(digest);
}

static void a_large_sum(void)
{
	for (char name[] = "in/a"; name[3] < 'f'; name[3]++) {
		put(name, "");
		assert_int_equal(truncate(name, GARITA_BLOB_MAX), 0);
	}
}

static void thousands_of_files(void)
{
	for (int i = 0; i < 3000; i++) {
		auto_text name = { 0 };

		garita_text_printf(&name, "in/%d", i);
		put(name.data, "");
	}
}

/* The same manifest again and again, through an index in an index. */
static void thousands_of_entries(void)
{
	char one[GARITA_DIGEST_SIZE], many[GARITA_DIGEST_SIZE];
	auto_text text = { 0 };

	start_layout();
	blob("{\"layers\":[]}", one);
	garita_text_puts(&text, "{\"manifests\":[");
	for (int i = 0; i < 3000; i++)
		garita_text_printf(&text, "%s{\"digest\":\"%s\"}", i ? "," : "",
				   one);
	garita_text_puts(&text, "]}");
	blob(text.data, many);
	index_of(many);
}

static void an_index_that_is_not_json(void)
{
	start_layout();
	put("in/index.json", "{\"manifests\":[}");
}

static void an_index_read_two_ways(void)
{
	start_layout();
	put("in/index.json", "{\"manifests\":[],\"manifests\":[]}");
}

static void no_index(void)
{
	start_layout();
}

static void an_index_that_is_a_fifo(void)
{
	start_layout();
	assert_int_equal(mkfifo("in/index.json", 0644), 0);
}

static const struct {
	const char *path;
	void (*make)(void);
	const char *words;
} bad[] = {
	{ "nowhere", nothing, "No such file" },
	{ "in", a_link_out, "leads out" },
	{ "in", an_absolute_link, "leads out" },
	{ "in", a_blob_that_is_a_link_out, "leads out" },
	{ "in", a_wrong_hash, "not what its name says" },
	{ "in", a_blob_that_is_not_there, "No such file" },
	{ "in", a_signature_that_is_not_there, "No such file" },
	{ "in", a_large_file, "large: " },
	{ "in", a_large_blob, "blobs/sha256/" },
	{ "in", a_large_sum, "more than 256 files or 64 MiB" },
	{ "in", thousands_of_files, "more than 256 files or 64 MiB" },
	{ "in", thousands_of_entries, "more than 256 files or 64 MiB" },
	{ "in", indexes_five_deep, "deeper than" },
	{ "in", an_index_that_is_not_json, "index.json" },
	{ "in", an_index_read_two_ways, "index.json" },
	{ "in", no_index, "index.json" },
	{ "in", an_index_that_is_a_fifo, "not a regular file" },
};

static void test_what_is_refused(void **state)
{
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		struct garita_error err = { 0 };
		auto_blobs bag = { 0 };

		assert_int_equal(make_home(state), 0);
		bad[i].make();
		if (garita_source_read(bad[i].path, &bag, NULL, &err) >= 0)
			fail_msg("row %zu: accepted, wanted \"%s\"", i,
				 bad[i].words);
		/* And it says of which source. */
		if (!strstr(err.text, bad[i].words) ||
		    strncmp(err.text, bad[i].path, strlen(bad[i].path)) != 0)
			fail_msg("row %zu: \"%s\", wanted \"%s\"", i, err.text,
				 bad[i].words);
		assert_int_equal(remove_home(state), 0);
	}
}

static const struct {
	const char *text;
	bool is_one;
} manifests[] = {
	{ "{\"layers\":[{" SIGNATURE "\"size\":1}]}", true },
	{ "{\"layers\":[{},{" SIGNATURE "\"size\":1}]}", true },
	{ "{\"layers\":[{\"mediaType\":\"application/vnd.dsse.envelope.v1+json"
	  "\"}]}",
	  true },
	{ "{\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar"
	  "\"}]}",
	  false },
	{ "{\"layers\":[]}", false },
	{ "{\"manifests\":[{" SIGNATURE "\"size\":1}]}", false },
	{ "{", false },
	{ "", false },
};

static void test_which_manifests_are_signatures(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(manifests); i++) {
		auto_free char *bytes = garita_xstrdup(manifests[i].text);
		const struct garita_blob blob = { .bytes = bytes,
						  .len = strlen(bytes) };

		if (garita_source_is_signature(&blob) != manifests[i].is_one)
			fail_msg("%s", manifests[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_read),
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_which_manifests_are_signatures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
