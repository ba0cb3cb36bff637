/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - reading an engine's own files, below directories held by descriptor.
 * Every open is one openat2 with the resolution it may use spelled out, and
 * every check is made on the descriptor that was opened.
 */
#include "hook/store/tree.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/text.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/resolve.h"

int garita_tree_sysroot(const char *sysroot)
{
	int fd;

	if (sysroot == NULL || sysroot[0] == '\0')
		return GARITA_TREE_MACHINE;
	fd = garita_resolve(AT_FDCWD, sysroot, O_PATH | O_DIRECTORY, 0);
	return fd == GARITA_TREE_MACHINE ? -EIO : fd;
}

int garita_tree_resolve(int sysroot, const char *path, int flags)
{
	if (sysroot == GARITA_TREE_MACHINE)
		return path[0] == '/' ? garita_resolve(AT_FDCWD, path, flags, 0)
				      : -EINVAL;
	return garita_resolve(sysroot, path, flags, RESOLVE_IN_ROOT);
}

char *garita_tree_real_path(int sysroot, int fd)
{
	auto_free char *base = sysroot == GARITA_TREE_MACHINE
				       ? garita_xstrdup("/")
				       : garita_file_real_path(sysroot);
	auto_free char *path = garita_file_real_path(fd);

	if (base == NULL || path == NULL || !garita_path_within(path, base))
		return NULL;
	if (strcmp(base, "/") == 0)
		return garita_take_ptr(&path);
	if (strcmp(base, path) == 0)
		return garita_xstrdup("/");
	return garita_xstrdup(path + strlen(base));
}

bool garita_tree_trusted(const struct stat *st)
{
	return garita_owner_trusted(st->st_uid) &&
	       (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/* May anybody else replace `name` in the directory `dir`? In a sticky
 * directory only the owner of the name can. */
static bool can_be_swapped(int dir, const char *name)
{
	struct stat st;
	bool shared;

	if (fstat(dir, &st) < 0 || !garita_owner_trusted(st.st_uid))
		return true;
	shared = (st.st_mode & (S_IWGRP | S_IWOTH)) != 0;
	if (shared && (st.st_mode & S_ISVTX) == 0)
		return true;
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return true;
	return shared ? !garita_owner_known(st.st_uid)
		      : !garita_owner_trusted(st.st_uid);
}

int garita_tree_check_way(int sysroot, const char *path,
			  struct garita_error *err)
{
	auto_free char *clean = garita_path_clean(path);
	char *name = clean;

	/* Each step opens the directory so far, with "" cut after it. */
	while (name != NULL && name[0] == '/' && name[1] != '\0') {
		char *next = strchr(name + 1, '/');
		auto_fd int dir = -1;

		*name = '\0';
		dir = garita_tree_resolve(
			sysroot, clean[0] == '\0' ? "/" : clean, O_PATH);
		if (next != NULL)
			*next = '\0';
		if (dir < 0 || can_be_swapped(dir, name + 1))
			return garita_fail(err, EPERM,
					   "%s/%s can be changed by others than"
					   " root",
					   clean, name + 1);
		*name = '/';
		if (next != NULL)
			*next = '/';
		name = next;
	}
	return 0;
}

int garita_tree_look(int parent, const char *path, struct garita_error *err)
{
	struct stat st;

	if (fstatat(parent, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return garita_fail(err, errno, "cannot look at %s: %s", path,
				   strerror(errno));
	if (!S_ISDIR(st.st_mode))
		return garita_fail(err, ENOTDIR, "%s is not a directory", path);
	if (!garita_tree_trusted(&st))
		return garita_fail(err, EPERM,
				   "%s can be changed by others than root",
				   path);
	return 0;
}

/* Looks at the directories on the way of a name that has several parts. */
static int check_parts(int parent, const char *name, struct garita_error *err)
{
	const char *slash = strchr(name, '/');

	for (; slash != NULL; slash = strchr(slash + 1, '/')) {
		auto_free char *part =
			garita_xstrndup(name, (size_t)(slash - name));
		int failed = garita_tree_look(parent, part, err);

		if (failed < 0)
			return failed;
	}
	return 0;
}

static int open_below(int parent, const char *path, int flags,
		      struct stat *ret_stat, struct garita_error *err)
{
	auto_fd int fd = garita_resolve(parent, path, flags,
					RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (fd == -ENOENT)
		return garita_fail(err, ENOENT, "%s is not there", path);
	if (fd < 0)
		return garita_fail(err, -fd, "cannot open %s: %s", path,
				   strerror(-fd));
	if (fstat(fd, ret_stat) < 0)
		return garita_fail(err, EIO, "cannot stat %s", path);
	if (!garita_tree_trusted(ret_stat))
		return garita_fail(err, EPERM,
				   "%s can be changed by others than root",
				   path);
	return garita_take_fd(&fd);
}

int garita_tree_dir_below(int parent, const char *path,
			  struct garita_error *err)
{
	struct stat st = { 0 };

	return open_below(parent, path, O_PATH | O_DIRECTORY, &st, err);
}

int garita_tree_dir(int parent, const char *name, struct garita_error *err)
{
	int failed = check_parts(parent, name, err);

	return failed < 0 ? failed : garita_tree_dir_below(parent, name, err);
}

/* O_NONBLOCK: a fifo must not hang us. */
static int open_file_below(int parent, const char *path, struct stat *ret_stat,
			   struct garita_error *err)
{
	auto_fd int fd = open_below(
		parent, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, ret_stat, err);

	if (fd >= 0 && !S_ISREG(ret_stat->st_mode))
		return garita_fail(err, EINVAL, "%s is not a regular file",
				   path);
	return garita_take_fd(&fd);
}

static int open_file(int parent, const char *name, struct stat *ret_stat,
		     struct garita_error *err)
{
	int failed = check_parts(parent, name, err);

	return failed < 0 ? failed
			  : open_file_below(parent, name, ret_stat, err);
}

int garita_tree_file(int parent, const char *name, struct garita_error *err)
{
	struct stat st = { 0 };

	return open_file(parent, name, &st, err);
}

int garita_tree_map_below(int parent, const char *path, size_t max_bytes,
			  struct garita_map *ret, struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd = open_file_below(parent, path, &st, err);
	int failed;

	if (fd < 0)
		return fd;
	if (st.st_size < 0 || (uintmax_t)st.st_size > max_bytes)
		return garita_fail(err, E2BIG, "%s is larger than %zu bytes",
				   path, max_bytes);
	failed = garita_map_open(fd, &st, true, ret, err);
	if (failed < 0) {
		garita_fail_in(err, path);
		return failed == -ENOENT ? -EIO : failed;
	}
	return 0;
}

static int read_all(int fd, const struct stat *st, const char *name,
		    size_t max_bytes, char **ret, size_t *ret_len,
		    struct garita_error *err)
{
	int failed = garita_file_read_all(fd, st, max_bytes, ret, ret_len, err);

	if (failed < 0)
		garita_fail_in(err, name);
	return failed == -ENOENT ? -EIO : failed;
}

int garita_tree_read_below(int parent, const char *path, size_t max_bytes,
			   char **ret, size_t *ret_len,
			   struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd = open_file_below(parent, path, &st, err);

	return fd < 0 ? fd
		      : read_all(fd, &st, path, max_bytes, ret, ret_len, err);
}

int garita_tree_read(int parent, const char *name, size_t max_bytes, char **ret,
		     size_t *ret_len, struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd = open_file(parent, name, &st, err);

	return fd < 0 ? fd
		      : read_all(fd, &st, name, max_bytes, ret, ret_len, err);
}

int garita_tree_read_small(int parent, const char *name, char *into,
			   size_t room, size_t *ret_len,
			   struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd = open_file(parent, name, &st, err);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = read(fd, into, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return garita_fail(err, EIO, "cannot read %s: %s", name,
				   strerror(errno));
	/* A regular file gives all it has, so no more is to come. */
	if ((size_t)n == room)
		return garita_fail(err, E2BIG, "%s is larger than %zu bytes",
				   name, room - 1);
	into[n] = '\0';
	*ret_len = (size_t)n;
	return 0;
}
