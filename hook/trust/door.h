/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * door - a process gives away all its power, for good.
 */
#ifndef GARITA_HOOK_TRUST_DOOR_H
#define GARITA_HOOK_TRUST_DOOR_H

#include "garita/error.h"

/* First thing in main(): no new privileges, no dump, no core, nothing above
 * standard error open, nothing more can be opened, limits on memory and time.
 * -errno when anything of it cannot be had. */
int garita_door_enter(struct garita_error *err);
/* Before a stranger's byte is looked at: no capabilities, and of system calls
 * only memory, random numbers, the clock, writing to standard output, and the
 * end. */
int garita_door_close(struct garita_error *err);

#endif
