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

/* The names in it, sorted by their bytes, without those that begin with a dot:
 * what was being written when somebody was killed. The caller frees with
 * garita_free_strings(). Returns 0 or -errno. */
int garita_directory_names(int dir, char ***ret, size_t *ret_count);

#endif
