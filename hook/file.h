/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * file - reading files that must be what their owner made them.
 */
#ifndef GARITA_HOOK_FILE_H
#define GARITA_HOOK_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "garita/error.h"

/* Opens `path` (below `sysroot` when that is not NULL or "") for reading and
 * checks by descriptor: a regular file, owned by root or us, not writable by
 * group or others, and so every directory above it (a sticky directory of
 * root is fine). Symbolic links are followed; the chain that is checked is
 * the real one, and when links were followed that of the given name too.
 * Never blocks. Returns a descriptor or -errno; -ENOENT only when there is no
 * such file and nobody else can have removed it: not for a link that leads
 * nowhere, nor for a name in a directory of others. */
int garita_file_open_trusted(const char *sysroot, const char *path,
			     struct stat *ret_stat, struct garita_error *err);
/* The same for a path that is its own real path, which is quicker. -ELOOP, and
 * nothing in *err, when it is not. */
int garita_file_open_plain(const char *path, struct stat *ret_stat,
			   struct garita_error *err);
/* Opens a directory that only root and we can change, to read or make files
 * in it. Same arguments and failures. */
int garita_file_open_directory(const char *sysroot, const char *path,
			       struct garita_error *err);
/* Opens a file that somebody names and vouches for, below `dir` (AT_FDCWD): it
 * is only seen to be a regular one, so that no fifo hangs us. The reason does
 * not name it: garita_fail_in(). */
int garita_file_open_given(int dir, const char *name, struct stat *ret_stat,
			   struct garita_error *err);
/* Reads a whole descriptor of at most max bytes; NUL after the bytes; the
 * caller frees. -E2BIG when there is more. */
int garita_file_read(int fd, size_t max_bytes, char **ret, size_t *ret_len,
		     struct garita_error *err);
/* The same of a file that was looked at already. */
int garita_file_read_all(int fd, const struct stat *st, size_t max_bytes,
			 char **ret, size_t *ret_len, struct garita_error *err);
/* Both: what somebody names and vouches for, opened and read. */
int garita_file_read_given(int dir, const char *name, size_t max_bytes,
			   char **ret, size_t *ret_len,
			   struct garita_error *err);
/* write(2), to which a limit of a file's size (RLIMIT_FSIZE) is a failure and
 * not a signal that ends us before the reason is told. */
ssize_t garita_file_write_once(int fd, const char *data, size_t len);
/* Writes all of it, however many calls that takes; -errno, without words. */
int garita_file_write(int fd, const char *data, size_t len);
/* Is every directory from `dir_fd` up to / owned by root or us and closed to
 * other writers? -EPERM with the offending path. Used by bundle, runtime,
 * policy: one idea of "nobody else can swap this". */
int garita_file_check_chain(int dir_fd, struct garita_error *err);
/* Is the directory root's or ours and closed to others, or a sticky one of root
 * in which the name that is followed is of `inner`, root or us? */
bool garita_file_is_closed(uid_t owner, mode_t mode, uid_t inner);
/* The words for a directory that is not. */
int garita_file_fail_shared(const char *path, uid_t owner, mode_t mode,
			    struct garita_error *err);
/* Absolute path without links of a descriptor (/proc/self/fd); the caller
 * frees. NULL when it cannot be told. */
char *garita_file_real_path(int fd);

#endif
