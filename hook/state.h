/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * state - directories of what garita keeps for itself, root's alone, or of a
 * user's engine that user's (~/.local/state/garita).
 */
#ifndef GARITA_HOOK_STATE_H
#define GARITA_HOOK_STATE_H

#include <stdbool.h>

#include "garita/error.h"

/* The directory `name` ("": itself) of GARITA_STATE_DIR (below `sysroot` when
 * that is not NULL or ""), which only root and we can change. A descriptor or
 * -errno; -ENOENT when there is none and it is not to be made or cannot be. */
int garita_state_open(const char *sysroot, const char *name, bool make,
		      struct garita_error *err);

/* Where that is, from the sysroot; the caller frees. */
char *garita_state_path(const char *sysroot, const char *name);

#endif
