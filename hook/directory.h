/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * directory - the names in a directory, in one order on every machine.
 */
#ifndef GARITA_HOOK_DIRECTORY_H
#define GARITA_HOOK_DIRECTORY_H

#include <stddef.h>

/* The names in it, sorted by their bytes, without those that begin with a dot:
 * what was being written when somebody was killed. The caller frees with
 * garita_free_strings(). Returns 0 or -errno. */
int garita_directory_names(int dir, char ***ret, size_t *ret_count);

#endif
