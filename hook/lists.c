/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lists - "these very bytes were checked before", told by the file's stamps.
 *
 * The kernel sets a file's ctime on every change and nobody sets it by hand,
 * so the same device, inode, size, mtime and ctime mean the same bytes, with
 * one exception: a change within the same tick of the clock. So only a file
 * whose last change is older than that is remembered. The record is a small
 * file that only root can write; one that is missing, torn, foreign or of
 * another version means that the list is checked again.
 *
 * The file is mapped, and whoever cuts it short while we search it ends this
 * process with SIGBUS. That is a refusal for the engine that waits for us,
 * and only root can do it.
 */
#include "hook/lists.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "garita/memory.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/state.h"

enum {
	SETTLED_S = 2,     /* coarser than the stamps of any file system */
	RECORD_SIZE = 256, /* more than the text of any record */
};

/* What a record says, and the name it has. Raise the number when what the
 * check accepts changes. */
struct record {
	char name[64];
	char text[RECORD_SIZE];
	size_t len;
};

static struct record record_of(const struct stat *st)
{
	struct record made;

	snprintf(made.name, sizeof(made.name), "%ju-%ju", (uintmax_t)st->st_dev,
		 (uintmax_t)st->st_ino);
	snprintf(made.text, sizeof(made.text),
		 "garita list 1 size %jd mtime %jd.%09ld ctime %jd.%09ld\n",
		 (intmax_t)st->st_size, (intmax_t)st->st_mtim.tv_sec,
		 st->st_mtim.tv_nsec, (intmax_t)st->st_ctim.tv_sec,
		 st->st_ctim.tv_nsec);
	made.len = strlen(made.text);
	return made;
}

/* A clock that was set back makes every file look new: then nothing is
 * remembered, which is slow and right. */
static bool is_settled(const struct stat *st)
{
	struct timespec now;

	return clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	       now.tv_sec - st->st_ctim.tv_sec > SETTLED_S;
}

static bool same_stamps(const struct stat *a, const struct stat *b)
{
	struct record one = record_of(a), other = record_of(b);

	return strcmp(one.name, other.name) == 0 &&
	       strcmp(one.text, other.text) == 0;
}

static bool is_remembered(int records, const struct record *want)
{
	char text[RECORD_SIZE];
	auto_fd int fd = openat(records, want->name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return false;
	if (!garita_owner_known(st.st_uid) ||
	    (st.st_mode & (S_IWGRP | S_IWOTH)))
		return false;
	len = read(fd, text, sizeof(text));
	return len >= 0 && (size_t)len == want->len &&
	       memcmp(text, want->text, want->len) == 0;
}

/* Written aside and renamed, so that no reader sees half a record. Failing is
 * fine: the list is then checked again next time. */
static void remember(int records, const struct record *what)
{
	char aside[sizeof(what->name) + 32];
	auto_fd int fd = -1;

	snprintf(aside, sizeof(aside), ".%s.%d", what->name, (int)getpid());
	fd = openat(records, aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (garita_file_write(fd, what->text, what->len) < 0 ||
	    renameat(records, aside, records, what->name) < 0)
		unlinkat(records, aside, 0);
}

/* The stamps are taken before the walk and again after it: in between, the
 * bytes may have been those of two lists. */
static int check_long(const char *sysroot, int fd, const struct stat *st,
		      struct garita_list_file *list, struct garita_error *err)
{
	struct record record = record_of(st);
	bool settled = is_settled(st);
	auto_fd int records =
		garita_state_open(sysroot, "lists", settled, NULL);
	bool known = records >= 0 && is_remembered(records, &record);
	struct stat after;
	int failure = garita_digests_open(list->map.bytes, list->map.len, known,
					  &list->digests, err);

	if (failure < 0)
		return failure;
	if (fstat(fd, &after) < 0 || !same_stamps(st, &after))
		return garita_fail(err, EAGAIN, "changed while it was read");
	if (records >= 0 && settled && !known)
		remember(records, &record);
	return 0;
}

static int open_list(const char *sysroot, int fd, const struct stat *st,
		     struct garita_list_file *list, struct garita_error *err)
{
	bool is_long = st->st_size > GARITA_DIGESTS_SMALL;
	int failure = garita_map_open(fd, st, !is_long, &list->map, err);

	if (failure < 0)
		return failure;
	if (is_long)
		return check_long(sysroot, fd, st, list, err);
	return garita_digests_open(list->map.bytes, list->map.len, false,
				   &list->digests, err);
}

int garita_list_open(const char *sysroot, const char *path,
		     struct garita_list_file *ret, struct garita_error *err)
{
	struct garita_list_file list = { 0 };
	struct stat st;
	auto_fd int fd = garita_file_open_trusted(sysroot, path, &st, err);
	int failure;

	if (fd < 0)
		return fd;
	failure = open_list(sysroot, fd, &st, &list, err);
	if (failure < 0) {
		garita_list_close(&list);
		garita_fail_in(err, path);
		return failure;
	}
	*ret = list;
	return 0;
}

void garita_list_close(struct garita_list_file *list)
{
	garita_map_close(&list->map);
	*list = (struct garita_list_file){ 0 };
}
