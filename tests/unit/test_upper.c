/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The upper directory of an overlay is listed as it is, or not known. What a
 * real podman and docker leave there is in tests/engines/upper.bats and
 * image_docker.bats.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "hook/host/upper.h"
#include "tests/unit/store_fixture.h"
#include "tests/unit/unreadable.h"

static void upper_of(const struct store_fixture *fx, const char *name,
		     char into[2 * PATH])
{
	snprintf(into, 2 * PATH, "%s" STORE "/overlay/%s/diff%s", fx->dir,
		 fx->layer, name);
}

static const struct garita_upper_entry *find(const struct garita_upper *upper,
					     const char *path)
{
	for (size_t i = 0; i < upper->count; i++)
		if (strcmp(upper->all[i].path, path) == 0)
			return &upper->all[i];
	fail_msg("no %s", path);
	return NULL;
}

static void test_everything_is_listed(void **state)
{
	struct store_fixture fx;
	struct garita_upper *upper;
	const struct garita_upper_entry *entry;
	char path[2 * PATH];

	(void)state;
	store_start(&fx, LAYERS);
	upper_of(&fx, "/etc", path);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_int_equal(setxattr(path, "trusted.overlay.opaque", "y", 1, 0),
			 0);
	upper_of(&fx, "/etc/mtab", path);
	assert_int_equal(symlink("/proc/mounts", path), 0);
	upper_of(&fx, "/etc/hosts", path);
	assert_int_equal(mknod(path, S_IFREG | 0700, 0), 0);
	upper_of(&fx, "/gone", path);
	assert_int_equal(mknod(path, S_IFCHR, makedev(0, 0)), 0);
	upper = garita_observe_upper(fx.dir, fx.root_path);
	assert_string_equal(upper->why_not, "");
	assert_false(upper->more);
	assert_int_equal(upper->count, 5);
	assert_true(S_ISDIR(find(upper, "/")->mode));
	assert_false(find(upper, "/")->hides);
	assert_true(find(upper, "/etc")->hides);
	assert_string_equal(find(upper, "/etc/mtab")->link, "/proc/mounts");
	entry = find(upper, "/etc/hosts");
	assert_true(S_ISREG(entry->mode) && entry->empty);
	assert_int_equal(entry->mode & 07777, 0700);
	assert_true(find(upper, "/gone")->hides);
	garita_upper_free(upper);
	store_end(&fx);
}

/* As engines call it when the names of all layers are too long. */
static void test_a_relative_upper_directory(void **state)
{
	static const struct {
		const char *upper;
		bool known;
	} all[] = {
		{ "upperdir={L}/diff", true },
		{ "upperdir={0}/diff", false },
		{ "upperdir={L}/diff/etc", false },
		{ "upperdir=diff", false },
		{ "upperdir=../{L}/diff", false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(all); i++) {
		struct store_fixture fx;
		struct garita_upper *upper;

		store_start(&fx, LAYERS);
		store_change(&fx, MOUNTINFO,
			     "upperdir=" STORE "/overlay/{L}/diff",
			     all[i].upper);
		upper = garita_observe_upper(fx.dir, fx.root_path);
		if ((*upper->why_not == '\0') != all[i].known)
			fail_msg("%s: %s", all[i].upper, upper->why_not);
		assert_int_equal(upper->count, all[i].known ? 1 : 0);
		garita_upper_free(upper);
		store_end(&fx);
	}
}

static void test_what_cannot_be_told(void **state)
{
	static const struct {
		const char *old, *new, *words;
	} all[] = {
		{ "/merged ", "/mergec ", "is not mounted" },
		{ "overlay overlay", "tmpfs overlay", "is tmpfs, not overlay" },
		{ "upperdir=", "upper=", "no upper directory" },
		{ "upperdir=", "upperdir=/nowhere", "cannot open /nowhere" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(all); i++) {
		struct store_fixture fx;
		struct garita_upper *upper;

		store_start(&fx, LAYERS);
		store_change(&fx, MOUNTINFO, all[i].old, all[i].new);
		upper = garita_observe_upper(fx.dir, fx.root_path);
		if (strstr(upper->why_not, all[i].words) == NULL)
			fail_msg("says \"%s\"", upper->why_not);
		garita_upper_free(upper);
		upper = garita_observe_upper(fx.dir, "/nowhere");
		assert_string_not_equal(upper->why_not, "");
		garita_upper_free(upper);
		store_end(&fx);
	}
}

static void test_a_list_has_an_end(void **state)
{
	struct store_fixture fx;
	struct garita_upper *upper;
	char path[2 * PATH], name[32];

	(void)state;
	store_start(&fx, LAYERS);
	for (int i = 0; i < GARITA_UPPER_MAX - 1; i++) {
		snprintf(name, sizeof(name), "/%d", i);
		upper_of(&fx, name, path);
		assert_int_equal(mknod(path, S_IFREG, 0), 0);
	}
	upper = garita_observe_upper(fx.dir, fx.root_path);
	assert_int_equal(upper->count, GARITA_UPPER_MAX);
	assert_false(upper->more);
	garita_upper_free(upper);
	upper_of(&fx, "/x", path);
	assert_int_equal(mkdir(path, 0755), 0);
	upper = garita_observe_upper(fx.dir, fx.root_path);
	assert_int_equal(upper->count, GARITA_UPPER_MAX);
	assert_true(upper->more);
	garita_upper_free(upper);
	store_end(&fx);
}

/* Each directory is open while those in it are looked at. */
static void test_directories_have_an_end(void **state)
{
	struct store_fixture fx;
	struct garita_upper *upper;
	char path[2 * PATH];
	size_t len;

	(void)state;
	store_start(&fx, LAYERS);
	upper_of(&fx, "", path);
	len = strlen(path);
	for (int i = 0; i < 100; i++) {
		memcpy(path + len, "/d", 3);
		len += 2;
		assert_int_equal(mkdir(path, 0755), 0);
	}
	upper = garita_observe_upper(fx.dir, fx.root_path);
	assert_string_equal(upper->why_not, "");
	assert_true(upper->more);
	garita_upper_free(upper);
	store_end(&fx);
}

static bool is_not_known(const void *data)
{
	const struct store_fixture *fx = data;
	struct garita_upper *upper =
		garita_observe_upper(fx->dir, fx->root_path);
	bool ret = strstr(upper->why_not, "cannot read") != NULL;

	garita_upper_free(upper);
	return ret;
}

/* Half a list would be a fresh one. */
static void test_a_list_that_cannot_be_read(void **state)
{
	struct store_fixture fx;

	(void)state;
	store_start(&fx, LAYERS);
	assert_true(holds_unreadable(is_not_known, &fx));
	store_end(&fx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything_is_listed),
		cmocka_unit_test(test_a_relative_upper_directory),
		cmocka_unit_test(test_what_cannot_be_told),
		cmocka_unit_test(test_a_list_has_an_end),
		cmocka_unit_test(test_directories_have_an_end),
		cmocka_unit_test(test_a_list_that_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
