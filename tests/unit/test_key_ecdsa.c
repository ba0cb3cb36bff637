/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_key_ecdsa - our curves against libcrypto's: signatures made so that the
 * sums meet every special case of adding points, and thousands at random, good
 * and bad. Both must say the same of each.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Deprecated since 3.0, but what replaces it takes no numbers. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include "garita/key.h"
#include "garita/memory.h"

static const struct {
	const char *name;
	int nid;
	enum garita_key_kind kind;
	enum garita_hash hash; /* as long as the order, or longer */
	int hash_len, len;
	int rounds;
	size_t step; /* through the special cases: the longer ones are slow */
} curves[] = {
	{ "P-256", NID_X9_62_prime256v1, GARITA_KEY_P256, GARITA_SHA256, 32, 32,
	  500, 1 },
	{ "P-384", NID_secp384r1, GARITA_KEY_P384, GARITA_SHA384, 48, 48, 60,
	  7 },
	{ "P-521", NID_secp521r1, GARITA_KEY_P521, GARITA_SHA512, 64, 66, 60,
	  7 },
};

/* One curve, and one signature on it. */
struct work {
	size_t curve;
	BN_CTX *ctx;
	EC_GROUP *group;
	const BIGNUM *order;
	BIGNUM *p, *d, *k, *e, *r, *s, *t;
	EC_POINT *q, *point;
};

static void open_work(struct work *of, size_t curve)
{
	*of = (struct work){ .curve = curve };
	of->ctx = BN_CTX_new();
	of->group = EC_GROUP_new_by_curve_name(curves[curve].nid);
	assert_non_null(of->group);
	of->order = EC_GROUP_get0_order(of->group);
	of->p = BN_new();
	of->d = BN_new();
	of->k = BN_new();
	of->e = BN_new();
	of->r = BN_new();
	of->s = BN_new();
	of->t = BN_new();
	of->q = EC_POINT_new(of->group);
	of->point = EC_POINT_new(of->group);
	EC_GROUP_get_curve(of->group, of->p, NULL, NULL, of->ctx);
}

static void close_work(struct work *of)
{
	BN_free(of->p);
	BN_free(of->d);
	BN_free(of->k);
	BN_free(of->e);
	BN_free(of->r);
	BN_free(of->s);
	BN_free(of->t);
	EC_POINT_free(of->q);
	EC_POINT_free(of->point);
	EC_GROUP_free(of->group);
	BN_CTX_free(of->ctx);
}

static void random_below(BIGNUM *ret, const BIGNUM *order)
{
	do
		assert_true(BN_rand_range(ret, order));
	while (BN_is_zero(ret));
}

/* What libcrypto says of key q, hash e and (r, s). */
static bool theirs(const struct work *of)
{
	unsigned char hashed[64];
	EC_KEY *key = EC_KEY_new();
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int len = curves[of->curve].hash_len, said;

	EC_KEY_set_group(key, of->group);
	EC_KEY_set_public_key(key, of->q);
	ECDSA_SIG_set0(sig, BN_dup(of->r), BN_dup(of->s));
	assert_int_equal(BN_bn2binpad(of->e, hashed, len), len);
	said = ECDSA_do_verify(hashed, len, sig, key);
	ECDSA_SIG_free(sig);
	EC_KEY_free(key);
	return said == 1;
}

static bool ours(const struct work *of)
{
	unsigned char point[GARITA_KEY_POINT_MAX], hashed[64], raw[132];
	size_t len = (size_t)curves[of->curve].len;
	struct garita_key key;
	int said;

	assert_int_equal(EC_POINT_point2oct(of->group, of->q,
					    POINT_CONVERSION_UNCOMPRESSED,
					    point, sizeof(point), of->ctx),
			 1 + 2 * len);
	assert_int_equal(garita_key_point(curves[of->curve].kind, point,
					  1 + 2 * len, &key, NULL),
			 0);
	BN_bn2binpad(of->e, hashed, curves[of->curve].hash_len);
	BN_bn2binpad(of->r, raw, (int)len);
	BN_bn2binpad(of->s, raw + len, (int)len);
	said = garita_key_verify_hashed(&key, GARITA_SCHEME_RAW,
					curves[of->curve].hash, hashed, raw,
					2 * len, NULL);
	assert_true(said == 0 || said == -EBADMSG);
	return said == 0;
}

static void assert_both(const struct work *of, bool good, const char *what)
{
	bool we = ours(of), they = theirs(of);

	if (we != good || they != good)
		fail_msg("%s, %s: good is %d, we say %d, libcrypto %d; "
			 "d %s e %s r %s s %s",
			 curves[of->curve].name, what, good, we, they,
			 BN_bn2hex(of->d), BN_bn2hex(of->e), BN_bn2hex(of->r),
			 BN_bn2hex(of->s));
}

static void set_key(struct work *of)
{
	assert_true(EC_POINT_mul(of->group, of->q, of->d, NULL, NULL, of->ctx));
}

/* r = x of kG. */
static void set_r(struct work *of)
{
	EC_POINT_mul(of->group, of->point, of->k, NULL, NULL, of->ctx);
	EC_POINT_get_affine_coordinates(of->group, of->point, of->r, NULL,
					of->ctx);
	BN_nnmod(of->r, of->r, of->order, of->ctx);
}

/* s = (e + rd)/k. False when it is zero, so that there is none. */
static bool set_s(struct work *of)
{
	BN_mod_mul(of->s, of->r, of->d, of->order, of->ctx);
	BN_mod_add(of->s, of->s, of->e, of->order, of->ctx);
	BN_mod_inverse(of->t, of->k, of->order, of->ctx);
	BN_mod_mul(of->s, of->s, of->t, of->order, of->ctx);
	return !BN_is_zero(of->s);
}

static void random_hash(struct work *of)
{
	BN_rand(of->e, 8 * curves[of->curve].hash_len, BN_RAND_TOP_ANY,
		BN_RAND_BOTTOM_ANY);
}

static void test_random_signatures(void **state)
{
	(void)state;
	for (size_t curve = 0; curve < GARITA_COUNT(curves); curve++) {
		struct work of;

		open_work(&of, curve);
		for (int i = 0; i < curves[curve].rounds; i++) {
			random_below(of.d, of.order);
			random_below(of.k, of.order);
			random_hash(&of);
			set_key(&of);
			set_r(&of);
			if (!set_s(&of))
				continue;
			assert_both(&of, true, "random");
			switch (i % 3) {
			case 0:
				BN_mod_add(of.s, of.s, BN_value_one(), of.order,
					   of.ctx);
				break;
			case 1:
				BN_mod_add(of.r, of.r, BN_value_one(), of.order,
					   of.ctx);
				break;
			default:
				random_hash(&of);
			}
			assert_both(&of, false, "changed");
		}
		close_work(&of);
	}
}

/* 1, 2, 3, 15, 16, 17, 31, 32, 33, half the order and what is that much below
 * the order: digits that are zero, negative, and carry to the top. */
enum { SMALL = 11, SPECIAL = 2 * SMALL };

static void special(const struct work *of, size_t nth, BIGNUM *ret)
{
	static const BN_ULONG small[SMALL] = { 1,  2,  3,  4,  15, 16,
					       17, 31, 32, 33, 0 };
	size_t i = nth % SMALL;

	BN_set_word(ret, small[i]);
	if (small[i] == 0)
		BN_rshift1(ret, of->order);
	if (nth >= SMALL)
		BN_sub(ret, of->order, ret);
}

/* Keys that are the base, its negative or a small multiple, and nonces like
 * that: the sum adds equal points and opposite ones on its way. */
static void test_special_keys_and_nonces(void **state)
{
	(void)state;
	for (size_t curve = 0; curve < GARITA_COUNT(curves); curve++) {
		struct work of;

		open_work(&of, curve);
		for (size_t i = 0; i < SPECIAL * SPECIAL;
		     i += curves[curve].step) {
			special(&of, i / SPECIAL, of.d);
			special(&of, i % SPECIAL, of.k);
			random_hash(&of);
			if (i % 5 == 0)
				BN_zero(of.e);
			set_key(&of);
			set_r(&of);
			if (set_s(&of))
				assert_both(&of, true, "special");
		}
		close_work(&of);
	}
}

/* u = e/s and v = r/s as wanted, by a hash and an s of our choice. */
static bool set_factors(struct work *of, size_t u, size_t v, bool *ret_good)
{
	/* k = u + vd; r = x(kG); s = r/v; e = us */
	BIGNUM *wanted_u = BN_new(), *wanted_v = BN_new();
	bool usable;

	special(of, u, wanted_u);
	special(of, v, wanted_v);
	BN_mod_mul(of->k, wanted_v, of->d, of->order, of->ctx);
	BN_mod_add(of->k, of->k, wanted_u, of->order, of->ctx);
	*ret_good = !BN_is_zero(of->k);
	if (*ret_good)
		set_r(of);
	else /* the point at infinity: any r, and none is right */
		random_below(of->r, of->order);
	BN_mod_inverse(of->t, wanted_v, of->order, of->ctx);
	BN_mod_mul(of->s, of->r, of->t, of->order, of->ctx);
	BN_mod_mul(of->e, wanted_u, of->s, of->order, of->ctx);
	/* Of P-521 a hash is shorter than the order. */
	usable = BN_num_bytes(of->e) <= curves[of->curve].hash_len;
	BN_free(wanted_u);
	BN_free(wanted_v);
	return usable;
}

static void test_special_factors(void **state)
{
	(void)state;
	for (size_t curve = 0; curve < GARITA_COUNT(curves); curve++) {
		size_t checked = 0;
		struct work of;

		open_work(&of, curve);
		for (size_t i = 0; i < SPECIAL * SPECIAL;
		     i += curves[curve].step) {
			bool good;

			special(&of, i % 7 + SMALL * (i % 2), of.d);
			set_key(&of);
			if (!set_factors(&of, i / SPECIAL, i % SPECIAL, &good))
				continue;
			assert_both(&of, good, "special factors");
			checked++;
		}
		assert_true(checked > SPECIAL || curve == 2);
		close_work(&of);
	}
}

/* A key for which (r, s) gives this point, whose k nobody knows: Q = (sR -
 * eG)/r.
 */
static void set_key_for_point(struct work *of)
{
	random_hash(of);
	random_below(of->s, of->order);
	BN_mod_inverse(of->t, of->r, of->order, of->ctx);
	BN_mod_mul(of->k, of->s, of->t, of->order, of->ctx);
	BN_nnmod(of->d, of->e, of->order, of->ctx);
	BN_mod_mul(of->d, of->d, of->t, of->order, of->ctx);
	BN_sub(of->d, of->order, of->d);
	EC_POINT_mul(of->group, of->q, of->d, of->point, of->k, of->ctx);
}

/* x of the point is not below the order: r is x less the order. And the other
 * way round: r plus the order is x only modulo p. */
static void test_x_and_the_order(void **state)
{
	(void)state;
	for (size_t curve = 0; curve < GARITA_COUNT(curves); curve++) {
		size_t found = 0;
		struct work of;

		open_work(&of, curve);
		for (BN_ULONG i = 1; i < 60; i++) {
			bool good = i % 2 == 0;

			BN_set_word(of.r, i);
			BN_copy(of.t, of.r);
			if (good) {
				BN_add(of.t, of.t, of.order);
			} else {
				BN_add(of.r, of.r, of.p);
				BN_sub(of.r, of.r, of.order);
			}
			if (!EC_POINT_set_compressed_coordinates(
				    of.group, of.point, of.t, i % 4 > 1,
				    of.ctx))
				continue;
			set_key_for_point(&of);
			assert_both(&of, good, "x and the order");
			BN_mod_add(of.s, of.s, BN_value_one(), of.order,
				   of.ctx);
			assert_both(&of, false, "x and the order, changed");
			found++;
		}
		assert_true(found > 10);
		close_work(&of);
	}
}

static void test_numbers_out_of_range(void **state)
{
	(void)state;
	for (size_t curve = 0; curve < GARITA_COUNT(curves); curve++) {
		struct work of;

		open_work(&of, curve);
		random_below(of.d, of.order);
		random_below(of.k, of.order);
		random_hash(&of);
		set_key(&of);
		set_r(&of);
		assert_true(set_s(&of));
		assert_both(&of, true, "in range");
		for (int form = 0; form < 6; form++) {
			BIGNUM *changed = form < 3 ? of.r : of.s;

			BN_copy(of.t, changed);
			if (form % 3 == 0)
				BN_zero(changed);
			else if (form % 3 == 1)
				BN_copy(changed, of.order);
			else
				BN_add(changed, changed, of.order);
			if (BN_num_bytes(changed) <= curves[curve].len)
				assert_both(&of, false, "out of range");
			BN_copy(changed, of.t);
		}
		/* The other s of the same equation is a signature, too. */
		BN_sub(of.s, of.order, of.s);
		assert_both(&of, true, "order less s");
		close_work(&of);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_signatures),
		cmocka_unit_test(test_special_keys_and_nonces),
		cmocka_unit_test(test_special_factors),
		cmocka_unit_test(test_x_and_the_order),
		cmocka_unit_test(test_numbers_out_of_range),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
