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
#include <sys/mman.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/text.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/resolve.h"

int garita_tree_sysroot(const char *sysroot)
{
	if (sysroot == NULL || sysroot[0] == '\0')
		sysroot = "/";
	return garita_resolve(AT_FDCWD, sysroot, O_PATH | O_DIRECTORY, 0);
}

int garita_tree_resolve(int sysroot, const char *path, int flags)
{
	return garita_resolve(sysroot, path, flags, RESOLVE_IN_ROOT);
}

char *garita_tree_real_path(int sysroot, int fd)
{
	auto_free char *base = garita_file_real_path(sysroot);
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

/* Looks at the directories on the way of a name that has several parts. By
 * their names: who cannot write to the one before cannot swap the next. */
static int check_parts(int parent, const char *name, struct garita_error *err)
{
	auto_free char *part = garita_xstrdup(name);
	struct stat st;

	for (char *slash = strchr(part, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (fstatat(parent, part, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return garita_fail(err, errno, "cannot look at %s: %s",
					   part, strerror(errno));
		if (!garita_tree_trusted(&st))
			return garita_fail(err, EPERM,
					   "%s can be changed by others than"
					   " root",
					   part);
		*slash = '/';
	}
	return 0;
}

static int open_inside(int parent, const char *name, int flags,
		       struct stat *ret_stat, struct garita_error *err)
{
	int failed =
		strchr(name, '/') == NULL ? 0 : check_parts(parent, name, err);
	auto_fd int fd =
		failed < 0 ? -1
			   : garita_resolve(parent, name, flags,
				      RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (failed < 0)
		return failed;
	if (fd == -ENOENT)
		return garita_fail(err, ENOENT, "%s is not there", name);
	if (fd < 0)
		return garita_fail(err, -fd, "cannot open %s: %s", name,
				   strerror(-fd));
	if (fstat(fd, ret_stat) < 0)
		return garita_fail(err, EIO, "cannot stat %s", name);
	if (!garita_tree_trusted(ret_stat))
		return garita_fail(err, EPERM,
				   "%s can be changed by others than root",
				   name);
	return garita_take_fd(&fd);
}

int garita_tree_dir(int parent, const char *name, struct garita_error *err)
{
	struct stat st = { 0 };

	return open_inside(parent, name, O_PATH | O_DIRECTORY, &st, err);
}

/* O_NONBLOCK: a fifo must not hang us. */
static int open_file(int parent, const char *name, struct stat *ret_stat,
		     struct garita_error *err)
{
	auto_fd int fd = open_inside(
		parent, name, O_RDONLY | O_NONBLOCK | O_NOCTTY, ret_stat, err);

	if (fd >= 0 && !S_ISREG(ret_stat->st_mode))
		return garita_fail(err, EINVAL, "%s is not a regular file",
				   name);
	return garita_take_fd(&fd);
}

int garita_tree_file(int parent, const char *name, struct garita_error *err)
{
	struct stat st = { 0 };

	return open_file(parent, name, &st, err);
}

int garita_tree_map(int parent, const char *name, size_t max_bytes,
		    struct garita_tree_map *ret, struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd = open_file(parent, name, &st, err);
	size_t len;
	void *bytes;

	if (fd < 0)
		return fd;
	if (st.st_size < 0 || (uintmax_t)st.st_size > max_bytes)
		return garita_fail(err, E2BIG, "%s is larger than %zu bytes",
				   name, max_bytes);
	len = (size_t)st.st_size;
	if (len == 0) {
		*ret = (struct garita_tree_map){ 0 };
		return 0;
	}
	bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (bytes == MAP_FAILED)
		return garita_fail(err, EIO, "cannot map %s: %s", name,
				   strerror(errno));
	*ret = (struct garita_tree_map){ .bytes = bytes, .len = len };
	return 0;
}

void garita_tree_unmap(struct garita_tree_map *map)
{
	if (map->bytes != NULL)
		munmap((void *)map->bytes, map->len);
	*map = (struct garita_tree_map){ 0 };
}

int garita_tree_read(int parent, const char *name, size_t max_bytes, char **ret,
		     size_t *ret_len, struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd = open_file(parent, name, &st, err);
	int failed;

	if (fd < 0)
		return fd;
	failed = garita_file_read_all(fd, &st, max_bytes, ret, ret_len, err);
	if (failed < 0) {
		garita_fail_in(err, name);
		return failed == -ENOENT ? -EIO : failed;
	}
	return 0;
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
