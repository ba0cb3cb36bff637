/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which image a docker container runs: a data root as dockerd leaves it is
 * believed, and with any one word in it changed it is not.
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
#include "tests/unit/docker_fixture.h"

#define TOP  LAYERDB "/sha256/{top}"
#define MID  LAYERDB "/sha256/{mid}"
#define BASE LAYERDB "/sha256/{base}"

/* The store with one word in it changed: as before, or not known for this. */
struct change {
	const char *why, *path, *old, *new, *words;
};

static void expect_after(const struct change *change)
{
	struct docker_fixture docker;

	docker_start(&docker, LAYERS);
	docker_change(&docker, change->path, change->old, change->new);
	if (change->words == NULL)
		docker_expect_app(&docker, change->why);
	else
		docker_expect_unknown(&docker, change->why, change->words);
	docker_end(&docker);
}

/* Where something of the store is on this machine. */
static void in_store(const struct docker_fixture *docker, const char *path,
		     char ret[4 * PATH])
{
	auto_free char *below = docker_expand(docker, path);

	snprintf(ret, 4 * PATH, "%s%s", docker->fx.dir, below);
}

static void test_an_image_is_known(void **state)
{
	static const size_t depths[] = { 1, LAYERS, DEEP };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(depths); i++) {
		struct docker_fixture docker;

		docker_start(&docker, depths[i]);
		docker_expect_app(&docker, "as dockerd leaves it");
		docker_end(&docker);
	}
}

/* FROM scratch with nothing in it. */
static void test_an_image_without_layers(void **state)
{
	struct docker_fixture docker;
	auto_free char *parent = NULL;

	(void)state;
	docker_start(&docker, 0);
	docker_expect_unknown(&docker, "a chain that is no digest", "");
	parent = docker_expand(&docker, MOUNT "/parent");
	store_drop(&docker.fx, parent);
	docker_expect_app(&docker, "no layers");
	docker_end(&docker);
}

/* The image is the one that the container was made from, be it that another
 * has the same layers or the name has moved on. */
static void test_the_record_chooses_between_twins(void **state)
{
	struct docker_fixture docker;
	auto_image image = { 0 };

	(void)state;
	docker_start(&docker, LAYERS);
	docker_change(&docker, RECORD, "sha256:{I}", "sha256:{J}");
	store_ask(&docker.fx, &image);
	assert_int_equal(image.sure, GARITA_IMAGE_CONFIG);
	assert_string_equal(image.config + strlen("sha256:"),
			    docker.fx.images[TWIN].id);
	assert_int_equal(image.name_count, 1);
	assert_string_equal(image.names[0], "docker.io/library/twin:v1");
	assert_int_equal(image.repo_digest_count, 0);
	docker_end(&docker);
}

static void test_fine_differences(void **state)
{
	static const struct change rows[] = {
		{ "mounted from D/overlay2, as with many layers", MOUNTINFO,
		  "upperdir=" OVER "/diff", "upperdir={L}/diff", NULL },
		{ "the label Image of somebody", RECORD, "sha256:{J}",
		  "sha256:{K}", NULL },
		{ "a name of another image", NAMES, "other:v1", "other:v2",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++)
		expect_after(&rows[i]);
}

#define NOBODY                                                                 \
	"0123456789012345678901234567890123456789012345678901234567890123"

static const struct change changes[] = {
	/* what is mounted */
	{ "nothing is mounted", MOUNTINFO, "68 57 0:42 / " OVER "/merged",
	  "68 57 0:42 / /elsewhere", "is not mounted" },
	{ "another file system", MOUNTINFO, "- overlay", "- ext4",
	  "is ext4, not overlay" },
	{ "a part of an overlay", MOUNTINFO, "0:42 / ", "0:42 /bin ",
	  "a part of an overlay" },
	{ "two mounts", MOUNTINFO, "22 1 254:0 / / ",
	  "22 1 254:0 / " OVER "/merged ", "over each other" },
	{ "the upper directory of a layer", MOUNTINFO, "upperdir=" OVER,
	  "upperdir=" DATA "/overlay2/{0}", "tampered with" },
	{ "a relative upper directory of another", MOUNTINFO, "upperdir=" OVER,
	  "upperdir={0}", "tampered with" },
	{ "an upper directory that is not there", MOUNTINFO, "upperdir=" OVER,
	  "upperdir=/nowhere", "tampered with" },
	/* the record of the mount */
	{ "a mount of another", MOUNT "/mount-id", "{L}", NOBODY,
	  "no container of the store has mount" },
	{ "a mount that goes on", MOUNT "/mount-id", "{L}", "{L}\n",
	  "no container of the store has mount" },
	{ "an init layer of another", MOUNT "/init-id", "{L}", NOBODY,
	  "tampered with: the container's own base layer" },
	{ "an image layer as init layer", MOUNT "/init-id", "{L}-init", "{2}",
	  "tampered with: the container's own base layer" },
	{ "no init layer", MOUNT "/init-id", "", "", "init-id" },
	{ "a parent lower down", MOUNT "/parent", "{top}", "{mid}",
	  "tampered with" },
	{ "a parent that is a path", MOUNT "/parent", "{top}", "../../x",
	  "is no digest" },
	{ "a parent that is not there", MOUNT "/parent", "{top}", NOBODY,
	  "is not there" },
	{ "a parent with a newline", MOUNT "/parent", "{top}", "{top}\n",
	  "is no digest" },
	{ "a long parent", MOUNT "/parent", "{top}", "{top}{top}",
	  "larger than" },
	/* the container's record */
	{ "the record of another", RECORD, "\"ID\":\"{C}\"",
	  "\"ID\":\"" NOBODY "\"", "is that of another" },
	{ "no id", RECORD, "\"ID\"", "\"id\"", "is that of another" },
	{ "an id of another type", RECORD, "\"ID\":\"{C}\"", "\"ID\":[\"{C}\"]",
	  "is that of another" },
	{ "no image", RECORD, "\"Image\":\"sha256:{I}\"", "\"image\":1",
	  "names no image" },
	{ "an image by name", RECORD, "\"sha256:{I}\"", "\"app:v1\"",
	  "names no image" },
	{ "an image that was removed", RECORD, "\"sha256:{I}\"",
	  "\"sha256:" NOBODY "\"", "was removed from the store" },
	{ "an image with other layers", RECORD, "\"sha256:{I}\"",
	  "\"sha256:{K}\"", "tampered with: a layer of the container is" },
	{ "the image twice", RECORD, "\"Name\"",
	  "\"Image\":\"sha256:{J}\",\"Name\"", "Image" },
	{ "a record cut short", RECORD, "\"Name\":\"/c1\"}", "",
	  "the container's record" },
	{ "an empty record", RECORD, "", "", "the container's record" },
	/* the image */
	{ "a byte of the config", CONTENT "/{I}", "app", "apq",
	  "tampered with: the bytes stored as sha256:{I}" },
	{ "a blank after the config", CONTENT "/{I}", "]}}", "]}} ",
	  "tampered with: the bytes stored as sha256:{I}" },
	{ "an empty config", CONTENT "/{I}", "", "", "tampered with" },
	/* the layers */
	{ "the diff of a layer", MID "/diff", "sha256:", "sha256:0",
	  "not what docker writes" },
	{ "an empty diff", MID "/diff", "", "", "does not hold one word" },
	{ "a diff of another", TOP "/diff", "", "sha256:" NOBODY,
	  "tampered with: layer sha256:{top} is not made of" },
	{ "a diff of the base", BASE "/diff", "", "sha256:" NOBODY,
	  "tampered with: layer sha256:{base} is not made of" },
	{ "a parent of another", TOP "/parent", "{mid}", "{base}",
	  "tampered with: layer sha256:{top} is not made of" },
	{ "a layer that is its own parent", TOP "/parent", "{mid}", "{top}",
	  "tampered with: layer sha256:{top} is not made of" },
	{ "an empty parent", TOP "/parent", "", "", "does not hold one word" },
	{ "files of another layer", MID "/cache-id", "{1}", "{4}",
	  "tampered with: the container mounts ../{1}/diff in the place of" },
	{ "files that are no directory's", MID "/cache-id", "{1}", "../{1}",
	  "not what docker writes" },
	{ "the container's own files", TOP "/cache-id", "{2}", "{L}",
	  "tampered with: the container mounts ../{2}/diff in the place of" },
	/* what the overlay is made of */
	{ "a layer left out", OVER "/lower", ":l/GARITATESTLINKNUMBER000001",
	  "", "tampered with: the container mounts ../{0}/diff" },
	{ "the base left out", OVER "/lower", ":l/GARITATESTLINKNUMBER000000",
	  "", "tampered with: the container does not mount sha256:{base}" },
	{ "a layer more at the end", OVER "/lower", "000000",
	  "000000:l/GARITATESTLINKNUMBER000003", "mounts more layers" },
	{ "a layer more on top", OVER "/lower", "l/",
	  "l/GARITATESTLINKNUMBER000003:l/",
	  "tampered with: the container mounts ../{3}/diff" },
	{ "another layer", OVER "/lower", "000001", "000003",
	  "tampered with: the container mounts ../{3}/diff" },
	{ "layers in another order", OVER "/lower",
	  "000002:l/GARITATESTLINKNUMBER000001",
	  "000001:l/GARITATESTLINKNUMBER000002",
	  "tampered with: the container mounts ../{1}/diff" },
	{ "no init layer", OVER "/lower", "l/GARITATESTLINKNUMBER999999:", "",
	  "in the place of its own base layer" },
	{ "the upper layer as init layer", OVER "/lower", "999999", "999998",
	  "in the place of its own base layer" },
	{ "a link out of the directory", OVER "/lower", "l/GARITATESTLINK",
	  "l/../../../LINK", "does not mount its own base layer" },
	{ "an absolute path", OVER "/lower", "l/", "/",
	  "does not mount its own base layer" },
	{ "a link that is not there", OVER "/lower", "000001", "000777",
	  "cannot be read" },
	{ "nothing", OVER "/lower", "", "",
	  "does not mount its own base layer" },
	{ "a newline", OVER "/lower", "000000", "000000\n",
	  "does not mount sha256:{base}" },
	{ "a colon at the end", OVER "/lower", "000000",
	  "000000:", "mounts more layers" },
	/* names */
	{ "names that are not docker's", NAMES, "{\"Repositories\"",
	  "{\"repositories\"", "repositories.json: is not of the shape" },
	{ "a name twice", NAMES,
	  "\"app:v1\":", "\"app:v1\":\"sha256:{K}\",\"app:v1\":",
	  "repositories.json: has names out of order" },
	{ "no names at all", NAMES, "", "", "repositories.json: is empty" },
};

static void test_one_change_and_it_is_unknown(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(changes); i++)
		expect_after(&changes[i]);
}

/* Every file of the store but the names, which there are none of at first. */
static void test_one_file_less_and_it_is_unknown(void **state)
{
	static const char *const files[] = {
		MOUNTINFO,
		MOUNT "/mount-id",
		MOUNT "/init-id",
		MOUNT "/parent",
		RECORD,
		CONTENT "/{I}",
		TOP "/diff",
		TOP "/parent",
		TOP "/cache-id",
		BASE "/diff",
		BASE "/cache-id",
		OVER "/lower",
		DATA "/overlay2/l/GARITATESTLINKNUMBER000001",
	};
	struct docker_fixture docker;
	auto_image image = { 0 };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(files); i++) {
		auto_free char *file = NULL;

		docker_start(&docker, LAYERS);
		file = docker_expand(&docker, files[i]);
		store_drop(&docker.fx, file);
		docker_expect_unknown(&docker, files[i], "");
		docker_end(&docker);
	}
	docker_start(&docker, LAYERS);
	store_drop(&docker.fx, NAMES);
	store_ask(&docker.fx, &image);
	assert_int_equal(image.sure, GARITA_IMAGE_CONFIG);
	assert_int_equal(image.name_count, 0);
	docker_end(&docker);
}

/* Whoever may write where the records are could have made them up. */
static void test_a_store_others_can_change(void **state)
{
	static const char *const places[] = {
		DATA,
		DATA "/overlay2",
		DATA "/overlay2/l",
		OVER,
		OVER "/lower",
		DATA "/image",
		DATA "/image/overlay2",
		DATA "/image/overlay2/imagedb",
		DATA "/image/overlay2/imagedb/content",
		CONTENT,
		CONTENT "/{I}",
		LAYERDB,
		LAYERDB "/sha256",
		TOP,
		TOP "/diff",
		TOP "/cache-id",
		TOP "/parent",
		LAYERDB "/mounts",
		MOUNT,
		MOUNT "/mount-id",
		MOUNT "/init-id",
		MOUNT "/parent",
		DATA "/containers",
		DATA "/containers/{C}",
		RECORD,
		NAMES,
	};
	struct docker_fixture docker;

	(void)state;
	docker_start(&docker, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(places); i++) {
		char full[4 * PATH];
		struct stat st;

		in_store(&docker, places[i], full);
		assert_int_equal(stat(full, &st), 0);
		assert_int_equal(chmod(full, 0757), 0);
		docker_expect_unknown(&docker, places[i], "");
		assert_int_equal(chmod(full, 0775), 0);
		docker_expect_unknown(&docker, places[i], "");
		assert_int_equal(chmod(full, st.st_mode & 07777), 0);
		if (geteuid() == 0) { /* nobody else can give files away */
			assert_int_equal(chown(full, 1000, 1000), 0);
			docker_expect_unknown(&docker, places[i], "");
			assert_int_equal(chown(full, 0, 0), 0);
		}
		docker_expect_app(&docker, places[i]);
	}
	docker_end(&docker);
}

/* Under userns-remap what containers see belongs to the mapped root. */
static void test_what_the_mapped_root_has(void **state)
{
	static const char *const places[] = { OVER "/merged", OVER "/diff",
					      DATA "/overlay2/{0}/diff" };
	struct docker_fixture docker;

	(void)state;
	if (geteuid() != 0)
		skip();
	docker_start(&docker, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(places); i++) {
		char full[4 * PATH];

		in_store(&docker, places[i], full);
		assert_int_equal(chown(full, 100000, 100000), 0);
		docker_expect_app(&docker, places[i]);
	}
	docker_end(&docker);
}

static void test_the_container_is_the_right_one(void **state)
{
	struct docker_fixture docker;
	char own[PATH], foreign[PATH];

	(void)state;
	docker_start(&docker, LAYERS);
	snprintf(own, sizeof(own), "/run/containerd/moby/%s",
		 docker.fx.container);
	snprintf(foreign, sizeof(foreign), "/run/containerd/moby/%s",
		 docker.fx.layer);
	const struct {
		const char *id, *bundle;
		bool fine;
	} rows[] = {
		{ docker.fx.container, own, true },
		{ docker.fx.container, NULL, true },
		{ docker.fx.container, "/bundle", true },
		{ NULL, own, true },
		{ NULL, "/bundle", true },
		{ NULL, NULL, true },
		{ docker.fx.layer, own, false },
		{ docker.fx.layer, foreign, false },
		{ docker.fx.container, foreign, false },
		{ NULL, foreign, false },
		{ "x", NULL, false },
		{ "", own, false },
		{ "../mounts", NULL, false },
	};
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_image image = { 0 };
		struct garita_store_query query = {
			.sysroot = docker.fx.dir,
			.root_path = docker.fx.root_path,
			.id = rows[i].id,
			.bundle = rows[i].bundle,
		};

		garita_store_identify(&query, &image);
		if ((image.sure == GARITA_IMAGE_CONFIG) != rows[i].fine)
			fail_msg("row %zu: %s", i, image.why_not);
		assert_int_equal(image.imageless,
				 store_says_none(image.why_not));
	}
	docker_end(&docker);
}

/* Two records of one mount: one of them is not true. */
static void test_a_mount_of_two_containers(void **state)
{
	struct docker_fixture docker;
	auto_free char *word = NULL;

	(void)state;
	docker_start(&docker, LAYERS);
	word = docker_expand(&docker, "{L}");
	store_make_dirs(&docker.fx, LAYERDB "/mounts/" NOBODY);
	store_write_file(&docker.fx, LAYERDB "/mounts/" NOBODY "/mount-id",
			 word);
	docker_expect_unknown(&docker, "two", "have the same root file system");
	docker_end(&docker);
}

static void test_root_paths_outside_a_store(void **state)
{
	static const char *const outside[] = {
		"/",
		DATA "/overlay2",
		DATA "/overlay2/l/merged",
		DATA "/overlay/" NOBODY "/merged",
		DATA "/buildkit/executor/x3kq/rootfs",
		"/overlay2/" NOBODY "/merged",
		"/srv/overlay2/" NOBODY "/merged",
	};
	struct docker_fixture docker;

	(void)state;
	docker_start(&docker, LAYERS);
	for (size_t i = 0; i < GARITA_COUNT(outside); i++) {
		auto_image image = { 0 };
		struct garita_store_query query = { .sysroot = docker.fx.dir,
						    .root_path = outside[i] };

		garita_store_identify(&query, &image);
		assert_int_equal(image.sure, GARITA_IMAGE_UNKNOWN);
		assert_true(image.imageless);
		assert_null(image.store);
	}
	docker_end(&docker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_image_is_known),
		cmocka_unit_test(test_an_image_without_layers),
		cmocka_unit_test(test_the_record_chooses_between_twins),
		cmocka_unit_test(test_fine_differences),
		cmocka_unit_test(test_one_change_and_it_is_unknown),
		cmocka_unit_test(test_one_file_less_and_it_is_unknown),
		cmocka_unit_test(test_a_store_others_can_change),
		cmocka_unit_test(test_what_the_mapped_root_has),
		cmocka_unit_test(test_the_container_is_the_right_one),
		cmocka_unit_test(test_a_mount_of_two_containers),
		cmocka_unit_test(test_root_paths_outside_a_store),
	};

	umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
