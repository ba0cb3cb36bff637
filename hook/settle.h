/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * settle - how a program of ours begins, whoever calls it and with whatever.
 */
#ifndef GARITA_HOOK_SETTLE_H
#define GARITA_HOOK_SETTLE_H

#include <sys/types.h>

/* Those of the descriptors 0 to 2 that are closed are opened on /dev/null, so
 * that no file of ours becomes anybody's output. `access` as open(2) has it:
 * with O_RDONLY what is written there fails as before, so an answer that
 * nobody can hear is not taken for given. Ends the process when it cannot. */
void garita_settle_standard(int access);

/* First thing in main() of a program that engines call: garita_heap_settle(),
 * garita_settle_standard(), and umask 077 for our own files. Returns the umask
 * we were called with. */
mode_t garita_settle(int access);

#endif
