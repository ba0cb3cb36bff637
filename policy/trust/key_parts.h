/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_parts - what the files of the key module share: the armour of a key,
 * and one check for each family of algorithms.
 *
 * The checks take a hash and answer as garita_key_verify() does.
 */
#ifndef GARITA_POLICY_TRUST_KEY_PARTS_H
#define GARITA_POLICY_TRUST_KEY_PARTS_H

#include "garita/key.h"

enum { GARITA_HASH_MAX = 64 };

/* Bytes of `hash`. */
size_t garita_hash_len(enum garita_hash hash);
/* Hashes two parts as one text; either may be empty. */
void garita_hash_of(enum garita_hash hash, const void *first, size_t first_len,
		    const void *second, size_t second_len,
		    unsigned char ret[GARITA_HASH_MAX]);

/* The DER inside one PEM block. *ret_pkcs1: it is an RSA PUBLIC KEY. The
 * caller frees. */
int garita_key_pem(const char *text, size_t len, unsigned char **ret,
		   size_t *ret_len, bool *ret_pkcs1, struct garita_error *err);

int garita_key_rsa_verify(const struct garita_key *key,
			  enum garita_scheme scheme, enum garita_hash hash,
			  const unsigned char *hashed, const unsigned char *sig,
			  size_t sig_len, struct garita_error *err);
int garita_key_ecdsa_verify(const struct garita_key *key,
			    enum garita_scheme scheme, enum garita_hash hash,
			    const unsigned char *hashed,
			    const unsigned char *sig, size_t sig_len,
			    struct garita_error *err);
/* The message as it is, or for Ed25519ph its SHA-512. */
int garita_key_ed25519_verify(const struct garita_key *key, bool prehashed,
			      const void *message, size_t message_len,
			      const unsigned char *sig, size_t sig_len,
			      struct garita_error *err);

/* The one way to say no, so that nobody learns how near a forgery was. */
int garita_key_bad(const struct garita_key *key, struct garita_error *err);

#endif
