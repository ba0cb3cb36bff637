/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * modular - numbers modulo an odd number, for checking signatures.
 *
 * A number is an array of limbs, the least first, as many as its modulus has.
 * What is multiplied stays in Montgomery's form: times 2 to the bits of all
 * limbs. Nothing is secret where signatures are checked, so nothing here takes
 * care to take the same time for all numbers: not for signing.
 */
#ifndef GARITA_POLICY_TRUST_MODULAR_H
#define GARITA_POLICY_TRUST_MODULAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __SIZEOF_INT128__
typedef uint64_t garita_limb;
__extension__ typedef unsigned __int128 garita_two_limbs;
#else
typedef uint32_t garita_limb;
typedef uint64_t garita_two_limbs;
#endif

enum {
	GARITA_LIMB_BYTES = sizeof(garita_limb),
	GARITA_LIMB_BITS = 8 * GARITA_LIMB_BYTES,
	GARITA_LIMB_DIGITS = 2 * GARITA_LIMB_BYTES, /* hexadecimal */
	GARITA_MODULUS_BYTES = 1024,
	GARITA_LIMBS_MAX = GARITA_MODULUS_BYTES / GARITA_LIMB_BYTES,
	/* Of 521 bits: what the numbers of a curve need at most. */
	GARITA_CURVE_LIMBS = 521 / GARITA_LIMB_BITS + 1,
};

struct garita_modulus {
	size_t count; /* limbs */
	size_t bits;
	garita_limb inverse; /* -1/m modulo 2 to the bits of a limb */
	garita_limb m[GARITA_LIMBS_MAX];
	garita_limb one[GARITA_LIMBS_MAX];    /* in Montgomery's form */
	garita_limb square[GARITA_LIMBS_MAX]; /* of what `one` is as it is */
};

/* From bytes, the most significant first. False for what is even, below 3, or
 * longer than GARITA_MODULUS_BYTES. */
bool garita_modulus_set(struct garita_modulus *ret, const unsigned char *bytes,
			size_t len);
/* From a constant's hexadecimal digits, which are well formed. */
void garita_modulus_set_hex(struct garita_modulus *ret, const char *digits);

/* ---- numbers as they are ---- */

/* A constant that fits. */
void garita_limbs_read_hex(garita_limb *ret, size_t count, const char *digits);
/* False when the number does not fit into that many limbs. */
bool garita_limbs_read(garita_limb *ret, size_t count,
		       const unsigned char *bytes, size_t len);
/* The last `len` bytes of the number. */
void garita_limbs_write(const garita_limb *a, size_t count,
			unsigned char *bytes, size_t len);
int garita_limbs_compare(const garita_limb *a, const garita_limb *b,
			 size_t count);
bool garita_limbs_are_zero(const garita_limb *a, size_t count);
/* `many` bits from bit `at` on; those above all limbs are zero. */
unsigned garita_limbs_bits(const garita_limb *a, size_t count, size_t at,
			   unsigned many);

/* ---- modulo; results may be any of the arguments ---- */

/* a and b below the modulus, and so is what comes out. */
void garita_mod_add(const struct garita_modulus *of, garita_limb *ret,
		    const garita_limb *a, const garita_limb *b);
void garita_mod_sub(const struct garita_modulus *of, garita_limb *ret,
		    const garita_limb *a, const garita_limb *b);
/* Montgomery's product. `a` may be any number of that many limbs, b is below
 * the modulus, and so is what comes out. */
void garita_mod_mul(const struct garita_modulus *of, garita_limb *ret,
		    const garita_limb *a, const garita_limb *b);
/* Into Montgomery's form, reducing, and out of it. */
void garita_mod_enter(const struct garita_modulus *of, garita_limb *ret,
		      const garita_limb *a);
void garita_mod_leave(const struct garita_modulus *of, garita_limb *ret,
		      const garita_limb *a);
/* `a` in Montgomery's form to a power that is above zero. */
void garita_mod_power(const struct garita_modulus *of, garita_limb *ret,
		      const garita_limb *a, const garita_limb *power,
		      size_t power_count);
/* 1/a of a prime modulus, both in Montgomery's form; of zero, zero. */
void garita_mod_invert(const struct garita_modulus *of, garita_limb *ret,
		       const garita_limb *a);

#endif
