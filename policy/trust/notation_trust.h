/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_trust - whom a statement of a trust policy trusts, with everything
 * read that its requirement brought: certificates, lists of revoked ones,
 * names. And the questions about a chain of certificates.
 */
#ifndef GARITA_POLICY_TRUST_NOTATION_TRUST_H
#define GARITA_POLICY_TRUST_NOTATION_TRUST_H

#include "garita/notation.h"
#include "garita/trust.h"
#include "policy/trust/crl.h"
#include "policy/trust/dn.h"
#include "policy/trust/notation_envelope.h"

enum garita_notation_store {
	GARITA_NOTATION_CA,
	GARITA_NOTATION_AUTHORITY,
	GARITA_NOTATION_TSA,
	GARITA_NOTATION_STORES,
};

struct garita_notation_trust {
	const struct garita_notation *statement; /* borrowed */
	struct garita_x509_list stores[GARITA_NOTATION_STORES];
	bool named[GARITA_NOTATION_STORES]; /* by the statement */
	struct garita_crl *lists;
	size_t list_count;
	struct garita_dn *identities; /* of certificates */
	size_t identity_count;
	bool anybody; /* "*" */
};

/* -EINVAL with the file that cannot be read: then nothing is trusted. */
int garita_notation_trust_read(const struct garita_requirement *wanted,
			       struct garita_notation_trust *ret,
			       struct garita_error *err);
void garita_notation_trust_free(struct garita_notation_trust *trust);

/* Is it, byte for byte, in one of the stores? */
bool garita_notation_holds(const struct garita_notation_trust *trust,
			   const struct garita_x509 *cert);
/* Is it a whole chain from a signer of code to a root, in order, by the rules
 * of the Notary Project? Whether anybody trusts it, and its time, is not
 * asked; but of a root that a store holds the signature is not computed. */
int garita_notation_chain(const struct garita_notation_trust *trust,
			  const struct garita_x509_list *chain,
			  struct garita_error *err);
/* Is one of the chain in a store of this kind, and is the leaf somebody whom
 * the statement names? */
int garita_notation_authentic(const struct garita_notation_trust *trust,
			      enum garita_notation_store store,
			      const struct garita_x509_list *chain,
			      struct garita_error *err);
/* Was one of them, but for the last, revoked, or is it not known? *ret_until is
 * moved to where a list that was looked at ends. */
int garita_notation_revocation(const struct garita_notation_trust *trust,
			       const struct garita_x509 *const *chain,
			       size_t count, time_t now, time_t *ret_until,
			       struct garita_error *err);
/* The earlier of two ends, of which 0 is never. */
static inline void garita_notation_ends(time_t *until, time_t end)
{
	if (*until == 0 || end < *until)
		*until = end;
}

#endif
