/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A store that is right is believed; with one thing changed in it, each a row,
 * it is not, and the reason says which. The real podman is asked in
 * tests/engines/store.bats.
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
#include "garita/sha256.h"
#include "hook/store/store.h"
#include "tests/unit/store_fixture.h"

/* One thing in the store is not what it should be. */
static const struct {
	const char *why, *path, *old, *new, *words;
} wrong[] = {
	{ "a byte of the manifest", "{M}", "2", "3",
	  "tampered with: the bytes stored as manifest-" },
	{ "a byte of the config", "{B}", "app", "apq",
	  "tampered with: the bytes stored as sha256:" },
	{ "an empty manifest", "{M}", "", "", "tampered with" },
	{ "the record of app has the digest of twin", IMAGES_JSON, "{D}", "{E}",
	  "manifest is not there" },
	{ "the record of app is called other", IMAGES_JSON, "\"id\":\"{I}\"",
	  "\"id\":\"{K}\"", "is not in images.json" },
	{ "two records of one image", IMAGES_JSON, "\"id\":\"{J}\"",
	  "\"id\":\"{I}\"", "two records have the id" },
	{ "the container claims an image with other layers", CONTAINERS,
	  "\"image\":\"{I}\"", "\"image\":\"{K}\"",
	  "tampered with: the container's layer is not on top of its image" },
	{ "the image's top layer is of another image", IMAGES_JSON,
	  "\"layer\":\"{2}\"", "\"layer\":\"{5}\"",
	  "the container's layer is not on top of its image" },
	{ "a layer's parent is of another image", LAYERS_JSON,
	  "\"parent\":\"{1}\"", "\"parent\":\"{4}\"", "tampered with: layer" },
	{ "the container's parent is a lower layer", LAYERS_JSON,
	  "c1-layer\"],\"parent\":\"{2}\"", "c1-layer\"],\"parent\":\"{1}\"",
	  "the container's layer is not on top of its image" },
	{ "a layer without parent", LAYERS_JSON, "\"parent\":\"{1}\",", "",
	  "the config has more layers than the image" },
	{ "parents in a circle", LAYERS_JSON, "{\"id\":\"{0}\",",
	  "{\"id\":\"{0}\",\"parent\":\"{2}\",",
	  "the image has more layers than its config" },
	{ "a layer that is its own parent", LAYERS_JSON, "\"parent\":\"{1}\"",
	  "\"parent\":\"{2}\"", "tampered with: layer" },
	{ "a parent that is a path", LAYERS_JSON, "\"parent\":\"{1}\"",
	  "\"parent\":\"../../x\"", "has a parent that is no id" },
	{ "a layer twice", LAYERS_JSON, "\"id\":\"{5}\"", "\"id\":\"{1}\"",
	  "two records have the id" },
	{ "a layer without record", LAYERS_JSON, "\"id\":\"{1}\"",
	  "\"id\":\"{9}\"", "layers.json: no record has the id" },
	{ "the container mounts another layer", LOWER, "000001", "000004",
	  "tampered with: the container mounts ../" },
	{ "the container mounts one layer less", LOWER,
	  ":l/GARITATESTLINKNUMBER"
	  "000000",
	  "", "does not mount layer" },
	{ "the container mounts one layer more", LOWER,
	  "l/GARITATESTLINKNUMBER"
	  "000000",
	  "l/GARITATESTLINKNUMBER000000:l/GARITATESTLINKNUMBER000004",
	  "mounts more layers than its image has" },
	{ "layers in another order", LOWER,
	  "000002:l/GARITATESTLINKNUMBER"
	  "000001",
	  "000001:l/GARITATESTLINKNUMBER000002", "tampered with" },
	{ "a link that is a path", LOWER, "l/GARITATESTLINKNUMBER000001",
	  "l/../../../../tmp/evil/layer", "does not mount layer" },
	{ "a link that is not there", LOWER, "000001", "009999",
	  "additional image store" },
	{ "the container mounts nothing", LOWER, "", "", "does not mount" },
	{ "no image", CONTAINERS, "\"image\":\"{I}\"", "\"image\":\"\"",
	  "the container was made from no image" },
	{ "no image member", CONTAINERS, "\"image\":\"{I}\",", "", "is no id" },
	{ "a record that begins otherwise", CONTAINERS, "{\"id\":\"{C}\"",
	  "{\"x\":1,\"id\":\"{C}\"", "in a record that cannot be read" },
	{ "an image that is a path", CONTAINERS, "\"image\":\"{I}\"",
	  "\"image\":\"../../../x\"", "is no id" },
	{ "a container that is a path", CONTAINERS, "\"id\":\"{C}\"",
	  "\"id\":\"../x\"", "has no id" },
	{ "no container record", CONTAINERS, "", "[]",
	  "its root file system is a directory, not an image" },
	{ "records never written", CONTAINERS, "", "null",
	  "its root file system is a directory, not an image" },
	{ "an empty file", CONTAINERS, "", "",
	  "its root file system is a directory, not an image" },
	{ "garbage", CONTAINERS, "", "garbage", "containers.json" },
	{ "an object", CONTAINERS, "", "{\"layer\":\"{L}\"}",
	  "containers.json: is not an array" },
	{ "half a file", IMAGES_JSON, "]}]", "", "images.json" },
	{ "bytes after the records", LAYERS_JSON, "}]", "}]x",
	  "layers.json: is not an array" },
	{ "a record with a key twice", CONTAINERS, "\"image\":\"{I}\"",
	  "\"image\":\"{I}\",\"image\":\"{J}\"", "containers.json" },
	{ "the layer twice in a record", CONTAINERS, "\"image\":\"{I}\"",
	  "\"layer\":\"{L}\"", "containers.json" },
	{ "an image without digest", IMAGES_JSON, "\"digest\":\"{D}\",", "",
	  "has no manifest digest" },
	{ "a digest that is a path", IMAGES_JSON, "\"digest\":\"{D}\"",
	  "\"digest\":\"sha256:../../../../../etc/passwd\"",
	  "has no manifest digest" },
	{ "root.path is not mounted", MOUNTINFO, "/merged ", "/mergec ",
	  "the root file system is not mounted" },
	{ "an overlay of another layer", MOUNTINFO, "{L}/diff", "{0}/diff",
	  "does not belong to layer" },
	{ "an upper directory elsewhere", MOUNTINFO,
	  "upperdir=" STORE "/overlay/{L}/diff", "upperdir=/proc",
	  "does not belong to layer" },
	{ "no upper directory", MOUNTINFO,
	  "upperdir=", "upper=", "has no upper directory" },
	{ "no overlay", MOUNTINFO, "overlay overlay", "tmpfs overlay",
	  "the root file system is tmpfs, not overlay" },
	{ "a bind of a part of an overlay", MOUNTINFO, "0:42 / ", "0:42 /x ",
	  "a part of an overlay" },
	{ "a second mount on top", MOUNTINFO, "68 57",
	  "69 68 0:43 / " STORE "/overlay/{L}/merged rw - tmpfs tmpfs rw\n"
	  "68 57",
	  "mounted over each other" },
};

static void test_a_right_store_is_believed(void **state)
{
	struct store_fixture fx;

	(void)state;
	store_start(&fx, LAYERS);
	store_expect_app(&fx, "right");
	store_end(&fx);
}

static void test_one_thing_wrong_is_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(wrong); i++) {
		struct store_fixture fx;

		store_start(&fx, LAYERS);
		store_change(&fx, wrong[i].path, wrong[i].old, wrong[i].new);
		store_expect_unknown(&fx, wrong[i].why, wrong[i].words);
		store_end(&fx);
	}
}

static void test_missing_files_are_unknown(void **state)
{
	static const struct {
		const char *path, *words;
	} files[] = {
		{ CONTAINERS, "is a directory, not an image" },
		{ IMAGES_JSON, "is not in images.json" },
		{ LAYERS_JSON, "layers.json: no record" },
		{ "{M}", "is not there" },
		{ "{B}", "is not there" },
		{ LOWER, "does not mount layer" },
		{ MOUNTINFO, "cannot open /proc/self/mountinfo" },
		{ STORE "/overlay/l/GARITATESTLINKNUMBER000001",
		  "additional image store" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(files); i++) {
		struct store_fixture fx;

		store_start(&fx, LAYERS);
		store_drop(&fx, files[i].path);
		store_expect_unknown(&fx, files[i].path, files[i].words);
		store_end(&fx);
	}
}

/* A link that leads to the layer of another image. */
static void test_a_link_elsewhere_is_noticed(void **state)
{
	struct store_fixture fx;
	char path[2 * PATH], target[PATH], id[ID];

	(void)state;
	store_start(&fx, LAYERS);
	store_drop(&fx, STORE "/overlay/l/GARITATESTLINKNUMBER000001");
	store_make_id("layer", 4, id);
	snprintf(target, sizeof(target), "../%s/diff", id);
	snprintf(path, sizeof(path),
		 "%s" STORE "/overlay/l/GARITATESTLINKNUMBER000001", fx.dir);
	assert_int_equal(symlink(target, path), 0);
	store_expect_unknown(&fx, "link",
			     "tampered with: the container mounts ../");
	store_end(&fx);
}

/* The same layers under two images: the container record chooses. */
static void test_twins_are_told_apart(void **state)
{
	struct store_fixture fx;
	auto_image image = { 0 };

	(void)state;
	store_start(&fx, LAYERS);
	store_change(&fx, CONTAINERS, "\"image\":\"{I}\"", "\"image\":\"{J}\"");
	store_ask(&fx, &image);
	assert_int_equal(image.sure, GARITA_IMAGE_VERIFIED);
	assert_string_equal(image.manifest, fx.images[TWIN].digest);
	assert_string_equal(image.names[0], "localhost/twin:v1");
	store_end(&fx);
}

static void test_volatile_records_count(void **state)
{
	struct store_fixture fx;
	auto_free char *containers = NULL;
	auto_free char *layers = NULL;

	(void)state;
	store_start(&fx, LAYERS);
	containers = store_read_file(&fx, CONTAINERS);
	layers = store_read_file(&fx, LAYERS_JSON);
	store_write_file(&fx,
			 STORE "/overlay-containers/volatile-containers.json",
			 containers);
	store_expect_unknown(&fx, "in both files",
			     "two records have the layer");
	store_drop(&fx, CONTAINERS);
	store_expect_app(&fx, "volatile container");
	store_write_file(&fx, STORE "/overlay-layers/volatile-layers.json",
			 layers);
	store_write_file(&fx, LAYERS_JSON, "[]");
	store_expect_app(&fx, "volatile layers");
	store_end(&fx);
}

static void test_deep_images(void **state)
{
	struct store_fixture fx;

	(void)state;
	store_start(&fx, DEEP);
	store_expect_app(&fx, "deep");
	store_change(&fx, LOWER, "000100", "000101");
	store_expect_unknown(&fx, "deep and wrong", "tampered with");
	store_end(&fx);
}

/* An image without layers: the container's own is all there is. */
static void test_an_empty_image(void **state)
{
	struct store_fixture fx;

	(void)state;
	store_start(&fx, LAYERS);
	for (size_t i = 0; i < IMAGES; i++) {
		free(fx.images[i].config);
		free(fx.images[i].manifest);
	}
	store_make_image(&fx.images[APP], "app", 0, 0);
	store_make_image(&fx.images[TWIN], "twin", 0, 1);
	store_make_image(&fx.images[OTHER], "other", 0, 2);
	store_write_images(&fx);
	store_write_container(&fx);
	store_change(&fx, IMAGES_JSON, "\"layer\":", "\"no-layer\":");
	store_change(&fx, LAYERS_JSON, "c1-layer\"],\"parent\":\"{2}\"",
		     "c1-layer\"]");
	store_expect_unknown(&fx, "mounts layers it has not",
			     "mounts more layers");
	store_drop(&fx, LOWER);
	store_expect_app(&fx, "empty");
	store_end(&fx);
}

/* The record says another digest, and the manifest of that digest is there. */
static void test_the_manifest_is_of_this_image(void **state)
{
	struct store_fixture fx;
	char key[PATH];

	(void)state;
	store_start(&fx, LAYERS);
	snprintf(key, sizeof(key), "manifest-%s", fx.images[TWIN].digest);
	store_write_blob(&fx, &fx.images[APP], key, fx.images[TWIN].manifest);
	store_change(&fx, IMAGES_JSON, "\"digest\":\"{D}\"",
		     "\"digest\":\"{E}\"");
	store_change(&fx, IMAGES_JSON, "\"manifest-{D}\"", "\"manifest-{E}\"");
	store_expect_unknown(&fx, "twin's manifest",
			     "is of the config sha256:");
	store_end(&fx);
}

static void add_index(const struct store_fixture *fx, const char *text,
		      char *digest)
{
	char key[PATH], names[2 * PATH];

	garita_sha256_digest(text, strlen(text), digest);
	snprintf(key, sizeof(key), "manifest-%s", digest);
	store_write_blob(fx, &fx->images[APP], key, text);
	snprintf(names, sizeof(names), "\"big-data-names\":[\"%s\",", key);
	store_change(fx, IMAGES_JSON, "\"big-data-names\":[", names);
}

/* Podman puts the digest of the index into the record when it pulled by one,
 * and the manifest it chose into "manifest". */
static void test_a_record_that_names_the_index(void **state)
{
	struct store_fixture fx;
	auto_image image = { 0 };
	auto_free char *plain = NULL;
	auto_free char *text = NULL;
	char digest[GARITA_DIGEST_SIZE], new[PATH];

	(void)state;
	store_start(&fx, LAYERS);
	text = store_expand(&fx, "{\"manifests\":[{\"digest\":\"{F}\"},"
				 "{\"digest\":\"{D}\"}]}");
	plain = store_expand(&fx, STORE "/overlay-images/{I}/manifest");
	add_index(&fx, text, digest);
	snprintf(new, sizeof(new), "\"digest\":\"%s\"", digest);
	store_change(&fx, IMAGES_JSON, "\"digest\":\"{D}\"", new);
	store_expect_unknown(&fx, "no manifest", "manifest is not there");
	store_write_file(&fx, plain, fx.images[TWIN].manifest);
	store_expect_unknown(&fx, "one the index does not have",
			     "the index of the image does not have");
	store_write_file(&fx, plain, fx.images[OTHER].manifest);
	store_expect_unknown(&fx, "one the index has, of another image",
			     "not of this image");
	store_write_file(&fx, plain, text);
	store_expect_unknown(&fx, "the index itself",
			     "the index of the image does not have");
	store_write_file(&fx, plain, fx.images[APP].manifest);
	store_ask(&fx, &image);
	if (image.sure != GARITA_IMAGE_VERIFIED)
		fail_msg("%s", image.why_not);
	assert_string_equal(image.manifest, fx.images[APP].digest);
	assert_string_equal(image.index, digest);
	store_end(&fx);
}

/* Parts of the image were pulled by a table of contents: its id is a hash of
 * those, and no config's. It is not known, and nobody has tampered with it. */
static void test_an_image_that_was_pulled_in_parts(void **state)
{
	struct store_fixture fx;
	char digest[PATH], names[2 * PATH];

	(void)state;
	store_start(&fx, LAYERS);
	snprintf(names, sizeof(names), "manifest-%s", fx.images[OTHER].digest);
	store_write_blob(&fx, &fx.images[APP], names,
			 fx.images[OTHER].manifest);
	snprintf(digest, sizeof(digest), "\"digest\":\"%s\"",
		 fx.images[OTHER].digest);
	store_change(&fx, IMAGES_JSON, "\"digest\":\"{D}\"", digest);
	snprintf(names, sizeof(names),
		 "\"big-data-names\":[\"manifest-%s\",\"sha256:%s\",",
		 fx.images[OTHER].digest, fx.images[OTHER].id);
	store_change(&fx, IMAGES_JSON, "\"big-data-names\":[", names);
	store_expect_unknown(&fx, "in parts", "zstd:chunked");
	store_end(&fx);
}

/* Old stores have the manifest under its plain name only. */
static void test_a_manifest_without_digest_in_its_name(void **state)
{
	struct store_fixture fx;
	auto_free char *path = NULL;

	(void)state;
	store_start(&fx, LAYERS);
	path = store_expand(&fx, STORE "/overlay-images/{I}/manifest");
	store_drop(&fx, "{M}");
	store_write_file(&fx, path, fx.images[APP].manifest);
	store_expect_unknown(&fx, "listed but not there", "is not there");
	store_change(&fx, IMAGES_JSON, "\"manifest-{D}\"", "\"manifest\"");
	store_expect_app(&fx, "plain name");
	store_write_file(&fx, path, fx.images[TWIN].manifest);
	store_expect_unknown(&fx, "twin's bytes",
			     "tampered with: the bytes stored as manifest ");
	store_end(&fx);
}

/* A user namespace without id-mapped mounts: a copy of the top layer. */
static void test_mapped_layers(void **state)
{
	struct store_fixture fx;

	(void)state;
	store_start(&fx, LAYERS);
	store_link_layer(&fx, 8,
			 "88888888888888888888888888888888"
			 "88888888888888888888888888888888");
	store_change(
		&fx, LAYERS_JSON, "[{",
		"[{\"id\":\"88888888888888888888888888888888888888888888888888"
		"88888888888888\",\"parent\":\"{1}\",\"diff-digest\":\"DIFF\"},"
		"{");
	{
		char diff[ID], digest[GARITA_DIGEST_SIZE + 8];

		store_make_id("diff", 2, diff);
		snprintf(digest, sizeof(digest), "sha256:%s", diff);
		store_change(&fx, LAYERS_JSON, "DIFF", digest);
	}
	store_change(
		&fx, LAYERS_JSON, "c1-layer\"],\"parent\":\"{2}\"",
		"c1-layer\"],\"parent\":\"888888888888888888888888888888888888"
		"8888888888888888888888888888\"");
	store_change(&fx, LOWER, "000002", "000008");
	store_expect_unknown(&fx, "a copy the image does not know",
			     "is not on top of its image");
	store_change(
		&fx, IMAGES_JSON, "\"layer\":\"{2}\"",
		"\"layer\":\"{2}\",\"mapped-layers\":[\"8888888888888888888888"
		"888888888888888888888888888888888888888888\"]");
	store_expect_app(&fx, "mapped");
	store_end(&fx);
}

static void test_the_index_is_found(void **state)
{
	struct store_fixture fx;
	auto_image image = { 0 };
	auto_free char *text = NULL;
	char digest[GARITA_DIGEST_SIZE], unrelated[GARITA_DIGEST_SIZE];
	char path[2 * PATH], key[PATH];

	(void)state;
	store_start(&fx, LAYERS);
	text = store_expand(&fx,
			    "{\"schemaVersion\":2,\"manifests\":[{\"digest\":"
			    "\"{E}\"},{\"digest\":\"{D}\"}]}");
	add_index(&fx, text, digest);
	/* Not evidence for app, and no reason to refuse it either. */
	add_index(&fx, "{\"manifests\":[]}", unrelated);
	add_index(&fx, "not even JSON", unrelated);
	store_ask(&fx, &image);
	assert_int_equal(image.sure, GARITA_IMAGE_VERIFIED);
	assert_string_equal(image.manifest, fx.images[APP].digest);
	assert_string_equal(image.index, digest);

	snprintf(key, sizeof(key), "manifest-%s", digest);
	store_blob_path(&fx.images[APP], key, path, sizeof(path));
	store_change(&fx, path, "schemaVersion\":2", "schemaVersion\":3");
	store_expect_unknown(&fx, "index",
			     "tampered with: the bytes stored as");
	store_end(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_right_store_is_believed),
		cmocka_unit_test(test_one_thing_wrong_is_unknown),
		cmocka_unit_test(test_missing_files_are_unknown),
		cmocka_unit_test(test_a_link_elsewhere_is_noticed),
		cmocka_unit_test(test_twins_are_told_apart),
		cmocka_unit_test(test_volatile_records_count),
		cmocka_unit_test(test_deep_images),
		cmocka_unit_test(test_an_empty_image),
		cmocka_unit_test(test_the_manifest_is_of_this_image),
		cmocka_unit_test(test_a_record_that_names_the_index),
		cmocka_unit_test(test_an_image_that_was_pulled_in_parts),
		cmocka_unit_test(test_a_manifest_without_digest_in_its_name),
		cmocka_unit_test(test_mapped_layers),
		cmocka_unit_test(test_the_index_is_found),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
