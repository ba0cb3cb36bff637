/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509_make - certificates and timestamps, made by libcrypto for one test, each
 * wrong in at most one way.
 */
#ifndef GARITA_TESTS_UNIT_X509_MAKE_H
#define GARITA_TESTS_UNIT_X509_MAKE_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "policy/trust/timestamp.h"

/* 2030-01-01T00:00:00Z: when plans without times are valid. */
#define MADE_AT ((time_t)1893456000)

struct cert_plan {
	const char *name;   /* CN of the subject; NULL: an empty subject */
	const char *issuer; /* NULL: the issuer's own subject */
	time_t from, to;    /* 0: a year around MADE_AT */
	const char *basic;  /* as openssl.cnf has them; NULL: none */
	const char *usage, *eku, *san, *policy, *restricted;
	const char *md; /* NULL: SHA256 */
	bool pss;
	int version; /* 0: the usual 2 */
};

/* A key: "P-256", "P-384", "P-521", "RSA" or "ED25519". */
EVP_PKEY *make_key(const char *kind);
/* Signed by `by`, whose certificate is `above`; NULL: by itself. */
X509 *make_cert(const struct cert_plan *plan, EVP_PKEY *key, X509 *above,
		EVP_PKEY *by);
/* Adds it to a list; it has to be readable. */
void add_cert(struct garita_x509_list *list, X509 *cert);
/* An answer (TimeStampResp) of this authority for the message, and the token
 * in it. The caller frees with OPENSSL_free(). */
int make_stamp(X509 *cert, EVP_PKEY *key, const void *message, size_t len,
	       bool with_cert, unsigned char **ret, unsigned char **ret_token,
	       int *ret_len);

#endif
