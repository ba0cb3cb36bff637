/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * modular - see the header. The product is Montgomery's, word by word (FIOS of
 * Koc, Acar, Kaliski 1996); numbers of four, six and nine limbs, those of the
 * curves, have code of their own, made of the same lines.
 */
#include "policy/trust/modular.h"

#include <string.h>

/* ---- numbers as they are ---- */

bool garita_limbs_read(garita_limb *ret, size_t count,
		       const unsigned char *bytes, size_t len)
{
	for (; len > 0 && *bytes == 0; len--)
		bytes++;
	if (len > count * GARITA_LIMB_BYTES)
		return false;
	memset(ret, 0, count * sizeof(*ret));
	for (size_t i = 0; i < len; i++)
		ret[i / GARITA_LIMB_BYTES] |= (garita_limb)bytes[len - 1 - i]
					      << i % GARITA_LIMB_BYTES * 8;
	return true;
}

void garita_limbs_read_hex(garita_limb *ret, size_t count, const char *digits)
{
	size_t len = strlen(digits);

	memset(ret, 0, count * sizeof(*ret));
	for (size_t i = 0; i < len; i++) {
		char digit = digits[len - 1 - i];
		unsigned value = (unsigned)(digit <= '9' ? digit - '0'
							 : digit - 'a' + 10);

		ret[i / GARITA_LIMB_DIGITS] |= (garita_limb)value
					       << i % GARITA_LIMB_DIGITS * 4;
	}
}

void garita_limbs_write(const garita_limb *a, size_t count,
			unsigned char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		size_t limb = i / GARITA_LIMB_BYTES;

		bytes[len - 1 - i] =
			limb < count
				? (unsigned char)(a[limb] >>
						  i % GARITA_LIMB_BYTES * 8)
				: 0;
	}
}

int garita_limbs_compare(const garita_limb *a, const garita_limb *b,
			 size_t count)
{
	for (size_t i = count; i > 0; i--)
		if (a[i - 1] != b[i - 1])
			return a[i - 1] < b[i - 1] ? -1 : 1;
	return 0;
}

bool garita_limbs_are_zero(const garita_limb *a, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (a[i] != 0)
			return false;
	return true;
}

unsigned garita_limbs_bits(const garita_limb *a, size_t count, size_t at,
			   unsigned many)
{
	size_t limb = at / GARITA_LIMB_BITS, shift = at % GARITA_LIMB_BITS;
	garita_limb found = limb < count ? a[limb] >> shift : 0;

	if (shift + many > GARITA_LIMB_BITS && limb + 1 < count)
		found |= a[limb + 1] << (GARITA_LIMB_BITS - shift);
	return (unsigned)(found & (((garita_limb)1 << many) - 1));
}

/* As many times as the longest number of a curve has limbs: then the compiler
 * keeps them in registers. */
#define UNROLLED _Pragma("GCC unroll 9")

/* What goes over the top. */
static inline garita_limb add(garita_limb *ret, const garita_limb *a,
			      const garita_limb *b, size_t count)
{
	garita_limb carry = 0;

	for (size_t i = 0; i < count; i++) {
		garita_two_limbs sum = (garita_two_limbs)a[i] + b[i] + carry;

		ret[i] = (garita_limb)sum;
		carry = (garita_limb)(sum >> GARITA_LIMB_BITS);
	}
	return carry;
}

/* What was borrowed. */
static inline garita_limb sub(garita_limb *ret, const garita_limb *a,
			      const garita_limb *b, size_t count)
{
	garita_limb borrow = 0;

	for (size_t i = 0; i < count; i++) {
		garita_two_limbs rest = (garita_two_limbs)a[i] - b[i] - borrow;

		ret[i] = (garita_limb)rest;
		borrow = (garita_limb)(rest >> GARITA_LIMB_BITS) & 1;
	}
	return borrow;
}

/* ---- modulo ---- */

/* Less than twice the modulus, with what is above its limbs, becomes less than
 * the modulus. */
static inline void reduce(garita_limb *ret, const garita_limb *a,
			  garita_limb above, const garita_limb *m, size_t count)
{
	if (above != 0 || garita_limbs_compare(a, m, count) >= 0)
		sub(ret, a, m, count);
	else if (ret != a)
		memcpy(ret, a, count * sizeof(*ret));
}

/* `t` is room for `count` limbs. */
static inline void mul_mod(const struct garita_modulus *of, garita_limb *ret,
			   const garita_limb *a, const garita_limb *b,
			   garita_limb *t, size_t count)
{
	const garita_limb *m = of->m;
	garita_limb top = 0;

	memset(t, 0, count * sizeof(*t));
	UNROLLED
	for (size_t i = 0; i < count; i++) {
		garita_two_limbs x = (garita_two_limbs)a[i] * b[0] + t[0];
		garita_limb factor = (garita_limb)x * of->inverse;
		garita_two_limbs y =
			(garita_two_limbs)factor * m[0] + (garita_limb)x;

		UNROLLED
		for (size_t j = 1; j < count; j++) {
			x = (garita_two_limbs)a[i] * b[j] + t[j] +
			    (garita_limb)(x >> GARITA_LIMB_BITS);
			y = (garita_two_limbs)factor * m[j] + (garita_limb)x +
			    (garita_limb)(y >> GARITA_LIMB_BITS);
			t[j - 1] = (garita_limb)y;
		}
		x = (x >> GARITA_LIMB_BITS) + (y >> GARITA_LIMB_BITS) + top;
		t[count - 1] = (garita_limb)x;
		top = (garita_limb)(x >> GARITA_LIMB_BITS);
	}
	reduce(ret, t, top, m, count);
}

void garita_mod_add(const struct garita_modulus *of, garita_limb *ret,
		    const garita_limb *a, const garita_limb *b)
{
	garita_limb above = add(ret, a, b, of->count);

	reduce(ret, ret, above, of->m, of->count);
}

void garita_mod_sub(const struct garita_modulus *of, garita_limb *ret,
		    const garita_limb *a, const garita_limb *b)
{
	if (sub(ret, a, b, of->count))
		add(ret, ret, of->m, of->count);
}

/* The same lines with a count that the compiler knows. */
#define MUL_OF_COUNT(n)                                                        \
	static void mul_##n(const struct garita_modulus *of, garita_limb *ret, \
			    const garita_limb *a, const garita_limb *b)        \
	{                                                                      \
		garita_limb t[n];                                              \
                                                                               \
		mul_mod(of, ret, a, b, t, n);                                  \
	}

MUL_OF_COUNT(4)
MUL_OF_COUNT(6)
MUL_OF_COUNT(9)

/* Apart, as the others have no use for its room. */
__attribute__((noinline)) static void mul_any(const struct garita_modulus *of,
					      garita_limb *ret,
					      const garita_limb *a,
					      const garita_limb *b)
{
	garita_limb t[GARITA_LIMBS_MAX];

	mul_mod(of, ret, a, b, t, of->count);
}

void garita_mod_mul(const struct garita_modulus *of, garita_limb *ret,
		    const garita_limb *a, const garita_limb *b)
{
	if (of->count == 4)
		mul_4(of, ret, a, b);
	else if (of->count == 6)
		mul_6(of, ret, a, b);
	else if (of->count == 9)
		mul_9(of, ret, a, b);
	else
		mul_any(of, ret, a, b);
}

void garita_mod_enter(const struct garita_modulus *of, garita_limb *ret,
		      const garita_limb *a)
{
	garita_mod_mul(of, ret, a, of->square);
}

void garita_mod_leave(const struct garita_modulus *of, garita_limb *ret,
		      const garita_limb *a)
{
	garita_limb one[GARITA_LIMBS_MAX];

	memset(one, 0, of->count * sizeof(*one));
	one[0] = 1;
	garita_mod_mul(of, ret, a, one);
}

static size_t count_bits(const garita_limb *a, size_t count)
{
	size_t bits = count * GARITA_LIMB_BITS;

	while (bits > 0 && garita_limbs_bits(a, count, bits - 1, 1) == 0)
		bits--;
	return bits;
}

void garita_mod_power(const struct garita_modulus *of, garita_limb *ret,
		      const garita_limb *a, const garita_limb *power,
		      size_t power_count)
{
	garita_limb product[GARITA_LIMBS_MAX];
	size_t bits = count_bits(power, power_count);

	memcpy(product, a, of->count * sizeof(*product));
	for (size_t i = bits - 1; i > 0; i--) {
		garita_mod_mul(of, product, product, product);
		if (garita_limbs_bits(power, power_count, i - 1, 1) != 0)
			garita_mod_mul(of, product, product, a);
	}
	memcpy(ret, product, of->count * sizeof(*product));
}

/* Fermat: to the modulus less two. */
void garita_mod_invert(const struct garita_modulus *of, garita_limb *ret,
		       const garita_limb *a)
{
	garita_limb power[GARITA_LIMBS_MAX], two[GARITA_LIMBS_MAX];

	memset(two, 0, of->count * sizeof(*two));
	two[0] = 2;
	sub(power, of->m, two, of->count);
	garita_mod_power(of, ret, a, power, of->count);
}

/* Newton: each step doubles the bits that are right; an odd number is its own
 * inverse in the lowest three. */
static garita_limb negative_inverse(garita_limb m)
{
	garita_limb inverse = m;

	for (unsigned right = 3; right < GARITA_LIMB_BITS; right *= 2)
		inverse *= 2 - m * inverse;
	return 0 - inverse;
}

/* `one` is the power of two above all limbs: from the one below the modulus by
 * doubling. `square` is Montgomery's form of that power: 2 in that form is
 * `one` doubled, and what is left is raising it. */
static void prepare(struct garita_modulus *of)
{
	garita_limb power = (garita_limb)of->count * GARITA_LIMB_BITS;
	size_t below = of->bits - 1;

	of->inverse = negative_inverse(of->m[0]);
	memset(of->one, 0, of->count * sizeof(*of->one));
	of->one[below / GARITA_LIMB_BITS] = (garita_limb)1
					    << below % GARITA_LIMB_BITS;
	for (size_t i = below; i < of->count * GARITA_LIMB_BITS; i++)
		garita_mod_add(of, of->one, of->one, of->one);
	garita_mod_add(of, of->square, of->one, of->one);
	garita_mod_power(of, of->square, of->square, &power, 1);
}

/* From the limbs in it. */
static bool settle(struct garita_modulus *of)
{
	of->bits = count_bits(of->m, of->count);
	if (of->bits < 2 || of->m[0] % 2 == 0)
		return false;
	prepare(of);
	return true;
}

bool garita_modulus_set(struct garita_modulus *ret, const unsigned char *bytes,
			size_t len)
{
	for (; len > 0 && *bytes == 0; len--)
		bytes++;
	if (len == 0 || len > GARITA_MODULUS_BYTES)
		return false;
	ret->count = (len + GARITA_LIMB_BYTES - 1) / GARITA_LIMB_BYTES;
	return garita_limbs_read(ret->m, ret->count, bytes, len) && settle(ret);
}

void garita_modulus_set_hex(struct garita_modulus *ret, const char *digits)
{
	ret->count =
		(strlen(digits) + GARITA_LIMB_DIGITS - 1) / GARITA_LIMB_DIGITS;
	garita_limbs_read_hex(ret->m, ret->count, digits);
	settle(ret);
}
