/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * curve - the NIST curves of prime order, y^2 = x^3 - 3x + b (SP 800-186,
 * 3.2.1), for checking signatures: not for secrets (modular.h).
 */
#ifndef GARITA_POLICY_TRUST_CURVE_H
#define GARITA_POLICY_TRUST_CURVE_H

#include "garita/key.h"
#include "policy/trust/modular.h"

/* Jacobian coordinates in Montgomery's form: x = X/Z^2, y = Y/Z^3; Z is zero
 * at infinity. */
struct garita_point {
	garita_limb x[GARITA_CURVE_LIMBS];
	garita_limb y[GARITA_CURVE_LIMBS];
	garita_limb z[GARITA_CURVE_LIMBS];
};

struct garita_curve {
	size_t bytes; /* of a coordinate, and of a number below the order */
	struct garita_modulus p, order;
	garita_limb b[GARITA_CURVE_LIMBS];
	struct garita_point base;
};

/* False for a kind of key that has no such curve. */
bool garita_curve_set(struct garita_curve *ret, enum garita_key_kind kind);
/* Two coordinates of `bytes` each; false when no point of the curve has them.
 * The order being prime, there is nothing else to ask of a key. */
bool garita_curve_read(const struct garita_curve *curve,
		       const unsigned char *coordinates,
		       struct garita_point *ret);
/* u times the base and v times q; u and v are below the order, as they are. */
void garita_curve_sum(const struct garita_curve *curve, const garita_limb *u,
		      const garita_limb *v, const struct garita_point *q,
		      struct garita_point *ret);
/* Is x of the point, modulo the order, r? Never at infinity. */
bool garita_curve_x_is(const struct garita_curve *curve,
		       const struct garita_point *point, const garita_limb *r);

#endif
