/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The two ways to ask what is mounted at a root file system: statmount(2), and
 * mountinfo where the kernel is older or a filter forbids the call. Both give
 * one answer, and refuse the same.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/text.h"
#include "hook/store/place.h"
#include "hook/store/statmount.h"

void garita_out_of_memory(void)
{
	abort();
}

enum { CANNOT_TRY = 77, STATMOUNT = 457 };

/* What is mounted there; "-" and the errno when it is refused. */
static char *ask(const char *root)
{
	const struct garita_store_query query = {
		.sysroot = "",
		.root_path = root,
	};
	auto_place place = { .sysroot = -1, .root = -1 };
	struct garita_overlay found = { 0 };
	auto_free char *lower = NULL;
	auto_text words = { 0 };
	int failed = -EINVAL;

	if (garita_place_open(&query, &place, NULL) == 0)
		failed =
			garita_place_overlay_over(&place, &found, &lower, NULL);
	if (failed < 0)
		garita_text_printf(&words, "-%d", -failed);
	else
		garita_text_printf(&words, "%s over %s", found.upper,
				   lower ? lower : "?");
	free(found.upper);
	return garita_text_take(&words);
}

static bool forbid_statmount(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	bool done = filter &&
		    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), STATMOUNT,
				     0) == 0 &&
		    seccomp_load(filter) == 0;

	seccomp_release(filter);
	return done;
}

static bool mount_overlay(void)
{
	static const char options[] =
		"lowerdir=/tmp/l:/tmp/l 2,upperdir=/tmp/u\\,p,workdir=/tmp/w";
	static const char *const dirs[] = { "/tmp/l",    "/tmp/l 2",
					    "/tmp/u,p",  "/tmp/w",
					    "/tmp/m",    "/tmp/part",
					    "/tmp/plain" };

	if (mount("none", "/tmp", "tmpfs", 0, "mode=0755") < 0)
		return false;
	for (size_t i = 0; i < GARITA_COUNT(dirs); i++)
		if (mkdir(dirs[i], 0755) < 0)
			return false;
	return mkdir("/tmp/l/inner", 0755) == 0 &&
	       mount("overlay", "/tmp/m", "overlay", 0, options) == 0 &&
	       symlink("m", "/tmp/link") == 0 &&
	       mount("/tmp/m/inner", "/tmp/part", "", MS_BIND, NULL) == 0 &&
	       mount("none", "/tmp/plain", "tmpfs", 0, NULL) == 0;
}

static const struct {
	const char *why, *root, *answer;
} cases[] = {
	{ "the overlay", "/tmp/m", "/tmp/u\\,p over /tmp/l:/tmp/l 2" },
	{ "over a link", "/tmp/link", "/tmp/u\\,p over /tmp/l:/tmp/l 2" },
	{ "spelled in another way", "/tmp/./m",
	  "/tmp/u\\,p over /tmp/l:/tmp/l 2" },
	{ "a directory in it", "/tmp/m/inner", "-2" },
	{ "a part of it, mounted", "/tmp/part", "-22" },
	{ "another file system", "/tmp/plain", "-22" },
	{ "no mount", "/tmp/l", "-2" },
};

/* 0: as it should be; else the number of the case, and which way. */
static int compare(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !mount_overlay())
		return CANNOT_TRY;
	for (int filtered = 0; filtered < 2; filtered++) {
		if (filtered && !forbid_statmount())
			return CANNOT_TRY;
		for (size_t i = 0; i < GARITA_COUNT(cases); i++) {
			auto_free char *found = ask(cases[i].root);

			if (strcmp(found, cases[i].answer) == 0)
				continue;
			fprintf(stderr, "%s%s: %s\n", cases[i].why,
				filtered ? " (mountinfo)" : "", found);
			return 1;
		}
	}
	return 0;
}

/* 6.11 has all of the answer that is needed; memcheck has no such call. */
static bool has_the_call(void)
{
	struct utsname name;
	unsigned major = 0, minor = 0;

	if (uname(&name) < 0 ||
	    sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return false;
	syscall(STATMOUNT, NULL, NULL, 0, 0);
	return errno != ENOSYS && (major > 6 || (major == 6 && minor >= 11));
}

/* A kernel that has the call answers by it, and not by the way around; of one
 * that has not, that is known. */
static int use_it(void)
{
	struct garita_mount_line line;
	auto_free char *text = NULL;
	auto_fd int fd = -1;

	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("", "/", "", MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !mount_overlay())
		return CANNOT_TRY;
	fd = open("/tmp/m", O_PATH | O_CLOEXEC);
	if (garita_statmount(fd, &line, &text) == -ENOSYS)
		return has_the_call() ? 3 : 0;
	if (text == NULL || strcmp(line.type, "overlay") != 0 ||
	    strcmp(line.root, "/") != 0 ||
	    strstr(line.super, "upperdir=") == NULL)
		return 1;
	if (!forbid_statmount())
		return CANNOT_TRY;
	free(text);
	text = NULL;
	return garita_statmount(fd, &line, &text) == -ENOSYS ? 0 : 2;
}

static void in_child(int (*what)(void))
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(what());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == CANNOT_TRY)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_both_ways_agree(void **state)
{
	(void)state;
	in_child(compare);
}

static void test_the_call_is_used(void **state)
{
	(void)state;
	in_child(use_it);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_ways_agree),
		cmocka_unit_test(test_the_call_is_used),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
