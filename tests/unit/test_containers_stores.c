/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * An image that lies in an additional store is found and checked as one in the
 * container's own store; what a store holds beside it is handed out whole or
 * not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/store/store.h"
#include "tests/unit/store_fixture.h"

#define ADD  "/srv/add"
#define CONF "/etc/containers/storage.conf"

static void move(const struct store_fixture *fx, const char *from,
		 const char *to)
{
	char old[2 * PATH], new[2 * PATH];

	snprintf(old, sizeof(old), "%s%s", fx->dir, from);
	snprintf(new, sizeof(new), "%s%s", fx->dir, to);
	assert_int_equal(rename(old, new), 0);
}

/* All images and their layers go to another store; the container stays. */
static void lend(const struct store_fixture *fx)
{
	auto_free char *own =
		store_expand(fx, "[{\"id\":\"{L}\",\"names\":[\"c1-layer\"],"
				 "\"parent\":\"{2}\"}]");

	store_make_dirs(fx, ADD "/overlay");
	store_make_dirs(fx, ADD "/overlay-layers");
	store_make_dirs(fx, "/etc/containers");
	move(fx, STORE "/overlay-images", ADD "/overlay-images");
	move(fx, STORE "/overlay/l", ADD "/overlay/l");
	move(fx, LAYERS_JSON, ADD "/overlay-layers/layers.json");
	store_write_file(fx, LAYERS_JSON, own);
	store_make_dirs(fx, STORE "/overlay-images");
	store_make_dirs(fx, STORE "/overlay/l");
}

static void start_lent(struct store_fixture *fx)
{
	store_start(fx, LAYERS);
	lend(fx);
}

static void test_nobody_says_where_it_is(void **state)
{
	struct store_fixture fx;

	(void)state;
	start_lent(&fx);
	store_expect_unknown(&fx, "no hint", "nor in an additional image");
	store_end(&fx);
}

static void test_the_mount_says_where_it_is(void **state)
{
	static const char *const lowers[] = {
		"lowerdir=" ADD "/overlay/l/GARITATESTLINKNUMBER000002",
		"lowerdir=" ADD "/overlay/{2}/diff:" ADD "/overlay/{1}/diff",
		"lowerdir=" STORE "/overlay/l/X:" ADD "/overlay/l/X",
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(lowers); i++) {
		struct store_fixture fx;

		start_lent(&fx);
		store_change(&fx, MOUNTINFO, "lowerdir=4:5:6", lowers[i]);
		store_expect_app(&fx, lowers[i]);
		store_end(&fx);
	}
}

static void test_the_configuration_says_where_it_is(void **state)
{
	static const struct {
		const char *text;
		bool found;
	} files[] = {
		{ "additionalimagestores = [ \"" ADD "\" ]\n", true },
		{ "[storage]\n[storage.options]\n"
		  "  additionalimagestores=[\n    # \"/none\"\n"
		  "    \"/no/such\", '" ADD "',\n  ]\n",
		  true },
		{ "additionalimagestores = [\"" ADD "/\"]", true },
		{ "# additionalimagestores = [ \"" ADD "\" ]\n", false },
		{ "additionalimagestores = [\n# \"" ADD "\"\n]\n", false },
		{ "additionalimagestores = []\nother = [\"" ADD "\"]", false },
		{ "additionalimagestores = [\"srv/add\"]", false },
		{ "additionalimagestores = [\"" ADD, false },
		{ "additionalimagestores", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(files); i++) {
		struct store_fixture fx;

		start_lent(&fx);
		store_write_file(&fx, CONF, files[i].text);
		if (files[i].found)
			store_expect_app(&fx, files[i].text);
		else
			store_expect_unknown(&fx, files[i].text, "images.json");
		store_end(&fx);
	}
}

/* One thing wrong with the other store. */
static void test_a_borrowed_image_is_checked_as_well(void **state)
{
	static const struct {
		const char *why, *path, *old, *new, *words;
	} wrong[] = {
		{ "the parent", ADD "/overlay-layers/layers.json",
		  "\"parent\":\"{1}\"", "\"parent\":\"{4}\"",
		  "tampered with: layer" },
		{ "no layers", ADD "/overlay-layers/layers.json", "", "[]",
		  "layers.json: no record" },
		{ "the top", ADD "/overlay-images/images.json",
		  "\"layer\":\"{2}\"", "\"layer\":\"{5}\"",
		  "not on top of its image" },
		{ "what is mounted", LOWER, "000001", "000004",
		  "tampered with: the container mounts ../" },
		{ "a link", LOWER, "000001", "009999",
		  "neither in the store nor" },
	};
	struct store_fixture fx;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(wrong); i++) {
		start_lent(&fx);
		store_write_file(&fx, CONF,
				 "additionalimagestores = [\"" ADD "\"]");
		store_change(&fx, wrong[i].path, wrong[i].old, wrong[i].new);
		store_expect_unknown(&fx, wrong[i].why, wrong[i].words);
		store_end(&fx);
	}
}

static void test_a_store_that_others_can_change(void **state)
{
	static const char *const dirs[] = { ADD, "/srv", ADD "/overlay" };
	struct store_fixture fx;
	char path[2 * PATH];

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(dirs); i++) {
		start_lent(&fx);
		store_write_file(&fx, CONF,
				 "additionalimagestores = [\"" ADD "\"]");
		snprintf(path, sizeof(path), "%s%s", fx.dir, dirs[i]);
		assert_int_equal(chmod(path, 0777), 0);
		store_expect_unknown(&fx, dirs[i], "(" ADD " was left out: ");
		store_end(&fx);
	}
}

/* ---- what is held ---- */

static void ask_all(const struct store_fixture *fx, struct garita_image *ret)
{
	struct garita_store_query query = {
		.sysroot = fx->dir,
		.root_path = fx->root_path,
		.want_material = true,
	};

	garita_store_identify(&query, ret);
	assert_int_equal(ret->sure, GARITA_IMAGE_VERIFIED);
}

static void add_key(const struct store_fixture *fx, const char *key,
		    const char *bytes)
{
	auto_text names = { 0 };
	auto_free char *plain =
		store_expand(fx, STORE "/overlay-images/{I}/signatures");

	if (strcmp(key, "signatures") == 0)
		store_write_file(fx, plain, bytes);
	else
		store_write_blob(fx, &fx->images[APP], key, bytes);
	garita_text_printf(&names, "\"big-data-names\":[\"%s\",", key);
	store_change(fx, IMAGES_JSON, "\"big-data-names\":[", names.data);
}

static void set_metadata(const struct store_fixture *fx, const char *text)
{
	store_change(fx, IMAGES_JSON, "{\\\"id\\\":\\\"x\\\"}", text);
}

static size_t signatures_of(const struct garita_image *image)
{
	size_t count = 0;

	for (size_t i = 0; i < image->material.count; i++)
		count += garita_starts_with(image->material.all[i].name,
					    "signature ");
	return count;
}

static void test_the_name_it_was_made_by(void **state)
{
	static const struct {
		const char *metadata, *name;
	} all[] = {
		{ "{\\\"image-name\\\":\\\"localhost/other:v1\\\"}",
		  "localhost/other:v1" },
		{ "{\\\"image-name\\\":\\\"\\\"}", NULL },
		{ "{\\\"image-name\\\":[]}", NULL },
		{ "{\\\"name\\\":\\\"x\\\"}", NULL },
		{ "none", NULL },
		{ "", NULL },
	};
	struct store_fixture fx;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(all); i++) {
		auto_image image = { 0 };

		store_start(&fx, LAYERS);
		if (i > 0)
			store_change(&fx, CONTAINERS, all[0].metadata,
				     all[i].metadata);
		ask_all(&fx, &image);
		if (all[i].name == NULL)
			assert_null(image.reference);
		else
			assert_string_equal(image.reference, all[i].name);
		store_end(&fx);
	}
}

static void test_signatures_are_cut_by_their_sizes(void **state)
{
	static const struct {
		const char *sizes;
		size_t count;
	} all[] = {
		{ "[4,3]", 2 },     { "[7]", 1 },
		{ "[0,7]", 2 },     { "[4,2]", 0 },
		{ "[4,4]", 0 },     { "[8]", 0 },
		{ "[-1,8]", 0 },    { "[18446744073709551615,8]", 0 },
		{ "[4.0,3]", 0 },   { "[]", 0 },
		{ "\\\"7\\\"", 0 }, { "null", 0 },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(all); i++) {
		struct store_fixture fx;
		auto_image image = { 0 };
		auto_text metadata = { 0 };
		char key[PATH];
		const char *digest;

		store_start(&fx, LAYERS);
		digest = fx.images[APP].digest;
		garita_text_printf(&metadata,
				   "{\\\"signatures-sizes\\\":{\\\"%s\\\":%s}}",
				   digest, all[i].sizes);
		set_metadata(&fx, metadata.data);
		snprintf(key, sizeof(key), "signature-%s",
			 digest + strlen("sha256:"));
		add_key(&fx, key, "firstto");
		add_key(&fx, "signatures", "firstto");
		ask_all(&fx, &image);
		if (signatures_of(&image) != all[i].count)
			fail_msg("%s: %zu signatures", all[i].sizes,
				 signatures_of(&image));
		store_end(&fx);
	}
}

static void test_signatures_have_their_bytes_and_names(void **state)
{
	struct store_fixture fx;
	auto_image image = { 0 };
	auto_text name = { 0 };

	(void)state;
	store_start(&fx, LAYERS);
	set_metadata(&fx, "{\\\"signature-sizes\\\":[4,3]}");
	add_key(&fx, "signatures", "firstto");
	ask_all(&fx, &image);
	assert_int_equal(signatures_of(&image), 2);
	garita_text_printf(&name, "signature 2 of manifest %s",
			   fx.images[APP].digest);
	for (size_t i = 0; i < image.material.count; i++) {
		const struct garita_blob *blob = &image.material.all[i];

		if (strcmp(blob->name, name.data) != 0)
			continue;
		assert_int_equal(blob->len, 3);
		assert_memory_equal(blob->bytes, "tto", 3);
		garita_text_free(&name);
		store_end(&fx);
		return;
	}
	fail_msg("no %s", name.data);
}

/* Every manifest that is what its name says, and no other. */
static void test_manifests_are_held_by_their_digest(void **state)
{
	struct store_fixture fx;
	auto_image image = { 0 };
	char key[PATH];

	(void)state;
	store_start(&fx, LAYERS);
	snprintf(key, sizeof(key), "manifest-%s", fx.images[OTHER].digest);
	add_key(&fx, key, fx.images[OTHER].manifest);
	add_key(&fx, "manifest-x", "x");
	ask_all(&fx, &image);
	assert_int_equal(image.material.count, 2);
	assert_string_equal(image.material.all[0].name,
			    fx.images[OTHER].digest);
	assert_string_equal(image.material.all[1].name, fx.images[APP].digest);
	assert_non_null(
		garita_blobs_find(&image.material, fx.images[APP].digest));
	store_end(&fx);
}

/* It might be the one that counts. */
static void test_a_signature_that_cannot_be_read(void **state)
{
	struct garita_store_query query = { .want_material = true };
	struct store_fixture fx;
	auto_image image = { 0 };
	auto_free char *plain = NULL;

	(void)state;
	store_start(&fx, LAYERS);
	query.sysroot = fx.dir;
	query.root_path = fx.root_path;
	plain = store_expand(&fx, STORE "/overlay-images/{I}/signatures");
	add_key(&fx, "signatures", "x");
	store_drop(&fx, plain);
	ask_all(&fx, &image); /* gone: nobody's, as before */
	garita_image_free(&image);
	image = (struct garita_image){ 0 };
	store_make_dirs(&fx, plain);
	garita_store_identify(&query, &image);
	assert_int_equal(image.sure, GARITA_IMAGE_UNKNOWN);
	assert_non_null(strstr(image.why_not, "signatures"));
	store_end(&fx);
}

static void test_nothing_is_held_for_a_start(void **state)
{
	struct store_fixture fx;
	auto_image image = { 0 };

	(void)state;
	store_start(&fx, LAYERS);
	store_ask(&fx, &image);
	assert_int_equal(image.material.count, 0);
	store_end(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_says_where_it_is),
		cmocka_unit_test(test_the_mount_says_where_it_is),
		cmocka_unit_test(test_the_configuration_says_where_it_is),
		cmocka_unit_test(test_a_borrowed_image_is_checked_as_well),
		cmocka_unit_test(test_a_store_that_others_can_change),
		cmocka_unit_test(test_the_name_it_was_made_by),
		cmocka_unit_test(test_signatures_are_cut_by_their_sizes),
		cmocka_unit_test(test_signatures_have_their_bytes_and_names),
		cmocka_unit_test(test_manifests_are_held_by_their_digest),
		cmocka_unit_test(test_a_signature_that_cannot_be_read),
		cmocka_unit_test(test_nothing_is_held_for_a_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
