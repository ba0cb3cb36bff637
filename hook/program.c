/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * program - see the header.
 */
#include "hook/program.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "garita/text.h"
#include "hook/file.h"

int garita_program_check(int fd, const struct stat *st, const char *what,
			 const char *path, struct garita_error *err)
{
	char found[4] = { 0 };

	if ((st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) == 0)
		return garita_fail(err, EACCES, "%s %s is not executable", what,
				   path);
	if (pread(fd, found, sizeof(found), 0) != (ssize_t)sizeof(found) ||
	    memcmp(found, "\177ELF", sizeof(found)) != 0)
		return garita_fail(
			err, ENOEXEC,
			"%s %s is a script or another kind of file; garita "
			"runs ELF programs only, because an interpreter would "
			"look for the script by name again",
			what, path);
	return 0;
}

int garita_program_open(const char *path, struct garita_error *err)
{
	struct stat st;
	auto_fd int fd = garita_file_open_trusted(NULL, path, &st, err);
	int rc = fd < 0 ? fd
			: garita_program_check(fd, &st, "program", path, err);

	return rc < 0 ? rc : garita_take_fd(&fd);
}

/* Whoever could put another beside us could have put another in our place. */
int garita_program_find(const char *name, char **ret_path,
			struct garita_error *err)
{
	auto_fd int self = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	auto_free char *own = garita_file_real_path(self);
	char *slash = own ? strrchr(own, '/') : NULL;
	auto_text path = { 0 };
	int fd = -ENOENT;

	if (slash != NULL) {
		garita_text_add(&path, own, (size_t)(slash + 1 - own));
		garita_text_puts(&path, name);
		fd = garita_program_open(path.data, err);
	}
	if (fd == -ENOENT) {
		path.len = 0;
		garita_text_printf(&path, GARITA_LIBEXEC_DIR "/%s", name);
		fd = garita_program_open(path.data, err);
	}
	if (fd >= 0 && ret_path != NULL)
		*ret_path = garita_text_take(&path);
	return fd;
}
