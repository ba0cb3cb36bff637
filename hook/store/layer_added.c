/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layer_added - files on disk that the layer does not have.
 *
 * Unpacking makes three things that no tar has by that name: directories on
 * the way to a file, and for ".wh.NAME" and ".wh..wh..opq" a device 0:0 called
 * NAME and a mark on the directory, which hide what lower layers have there.
 */
#include "hook/store/layer_audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/directory.h"

enum { DEPTH_MAX = 512 }; /* directories below one another */

struct walk {
	const struct garita_layer_names *names;
	struct garita_layer_audit *audit;
};

/* The first name that is not before `text`. */
static size_t lower_bound(const struct garita_layer_names *names,
			  const char *text)
{
	size_t low = 0, high = names->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(names->all[middle], text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool has(const struct garita_layer_names *names, const char *text)
{
	size_t at = lower_bound(names, text);

	return at < names->count && strcmp(names->all[at], text) == 0;
}

/* Is there a name below this directory? */
static bool has_below(const struct garita_layer_names *names, const char *dir)
{
	auto_text prefix = { 0 };
	size_t at;

	garita_text_printf(&prefix, "%s/", dir);
	at = lower_bound(names, prefix.data);
	return at < names->count &&
	       garita_starts_with(names->all[at], prefix.data);
}

/* ".wh.NAME" beside NAME */
static bool has_whiteout(const struct garita_layer_names *names,
			 const char *path)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) + 1 : 0;
	auto_text white = { 0 };

	garita_text_printf(&white, "%.*s.wh.%s", dir, path, path + dir);
	return has(names, white.data);
}

static void check_marks(const struct walk *walk, const char *path, int dir)
{
	static const char marks[][25] = {
		"trusted.overlay.opaque",
		"user.overlay.opaque",
		"trusted.overlay.redirect",
		"user.overlay.redirect",
	};
	enum { OPAQUE = 2 }; /* of them */
	auto_text opaque = { 0 };
	bool wanted, found = false;

	garita_text_printf(&opaque, "%s%s.wh..wh..opq", path,
			   *path == '\0' ? "" : "/");
	wanted = has(walk->names, opaque.data);
	for (size_t i = 0; i < GARITA_COUNT(marks); i++) {
		char value[8];
		ssize_t len = fgetxattr(dir, marks[i], value, sizeof(value));

		if (len < 0 && errno != ERANGE)
			continue;
		found |= i < OPAQUE;
		if (i >= OPAQUE || !wanted)
			garita_layer_report(
				walk->audit, path,
				"hides what lower layers have there (%s)",
				marks[i]);
	}
	if (wanted && !found)
		garita_layer_report(walk->audit, path,
				    "no longer hides what lower layers have"
				    " there");
}

/* Bounded by DEPTH_MAX. */
static void look_through(const struct walk *walk, const char *path, int dir,
			 unsigned depth);

static void look_at(const struct walk *walk, const char *path, int dir,
		    const char *name, unsigned depth)
{
	auto_fd int below = -1;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	if (S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0) &&
	    has_whiteout(walk->names, path))
		return;
	if (!has(walk->names, path) &&
	    !(S_ISDIR(st.st_mode) && has_below(walk->names, path))) {
		garita_layer_report(walk->audit, path, "is not in the layer");
		return;
	}
	if (!S_ISDIR(st.st_mode))
		return;
	below = openat(dir, name,
		       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (below < 0)
		garita_layer_report(walk->audit, path, "cannot be read: %s",
				    strerror(errno));
	else
		look_through(walk, path, garita_take_fd(&below), depth + 1);
}

/* Takes `dir`. */
static void look_through(const struct walk *walk, const char *path, int dir,
			 unsigned depth)
{
	auto_directory *list = garita_directory_take(dir);
	const char *name = NULL;
	int failed = 0;

	if (list == NULL || depth > DEPTH_MAX) {
		garita_layer_report(walk->audit, path, "cannot be read");
		return;
	}
	check_marks(walk, path, dir);
	while ((failed = garita_directory_next(list, &name)) == 0 &&
	       name != NULL) {
		auto_text below = { 0 };

		garita_text_printf(&below, "%s%s%s", path,
				   *path == '\0' ? "" : "/", name);
		look_at(walk, below.data, dir, name, depth);
	}
	if (failed < 0)
		garita_layer_report(walk->audit, path, "cannot be read: %s",
				    strerror(-failed));
}

/* A whiteout that is gone shows again what the layer took away. Some engines
 * leave it on disk under the name that it has in the tar. */
static void check_whiteout(const struct walk *walk, int diff, const char *path)
{
	static const char white[] = ".wh.", opaque[] = ".wh..wh.";
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	auto_text hidden = { 0 };
	auto_fd int fd = -1, itself = -1;
	struct stat st;

	if (!garita_starts_with(name, white) ||
	    garita_starts_with(name, opaque))
		return;
	garita_text_printf(&hidden, "%.*s%s", (int)(name - path), path,
			   name + strlen(white));
	if (has(walk->names, hidden.data))
		return;
	itself = garita_layer_look(diff, path);
	fd = garita_layer_look(diff, hidden.data);
	if (itself < 0 && (fd < 0 || fstat(fd, &st) < 0 ||
			   !S_ISCHR(st.st_mode) || st.st_rdev != makedev(0, 0)))
		garita_layer_report(walk->audit, hidden.data,
				    "is taken away by the layer, but no longer"
				    " hidden");
}

void garita_layer_find_added(int diff, const struct garita_layer_names *names,
			     struct garita_layer_audit *audit)
{
	const struct walk walk = { names, audit };
	int dir;

	for (size_t i = 0; i < names->count; i++)
		check_whiteout(&walk, diff, names->all[i]);
	dir = openat(diff, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		garita_layer_report(audit, "", "cannot be read: %s",
				    strerror(errno));
	else
		look_through(&walk, "", dir, 0);
}
