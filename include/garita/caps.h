/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * caps - Linux capabilities (capabilities(7)) as names, numbers and sets.
 *
 * Names are taken in one spelling only. libcap, and so crun, also takes lower
 * case, trailing blanks and plain numbers, where runc ignores them: such a
 * name means different things to different readers.
 */
#ifndef GARITA_CAPS_H
#define GARITA_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "garita/text.h"

typedef uint64_t garita_caps; /* bit n: capability number n */

enum { GARITA_CAP_LAST = 40 }; /* CAP_CHECKPOINT_RESTORE, Linux 5.9 */

enum garita_cap_set {
	GARITA_CAPS_BOUNDING,
	GARITA_CAPS_EFFECTIVE,
	GARITA_CAPS_PERMITTED,
	GARITA_CAPS_INHERITABLE,
	GARITA_CAPS_AMBIENT,
	GARITA_CAPS_SETS,
};

/* "bounding", ...: the member of process.capabilities. */
const char *garita_cap_set_name(enum garita_cap_set set);

/* Number of an exact name ("CAP_CHOWN"), or -1. */
int garita_cap_number(const char *name);
/* Name of a number, or NULL beyond GARITA_CAP_LAST. */
const char *garita_cap_name(unsigned number);
/* CAP_ and then upper case letters, digits and underscores: a name that every
 * runtime either knows or ignores. Anything else is refused when reading. */
bool garita_cap_well_formed(const char *name);
/* "CAP_CHOWN, CAP_KILL"; "none" for the empty set; "all 41" for all. */
void garita_caps_words(garita_caps set, struct garita_text *out);

#define GARITA_CAP(number) ((garita_caps)1 << (number))
#define GARITA_CAPS_ALL    (((garita_caps)1 << (GARITA_CAP_LAST + 1)) - 1)

#endif
