/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * curve - see the header. Both products of a sum are made together: the bits of
 * two numbers in turn, each written with digits that are odd or zero, of which
 * one in six is not zero ("width-5 NAF").
 */
#include "policy/trust/curve.h"

#include <string.h>

#include "garita/memory.h"

/* SP 800-186, 3.2.1. */
static const struct numbers {
	enum garita_key_kind kind;
	size_t bytes;
	const char *p, *b, *order, *x, *y;
} known[] = {
	{ GARITA_KEY_P256, 32,
	  .p = "ffffffff00000001000000000000000000000000ffffffffffffffffffff"
	       "ffff",
	  .b = "5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2"
	       "604b",
	  .order =
		  "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63"
		  "2551",
	  .x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898"
	       "c296",
	  .y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf"
	       "51f5" },
	{ GARITA_KEY_P384, 48,
	  .p = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	       "fffeffffffff0000000000000000ffffffff",
	  .b = "b3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013"
	       "875ac656398d8a2ed19d2a85c8edd3ec2aef",
	  .order =
		  "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f437"
		  "2ddf581a0db248b0a77aecec196accc52973",
	  .x = "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e08254"
	       "2a385502f25dbf55296c3a545e3872760ab7",
	  .y = "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0"
	       "b8c00a60b1ce1d7e819d7a431d7c90ea0e5f" },
	{ GARITA_KEY_P521, 66,
	  .p = "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	       "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	       "ffffffffffff",
	  .b = "0051953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b48991"
	       "8ef109e156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef45"
	       "1fd46b503f00",
	  .order =
		  "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
		  "fffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6f"
		  "b71e91386409",
	  .x = "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af60"
	       "6b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e"
	       "7e31c2e5bd66",
	  .y = "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17"
	       "273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be"
	       "94769fd16650" },
};

bool garita_curve_set(struct garita_curve *ret, enum garita_key_kind kind)
{
	const struct numbers *of = known;
	size_t n;

	while (of < known + GARITA_COUNT(known) && of->kind != kind)
		of++;
	if (of == known + GARITA_COUNT(known))
		return false;
	ret->bytes = of->bytes;
	garita_modulus_set_hex(&ret->p, of->p);
	garita_modulus_set_hex(&ret->order, of->order);
	n = ret->p.count;
	garita_limbs_read_hex(ret->b, n, of->b);
	garita_limbs_read_hex(ret->base.x, n, of->x);
	garita_limbs_read_hex(ret->base.y, n, of->y);
	garita_mod_enter(&ret->p, ret->b, ret->b);
	garita_mod_enter(&ret->p, ret->base.x, ret->base.x);
	garita_mod_enter(&ret->p, ret->base.y, ret->base.y);
	memcpy(ret->base.z, ret->p.one, n * sizeof(*ret->p.one));
	return true;
}

/* ---- modulo p ---- */

typedef garita_limb coordinate[GARITA_CURVE_LIMBS];

static inline void mul(const struct garita_curve *of, garita_limb *ret,
		       const garita_limb *a, const garita_limb *b)
{
	garita_mod_mul(&of->p, ret, a, b);
}

static inline void add(const struct garita_curve *of, garita_limb *ret,
		       const garita_limb *a, const garita_limb *b)
{
	garita_mod_add(&of->p, ret, a, b);
}

static inline void sub(const struct garita_curve *of, garita_limb *ret,
		       const garita_limb *a, const garita_limb *b)
{
	garita_mod_sub(&of->p, ret, a, b);
}

static inline bool is_zero(const struct garita_curve *of, const garita_limb *a)
{
	return garita_limbs_are_zero(a, of->p.count);
}

/* ---- points ---- */

bool garita_curve_read(const struct garita_curve *curve,
		       const unsigned char *coordinates,
		       struct garita_point *ret)
{
	size_t n = curve->p.count;
	struct garita_point point;
	coordinate left, right;

	if (!garita_limbs_read(point.x, n, coordinates, curve->bytes) ||
	    !garita_limbs_read(point.y, n, coordinates + curve->bytes,
			       curve->bytes) ||
	    garita_limbs_compare(point.x, curve->p.m, n) >= 0 ||
	    garita_limbs_compare(point.y, curve->p.m, n) >= 0)
		return false;
	garita_mod_enter(&curve->p, point.x, point.x);
	garita_mod_enter(&curve->p, point.y, point.y);
	memcpy(point.z, curve->p.one, n * sizeof(*point.z));
	mul(curve, left, point.y, point.y);
	mul(curve, right, point.x, point.x);
	for (int i = 0; i < 3; i++)
		sub(curve, right, right, curve->p.one);
	mul(curve, right, right, point.x);
	add(curve, right, right, curve->b);
	if (garita_limbs_compare(left, right, n) != 0)
		return false;
	*ret = point;
	return true;
}

/* a + a ("dbl-2001-b" of the Explicit-Formulas Database). Of infinity it makes
 * infinity, and an order that is odd leaves no other case. */
static void double_point(const struct garita_curve *of, struct garita_point *a)
{
	coordinate alpha, beta, gamma, delta, t;

	mul(of, delta, a->z, a->z);
	mul(of, gamma, a->y, a->y);
	mul(of, beta, a->x, gamma);
	sub(of, t, a->x, delta);
	add(of, alpha, a->x, delta);
	mul(of, t, t, alpha);
	add(of, alpha, t, t);
	add(of, alpha, alpha, t);
	add(of, t, a->y, a->z);
	mul(of, t, t, t);
	sub(of, t, t, gamma);
	sub(of, a->z, t, delta);
	add(of, beta, beta, beta);
	add(of, beta, beta, beta);
	mul(of, t, alpha, alpha);
	sub(of, t, t, beta);
	sub(of, a->x, t, beta);
	sub(of, beta, beta, a->x);
	mul(of, t, alpha, beta);
	mul(of, gamma, gamma, gamma);
	add(of, gamma, gamma, gamma);
	add(of, gamma, gamma, gamma);
	add(of, gamma, gamma, gamma);
	sub(of, a->y, t, gamma);
}

/* a + b into a ("add-1998-cmo-2"), or a - b. The formulas hold for two points
 * that are neither infinity nor each other, nor one the other's negative. */
static void add_point(const struct garita_curve *of, struct garita_point *a,
		      const struct garita_point *b, bool negative)
{
	coordinate u, h, s, r, za, zb, by = { 0 };

	if (is_zero(of, b->z))
		return;
	if (negative)
		sub(of, by, by, b->y);
	else
		memcpy(by, b->y, sizeof(by));
	if (is_zero(of, a->z)) {
		*a = *b;
		memcpy(a->y, by, sizeof(by));
		return;
	}
	mul(of, za, a->z, a->z);
	mul(of, zb, b->z, b->z);
	mul(of, u, a->x, zb);
	mul(of, h, b->x, za);
	sub(of, h, h, u);
	mul(of, s, a->y, b->z);
	mul(of, s, s, zb);
	mul(of, r, by, a->z);
	mul(of, r, r, za);
	sub(of, r, r, s);
	if (is_zero(of, h)) {
		if (is_zero(of, r))
			double_point(of, a);
		else
			memset(a->z, 0, sizeof(a->z));
		return;
	}
	mul(of, a->z, a->z, b->z);
	mul(of, a->z, a->z, h);
	mul(of, za, h, h);
	mul(of, h, h, za);
	mul(of, u, u, za);
	mul(of, a->x, r, r);
	sub(of, a->x, a->x, h);
	sub(of, a->x, a->x, u);
	sub(of, a->x, a->x, u);
	sub(of, u, u, a->x);
	mul(of, s, s, h);
	mul(of, r, r, u);
	sub(of, a->y, r, s);
}

enum {
	WIDTH = 5,
	ODD = 1 << (WIDTH - 2),   /* odd multiples: 1, 3 ... 15 */
	DIGITS_MAX = 528 + WIDTH, /* of the longest order, and a carry */
};

/* Digits of k, each in the place of its lowest bit: odd, between -15 and 15, or
 * zero. Returns how many places there are. */
static size_t write_digits(const garita_limb *k, size_t count, size_t bits,
			   signed char ret[DIGITS_MAX])
{
	unsigned carry = 0;
	size_t at = 0;

	memset(ret, 0, DIGITS_MAX);
	while (at <= bits) {
		int digit;

		if (garita_limbs_bits(k, count, at, 1) == carry) {
			at++;
			continue;
		}
		digit = (int)(garita_limbs_bits(k, count, at, WIDTH) + carry);
		carry = digit >> (WIDTH - 1) & 1;
		ret[at] = (signed char)(digit - (int)(carry << WIDTH));
		at += WIDTH;
	}
	return at;
}

static void write_multiples(const struct garita_curve *of,
			    const struct garita_point *point,
			    struct garita_point ret[ODD])
{
	struct garita_point two = *point;

	double_point(of, &two);
	ret[0] = *point;
	for (size_t i = 1; i < ODD; i++) {
		ret[i] = ret[i - 1];
		add_point(of, &ret[i], &two, false);
	}
}

static void add_digit(const struct garita_curve *of, struct garita_point *to,
		      const struct garita_point multiples[ODD], int digit)
{
	if (digit > 0)
		add_point(of, to, &multiples[digit / 2], false);
	else if (digit < 0)
		add_point(of, to, &multiples[-digit / 2], true);
}

void garita_curve_sum(const struct garita_curve *curve, const garita_limb *u,
		      const garita_limb *v, const struct garita_point *q,
		      struct garita_point *ret)
{
	struct garita_point of_base[ODD], of_q[ODD], sum = { 0 };
	signed char in_u[DIGITS_MAX], in_v[DIGITS_MAX];
	size_t n = curve->order.count, bits = curve->order.bits;
	size_t most = write_digits(u, n, bits, in_u);
	size_t other = write_digits(v, n, bits, in_v);

	if (most < other)
		most = other;
	write_multiples(curve, &curve->base, of_base);
	write_multiples(curve, q, of_q);
	for (size_t i = most; i > 0; i--) {
		double_point(curve, &sum);
		add_digit(curve, &sum, of_base, in_u[i - 1]);
		add_digit(curve, &sum, of_q, in_v[i - 1]);
	}
	*ret = sum;
}

/* r as a number modulo p is x's only other name but for r + order: the order
 * is more than half of p. Compared by X = r Z^2, which spares a division. */
bool garita_curve_x_is(const struct garita_curve *curve,
		       const struct garita_point *point, const garita_limb *r)
{
	size_t n = curve->p.count;
	coordinate order, square, found, wanted;

	if (is_zero(curve, point->z))
		return false;
	mul(curve, square, point->z, point->z);
	garita_mod_enter(&curve->p, wanted, r);
	mul(curve, found, wanted, square);
	if (garita_limbs_compare(found, point->x, n) == 0)
		return true;
	/* Only where r + order is below p. */
	garita_mod_sub(&curve->p, order, curve->p.m, curve->order.m);
	if (garita_limbs_compare(r, order, n) >= 0)
		return false;
	garita_mod_enter(&curve->p, order, curve->order.m);
	add(curve, wanted, wanted, order);
	mul(curve, found, wanted, square);
	return garita_limbs_compare(found, point->x, n) == 0;
}
