/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_ed25519 - Ed25519 and Ed25519ph (RFC 8032, 5.1), which cosign 3 writes.
 *
 * Strict: S is below the order, the key's y below the prime, and R is compared
 * as bytes.
 *
 * Points are in extended coordinates (X : Y : Z : T), x = X/Z, y = Y/Z, x*y =
 * T/Z; the formulas of RFC 8032, 5.1.4 hold for all points. All coordinates
 * are in Montgomery's form.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/key_parts.h"
#include "policy/trust/modular.h"

enum {
	SIZE = 32,
	SIG_SIZE = 64,
	LIMBS = SIZE / GARITA_LIMB_BYTES,
	ORDER_BITS = 253,
};

typedef garita_limb number[LIMBS];

struct point {
	number x, y, z, t;
};

struct field {
	struct garita_modulus p, order;
	number d, doubled_d;
	number root; /* of -1 */
};

static void mul(const struct field *of, garita_limb *ret, const garita_limb *a,
		const garita_limb *b)
{
	garita_mod_mul(&of->p, ret, a, b);
}

static void add(const struct field *of, garita_limb *ret, const garita_limb *a,
		const garita_limb *b)
{
	garita_mod_add(&of->p, ret, a, b);
}

static void sub(const struct field *of, garita_limb *ret, const garita_limb *a,
		const garita_limb *b)
{
	garita_mod_sub(&of->p, ret, a, b);
}

static bool equal(const garita_limb *a, const garita_limb *b)
{
	return garita_limbs_compare(a, b, LIMBS) == 0;
}

static void constant(const struct field *of, garita_limb *ret,
		     const char *digits)
{
	garita_limbs_read_hex(ret, LIMBS, digits);
	garita_mod_enter(&of->p, ret, ret);
}

static void field_open(struct field *of)
{
	garita_modulus_set_hex(&of->p, "7fffffffffffffffffffffffffffffff"
				       "ffffffffffffffffffffffffffffffed");
	garita_modulus_set_hex(&of->order, "10000000000000000000000000000000"
					   "14def9dea2f79cd65812631a5cf5d3ed");
	constant(of, of->d,
		 "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca1359"
		 "78a3");
	constant(of, of->root,
		 "2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0e"
		 "a0b0");
	add(of, of->doubled_d, of->d, of->d);
}

/* ret = a + b; ret may be either. */
static void add_points(const struct field *of, struct point *ret,
		       const struct point *a, const struct point *b)
{
	number s, t, c, d, e, f;

	sub(of, s, a->y, a->x);
	sub(of, t, b->y, b->x);
	mul(of, s, s, t); /* A */
	add(of, t, a->y, a->x);
	add(of, c, b->y, b->x);
	mul(of, t, t, c); /* B */
	mul(of, c, a->t, b->t);
	mul(of, c, c, of->doubled_d); /* C */
	mul(of, d, a->z, b->z);
	add(of, d, d, d); /* D */
	sub(of, e, t, s); /* E */
	sub(of, f, d, c); /* F */
	add(of, d, d, c); /* G */
	add(of, t, t, s); /* H */
	mul(of, ret->x, e, f);
	mul(of, ret->y, d, t);
	mul(of, ret->t, e, t);
	mul(of, ret->z, f, d);
}

static void double_point(const struct field *of, struct point *at)
{
	number a, b, c, e, h;

	mul(of, a, at->x, at->x); /* A */
	mul(of, b, at->y, at->y); /* B */
	mul(of, c, at->z, at->z);
	add(of, c, c, c); /* C */
	add(of, h, a, b); /* H */
	add(of, e, at->x, at->y);
	mul(of, e, e, e);
	sub(of, e, h, e); /* E */
	sub(of, a, a, b); /* G */
	add(of, c, c, a); /* F */
	mul(of, at->x, e, c);
	mul(of, at->y, a, h);
	mul(of, at->t, e, h);
	mul(of, at->z, c, a);
}

/* Little endian, and below the modulus. */
static bool read_number(const struct garita_modulus *of,
			const unsigned char bytes[SIZE], garita_limb *ret)
{
	unsigned char turned[SIZE];

	for (size_t i = 0; i < SIZE; i++)
		turned[i] = bytes[SIZE - 1 - i];
	return garita_limbs_read(ret, LIMBS, turned, SIZE) &&
	       garita_limbs_compare(ret, of->m, LIMBS) < 0;
}

/* A root of u/v; false when there is none (5.1.3, step 3). */
static bool find_root(const struct field *of, const garita_limb *u,
		      const garita_limb *v, garita_limb *ret)
{
	number v3, x, again, power, negative = { 0 };

	garita_limbs_read_hex(power, LIMBS, /* (p - 5) / 8 */
			      "0fffffffffffffffffffffffffffffff"
			      "fffffffffffffffffffffffffffffffd");
	mul(of, v3, v, v);
	mul(of, v3, v3, v);
	mul(of, x, v3, v3);
	mul(of, x, x, v);
	mul(of, x, x, u);
	garita_mod_power(&of->p, x, x, power, LIMBS);
	mul(of, x, x, v3);
	mul(of, x, x, u); /* u v^3 (u v^7)^((p-5)/8) */
	mul(of, again, x, x);
	mul(of, again, again, v);
	sub(of, negative, negative, u);
	if (equal(again, negative))
		mul(of, x, x, of->root);
	else if (!equal(again, u))
		return false;
	memcpy(ret, x, sizeof(x));
	return true;
}

/* x^2 = (y^2 - 1) / (d y^2 + 1), of the wanted oddness; false when there is
 * none. */
static bool find_x(const struct field *of, const garita_limb *y, unsigned odd,
		   garita_limb *ret)
{
	number u, v, plain, zero = { 0 };

	mul(of, u, y, y);
	mul(of, v, u, of->d);
	sub(of, u, u, of->p.one);
	add(of, v, v, of->p.one);
	if (!find_root(of, u, v, ret))
		return false;
	garita_mod_leave(&of->p, plain, ret);
	if (plain[0] % 2 == odd)
		return true;
	sub(of, ret, zero, ret);
	return !garita_limbs_are_zero(ret, LIMBS);
}

/* From x and y. */
static void complete(const struct field *of, struct point *at)
{
	memcpy(at->z, of->p.one, sizeof(at->z));
	mul(of, at->t, at->x, at->y);
}

/* The negative of the point that is encoded; false when none is. */
static bool read_negative(const struct field *of,
			  const unsigned char bytes[SIZE], struct point *ret)
{
	unsigned char y[SIZE];
	number zero = { 0 };

	memcpy(y, bytes, SIZE);
	y[SIZE - 1] &= 0x7f;
	if (!read_number(&of->p, y, ret->y))
		return false;
	garita_mod_enter(&of->p, ret->y, ret->y);
	if (!find_x(of, ret->y, bytes[SIZE - 1] >> 7, ret->x))
		return false;
	sub(of, ret->x, zero, ret->x);
	complete(of, ret);
	return true;
}

static void write_point(const struct field *of, const struct point *from,
			unsigned char ret[SIZE])
{
	unsigned char turned[SIZE];
	number x, y, z;

	garita_mod_invert(&of->p, z, from->z);
	mul(of, x, from->x, z);
	mul(of, y, from->y, z);
	garita_mod_leave(&of->p, x, x);
	garita_mod_leave(&of->p, y, y);
	garita_limbs_write(y, LIMBS, turned, SIZE);
	for (size_t i = 0; i < SIZE; i++)
		ret[i] = turned[SIZE - 1 - i];
	ret[SIZE - 1] |= (unsigned char)((x[0] & 1) << 7);
}

/* ret = s*B + k*a: the bits of both in step. */
static void multiply(const struct field *of, const garita_limb *s,
		     const garita_limb *k, const struct point *a,
		     struct point *ret)
{
	struct point base, both, sum = { 0 };

	constant(of, base.x,
		 "216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25"
		 "d51a");
	constant(of, base.y,
		 "666666666666666666666666666666666666666666666666666666666666"
		 "6658");
	complete(of, &base);
	add_points(of, &both, &base, a);
	memcpy(sum.y, of->p.one, sizeof(sum.y));
	memcpy(sum.z, of->p.one, sizeof(sum.z));
	for (size_t i = ORDER_BITS; i > 0; i--) {
		unsigned in_s = garita_limbs_bits(s, LIMBS, i - 1, 1);
		unsigned in_k = garita_limbs_bits(k, LIMBS, i - 1, 1);

		double_point(of, &sum);
		if (in_s && in_k)
			add_points(of, &sum, &sum, &both);
		else if (in_s)
			add_points(of, &sum, &sum, &base);
		else if (in_k)
			add_points(of, &sum, &sum, a);
	}
	*ret = sum;
}

/* SHA-512 of dom2 (of Ed25519ph), R, A and the message, modulo the order: the
 * two halves of the hash apart, as a number has room for one. */
static void hash_all(const struct field *of, const struct garita_key *key,
		     bool prehashed, const void *message, size_t message_len,
		     const unsigned char *sig, garita_limb *ret)
{
	static const char dom2[] = "SigEd25519 no Ed25519 collisions\1\0";
	unsigned char head[sizeof(dom2) - 1 + SIG_SIZE];
	unsigned char hash[GARITA_HASH_MAX], turned[GARITA_HASH_MAX];
	number low, high;
	size_t len = 0;

	if (prehashed) {
		memcpy(head, dom2, sizeof(dom2) - 1);
		len = sizeof(dom2) - 1;
	}
	memcpy(head + len, sig, SIZE);
	memcpy(head + len + SIZE, key->bytes, SIZE);
	len += SIG_SIZE; /* R and A together are as long */
	garita_hash_of(GARITA_SHA512, head, len, message, message_len, hash);
	for (size_t i = 0; i < GARITA_HASH_MAX; i++)
		turned[i] = hash[GARITA_HASH_MAX - 1 - i];
	garita_limbs_read(high, LIMBS, turned, SIZE);
	garita_limbs_read(low, LIMBS, turned + SIZE, SIZE);
	/* Montgomery's form of a number is the number times 2^256. */
	garita_mod_enter(&of->order, high, high);
	garita_mod_enter(&of->order, low, low);
	garita_mod_leave(&of->order, low, low);
	garita_mod_add(&of->order, ret, low, high);
}

int garita_key_ed25519_verify(const struct garita_key *key, bool prehashed,
			      const void *message, size_t message_len,
			      const unsigned char *sig, size_t sig_len,
			      struct garita_error *err)
{
	unsigned char found[SIZE];
	struct point a, r;
	struct field of;
	number s, k;

	field_open(&of);
	if (sig_len != SIG_SIZE || !read_number(&of.order, sig + SIZE, s))
		return garita_key_bad(key, err);
	if (!read_negative(&of, key->bytes, &a))
		return garita_fail(err, EINVAL,
				   "%s is not a point of its curve",
				   key->words);
	hash_all(&of, key, prehashed, message, message_len, sig, k);
	multiply(&of, s, k, &a, &r);
	write_point(&of, &r, found);
	return memcmp(found, sig, SIZE) == 0 ? 0 : garita_key_bad(key, err);
}
