/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * straight - opening by a path over no link, whose directories only root and
 * we can change: the short way for nearly every file that a start obeys.
 * file.h has the long one.
 */
#ifndef GARITA_HOOK_STRAIGHT_H
#define GARITA_HOOK_STRAIGHT_H

#include <stdbool.h>
#include <sys/stat.h>

#include "garita/error.h"

/* Is the path its own real path, links aside: absolute, without empty parts,
 * "." and ".."? */
bool garita_straight_is_plain(const char *path);
/* Opens a plain path with no link on it, below directories that only root and
 * we can change. What is at its end is told in *ret_stat and not judged.
 * -ELOOP: ask file.h, which follows links. -ENOENT: it is not there, and
 * nobody else can have taken it away. Both have no words in *err. */
int garita_straight_open(const char *path, int flags, struct stat *ret_stat,
			 struct garita_error *err);
/* The same for a directory that only root and we can change, to read it or
 * make files in it. */
int garita_straight_directory(const char *path, struct stat *ret_stat,
			      struct garita_error *err);

/* For a program that lives for one question: directories that are looked at
 * from now on are not looked at again. Who can make a difference meanwhile is
 * root. */
void garita_straight_remember(void);
/* Was the directory at this path looked at, and all above it? */
bool garita_straight_is_known(const char *path);

#endif
