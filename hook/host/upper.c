/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upper - lists the upper directory of a root file system's overlay.
 *
 * The directory is found as the stores find it: by the one overlay that is
 * mounted at root.path. It holds strangers' files, so nothing in it is opened
 * but directories, by descriptor and without following a link. The list ends
 * at GARITA_UPPER_MAX: what has more is not fresh, whatever it is.
 */
#include "hook/host/upper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/directory.h"
#include "hook/store/place.h"
#include "hook/store/tree.h"

enum { DEPTH_MAX = 64 }; /* deeper than any mount point */

/* Marks by which overlayfs does not show what is below a directory. */
static bool covers(int dir)
{
	static const char marks[][25] = {
		"trusted.overlay.opaque",
		"user.overlay.opaque",
		"trusted.overlay.redirect",
		"user.overlay.redirect",
	};

	for (size_t i = 0; i < GARITA_COUNT(marks); i++)
		if (fgetxattr(dir, marks[i], NULL, 0) >= 0)
			return true;
	return false;
}

static struct garita_upper_entry *add(struct garita_upper *upper,
				      const char *path, const struct stat *st)
{
	struct garita_upper_entry *entry;

	if (upper->count == GARITA_UPPER_MAX) {
		upper->more = true;
		return NULL;
	}
	upper->all = garita_xresize(upper->all, upper->count + 1,
				    sizeof(*upper->all));
	entry = &upper->all[upper->count++];
	*entry = (struct garita_upper_entry){
		.path = garita_xstrdup(path),
		.mode = st->st_mode,
		.empty = st->st_size == 0,
		.hides = S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0),
	};
	return entry;
}

/* Takes `dir`. Bounded by DEPTH_MAX. */
static int look_through(struct garita_upper *upper, const char *path, int dir,
			unsigned depth);

static int look_at(struct garita_upper *upper, const char *path, int dir,
		   const char *name, unsigned depth)
{
	struct garita_upper_entry *entry;
	char target[PATH_MAX];
	struct stat st;
	ssize_t len;
	int below;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISDIR(st.st_mode)) {
		below = openat(dir, name,
			       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		return below < 0 ? -errno
				 : look_through(upper, path, below, depth + 1);
	}
	entry = add(upper, path, &st);
	if (entry == NULL || !S_ISLNK(st.st_mode))
		return 0;
	len = readlinkat(dir, name, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	entry->link = garita_xstrndup(target, (size_t)len);
	return 0;
}

static int look_through(struct garita_upper *upper, const char *path, int dir,
			unsigned depth)
{
	auto_directory *list = garita_directory_take(dir);
	struct garita_upper_entry *entry;
	const char *name = NULL;
	struct stat st;
	int failed = 0;

	if (list == NULL || fstat(dir, &st) < 0)
		return -errno;
	entry = add(upper, *path == '\0' ? "/" : path, &st);
	if (entry != NULL)
		entry->hides = covers(dir);
	if (depth > DEPTH_MAX)
		upper->more = true;
	while (failed == 0 && !upper->more) {
		auto_text below = { 0 };

		failed = garita_directory_next(list, &name);
		if (failed < 0 || name == NULL)
			break;
		garita_text_printf(&below, "%s/%s", path, name);
		failed = look_at(upper, below.data, dir, name, depth);
	}
	return failed;
}

/* What upperdir= names. With very many layers engines give mount(2) relative
 * paths, "<layer>/diff" in the directory of all layers, which is two above the
 * root file system "<layer>/merged". */
static int open_upper(const struct garita_place *place, const char *upper,
		      struct garita_error *err)
{
	auto_free char *base = garita_xstrdup(place->real);
	auto_text path = { 0 };
	char *layer;
	int fd;

	garita_text_puts(&path, upper);
	if (upper[0] != '/') {
		*strrchr(base, '/') = '\0';
		layer = strrchr(base, '/');
		if (layer == NULL || !garita_starts_with(upper, layer + 1) ||
		    strcmp(upper + strlen(layer + 1), "/diff") != 0)
			return garita_fail(err, EINVAL,
					   "the upper directory of its overlay"
					   " is only called %s",
					   upper);
		path.len = 0;
		garita_text_printf(&path, "%s/diff", base);
	}
	fd = garita_tree_resolve(place->sysroot, path.data,
				 O_RDONLY | O_DIRECTORY);
	return fd < 0 ? garita_fail(err, -fd, "cannot open %s: %s", path.data,
				    strerror(-fd))
		      : fd;
}

static int list(const struct garita_place *place, struct garita_upper *ret,
		struct garita_error *err)
{
	struct garita_overlay found = { 0 };
	auto_free char *upper = NULL;
	auto_fd int fd = -1;
	int failed;

	if (place->root < 0 || place->real == NULL)
		return garita_fail(err, ENOENT,
				   "the root file system is not mounted");
	failed = garita_place_overlay(place, &found, err);
	if (failed < 0)
		return failed;
	upper = found.upper;
	fd = open_upper(place, upper, err);
	if (fd < 0)
		return fd;
	failed = look_through(ret, "", garita_take_fd(&fd), 0);
	return failed < 0 ? garita_fail(err, -failed, "cannot read %s: %s",
					upper, strerror(-failed))
			  : 0;
}

struct garita_upper *garita_observe_upper(const char *sysroot,
					  const char *root_path)
{
	const struct garita_store_query query = {
		.sysroot = sysroot,
		.root_path = root_path,
	};
	struct garita_upper *ret = garita_xalloc(sizeof(*ret));
	struct garita_error err = { 0 };
	auto_place place = { 0 };

	if (garita_place_open(&query, &place, &err) == 0)
		(void)list(&place, ret, &err);
	if (err.code != 0)
		garita_error_words(&err, ret->why_not, sizeof(ret->why_not));
	return ret;
}
