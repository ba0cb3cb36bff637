/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * change - writing configuration: all files of a plan, or none.
 *
 * Each file is written aside, with the owner and mode of the one it replaces,
 * on the disk, and renamed: an engine that reads it at any moment reads the
 * old text or the new. When one fails, those before it get their text back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/file.h"
#include "hook/install/install.h"

/* The directory of a path; "/" for "/x". The caller frees. */
static char *directory_of(const char *path)
{
	char *dir = garita_xstrdup(path);
	char *slash = strrchr(dir, '/');

	slash[slash == dir] = '\0';
	return dir;
}

static const char *name_of(const char *path)
{
	return strrchr(path, '/') + 1;
}

int garita_install_make_directories(
	const struct garita_install_options *options, const char *path,
	struct garita_error *err)
{
	auto_free char *part = garita_xstrdup(path);
	struct stat st;

	for (char *slash = strchr(part + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		auto_free char *parent = NULL;
		auto_fd int fd = -1;
		mode_t mode;

		*slash = '\0';
		/* Ours is nobody else's to look into. */
		mode = garita_starts_with(part, GARITA_STATE_DIR) ? 0700 : 0755;
		parent = directory_of(part);
		fd = garita_file_open_directory(options->sysroot, parent, err);
		if (fd < 0)
			return fd;
		if (fstatat(fd, name_of(part), &st, 0) < 0 &&
		    (mkdirat(fd, name_of(part), mode) < 0 ||
		     fchmodat(fd, name_of(part), mode, 0) < 0))
			return garita_fail(err, errno, "cannot make %s: %s",
					   part, strerror(errno));
		*slash = '/';
	}
	return 0;
}

/* A new file beside the old one, whole and on the disk. */
static int write_aside(int dir, const char *aside,
		       const struct garita_install_file *file,
		       const struct garita_text *text, struct garita_error *err)
{
	auto_fd int fd = -1;
	int rc;

	/* What an interrupted one left: only root can have put it there. */
	(void)unlinkat(dir, aside, 0);
	fd = openat(dir, aside,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return garita_fail(err, errno, "cannot make a file: %s",
				   strerror(errno));
	rc = garita_file_write(fd, text->data, text->len);
	if (rc == 0 && (fchown(fd, file->uid, file->gid) < 0 ||
			fchmod(fd, file->mode) < 0 || fsync(fd) < 0))
		rc = -errno;
	if (rc < 0) {
		unlinkat(dir, aside, 0);
		return garita_fail(err, -rc, "cannot write: %s", strerror(-rc));
	}
	return 0;
}

/* Is it still what the plan was made from? */
static int check_still(const struct garita_install_options *options,
		       const struct garita_install_file *file,
		       const struct garita_text *text, bool exists,
		       struct garita_error *err)
{
	auto_plan now = { 0 };
	struct garita_install_file *seen = NULL;
	int rc =
		garita_install_plan_file(options, &now, file->path, &seen, err);

	if (rc < 0)
		return rc;
	if (seen->exists != exists || seen->before.len != text->len ||
	    (text->len > 0 &&
	     memcmp(seen->before.data, text->data, text->len) != 0))
		return garita_fail(err, EAGAIN, "%s was changed just now",
				   file->path);
	return 0;
}

/* From one text to another; an empty one is no file. */
static int replace(const struct garita_install_options *options,
		   const struct garita_install_file *file,
		   const struct garita_text *from, bool exists,
		   const struct garita_text *to, bool keep,
		   struct garita_error *err)
{
	auto_free char *parent = directory_of(file->path);
	auto_text aside = { 0 };
	auto_fd int dir = -1;
	int rc = check_still(options, file, from, exists, err);

	if (rc < 0)
		return rc;
	dir = garita_file_open_directory(options->sysroot, parent, err);
	if (dir < 0)
		return dir;
	garita_text_printf(&aside, ".%s.garita-new", name_of(file->path));
	if (keep)
		rc = write_aside(dir, aside.data, file, to, err);
	if (rc < 0)
		return garita_fail_in(err, file->path);
	if (keep)
		rc = renameat(dir, aside.data, dir, name_of(file->path));
	else
		rc = exists ? unlinkat(dir, name_of(file->path), 0) : 0;
	if (rc < 0) {
		rc = garita_fail(err, errno, "cannot replace %s: %s",
				 file->path, strerror(errno));
		(void)unlinkat(dir, aside.data, 0);
		return rc;
	}
	(void)fsync(dir);
	return 0;
}

int garita_install_backup(const struct garita_install_options *options,
			  const struct garita_install_file *file,
			  struct garita_error *err)
{
	auto_free char *parent = directory_of(file->path);
	auto_fd int dir =
		garita_file_open_directory(options->sysroot, parent, err);
	auto_text name = { 0 };

	if (dir < 0)
		return dir;
	garita_text_printf(&name, "%s.before-garita", name_of(file->path));
	return write_aside(dir, name.data, file, &file->before, err) < 0
		       ? garita_fail_in(err, file->path)
		       : 0;
}

static void roll_back(const struct garita_install_options *options,
		      const struct garita_install_plan *plan, size_t done)
{
	while (done-- > 0) {
		const struct garita_install_file *file = &plan->files[done];
		struct garita_error why = { 0 };

		if (garita_install_is_changed(file) &&
		    replace(options, file, &file->after, file->after.len > 0,
			    &file->before, file->exists, &why) < 0)
			fprintf(stderr, "garita: could not undo: %s\n",
				why.text);
	}
}

int garita_install_apply(const struct garita_install_options *options,
			 const struct garita_install_plan *plan,
			 struct garita_error *err)
{
	for (size_t i = 0; i < plan->count; i++) {
		const struct garita_install_file *file = &plan->files[i];
		bool keep = file->after.len > 0;
		int rc = 0;

		if (!garita_install_is_changed(file))
			continue;
		if (keep)
			rc = garita_install_make_directories(options,
							     file->path, err);
		if (rc == 0 && keep && file->exists && !file->ours)
			rc = garita_install_backup(options, file, err);
		if (rc == 0)
			rc = replace(options, file, &file->before, file->exists,
				     &file->after, keep, err);
		if (rc < 0) {
			roll_back(options, plan, i);
			return rc;
		}
	}
	return 0;
}
