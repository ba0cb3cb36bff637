/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_ed25519 - Ed25519 and Ed25519ph (RFC 8032, 5.1) on libcrypto's numbers.
 *
 * libcrypto's own check needs a provider: that costs 2 ms at a process's first
 * signature, where this takes a fraction of one, and before OpenSSL 3.2 it has
 * no Ed25519ph, which is what cosign 3 writes. Everything here is public, so
 * nothing needs to take the same time for all inputs. Strict: S is below the
 * order, the key's y below the prime, and R is compared as bytes.
 *
 * Points are in extended coordinates (X : Y : Z : T), x = X/Z, y = Y/Z, x*y =
 * T/Z; the formulas of RFC 8032, 5.1.4 hold for all points. All coordinates
 * are in Montgomery's form.
 */
#include <errno.h>
#include <string.h>

#include "policy/trust/key_parts.h"

enum { SIZE = 32, SIG_SIZE = 64 };

struct point {
	BIGNUM *x, *y, *z, *t;
};

struct field {
	BN_CTX *ctx;
	BN_MONT_CTX *mont;
	BIGNUM *p, *order, *d, *one, *doubled_d;
	BIGNUM *work[8];
	bool failed; /* some step was out of memory */
};

static void field_free(struct field *field)
{
	BN_MONT_CTX_free(field->mont);
	BN_CTX_free(field->ctx);
}

static BIGNUM *number(struct field *of)
{
	BIGNUM *made = BN_CTX_get(of->ctx);

	if (!made)
		of->failed = true;
	return made;
}

static struct point new_point(struct field *of)
{
	return (struct point){ number(of), number(of), number(of), number(of) };
}

static BIGNUM *constant(struct field *of, const char *hex)
{
	BIGNUM *made = number(of);

	if (made && !BN_hex2bn(&made, hex))
		of->failed = true;
	return made;
}

static void to_mont(struct field *of, BIGNUM *a)
{
	of->failed |= !BN_to_montgomery(a, a, of->mont, of->ctx);
}

static void mul(struct field *of, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
	of->failed |= !BN_mod_mul_montgomery(ret, a, b, of->mont, of->ctx);
}

static void add(struct field *of, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
	of->failed |= !BN_mod_add_quick(ret, a, b, of->p);
}

static void sub(struct field *of, BIGNUM *ret, const BIGNUM *a, const BIGNUM *b)
{
	of->failed |= !BN_mod_sub_quick(ret, a, b, of->p);
}

static bool field_open(struct field *of)
{
	of->ctx = BN_CTX_new();
	of->mont = BN_MONT_CTX_new();
	if (!of->ctx || !of->mont)
		return false;
	of->p = constant(of, "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
			     "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFED");
	of->order = constant(of, "10000000000000000000000000000000"
				 "14DEF9DEA2F79CD65812631A5CF5D3ED");
	of->d = constant(of, "52036CEE2B6FFE738CC740797779E898"
			     "00700A4D4141D8AB75EB4DCA135978A3");
	of->one = constant(of, "1");
	of->doubled_d = number(of);
	for (size_t i = 0; i < sizeof(of->work) / sizeof(of->work[0]); i++)
		of->work[i] = number(of);
	if (of->failed || !BN_MONT_CTX_set(of->mont, of->p, of->ctx))
		return false;
	to_mont(of, of->d);
	to_mont(of, of->one);
	add(of, of->doubled_d, of->d, of->d);
	return !of->failed;
}

/* ret = a + b; ret may be either. */
static void add_points(struct field *of, struct point *ret,
		       const struct point *a, const struct point *b)
{
	BIGNUM **w = of->work;

	sub(of, w[0], a->y, a->x);
	sub(of, w[1], b->y, b->x);
	mul(of, w[0], w[0], w[1]); /* A */
	add(of, w[1], a->y, a->x);
	add(of, w[2], b->y, b->x);
	mul(of, w[1], w[1], w[2]); /* B */
	mul(of, w[2], a->t, b->t);
	mul(of, w[2], w[2], of->doubled_d); /* C */
	mul(of, w[3], a->z, b->z);
	add(of, w[3], w[3], w[3]); /* D */
	sub(of, w[4], w[1], w[0]); /* E */
	sub(of, w[5], w[3], w[2]); /* F */
	add(of, w[6], w[3], w[2]); /* G */
	add(of, w[7], w[1], w[0]); /* H */
	mul(of, ret->x, w[4], w[5]);
	mul(of, ret->y, w[6], w[7]);
	mul(of, ret->t, w[4], w[7]);
	mul(of, ret->z, w[5], w[6]);
}

static void double_point(struct field *of, struct point *at)
{
	BIGNUM **w = of->work;

	mul(of, w[0], at->x, at->x); /* A */
	mul(of, w[1], at->y, at->y); /* B */
	mul(of, w[2], at->z, at->z);
	add(of, w[2], w[2], w[2]); /* C */
	add(of, w[3], w[0], w[1]); /* H */
	add(of, w[4], at->x, at->y);
	mul(of, w[4], w[4], w[4]);
	sub(of, w[4], w[3], w[4]); /* E */
	sub(of, w[5], w[0], w[1]); /* G */
	add(of, w[6], w[2], w[5]); /* F */
	mul(of, at->x, w[4], w[6]);
	mul(of, at->y, w[5], w[3]);
	mul(of, at->t, w[4], w[3]);
	mul(of, at->z, w[6], w[5]);
}

/* Both coordinates are plain numbers and become Montgomery's. */
static void set_point(struct field *of, struct point *ret)
{
	to_mont(of, ret->x);
	to_mont(of, ret->y);
	of->failed |= !BN_copy(ret->z, of->one);
	mul(of, ret->t, ret->x, ret->y);
}

/* x^2 = (y^2 - 1) / (d y^2 + 1), of the wanted oddness (5.1.3). False when
 * there is none: BN_mod_sqrt() says so. Plain numbers. */
static bool find_x(struct field *of, const BIGNUM *y, int odd, BIGNUM *ret)
{
	BIGNUM *u = number(of), *v = number(of), *d = number(of);

	if (of->failed || !BN_from_montgomery(d, of->d, of->mont, of->ctx) ||
	    !BN_mod_sqr(u, y, of->p, of->ctx) ||
	    !BN_mod_mul(v, d, u, of->p, of->ctx) || !BN_add_word(v, 1) ||
	    !BN_sub_word(u, 1) || !BN_mod_inverse(v, v, of->p, of->ctx) ||
	    !BN_nnmod(u, u, of->p, of->ctx) ||
	    !BN_mod_mul(u, u, v, of->p, of->ctx) ||
	    !BN_mod_sqrt(ret, u, of->p, of->ctx))
		return false;
	if (BN_is_odd(ret) == odd)
		return true;
	return !BN_is_zero(ret) && BN_sub(ret, of->p, ret);
}

/* The negative of the point that is encoded; false when none is. */
static bool read_negative(struct field *of, const unsigned char bytes[SIZE],
			  struct point *ret)
{
	unsigned char y[SIZE];

	memcpy(y, bytes, SIZE);
	y[SIZE - 1] &= 0x7f;
	if (!BN_lebin2bn(y, SIZE, ret->y) || BN_cmp(ret->y, of->p) >= 0 ||
	    !find_x(of, ret->y, bytes[SIZE - 1] >> 7, ret->x))
		return false;
	if (!BN_is_zero(ret->x) && !BN_sub(ret->x, of->p, ret->x))
		return false;
	set_point(of, ret);
	return !of->failed;
}

static void write_point(struct field *of, const struct point *from,
			unsigned char ret[SIZE])
{
	BIGNUM *x = number(of), *y = number(of), *z = number(of);

	if (of->failed || !BN_from_montgomery(z, from->z, of->mont, of->ctx) ||
	    !BN_from_montgomery(x, from->x, of->mont, of->ctx) ||
	    !BN_from_montgomery(y, from->y, of->mont, of->ctx) ||
	    !BN_mod_inverse(z, z, of->p, of->ctx) ||
	    !BN_mod_mul(x, x, z, of->p, of->ctx) ||
	    !BN_mod_mul(y, y, z, of->p, of->ctx) ||
	    BN_bn2lebinpad(y, ret, SIZE) != SIZE) {
		of->failed = true;
		return;
	}
	ret[SIZE - 1] |= (unsigned char)(BN_is_odd(x) << 7);
}

/* ret = s*B + k*a: the bits of both in step. */
static void multiply(struct field *of, const BIGNUM *s, const BIGNUM *k,
		     const struct point *a, struct point *ret)
{
	struct point base = new_point(of), both = new_point(of);

	base.x = constant(of, "216936D3CD6E53FEC0A4E231FDD6DC5C"
			      "692CC7609525A7B2C9562D608F25D51A");
	base.y = constant(of, "66666666666666666666666666666666"
			      "66666666666666666666666666666658");
	if (of->failed)
		return;
	set_point(of, &base);
	add_points(of, &both, &base, a);
	BN_zero(ret->x);
	BN_zero(ret->t);
	of->failed |= !BN_copy(ret->y, of->one) || !BN_copy(ret->z, of->one);
	for (int i = BN_num_bits(of->order); i >= 0; i--) {
		int in_s = BN_is_bit_set(s, i), in_k = BN_is_bit_set(k, i);

		double_point(of, ret);
		if (in_s && in_k)
			add_points(of, ret, ret, &both);
		else if (in_s)
			add_points(of, ret, ret, &base);
		else if (in_k)
			add_points(of, ret, ret, a);
	}
}

/* SHA-512 of dom2 (of Ed25519ph), R, A and the message, modulo the order. */
static void hash_all(struct field *of, const struct garita_key *key,
		     bool prehashed, const void *message, size_t message_len,
		     const unsigned char *sig, BIGNUM *ret)
{
	static const char dom2[] = "SigEd25519 no Ed25519 collisions\1\0";
	unsigned char head[sizeof(dom2) - 1 + SIG_SIZE];
	unsigned char hash[GARITA_HASH_MAX];
	size_t len = 0;

	if (prehashed) {
		memcpy(head, dom2, sizeof(dom2) - 1);
		len = sizeof(dom2) - 1;
	}
	memcpy(head + len, sig, SIZE);
	memcpy(head + len + SIZE, key->bytes, SIZE);
	len += SIG_SIZE; /* R and A together are as long */
	garita_hash_of(GARITA_SHA512, head, len, message, message_len, hash);
	of->failed |= !BN_lebin2bn(hash, sizeof(hash), ret) ||
		      !BN_nnmod(ret, ret, of->order, of->ctx);
}

int garita_key_ed25519_verify(const struct garita_key *key, bool prehashed,
			      const void *message, size_t message_len,
			      const unsigned char *sig, size_t sig_len,
			      struct garita_error *err)
{
	__attribute__((cleanup(field_free))) struct field of = { 0 };
	unsigned char found[SIZE] = { 0 };
	struct point a, r;
	BIGNUM *s, *k;

	if (sig_len != SIG_SIZE)
		return garita_key_bad(key, err);
	if (!field_open(&of))
		return garita_fail(err, ENOMEM, "no memory for Ed25519");
	a = new_point(&of);
	r = new_point(&of);
	s = number(&of);
	k = number(&of);
	if (of.failed || !BN_lebin2bn(sig + SIZE, SIZE, s))
		return garita_fail(err, ENOMEM, "no memory for Ed25519");
	if (BN_cmp(s, of.order) >= 0)
		return garita_key_bad(key, err);
	if (!read_negative(&of, key->bytes, &a))
		return garita_fail(err, EINVAL,
				   "%s is not a point of its curve",
				   key->words);
	hash_all(&of, key, prehashed, message, message_len, sig, k);
	multiply(&of, s, k, &a, &r);
	write_point(&of, &r, found);
	if (of.failed)
		return garita_fail(err, ENOMEM, "no memory for Ed25519");
	return memcmp(found, sig, SIZE) == 0 ? 0 : garita_key_bad(key, err);
}
