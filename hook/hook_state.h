/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hook_state - what a runtime tells a hook about the container (OCI state).
 */
#ifndef GARITA_HOOK_STATE_READ_H
#define GARITA_HOOK_STATE_READ_H

#include <stdint.h>

#include "garita/json.h"

struct garita_hook_state {
	struct garita_json_doc *doc; /* owns the words */
	const char *bundle;          /* an absolute path */
	const char *id;              /* NULL: not said */
	uint32_t pid;                /* 0: not said */
};

int garita_hook_state_parse(const char *text, size_t len,
			    struct garita_hook_state *ret,
			    struct garita_error *err);
/* Reads it from standard input. */
int garita_hook_state_read(struct garita_hook_state *ret,
			   struct garita_error *err);
void garita_hook_state_free(struct garita_hook_state *state);
#define auto_hook_state                                                        \
	__attribute__((                                                        \
		cleanup(garita_hook_state_free))) struct garita_hook_state

#endif
