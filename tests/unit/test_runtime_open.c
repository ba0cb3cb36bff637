/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which file becomes the runtime: one that only root and we can change, on a
 * way that only root and we can change, and never garita itself.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime_home.h"

#include "hook/runtime.h"

void garita_out_of_memory(void)
{
	abort();
}

static void link_in_home(const char *target, const char *name)
{
	auto_free char *path = in_home(name);

	unlink(path);
	assert_int_equal(symlink(target, path), 0);
}

static void assert_refused(const char *why, const char *name, const char *words)
{
	auto_free char *path =
		name[0] == '/' ? garita_xstrdup(name) : in_home(name);
	auto_runtime runtime = { 0 };
	struct garita_error err = { 0 };

	if (garita_runtime_open(path, &runtime, &err) == 0)
		fail_msg("took %s (%s)", path, why);
	assert_null(runtime.path);
	if (!strstr(err.text, words))
		fail_msg("%s (%s): %s", path, why, err.text);
}

static void test_only_a_trusted_program(void **state)
{
	auto_free char *shared_dir = in_home("shared");
	auto_free char *mine = in_home("shared/mine");
	auto_free char *foreign = in_home("runc-foreign");
	auto_runtime runtime = { 0 };

	(void)state;
	assert_refused("no such file", "runc-none", "cannot open");
	assert_refused("its group can write it", "runc-shared", "changed");
	assert_refused("not executable", "runc-data", "not executable");
	assert_refused("a script", "runc.sh", "script");
	assert_refused("a directory", "/usr/sbin", "regular");
	assert_refused("a device", "/dev/null", "regular");
	assert_refused("neither runc nor crun", "sh", "cannot tell");
	assert_true(garita_runtime_open("runc", &runtime, NULL) < 0);
	assert_true(garita_runtime_open("", &runtime, NULL) < 0);

	/* A link that others can turn elsewhere, to a file they cannot. */
	assert_int_equal(mkdir(shared_dir, 0700), 0);
	assert_int_equal(symlink("/bin/true", mine), 0);
	assert_int_equal(chmod(shared_dir, 0777), 0);
	assert_refused("link in a shared directory", "shared/mine", "changed");
	link_in_home("shared/mine", "runc-twice");
	assert_refused("link to such a link", "runc-twice", "changed");
	link_in_home("runc-loop", "runc-loop");
	assert_refused("a link to itself", "runc-loop", "cannot open");

	copy("/bin/true", "runc-foreign", 0755);
	if (chown(foreign, 1234, 1234) == 0)
		assert_refused("somebody else's", "runc-foreign", "1234");
	link_in_home("runc-show", "runc-lent");
	{
		auto_free char *lent = in_home("runc-lent");

		if (lchown(lent, 1234, 1234) == 0)
			assert_refused("somebody else's link", "runc-lent",
				       "1234");
	}
}

static void test_never_itself(void **state)
{
	char self[4096];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	auto_runtime copy_of_us = { 0 };
	auto_free char *path = in_home("runc-copy");

	(void)state;
	assert_true(len > 0);
	self[len] = '\0';
	link_in_home(self, "runc-us");
	assert_refused("garita by a link", "runc-us", "garita itself");
	/* A copy is another file; the policy's word is taken for it. */
	assert_int_equal(garita_runtime_open(path, &copy_of_us, NULL), 0);
}

static void test_kind_by_name_and_links(void **state)
{
	auto_free char *path = in_home("crun-wasm");
	auto_runtime runtime = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	link_in_home("hop", "crun-wasm");
	link_in_home("./runc-show", "hop");
	if (garita_runtime_open(path, &runtime, &err) < 0)
		fail_msg("%s", err.text);
	/* The name the operator wrote: crun-wasm makes crun run wasm. */
	assert_string_equal(runtime.path, path);
	assert_int_equal(runtime.kind, GARITA_RUNTIME_CRUN);
	assert_true(fcntl(runtime.fd, F_GETFD) & FD_CLOEXEC);
}

static void test_usual_places(void **state)
{
	auto_runtime runtime = { 0 };
	struct garita_error err = { 0 };

	(void)state;
	if (access("/usr/sbin/runc", F_OK) != 0 &&
	    access("/usr/bin/crun", F_OK) != 0)
		skip();
	if (garita_runtime_open(NULL, &runtime, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(runtime.path[0], '/');
	garita_runtime_close(&runtime);
	garita_runtime_close(&runtime);
}

/* In a mount namespace of its own: /usr/sbin/runc is garita (this program),
 * and the real one was moved aside or is missing. */
static int stand_in_for_runc(bool moved_aside)
{
	auto_runtime runtime = { 0 };
	auto_free char *probe = in_home("runc-show");
	struct garita_error err = { 0 };
	char self[4096] = { 0 }; /* by name: the link is in the old namespace */
	int fd, r;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) <= 0)
		return 7;
	if (unshare(CLONE_NEWNS) < 0)
		return 77;
	if (mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/usr/sbin", "tmpfs", 0, "mode=0755") < 0)
		return 1;
	fd = open("/usr/sbin/runc", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
	if (fd < 0 || close(fd) < 0 ||
	    mount(self, "/usr/sbin/runc", "", MS_BIND, NULL) < 0)
		return 2;
	fd = open("/usr/sbin/runc.real", O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
	if (fd < 0 || close(fd) < 0)
		return 3;
	if (!moved_aside)
		unlink("/usr/sbin/runc.real");
	else if (mount(probe, "/usr/sbin/runc.real", "", MS_BIND, NULL) < 0)
		return 4;

	r = garita_runtime_open(NULL, &runtime, &err);
	if (moved_aside)
		return r == 0 && strcmp(runtime.path, "/usr/sbin/runc.real") ==
					       0
			       ? 0
			       : 5;
	/* Not crun: it would not know the caller's containers. */
	return r == -ENOENT && strstr(err.text, "policy") ? 0 : 6;
}

static void test_in_the_place_of_runc(void **state)
{
	(void)state;
	for (int moved_aside = 0; moved_aside < 2; moved_aside++) {
		int status = 0;
		pid_t child = fork();

		assert_true(child >= 0);
		if (child == 0)
			_exit(stand_in_for_runc(moved_aside));
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 77)
			skip();
		assert_int_equal(WEXITSTATUS(status), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_a_trusted_program),
		cmocka_unit_test(test_never_itself),
		cmocka_unit_test(test_kind_by_name_and_links),
		cmocka_unit_test(test_usual_places),
		cmocka_unit_test(test_in_the_place_of_runc),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
