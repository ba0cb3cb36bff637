/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which image of an index, what docker's own record says, and which place and
 * container a containerd store answers for.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "hook/store/containerd.h"
#include "tests/unit/containerd_fixture.h"

#define RECORD CTD_DATA "/containers/c1/config.v2.json"

/* An index of these, where {A} {T} {O} are app, twin and other, becomes what
 * the name means. */
static void set_index(struct ctd_fixture *ctd, const char *items,
		      char ret[GARITA_DIGEST_SIZE])
{
	static const char names[] = "ATO";
	auto_text text = { 0 };

	garita_text_puts(&text, "{\"manifests\":[");
	for (; *items != '\0'; items++) {
		const char *name = strchr(names, *items);

		if (name == NULL)
			garita_text_putc(&text, *items);
		else
			garita_text_printf(&text, "{\"digest\":\"%s\"}",
					   ctd->fx.images[name - names].digest);
	}
	garita_text_puts(&text, "]}");
	ctd_blob(ctd, text.data, ret);
	ctd_name(ctd, APP_NAME, ret, 60);
	ctd_write(ctd);
}

static void test_the_image_of_an_index(void **state)
{
	static const char several[] = "several images of the index";
	static const char none[] = "has the layers of no image";
	static const struct {
		const char *items, *words; /* NULL: it is app */
	} rows[] = {
		{ "A", NULL },
		{ "O,A", NULL },
		{ "A,O", NULL },
		{ "A,A", NULL },
		{ "A,T", several },
		{ "T,O,A", several },
		{ "O", none },
		{ "", none },
		{ "{},[],1,\"x\",A", NULL },
		{ "{\"digest\":\"sha256:x\"},A", NULL },
		{ "{\"digest\":\"sha256:"
		  "00000000000000000000000000000000"
		  "00000000000000000000000000000000\"},A",
		  NULL },
	};
	struct ctd_fixture ctd;
	char digest[GARITA_DIGEST_SIZE];

	(void)state;
	ctd_start(&ctd, MADE_BY_CTR, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_image image = { 0 };

		set_index(&ctd, rows[i].items, digest);
		if (rows[i].words != NULL) {
			ctd_expect_unknown(&ctd, rows[i].items, rows[i].words);
			continue;
		}
		ctd_expect(&ctd, rows[i].items, APP);
		ctd_ask(&ctd, &image);
		assert_string_equal(image.index, digest);
		assert_int_equal(image.material.count, 2);
		assert_non_null(garita_blobs_find(&image.material, digest));
	}
	ctd_end(&ctd);
}

/* An index of the images of other platforms, which are not stored, or cannot
 * be read as images. */
static void test_what_is_not_the_image(void **state)
{
	struct ctd_fixture ctd;
	char digest[GARITA_DIGEST_SIZE];
	auto_text items = { 0 };

	(void)state;
	ctd_start(&ctd, MADE_BY_CTR, LAYERS);
	ctd_blob(&ctd, "{\"manifests\":[]}", digest);
	garita_text_printf(&items, "{\"digest\":\"%s\"},", digest);
	ctd_blob(&ctd, "not JSON", digest);
	garita_text_printf(&items, "{\"digest\":\"%s\"},O,A", digest);
	ctd_drop_blob(&ctd, ctd.fx.images[OTHER].digest);
	set_index(&ctd, items.data, digest);
	ctd_expect(&ctd, "among other things", APP);
	ctd_blob(&ctd, "{\"config\":{},\"manifests\":[],\"layers\":[]}",
		 digest);
	ctd_name(&ctd, APP_NAME, digest, 60);
	ctd_write(&ctd);
	ctd_expect_unknown(&ctd, "two kinds in one", "it is an index, not");
	ctd_end(&ctd);
}

/* Twins in one index: CRI and docker know which one. */
static void test_records_choose_between_twins(void **state)
{
	struct ctd_fixture ctd;
	char digest[GARITA_DIGEST_SIZE];
	auto_text json = { 0 };

	(void)state;
	ctd_start(&ctd, MADE_BY_CRI, LAYERS);
	set_index(&ctd, "T,A,O", digest);
	ctd_expect(&ctd, "CRI", APP);
	garita_text_printf(&json, "{\"Metadata\":{\"ImageRef\":\"sha256:%s\"}}",
			   ctd.fx.images[TWIN].id);
	ctd_cri(&ctd, json.data);
	ctd_write(&ctd);
	ctd_expect(&ctd, "CRI", TWIN);
	ctd_end(&ctd);

	ctd_start(&ctd, MADE_BY_DOCKER, LAYERS);
	set_index(&ctd, "T,A,O", digest);
	store_change(&ctd.fx, RECORD, ctd.fx.images[APP].digest, digest);
	ctd_expect(&ctd, "docker", APP);
	ctd_end(&ctd);
}

static void test_docker_records(void **state)
{
	static const struct {
		const char *old, *new, *words; /* NULL: it is app */
	} rows[] = {
		{ "\"ID\":\"c1\"", "\"ID\":\"c2\"", "of another container" },
		{ "\"ID\"", "\"Id\"", "of another container" },
		{ "\"Image\":\"sha256", "\"Image\":\"sha512",
		  "its Image is no digest" },
		{ "{\"digest\":\"sha256", "{\"digest\":\"sha512",
		  "its ImageManifest has no digest" },
		{ "\"ImageManifest\"", "\"Image\"", "config.v2.json: " },
		{ "\"ImageManifest\"", "\"None\"", NULL },
		{ "{\"ID\"", "\"ID\"", "config.v2.json: " },
		{ "app:v1", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct ctd_fixture ctd;

		ctd_start(&ctd, MADE_BY_DOCKER, LAYERS);
		store_change(&ctd.fx, RECORD, rows[i].old, rows[i].new);
		if (rows[i].words != NULL)
			ctd_expect_unknown(&ctd, rows[i].new, rows[i].words);
		else
			ctd_expect(&ctd, rows[i].new, APP);
		ctd_end(&ctd);
	}
}

static void test_docker_says_another_image(void **state)
{
	struct ctd_fixture ctd;
	const struct store_image *images = ctd.fx.images;

	(void)state;
	ctd_start(&ctd, MADE_BY_DOCKER, LAYERS);
	store_change(&ctd.fx, RECORD, images[APP].digest, images[TWIN].digest);
	ctd_expect_unknown(&ctd, "two images", "is not the manifest of the");
	store_change(&ctd.fx, RECORD, images[APP].digest, images[TWIN].digest);
	ctd_expect(&ctd, "its twin", TWIN);
	store_change(&ctd.fx, RECORD, images[TWIN].digest,
		     images[OTHER].digest);
	store_change(&ctd.fx, RECORD, images[TWIN].digest,
		     images[OTHER].digest);
	ctd_expect_unknown(&ctd, "other layers", "does not have the layers of");
	store_drop(&ctd.fx, RECORD);
	ctd_expect_unknown(&ctd, "no record", "config.v2.json is not there");
	ctd_end(&ctd);
}

static void test_the_container_is_the_right_one(void **state)
{
	static const struct {
		enum ctd_maker maker;
		const char *id, *bundle;
		bool fine;
	} rows[] = {
		{ MADE_BY_CTR, "c1", CTD_TASKS "/default/c1", true },
		{ MADE_BY_CTR, NULL, CTD_TASKS "/default/c1", true },
		{ MADE_BY_CTR, "c1", NULL, true },
		{ MADE_BY_CTR, "c2", NULL, false },
		{ MADE_BY_CTR, "", NULL, false },
		{ MADE_BY_CTR, "c1", CTD_TASKS "/default/c2", false },
		{ MADE_BY_CTR, "c1", CTD_TASKS "/elsewhere/c1", false },
		{ MADE_BY_CTR, "c1", "/c1", false },
		{ MADE_BY_DOCKER, "c1", CTD_TASKS "/moby/c1", true },
		{ MADE_BY_DOCKER, NULL, NULL, true },
		{ MADE_BY_DOCKER, "c1", "/c1", false },
		{ MADE_BY_DOCKER, "c1", CTD_TASKS "/moby/c2", false },
		{ MADE_BY_DOCKER, "c2", CTD_TASKS "/moby/c2", false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct ctd_fixture ctd;
		auto_image image = { 0 };
		struct garita_store_query query = {
			.id = rows[i].id,
			.bundle = rows[i].bundle,
		};

		ctd_start(&ctd, rows[i].maker, LAYERS);
		query.sysroot = ctd.fx.dir;
		query.root_path = ctd.fx.root_path;
		garita_store_identify(&query, &image);
		if ((image.sure == GARITA_IMAGE_VERIFIED) != rows[i].fine)
			fail_msg("row %zu: %s", i, image.why_not);
		if (!rows[i].fine)
			assert_non_null(strstr(image.why_not, "belongs to"));
		ctd_end(&ctd);
	}
}

/* dockerd can be told to use another namespace; the bundle says which. */
static void test_docker_in_another_namespace(void **state)
{
	struct ctd_fixture ctd;
	auto_image image = { 0 };
	struct garita_store_query query = { .bundle = CTD_TASKS "/plugins/c1" };

	(void)state;
	ctd_start(&ctd, MADE_BY_DOCKER, LAYERS);
	query.sysroot = ctd.fx.dir;
	query.root_path = ctd.fx.root_path;
	garita_store_identify(&query, &image);
	assert_int_equal(image.sure, GARITA_IMAGE_UNKNOWN);
	assert_non_null(
		strstr(image.why_not, "namespace plugins has no container c1"));
	ctd_end(&ctd);
}

static void test_root_paths_of_no_containerd(void **state)
{
	static const char *const outside[] = {
		"/",
		"/rootfs",
		CTD_TASKS "/default/c1",
		CTD_TASKS "/default/c1/rootfs/rootfs",
		"/run/other/default/c1/rootfs",
		CTD_DATA "/rootfs/overlay2/c1",
		"/srv/rootfs/overlayfs/c1",
	};
	struct ctd_fixture ctd;

	(void)state;
	ctd_start(&ctd, MADE_BY_DOCKER, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(outside); i++) {
		auto_image image = { 0 };
		struct garita_store_query query = { .sysroot = ctd.fx.dir,
						    .root_path = outside[i] };

		garita_store_identify(&query, &image);
		assert_int_equal(image.sure, GARITA_IMAGE_UNKNOWN);
		if (strstr(image.why_not, "in no image store") == NULL)
			fail_msg("%s: %s", outside[i], image.why_not);
		assert_true(image.imageless);
	}
	ctd_end(&ctd);
}

/* Whoever may write where the records are could have made them up. */
static void test_places_others_can_change(void **state)
{
	static const char *const places[] = {
		"/run",
		CTD_TASKS,
		CTD_TASKS "/default/c1",
		"/var",
		CTD_ROOT,
		CTD_ROOT "/io.containerd.metadata.v1.bolt",
		CTD_ROOT "/io.containerd.metadata.v1.bolt/meta.db",
		CTD_ROOT "/io.containerd.snapshotter.v1.overlayfs",
		CTD_ROOT "/io.containerd.snapshotter.v1.overlayfs/metadata.db",
		CTD_ROOT "/io.containerd.snapshotter.v1.overlayfs/snapshots",
		CTD_ROOT
		"/io.containerd.snapshotter.v1.overlayfs/snapshots/221",
		CTD_BLOBS,
	};
	struct ctd_fixture ctd;

	(void)state;
	ctd_start(&ctd, MADE_BY_CTR, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(places); i++) {
		char full[2 * PATH];
		struct stat st;

		snprintf(full, sizeof(full), "%s%s", ctd.fx.dir, places[i]);
		assert_int_equal(stat(full, &st), 0);
		assert_int_equal(chmod(full, st.st_mode | 0020), 0);
		ctd_expect_unknown(&ctd, places[i], "can be changed by others");
		assert_int_equal(chmod(full, st.st_mode), 0);
		ctd_expect(&ctd, places[i], APP);
	}
	ctd_end(&ctd);
}

/* ---- by a name alone ---- */

static int find_by(const struct ctd_fixture *ctd, const char *word,
		   struct garita_image *ret, struct garita_error *err)
{
	return garita_ctd_image(ctd->fx.dir, word, ret, err);
}

static void expect_by_name(const struct ctd_fixture *ctd, const char *word,
			   enum image_name image)
{
	auto_image found = { 0 };
	struct garita_error err = { 0 };

	if (find_by(ctd, word, &found, &err) < 0)
		fail_msg("%s: %s", word, err.text);
	assert_string_equal(found.manifest, ctd->fx.images[image].digest);
	assert_string_equal(found.config + strlen("sha256:"),
			    ctd->fx.images[image].id);
	assert_string_equal(found.store, "containerd");
	assert_int_equal(found.sure, GARITA_IMAGE_VERIFIED);
	assert_non_null(garita_blobs_find(&found.material, found.manifest));
}

static void expect_none(const struct ctd_fixture *ctd, const char *word,
			int code, const char *words)
{
	auto_image found = { 0 };
	struct garita_error err = { 0 };

	assert_int_equal(find_by(ctd, word, &found, &err), code);
	assert_non_null(strstr(err.text, words));
	assert_int_equal(found.sure, GARITA_IMAGE_UNKNOWN);
}

static void test_an_image_by_its_name(void **state)
{
	char digest[GARITA_DIGEST_SIZE], config[GARITA_DIGEST_SIZE];
	auto_image found = { 0 };
	struct ctd_fixture ctd;
	auto_text text = { 0 };

	(void)state;
	ctd_start(&ctd, MADE_BY_CTR, LAYERS);
	snprintf(config, sizeof(config), "sha256:%s", ctd.fx.images[OTHER].id);
	ctd_name(&ctd, config, ctd.fx.images[OTHER].digest, 60);
	ctd_name(&ctd, "docker.io/library/other:latest",
		 ctd.fx.images[OTHER].digest, 60);
	ctd_name(&ctd, "not a name", ctd.fx.images[TWIN].digest, 60);
	ctd_write(&ctd);
	expect_by_name(&ctd, APP_NAME, APP);
	expect_by_name(&ctd, TWIN_NAME, TWIN);
	expect_by_name(&ctd, "other", OTHER);
	expect_by_name(&ctd, "docker.io/library/other", OTHER);
	expect_by_name(&ctd, "not a name", TWIN);
	config[strlen("sha256:") + 12] = '\0';
	expect_by_name(&ctd, config + strlen("sha256:"), OTHER);
	config[strlen("sha256:") + 11] = '\0';
	expect_none(&ctd, config + strlen("sha256:"), -ENOENT, "");
	expect_none(&ctd, "app", -ENOENT, "");
	expect_none(&ctd, "", -ENOENT, "");
	assert_int_equal(find_by(&ctd, "other", &found, NULL), 0);
	assert_int_equal(found.name_count, 2); /* and as the fixture has it */
	assert_string_equal(found.names[0], "docker.io/library/other:latest");

	/* Another namespace: the same image is no second one, another is. */
	ctd.images =
		bolt_in(bolt_in(bolt_in(ctd.meta, "v1"), "second"), "images");
	ctd_name(&ctd, APP_NAME, ctd.fx.images[APP].digest, 60);
	ctd_write(&ctd);
	expect_by_name(&ctd, APP_NAME, APP);
	ctd_name(&ctd, APP_NAME, ctd.fx.images[TWIN].digest, 60);
	ctd_write(&ctd);
	expect_none(&ctd, APP_NAME, -EEXIST, "several images called");
	ctd_name(&ctd, APP_NAME, ctd.fx.images[APP].digest, 60);

	/* Of an index the image that is stored; what is said about images is
	 * none. */
	garita_text_printf(&text,
			   "{\"manifests\":[{\"digest\":\"%s\",\"platform\":"
			   "{\"os\":\"unknown\"}},{\"digest\":\"%s\"}]}",
			   ctd.fx.images[TWIN].digest,
			   ctd.fx.images[OTHER].digest);
	ctd_blob(&ctd, text.data, digest);
	ctd_name(&ctd, "multi:1", digest, 60);
	ctd_write(&ctd);
	expect_by_name(&ctd, "multi:1", OTHER);
	ctd_drop_blob(&ctd, ctd.fx.images[OTHER].digest);
	expect_none(&ctd, "multi:1", -ESTALE, "no image of the index");
	expect_none(&ctd, "other", -ESTALE, "does not have");
	ctd_end(&ctd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_image_by_its_name),
		cmocka_unit_test(test_the_image_of_an_index),
		cmocka_unit_test(test_what_is_not_the_image),
		cmocka_unit_test(test_records_choose_between_twins),
		cmocka_unit_test(test_docker_records),
		cmocka_unit_test(test_docker_says_another_image),
		cmocka_unit_test(test_the_container_is_the_right_one),
		cmocka_unit_test(test_docker_in_another_namespace),
		cmocka_unit_test(test_root_paths_of_no_containerd),
		cmocka_unit_test(test_places_others_can_change),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
