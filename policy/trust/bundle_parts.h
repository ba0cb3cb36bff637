/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle_parts - what stands in a sigstore bundle, read and not yet believed:
 * who signed, what proves when, and a signature that is over a message.
 */
#ifndef GARITA_POLICY_TRUST_BUNDLE_PARTS_H
#define GARITA_POLICY_TRUST_BUNDLE_PARTS_H

#include "policy/trust/fields.h"
#include "policy/trust/key_parts.h"
#include "policy/trust/keyless.h"

/* Borrowed of the JSON but for what it says. */
struct garita_bundle {
	unsigned minor; /* of version 0.<minor> */
	const struct garita_json *material;
	const struct garita_json *message, *envelope; /* one of them */
	bool has_key;                                 /* else a certificate */
	unsigned char *cert;                          /* owned; DER */
	size_t cert_len;
};

/* The outer form: type, members, one way to say who and one what. */
int garita_bundle_read(const struct garita_json *root,
		       struct garita_bundle *ret, struct garita_error *err);
void garita_bundle_free(struct garita_bundle *bundle);
#define auto_bundle                                                            \
	__attribute__((cleanup(garita_bundle_free))) struct garita_bundle

/* Is there more in it than a key needs? */
bool garita_bundle_has_proofs(const struct garita_bundle *bundle);
int garita_bundle_entries(const struct garita_bundle *bundle,
			  struct garita_log_entries *ret,
			  struct garita_error *err);
int garita_bundle_stamps(const struct garita_bundle *bundle,
			 struct garita_stamps *ret, struct garita_error *err);

/* messageSignature, decoded. */
struct garita_message {
	const char *algorithm; /* its name there */
	enum garita_hash hash;
	unsigned char digest[GARITA_HASH_MAX];
	size_t digest_len;
	unsigned char *sig; /* owned */
	size_t sig_len;
};
int garita_message_read(const struct garita_json *object,
			struct garita_message *ret, struct garita_error *err);
void garita_message_free(struct garita_message *message);
#define auto_message                                                           \
	__attribute__((cleanup(garita_message_free))) struct garita_message

#endif
