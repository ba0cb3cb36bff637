/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lists - digest list files: mapped, checked once, then searched.
 *
 * Checking a list of a million digests takes tens of milliseconds, too long
 * for every start. That a file was checked is remembered in a root-only place
 * keyed by device, inode, size, mtime and ctime; whoever can forge that is
 * root already. When it cannot be remembered the list is checked every time:
 * slower, never wrong.
 */
#ifndef GARITA_HOOK_LISTS_H
#define GARITA_HOOK_LISTS_H

#include "garita/digests.h"
#include "hook/map.h"

struct garita_list_file {
	struct garita_map map;
	struct garita_digests digests; /* bytes are the map */
};

/* `path` absolute; trusted as garita_file_open_trusted(). A file that is not
 * there, not trusted or has one malformed line is an error, not an empty
 * list. */
int garita_list_open(const char *sysroot, const char *path,
		     struct garita_list_file *ret, struct garita_error *err);
void garita_list_close(struct garita_list_file *list);

#endif
