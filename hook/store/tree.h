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

/* The directory all paths count from ("" or NULL: /). Returns a descriptor
 * or -errno. */
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

/* The same for a file of a few bytes, into the caller's: at most room - 1 of
 * them and a NUL. */
int garita_tree_read_small(int parent, const char *name, char *into,
			   size_t room, size_t *ret_len,
			   struct garita_error *err);

/* Bytes of a file, in place. */
struct garita_tree_map {
	const char *bytes; /* no NUL after them; NULL when there are none */
	size_t len;
};

/* The same without a copy, for large files whose writer replaces them and
 * never changes them in place. (One cut short under us ends us with a signal,
 * which is a refusal.) */
int garita_tree_map(int parent, const char *name, size_t max_bytes,
		    struct garita_tree_map *ret, struct garita_error *err);
void garita_tree_unmap(struct garita_tree_map *map);
#define auto_map                                                               \
	__attribute__((cleanup(garita_tree_unmap))) struct garita_tree_map

#endif
