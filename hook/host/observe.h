/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * observe - looks at the machine for what the rules will ask about one config.
 */
#ifndef GARITA_HOOK_HOST_OBSERVE_H
#define GARITA_HOOK_HOST_OBSERVE_H

#include "garita/error.h"
#include "garita/host.h"

/* Gathers every fact into *ret, which garita_host_free() empties. What cannot
 * be looked at is recorded as unknown with its reason, unless the rules would
 * then judge a path by what is written: where a bind source or the root file
 * system leads must be known, or not be there. `sysroot`: NULL or "" for this
 * machine, else a directory that every path is below. `bundle`: absolute, or
 * NULL. */
int garita_observe(const char *sysroot, const struct garita_spec *spec,
		   const char *bundle, struct garita_host *ret,
		   struct garita_error *err);

/* What uname(2) says of this machine alone. */
void garita_observe_kernel(struct garita_host *host);

#endif
