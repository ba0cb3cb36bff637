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
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "garita/memory.h"
#include "hook/owner.h"
#include "hook/resolve.h"
#include "hook/straight.h"

enum {
	/* A directory more levels deep is an attempt to keep us busy. */
	MAX_LEVELS = 1024,
	/* Of a call that the kernel says to try again. */
	MAX_TRIES = 32,
};

/* Below a sysroot nothing leads out of it. */
static int open_in(int root, const char *path, int flags, uint64_t resolve)
{
	if (root != AT_FDCWD)
		resolve |= RESOLVE_IN_ROOT;
	return garita_resolve(root, path, flags, resolve);
}

bool garita_file_is_closed(uid_t owner, mode_t mode, uid_t inner)
{
	bool shared = mode & (S_IWGRP | S_IWOTH);
	bool sticky_of_root = (mode & S_ISVTX) &&
			      (owner == 0 || owner != geteuid()) &&
			      garita_owner_known(inner);

	return garita_owner_trusted(owner) && (!shared || sticky_of_root);
}

int garita_file_fail_shared(const char *path, uid_t owner, mode_t mode,
			    struct garita_error *err)
{
	if (!garita_owner_trusted(owner))
		return garita_fail(err, EPERM,
				   "directory %s belongs to uid %u, neither "
				   "root nor us",
				   path, owner);
	return garita_fail(err, EPERM,
			   "directory %s can be changed by others (mode %04o)",
			   path, mode & 07777);
}

/* `up` is the way to the directory from dir_fd, for its name in a message;
 * `inner` whose the name in it is that is followed. */
static int check_directory(int dir_fd, const char *up, const struct stat *st,
			   uid_t inner, struct garita_error *err)
{
	auto_free char *path = NULL;
	auto_fd int fd = -1;

	if (garita_file_is_closed(st->st_uid, st->st_mode, inner))
		return 0;
	fd = openat(dir_fd, up, O_PATH | O_DIRECTORY | O_CLOEXEC);
	path = garita_file_real_path(fd);
	return garita_file_fail_shared(path ? path : "above it", st->st_uid,
				       st->st_mode, err);
}

ssize_t garita_file_write_once(int fd, const char *data, size_t len)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction before;
	struct rlimit limit;
	ssize_t written;
	int failure;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	    limit.rlim_cur == RLIM_INFINITY)
		return write(fd, data, len);
	sigaction(SIGXFSZ, &ignore, &before);
	written = write(fd, data, len);
	failure = errno;
	sigaction(SIGXFSZ, &before, NULL);
	errno = failure;
	return written;
}

int garita_file_write(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = garita_file_write_once(fd, data, len);

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
static int check_itself(const struct stat *st, struct garita_error *err)
{
	if (!S_ISREG(st->st_mode))
		return garita_fail(err, EPERM, "not a regular file");
	if (!garita_owner_trusted(st->st_uid))
		return garita_fail(err, EPERM,
				   "belongs to uid %u, neither root nor us",
				   st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return garita_fail(err, EPERM,
				   "can be changed by others (mode %04o)",
				   st->st_mode & 07777);
	return 0;
}

int garita_file_open_plain(const char *path, struct stat *ret_stat,
			   struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd = garita_straight_open(
		path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &st, err);
	int failure;

	if (fd == -ELOOP)
		return fd;
	if (fd == -ENOENT)
		return garita_fail(err, ENOENT, "cannot open %s: %s", path,
				   strerror(ENOENT));
	failure = fd < 0 ? fd : check_itself(&st, err);
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
	struct stat st;
	int failure;

	if (fstat(fd, &st) < 0)
		return garita_fail(err, errno, "cannot look at it: %s",
				   strerror(errno));
	failure = check_itself(&st, err);
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
		fd = garita_file_open_plain(path, ret_stat, err);
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

int garita_file_open_given(int dir, const char *name, struct stat *ret_stat,
			   struct garita_error *err)
{
	auto_fd int fd =
		openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return garita_fail(err, errno, "cannot open: %s",
				   strerror(errno));
	if (!S_ISREG(st.st_mode))
		return garita_fail(err, EINVAL, "not a regular file");
	*ret_stat = st;
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
static uint64_t said_size(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_size > 0 ? (uint64_t)st->st_size
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
	struct stat st = { 0 };

	(void)fstat(fd, &st); /* which is for reading in one piece */
	return garita_file_read_all(fd, &st, max_bytes, ret, ret_len, err);
}

int garita_file_read_all(int fd, const struct stat *st, size_t max_bytes,
			 char **ret, size_t *ret_len, struct garita_error *err)
{
	size_t most = max_bytes < SIZE_MAX / 2 ? max_bytes : SIZE_MAX / 2;
	uint64_t size = said_size(st);
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

int garita_file_read_given(int dir, const char *name, size_t max_bytes,
			   char **ret, size_t *ret_len,
			   struct garita_error *err)
{
	struct stat st;
	auto_fd int fd = garita_file_open_given(dir, name, &st, err);

	return fd < 0 ? fd
		      : garita_file_read_all(fd, &st, max_bytes, ret, ret_len,
					     err);
}
