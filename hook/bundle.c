/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle - a bundle directory and its config.json, held by descriptor.
 *
 * The one who writes config.json is an engine, and it runs as root. What is
 * kept out here is everybody else who could make the bytes we judge differ
 * from the bytes the runtime reads: a link, a second name for the file, a
 * fifo that answers twice, a directory that can be swapped, a writer who is
 * not done yet.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "garita/json.h"
#include "garita/memory.h"
#include "hook/bundle.h"
#include "hook/directory.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/resolve.h"
#include "hook/straight.h"

#define CONFIG      "config.json"
#define TEMP_PREFIX ".garita-config."
/* The name that is tried first, so that the directory need not be searched for
 * what a killed garita left: it is here, or somebody is at it right now. */
#define TEMP_FIRST TEMP_PREFIX "0000000000000000"

enum {
	TEMP_DIGITS = 16,
	TEMP_SIZE = sizeof(TEMP_PREFIX) + TEMP_DIGITS,
	MAX_STALE = 64, /* removed by one call; the next one goes on */
};

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* By whatever way `path` is; its real path in *ret_real. */
static int open_around(const char *path, char **ret_real, struct stat *ret_stat,
		       struct garita_error *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0 || fstat(fd, ret_stat) < 0)
		return garita_fail(err, errno, "cannot open the bundle %s: %s",
				   path, strerror(errno));
	r = garita_file_check_chain(fd, err);
	if (r < 0) {
		garita_fail_in(err, "the bundle");
		return r;
	}
	*ret_real = garita_file_real_path(fd);
	if (*ret_real == NULL)
		return garita_fail(err, ENOENT,
				   "cannot tell where the bundle is (was it "
				   "removed, is /proc there?)");
	return garita_take_fd(&fd);
}

static int open_directory(const char *path, char **ret_real,
			  struct garita_error *err)
{
	struct stat st = { 0 };
	auto_fd int fd = garita_straight_directory(path, &st, err);

	if (fd >= 0) {
		*ret_real = garita_xstrdup(path);
	} else if (fd == -ELOOP || fd == -ENOENT) {
		fd = open_around(path, ret_real, &st, err);
		if (fd < 0)
			return fd;
	} else {
		garita_fail_in(err, "the bundle");
		return fd;
	}
	/* check_chain() lets a sticky directory of root be; as a bundle it
	 * would let others add hooks' files and such. */
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return garita_fail(err, EPERM,
				   "the bundle %s can be changed by others "
				   "(mode %04o)",
				   path, st.st_mode & 07777);
	return garita_take_fd(&fd);
}

static int open_config(int bundle, struct garita_error *err)
{
	int fd =
		garita_resolve(bundle, CONFIG, O_RDONLY | O_NONBLOCK | O_NOCTTY,
			       RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);

	if (fd >= 0)
		return fd;
	if (fd == -ELOOP)
		return garita_fail(err, ELOOP, CONFIG " is a symbolic link");
	return garita_fail(err, -fd, "cannot open " CONFIG ": %s%s",
			   strerror(-fd),
			   fd == -ENOSYS ? " (openat2 needs Linux 5.6)" : "");
}

static const char *type_words(mode_t mode)
{
	if (S_ISFIFO(mode))
		return "a fifo";
	if (S_ISDIR(mode))
		return "a directory";
	return "a device"; /* a socket cannot even be opened */
}

static int check_config(const struct stat *st, struct garita_error *err)
{
	if (!S_ISREG(st->st_mode))
		return garita_fail(err, EPERM, CONFIG " is %s",
				   type_words(st->st_mode));
	/* The other name may be where others can write to it, or where the
	 * engine does not expect our change. */
	if (st->st_nlink != 1)
		return garita_fail(err, EPERM, CONFIG " has %lu names",
				   (unsigned long)st->st_nlink);
	if (!garita_owner_known(st->st_uid))
		return garita_fail(err, EPERM,
				   CONFIG " belongs to uid %u, neither root "
					  "nor us",
				   st->st_uid);
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return garita_fail(err, EPERM,
				   CONFIG " can be changed by others (mode "
					  "%04o)",
				   st->st_mode & 07777);
	return 0;
}

/* Reads it and makes sure that it stood still meanwhile. */
static int read_config(int fd, struct garita_bundle *out,
		       struct garita_error *err)
{
	auto_free char *text = NULL;
	size_t len = 0;
	struct stat before, after;
	int r;

	if (fstat(fd, &before) < 0)
		return garita_fail(err, errno, "cannot look at " CONFIG ": %s",
				   strerror(errno));
	r = check_config(&before, err);
	if (r < 0)
		return r;
	r = garita_file_read_all(fd, &before, GARITA_JSON_MAX_BYTES, &text,
				 &len, err);
	if (r < 0) {
		garita_fail_in(err, CONFIG);
		return r;
	}
	if (fstat(fd, &after) < 0)
		return garita_fail(err, errno, "cannot look at " CONFIG ": %s",
				   strerror(errno));
	if (before.st_size != after.st_size || (uint64_t)after.st_size != len ||
	    !same_time(&before.st_mtim, &after.st_mtim) ||
	    !same_time(&before.st_ctim, &after.st_ctim))
		return garita_fail(err, EAGAIN,
				   CONFIG " was changed while it was read");

	out->config = garita_take_ptr(&text);
	out->config_len = len;
	out->mode = after.st_mode & 07777;
	out->device = after.st_dev;
	out->inode = after.st_ino;
	out->changed = after.st_ctim;
	return 0;
}

int garita_bundle_open(const char *path, struct garita_bundle *ret,
		       struct garita_error *err)
{
	auto_free char *real = NULL;
	auto_fd int fd = open_directory(path ? path : ".", &real, err);
	auto_fd int config = -1;
	struct garita_bundle found = { .fd = -1 };
	int r;

	if (fd < 0)
		return fd;
	config = open_config(fd, err);
	if (config < 0)
		return config;
	r = read_config(config, &found, err);
	if (r < 0)
		return r;

	found.fd = garita_take_fd(&fd);
	found.path = garita_take_ptr(&real);
	*ret = found;
	return 0;
}

/* ".garita-config." and 16 hexadecimal digits: nobody else's file. */
static bool is_temp_name(const char *name)
{
	size_t prefix = strlen(TEMP_PREFIX);

	return strncmp(name, TEMP_PREFIX, prefix) == 0 &&
	       strlen(name) == prefix + TEMP_DIGITS &&
	       strspn(name + prefix, "0123456789abcdef") == TEMP_DIGITS;
}

/* Removes a temporary file whose writer is gone: a living one holds a lock
 * that ends with it. */
static void remove_if_stale(int bundle, const char *name)
{
	auto_fd int fd = openat(bundle, name,
				O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK |
					O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (!S_ISREG(st.st_mode) || !garita_owner_known(st.st_uid) ||
	    st.st_nlink != 1)
		return;
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		unlinkat(bundle, name, 0);
}

/* What garita left when it was killed between write and rename. That some of
 * it cannot be removed is no reason to refuse: it is never read. */
static void remove_stale(int bundle)
{
	auto_directory *list = garita_directory_list(bundle);
	const char *name = NULL;
	int left = MAX_STALE;

	while (list != NULL && left > 0 &&
	       garita_directory_next(list, &name) == 0 && name != NULL) {
		if (!is_temp_name(name))
			continue;
		remove_if_stale(bundle, name);
		left--;
	}
}

static int create(int bundle, const char *name)
{
	return openat(bundle, name,
		      O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		      0600);
}

/* The first name is taken: room is made, and another one is found. */
static int create_another(int bundle, char name[TEMP_SIZE])
{
	uint64_t number;

	remove_stale(bundle);
	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number)) {
		errno = EIO;
		return -1;
	}
	snprintf(name, TEMP_SIZE, TEMP_PREFIX "%016llx",
		 (unsigned long long)number);
	return create(bundle, name);
}

static int make_temp(int bundle, char name[TEMP_SIZE], struct garita_error *err)
{
	auto_fd int fd = -1;

	memcpy(name, TEMP_FIRST, TEMP_SIZE);
	fd = create(bundle, name);
	if (fd < 0 && errno == EEXIST)
		fd = create_another(bundle, name);
	if (fd < 0)
		return garita_fail(err, errno,
				   "cannot make a file in the bundle: %s",
				   strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		int failure = errno;

		unlinkat(bundle, name, 0);
		return garita_fail(err, failure, "cannot lock a new file: %s",
				   strerror(failure));
	}
	return garita_take_fd(&fd);
}

/* Is config.json still the file that was read, unwritten since? */
static int check_unchanged(const struct garita_bundle *bundle,
			   struct stat *ret_stat, struct garita_error *err)
{
	if (fstatat(bundle->fd, CONFIG, ret_stat, AT_SYMLINK_NOFOLLOW) < 0)
		return garita_fail(err, errno, "cannot look at " CONFIG ": %s",
				   strerror(errno));
	if (!S_ISREG(ret_stat->st_mode) || ret_stat->st_dev != bundle->device ||
	    ret_stat->st_ino != bundle->inode ||
	    !same_time(&ret_stat->st_ctim, &bundle->changed))
		return garita_fail(err, ESTALE,
				   CONFIG " was changed while it was judged");
	return 0;
}

static int write_piece(void *fd, const char *text, size_t len)
{
	return garita_file_write(*(const int *)fd, text, len);
}

/* Fills the file and puts it in config.json's place. Not flushed to disk
 * first: after a crash of the machine no container of this bundle runs, and a
 * config that came back empty is refused, not admitted. */
static int fill_and_rename(struct garita_bundle *bundle, int fd,
			   const char *name, const struct garita_json *root,
			   struct garita_error *err)
{
	struct stat old, new;
	int r = garita_json_print_pieces(root, write_piece, &fd);

	if (r < 0)
		return garita_fail(err, -r,
				   "cannot write the repaired config: %s",
				   strerror(-r));
	r = check_unchanged(bundle, &old, err);
	if (r < 0)
		return r;
	/* Owner before mode: a change of owner may clear bits. Mostly both are
	 * what a new file has. */
	if (fstat(fd, &new) < 0 ||
	    ((new.st_uid != old.st_uid || new.st_gid != old.st_gid) &&
	     fchown(fd, old.st_uid, old.st_gid) < 0) ||
	    ((new.st_mode & 07777) != bundle->mode &&
	     fchmod(fd, bundle->mode) < 0))
		return garita_fail(err, errno,
				   "cannot give the repaired config its owner "
				   "and mode: %s",
				   strerror(errno));
	if (renameat(bundle->fd, name, bundle->fd, CONFIG) < 0)
		return garita_fail(err, errno, "cannot replace " CONFIG ": %s",
				   strerror(errno));
	bundle->printed_device = new.st_dev;
	bundle->printed_inode = new.st_ino;
	bundle->printed = new.st_mtim;
	return 0;
}

int garita_bundle_replace(struct garita_bundle *bundle,
			  const struct garita_json *root,
			  struct garita_error *err)
{
	char name[TEMP_SIZE];
	auto_fd int fd = -1;
	int r;

	fd = make_temp(bundle->fd, name, err);
	if (fd < 0)
		return fd;
	r = fill_and_rename(bundle, fd, name, root, err);
	if (r < 0)
		unlinkat(bundle->fd, name, 0);
	return r;
}

int garita_bundle_check_printed(const struct garita_bundle *bundle,
				struct garita_error *err)
{
	auto_text path = { 0 };
	struct stat st;

	garita_text_printf(&path, "%s/" CONFIG, bundle->path);
	if (fstatat(AT_FDCWD, path.data, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return garita_fail(err, errno, "cannot look at " CONFIG ": %s",
				   strerror(errno));
	if (st.st_dev != bundle->printed_device ||
	    st.st_ino != bundle->printed_inode ||
	    !same_time(&st.st_mtim, &bundle->printed))
		return garita_fail(err, ESTALE,
				   CONFIG " was changed after it was judged");
	return 0;
}

bool garita_bundle_is_printed(const struct garita_bundle *bundle,
			      struct garita_json_doc *doc)
{
	auto_text text = { 0 };

	garita_json_print(garita_json_root(doc), &text);
	return text.len == bundle->config_len &&
	       memcmp(text.data, bundle->config, text.len) == 0;
}

void garita_bundle_close(struct garita_bundle *bundle)
{
	/* A zeroed struct has no path and never had a descriptor. */
	if (bundle->path && bundle->fd >= 0)
		close(bundle->fd);
	free(bundle->path);
	free(bundle->config);
	*bundle = (struct garita_bundle){ .fd = -1 };
}
