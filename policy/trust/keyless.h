/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyless - who signed, when the signature brings a certificate: everything
 * but the signature itself, which is then checked with the certificate's key.
 */
#ifndef GARITA_POLICY_TRUST_KEYLESS_H
#define GARITA_POLICY_TRUST_KEYLESS_H

#include "garita/keyless.h"
#include "garita/regexp.h"
#include "garita/trust.h"
#include "policy/trust/format.h"
#include "policy/trust/log_entry.h"
#include "policy/trust/timestamp.h"

enum { GARITA_STAMPS_MAX = 32 }; /* of one bundle */

/* What a requirement trusts, read once. */
struct garita_keyless_trust {
	const struct garita_keyless *rule; /* borrowed of the requirement */
	struct garita_regexp *patterns[GARITA_KEYLESS_IDENTITIES_MAX];
	struct garita_trusted_root root;
	time_t now;
	time_t stale_at; /* its file is too old then; 0: never */
};

/* -EINVAL when something that vouches cannot be read, or is too old and may
 * not be. */
int garita_keyless_trust_read(const struct garita_requirement *wanted,
			      time_t now, struct garita_keyless_trust *ret,
			      struct garita_error *err);
void garita_keyless_trust_free(struct garita_keyless_trust *trust);

/* Timestamps as they came: answers of an authority, in DER. */
struct garita_stamps {
	struct garita_stamp {
		unsigned char *bytes;
		size_t len;
	} * all;
	size_t count;
};
/* Takes the bytes; false when there are too many, or the same twice. */
bool garita_stamps_add(struct garita_stamps *to, unsigned char *bytes,
		       size_t len);
void garita_stamps_free(struct garita_stamps *stamps);
#define auto_stamps                                                            \
	__attribute__((cleanup(garita_stamps_free))) struct garita_stamps

/* What came with a signature. */
struct garita_keyless_material {
	const unsigned char *cert; /* DER */
	size_t cert_len;
	const struct garita_x509_list
		*between; /* or NULL. Only the rules of
			   * containers-policy.json look */
	const struct garita_log_entries *entries;
	const struct garita_stamps *stamps;
	bool needs_promise, needs_proof; /* of every entry */
};

struct garita_keyless_found {
	struct garita_key key; /* of the certificate */
	char *words;           /* "name of issuer"; the caller frees */
	time_t until;          /* the certificate counts until then; 0: ever */
};

/* `what` without `cert`, which is filled in. -EBADMSG, and the reason begins
 * with the step that failed: "identity", "log", "time", "chain", "SCT". */
int garita_keyless_check(const struct garita_keyless_trust *trust,
			 const struct garita_keyless_material *material,
			 const struct garita_logged *what,
			 struct garita_keyless_found *ret,
			 struct garita_error *err);

/* The case as it goes on: the certificate's key is the one that counts. All
 * borrowed. */
void garita_keyless_case(const struct garita_format_case *of,
			 const struct garita_keyless_found *found,
			 struct garita_format_case *ret);

/* For a signature by a key: is it in one of these logs? Of logs that are known
 * by their key alone (containers-policy.json) the promise counts; with a whole
 * trusted root, what the form of the signature has to bring: `needs_proof`. */
int garita_keyless_check_logged(const struct garita_trusted_root *root,
				const struct garita_log_entries *entries,
				bool needs_proof,
				const struct garita_logged *what,
				struct garita_error *err);

#endif
