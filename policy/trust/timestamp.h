/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * timestamp - somebody whom the operator trusts saw these bytes at this time
 * (RFC 3161, RFC 5816).
 *
 * A token is a signed CMS message; sigstore keeps the server's whole answer,
 * notation the token alone. Strict DER. What was read points into the bytes,
 * which have to stay, and says nothing before garita_timestamp_check().
 */
#ifndef GARITA_POLICY_TRUST_TIMESTAMP_H
#define GARITA_POLICY_TRUST_TIMESTAMP_H

#include "policy/trust/x509.h"

enum { GARITA_TIMESTAMP_BYTES_MAX = 64 * 1024 };

enum garita_timestamp_form {
	GARITA_TIMESTAMP_TOKEN,    /* ContentInfo */
	GARITA_TIMESTAMP_RESPONSE, /* TimeStampResp */
};

struct garita_timestamp {
	/* What was stamped. */
	enum garita_hash hash;
	struct garita_der hashed;
	time_t time;
	unsigned long accuracy_s; /* rounded up; 0 when it says none */
	/* Who says to have signed. */
	struct garita_der issuer, serial; /* or: */
	struct garita_der key_id;         /* subject key identifier */
	/* What was signed, and how. */
	struct garita_der content;    /* TSTInfo */
	struct garita_der attributes; /* what is in the SET */
	enum garita_hash digest;
	struct garita_x509_algorithm algorithm;
	struct garita_der signature;
	struct garita_x509_list certificates; /* that came with it; owned.
					       * Hints: nobody signed them */
};

/* -EINVAL with the reason. */
int garita_timestamp_read(enum garita_timestamp_form form, const void *bytes,
			  size_t len, struct garita_timestamp *ret,
			  struct garita_error *err);
void garita_timestamp_free(struct garita_timestamp *stamp);
#define auto_timestamp                                                         \
	__attribute__((cleanup(garita_timestamp_free))) struct garita_timestamp

struct garita_timestamp_case {
	const void *message; /* that has to be what was stamped */
	size_t len;
	const struct garita_x509_list *roots;
	const struct garita_x509_list *between; /* may be NULL */
	/* Authorities' own certificates: one of them signed, and none that
	 * came with the token counts. NULL: those that came count as far as
	 * they lead to a root. */
	const struct garita_x509_list *signers;
};

/* -EBADMSG with the reason. *ret_chain, when not NULL, is borrowed of the case
 * and of the stamp. The chain was valid at stamp->time; whether that time will
 * do is the caller's question. */
int garita_timestamp_check(const struct garita_timestamp *stamp,
			   const struct garita_timestamp_case *of,
			   struct garita_x509_chain *ret_chain,
			   struct garita_error *err);

#endif
