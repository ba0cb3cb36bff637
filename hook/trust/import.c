/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * import - see the header: the part that writes.
 */
#include "hook/directory.h"
#include "hook/trust/import.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "garita/text.h"
#include "hook/file.h"
#include "hook/state.h"

/* The directory of a digest, made when it is not there. */
static int open_place(const char *sysroot, const char *digest,
		      struct garita_error *err)
{
	static const char *const above[] = { "material", "material/sha256" };
	auto_text name = { 0 };
	int fd;

	for (size_t i = 0; i < GARITA_COUNT(above); i++) {
		fd = garita_state_open(sysroot, above[i], true, err);
		if (fd < 0)
			return fd;
		close(fd);
	}
	garita_text_printf(&name, "material/sha256/%s",
			   digest + strlen("sha256:"));
	return garita_state_open(sysroot, name.data, true, err);
}

/* A file's name is a part of its hash: what has the name and the size is it,
 * or was put there by root, who may. */
static bool is_there(int dir, const struct garita_import_file *file)
{
	struct stat st;

	return fstatat(dir, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && (size_t)st.st_size == file->blob->len;
}

static int write_file(int dir, const struct garita_import_file *file,
		      struct garita_error *err)
{
	char aside[sizeof(file->name) + 32];
	auto_fd int fd = -1;
	int rc;

	snprintf(aside, sizeof(aside), ".%s.%d", file->name, (int)getpid());
	unlinkat(dir, aside, 0); /* of a process that had our number */
	fd = openat(dir, aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	rc = fd < 0 ? -errno
		    : garita_file_write(fd, file->blob->bytes, file->blob->len);
	if (rc == 0 &&
	    (fsync(fd) < 0 || renameat(dir, aside, dir, file->name) < 0))
		rc = -errno;
	if (rc == 0)
		return 0;
	if (fd >= 0)
		unlinkat(dir, aside, 0);
	return garita_fail(err, -rc, "cannot write %s for %s: %s", file->name,
			   file->digest, strerror(-rc));
}

/* The gate refuses an image of which it finds too much: better to know now.
 * `first` is the first file of the digest whose directory this is. */
static int check_room(int dir, const struct garita_import_plan *plan,
		      size_t first, struct garita_error *err)
{
	const char *digest = plan->all[first].digest;
	auto_directory *list = garita_directory_list(dir);
	const char *name = NULL;
	size_t files = 0, bytes = 0;
	int failed = list == NULL ? -errno : 0;

	while (failed == 0 &&
	       (failed = garita_directory_next(list, &name)) == 0 &&
	       name != NULL) {
		struct stat st;

		if (name[0] == '.' ||
		    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		files++;
		bytes += (size_t)st.st_size;
	}
	if (failed < 0)
		return garita_fail(err, -failed, "%s: %s", digest,
				   strerror(-failed));
	for (size_t i = first;
	     i < plan->count && strcmp(plan->all[i].digest, digest) == 0; i++) {
		if (is_there(dir, &plan->all[i]))
			continue;
		files++;
		bytes += plan->all[i].blob->len;
	}
	if (files > GARITA_BLOBS_MAX || bytes > GARITA_BLOBS_BYTES)
		return garita_fail(
			err, E2BIG,
			"%s would have %zu files, and the gate reads "
			"%d and %d MiB: forget the old ones first",
			digest, files, GARITA_BLOBS_MAX,
			GARITA_BLOBS_BYTES >> 20);
	return 0;
}

int garita_import_write(const char *sysroot,
			const struct garita_import_plan *plan,
			size_t *ret_written, struct garita_error *err)
{
	auto_fd int dir = -1;
	size_t written = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct garita_import_file *file = &plan->all[i];
		int rc;

		if (i == 0 || strcmp(file->digest, file[-1].digest) != 0) {
			garita_cleanup_fd(&dir);
			dir = open_place(sysroot, file->digest, err);
			if (dir < 0)
				return dir;
			rc = check_room(dir, plan, i, err);
			if (rc < 0)
				return rc;
		}
		if (is_there(dir, file))
			continue;
		rc = write_file(dir, file, err);
		if (rc < 0)
			return rc;
		written++;
	}
	*ret_written = written;
	return 0;
}
