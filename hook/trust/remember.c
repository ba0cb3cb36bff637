/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * remember - see the header.
 */
#include "hook/trust/remember.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "garita/text.h"
#include "hook/directory.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/state.h"

static const char directory[] = "verdicts";
static const char first_line[] = "garita verdict 1";

enum {
	RECORD_MAX = 1024, /* more than any record */
	LINES = 5,         /* first_line, name, since, until, words */
};

/* ---- one record ---- */

static void write_record(const char *name, time_t now,
			 const struct garita_trust *trust,
			 struct garita_text *out)
{
	garita_text_printf(out, "%s\n%s\n%jd\n%jd\n%s\n", first_line, name,
			   (intmax_t)now, (intmax_t)trust->until, trust->words);
}

/* Cuts `text` into exactly LINES lines; false when it is anything else. */
static bool split(char *text, char *lines[LINES])
{
	for (size_t i = 0; i < LINES; i++) {
		char *end = strchr(text, '\n');

		if (end == NULL)
			return false;
		*end = '\0';
		lines[i] = text;
		text = end + 1;
	}
	return *text == '\0';
}

static bool read_time(const char *text, time_t *ret)
{
	uint64_t value;

	if (garita_parse_u64(text, &value) < 0 || value > INT64_MAX)
		return false;
	*ret = (time_t)value;
	return true;
}

static bool read_record(char *text, const char *name, time_t now,
			struct garita_trust *ret)
{
	struct garita_trust trust = { .state = GARITA_TRUST_ACCEPTED };
	char *lines[LINES];
	time_t since;

	if (!split(text, lines) || strcmp(lines[0], first_line) != 0 ||
	    strcmp(lines[1], name) != 0 || !read_time(lines[2], &since) ||
	    !read_time(lines[3], &trust.until) || *lines[4] == '\0' ||
	    strlen(lines[4]) >= sizeof(trust.words))
		return false;
	/* A clock that was set back makes it a record of times to come. */
	if (since > now || (trust.until != 0 && trust.until <= now))
		return false;
	memcpy(trust.words, lines[4], strlen(lines[4]) + 1);
	*ret = trust;
	return true;
}

bool garita_remembered(const char *sysroot, const char *name, time_t now,
		       struct garita_trust *ret)
{
	auto_fd int records =
		garita_state_open(sysroot, directory, false, NULL);
	auto_free char *text = NULL;
	auto_fd int fd = -1;
	struct stat st;
	size_t len;

	if (records < 0)
		return false;
	fd = openat(records, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_nlink != 1)
		return false;
	if (!garita_owner_known(st.st_uid) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return false;
	if (garita_file_read(fd, RECORD_MAX, &text, &len, NULL) < 0 ||
	    strlen(text) != len)
		return false;
	return read_record(text, name, now, ret);
}

/* ---- all of them ---- */

struct entry {
	char name[NAME_MAX + 1];
	struct timespec written;
};

static int by_age(const void *a, const void *b)
{
	const struct timespec *one = &((const struct entry *)a)->written;
	const struct timespec *other = &((const struct entry *)b)->written;

	if (one->tv_sec != other->tv_sec)
		return one->tv_sec < other->tv_sec ? -1 : 1;
	return (one->tv_nsec > other->tv_nsec) -
	       (one->tv_nsec < other->tv_nsec);
}

/* Also what a killed garita left aside. */
static size_t list(DIR *dir, struct entry **ret)
{
	struct entry *all = NULL;
	const char *name = NULL;
	size_t count = 0;

	while (garita_directory_next(dir, &name) == 0 && name != NULL) {
		struct stat st;

		if (fstatat(dirfd(dir), name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		    !S_ISREG(st.st_mode))
			continue;
		if ((count & (count - 1)) == 0)
			all = garita_xresize(all, count ? 2 * count : 1,
					     sizeof(*all));
		snprintf(all[count].name, sizeof(all[count].name), "%s", name);
		all[count++].written = st.st_mtim;
	}
	*ret = all;
	return count;
}

static size_t count_names(DIR *dir)
{
	const char *name = NULL;
	size_t count = 0;

	while (garita_directory_next(dir, &name) == 0 && name != NULL)
		count++;
	rewinddir(dir);
	return count;
}

/* Without a limit every new image, key and signature would stay for ever. What
 * cannot be read to its end is looked at the next time. */
static void make_room(int records)
{
	auto_directory *dir = garita_directory_list(records);
	struct entry *all = NULL;
	size_t count;

	if (dir == NULL)
		return;
	if (count_names(dir) > GARITA_REMEMBER_MAX) {
		count = list(dir, &all);
		if (count > 0)
			qsort(all, count, sizeof(*all), by_age);
		for (size_t i = 0; i < count && i < GARITA_REMEMBER_MAX / 4;
		     i++)
			unlinkat(records, all[i].name, 0);
		free(all);
	}
}

void garita_remember(const char *sysroot, const char *name, time_t now,
		     const struct garita_trust *trust)
{
	auto_fd int records = garita_state_open(sysroot, directory, true, NULL);
	char aside[GARITA_DIGEST_SIZE + 32];
	auto_text text = { 0 };
	auto_fd int fd = -1;

	if (records < 0 || trust->state != GARITA_TRUST_ACCEPTED)
		return;
	make_room(records);
	write_record(name, now, trust, &text);
	snprintf(aside, sizeof(aside), ".%.64s.%d", name, (int)getpid());
	/* Whole before it has its name: no reader sees half a record. One of
	 * this name was left by a killed garita. */
	unlinkat(records, aside, 0);
	fd = openat(records, aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (garita_file_write(fd, text.data, text.len) < 0 ||
	    renameat(records, aside, records, name) < 0)
		unlinkat(records, aside, 0);
}
