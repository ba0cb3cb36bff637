/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_modular - arithmetic modulo odd numbers of every length that a key may
 * have, against libcrypto's: random numbers, and those at either end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bn.h>

#include "garita/memory.h"
#include "policy/trust/modular.h"

enum { EDGES = 6 };

struct numbers {
	struct garita_modulus of;
	BN_CTX *ctx;
	BIGNUM *m, *a, *b, *found, *wanted;
};

static void set_up(struct numbers *n)
{
	n->ctx = BN_CTX_new();
	n->m = BN_new();
	n->a = BN_new();
	n->b = BN_new();
	n->found = BN_new();
	n->wanted = BN_new();
	assert_non_null(n->wanted);
}

static void tear_down(struct numbers *n)
{
	BN_free(n->m);
	BN_free(n->a);
	BN_free(n->b);
	BN_free(n->found);
	BN_free(n->wanted);
	BN_CTX_free(n->ctx);
}

static void take_modulus(struct numbers *n)
{
	unsigned char bytes[GARITA_MODULUS_BYTES];
	int len = BN_bn2bin(n->m, bytes);

	assert_true(garita_modulus_set(&n->of, bytes, (size_t)len));
	assert_int_equal(n->of.bits, BN_num_bits(n->m));
}

static void to_limbs(const struct numbers *n, const BIGNUM *from,
		     garita_limb *ret)
{
	unsigned char bytes[GARITA_MODULUS_BYTES];
	int len = BN_bn2bin(from, bytes);

	assert_true(garita_limbs_read(ret, n->of.count, bytes, (size_t)len));
}

static void assert_same(const struct numbers *n, const garita_limb *ours,
			const char *what)
{
	unsigned char bytes[GARITA_MODULUS_BYTES];

	garita_limbs_write(ours, n->of.count, bytes, sizeof(bytes));
	BN_bin2bn(bytes, sizeof(bytes), n->found);
	if (BN_cmp(n->found, n->wanted) != 0)
		fail_msg("%s modulo %s: %s, not %s", what, BN_bn2hex(n->m),
			 BN_bn2hex(n->found), BN_bn2hex(n->wanted));
}

/* a and b are set. */
static void check_pair(const struct numbers *n)
{
	garita_limb a[GARITA_LIMBS_MAX], b[GARITA_LIMBS_MAX];
	garita_limb r[GARITA_LIMBS_MAX];

	to_limbs(n, n->a, a);
	to_limbs(n, n->b, b);
	BN_mod_add(n->wanted, n->a, n->b, n->m, n->ctx);
	garita_mod_add(&n->of, r, a, b);
	assert_same(n, r, "a + b");
	BN_mod_sub(n->wanted, n->a, n->b, n->m, n->ctx);
	garita_mod_sub(&n->of, r, a, b);
	assert_same(n, r, "a - b");
	BN_mod_mul(n->wanted, n->a, n->b, n->m, n->ctx);
	garita_mod_enter(&n->of, r, b);
	garita_mod_mul(&n->of, r, a, r);
	assert_same(n, r, "a * b");
	/* Where the result is one of the arguments, and both. */
	garita_mod_enter(&n->of, a, a);
	garita_mod_mul(&n->of, a, a, b);
	assert_same(n, a, "a * b in a's place");
	BN_mod_sqr(n->wanted, n->b, n->m, n->ctx);
	garita_mod_enter(&n->of, b, b);
	garita_mod_mul(&n->of, b, b, b);
	garita_mod_leave(&n->of, b, b);
	assert_same(n, b, "b * b");
	BN_mod_lshift1(n->wanted, n->wanted, n->m, n->ctx);
	garita_mod_add(&n->of, b, b, b);
	assert_same(n, b, "2 * b * b");
}

/* The i-th number near an end, or a random one. */
static void choose(const struct numbers *n, int i, BIGNUM *ret)
{
	assert_true(BN_rand_range(ret, n->m));
	if (i < 3)
		BN_set_word(ret, (BN_ULONG)i);
	else if (i < EDGES)
		BN_sub(ret, n->m, BN_value_one());
	if (i == 4)
		BN_rshift1(ret, ret);
	if (BN_cmp(ret, n->m) >= 0)
		BN_zero(ret);
}

static void check_modulus(struct numbers *n)
{
	take_modulus(n);
	for (int i = 0; i < EDGES + 2; i++) {
		for (int k = 0; k < EDGES + 2; k++) {
			choose(n, i, n->a);
			choose(n, k, n->b);
			check_pair(n);
		}
	}
}

static void test_random_moduli(void **state)
{
	static const int bits[] = { 2,   3,   8,   63,   64,   65,  127,
				    128, 190, 255, 256,  257,  320, 383,
				    384, 448, 512, 520,  521,  522, 576,
				    577, 640, 704, 2048, 4095, 8192 };
	struct numbers n = { 0 };

	(void)state;
	set_up(&n);
	for (size_t i = 0; i < GARITA_COUNT(bits); i++) {
		for (int again = 0; again < 3; again++) {
			BN_rand(n.m, bits[i], BN_RAND_TOP_ONE,
				BN_RAND_BOTTOM_ODD);
			check_modulus(&n);
		}
		/* All ones, and one above a power of two. */
		BN_set_bit(n.m, bits[i]);
		BN_zero(n.m);
		BN_set_bit(n.m, bits[i]);
		BN_sub_word(n.m, 1);
		check_modulus(&n);
		BN_zero(n.m);
		BN_set_bit(n.m, bits[i] - 1);
		BN_set_bit(n.m, 0);
		check_modulus(&n);
	}
	tear_down(&n);
}

static void test_powers_and_inverses(void **state)
{
	struct numbers n = { 0 };

	(void)state;
	set_up(&n);
	for (int bits = 3; bits < 600; bits += 17) {
		garita_limb a[GARITA_LIMBS_MAX], power[GARITA_LIMBS_MAX];

		assert_true(
			BN_generate_prime_ex(n.m, bits, 0, NULL, NULL, NULL));
		take_modulus(&n);
		for (int i = 0; i < EDGES + 4; i++) {
			choose(&n, i, n.a);
			do
				BN_rand_range(n.b, n.m);
			while (BN_is_zero(n.b));
			to_limbs(&n, n.a, a);
			to_limbs(&n, n.b, power);
			garita_mod_enter(&n.of, a, a);
			garita_mod_power(&n.of, power, a, power, n.of.count);
			garita_mod_leave(&n.of, power, power);
			BN_mod_exp(n.wanted, n.a, n.b, n.m, n.ctx);
			assert_same(&n, power, "a to b");
			garita_mod_invert(&n.of, a, a);
			garita_mod_leave(&n.of, a, a);
			if (BN_is_zero(n.a))
				BN_zero(n.wanted);
			else
				BN_mod_inverse(n.wanted, n.a, n.m, n.ctx);
			assert_same(&n, a, "1 / a");
		}
	}
	tear_down(&n);
}

/* More than the modulus, as a hash may be, is reduced on its way in. */
static void test_any_number_goes_in(void **state)
{
	struct numbers n = { 0 };

	(void)state;
	set_up(&n);
	for (int bits = 2; bits < 1100; bits += 31) {
		garita_limb a[GARITA_LIMBS_MAX];

		BN_rand(n.m, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD);
		take_modulus(&n);
		for (int i = 0; i < 3; i++) {
			int room = (int)n.of.count * GARITA_LIMB_BITS;

			BN_rand(n.a, room, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY);
			if (i == 0) {
				BN_zero(n.a);
				BN_set_bit(n.a, room);
				BN_sub_word(n.a, 1);
			}
			to_limbs(&n, n.a, a);
			garita_mod_enter(&n.of, a, a);
			garita_mod_leave(&n.of, a, a);
			BN_mod(n.wanted, n.a, n.m, n.ctx);
			assert_same(&n, a, "a");
		}
	}
	tear_down(&n);
}

static void test_what_is_no_modulus(void **state)
{
	static const unsigned char zeros[40] = { 0 }, one[] = { 0, 1 };
	static const unsigned char even[] = { 0x80, 0, 2 };
	unsigned char long_one[GARITA_MODULUS_BYTES + 1];
	struct garita_modulus of;

	(void)state;
	memset(long_one, 0xff, sizeof(long_one));
	assert_false(garita_modulus_set(&of, zeros, 0));
	assert_false(garita_modulus_set(&of, zeros, sizeof(zeros)));
	assert_false(garita_modulus_set(&of, one, sizeof(one)));
	assert_false(garita_modulus_set(&of, even, sizeof(even)));
	assert_false(garita_modulus_set(&of, long_one, sizeof(long_one)));
	assert_true(garita_modulus_set(&of, long_one, sizeof(long_one) - 1));
}

static void test_bytes_and_bits(void **state)
{
	static const unsigned char bytes[] = { 0,    0,    1,    0x23, 0x45,
					       0x67, 0x89, 0xab, 0xcd, 0xef };
	garita_limb a[GARITA_LIMBS_MAX], b[GARITA_LIMBS_MAX];
	unsigned char again[sizeof(bytes)];
	size_t count = 8 / GARITA_LIMB_BYTES;

	(void)state;
	assert_true(garita_limbs_read(a, count, bytes, sizeof(bytes)));
	garita_limbs_write(a, count, again, sizeof(again));
	assert_memory_equal(bytes, again, sizeof(again));
	garita_limbs_read_hex(b, count, "123456789abcdef");
	assert_int_equal(garita_limbs_compare(a, b, count), 0);
	assert_int_equal(garita_limbs_bits(a, count, 0, 5), 0xf);
	assert_int_equal(garita_limbs_bits(a, count, 30, 5), 0x1e);
	assert_int_equal(garita_limbs_bits(a, count, 56, 1), 1);
	assert_int_equal(garita_limbs_bits(a, count, 62, 5), 0);
	assert_int_equal(garita_limbs_bits(a, count, 64, 5), 0);
	/* One byte more than there is room for. */
	memset(again, 1, sizeof(again));
	assert_false(garita_limbs_read(a, count, again, 9));
	garita_limbs_read_hex(a, count, "0");
	assert_true(garita_limbs_are_zero(a, count));
	assert_int_equal(garita_limbs_compare(a, b, count), -1);
	assert_int_equal(garita_limbs_compare(b, a, count), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_moduli),
		cmocka_unit_test(test_powers_and_inverses),
		cmocka_unit_test(test_any_number_goes_in),
		cmocka_unit_test(test_what_is_no_modulus),
		cmocka_unit_test(test_bytes_and_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
