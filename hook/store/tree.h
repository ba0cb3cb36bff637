/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tree - reading an engine's own files, below directories held by descriptor.
 *
 * A store's records are evidence only while nobody but root could have written
 * them. So every directory and file of a store is opened through here: no
 * symbolic link, and refused when it, or a directory on the way there, belongs
 * to neither root nor us or when group or others may write to it.
 */
#ifndef GARITA_HOOK_STORE_TREE_H
#define GARITA_HOOK_STORE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "garita/error.h"
#include "hook/map.h"

/* Stands for a sysroot that is the machine itself. It is no descriptor, and
 * negative as failures are, of which it is none. */
enum { GARITA_TREE_MACHINE = -100 }; /* AT_FDCWD */

/* The directory all paths count from ("" or NULL: that of the machine). Returns
 * a descriptor, GARITA_TREE_MACHINE or -errno. */
int garita_tree_sysroot(const char *sysroot);
/* Opens an absolute path below the sysroot, links followed but never out of
 * it. Returns a descriptor or -errno; nothing is checked. */
int garita_tree_resolve(int sysroot, const char *path, int flags);
/* Absolute path of a descriptor as seen from the sysroot; the caller frees.
 * NULL when it lies elsewhere or cannot be told. */
char *garita_tree_real_path(int sysroot, int fd);
/* Could somebody else swap what an absolute path names, by changing a
 * directory or a link on the way? -EPERM with the offending place. */
int garita_tree_check_way(int sysroot, const char *path,
			  struct garita_error *err);
/* Owned by root or us, and closed to other writers. */
bool garita_tree_trusted(const struct stat *st);

/* A directory `name` in `parent`; here and below, "a/b/c" is fine. Returns a
 * descriptor or -errno, -ENOENT only when there is no such name. */
int garita_tree_dir(int parent, const char *name, struct garita_error *err);
/* The regular file `name` in `parent`, for reading. Returns a descriptor or
 * -errno, -ENOENT only when there is no such name. */
int garita_tree_file(int parent, const char *name, struct garita_error *err);
/* All bytes of the regular file `name` in `parent`, NUL after them; the caller
 * frees. -ENOENT only when there is no such name, -E2BIG above max_bytes. */
int garita_tree_read(int parent, const char *name, size_t max_bytes, char **ret,
		     size_t *ret_len, struct garita_error *err);

/* The same, and a directory, by a path whose directories were looked at
 * before: who cannot write to one cannot swap the next, so looking at each once
 * is enough. -ENOENT: something of the path is not there. */
int garita_tree_look(int parent, const char *path, struct garita_error *err);
int garita_tree_dir_below(int parent, const char *path,
			  struct garita_error *err);
int garita_tree_read_below(int parent, const char *path, size_t max_bytes,
			   char **ret, size_t *ret_len,
			   struct garita_error *err);
/* The bytes of such a file, without a copy where it is large. */
int garita_tree_map_below(int parent, const char *path, size_t max_bytes,
			  struct garita_map *ret, struct garita_error *err);

/* The same for a file of a few bytes, into the caller's: at most room - 1 of
 * them and a NUL. */
int garita_tree_read_small(int parent, const char *name, char *into,
			   size_t room, size_t *ret_len,
			   struct garita_error *err);

#endif
