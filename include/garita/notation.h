/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation - a trust policy of the Notary Project, as notation(1) reads it:
 * trustpolicy.json and the trust store beside it.
 *
 * A statement of the policy says for some repositories which certificates are
 * believed, by which names, and what is enforced. Plugins are never run and
 * nothing is fetched: revocation is what local lists say (see the checks).
 */
#ifndef GARITA_NOTATION_H
#define GARITA_NOTATION_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/error.h"

struct garita_requirement;

/* What may be enforced or not; integrity always is. */
enum garita_notation_check {
	GARITA_NOTATION_AUTHENTICITY, /* whom the stores and identities trust */
	GARITA_NOTATION_TIMESTAMP,    /* certificates are valid now, or were
				       * when a trusted authority saw them */
	GARITA_NOTATION_EXPIRED,      /* the signature's own expiry */
	/* By a local list of the issuer. A certificate that says where such a
	 * list or a responder is, and of whose issuer no list that holds now
	 * is here, fails; one that says nothing cannot be revoked. */
	GARITA_NOTATION_REVOCATION,
	GARITA_NOTATION_CHECKS,
};

enum garita_notation_action {
	GARITA_NOTATION_ENFORCE,
	GARITA_NOTATION_LOG,
	GARITA_NOTATION_SKIP, /* of revocation only */
};

/* A statement. The files of its stores are the requirement's keys, each with
 * the path "ca:name/file.pem"; lists of revoked certificates "crl:file". */
struct garita_notation {
	char *name;
	enum garita_notation_action actions[GARITA_NOTATION_CHECKS];
	bool after_expiry; /* a timestamp is looked at only then */
	char **stores;     /* "ca:name", "signingAuthority:name", "tsa:name" */
	size_t store_count;
	char **identities; /* "*", or "x509.subject: C=..." and others */
	size_t identity_count;
};
void garita_notation_free(struct garita_notation *notation);

/* Fills an empty requirement for an image by this name, NULL for one without:
 * the statement that names its repository, else the one for "*", else a
 * requirement that is never met. The level "skip" accepts everything. The
 * whole file is read strictly: -EINVAL with the place. */
int garita_notation_policy(const char *text, size_t len, const char *reference,
			   struct garita_requirement *ret,
			   struct garita_error *err);

/* A name that each statement is about, in their order, NULL for "*": what to
 * ask for to see them all. The caller frees the list and what is in it. Same
 * failures. */
int garita_notation_scopes(const char *text, size_t len, char ***ret,
			   size_t *ret_count, struct garita_error *err);

/* Is this the name of a file that a store takes: does it end in .pem, .crt or
 * .cer; and of a list of revoked certificates: .crl or .pem? */
bool garita_notation_is_certificate(const char *name);
bool garita_notation_is_list(const char *name);

#endif
