/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which image is it, asked of what containerd keeps: the right one for
 * containers of all makers; one thing wrong, and it is unknown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "tests/unit/containerd_fixture.h"

#define SNAPSHOTTER CTD_ROOT "/io.containerd.snapshotter.v1.overlayfs"
#define RECORD      CTD_DATA "/containers/c1/config.v2.json"

static void test_right_records_are_believed(void **state)
{
	static const size_t page_sizes[] = { 512, 4096, 65536 };
	static const size_t layers[] = { 1, 3, 200 };

	(void)state;
	for (enum ctd_maker maker = MADE_BY_CTR; maker <= MADE_BY_DOCKER;
	     maker++)
		for (size_t i = 0; i < GARITA_COUNT(layers); i++) {
			struct ctd_fixture ctd;

			ctd_start(&ctd, maker, layers[i]);
			ctd.page_size = page_sizes[i];
			ctd_write(&ctd);
			ctd_expect(&ctd, "right", APP);
			ctd_end(&ctd);
		}
}

/* "app@sha256:..." is a name like any other. */
static void test_a_name_with_a_digest(void **state)
{
	struct ctd_fixture ctd;
	auto_image image = { 0 };
	char name[PATH];

	(void)state;
	ctd_start(&ctd, MADE_BY_CTR, LAYERS);
	snprintf(name, sizeof(name), "registry.example.com/app@%s",
		 ctd.fx.images[APP].digest);
	bolt_put(ctd.container, "image", name);
	ctd_name(&ctd, name, ctd.fx.images[APP].digest, 60);
	ctd_write(&ctd);
	ctd_ask(&ctd, &image);
	assert_int_equal(image.sure, GARITA_IMAGE_VERIFIED);
	assert_string_equal(image.reference, name);
	assert_int_equal(image.name_count, 0);
	assert_int_equal(image.repo_digest_count, 1);
	assert_string_equal(image.repo_digests[0], name);
	ctd_end(&ctd);
}

static void test_names_of_all_kinds(void **state)
{
	static const struct {
		enum ctd_maker maker;
		const char *reference;
	} rows[] = {
		{ MADE_BY_CTR, APP_NAME },
		{ MADE_BY_CRI, APP_NAME },
		{ MADE_BY_DOCKER, "app:v1" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct ctd_fixture ctd;
		auto_image image = { 0 }, started = { 0 };
		auto_trail trail = { 0 };
		struct garita_store_query query = { .trail = &trail };
		char name[PATH];

		ctd_start(&ctd, rows[i].maker, LAYERS);
		snprintf(name, sizeof(name), "registry.example.com/app@%s",
			 ctd.fx.images[APP].digest);
		ctd_name(&ctd, name, ctd.fx.images[APP].digest, 60);
		ctd_name(&ctd, "another", ctd.fx.images[APP].digest, 200);
		ctd_write(&ctd);
		query.sysroot = ctd.fx.dir;
		query.root_path = ctd.fx.root_path;
		garita_store_identify(&query, &image);
		assert_int_equal(image.sure, GARITA_IMAGE_VERIFIED);
		assert_string_equal(image.reference, rows[i].reference);
		assert_int_equal(image.name_count, 2);
		assert_int_equal(image.repo_digest_count, 1);
		assert_string_equal(image.repo_digests[0], name);
		assert_true(trail.step_count >= 4);
		/* A start reads those of the record alone. */
		ctd_ask(&ctd, &started);
		assert_string_equal(started.reference, rows[i].reference);
		assert_int_equal(started.repo_digest_count, 0);
		assert_int_equal(started.name_count,
				 rows[i].maker != MADE_BY_DOCKER);
		if (started.name_count > 0)
			assert_string_equal(started.names[0], APP_NAME);
		ctd_end(&ctd);
	}
}

/* The time at which a name got its digest, against that of the container,
 * which is 100 seconds and 5 nanoseconds. */
static void test_a_name_is_as_old_as_the_container(void **state)
{
	static const struct {
		unsigned seconds, nanoseconds;
		bool fine;
	} rows[] = {
		{ 99, 999999999, true }, { 100, 5, true },
		{ 100, 6, false },       { 101, 0, false },
		{ 0, 0, true },          { 0xffffffff, 0, false },
	};
	static const char moved[] = "was given anew after the container";
	struct ctd_fixture ctd;
	struct bolt_node *app;

	(void)state;
	ctd_start(&ctd, MADE_BY_CTR, LAYERS);
	app = bolt_in(ctd.images, APP_NAME);
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		ctd_set_time(app, "updatedat", rows[i].seconds,
			     rows[i].nanoseconds);
		ctd_write(&ctd);
		if (rows[i].fine)
			ctd_expect(&ctd, "an old name", APP);
		else
			ctd_expect_unknown(&ctd, "a young name", moved);
	}
	bolt_put(app, "updatedat", "short");
	ctd_write(&ctd);
	ctd_expect_unknown(&ctd, "half a time", moved);
	bolt_drop(app, "updatedat");
	ctd_write(&ctd);
	ctd_expect_unknown(&ctd, "no time", moved);
	ctd_set_time(app, "updatedat", 60, 0);
	bolt_drop(ctd.container, "createdat");
	ctd_write(&ctd);
	ctd_expect_unknown(&ctd, "a container of no time", moved);
	ctd_end(&ctd);
}

/* With CRI's or docker's record, names may lead wherever they want. */
static void test_a_digest_in_the_record_outlives_names(void **state)
{
	struct ctd_fixture ctd;

	(void)state;
	ctd_start(&ctd, MADE_BY_CRI, LAYERS);
	ctd_name(&ctd, APP_NAME, ctd.fx.images[TWIN].digest, 200);
	ctd_write(&ctd);
	ctd_expect(&ctd, "the name is of its twin", APP);
	ctd_name(&ctd, APP_NAME, ctd.fx.images[OTHER].digest, 200);
	ctd_write(&ctd);
	ctd_expect(&ctd, "the name is of another", APP);
	bolt_drop(ctd.images, APP_NAME);
	ctd_write(&ctd);
	ctd_expect(&ctd, "the name is gone", APP);
	ctd_end(&ctd);

	ctd_start(&ctd, MADE_BY_DOCKER, LAYERS);
	ctd_name(&ctd, APP_NAME, ctd.fx.images[TWIN].digest, 200);
	ctd_write(&ctd);
	ctd_expect(&ctd, "the name is of its twin", APP);
	ctd_end(&ctd);
}

/* ---- one thing wrong ---- */

static void image_gone(struct ctd_fixture *ctd)
{
	bolt_drop(ctd->images, APP_NAME);
}

static void image_none(struct ctd_fixture *ctd)
{
	bolt_put(ctd->container, "image", "");
}

static void image_other(struct ctd_fixture *ctd)
{
	ctd_name(ctd, APP_NAME, ctd->fx.images[OTHER].digest, 60);
}

static void image_no_digest(struct ctd_fixture *ctd)
{
	ctd_name(ctd, APP_NAME, "sha256:short", 60);
}

static void image_nul(struct ctd_fixture *ctd)
{
	bolt_set(ctd->container, "image", "a\0b", 3);
}

static void container_gone(struct ctd_fixture *ctd)
{
	bolt_put(ctd->container, "was", "");
	bolt_drop(bolt_in(bolt_in(bolt_in(ctd->meta, "v1"), ctd->namespace),
			  "containers"),
		  ctd->id);
}

static void driver_other(struct ctd_fixture *ctd)
{
	bolt_put(ctd->container, "snapshotter", "nydus");
}

static void snapshot_none(struct ctd_fixture *ctd)
{
	bolt_put(ctd->container, "snapshotKey", "");
}

static void snapshot_of_another(struct ctd_fixture *ctd)
{
	bolt_put(ctd->container, "snapshotKey", "c2");
}

static void snapshot_name_nul(struct ctd_fixture *ctd)
{
	struct bolt_node *all = bolt_in(
		bolt_in(bolt_in(ctd->meta, "v1"), ctd->namespace), "snapshots");

	bolt_set(bolt_in(bolt_in(all, "overlayfs"), ctd->id), "name", "a\0b",
		 3);
}

static struct bolt_node *snapshot(struct ctd_fixture *ctd)
{
	return bolt_in(ctd->snapshots, ctd->own);
}

static void snapshot_gone(struct ctd_fixture *ctd)
{
	bolt_drop(ctd->snapshots, ctd->own);
}

static void snapshot_view(struct ctd_fixture *ctd)
{
	bolt_set(snapshot(ctd), "kind", "\1", 1);
}

static void snapshot_number(struct ctd_fixture *ctd)
{
	bolt_set(snapshot(ctd), "id", "\5", 1);
}

static void snapshot_endless_number(struct ctd_fixture *ctd)
{
	bolt_set(snapshot(ctd), "id", "\xff\xff\xff", 3);
}

static void snapshot_number_and_more(struct ctd_fixture *ctd)
{
	bolt_set(snapshot(ctd), "id", "\1\1", 2);
}

static void parent_none(struct ctd_fixture *ctd)
{
	bolt_drop(snapshot(ctd), "parent");
}

static void parent_itself(struct ctd_fixture *ctd)
{
	bolt_put(snapshot(ctd), "parent", ctd->own);
}

static void parent_in_a_circle(struct ctd_fixture *ctd)
{
	char *parent = snapshot(ctd)->members[2]->value.data;

	bolt_put(bolt_in(ctd->snapshots, parent), "parent", parent);
}

static void parent_elsewhere(struct ctd_fixture *ctd)
{
	bolt_put(snapshot(ctd), "parent", "elsewhere/1/sha256:x");
}

static void parent_unfinished(struct ctd_fixture *ctd)
{
	char *parent = snapshot(ctd)->members[2]->value.data;

	bolt_set(bolt_in(ctd->snapshots, parent), "kind", "\2", 1);
}

static void lower_less(struct ctd_fixture *ctd)
{
	*strrchr(ctd->lower, ':') = '\0';
}

static void lower_more(struct ctd_fixture *ctd)
{
	free(ctd->lower);
	ctd->lower = garita_xstrdup("/evil:" SNAPSHOTTER "/snapshots/200/fs");
}

static void lower_numbers(struct ctd_fixture *ctd)
{
	free(ctd->lower);
	ctd->lower = garita_xstrdup("3:6:7");
}

static void upper_of_another(struct ctd_fixture *ctd)
{
	ctd->number = 200; /* a layer's */
}

static void manifest_gone(struct ctd_fixture *ctd)
{
	ctd_drop_blob(ctd, ctd->fx.images[APP].digest);
}

static void config_gone(struct ctd_fixture *ctd)
{
	char config[GARITA_DIGEST_SIZE];

	snprintf(config, sizeof(config), "sha256:%.64s",
		 ctd->fx.images[APP].id);
	ctd_drop_blob(ctd, config);
}

static void manifest_of_twin(struct ctd_fixture *ctd)
{
	char path[PATH];

	snprintf(path, sizeof(path), CTD_BLOBS "/%s",
		 ctd->fx.images[APP].digest + strlen("sha256:"));
	store_write_file(&ctd->fx, path, ctd->fx.images[TWIN].manifest);
}

static void config_of_twin(struct ctd_fixture *ctd)
{
	char path[PATH];

	snprintf(path, sizeof(path), CTD_BLOBS "/%s", ctd->fx.images[APP].id);
	store_write_file(&ctd->fx, path, ctd->fx.images[TWIN].config);
}

static void target_is_no_manifest(struct ctd_fixture *ctd)
{
	char digest[GARITA_DIGEST_SIZE];

	ctd_blob(ctd, "{\"fsLayers\":[]}", digest);
	ctd_name(ctd, APP_NAME, digest, 60);
}

static void test_one_thing_wrong_is_unknown(void **state)
{
	static const struct {
		void (*edit)(struct ctd_fixture *ctd);
		const char *words;
	} rows[] = {
		{ image_gone, "no image is called " APP_NAME },
		{ image_none, "made from no image" },
		{ image_other, "does not have the layers of sha256:" },
		{ image_no_digest, "no image is called" },
		{ image_nul, "image is no text" },
		{ container_gone, "namespace default has no container c1" },
		{ driver_other, "snapshotter \"nydus\"" },
		{ snapshot_none, "has no snapshot" },
		{ snapshot_of_another, "has no snapshot" },
		{ snapshot_name_nul, "name is no text" },
		{ snapshot_gone, "metadata.db: " },
		{ snapshot_view, "not one that is written to" },
		{ snapshot_number, "not of the container's snapshot" },
		{ snapshot_endless_number, "id is no number" },
		{ snapshot_number_and_more, "id is no number" },
		{ parent_none, "not what containerd's records say" },
		{ parent_itself, "is not finished" },
		{ parent_in_a_circle, "has more than" },
		{ parent_elsewhere, "is of another namespace" },
		{ parent_unfinished, "is not finished" },
		{ lower_less, "not what containerd's records say" },
		{ lower_more, "not what containerd's records say" },
		{ lower_numbers, "not what containerd's records say" },
		{ upper_of_another, "not of the container's snapshot" },
		{ manifest_gone, "the content store does not have" },
		{ config_gone, "the content store does not have" },
		{ manifest_of_twin, "tampered with: the bytes stored as" },
		{ config_of_twin, "tampered with: the bytes stored as" },
		{ target_is_no_manifest, "is no schema 2 or OCI image" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct ctd_fixture ctd;

		ctd_start(&ctd, MADE_BY_CTR, LAYERS);
		rows[i].edit(&ctd);
		ctd_write(&ctd);
		ctd_expect_unknown(&ctd, rows[i].words, rows[i].words);
		ctd_end(&ctd);
	}
}

static void test_cri_records(void **state)
{
	static const struct {
		const char *json, *words;
	} rows[] = {
		{ "", "CRI record" },
		{ "{}", "its ImageRef is no sha256 digest" },
		{ "{\"Metadata\":{\"ImageRef\":\"app:v1\"}}",
		  "its ImageRef is no sha256 digest" },
		{ "{\"Metadata\":{\"ImageRef\":[]}}",
		  "its ImageRef is no sha256 digest" },
		{ "{\"Metadata\":{\"ImageRef\":\"x\",\"ImageRef\":\"y\"}}",
		  "CRI record" },
		/* Of an image that containerd does not have. */
		{ "{\"Metadata\":{\"ImageRef\":\"sha256:"
		  "00000000000000000000000000000000"
		  "00000000000000000000000000000000\"}}",
		  "no image in containerd has the config sha256:0000" },
	};
	static const struct {
		const char *bytes;
		size_t len;
	} bad[] = {
		{ "", 0 },
		{ "\x0a", 1 },
		{ "\x0a\xff", 2 },
		{ "{}", 2 },
		{ "\x0a\x02hi\x12", 5 },
		{ "\x0a\x00\x12\x00", 4 },
		{ "\x0a\xff\xff\xff\xff\xff\xff\x01", 8 },
	};
	struct ctd_fixture ctd;

	(void)state;
	ctd_start(&ctd, MADE_BY_CRI, LAYERS);
	bolt_drop(ctd.images, APP_NAME);
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		ctd_cri(&ctd, rows[i].json);
		ctd_write(&ctd);
		ctd_expect_unknown(&ctd, rows[i].json, rows[i].words);
	}
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		ctd_cri_bytes(&ctd, bad[i].bytes, bad[i].len);
		ctd_write(&ctd);
		ctd_expect_unknown(&ctd, "not an Any", "CRI record");
	}
	ctd_end(&ctd);
}

/* The name that CRI was asked for, as kubelets of different ages say it. */
static void test_names_in_cri_records(void **state)
{
	static const struct {
		const char *image, *reference;
	} rows[] = {
		{ "{\"image\":\"app:v1\"}", "app:v1" },
		{ "{\"image\":\"sha256:x\",\"user_specified_image\":\"app\"}",
		  "app" },
		{ "{\"image\":\"sha256:"
		  "00000000000000000000000000000000"
		  "00000000000000000000000000000000\"}",
		  APP_NAME },
		{ "{}", APP_NAME },
	};
	struct ctd_fixture ctd;

	(void)state;
	ctd_start(&ctd, MADE_BY_CRI, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_image image = { 0 };
		auto_text json = { 0 };

		garita_text_printf(&json,
				   "{\"Metadata\":{\"Config\":{\"image\":%s},"
				   "\"ImageRef\":\"sha256:%s\"}}",
				   rows[i].image, ctd.fx.images[APP].id);
		ctd_cri(&ctd, json.data);
		ctd_write(&ctd);
		ctd_ask(&ctd, &image);
		assert_int_equal(image.sure, GARITA_IMAGE_VERIFIED);
		assert_string_equal(image.reference, rows[i].reference);
	}
	ctd_end(&ctd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_records_are_believed),
		cmocka_unit_test(test_a_name_with_a_digest),
		cmocka_unit_test(test_names_of_all_kinds),
		cmocka_unit_test(test_a_name_is_as_old_as_the_container),
		cmocka_unit_test(test_a_digest_in_the_record_outlives_names),
		cmocka_unit_test(test_one_thing_wrong_is_unknown),
		cmocka_unit_test(test_cri_records),
		cmocka_unit_test(test_names_in_cri_records),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
