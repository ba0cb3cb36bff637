/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_pairs - a pair of keys of each kind, made by libcrypto for this run.
 */
#ifndef GARITA_TESTS_UNIT_KEY_PAIRS_H
#define GARITA_TESTS_UNIT_KEY_PAIRS_H

#include <openssl/evp.h>

#include "garita/key.h"
#include "garita/text.h"

enum { KEY_PAIRS = 9, KEY_PAIR_P256 = 5, KEY_PAIR_ED25519 = 8 };

extern const struct key_pair_kind {
	const char *name;
	int type;
	unsigned bits;
	const char *curve;
	enum garita_key_kind kind;
	int raw; /* bytes of r */
} key_pair_kinds[KEY_PAIRS];

struct key_pairs {
	EVP_PKEY *made[KEY_PAIRS];
	struct garita_key keys[KEY_PAIRS]; /* read from their PEM */
};

/* The group's state; for cmocka. */
int key_pairs_set_up(void **state);
int key_pairs_tear_down(void **state);

/* What libcrypto writes. The caller frees. */
struct garita_text key_pair_spki(EVP_PKEY *key);
struct garita_text key_pair_pem(EVP_PKEY *key);

#endif
