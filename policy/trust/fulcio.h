/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fulcio - whom a certificate names, and what else sigstore's authority wrote
 * into it.
 */
#ifndef GARITA_POLICY_TRUST_FULCIO_H
#define GARITA_POLICY_TRUST_FULCIO_H

#include "garita/keyless.h"
#include "garita/regexp.h"
#include "policy/trust/x509.h"

/* Does the certificate name this one? `pattern` is the identity's, read, or
 * NULL. "name of issuer" in *ret_words, which the caller frees. -EBADMSG with
 * the reason. Says nothing about who wrote the certificate. */
int garita_fulcio_is(const struct garita_x509 *cert,
		     const struct garita_keyless_identity *wanted,
		     const struct garita_regexp *pattern, char **ret_words,
		     struct garita_error *err);

/* The OIDC issuer, which stands in one or two extensions that have to agree. */
int garita_fulcio_issuer(const struct garita_x509 *cert, struct garita_der *ret,
			 struct garita_error *err);

#endif
