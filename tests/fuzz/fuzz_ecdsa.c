/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Numbers for a key, a nonce, a hash and an s: what we say of the signature,
 * libcrypto says, too. The first byte chooses the curve and whether s is the
 * one that makes the signature good. A run is mostly our arithmetic, slow for
 * being watched: libcrypto's part is a tenth. fuzz_modular has many more of
 * the products.
 */
#include <errno.h>
#include <string.h>

/* Deprecated since 3.0, but what replaces it takes no numbers. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/obj_mac.h>

#include "garita/memory.h"
#include "policy/trust/key_parts.h"
#include "tests/fuzz/sigstore.h"

static const struct {
	int nid;
	enum garita_key_kind kind;
	enum garita_hash hash;
	size_t hash_len, len;
} curves[] = {
	{ NID_X9_62_prime256v1, GARITA_KEY_P256, GARITA_SHA256, 32, 32 },
	{ NID_secp384r1, GARITA_KEY_P384, GARITA_SHA384, 48, 48 },
	{ NID_secp521r1, GARITA_KEY_P521, GARITA_SHA512, 64, 66 },
};

enum { D, K, E, S, R, T, NUMBERS };

/* As many bytes as there are of the next number, the first ones missing. */
static void take(const uint8_t **data, size_t *size, size_t len, BIGNUM *ret)
{
	if (len > *size)
		len = *size;
	must(BN_bin2bn(*data, (int)len, ret) != NULL);
	*data += len;
	*size -= len;
}

static bool is_number(const BIGNUM *number, const BIGNUM *order)
{
	return !BN_is_zero(number) && BN_cmp(number, order) < 0;
}

/* r of kG, and s of all when it is to be good. */
static void sign(const EC_GROUP *group, BIGNUM *n[NUMBERS], bool good,
		 BN_CTX *ctx)
{
	const BIGNUM *order = EC_GROUP_get0_order(group);
	EC_POINT *point = EC_POINT_new(group);

	must(EC_POINT_mul(group, point, n[K], NULL, NULL, ctx) &&
	     EC_POINT_get_affine_coordinates(group, point, n[R], NULL, ctx) &&
	     BN_nnmod(n[R], n[R], order, ctx));
	if (good)
		must(BN_mod_mul(n[S], n[R], n[D], order, ctx) &&
		     BN_mod_add(n[S], n[S], n[E], order, ctx) &&
		     BN_mod_inverse(n[T], n[K], order, ctx) != NULL &&
		     BN_mod_mul(n[S], n[S], n[T], order, ctx));
	EC_POINT_free(point);
}

static bool theirs(const EC_GROUP *group, const EC_POINT *q,
		   BIGNUM *const n[NUMBERS], const unsigned char *hashed,
		   size_t hash_len)
{
	EC_KEY *key = EC_KEY_new();
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int said;

	must(EC_KEY_set_group(key, group) && EC_KEY_set_public_key(key, q) &&
	     ECDSA_SIG_set0(sig, BN_dup(n[R]), BN_dup(n[S])));
	said = ECDSA_do_verify(hashed, (int)hash_len, sig, key);
	ECDSA_SIG_free(sig);
	EC_KEY_free(key);
	return said == 1;
}

static void compare(size_t curve, const EC_GROUP *group, BIGNUM *n[NUMBERS],
		    bool good, BN_CTX *ctx)
{
	unsigned char point[GARITA_KEY_POINT_MAX], hashed[64], raw[132];
	size_t len = curves[curve].len, hash_len = curves[curve].hash_len;
	EC_POINT *q = EC_POINT_new(group);
	struct garita_key key;
	int ours;

	sign(group, n, good, ctx);
	must(EC_POINT_mul(group, q, n[D], NULL, NULL, ctx));
	must(EC_POINT_point2oct(group, q, POINT_CONVERSION_UNCOMPRESSED, point,
				sizeof(point), ctx) == 1 + 2 * len);
	must(BN_bn2binpad(n[E], hashed, (int)hash_len) > 0 &&
	     BN_bn2binpad(n[R], raw, (int)len) > 0 &&
	     BN_bn2binpad(n[S], raw + len, (int)len) > 0);
	must(garita_key_point(curves[curve].kind, point, 1 + 2 * len, &key,
			      NULL) == 0);
	ours = garita_key_verify_hashed(&key, GARITA_SCHEME_RAW,
					curves[curve].hash, hashed, raw,
					2 * len, NULL);
	must(ours == 0 || ours == -EBADMSG);
	must((ours == 0) == theirs(group, q, n, hashed, hash_len));
	if (good && !BN_is_zero(n[S]) && !BN_is_zero(n[R]))
		must(ours == 0);
	EC_POINT_free(q);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* P-256 is what most keys are of, and seven times as quick as P-521. */
	static const uint8_t choices[] = { 0, 1, 2, 0, 0, 0, 1, 0 };
	BIGNUM *n[NUMBERS];
	EC_GROUP *group;
	size_t curve;
	BN_CTX *ctx;
	bool good;

	if (size < 1)
		return 0;
	curve = choices[data[0] % GARITA_COUNT(choices)];
	good = (data[0] & 0x80) != 0;
	data++;
	size--;
	ctx = BN_CTX_new();
	group = EC_GROUP_new_by_curve_name(curves[curve].nid);
	for (size_t i = 0; i < NUMBERS; i++)
		n[i] = BN_new();
	take(&data, &size, curves[curve].len, n[D]);
	take(&data, &size, curves[curve].len, n[K]);
	take(&data, &size, curves[curve].hash_len, n[E]);
	take(&data, &size, curves[curve].len, n[S]);
	if (is_number(n[D], EC_GROUP_get0_order(group)) &&
	    is_number(n[K], EC_GROUP_get0_order(group)))
		compare(curve, group, n, good, ctx);
	for (size_t i = 0; i < NUMBERS; i++)
		BN_free(n[i]);
	EC_GROUP_free(group);
	BN_CTX_free(ctx);
	return 0;
}
