/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* temporary - see the header. */
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "tests/unit/temporary.h"

enum { AT_ONCE = 16, DESCRIPTORS = 16 };

/* Those that are there. A child of the test that ends is not its end. */
static char made[AT_ONCE][TEMPORARY_SIZE];
static pid_t maker;

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

int temporary_remove(const char *path)
{
	for (size_t i = 0; i < AT_ONCE; i++)
		if (strcmp(made[i], path) == 0)
			made[i][0] = '\0';
	return nftw(path, remove_one, DESCRIPTORS, FTW_DEPTH | FTW_PHYS);
}

static void remove_all(void)
{
	if (getpid() != maker)
		return;
	for (size_t i = 0; i < AT_ONCE; i++)
		if (made[i][0] != '\0')
			nftw(made[i], remove_one, DESCRIPTORS,
			     FTW_DEPTH | FTW_PHYS);
}

void temporary_make(const char *name, char ret[static TEMPORARY_SIZE])
{
	const char *top = getenv("TMPDIR");
	size_t free_one = 0;

	if (maker != getpid()) {
		maker = getpid();
		assert_int_equal(atexit(remove_all), 0);
	}
	while (free_one < AT_ONCE && made[free_one][0] != '\0')
		free_one++;
	assert_true(free_one < AT_ONCE);
	assert_in_range(snprintf(ret, TEMPORARY_SIZE, "%s/garita-%s.XXXXXX",
				 top ? top : "/tmp", name),
			1, TEMPORARY_SIZE - 1);
	assert_non_null(mkdtemp(ret));
	memcpy(made[free_one], ret, TEMPORARY_SIZE);
}
