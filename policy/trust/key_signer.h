/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_signer - which of a requirement's keys made a signature of sigstore's,
 * and the claim that begins with it.
 */
#ifndef GARITA_POLICY_TRUST_KEY_SIGNER_H
#define GARITA_POLICY_TRUST_KEY_SIGNER_H

#include "policy/trust/format.h"

/* What was signed: a message, or when `message` is NULL only its hash. All
 * borrowed. */
struct garita_signed {
	const void *message;
	size_t len;
	const unsigned char *hashed;
	enum garita_hash hash; /* of `hashed` */
	const unsigned char *sig;
	size_t sig_len;
	bool may_be_prehashed; /* Ed25519ph, as cosign 3 makes it */
};

/* The first of the keys that made it. -EBADMSG when none did. */
int garita_signer(const struct garita_format_case *of,
		  const struct garita_signed *what,
		  const struct garita_key **ret, struct garita_error *err);

/* What the signer is called. */
const char *garita_signer_words(const struct garita_format_case *of,
				const struct garita_key *signer);
/* A claim that says nothing yet. The caller frees or adds it. */
struct garita_claim garita_claim_begin(const struct garita_format_case *of,
				       const char *format,
				       const struct garita_blob *blob,
				       const struct garita_key *signer);
/* One more digest; false when there are too many. */
bool garita_claim_digest(struct garita_claim *claim, const char *digest);
/* One more signed string. */
void garita_claim_said(struct garita_claim *claim, const char *key,
		       const char *value);

#endif
