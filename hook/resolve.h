/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resolve - openat2(2): opening with the links that may be followed spelled
 * out.
 */
#ifndef GARITA_HOOK_RESOLVE_H
#define GARITA_HOOK_RESOLVE_H

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>

/* `resolve` of RESOLVE_*; magic links (/proc/self/fd/...) are never followed.
 * A descriptor that closes on exec, or -errno. */
int garita_resolve(int at, const char *path, int flags, uint64_t resolve);

#endif
