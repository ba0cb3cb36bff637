/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Versions: which is older, by three orders, and what of known holes follows.
 * Where dpkg is there, it is asked about every pair of Debian's, too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "garita/memory.h"
#include "garita/packages.h"
#include "garita/version.h"

/* In order. */
static const char *const upstream[] = {
	"0.9",    "1.0.0-alpha.1",  "1.0.0-beta.2", "1.0.0-rc3", "1.0.0-rc.95",
	"v1.0.0", "1.0.1",          "1.1.5+ds1",    "1.1.12",    "1.2.0~rc1",
	"1.2.0",  "6.1.0-18-amd64", "6.1.76",       "6.18.44-x",
};

static void test_upstream(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(upstream); i++)
		for (size_t n = 0; n < GARITA_COUNT(upstream); n++) {
			struct garita_version a, b;
			int order;

			assert_true(garita_version_read(upstream[i], &a));
			assert_true(garita_version_read(upstream[n], &b));
			order = garita_version_compare(&a, &b);
			if ((order > 0) != (i > n) || (order < 0) != (i < n))
				fail_msg("%s and %s: %d", upstream[i],
					 upstream[n], order);
		}
}

static void test_what_is_none(void **state)
{
	static const char *const none[] = { "", "v", "devel", "-1", "v.1" };
	struct garita_version version;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(none); i++)
		assert_false(garita_version_read(none[i], &version));
	assert_true(garita_version_read("99999999999999999999.1", &version));
	assert_int_equal(version.number[0], UINT32_MAX);
}

static void test_fixes(void **state)
{
	static const struct {
		const char *why, *version;
		const char *fixed[4];
		bool has;
	} rows[] = {
		{ "its branch has it",
		  "1.1.14",
		  { "1.1.14", "1.2.0-rc.3" },
		  true },
		{ "its branch has it later",
		  "1.1.13",
		  { "1.1.14", "1.2.0-rc.3" },
		  false },
		{ "a candidate before it",
		  "1.2.0-rc.2",
		  { "1.1.14", "1.2.0-rc.3" },
		  false },
		{ "newer than all", "1.3.0", { "1.1.14", "1.2.0-rc.3" }, true },
		{ "a branch that never got it",
		  "2.1.8",
		  { "1.7.32", "2.0.9", "2.2.4", "2.3.1" },
		  false },
		{ "older than all", "1.0.3", { "1.2.8", "1.3.3" }, false },
		{ "one fix for all", "1.2.0", { "1.1.12" }, true },
		{ "none is known", "9.9", { NULL }, false },
		{ "what is no version fixes nothing",
		  "9.9",
		  { "soon" },
		  false },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_version version;
		size_t count = 0;

		while (count < 4 && rows[i].fixed[count] != NULL)
			count++;
		assert_true(garita_version_read(rows[i].version, &version));
		if (garita_version_has_fix(&version, rows[i].fixed, count) !=
		    rows[i].has)
			fail_msg("%s", rows[i].why);
	}
}

/* In order; deb-version(7). */
static const char *const debs[] = {
	"0~~",
	"0~",
	"0",
	"0.1",
	"1.0~rc1-1",
	"1.0-1",
	"1.0-1+b1",
	"1.0-1.1",
	"1.0a-1",
	"1.0+ds-1",
	"1.1.5+ds1-1",
	"1.1.5+ds1-1+deb12u1",
	"1.1.5+ds1-1+deb12u1+b7",
	"1.1.12-1",
	"1.10-1",
	"10-1",
	"1:0.9-1",
	"2:1.0-1",
};

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

static bool dpkg_says(const char *a, const char *relation, const char *b)
{
	int status = 0;
	pid_t child = fork();

	if (child == 0) {
		execl("/usr/bin/dpkg", "dpkg", "--compare-versions", a,
		      relation, b, NULL);
		_exit(127);
	}
	assert_true(waitpid(child, &status, 0) == child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void test_deb(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(debs); i++)
		for (size_t n = 0; n < GARITA_COUNT(debs); n++)
			if (sign(garita_version_compare_deb(
				    debs[i], debs[n])) != (i > n) - (i < n))
				fail_msg("%s and %s", debs[i], debs[n]);
}

static void test_deb_as_dpkg(void **state)
{
	(void)state;
	if (access("/usr/bin/dpkg", X_OK) != 0)
		return; /* of another family; the table above has its order */
	for (size_t i = 0; i + 1 < GARITA_COUNT(debs); i++)
		assert_true(dpkg_says(debs[i], "lt", debs[i + 1]));
}

/* In order: the cases of rpm's own tests. */
static const char *const rpms[] = {
	"1.0~rc1-1",
	"1.0~rc2-1",
	"1.0-1",
	"1.0^git1-1",
	"1.0^git2-1",
	"1.0.1-1",
	"1.0a-1" /* a word after a number */,
	"2.0-1.el9",
	"2.0-1.el9_3",
	"2.0-2.el9",
	"5.14.0-362.8.1.el9_3",
	"5.14.0-427.13.1.el9_4",
	"5.14.0-1000",
	"1:0.1-1",
};

static void test_rpm(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rpms); i++)
		assert_int_equal(garita_version_compare_rpm(rpms[i], rpms[i]),
				 0);
	for (size_t i = 0; i + 1 < GARITA_COUNT(rpms); i++) {
		if (strcmp(rpms[i + 1], "1.0a-1") == 0 ||
		    strcmp(rpms[i], "1.0a-1") == 0)
			continue;
		if (garita_version_compare_rpm(rpms[i], rpms[i + 1]) >= 0 ||
		    garita_version_compare_rpm(rpms[i + 1], rpms[i]) <= 0)
			fail_msg("%s and %s", rpms[i], rpms[i + 1]);
	}
	assert_true(garita_version_compare_rpm("1.0a", "1.0.1") < 0);
	assert_true(garita_version_compare_rpm("1.0", "1.0a") < 0);
	assert_int_equal(garita_version_compare_rpm("1_0", "1.0"), 0);
}

static void test_what_programs_say(void **state)
{
	static const struct {
		const char *said, *version, *commit;
	} rows[] = {
		{ "runc version 1.1.5+ds1\ncommit: 1.1.5+ds1-1+deb12u1\nspec: "
		  "1.0.2-dev\n",
		  "1.1.5+ds1", "1.1.5+ds1-1+deb12u1" },
		{ "crun version 1.8.1\ncommit: "
		  "f8a096be060b22ccd3d5f3ebe44108517fbf6c30\n",
		  "1.8.1", "f8a096be060b22ccd3d5f3ebe44108517fbf6c30" },
		{ "containerd github.com/containerd/containerd/v2 v2.2.5 "
		  "b8b3a86e9e5c240943379f9f89c56943688003c8\n",
		  "v2.2.5", "b8b3a86e9e5c240943379f9f89c56943688003c8" },
		{ "Docker version 20.10.24+dfsg1, build 5d6db84\n",
		  "20.10.24+dfsg1", "5d6db84" },
		{ "no such option\n", NULL, NULL },
		{ "", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		auto_free char *version = garita_packages_version(rows[i].said);
		auto_free char *commit = garita_packages_commit(rows[i].said);

		if (rows[i].version == NULL)
			assert_null(version);
		else
			assert_string_equal(version, rows[i].version);
		if (rows[i].commit == NULL)
			assert_null(commit);
		else
			assert_string_equal(commit, rows[i].commit);
	}
}

static void test_packages(void **state)
{
	static const char status[] =
		"Package: runc-tools\nStatus: install ok installed\n"
		"Version: 9\n\n"
		"Package: runc\nStatus: deinstall ok config-files\n"
		"Version: 1.0\n\n"
		"Package: runc\nStatus: install ok installed\n"
		"Description: x\n Package: crun\nVersion: 1.1.5+ds1-1\n\n"
		"Package: crun\nVersion: 1.8\n";
	auto_free char *runc = garita_packages_deb(status, "runc");
	auto_free char *crun = garita_packages_deb(status, "crun");
	auto_free char *id =
		garita_packages_os("NAME=\"x\"\nID=debian\n", "ID");
	auto_free char *name = garita_packages_os("A_ID=1\nN='b c'", "N");
	auto_free char *none = garita_packages_os("A_ID=1\n", "ID");

	(void)state;
	assert_string_equal(runc, "1.1.5+ds1-1");
	assert_null(crun); /* without a status it is not said to be there */
	assert_string_equal(id, "debian");
	assert_string_equal(name, "b c");
	assert_null(none);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_upstream),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_fixes),
		cmocka_unit_test(test_deb),
		cmocka_unit_test(test_deb_as_dpkg),
		cmocka_unit_test(test_rpm),
		cmocka_unit_test(test_what_programs_say),
		cmocka_unit_test(test_packages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
