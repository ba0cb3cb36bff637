/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * net - what the parts of `garita net` share.
 */
#ifndef GARITA_HOOK_CLI_NET_H
#define GARITA_HOOK_CLI_NET_H

#include "hook/cli/cli.h"

#include <stdint.h>

/* The first process of a container that runs: its id, or the beginning of it
 * that no other has. `root` is the runtime's state directory; NULL: those that
 * engines use. The whole id in *ret_id, which the caller frees. */
int garita_net_find(const char *word, const char *root, uint32_t *ret_pid,
		    char **ret_id, struct garita_error *err);

#endif
