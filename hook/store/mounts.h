/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounts - what is mounted at one place, from the text of mountinfo.
 *
 * Of an overlay only upperdir is taken: engines have written lowerdir as
 * absolute paths, paths relative to a directory that is not in the text, and
 * numbers of descriptors long closed. Pure text.
 */
#ifndef GARITA_HOOK_STORE_MOUNTS_H
#define GARITA_HOOK_STORE_MOUNTS_H

#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"

/* What a line of mountinfo says of one mount; the options still escaped. */
struct garita_mount_line {
	char *root, *type, *super;
};

struct garita_overlay {
	uint64_t mount_id;
	char *upper; /* upperdir= as it was given to mount(2); owned */
};

/* The overlay mounted at `path` (absolute, without links). -ENOENT when
 * nothing is, -EINVAL with a reason when what is there is not one whole
 * overlay with an upper directory, or more than one mount. The caller frees
 * ret->upper. */
int garita_mounts_overlay(const char *mountinfo, size_t len, const char *path,
			  struct garita_overlay *ret, struct garita_error *err);
/* The lower directories of an overlay at `path`, unescaped, parted by colons.
 * -ENOENT when there is none. The caller frees. */
int garita_mounts_lower(const char *mountinfo, size_t len, const char *path,
			char **ret);
/* Where the next mount is: goes from *at towards `end`, line by line. The
 * caller frees; NULL: no more. */
char *garita_mounts_next_point(const char **at, const char *end);

/* The upperdir= of an overlay that is mounted whole, and its lowerdir=, as they
 * were given to mount(2). The caller frees. */
int garita_mount_overlay(const struct garita_mount_line *line, char **ret_upper,
			 struct garita_error *err);
int garita_mount_lower(const struct garita_mount_line *line, char **ret);

#endif
