/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtime - the real runc or crun: found by its absolute path or in the usual
 * places, and checked, by descriptor. runtime_exec.c runs it.
 */
#include "hook/runtime.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/program.h"

enum { MAX_LINKS = 16 }; /* fewer than the kernel follows */

/* Where distributions and their users put a runtime, in the order of
 * preference. */
static const char usual_places[][21] = {
	"/usr/sbin/runc",      "/usr/bin/runc", "/usr/local/sbin/runc",
	"/usr/local/bin/runc", "/usr/bin/crun", "/usr/local/bin/crun",
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int kind_of(const char *path, enum garita_runtime_kind *ret,
		   struct garita_error *err)
{
	const char *name = base_name(path);

	if (garita_starts_with(name, "runc"))
		*ret = GARITA_RUNTIME_RUNC;
	else if (garita_starts_with(name, "crun"))
		*ret = GARITA_RUNTIME_CRUN;
	else
		return garita_fail(err, EINVAL,
				   "cannot tell from its name whether the "
				   "runtime %s is runc or crun; name it (or a "
				   "link to it) runc-... or crun-...",
				   path);
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The next path of a chain of links; *ret is NULL when `path` is no link. */
static int read_link(const char *path, char **ret, struct garita_error *err)
{
	char target[PATH_MAX];
	auto_text next = { 0 };
	struct stat st;
	ssize_t len;

	*ret = NULL;
	if (lstat(path, &st) < 0)
		return garita_fail(err, errno, "cannot look at %s", path);
	if (!S_ISLNK(st.st_mode))
		return 0;
	/* In a sticky directory anybody can make one. */
	if (!garita_owner_trusted(st.st_uid))
		return garita_fail(err, EPERM,
				   "the link %s belongs to uid %u, neither "
				   "root nor us",
				   path, st.st_uid);
	len = readlink(path, target, sizeof(target));
	if (len <= 0 || (size_t)len >= sizeof(target))
		return garita_fail(err, len < 0 ? errno : ENAMETOOLONG,
				   "cannot read the link %s", path);
	if (target[0] != '/')
		garita_text_add(&next, path, (size_t)(base_name(path) - path));
	garita_text_add(&next, target, (size_t)len);
	*ret = garita_text_take(&next);
	return 0;
}

/* The name leads to this file over links that only root and we can change:
 * the way of each link's own name is checked as the first one's was. */
static int check_links(const char *path, const struct stat *st,
		       struct garita_error *err)
{
	auto_free char *at = garita_xstrdup(path);

	for (int links = 0; links < MAX_LINKS; links++) {
		char *next = NULL;
		struct stat seen;
		auto_fd int fd = -1;
		int r = read_link(at, &next, err);

		if (r < 0 || !next)
			return r;
		free(at);
		at = next;
		fd = garita_file_open_trusted(NULL, at, &seen, err);
		if (fd < 0)
			return fd;
		if (!same_file(st, &seen))
			return garita_fail(err, ESTALE,
					   "the link %s was changed just now",
					   path);
	}
	return garita_fail(err, ELOOP, "too many links from %s", path);
}

/* -EDEADLK: it is garita itself. -ENOENT: nothing there. */
static int open_program(const char *path, struct garita_error *err)
{
	struct stat st, self;
	auto_fd int fd = -1;
	bool linked;
	int r;

	if (path[0] != '/')
		return garita_fail(err, EINVAL,
				   "the runtime needs an absolute path, not "
				   "\"%s\"",
				   path);
	fd = garita_file_open_plain(path, &st, err);
	linked = fd == -ELOOP;
	if (linked)
		fd = garita_file_open_trusted(NULL, path, &st, err);
	if (fd < 0)
		return fd;
	if (stat("/proc/self/exe", &self) < 0)
		return garita_fail(err, errno, "cannot look at /proc/self/exe");
	if (same_file(&st, &self))
		return garita_fail(err, EDEADLK,
				   "the runtime %s is garita itself; name the "
				   "real one in the policy (\"runtime\")",
				   path);
	r = garita_program_check(fd, &st, "runtime", path, err);
	if (r == 0 && linked)
		r = check_links(path, &st, err);
	return r < 0 ? r : garita_take_fd(&fd);
}

/* Opens `place`, or PLACE.real where garita was put in its place. A runtime of
 * another kind than the one whose place garita took would not know the
 * caller's containers: *took remembers, once set. */
static int open_place(const char *place, int *took, char **ret_path,
		      struct garita_error *err)
{
	enum garita_runtime_kind kind = GARITA_RUNTIME_RUNC;
	auto_text real = { 0 };
	int fd = kind_of(place, &kind, err);

	if (fd < 0)
		return fd;
	if (*took >= 0 && *took != (int)kind)
		return -ENOENT;
	fd = open_program(place, err);
	garita_text_puts(&real, place);
	if (fd == -EDEADLK) {
		*took = (int)kind;
		garita_text_puts(&real, ".real");
		fd = open_program(real.data, err);
	}
	if (fd >= 0)
		*ret_path = garita_text_take(&real);
	return fd;
}

/* `took`: only of that kind; -1: of any. */
static int search(int took, char **ret_path, struct garita_error *err)
{
	for (size_t i = 0; i < GARITA_COUNT(usual_places); i++) {
		int fd = open_place(usual_places[i], &took, ret_path, err);

		/* One that is there and not trusted is not passed over. */
		if (fd != -ENOENT)
			return fd;
	}
	return garita_fail(err, ENOENT,
			   "there is neither runc nor crun in the usual places;"
			   " name the runtime in the policy (\"runtime\")");
}

static int take(int fd, const char *path, struct garita_runtime *ret,
		struct garita_error *err)
{
	enum garita_runtime_kind kind = GARITA_RUNTIME_RUNC;
	int r = kind_of(path, &kind, err);

	if (r < 0)
		return r;
	ret->fd = fd;
	ret->path = garita_xstrdup(path);
	ret->kind = kind;
	return 0;
}

int garita_runtime_open(const char *path, struct garita_runtime *ret,
			struct garita_error *err)
{
	auto_free char *used = path ? garita_xstrdup(path) : NULL;
	auto_fd int fd =
		path ? open_program(path, err) : search(-1, &used, err);
	int r = fd < 0 ? fd : take(fd, used, ret, err);

	if (r == 0)
		(void)garita_take_fd(&fd);
	return r;
}

int garita_runtime_search(enum garita_runtime_kind kind,
			  struct garita_runtime *ret, struct garita_error *err)
{
	auto_free char *used = NULL;
	auto_fd int fd = search((int)kind, &used, err);
	int r = fd < 0 ? fd : take(fd, used, ret, err);

	if (r == 0)
		(void)garita_take_fd(&fd);
	return r;
}

void garita_runtime_close(struct garita_runtime *runtime)
{
	/* A zeroed struct has no path and never had a descriptor. */
	if (runtime->path && runtime->fd >= 0)
		close(runtime->fd);
	free(runtime->path);
	runtime->path = NULL;
	runtime->fd = -1;
}
