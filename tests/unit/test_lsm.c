/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether AppArmor and SELinux are on: a sysroot with the files that say so,
 * or with what stands in their place on a machine that does not answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "garita/memory.h"
#include "hook/host/lsm.h"
#include "tests/unit/temporary.h"

static const char apparmor_at[] = "sys/module/apparmor/parameters/enabled";
static const char security_at[] = "sys/kernel/security/apparmor";
static const char selinux_at[] = "sys/fs/selinux/enforce";

static void make_dirs(int root, const char *path)
{
	for (const char *at = strchr(path, '/'); at; at = strchr(at + 1, '/')) {
		auto_free char *dir =
			garita_xstrndup(path, (size_t)(at - path));

		if (mkdirat(root, dir, 0755) < 0)
			assert_int_equal(errno, EEXIST);
	}
}

/* NULL: not there; "/": a directory, which can be opened and not read;
 * "->": a link to itself. */
static void make(int root, const char *path, const char *text)
{
	int fd;

	if (text == NULL)
		return;
	make_dirs(root, path);
	if (strcmp(text, "/") == 0) {
		assert_int_equal(mkdirat(root, path, 0755), 0);
		return;
	}
	if (strcmp(text, "->") == 0) {
		assert_int_equal(symlinkat(strrchr(path, '/') + 1, root, path),
				 0);
		return;
	}
	fd = openat(root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

/* What garita says of a container with this profile on such a host. */
static void observe(const char *profile, const char *apparmor,
		    const char *security, const char *selinux,
		    struct garita_host *ret)
{
	char home[TEMPORARY_SIZE];
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_spec spec = { .root = garita_json_root(doc) };
	struct garita_host host = { 0 };
	int root;

	temporary_make("lsm", home);
	root = open(home, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	make(root, apparmor_at, apparmor);
	make(root, security_at, security);
	make(root, selinux_at, selinux);
	garita_json_put_string(doc, garita_json_make_object(doc, "/process"),
			       "apparmorProfile", profile);
	garita_observe_lsm(root, &spec, &host);
	close(root);
	temporary_remove(home);
	*ret = host;
}

static void test_what_the_files_say(void **state)
{
	static const struct {
		const char *why, *text;
		enum garita_lsm apparmor, selinux;
	} files[] = {
		{ "no such module", NULL, GARITA_LSM_OFF, GARITA_LSM_OFF },
		{ "on; permissive is on too", "Y\n", GARITA_LSM_ON,
		  GARITA_LSM_ON },
		{ "off at boot; enforcing is not asked", "N\n", GARITA_LSM_OFF,
		  GARITA_LSM_ON },
		{ "empty", "", GARITA_LSM_UNKNOWN, GARITA_LSM_ON },
		{ "a directory", "/", GARITA_LSM_UNKNOWN, GARITA_LSM_ON },
		{ "a link in a circle", "->", GARITA_LSM_UNKNOWN,
		  GARITA_LSM_UNKNOWN },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(files); i++) {
		struct garita_host host;

		observe(NULL, files[i].text, "/", files[i].text, &host);
		if (host.apparmor != files[i].apparmor ||
		    host.selinux != files[i].selinux)
			fail_msg("%s: AppArmor %d, SELinux %d", files[i].why,
				 host.apparmor, host.selinux);
	}
}

/* As in a container of its own, where an engine cannot set a profile. */
static void test_the_directory_must_be_there(void **state)
{
	struct garita_host host;

	(void)state;
	observe(NULL, "Y\n", NULL, NULL, &host);
	assert_int_equal(host.apparmor, GARITA_LSM_OFF);
	observe(NULL, "Y\n", "->", NULL, &host);
	assert_int_equal(host.apparmor, GARITA_LSM_UNKNOWN);
}

/* A start that has its profile costs no look. */
static void test_a_profile_is_not_asked_about(void **state)
{
	static const struct {
		const char *profile;
		enum garita_lsm apparmor;
	} cases[] = {
		{ "docker-default", GARITA_LSM_UNKNOWN },
		{ "", GARITA_LSM_ON },
		{ "unconfined", GARITA_LSM_ON },
		{ ":root://unconfined", GARITA_LSM_ON },
		{ "unconfined//&docker-default", GARITA_LSM_ON },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
		struct garita_host host;

		observe(cases[i].profile, "Y\n", "/", NULL, &host);
		if (host.apparmor != cases[i].apparmor)
			fail_msg("\"%s\": %d", cases[i].profile, host.apparmor);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_the_files_say),
		cmocka_unit_test(test_the_directory_must_be_there),
		cmocka_unit_test(test_a_profile_is_not_asked_about),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
