/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key - public keys as numbers, and the one place that says whether a
 * signature is good.
 *
 * PEM and DER are read by us (RFC 7468 strict, RFC 5280 SubjectPublicKeyInfo):
 * that takes microseconds, so there is no "compile the keys first" step that an
 * operator could forget. So is what is computed; docs/linking.md says why, and
 * tests compare it with libcrypto.
 */
#ifndef GARITA_KEY_H
#define GARITA_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/error.h"

enum garita_key_kind {
	GARITA_KEY_RSA, /* 2048 to 8192 bits; smaller is refused */
	GARITA_KEY_P256,
	GARITA_KEY_P384,
	GARITA_KEY_P521,
	GARITA_KEY_ED25519,
};

enum {
	GARITA_KEY_RSA_MAX = 1024,  /* bytes of a modulus */
	GARITA_KEY_POINT_MAX = 133, /* uncompressed P-521 */
	GARITA_KEY_WORDS = sizeof("key sha256:") + 64,
};

struct garita_key {
	enum garita_key_kind kind;
	size_t len; /* bytes of the modulus, point or Ed25519 key */
	unsigned char bytes[GARITA_KEY_RSA_MAX]; /* big endian */
	unsigned long exponent;                  /* of RSA; odd, above 2 */
	/* "key sha256:<hex of the SPKI's DER>": same key, same words. A key
	 * made from numbers has the SPKI that openssl would write for it. */
	char words[GARITA_KEY_WORDS];
};

/* One SubjectPublicKeyInfo: DER, or PEM with exactly one PUBLIC KEY block (and
 * PKCS#1 RSA PUBLIC KEY); only white space may stand around a block. A point
 * that is not on its curve is refused when it is used. */
int garita_key_read(const char *bytes, size_t len, struct garita_key *ret,
		    struct garita_error *err);
/* RSAPublicKey of PKCS#1, in DER. */
int garita_key_pkcs1(const unsigned char *bytes, size_t len,
		     struct garita_key *ret, struct garita_error *err);
/* From numbers, for formats that bring their own (OpenPGP, JWK, COSE). */
int garita_key_rsa(const unsigned char *modulus, size_t modulus_len,
		   const unsigned char *exponent, size_t exponent_len,
		   struct garita_key *ret, struct garita_error *err);
int garita_key_point(enum garita_key_kind kind, const unsigned char *point,
		     size_t len, struct garita_key *ret,
		     struct garita_error *err);

enum garita_hash {
	GARITA_SHA256,
	GARITA_SHA384,
	GARITA_SHA512,
};

/* How a signature is written. */
enum garita_scheme {
	GARITA_SCHEME_DER,   /* ECDSA: DER SEQUENCE of r and s, nothing after */
	GARITA_SCHEME_RAW,   /* ECDSA: r and s, each as long as the order */
	GARITA_SCHEME_PKCS1, /* RSASSA-PKCS1-v1_5 */
	GARITA_SCHEME_PSS,   /* RSASSA-PSS, salt as long as the hash, MGF1 */
	GARITA_SCHEME_ED,    /* Ed25519 (RFC 8032); the hash is not used */
	GARITA_SCHEME_ED_PH, /* Ed25519ph, no context; the hash is SHA-512 */
};

/* 0 when `sig` over `message` is good. -EBADMSG when it is not, -EINVAL when
 * key, scheme and hash do not fit or the point is on no curve. */
int garita_key_verify(const struct garita_key *key, enum garita_scheme scheme,
		      enum garita_hash hash, const void *message,
		      size_t message_len, const unsigned char *sig,
		      size_t sig_len, struct garita_error *err);
/* The same by the message's hash alone, for whoever knows a digest and not the
 * bytes. -EINVAL for GARITA_SCHEME_ED, which signs the bytes themselves. */
int garita_key_verify_hashed(const struct garita_key *key,
			     enum garita_scheme scheme, enum garita_hash hash,
			     const unsigned char *hashed,
			     const unsigned char *sig, size_t sig_len,
			     struct garita_error *err);

#endif
