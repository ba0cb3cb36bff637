/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_table - the shape of one row of the built-in profile, and the same
 * table as programs use it.
 *
 * Internal to seccomp_*.c. The table that a person reads is seccomp_default.c;
 * no program has it, as its names would have to be looked up, and its pointers
 * relocated, at each start. Programs have seccomp_numbers.c, which is made from
 * it and from seccomp_names.c. What no row names is refused with EPERM.
 */
#ifndef GARITA_POLICY_SECCOMP_TABLE_H
#define GARITA_POLICY_SECCOMP_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "garita/caps.h"
#include "policy/seccomp_profile.h"

/* Machines as bits, so that a row can name the ones that have its calls. */
enum garita_seccomp_machine {
	GARITA_ON_X86_64 = 1 << 0,
	GARITA_ON_AARCH64 = 1 << 1,
	GARITA_ON_RISCV64 = 1 << 2,
	GARITA_ON_S390X = 1 << 3,
	GARITA_ON_PPC64LE = 1 << 4,
	GARITA_ON_ARM = 1 << 5,
	GARITA_ON_ALL = (1 << 6) - 1,
};

/* What a row asks of one argument. There is never more than one argument in
 * a rule, because runc reads two conditions on one argument as "or"; and never
 * an inequality, because the kernel cuts most arguments to 32 bits where a
 * filter compares 64: "not 38" lets 0x100000026 pass as 38. */
enum garita_seccomp_test {
	GARITA_ARG_ANY,    /* no condition */
	GARITA_ARG_IS,     /* equals one of the values: a rule for each */
	GARITA_ARG_NO_BIT, /* has no bit of the one value */
};

struct garita_seccomp_row {
	const char *names;   /* separated by one blank */
	unsigned machines;   /* GARITA_ON_* */
	int refuse;          /* errno to refuse with; 0: the row allows */
	garita_caps need;    /* needs one of these; 0: none needed */
	garita_caps without; /* the row is for sets that have none of these */
	unsigned kernel_major, kernel_minor; /* and from this kernel on */
	enum garita_seccomp_test test;
	unsigned arg;
	const uint64_t *values;
	size_t value_count;
};

extern const struct garita_seccomp_row garita_seccomp_rows[];
extern const size_t garita_seccomp_row_count;

/* ---- seccomp_numbers.c ---- */
enum {
	GARITA_SECCOMP_MACHINES = 6,
	GARITA_SECCOMP_TABLE_WORDS = (GARITA_SECCOMP_CALLS + 63) / 64,
};

/* Calls that are open to everybody, whatever the arguments: by the number of
 * a machine's bit. */
extern const uint64_t garita_seccomp_always[GARITA_SECCOMP_MACHINES]
					   [GARITA_SECCOMP_TABLE_WORDS];
/* The other rows. */
struct garita_seccomp_coded {
	garita_caps need, without;
	uint8_t machines, refuse, kernel_major, kernel_minor;
	uint8_t test, arg; /* enum garita_seccomp_test */
	uint8_t values;    /* that are its own in garita_seccomp_constants */
	uint8_t calls;     /* that are its own in garita_seccomp_numbers */
};
extern const struct garita_seccomp_coded garita_seccomp_coded[];
extern const size_t garita_seccomp_coded_count;
extern const uint64_t garita_seccomp_constants[];
extern const uint16_t garita_seccomp_numbers[];

/* Calls that an architecture has. */
extern const uint64_t garita_seccomp_on[GARITA_ARCH_OTHER]
				       [GARITA_SECCOMP_TABLE_WORDS];

/* Where names are (seccomp_lookup.h). */
enum { GARITA_SECCOMP_PLACES = 1024, GARITA_SECCOMP_SHIFTS = 128 };
extern const uint8_t garita_seccomp_shifts[GARITA_SECCOMP_SHIFTS];
extern const uint16_t garita_seccomp_places[GARITA_SECCOMP_PLACES];

#endif
