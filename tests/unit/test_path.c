/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Paths: every spelling of one place cleans to one text, and a pattern never
 * reaches further than its author wrote.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "garita/memory.h"
#include "garita/path.h"

static void test_one_place_has_one_spelling(void **state)
{
	static const struct {
		const char *path, *want;
	} rows[] = {
		{ "/", "/" },
		{ "", "/" },
		{ ".", "/" },
		{ "..", "/" },
		{ "///", "/" },
		{ "/proc", "/proc" },
		{ "proc", "/proc" },
		{ "//proc", "/proc" },
		{ "/proc/", "/proc" },
		{ "/proc//", "/proc" },
		{ "/./proc/.", "/proc" },
		{ "/proc/../proc", "/proc" },
		{ "/../../proc", "/proc" },
		{ "/a/b/../../..", "/" },
		{ "a/../../b", "/b" },
		{ "/a/..b", "/a/..b" },
		{ "/a/.b", "/a/.b" },
		{ "/a/...", "/a/..." },
		{ "/a/b../c", "/a/b../c" },
		{ "/a b/\xc3\xa9", "/a b/\xc3\xa9" },
		{ "/PROC", "/PROC" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_free char *once = garita_path_clean(rows[i].path);
		auto_free char *twice = garita_path_clean(once);

		if (strcmp(once, rows[i].want) != 0)
			fail_msg("%s became %s", rows[i].path, once);
		assert_string_equal(twice, once);
	}
}

static void test_relative_paths_count_from_a_base(void **state)
{
	static const struct {
		const char *base, *path, *want;
	} rows[] = {
		{ "/b", "rootfs", "/b/rootfs" },
		{ "/b/", "./rootfs/", "/b/rootfs" },
		{ "/b", "/rootfs", "/rootfs" },
		{ "/b", "../../etc", "/etc" },
		{ "/b", "", "/b" },
		{ "/", "x", "/x" },
		{ "/a/../b", "x", "/b/x" },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_free char *got =
			garita_path_clean_from(rows[i].base, rows[i].path);

		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s from %s became %s", rows[i].path,
				 rows[i].base, got);
	}
}

static void test_within_counts_whole_components(void **state)
{
	static const struct {
		const char *path, *dir;
		bool want;
	} rows[] = {
		{ "/proc", "/proc", true },
		{ "/proc/sys", "/proc", true },
		{ "/proc", "/", true },
		{ "/", "/", true },
		{ "/processes", "/proc", false },
		{ "/pro", "/proc", false },
		{ "/", "/proc", false },
		{ "/a/proc", "/proc", false },
		{ "/proc", "/proc/sys", false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++)
		if (garita_path_within(rows[i].path, rows[i].dir) !=
		    rows[i].want)
			fail_msg("%s within %s", rows[i].path, rows[i].dir);
}

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool want;
	} rows[] = {
		{ "/var/lib/docker/containers/*/hostname",
		  "/var/lib/docker/containers/abc/hostname", true },
		{ "/var/lib/docker/containers/*/hostname",
		  "/var/lib/docker/containers/a/b/hostname", false },
		{ "/var/lib/docker/containers/*/hostname",
		  "/var/lib/docker/containers/hostname", false },
		{ "/a", "/a", true },
		{ "/a", "/a/b", false },
		{ "/a/b", "/a", false },
		{ "/a", "/A", false },
		{ "/", "/", true },
		{ "/", "/a", false },
		{ "/a", "/", false },
		{ "/*", "/", false },
		{ "/*", "/a", true },
		{ "/*", "/a/b", false },
		{ "/**", "/", false },
		{ "/**", "/a", true },
		{ "/**", "/a/b/c", true },
		{ "/srv/**", "/srv", false },
		{ "/srv/**", "/srv/a", true },
		{ "/srv/**", "/srv/a/b", true },
		{ "/srv/**", "/srvx/a", false },
		{ "/a/**/c", "/a/b/c", true },
		{ "/a/**/c", "/a/b/b/c", false },
		{ "/lib*", "/lib", true },
		{ "/lib*", "/lib64", true },
		{ "/lib*", "/lib/x", false },
		{ "/*.sock", "/a.sock", true },
		{ "/*.sock", "/.sock", true },
		{ "/*.sock", "/a.sock.d", false },
		{ "/a*b*c", "/abc", true },
		{ "/a*b*c", "/a-b-b-c", true },
		{ "/a*b*c", "/acb", false },
		{ "/a?", "/ab", false }, /* no other wildcard */
		{ "/[a]", "/a", false },
		{ "a", "/a", false },
		{ "/a", "a", false },
		{ "", "", false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++)
		if (garita_path_match(rows[i].pattern, rows[i].path) !=
		    rows[i].want)
			fail_msg("%s against %s", rows[i].path,
				 rows[i].pattern);
}

/* A pattern of many stars against a path that almost matches. */
static void test_no_pattern_takes_forever(void **state)
{
	char pattern[256] = "/", path[4096] = "/";
	clock_t start = clock();

	(void)state;
	for (size_t i = 1; i + 2 < sizeof(pattern); i += 2)
		memcpy(pattern + i, "*a", 3);
	memset(path + 1, 'a', sizeof(path) - 3);
	path[sizeof(path) - 2] = 'b';
	assert_false(garita_path_match(pattern, path));
	assert_true(clock() - start < CLOCKS_PER_SEC);
}

/* Surely clean is what cleaning leaves alone. */
static void test_clean_is_left_alone(void **state)
{
	static const struct {
		const char *path;
		bool clean;
	} rows[] = {
		{ "/a", true },     { "/a/b.c", true },  { "/a/b..", true },
		{ "/", false },     { "//a", false },    { "/a/", false },
		{ "/a//b", false }, { "/a/./b", false }, { "/a/..", false },
		{ "/a/.b", false }, { "a", false },      { "", false },
		{ "./a", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		auto_free char *clean = garita_path_clean(rows[i].path);

		if (garita_path_is_clean(rows[i].path, strlen(rows[i].path)) !=
			    rows[i].clean ||
		    (rows[i].clean && strcmp(clean, rows[i].path) != 0))
			fail_msg("%s", rows[i].path);
	}
	/* Of a list of paths only the one is looked at. */
	assert_true(garita_path_is_clean("/bin:/sbin/", strlen("/bin")));
	assert_false(garita_path_is_clean("/bin/:/sbin", strlen("/bin/")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_place_has_one_spelling),
		cmocka_unit_test(test_relative_paths_count_from_a_base),
		cmocka_unit_test(test_within_counts_whole_components),
		cmocka_unit_test(test_patterns),
		cmocka_unit_test(test_clean_is_left_alone),
		cmocka_unit_test(test_no_pattern_takes_forever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
