/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key - public keys as numbers.
 *
 * Each kind of key has one encoding: for curves a fixed head and the point,
 * for RSA two numbers. So a key is read by comparing, and what was read is
 * named by the encoding that we would write ourselves. Two files with the
 * same key have the same words, and a count of signers counts people, not
 * spellings.
 */
#include "garita/key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/image.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "policy/trust/der.h"
#include "policy/trust/key_parts.h"

enum {
	RSA_MIN_BYTES = 2048 / 8,
	SPKI_MAX = GARITA_KEY_RSA_MAX + 64,
};

/* What stands before the point in a SubjectPublicKeyInfo (RFC 5480, 8410). */
struct curve {
	enum garita_key_kind kind;
	size_t point;
	const char *head;
	size_t head_len;
};

#define HEAD(bytes) .head = (bytes), .head_len = sizeof(bytes) - 1

static const struct curve curves[] = {
	{ GARITA_KEY_P256, 65,
	  HEAD("\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08"
	       "\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00") },
	{ GARITA_KEY_P384, 97,
	  HEAD("\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05"
	       "\x2b\x81\x04\x00\x22\x03\x62\x00") },
	{ GARITA_KEY_P521, 133,
	  HEAD("\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06"
	       "\x05\x2b\x81\x04\x00\x23\x03\x81\x86\x00") },
	{ GARITA_KEY_ED25519, 32,
	  HEAD("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00") },
};

/* rsaEncryption with its NULL (RFC 3279). */
static const char rsa_algorithm[] =
	"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";

static const struct curve *curve_of(enum garita_key_kind kind)
{
	for (size_t i = 0; i < GARITA_COUNT(curves); i++)
		if (curves[i].kind == kind)
			return &curves[i];
	return NULL;
}

/* DER is written from its end, because a head says how long the rest is. */
struct writer {
	unsigned char bytes[SPKI_MAX];
	size_t at;
};

static void write_bytes(struct writer *to, const void *bytes, size_t len)
{
	to->at -= len;
	memcpy(to->bytes + to->at, bytes, len);
}

static void write_byte(struct writer *to, size_t byte)
{
	to->bytes[--to->at] = (unsigned char)byte;
}

/* The head of what was written since `end`. */
static void write_head(struct writer *to, unsigned char tag, size_t end)
{
	size_t len = end - to->at;

	write_byte(to, len);
	if (len > 0xff)
		write_byte(to, len >> 8);
	if (len > 0xff)
		write_byte(to, 0x82);
	else if (len > 0x7f)
		write_byte(to, 0x81);
	write_byte(to, tag);
}

/* A number that is not zero, without leading zeros. */
static void write_number(struct writer *to, const unsigned char *bytes,
			 size_t len)
{
	size_t end = to->at;

	write_bytes(to, bytes, len);
	if (bytes[0] >= 0x80)
		write_byte(to, 0);
	write_head(to, GARITA_DER_INTEGER, end);
}

static void name_key(struct garita_key *key, const void *spki, size_t len)
{
	char digest[GARITA_DIGEST_SIZE];

	garita_sha256_digest(spki, len, digest);
	snprintf(key->words, sizeof(key->words), "key %s", digest);
}

static void skip_zeros(struct garita_der *number)
{
	while (number->left > 0 && number->at[0] == 0) {
		number->at++;
		number->left--;
	}
}

static int check_rsa(const struct garita_der *modulus,
		     const struct garita_der *exponent,
		     struct garita_error *err)
{
	if (modulus->left < RSA_MIN_BYTES ||
	    (modulus->left == RSA_MIN_BYTES && modulus->at[0] < 0x80))
		return garita_fail(err, EINVAL,
				   "an RSA key of less than 2048 bits");
	if (modulus->left > GARITA_KEY_RSA_MAX)
		return garita_fail(err, EINVAL,
				   "an RSA key of more than 8192 bits");
	if (modulus->at[modulus->left - 1] % 2 == 0)
		return garita_fail(err, EINVAL,
				   "the modulus of the RSA key is even");
	if (exponent->left == 0 ||
	    exponent->left > sizeof(((struct garita_key *)NULL)->exponent) ||
	    exponent->at[exponent->left - 1] % 2 == 0 ||
	    (exponent->left == 1 && exponent->at[0] < 3))
		return garita_fail(err, EINVAL,
				   "the RSA key has no usable exponent");
	return 0;
}

int garita_key_rsa(const unsigned char *modulus, size_t modulus_len,
		   const unsigned char *exponent, size_t exponent_len,
		   struct garita_key *ret, struct garita_error *err)
{
	struct garita_der n = { modulus, modulus_len };
	struct garita_der e = { exponent, exponent_len };
	struct garita_key key = { .kind = GARITA_KEY_RSA };
	struct writer spki = { .at = SPKI_MAX };
	int r;

	skip_zeros(&n);
	skip_zeros(&e);
	r = check_rsa(&n, &e, err);
	if (r < 0)
		return r;
	key.len = n.left;
	memcpy(key.bytes, n.at, n.left);
	for (size_t i = 0; i < e.left; i++)
		key.exponent = key.exponent << 8 | e.at[i];

	write_number(&spki, e.at, e.left);
	write_number(&spki, n.at, n.left);
	write_head(&spki, GARITA_DER_SEQUENCE, SPKI_MAX);
	write_byte(&spki, 0); /* no unused bits */
	write_head(&spki, GARITA_DER_BIT_STRING, SPKI_MAX);
	write_bytes(&spki, rsa_algorithm, sizeof(rsa_algorithm) - 1);
	write_head(&spki, GARITA_DER_SEQUENCE, SPKI_MAX);
	name_key(&key, spki.bytes + spki.at, SPKI_MAX - spki.at);
	*ret = key;
	return 0;
}

int garita_key_point(enum garita_key_kind kind, const unsigned char *point,
		     size_t len, struct garita_key *ret,
		     struct garita_error *err)
{
	struct garita_key key = { .kind = kind };
	const struct curve *curve = curve_of(kind);
	unsigned char spki[SPKI_MAX];

	if (!curve || len != curve->point)
		return garita_fail(err, EINVAL,
				   "a public key of the wrong length");
	if (kind != GARITA_KEY_ED25519 && point[0] != 4)
		return garita_fail(err, EINVAL,
				   "the point of the key is not uncompressed");
	key.len = len;
	memcpy(key.bytes, point, len);
	memcpy(spki, curve->head, curve->head_len);
	memcpy(spki + curve->head_len, point, len);
	name_key(&key, spki, curve->head_len + len);
	*ret = key;
	return 0;
}

/* RSAPublicKey of PKCS#1, and nothing after it. */
static int read_pkcs1(struct garita_der from, struct garita_key *ret,
		      struct garita_error *err)
{
	struct garita_der all, modulus, exponent;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 || !garita_der_take_number(&all, &modulus) ||
	    !garita_der_take_number(&all, &exponent) || all.left > 0)
		return garita_fail(err, EINVAL, "the RSA key is malformed");
	return garita_key_rsa(modulus.at, modulus.left, exponent.at,
			      exponent.left, ret, err);
}

int garita_key_pkcs1(const unsigned char *bytes, size_t len,
		     struct garita_key *ret, struct garita_error *err)
{
	return read_pkcs1((struct garita_der){ bytes, len }, ret, err);
}

static int read_spki(struct garita_der from, struct garita_key *ret,
		     struct garita_error *err)
{
	size_t head = sizeof(rsa_algorithm) - 1;
	struct garita_der all, bits;

	for (size_t i = 0; i < GARITA_COUNT(curves); i++) {
		const struct curve *curve = &curves[i];

		if (from.left == curve->head_len + curve->point &&
		    memcmp(from.at, curve->head, curve->head_len) == 0)
			return garita_key_point(curve->kind,
						from.at + curve->head_len,
						curve->point, ret, err);
	}
	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) || from.left > 0)
		return garita_fail(err, EINVAL, "the key is malformed");
	if (all.left < head || memcmp(all.at, rsa_algorithm, head) != 0)
		return garita_fail(
			err, EINVAL,
			"a key of an unknown kind: RSA, Ed25519 and "
			"uncompressed P-256, P-384 and P-521 will do");
	all.at += head;
	all.left -= head;
	if (!garita_der_take(&all, GARITA_DER_BIT_STRING, &bits) ||
	    all.left > 0 || bits.left < 1 || bits.at[0] != 0)
		return garita_fail(err, EINVAL, "the RSA key is malformed");
	bits.at++;
	bits.left--;
	return read_pkcs1(bits, ret, err);
}

int garita_key_read(const char *bytes, size_t len, struct garita_key *ret,
		    struct garita_error *err)
{
	auto_free unsigned char *der = NULL;
	struct garita_der from = { (const unsigned char *)bytes, len };
	bool pkcs1 = false;

	if (len == 0 || from.at[0] != GARITA_DER_SEQUENCE) {
		int r = garita_key_pem(bytes, len, &der, &from.left, &pkcs1,
				       err);

		if (r < 0)
			return r;
		from.at = der;
	}
	return pkcs1 ? read_pkcs1(from, ret, err) : read_spki(from, ret, err);
}
