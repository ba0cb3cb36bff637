/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * directory - the names in a directory, one by one or in one order on every
 * machine. A directory that could not be read to its end is a failure here, not
 * one with fewer names.
 */
#ifndef GARITA_HOOK_DIRECTORY_H
#define GARITA_HOOK_DIRECTORY_H

#include <dirent.h>
#include <stddef.h>

#include "garita/error.h"

/* A stream over the directory `dir`, with a descriptor of its own, as reading
 * moves a position that descriptors share. NULL with errno. */
DIR *garita_directory_list(int dir);
/* The same that takes `dir`, also when that is negative or it fails. */
DIR *garita_directory_take(int dir);
/* The same of a path. */
DIR *garita_directory_open(const char *path);
void garita_directory_end(DIR **list);
#define auto_directory __attribute__((cleanup(garita_directory_end))) DIR
/* The next name but "." and "..", borrowed until the next call; *ret is NULL
 * behind the last. Returns 0 or -errno. */
int garita_directory_next(DIR *list, const char **ret);

/* At a name of the directory `path`, open as `dir`. Below 0 ends it: with words
 * in *err, or with those that the directory cannot be read. */
typedef int garita_directory_look(void *data, int dir, const char *path,
				  const char *name, struct garita_error *err);
/* Looks at each name. A directory that is not there has none; one that cannot
 * be read to its end is an error, as nobody knows what else is in it. */
int garita_directory_each(const char *path, garita_directory_look *look,
			  void *data, struct garita_error *err);

/* The names in it, sorted by their bytes, without those that begin with a dot:
 * what was being written when somebody was killed. The caller frees with
 * garita_free_strings(). Returns 0 or -errno. */
int garita_directory_names(int dir, char ***ret, size_t *ret_count);

#endif
