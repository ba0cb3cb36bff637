/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file - one idea of "nobody else can change this", for every file we obey.
 *
 * A path is trusted when root and we alone could have made it lead where it
 * leads: the file, each directory above it in the real path, and, when links
 * were followed, each directory above the name that was given. Modes tell of
 * access lists too: the group bits of a file with one are its upper bound.
 * The file is opened first and then looked at by its descriptor, so that what
 * was checked is what is read.
 */
#include "hook/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "garita/memory.h"
#include "hook/owner.h"

enum {
	/* A directory more levels deep is an attempt to keep us busy. */
	MAX_LEVELS = 1024,
	/* Of a call that the kernel says to try again. */
	MAX_TRIES = 32,
};

/* EAGAIN: the kernel saw a rename or mount while it walked and cannot be sure
 * that ".." stayed inside; trying again a few times is what it asks for. */
static int open_in(int root, const char *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_NO_MAGICLINKS,
	};
	long fd = -1;

	if (root != AT_FDCWD)
		how.resolve |= RESOLVE_IN_ROOT;
	for (int tries = 0; tries < MAX_TRIES; tries++) {
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EINTR && errno != EAGAIN))
			break;
	}
	return fd >= 0 ? (int)fd : -errno;
}

/* `up` is the way to the directory from dir_fd, for its name in a message;
 * `inner` whose the name in it is that is followed. */
static int check_directory(int dir_fd, const char *up, const struct stat *st,
			   uid_t inner, struct garita_error *err)
{
	bool shared = st->st_mode & (S_IWGRP | S_IWOTH);
	bool sticky_of_root = (st->st_mode & S_ISVTX) &&
			      (st->st_uid == 0 || st->st_uid != geteuid()) &&
			      garita_owner_known(inner);
	auto_free char *path = NULL;
	auto_fd int fd = -1;

	if (garita_owner_trusted(st->st_uid) && (!shared || sticky_of_root))
		return 0;
	fd = openat(dir_fd, up, O_PATH | O_DIRECTORY | O_CLOEXEC);
	path = garita_file_real_path(fd);
	if (path == NULL)
		path = garita_xstrdup("above it");
	if (!garita_owner_trusted(st->st_uid))
		return garita_fail(err, EPERM,
				   "directory %s belongs to uid %u, neither "
				   "root nor us",
				   path, st->st_uid);
	return garita_fail(err, EPERM,
			   "directory %s can be changed by others (mode %04o)",
			   path, st->st_mode & 07777);
}

int garita_file_write(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Asks for ".", "./..", "./../.." and so on: one call for each level, as this
 * is on the start path. Nobody can move a level between two calls who could
 * not change one of those that are looked at. */
int garita_file_check_chain(int dir_fd, struct garita_error *err)
{
	char up[3 * MAX_LEVELS + 2] = ".";
	uid_t inner = 0;
	struct stat st;

	if (fstat(dir_fd, &st) < 0)
		return garita_fail(err, errno, "cannot look at a directory: %s",
				   strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_nlink == 0)
		return garita_fail(err, ENOTDIR, "not a directory, or removed");
	for (size_t len = 1; len + 3 < sizeof(up); len += 3) {
		int failure = check_directory(dir_fd, up, &st, inner, err);
		struct stat above;

		if (failure < 0)
			return failure;
		memcpy(up + len, "/..", 4);
		if (fstatat(dir_fd, up, &above, 0) < 0)
			return garita_fail(err, errno,
					   "cannot look at a directory: %s",
					   strerror(errno));
		/* Only the root is its own parent. */
		if (above.st_dev == st.st_dev && above.st_ino == st.st_ino)
			return 0;
		inner = st.st_uid;
		st = above;
	}
	return garita_fail(err, ELOOP, "a directory is too many levels deep");
}

char *garita_file_real_path(int fd)
{
	char link[64], path[PATH_MAX];
	struct stat here, there;
	ssize_t len;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	len = readlink(link, path, sizeof(path));
	if (len <= 0 || (size_t)len >= sizeof(path) || path[0] != '/')
		return NULL;
	path[len] = '\0';
	/* "/x (deleted)" may also be the name of another file. */
	if (fstat(fd, &here) < 0 || lstat(path, &there) < 0 ||
	    here.st_dev != there.st_dev || here.st_ino != there.st_ino)
		return NULL;
	return garita_xstrdup(path);
}

/* The directory that holds the file `st` describes under the last name of
 * `real`, by descriptor: looked up by name, so seen to hold it afterwards. */
static int open_parent(const char *real, const struct stat *st)
{
	auto_free char *dir = garita_xstrdup(real);
	char *slash = strrchr(dir, '/');
	struct stat seen;
	auto_fd int fd = -1;

	slash[slash == dir] = '\0';
	fd = open_in(AT_FDCWD, dir, O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return fd;
	if (fstatat(fd, strrchr(real, '/') + 1, &seen, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (seen.st_dev != st->st_dev || seen.st_ino != st->st_ino)
		return -EAGAIN;
	return garita_take_fd(&fd);
}

static int check_real_chain(const char *real, const struct stat *st,
			    struct garita_error *err)
{
	auto_fd int dir = open_parent(real, st);

	if (dir < 0)
		return garita_fail(err, -dir, "cannot open its directory: %s",
				   strerror(-dir));
	return garita_file_check_chain(dir, err);
}

static int check_chain_of(int root, const char *dir, struct garita_error *err)
{
	auto_fd int fd = open_in(root, dir, O_PATH | O_DIRECTORY, 0);

	if (fd < 0)
		return garita_fail(err, -fd, "cannot open directory %s: %s",
				   dir, strerror(-fd));
	return garita_file_check_chain(fd, err);
}

/* Links were followed: whoever can change a directory on the way of the given
 * name can choose which trusted file it leads to. */
static int check_given_chain(int root, const char *path,
			     struct garita_error *err)
{
	auto_free char *part = garita_xstrdup(path);
	int failure = path[0] == '/' ? 0 : check_chain_of(root, ".", err);

	for (char *slash = strchr(part, '/'); slash != NULL && failure == 0;
	     slash = strchr(slash + 1, '/')) {
		char after = slash[1];

		slash[1] = '\0';
		failure = check_chain_of(root, part, err);
		slash[1] = after;
	}
	return failure;
}

/* Something on the way to `path` is not there. A caller may take that for
 * "the operator wants none", so it must not be the work of others, and not a
 * link whose target went away. */
static int check_absence(int root, const char *path, struct garita_error *err)
{
	auto_free char *part = garita_xstrdup(path);
	char *slash = NULL;

	do {
		auto_fd int fd = open_in(root, part, O_PATH | O_NOFOLLOW, 0);
		struct stat st;

		if (fd >= 0) {
			if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
				return garita_file_check_chain(fd, err);
			return garita_fail(err, ELOOP,
					   "%s is a link that leads nowhere",
					   part);
		}
		slash = strrchr(part, '/');
		if (slash != NULL)
			slash[slash == part && part[1] != '\0'] = '\0';
	} while (slash != NULL);
	return check_chain_of(root, ".", err);
}

/* The file itself, without the way to it. */
static int check_itself(int fd, struct stat *ret, struct garita_error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return garita_fail(err, errno, "cannot look at it: %s",
				   strerror(errno));
	if (!S_ISREG(st.st_mode))
		return garita_fail(err, EPERM, "not a regular file");
	if (!garita_owner_trusted(st.st_uid))
		return garita_fail(err, EPERM,
				   "belongs to uid %u, neither root nor us",
				   st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return garita_fail(err, EPERM,
				   "can be changed by others (mode %04o)",
				   st.st_mode & 07777);
	*ret = st;
	return 0;
}

/* "", "." and ".." */
static bool is_no_name(const char *part)
{
	part += *part == '.';
	part += *part == '.';
	return *part == '/' || *part == '\0';
}

bool garita_file_is_plain(const char *path)
{
	const char *at = path;

	do {
		if (at[0] != '/' || is_no_name(at + 1))
			return false;
		at = strchr(at + 1, '/');
	} while (at != NULL);
	return strlen(path) < PATH_MAX;
}

/* The way to a file that was opened by this plain path over no link. From the
 * file up, each name is looked at: below a directory that only root and we can
 * change it leads nowhere else than it did for the open. */
static int check_straight(const char *path, const struct stat *st,
			  struct garita_error *err)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	uid_t inner = st->st_uid;
	struct stat seen;

	memcpy(part, path, len + 1);
	if (fstatat(AT_FDCWD, part, &seen, AT_SYMLINK_NOFOLLOW) < 0)
		return garita_fail(err, errno, "cannot look at it: %s",
				   strerror(errno));
	if (seen.st_dev != st->st_dev || seen.st_ino != st->st_ino)
		return garita_fail(err, EAGAIN, "was changed just now");
	while (len > 1) {
		int failure;

		while (part[--len] != '/')
			;
		part[len > 0 ? len : 1] = '\0';
		if (fstatat(AT_FDCWD, part, &seen, AT_SYMLINK_NOFOLLOW) < 0)
			return garita_fail(err, errno,
					   "cannot look at a directory: %s",
					   strerror(errno));
		if (!S_ISDIR(seen.st_mode))
			return garita_fail(err, EAGAIN, "was changed just now");
		failure = check_directory(AT_FDCWD, part, &seen, inner, err);
		if (failure < 0)
			return failure;
		inner = seen.st_uid;
	}
	return 0;
}

int garita_file_open_straight(const char *path, struct garita_error *err)
{
	auto_fd int fd = -1;
	struct stat st;
	int failure = -ELOOP;

	if (!garita_file_is_plain(path))
		return failure;
	fd = open_in(AT_FDCWD, path, O_RDONLY | O_DIRECTORY,
		     RESOLVE_NO_SYMLINKS);
	if (fd < 0 || fstat(fd, &st) < 0)
		return failure;
	failure = check_directory(fd, ".", &st, 0, err);
	if (failure == 0)
		failure = check_straight(path, &st, err);
	return failure < 0 ? failure : garita_take_fd(&fd);
}

/* Opens by a plain path when there is no link on the way, which is mostly so
 * and costs a third of the calls. -ELOOP: look at it the long way. */
static int open_straight(const char *path, struct stat *ret_stat,
			 struct garita_error *err)
{
	auto_fd int fd = -1;
	struct stat st = { 0 };
	int failure;

	if (!garita_file_is_plain(path))
		return -ELOOP;
	fd = open_in(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY,
		     RESOLVE_NO_SYMLINKS);
	if (fd < 0)
		return -ELOOP;
	failure = check_itself(fd, &st, err);
	if (failure == 0)
		failure = check_straight(path, &st, err);
	if (failure < 0) {
		garita_fail_in(err, path);
		return failure == -ELOOP ? -EPERM : failure;
	}
	*ret_stat = st;
	return garita_take_fd(&fd);
}

static int check_file(int fd, const char *given, int root, struct stat *ret,
		      struct garita_error *err)
{
	auto_free char *real = garita_file_real_path(fd);
	struct stat st = { 0 };
	int failure = check_itself(fd, &st, err);

	if (failure < 0)
		return failure;
	if (real == NULL)
		return garita_fail(err, EPERM,
				   "cannot tell which directory it is in");
	failure = check_real_chain(real, &st, err);
	/* A relative name, or one below a sysroot, never equals the real path:
	 * it is looked at twice, which costs some microseconds. */
	if (failure == 0 && strcmp(real, given) != 0)
		failure = check_given_chain(root, given, err);
	if (failure == 0)
		*ret = st;
	return failure;
}

/* AT_FDCWD, or the sysroot's descriptor in *ret_fd too, for its cleanup. */
static int open_root(const char *sysroot, int *ret_fd, struct garita_error *err)
{
	if (sysroot == NULL || sysroot[0] == '\0')
		return AT_FDCWD;
	*ret_fd = open_in(AT_FDCWD, sysroot, O_PATH | O_DIRECTORY, 0);
	if (*ret_fd < 0) /* a missing sysroot is not a missing file */
		return garita_fail(err, ENOTDIR, "cannot open sysroot %s: %s",
				   sysroot, strerror(-*ret_fd));
	return *ret_fd;
}

/* The reason why openat2 failed; -ENOENT only when nothing is there and
 * nobody else can have taken it away. */
static int fail_open(int root, const char *path, int code,
		     struct garita_error *err)
{
	int failure = 0;

	if (code == ENOENT && path[0] != '\0')
		failure = check_absence(root, path, err);
	if (failure < 0) {
		garita_fail_in(err, path);
		return failure;
	}
	return garita_fail(err, code, "cannot open %s: %s%s", path,
			   strerror(code),
			   code == ENOSYS ? " (openat2 needs Linux 5.6)" : "");
}

int garita_file_open_trusted(const char *sysroot, const char *path,
			     struct stat *ret_stat, struct garita_error *err)
{
	auto_fd int sysroot_fd = -1;
	auto_fd int fd = -1;
	int root = open_root(sysroot, &sysroot_fd, err);
	int failure;

	if (root < 0 && root != AT_FDCWD)
		return root;
	if (root == AT_FDCWD) {
		fd = open_straight(path, ret_stat, err);
		if (fd != -ELOOP)
			return garita_take_fd(&fd);
	}
	fd = open_in(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return fail_open(root, path, -fd, err);
	failure = check_file(fd, path, root, ret_stat, err);
	if (failure < 0) {
		garita_fail_in(err, path);
		return failure;
	}
	return garita_take_fd(&fd);
}

int garita_file_open_directory(const char *sysroot, const char *path,
			       struct garita_error *err)
{
	auto_fd int sysroot_fd = -1;
	auto_fd int fd = -1;
	int root = open_root(sysroot, &sysroot_fd, err);
	int failure;

	if (root < 0 && root != AT_FDCWD)
		return root;
	fd = open_in(root, path, O_RDONLY | O_DIRECTORY, 0);
	if (fd < 0)
		return fail_open(root, path, -fd, err);
	failure = garita_file_check_chain(fd, err);
	if (failure < 0) {
		garita_fail_in(err, path);
		return failure;
	}
	return garita_take_fd(&fd);
}

/* read(2) that goes on after a signal, and waits where the descriptor (a
 * stdin that somebody else made so) would rather not. One that is ready and
 * has nothing, again and again, is a fault. */
static ssize_t read_some(int fd, char *into, size_t len)
{
	ssize_t n = -1;

	for (int tries = 0; tries < MAX_TRIES; tries++) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };

		n = read(fd, into, len);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			break;
		if (errno == EAGAIN && poll(&wait, 1, -1) < 0 && errno != EINTR)
			break;
	}
	return n;
}

/* The size that a regular file says it has. 0: it is none, or one of the
 * kernel's, which say nothing. */
static uint64_t said_size(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0
		       ? (uint64_t)st.st_size
		       : 0;
}

/* How much to make room for at first: all of a file, as its size says. */
static size_t first_room(uint64_t size, size_t max_bytes)
{
	if (size == 0)
		return (size_t)16 * 1024;
	return size < max_bytes ? (size_t)size : max_bytes;
}

int garita_file_read(int fd, size_t max_bytes, char **ret, size_t *ret_len,
		     struct garita_error *err)
{
	size_t most = max_bytes < SIZE_MAX / 2 ? max_bytes : SIZE_MAX / 2;
	uint64_t size = said_size(fd);
	size_t room = first_room(size, most) + 2; /* one too many, and NUL */
	auto_free char *data = garita_xresize(NULL, room, 1);
	size_t len = 0;

	for (;;) {
		ssize_t n = read_some(fd, data + len, room - 1 - len);

		if (n < 0)
			return garita_fail(err, errno, "cannot read: %s",
					   strerror(errno));
		if (n == 0)
			break;
		len += (size_t)n;
		/* There was room for more, and its end is where it says. */
		if (len == size && size <= most)
			break;
		if (len > most)
			return garita_fail(err, E2BIG, "larger than %zu bytes",
					   most);
		if (len == room - 1) {
			room = room < most / 2 ? room * 2 : most + 2;
			data = garita_xresize(data, room, 1);
		}
	}
	data[len] = '\0';
	*ret = garita_take_ptr(&data);
	*ret_len = len;
	return 0;
}
