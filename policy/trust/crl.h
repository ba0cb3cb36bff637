/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * crl - lists of revoked certificates (RFC 5280, 5), from local files.
 *
 * Complete lists of one issuer, signed by it: no deltas and no indirect lists.
 * A list that is for some kinds of certificates only, or has a critical
 * extension that we do not know, is refused: what it does not list might be in
 * another. What is read points into the bytes that were given.
 */
#ifndef GARITA_POLICY_TRUST_CRL_H
#define GARITA_POLICY_TRUST_CRL_H

#include "policy/trust/x509.h"

struct garita_crl {
	unsigned char *bytes;     /* owned */
	struct garita_der tbs;    /* what is signed, with its head */
	struct garita_der issuer; /* the Name with its head */
	time_t this_update, next_update;
	struct garita_der revoked; /* in the SEQUENCE of entries */
	struct garita_der point;   /* names of the distribution point that it
				    * is for; empty: any */
	struct garita_x509_algorithm algorithm;
	struct garita_der signature;
};

/* DER, or PEM with one X509 CRL block. -EINVAL with the reason. */
int garita_crl_read(const char *bytes, size_t len, struct garita_crl *ret,
		    struct garita_error *err);
void garita_crl_free(struct garita_crl *list);

/* Is it by this issuer and does it hold at that time? -EBADMSG with the
 * reason. */
int garita_crl_check(const struct garita_crl *list,
		     const struct garita_x509 *issuer, time_t now,
		     struct garita_error *err);
/* Is it about certificates like this one: of its issuer and its distribution
 * point? */
bool garita_crl_covers(const struct garita_crl *list,
		       const struct garita_x509 *cert);
bool garita_crl_has(const struct garita_crl *list,
		    const struct garita_x509 *cert);

/* Does the certificate say where its issuer tells what was revoked? */
bool garita_crl_is_wanted(const struct garita_x509 *cert);

#endif
