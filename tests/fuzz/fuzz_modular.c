/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sums, differences, products and small powers modulo an odd number are those
 * of libcrypto. fuzz_ecdsa goes through the same lines some thousands of times
 * in each of its runs, which are few for that; here each run is one product of
 * chosen numbers. The first byte chooses the modulus: one of the six of the
 * curves, or the input's own.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>

#include "garita/memory.h"
#include "policy/trust/curve.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CURVES = 3, OWN = 2 * CURVES, CHOICES = OWN + 2 };

void garita_out_of_memory(void)
{
	abort();
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

static struct garita_curve curves[CURVES];
static BN_CTX *ctx;
static BIGNUM *m, *a, *b, *found, *wanted;

static void set_up(void)
{
	static const enum garita_key_kind kinds[CURVES] = { GARITA_KEY_P256,
							    GARITA_KEY_P384,
							    GARITA_KEY_P521 };

	for (size_t i = 0; i < CURVES; i++)
		must(garita_curve_set(&curves[i], kinds[i]));
	ctx = BN_CTX_new();
	m = BN_new();
	a = BN_new();
	b = BN_new();
	found = BN_new();
	wanted = BN_new();
	must(wanted != NULL);
}

static const BIGNUM *number_of(const garita_limb *limbs, size_t count)
{
	unsigned char bytes[GARITA_MODULUS_BYTES];

	garita_limbs_write(limbs, count, bytes, sizeof(bytes));
	must(BN_bin2bn(bytes, sizeof(bytes), found) != NULL);
	return found;
}

static void same(const struct garita_modulus *of, const garita_limb *ours)
{
	must(garita_limbs_compare(ours, of->m, of->count) < 0);
	must(BN_cmp(number_of(ours, of->count), wanted) == 0);
}

/* The modulus of the choice; false: the input has none. */
static bool choose(uint8_t choice, const uint8_t *data, size_t size,
		   struct garita_modulus *ret)
{
	bool fits;

	if (choice < OWN) {
		*ret = choice % 2 == 0 ? curves[choice / 2].p
				       : curves[choice / 2].order;
		must(BN_copy(m, number_of(ret->m, ret->count)) != NULL);
		return true;
	}
	must(BN_bin2bn(data, (int)size, m) != NULL);
	fits = BN_is_odd(m) && !BN_is_one(m) &&
	       BN_num_bytes(m) <= GARITA_MODULUS_BYTES;
	must(garita_modulus_set(ret, data, size) == fits);
	must(!fits || ret->bits == (size_t)BN_num_bits(m));
	return fits;
}

/* Any number of as many limbs as the modulus has, the first bytes left out. */
static void read_number(const struct garita_modulus *of, const uint8_t *data,
			size_t size, garita_limb *ret, BIGNUM *number)
{
	size_t most = of->count * GARITA_LIMB_BYTES;

	if (size > most) {
		data += size - most;
		size = most;
	}
	must(garita_limbs_read(ret, of->count, data, size));
	must(BN_bin2bn(data, (int)size, number) != NULL);
}

static void check_product(const struct garita_modulus *of,
			  const garita_limb *any, const garita_limb *less)
{
	garita_limb r[GARITA_LIMBS_MAX], s[GARITA_LIMBS_MAX];

	must(BN_mod_mul(wanted, a, b, m, ctx));
	garita_mod_enter(of, r, less);
	garita_mod_mul(of, s, any, r);
	same(of, s);
	garita_mod_mul(of, r, any, r); /* in the place of the second */
	same(of, r);
	garita_mod_enter(of, r, any);
	garita_mod_mul(of, r, r, less); /* and of the first */
	same(of, r);
	must(BN_mod_sqr(wanted, a, m, ctx));
	garita_mod_enter(of, r, any);
	garita_mod_mul(of, r, r, r);
	garita_mod_leave(of, r, r);
	same(of, r);
}

static void check_power(const struct garita_modulus *of, const garita_limb *any,
			garita_limb power)
{
	garita_limb r[GARITA_LIMBS_MAX];

	must(BN_set_word(found, power) && BN_mod_exp(wanted, a, found, m, ctx));
	garita_mod_enter(of, r, any);
	garita_mod_power(of, r, r, &power, 1);
	garita_mod_leave(of, r, r);
	same(of, r);
}

/* Both below the modulus. */
static void check_sum(const struct garita_modulus *of, const garita_limb *x,
		      const garita_limb *y)
{
	garita_limb r[GARITA_LIMBS_MAX];
	int order = garita_limbs_compare(x, y, of->count);

	must((order > 0) == (BN_cmp(a, b) > 0) &&
	     (order < 0) == (BN_cmp(a, b) < 0));
	must(BN_mod_add(wanted, a, b, m, ctx));
	garita_mod_add(of, r, x, y);
	same(of, r);
	must(BN_mod_sub(wanted, a, b, m, ctx));
	garita_mod_sub(of, r, x, y);
	same(of, r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	garita_limb x[GARITA_LIMBS_MAX], y[GARITA_LIMBS_MAX];
	struct garita_modulus of;
	uint8_t choice;
	size_t part;

	if (ctx == NULL)
		set_up();
	if (size < 2)
		return 0;
	choice = data[0] % CHOICES;
	part = choice < OWN ? 0 : (size - 2) / 3;
	if (!choose(choice, data + 2, part, &of))
		return 0;
	read_number(&of, data + 2 + part, (size - 2 - part) / 2, x, a);
	part += (size - 2 - part) / 2;
	read_number(&of, data + 2 + part, size - 2 - part, y, b);
	garita_mod_enter(&of, y, y);
	garita_mod_leave(&of, y, y);
	must(BN_nnmod(wanted, b, m, ctx) && BN_copy(b, wanted) != NULL);
	same(&of, y);
	check_product(&of, x, y);
	check_power(&of, x, (garita_limb)data[1] + 1);
	garita_mod_enter(&of, x, x);
	garita_mod_leave(&of, x, x);
	must(BN_nnmod(wanted, a, m, ctx) && BN_copy(a, wanted) != NULL);
	same(&of, x);
	check_sum(&of, x, y);
	return 0;
}
