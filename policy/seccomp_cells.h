/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_cells - arguments that are enough to try, one of each cell.
 */
#ifndef GARITA_POLICY_SECCOMP_CELLS_H
#define GARITA_POLICY_SECCOMP_CELLS_H

#include "policy/seccomp_profile.h"

struct garita_values {
	uint64_t *list;
	size_t count, room;
};
void garita_values_free(struct garita_values *values);
#define auto_values __attribute__((cleanup(garita_values_free)))

/* Bits of the arguments that the call's rules look at. */
unsigned garita_seccomp_used(const struct garita_seccomp *profile, int call);

/* Values of one argument, one in each cell that the rules of both profiles for
 * this call cut; `b` may be NULL. False when there are too many to try: then
 * *ret holds nothing of use. */
bool garita_seccomp_values(const struct garita_seccomp *a, int call_a,
			   const struct garita_seccomp *b, int call_b,
			   unsigned arg, struct garita_values *ret);

#endif
