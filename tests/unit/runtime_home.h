/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtime_home - a directory of runtimes for the tests of hook/runtime.c: the
 * probe (tests/programs/show_runtime) under several names and modes.
 */
#ifndef GARITA_TESTS_UNIT_RUNTIME_HOME_H
#define GARITA_TESTS_UNIT_RUNTIME_HOME_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "tests/unit/temporary.h"

static char home[TEMPORARY_SIZE];

static inline char *in_home(const char *name)
{
	auto_text path = { 0 };

	garita_text_printf(&path, "%s/%s", home, name);
	return garita_text_take(&path);
}

static inline void copy(const char *from, const char *name, mode_t mode)
{
	auto_free char *path = in_home(name);
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);

	if (in < 0)
		fail_msg("%s is not there: build it first", from);
	assert_true(out >= 0);
	while (sendfile(out, in, NULL, 1 << 20) > 0)
		continue;
	assert_int_equal(fchmod(out, mode), 0);
	close(out);
	close(in);
}

static inline int set_up(void **state)
{
	const char *programs = getenv("GARITA_PROGRAMS");
	auto_text probe = { 0 };
	auto_free char *script = NULL;
	int fd;

	(void)state;
	garita_text_printf(&probe, "%s/show_runtime",
			   programs ? programs : "tests/programs");
	temporary_make("runtime", home);
	copy(probe.data, "runc-show", 0755);
	copy(probe.data, "sh", 0755);
	copy(probe.data, "runc-shared", 0775);
	copy(probe.data, "runc-data", 0644);
	copy("/proc/self/exe", "runc-copy", 0755);
	script = in_home("runc.sh");
	fd = open(script, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "#!/bin/true\n", 12), 12);
	close(fd);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	return temporary_remove(home);
}

#endif
