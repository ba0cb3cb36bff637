/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_make - writes OpenPGP keys and signatures that no honest program
 * writes. Ed25519 and P-384: gpg makes the others (test_openpgp_gpg).
 */
#ifndef TESTS_UNIT_OPENPGP_MAKE_H
#define TESTS_UNIT_OPENPGP_MAKE_H

#include <openssl/evp.h>

#include "policy/trust/openpgp.h"

/* What a signature says; zero is what an honest one says. */
struct said {
	bool is;          /* there is such a signature at all */
	unsigned type;    /* set by the maker where it is clear */
	unsigned hash;    /* 0: SHA-256 */
	uint32_t created; /* 0: MADE */
	uint32_t lifetime, key_lifetime;
	unsigned flags;     /* 0: none said */
	bool critical;      /* has a critical part of an unknown kind */
	bool twice;         /* says twice when it was made */
	bool wrong;         /* a bit of it was changed */
	bool anonymous;     /* does not say by whom */
	bool other_issuer;  /* its two hints are of different keys */
	bool version_3;     /* only as far as its type and issuer */
	const char *packet; /* packets, hex, that it says besides */
};
enum { MADE = 1700000000, TODAY = 1800000000 };

struct made_key {
	EVP_PKEY *secret;
	uint32_t created;
	unsigned algorithm; /* 22 or 27: Ed25519; 19: P-384 */
	struct garita_text body;
	struct garita_openpgp_public public;
};

void make_openpgp_key(struct made_key *key, unsigned algorithm,
		      uint32_t created);
void made_key_free(struct made_key *key);
#define auto_made_key __attribute__((cleanup(made_key_free))) struct made_key

/* A packet with a header of the new kind. */
void put_packet(struct garita_text *to, unsigned tag, const void *body,
		size_t len);
/* Critical when type has 0x80. */
void put_subpacket(struct garita_text *to, unsigned type, const void *body,
		   size_t len);
/* The body of a signature packet by `by` over `data`; `embedded` (or NULL) is
 * put where it is not signed. */
void make_openpgp_signature(struct garita_text *body, const struct said *said,
			    const struct made_key *by,
			    const struct garita_text *data,
			    const struct garita_text *embedded);

#endif
