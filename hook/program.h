/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * program - programs that are run by descriptor: what is one, and where those
 * of ours are that another one of ours runs.
 */
#ifndef GARITA_HOOK_PROGRAM_H
#define GARITA_HOOK_PROGRAM_H

#include <sys/stat.h>

#include "garita/error.h"

/* Opens a program at an absolute path: an ELF file that may be executed and
 * that only root and we can change. A descriptor or -errno. */
int garita_program_open(const char *path, struct garita_error *err);
/* Is it an ELF file that may be executed? A script is not: an interpreter would
 * look for it by name again. -EACCES, -ENOEXEC; `what` ("runtime") and `path`
 * are for the reason. */
int garita_program_check(int fd, const struct stat *st, const char *what,
			 const char *path, struct garita_error *err);
/* The one called `name` beside our own file, which was built with us, or else
 * the installed one. Its path in *ret_path (may be NULL), the caller frees. */
int garita_program_find(const char *name, char **ret_path,
			struct garita_error *err);

#endif
