/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - the root file system of a container as it is mounted now. One open
 * of root.path, and every later question is about that descriptor or about a
 * line of mountinfo that has its mount id.
 */
#include "hook/store/place.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "hook/file.h"
#include "hook/host/look.h"
#include "hook/store/statmount.h"
#include "hook/store/tree.h"
#include "hook/straight.h"

enum { MOUNTINFO_MAX = 16 * 1024 * 1024 };

/* By a path that is the real one, as engines write it; negative when a link is
 * on the way, or anything else is with it. */
static int open_straight(const char *sysroot, const char *path)
{
	const struct garita_view machine = { .root = -1 };

	return sysroot == NULL || sysroot[0] == '\0'
		       ? garita_look_straight(&machine, path)
		       : -1;
}

int garita_place_open(const struct garita_store_query *query,
		      struct garita_place *ret, struct garita_error *err)
{
	const char *path = query->root_path;

	*ret = (struct garita_place){
		.query = query,
		.sysroot = garita_tree_sysroot(query->sysroot),
		.root = -EINVAL,
	};
	if (ret->sysroot < 0 && ret->sysroot != GARITA_TREE_MACHINE)
		return garita_fail(err, -ret->sysroot, "cannot open %s: %s",
				   query->sysroot, strerror(-ret->sysroot));
	if (path == NULL || path[0] != '/')
		return garita_fail(err, EINVAL,
				   "the root file system has no path");
	ret->root = open_straight(query->sysroot, path);
	if (ret->root >= 0) {
		ret->real = garita_xstrdup(path);
		return 0;
	}
	ret->root = garita_tree_resolve(ret->sysroot, path, O_PATH);
	if (ret->root >= 0)
		ret->real = garita_tree_real_path(ret->sysroot, ret->root);
	else if (ret->root != -ENOENT && ret->root != -ENOTDIR)
		return garita_fail(err, -ret->root,
				   "cannot look at the root file system %s: %s",
				   path, strerror(-ret->root));
	if (ret->root >= 0 && ret->real == NULL)
		return garita_fail(err, EIO,
				   "cannot tell where the root file system %s"
				   " is",
				   path);
	return 0;
}

void garita_place_close(struct garita_place *place)
{
	garita_cleanup_fd(&place->sysroot);
	garita_cleanup_fd(&place->root);
	free(place->real);
	place->sysroot = -1;
	place->root = -EINVAL;
	place->real = NULL;
}

const char *garita_place_path(const struct garita_place *place)
{
	return place->real != NULL ? place->real : place->query->root_path;
}

bool garita_place_split(char *path, const char *above,
			char ret[GARITA_STORE_ID_SIZE])
{
	static const char below[] = "/merged";
	const size_t digits = GARITA_STORE_ID_SIZE - 1;
	size_t len = strlen(path), before = strlen(above);
	size_t tail = before + digits + sizeof(below) - 1;
	char *at;

	if (len <= tail)
		return false;
	at = path + len - tail;
	if (strncmp(at, above, before) != 0 ||
	    strcmp(at + before + digits, below) != 0)
		return false;
	at[before + digits] = '\0';
	if (!garita_store_is_id(at + before))
		return false;
	memcpy(ret, at + before, GARITA_STORE_ID_SIZE);
	*at = '\0';
	return true;
}

static int is_there(int dir, const char *name)
{
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return 1;
	return errno == ENOENT ? 0 : -errno;
}

int garita_place_store(const struct garita_place *place, const char *path,
		       const char *const *has, struct garita_error *err)
{
	auto_fd int dir = garita_tree_resolve(place->sysroot, path, O_PATH);
	size_t want = 0, found = 0;
	int failed = dir < 0 ? dir : 0;

	/* Nothing lies below what is not there. */
	if ((dir == -ENOENT || dir == -ENOTDIR) && place->root < 0)
		return -GARITA_STORE_ELSEWHERE;
	for (; failed >= 0 && has[want] != NULL; want++) {
		failed = is_there(dir, has[want]);
		found += failed > 0;
	}
	if (failed < 0)
		return garita_fail(err, -failed, "cannot look at %s: %s", path,
				   strerror(-failed));
	if (found == 0)
		return -GARITA_STORE_ELSEWHERE;
	if (found < want)
		return garita_fail(err, EINVAL, "%s is half a store", path);
	return garita_take_fd(&dir);
}

int garita_place_check(const struct garita_place *place, int store,
		       const char *path, struct garita_error *err)
{
	const char *given = place->query->root_path;
	int failed;

	if (place->root < 0 || place->real == NULL)
		return garita_fail(err, ENOENT,
				   "the root file system is not mounted");
	failed = place->sysroot == GARITA_TREE_MACHINE &&
				 garita_straight_is_known(path)
			 ? 0
			 : garita_file_check_chain(store, err);
	if (failed == 0 && strcmp(place->real, given) != 0)
		failed = garita_tree_check_way(place->sysroot, given, err);
	return failed;
}

/* Is the mount that mountinfo tells of the one that root.path leads to, and
 * not hidden below another? A mountinfo from a sysroot is of another time or
 * machine, where mount ids mean nothing. */
static bool is_mount(const struct garita_place *place, uint64_t mount_id)
{
	const char *sysroot = place->query->sysroot;

	if (sysroot != NULL && sysroot[0] != '\0')
		return true;
	return garita_is_of_mount(place->root, mount_id);
}

static int read_mountinfo(const struct garita_place *place, char **ret,
			  size_t *ret_len, struct garita_error *err)
{
	/* /proc/self is a link, but not one of the magic kind. */
	auto_fd int proc =
		garita_tree_resolve(place->sysroot, "/proc/self/mountinfo",
				    O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (proc < 0)
		return garita_fail(err, -proc,
				   "cannot open /proc/self/mountinfo: %s",
				   strerror(-proc));
	return garita_file_read(proc, MOUNTINFO_MAX, ret, ret_len, err);
}

static int read_overlay(const struct garita_place *place,
			struct garita_overlay *ret, char **ret_lower,
			struct garita_error *err)
{
	struct garita_overlay found = { 0 };
	auto_free char *text = NULL;
	auto_free char *upper = NULL;
	size_t len = 0;
	int failed = read_mountinfo(place, &text, &len, err);

	if (failed == 0)
		failed = garita_mounts_overlay(text, len, place->real, &found,
					       err);
	if (failed < 0)
		return failed;
	upper = found.upper;
	if (!is_mount(place, found.mount_id))
		return garita_fail(err, EBADMSG,
				   "something else is mounted over the root"
				   " file system");
	if (ret_lower != NULL &&
	    garita_mounts_lower(text, len, place->real, ret_lower) < 0)
		return garita_fail(err, EINVAL,
				   "the root file system has no lower"
				   " directories");
	found.upper = garita_take_ptr(&upper);
	*ret = found;
	return 0;
}

/* Asked of the mount itself. -ENOSYS: mountinfo has to do. */
static int ask_overlay(const struct garita_place *place,
		       struct garita_overlay *ret, char **ret_lower,
		       struct garita_error *err)
{
	const char *sysroot = place->query->sysroot;
	struct garita_mount_line line;
	auto_free char *text = NULL;
	auto_free char *upper = NULL;
	int failed;

	if (sysroot != NULL && sysroot[0] != '\0')
		return -ENOSYS; /* its mounts are not ours */
	failed = garita_statmount(place->root, &line, &text);
	if (failed == -ENOENT)
		return garita_fail(err, ENOENT,
				   "the root file system is not mounted");
	if (failed == 0)
		failed = garita_mount_overlay(&line, &upper, err);
	if (failed < 0)
		return failed;
	if (ret_lower != NULL && garita_mount_lower(&line, ret_lower) < 0)
		return garita_fail(err, EINVAL,
				   "the root file system has no lower"
				   " directories");
	ret->upper = garita_take_ptr(&upper);
	return 0;
}

int garita_place_overlay_over(const struct garita_place *place,
			      struct garita_overlay *ret, char **ret_lower,
			      struct garita_error *err)
{
	int asked = ask_overlay(place, ret, ret_lower, err);

	return asked == -ENOSYS ? read_overlay(place, ret, ret_lower, err)
				: asked;
}

int garita_place_overlay(const struct garita_place *place,
			 struct garita_overlay *ret, struct garita_error *err)
{
	return garita_place_overlay_over(place, ret, NULL, err);
}

int garita_place_lower(const struct garita_place *place, char **ret)
{
	auto_free char *text = NULL;
	size_t len = 0;
	int failed = read_mountinfo(place, &text, &len, NULL);

	return failed < 0 ? failed
			  : garita_mounts_lower(text, len, place->real, ret);
}

bool garita_place_is(const struct garita_place *place, const char *path,
		     int parent, const char *name)
{
	auto_fd int wanted = openat(
		parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	auto_fd int found = garita_tree_resolve(place->sysroot, path, O_PATH);
	struct stat a;
	struct stat b;

	return wanted >= 0 && found >= 0 && fstat(wanted, &a) == 0 &&
	       fstat(found, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}
