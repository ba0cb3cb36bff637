/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * regexp_machine - what an expression becomes: states, all of which are
 * followed at once. Made by regexp_read.c, run by regexp.c.
 */
#ifndef GARITA_POLICY_REGEXP_MACHINE_H
#define GARITA_POLICY_REGEXP_MACHINE_H

#include <stdint.h>

#include "garita/regexp.h"

enum garita_regexp_op {
	GARITA_REGEXP_SET,   /* takes a byte of the set */
	GARITA_REGEXP_EMPTY, /* goes on */
	GARITA_REGEXP_SPLIT, /* goes on in two ways */
	GARITA_REGEXP_DONE,
};

struct garita_regexp_state {
	enum garita_regexp_op op;
	uint16_t next, other;
	uint32_t set[8]; /* of SET: bits of bytes */
};

struct garita_regexp {
	struct garita_regexp_state *states;
	size_t count;
	uint16_t start;
};

#endif
