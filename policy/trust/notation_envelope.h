/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_envelope - what the two envelopes of the Notary Project, JWS and
 * COSE, have in common: a payload, who signed it and how, and headers of which
 * the signed ones say when and for how long.
 *
 * Reading proves nothing. notation.c verifies.
 */
#ifndef GARITA_POLICY_TRUST_NOTATION_ENVELOPE_H
#define GARITA_POLICY_TRUST_NOTATION_ENVELOPE_H

#include "garita/error.h"
#include "garita/text.h"
#include "policy/trust/x509.h"

enum {
	/* Bytes of an envelope; a payload with its headers is far smaller. */
	GARITA_NOTATION_ENVELOPE_MAX = 1024 * 1024,
	GARITA_NOTATION_CHAIN_MAX = GARITA_X509_CHAIN_MAX,
	GARITA_NOTATION_TOKEN_MAX = 64 * 1024, /* of a timestamp */
	GARITA_NOTATION_CRITICAL_MAX = 16,
};

#define GARITA_NOTATION_CONTENT "application/vnd.cncf.notary.payload.v1+json"
#define GARITA_NOTATION_TOKEN   "io.cncf.notary.timestampSignature"

/* The key alone says which algorithm signs (RSA by its length). */
struct garita_notation_algorithm {
	const char *jws;
	int cose;
	enum garita_key_kind kind;
	size_t rsa_bytes; /* of the modulus; 0: no RSA */
	enum garita_scheme scheme;
	enum garita_hash hash;
};
/* By either name; the other is NULL or 0. NULL: none that is allowed. */
const struct garita_notation_algorithm *garita_notation_algorithm(
	const char *jws, int cose);

/* Headers that are signed. */
enum garita_notation_header {
	GARITA_NOTATION_SCHEME,
	GARITA_NOTATION_SIGNED,    /* signingTime: the signer's own clock */
	GARITA_NOTATION_AUTHENTIC, /* authenticSigningTime: an authority's */
	GARITA_NOTATION_EXPIRY,
	GARITA_NOTATION_HEADERS,
};

struct garita_notation_envelope {
	const struct garita_notation_algorithm *algorithm;
	bool authority; /* of the scheme notary.x509.signingAuthority */
	bool has[GARITA_NOTATION_HEADERS], critical[GARITA_NOTATION_HEADERS];
	time_t times[GARITA_NOTATION_HEADERS]; /* of all but the scheme */
	struct garita_x509_list chain;         /* leaf first */
	unsigned char *token;                  /* RFC 3161; or NULL */
	size_t token_len;
	char *payload;
	size_t payload_len;
	unsigned char *sig;
	size_t sig_len;
	struct garita_text message; /* the bytes that are signed */
};
void garita_notation_envelope_free(struct garita_notation_envelope *envelope);
#define auto_notation_envelope                                                 \
	__attribute__((cleanup(garita_notation_envelope_free))) struct         \
		garita_notation_envelope

/* For the two readers: the header of this name, or GARITA_NOTATION_HEADERS. */
enum garita_notation_header garita_notation_header(const char *name,
						   size_t len);
/* A signed header of another name: -EINVAL for one that asks for a plugin,
 * which is never run; what others mean is none of our business. */
int garita_notation_other_header(const char *name, size_t len,
				 struct garita_error *err);
int garita_notation_set_scheme(struct garita_notation_envelope *envelope,
			       const char *name, size_t len,
			       struct garita_error *err);
/* An entry of `crit`: -EINVAL for one that we do not know, or twice. */
int garita_notation_critical(struct garita_notation_envelope *envelope,
			     const char *name, size_t len,
			     struct garita_error *err);
int garita_notation_add_certificate(struct garita_notation_envelope *envelope,
				    const void *bytes, size_t len,
				    struct garita_error *err);
/* After all was read: is what has to be there there, and marked critical what
 * has to be? */
int garita_notation_headers_check(
	const struct garita_notation_envelope *envelope,
	struct garita_error *err);

/* A flattened JWS (RFC 7515) and a tagged COSE_Sign1 (RFC 9052). */
bool garita_jws_is(const char *bytes, size_t len);
int garita_jws_read(const char *bytes, size_t len,
		    struct garita_notation_envelope *ret,
		    struct garita_error *err);
bool garita_cose_is(const char *bytes, size_t len);
int garita_cose_read(const char *bytes, size_t len,
		     struct garita_notation_envelope *ret,
		     struct garita_error *err);

#endif
