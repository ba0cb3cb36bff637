/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statmount - one mount, asked of the kernel by a descriptor in it.
 *
 * mountinfo has all mounts of a host, several for each container, and the
 * kernel writes it anew for every reader. Since Linux 6.11 statmount(2) tells
 * the same about one.
 */
#ifndef GARITA_HOOK_STORE_STATMOUNT_H
#define GARITA_HOOK_STORE_STATMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hook/store/mounts.h"

/* The mount whose root the descriptor (O_PATH will do) is. The caller frees
 * what it points into: *ret_text. -ENOSYS when the kernel cannot tell, or not
 * all of it: mountinfo can. -ENOENT when it is not the root of a mount. */
int garita_statmount(int fd, struct garita_mount_line *ret, char **ret_text);
/* What the kernel has written into `room` bytes, aligned as malloc(3) aligns:
 * *ret points into them. -ENOSYS when it is not all, or not within. */
int garita_statmount_read(void *written, size_t room,
			  struct garita_mount_line *ret);

/* Is this what mountinfo calls by that id? False when the kernel (before Linux
 * 5.8) does not say. */
bool garita_is_of_mount(int fd, uint64_t mount_id);

#endif
