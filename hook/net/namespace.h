/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespace - into the network namespace of a process, and never the host's.
 */
#ifndef GARITA_NET_NAMESPACE_H
#define GARITA_NET_NAMESPACE_H

#include <stdint.h>
#include <sys/types.h>

#include "garita/error.h"

/* From here on this process is in the network namespace of `pid`; its inode
 * number in *ret_inode. -EPERM where that is our own or that of pid 1. */
int garita_namespace_enter(pid_t pid, uint64_t *ret_inode,
			   struct garita_error *err);

#endif
