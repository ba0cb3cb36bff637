/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespace - into the network namespace of a process, and never the host's.
 */
#ifndef GARITA_NET_NAMESPACE_H
#define GARITA_NET_NAMESPACE_H

#include <stdint.h>
#include <sys/types.h>

#include "garita/error.h"

struct garita_namespace_visit {
	int home;       /* descriptor of the namespace that we came from */
	uint64_t inode; /* number of the one that we are in */
};

/* From here on this process is in the network namespace of `pid`. -EPERM where
 * that is our own or that of pid 1. */
int garita_namespace_enter(pid_t pid, struct garita_namespace_visit *ret,
			   struct garita_error *err);
/* Back home, where the logs are; nothing when it was never left. */
void garita_namespace_leave(struct garita_namespace_visit *visit);
#define auto_visit                                                             \
	__attribute__((cleanup(                                                \
		garita_namespace_leave))) struct garita_namespace_visit

#endif
