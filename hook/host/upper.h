/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upper - lists the upper directory of a root file system's overlay.
 */
#ifndef GARITA_HOOK_HOST_UPPER_H
#define GARITA_HOOK_HOST_UPPER_H

#include "garita/upper.h"

/* `root_path`: cleaned and absolute. Always answers, perhaps why it cannot be
 * told; garita_upper_free() ends it. */
struct garita_upper *garita_observe_upper(const char *sysroot,
					  const char *root_path);

#endif
