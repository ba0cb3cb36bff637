/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * straight - see the header.
 *
 * From the root down each directory is looked at by its name. While it and all
 * above it are root's or ours and closed to others that name leads nowhere
 * else, so what is opened by it afterwards is what lies there.
 */
#include "hook/straight.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/file.h"
#include "hook/resolve.h"

/* Directories that were found to be closed, and all above them. Policy,
 * runtime, bundle, log: a start has no more. */
enum { MOST_KNOWN = 8 };
static struct {
	bool on;
	size_t count;
	char *paths[MOST_KNOWN];
} known;

/* "", "." and ".." */
static bool is_no_name(const char *part)
{
	part += *part == '.';
	part += *part == '.';
	return *part == '/' || *part == '\0';
}

bool garita_straight_is_plain(const char *path)
{
	const char *at = path;

	do {
		if (at[0] != '/' || is_no_name(at + 1))
			return false;
		at = strchr(at + 1, '/');
	} while (at != NULL);
	return strlen(path) < PATH_MAX;
}

void garita_straight_remember(void)
{
	known.on = true;
}

/* The directory of the first `len` bytes; none are the root. */
static bool is_known(const char *path, size_t len)
{
	for (size_t i = 0; i < known.count; i++) {
		const char *one = known.paths[i];

		if (strncmp(one, path, len) == 0 &&
		    (one[len] == '\0' || one[len] == '/'))
			return true;
	}
	return false;
}

bool garita_straight_is_known(const char *path)
{
	return garita_straight_is_plain(path) && is_known(path, strlen(path));
}

static void remember(const char *path, size_t len)
{
	if (known.on && known.count < MOST_KNOWN && !is_known(path, len))
		known.paths[known.count++] = garita_xstrndup(path, len);
}

/* How far the way was gone. */
struct way {
	char *path;  /* with a NUL behind the directory that is looked at */
	size_t len;  /* of the last directory */
	bool open;   /* it is not known, and not judged yet: that depends on */
	uid_t owner; /* whose its next name is */
	mode_t mode;
	bool shared; /* one of them is: a sticky one of root */
};

static int judge(struct way *way, uid_t inner, struct garita_error *err)
{
	if (!way->open || garita_file_is_closed(way->owner, way->mode, inner))
		return 0;
	way->path[way->len] = '\0';
	return garita_file_fail_shared(way->len ? way->path : "/", way->owner,
				       way->mode, err);
}

/* There is nothing there. */
static int judge_absence(struct way *way, struct garita_error *err)
{
	int rc = judge(way, 0, err);

	return rc < 0 ? rc : -ENOENT;
}

/* Takes one step: to the directory of the first `len` bytes. */
static int step(struct way *way, size_t len, struct garita_error *err)
{
	char cut = way->path[len];
	struct stat st;
	int rc;

	way->path[len] = '\0';
	rc = fstatat(AT_FDCWD, len > 0 ? way->path : "/", &st,
		     AT_SYMLINK_NOFOLLOW);
	way->path[len] = cut;
	if (rc < 0)
		return errno == ENOENT ? judge_absence(way, err) : -ELOOP;
	if (!S_ISDIR(st.st_mode))
		return -ELOOP;
	rc = judge(way, st.st_uid, err);
	if (rc < 0)
		return rc;
	way->len = len;
	way->open = true;
	way->owner = st.st_uid;
	way->mode = st.st_mode;
	way->shared |= (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
	return 0;
}

int garita_straight_open(const char *path, int flags, struct stat *ret_stat,
			 struct garita_error *err)
{
	auto_free char *copy = NULL;
	struct way way = { 0 };
	struct stat st;
	auto_fd int fd = -1;
	int rc = 0;

	if (!garita_straight_is_plain(path))
		return -ELOOP;
	way.path = copy = garita_xstrdup(path);
	for (const char *at = path; at != NULL && rc == 0;
	     at = strchr(at + 1, '/'))
		if (!is_known(path, (size_t)(at - path)))
			rc = step(&way, (size_t)(at - path), err);
	if (rc < 0)
		return rc;
	fd = garita_resolve(AT_FDCWD, path, flags, RESOLVE_NO_SYMLINKS);
	if (fd == -ENOENT)
		return judge_absence(&way, err);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -ELOOP;
	rc = judge(&way, st.st_uid, err);
	if (rc < 0)
		return rc;
	if (!way.shared)
		remember(path, (size_t)(strrchr(path, '/') - path));
	*ret_stat = st;
	return garita_take_fd(&fd);
}

int garita_straight_directory(const char *path, struct stat *ret_stat,
			      struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd =
		garita_straight_open(path, O_RDONLY | O_DIRECTORY, &st, err);

	if (fd < 0)
		return fd;
	if (!garita_file_is_closed(st.st_uid, st.st_mode, 0))
		return garita_file_fail_shared(path, st.st_uid, st.st_mode,
					       err);
	if ((st.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
	    is_known(path, (size_t)(strrchr(path, '/') - path)))
		remember(path, strlen(path));
	*ret_stat = st;
	return garita_take_fd(&fd);
}
