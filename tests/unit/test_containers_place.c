/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which store is believed at all, and for which container: the place, its
 * owners, the way that leads to it, and who asks. The records are right in
 * all of these.
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

/* The layer of another container would bring that one's changes along. */
static void test_the_container_is_the_right_one(void **state)
{
	struct store_fixture fx;
	char own[PATH], foreign[PATH];

	(void)state;
	store_start(&fx, LAYERS);
	snprintf(own, sizeof(own), STORE "/overlay-containers/%s/userdata",
		 fx.container);
	snprintf(foreign, sizeof(foreign),
		 STORE "/overlay-containers/%s/userdata", fx.layer);
	const struct {
		const char *id, *bundle;
		bool fine;
	} rows[] = {
		{ fx.container, own, true },
		{ fx.container, NULL, true },
		{ NULL, own, true },
		{ NULL, "/somewhere/else", true },
		{ fx.layer, own, false },
		{ "x", NULL, false },
		{ "", NULL, false },
		{ NULL, foreign, false },
		{ fx.container, foreign, false },
	};
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_image image = { 0 };
		struct garita_store_query query = {
			.sysroot = fx.dir,
			.root_path = fx.root_path,
			.id = rows[i].id,
			.bundle = rows[i].bundle,
		};

		garita_store_identify(&query, &image);
		if ((image.sure == GARITA_IMAGE_VERIFIED) != rows[i].fine)
			fail_msg("row %zu: %s", i, image.why_not);
		if (!rows[i].fine)
			assert_non_null(strstr(image.why_not, "belongs to"));
	}
	store_end(&fx);
}

#define NO_LAYER                                                               \
	"0123456789012345678901234567890123456789012345678901234567890123"

static void test_root_paths_outside_a_store(void **state)
{
	static const char *const outside[] = {
		"/",
		"/proc",
		"/nothing/here",
		"/var/tmp/buildah1/mnt/rootfs",
		STORE "/overlay/l",
		STORE "/overlay/short/merged",
		"/overlay/" NO_LAYER "/merged",
	};
	struct store_fixture fx;

	(void)state;
	store_start(&fx, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(outside); i++) {
		auto_image image = { 0 };
		struct garita_store_query query = { .sysroot = fx.dir,
						    .root_path = outside[i] };

		garita_store_identify(&query, &image);
		assert_int_equal(image.sure, GARITA_IMAGE_UNKNOWN);
		assert_true(image.imageless);
		assert_null(image.store);
		assert_non_null(strstr(image.why_not, "in no image store"));
	}
	store_end(&fx);
}

/* Nobody could look: what is there may be an image's. */
static void test_root_paths_that_cannot_be_looked_at(void **state)
{
	static const char *const paths[] = {
		NULL,
		"relative/overlay/x/merged",
		"/circle",
		"/circle/overlay/" NO_LAYER "/merged",
		STORE "/circle/overlay/" NO_LAYER "/merged",
		"/proc/self/root/overlay/" NO_LAYER "/merged",
		"/half/overlay/" NO_LAYER "/merged",
	};
	struct store_fixture fx;
	char circle[2 * PATH];

	(void)state;
	store_start(&fx, LAYERS);
	snprintf(circle, sizeof(circle), "%s/circle", fx.dir);
	assert_int_equal(symlink("/circle", circle), 0);
	snprintf(circle, sizeof(circle), "%s" STORE "/circle", fx.dir);
	assert_int_equal(symlink("circle", circle), 0);
	store_make_dirs(&fx, "/half/overlay/" NO_LAYER "/merged");
	store_make_dirs(&fx, "/half/overlay-images");
	for (size_t i = 0; i < GARITA_COUNT(paths); i++) {
		auto_image image = { 0 };
		struct garita_store_query query = { .sysroot = fx.dir,
						    .root_path = paths[i] };

		if (i == 5) /* of this process, a link of the magic kind */
			query.sysroot = "";
		garita_store_identify(&query, &image);
		assert_int_equal(image.sure, GARITA_IMAGE_UNKNOWN);
		if (image.imageless || *image.why_not == '\0')
			fail_msg("row %zu: %s", i, image.why_not);
	}
	store_end(&fx);
}

static void test_a_stopped_container_is_unknown(void **state)
{
	struct store_fixture fx;
	char full[2 * PATH];

	(void)state;
	store_start(&fx, LAYERS);
	snprintf(full, sizeof(full), "%s%s", fx.dir, fx.root_path);
	assert_int_equal(rmdir(full), 0);
	store_expect_unknown(&fx, "merged is gone", "is not mounted");
	store_end(&fx);
}

/* Whoever may write where the records are could have made them up. */
static void test_a_store_others_can_change(void **state)
{
	static const char *const places[] = {
		STORE,
		"/var",
		STORE "/overlay",
		STORE "/overlay/{L}",
		STORE "/overlay/l",
		STORE "/overlay-containers",
		STORE "/overlay-images",
		STORE "/overlay-images/{I}",
		STORE "/overlay-layers",
		CONTAINERS,
		IMAGES_JSON,
		LAYERS_JSON,
		LOWER,
		"{M}",
		"{B}",
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(places); i++) {
		struct store_fixture fx;
		auto_free char *place = NULL;
		char full[2 * PATH];
		struct stat st;

		store_start(&fx, LAYERS);
		place = store_expand(&fx, places[i]);
		snprintf(full, sizeof(full), "%s%s", fx.dir, place);
		assert_int_equal(stat(full, &st), 0);
		assert_int_equal(chmod(full, 0757), 0);
		store_expect_unknown(&fx, places[i],
				     "can be changed by others");
		assert_int_equal(chmod(full, 0775), 0);
		store_expect_unknown(&fx, places[i],
				     "can be changed by others");
		assert_int_equal(chmod(full, st.st_mode & 07777), 0);
		store_expect_app(&fx, places[i]);
		if (geteuid() == 0) { /* nobody else can give files away */
			assert_int_equal(chown(full, 1000, 1000), 0);
			store_expect_unknown(&fx, places[i], "");
			assert_int_equal(chown(full, 0, 0), 0);
		}
		store_end(&fx);
	}
}

/* A record file that is no file; a fifo must not make us wait. */
static void test_records_that_are_no_files(void **state)
{
	struct store_fixture fx;
	auto_free char *text = NULL;
	char full[2 * PATH];

	(void)state;
	store_start(&fx, LAYERS);
	text = store_read_file(&fx, CONTAINERS);
	snprintf(full, sizeof(full), "%s" CONTAINERS, fx.dir);
	store_drop(&fx, CONTAINERS);
	assert_int_equal(mkfifo(full, 0600), 0);
	store_expect_unknown(&fx, "fifo", "is not a regular file");
	store_drop(&fx, CONTAINERS);
	assert_int_equal(mkdir(full, 0700), 0);
	store_expect_unknown(&fx, "directory", "is not a regular file");
	assert_int_equal(rmdir(full), 0);
	store_write_file(&fx, "/elsewhere", text);
	assert_int_equal(symlink("/elsewhere", full), 0);
	store_expect_unknown(&fx, "link",
			     "cannot open overlay-containers/containers.json");
	store_end(&fx);
}

/* /var/lib/containers is often a link to a larger disk. Fine, as long as
 * nobody else can turn it elsewhere between our look and the runtime's. */
static void test_root_paths_through_links(void **state)
{
	struct store_fixture fx;
	char full[2 * PATH], real[PATH];

	(void)state;
	store_start(&fx, LAYERS);
	store_make_dirs(&fx, "/srv");
	snprintf(full, sizeof(full), "%s/srv/store", fx.dir);
	assert_int_equal(symlink(STORE, full), 0);
	snprintf(real, sizeof(real), "%s", fx.root_path);
	snprintf(fx.root_path, sizeof(fx.root_path),
		 "/srv/store/overlay/%s/merged", fx.layer);
	store_expect_app(&fx, "through a link");
	snprintf(full, sizeof(full), "%s/srv", fx.dir);
	assert_int_equal(chmod(full, 0777), 0);
	store_expect_unknown(&fx, "a link others can turn",
			     "can be changed by others");
	if (geteuid() == 0) {
		assert_int_equal(chmod(full, 01777), 0);
		store_expect_app(&fx, "our link in a sticky directory");
		snprintf(full, sizeof(full), "%s/srv/store", fx.dir);
		assert_int_equal(lchown(full, 1000, 1000), 0);
		store_expect_unknown(&fx,
				     "somebody's link in a sticky directory",
				     "can be changed by others");
	}
	store_end(&fx);
}

/* What podman 5.8 wrote for an image it pulled, signatures and all, put into
 * the store of the fixture instead of its own image. */
static void copy_sample(const struct store_fixture *fx, const char *sample,
			const char *path)
{
	auto_text text = { 0 };
	char full[2 * PATH];
	FILE *file;
	int c;

	snprintf(full, sizeof(full),
		 GARITA_SRC_DIR "/tests/samples/engines/"
				"containers-storage-signed/%s",
		 sample);
	file = fopen(full, "re");
	if (file == NULL)
		fail_msg("cannot open %s", full);
	while ((c = fgetc(file)) != EOF)
		garita_text_putc(&text, (char)c);
	fclose(file);
	store_write_file(fx, path, text.data);
}

#define SIGNED                                                                 \
	"41b418927edba025ece98295eea2e2d34a9edf2488c67675e8470c326ecc1246"
#define SIGNED_MANIFEST                                                        \
	"sha256:"                                                              \
	"17991b96a2646cc56e2fb83b2d1653c75ddea11fa88018dfdaa29794894501fa"
#define SIGNED_TOP                                                             \
	"f5e310eea4a8c218500e541524edeb2cf8a5d05355a97aebb00697f3cf5b7593"
#define SIGNED_BASE                                                            \
	"e3a0decd8a9497244a2c2e08a3afd6263203114f2f0f43036a263377c6c13c5b"

static void test_an_image_that_podman_pulled(void **state)
{
	static const char *const keys[] = { "manifest-" SIGNED_MANIFEST,
					    "sha256:" SIGNED };
	struct store_image image = { .id = SIGNED };
	struct store_fixture fx;
	auto_image found = { 0 };

	(void)state;
	store_start(&fx, LAYERS);
	store_make_dirs(&fx, STORE "/overlay-images/" SIGNED);
	for (size_t i = 0; i < GARITA_COUNT(keys); i++) {
		char path[2 * PATH];

		store_blob_path(&image, keys[i], path, sizeof(path));
		copy_sample(&fx, path + strlen(STORE "/"), path);
	}
	copy_sample(&fx, "images.json", IMAGES_JSON);
	copy_sample(&fx, "layers.json", LAYERS_JSON);
	store_link_layer(&fx, 10, SIGNED_BASE);
	store_link_layer(&fx, 11, SIGNED_TOP);
	store_change(&fx, LOWER, "",
		     "l/GARITATESTLINKNUMBER000011:l/GARITATESTLINKNUMBER"
		     "000010");
	store_change(&fx, CONTAINERS, "{I}", SIGNED);
	store_expect_unknown(&fx, "no record of the layer", "layers.json");
	store_change(&fx, LAYERS_JSON, "[\n",
		     "[{\"id\":\"{L}\",\"parent\":\"" SIGNED_TOP "\"},");
	store_ask(&fx, &found);
	if (found.sure != GARITA_IMAGE_VERIFIED)
		fail_msg("%s", found.why_not);
	assert_string_equal(found.manifest, SIGNED_MANIFEST);
	assert_string_equal(found.config, "sha256:" SIGNED);
	assert_string_equal(found.names[0], "127.0.0.1:5005/test/signed:v1");
	store_end(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_container_is_the_right_one),
		cmocka_unit_test(test_root_paths_outside_a_store),
		cmocka_unit_test(test_root_paths_that_cannot_be_looked_at),
		cmocka_unit_test(test_a_stopped_container_is_unknown),
		cmocka_unit_test(test_a_store_others_can_change),
		cmocka_unit_test(test_records_that_are_no_files),
		cmocka_unit_test(test_root_paths_through_links),
		cmocka_unit_test(test_an_image_that_podman_pulled),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
