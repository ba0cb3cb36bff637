/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sigstore_make - signatures and signed things, made by a test with keys of
 * its own, so that each can be wrong in exactly one way.
 */
#ifndef GARITA_TESTS_UNIT_SIGSTORE_MAKE_H
#define GARITA_TESTS_UNIT_SIGSTORE_MAKE_H

#include <openssl/evp.h>

#include "policy/trust/format.h"

/* A pair of keys: "P-256", "P-384" or "ED25519". Ends the test on failure, as
 * everything here does. */
EVP_PKEY *make_pair(const char *kind, struct garita_key *ret);
/* base64 of the bytes; the caller frees. */
char *make_base64(const void *bytes, size_t len);
/* base64 of the signature, with SHA-256 or what `md` names. */
char *make_signature(EVP_PKEY *pair, const char *md, const void *message,
		     size_t len);
/* The same over the PAE of a payload of this type. */
char *make_dsse_signature(EVP_PKEY *pair, const char *type,
			  const char *payload);
/* Reads one blob by its format, or none when it is not known, with one key. */
void read_one(const struct garita_format *format, const struct garita_key *keys,
	      size_t key_count, const struct garita_blobs *material,
	      const struct garita_blob *blob, struct garita_claims *ret);
/* The same of a text that is in no material. */
void read_text(const struct garita_format *format,
	       const struct garita_key *keys, size_t key_count,
	       const char *text, size_t len, struct garita_claims *ret);

#endif
