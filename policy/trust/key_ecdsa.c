/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_ecdsa - ECDSA over the NIST curves (FIPS 186-5, 6.4.2): the names of the
 * variables are the standard's.
 */
#include <errno.h>
#include <string.h>

#include "policy/trust/curve.h"
#include "policy/trust/der.h"
#include "policy/trust/key_parts.h"

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

/* Above zero and below the order. */
static bool read_number(const struct garita_modulus *order,
			const struct garita_der *from, garita_limb *ret)
{
	return garita_limbs_read(ret, order->count, from->at, from->left) &&
	       !garita_limbs_are_zero(ret, order->count) &&
	       garita_limbs_compare(ret, order->m, order->count) < 0;
}

/* Is x of (e/s)G + (r/s)Q, taken modulo the order, r? */
static bool check_equation(const struct garita_curve *curve,
			   const struct garita_point *q, const garita_limb *e,
			   const garita_limb *r, const garita_limb *s)
{
	garita_limb u[GARITA_CURVE_LIMBS], v[GARITA_CURVE_LIMBS];
	garita_limb w[GARITA_CURVE_LIMBS];
	struct garita_point point;

	garita_mod_enter(&curve->order, w, s);
	garita_mod_invert(&curve->order, w, w);
	/* One factor is in Montgomery's form: the product is not. */
	garita_mod_mul(&curve->order, u, e, w);
	garita_mod_mul(&curve->order, v, r, w);
	garita_curve_sum(curve, u, v, q, &point);
	return garita_curve_x_is(curve, &point, r);
}

int garita_key_ecdsa_verify(const struct garita_key *key,
			    enum garita_scheme scheme, enum garita_hash hash,
			    const unsigned char *hashed,
			    const unsigned char *sig, size_t sig_len,
			    struct garita_error *err)
{
	garita_limb r[GARITA_CURVE_LIMBS], s[GARITA_CURVE_LIMBS];
	garita_limb e[GARITA_CURVE_LIMBS];
	size_t hash_len = garita_hash_len(hash);
	struct garita_der r_bytes, s_bytes;
	struct garita_curve curve;
	struct garita_point q;

	if (!garita_curve_set(&curve, key->kind) ||
	    key->len != 1 + 2 * curve.bytes ||
	    !garita_curve_read(&curve, key->bytes + 1, &q))
		return garita_fail(err, EINVAL,
				   "%s is not a point of its curve",
				   key->words);
	if (!split(scheme, curve.bytes, sig, sig_len, &r_bytes, &s_bytes) ||
	    !read_number(&curve.order, &r_bytes, r) ||
	    !read_number(&curve.order, &s_bytes, s))
		return garita_key_bad(key, err);
	/* The hash's leftmost bits. The orders of 256 and 384 bits are whole
	 * bytes, and no hash is longer than the third. */
	if (hash_len > curve.bytes)
		hash_len = curve.bytes;
	garita_limbs_read(e, curve.order.count, hashed, hash_len);
	return check_equation(&curve, &q, e, r, s) ? 0
						   : garita_key_bad(key, err);
}
