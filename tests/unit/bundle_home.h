/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle_home - a fresh bundle directory for the tests of hook/bundle.c, and
 * how to look at it and to do things to it that tests do.
 */
#ifndef GARITA_TESTS_UNIT_BUNDLE_HOME_H
#define GARITA_TESTS_UNIT_BUNDLE_HOME_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/bundle.h"
#include "tests/unit/temporary.h"

#define OLD_CONFIG "{\"old\":true}"
#define NEW_CONFIG "{\"new\":true}"

struct home {
	char top[TEMPORARY_SIZE];        /* 0700, ours */
	char bundle[TEMPORARY_SIZE + 8]; /* top/b, where the test stands */
};

static inline void put(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static inline char *get(const char *name)
{
	char bytes[256];
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	assert_true(fd >= 0);
	len = read(fd, bytes, sizeof(bytes));
	close(fd);
	assert_true(len >= 0);
	return garita_xstrndup(bytes, (size_t)len);
}

static inline int replace_with(struct garita_bundle *bundle, const char *text,
			       struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;

	assert_int_equal(garita_json_parse(text, strlen(text), 0, &doc, NULL),
			 0);
	return garita_bundle_replace(bundle, garita_json_root(doc), err);
}

static inline void assert_config(const char *want)
{
	auto_free char *text = get("config.json");

	assert_string_equal(text, want);
}

/* Names in the current directory but "." and "..". */
static inline unsigned count_names(void)
{
	DIR *dir = opendir(".");
	unsigned count = 0;

	assert_non_null(dir);
	for (struct dirent *e; (e = readdir(dir)) != NULL;)
		count += strcmp(e->d_name, ".") != 0 &&
			 strcmp(e->d_name, "..") != 0;
	closedir(dir);
	return count;
}

static inline int make_home(void **state)
{
	struct home *home = garita_xalloc(sizeof(*home));

	temporary_make("bundle", home->top);
	snprintf(home->bundle, sizeof(home->bundle), "%s/b", home->top);
	assert_int_equal(mkdir(home->bundle, 0755), 0);
	assert_int_equal(chdir(home->bundle), 0);
	put("config.json", OLD_CONFIG, 0640);
	*state = home;
	return 0;
}

static inline int remove_home(void **state)
{
	struct home *home = *state;
	int rc;

	assert_int_equal(chdir("/"), 0);
	rc = temporary_remove(home->top);
	free(home);
	return rc;
}

#endif
