/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_ecdsa - ECDSA over the NIST curves (FIPS 186-5, 6.4.2), on libcrypto's
 * numbers and points: the names of the variables are the standard's.
 */
#include <errno.h>
#include <string.h>

#include <openssl/obj_mac.h>

#include "policy/trust/der.h"
#include "policy/trust/key_parts.h"

struct curve {
	EC_GROUP *group;
	EC_POINT *q, *point; /* the key; R of the standard */
	EC_POINT *both;      /* the key and the base point */
	bool is_generic;
};

static void curve_free(struct curve *curve)
{
	EC_POINT_free(curve->q);
	EC_POINT_free(curve->point);
	EC_POINT_free(curve->both);
	EC_GROUP_free(curve->group);
}

static int curve_number(enum garita_key_kind kind)
{
	switch (kind) {
	case GARITA_KEY_P256:
		return NID_X9_62_prime256v1;
	case GARITA_KEY_P384:
		return NID_secp384r1;
	case GARITA_KEY_P521:
		return NID_secp521r1;
	case GARITA_KEY_RSA:
	case GARITA_KEY_ED25519:
		break;
	}
	return NID_undef;
}

static int open_curve(const struct garita_key *key, BN_CTX *ctx,
		      struct curve *ret, struct garita_error *err)
{
	ret->group = EC_GROUP_new_by_curve_name(curve_number(key->kind));
	if (!ret->group)
		return garita_fail(err, ENOTSUP,
				   "this libcrypto does not know the curve");
	ret->q = EC_POINT_new(ret->group);
	ret->point = EC_POINT_new(ret->group);
	ret->both = EC_POINT_new(ret->group);
	ret->is_generic = key->kind == GARITA_KEY_P384;
	if (!ret->q || !ret->point || !ret->both)
		return garita_fail(err, ENOMEM, "no memory for ECDSA");
	/* Says no to a point that is not on the curve; the curves have prime
	 * order, so there is nothing else to ask. */
	if (!EC_POINT_oct2point(ret->group, ret->q, key->bytes, key->len, ctx))
		return garita_fail(err, EINVAL,
				   "%s is not a point of its curve",
				   key->words);
	return 0;
}

/* r and s as they are written in a signature of either form. */
static bool split(enum garita_scheme scheme, size_t order_len,
		  const unsigned char *sig, size_t sig_len,
		  struct garita_der *ret_r, struct garita_der *ret_s)
{
	struct garita_der from = { sig, sig_len }, both;

	if (scheme == GARITA_SCHEME_RAW) {
		*ret_r = (struct garita_der){ sig, order_len };
		*ret_s = (struct garita_der){ sig + order_len, order_len };
		return sig_len == 2 * order_len;
	}
	return garita_der_take(&from, GARITA_DER_SEQUENCE, &both) &&
	       from.left == 0 && garita_der_take_number(&both, ret_r) &&
	       garita_der_take_number(&both, ret_s) && both.left == 0 &&
	       ret_r->left <= order_len && ret_s->left <= order_len;
}

static bool in_range(const BIGNUM *number, const BIGNUM *order)
{
	return !BN_is_zero(number) && BN_cmp(number, order) < 0;
}

/* Both sums bit by bit, in step; EC_POINT_mul() for a curve that has code of
 * its own. For the others, here P-384, it hides what it computes behind random
 * numbers: to get them the first call loads a provider and openssl.cnf, which
 * takes three times as long as all of this, and nothing here is secret. */
static bool multiply(const struct curve *curve, const BIGNUM *u,
		     const BIGNUM *v, BN_CTX *ctx)
{
	const EC_POINT *base = EC_GROUP_get0_generator(curve->group);
	const EC_GROUP *group = curve->group;
	EC_POINT *to = curve->point, *both = curve->both;
	BIGNUM *x = BN_CTX_get(ctx), *y = BN_CTX_get(ctx);

	if (!curve->is_generic)
		return EC_POINT_mul(group, to, u, curve->q, v, ctx);
	if (!y || !EC_POINT_set_to_infinity(group, to) ||
	    !EC_POINT_add(group, both, base, curve->q, ctx))
		return false;
	/* Cheaper to add when its third coordinate is one; infinity, when the
	 * key is -G, has no others. */
	if (!EC_POINT_is_at_infinity(group, both) &&
	    (!EC_POINT_get_affine_coordinates(group, both, x, y, ctx) ||
	     !EC_POINT_set_affine_coordinates(group, both, x, y, ctx)))
		return false;
	for (int i = EC_GROUP_order_bits(group) - 1; i >= 0; i--) {
		bool in_u = BN_is_bit_set(u, i), in_v = BN_is_bit_set(v, i);
		const EC_POINT *one = in_u ? base : curve->q;

		if (!EC_POINT_dbl(group, to, to, ctx) ||
		    ((in_u || in_v) &&
		     !EC_POINT_add(group, to, to, in_u && in_v ? both : one,
				   ctx)))
			return false;
	}
	return true;
}

/* Is x of (e/s)G + (r/s)Q, taken modulo the order, r? -EINVAL: could not say.
 */
static int check_equation(const struct curve *curve, const BIGNUM *order,
			  const BIGNUM *r, const BIGNUM *s, const BIGNUM *e,
			  BN_CTX *ctx)
{
	BIGNUM *w = BN_CTX_get(ctx), *u = BN_CTX_get(ctx);
	BIGNUM *v = BN_CTX_get(ctx), *x = BN_CTX_get(ctx);

	if (!x || !BN_mod_inverse(w, s, order, ctx) ||
	    !BN_mod_mul(u, e, w, order, ctx) ||
	    !BN_mod_mul(v, r, w, order, ctx) || !multiply(curve, u, v, ctx))
		return -EINVAL;
	if (EC_POINT_is_at_infinity(curve->group, curve->point))
		return -EBADMSG;
	if (!EC_POINT_get_affine_coordinates(curve->group, curve->point, x,
					     NULL, ctx) ||
	    !BN_nnmod(x, x, order, ctx))
		return -EINVAL;
	return BN_cmp(x, r) == 0 ? 0 : -EBADMSG;
}

static int check(const struct garita_key *key, const struct curve *curve,
		 enum garita_scheme scheme, const unsigned char *hashed,
		 size_t hash_len, const unsigned char *sig, size_t sig_len,
		 BN_CTX *ctx, struct garita_error *err)
{
	const BIGNUM *order = EC_GROUP_get0_order(curve->group);
	size_t order_len = (size_t)BN_num_bytes(order);
	BIGNUM *r = BN_CTX_get(ctx), *s = BN_CTX_get(ctx), *e = BN_CTX_get(ctx);
	struct garita_der r_bytes, s_bytes;
	int answer;

	/* The hash's leftmost bits. The orders of 256 and 384 bits are whole
	 * bytes, and no hash is longer than the third. */
	if (hash_len > order_len)
		hash_len = order_len;
	if (!split(scheme, order_len, sig, sig_len, &r_bytes, &s_bytes))
		return garita_key_bad(key, err);
	if (!e || !BN_bin2bn(r_bytes.at, (int)r_bytes.left, r) ||
	    !BN_bin2bn(s_bytes.at, (int)s_bytes.left, s) ||
	    !BN_bin2bn(hashed, (int)hash_len, e))
		return garita_fail(err, ENOMEM, "no memory for ECDSA");
	if (!in_range(r, order) || !in_range(s, order))
		return garita_key_bad(key, err);
	answer = check_equation(curve, order, r, s, e, ctx);
	if (answer == -EBADMSG)
		return garita_key_bad(key, err);
	if (answer < 0)
		return garita_fail(err, EINVAL, "libcrypto cannot compute it");
	return 0;
}

int garita_key_ecdsa_verify(const struct garita_key *key,
			    enum garita_scheme scheme, enum garita_hash hash,
			    const unsigned char *hashed,
			    const unsigned char *sig, size_t sig_len,
			    struct garita_error *err)
{
	__attribute__((cleanup(curve_free))) struct curve curve = { 0 };
	auto_bn_ctx BN_CTX *ctx = BN_CTX_new();
	int r;

	if (!ctx)
		return garita_fail(err, ENOMEM, "no memory for ECDSA");
	r = open_curve(key, ctx, &curve, err);
	if (r < 0)
		return r;
	return check(key, &curve, scheme, hashed, garita_hash_len(hash), sig,
		     sig_len, ctx, err);
}
