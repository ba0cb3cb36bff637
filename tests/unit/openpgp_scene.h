/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_scene - a keyring with one key, its name and its subkey, about
 * which any signature can be told to be odd.
 */
#ifndef TESTS_UNIT_OPENPGP_SCENE_H
#define TESTS_UNIT_OPENPGP_SCENE_H

#include "policy/trust/openpgp_keys.h"
#include "tests/unit/openpgp_make.h"

/* A key, its name, perhaps a subkey; a zero is the usual thing. */
struct scene {
	const char *why;
	const char *refused; /* part of the reason; NULL: it may sign */
	time_t until;        /* when it may */
	uint32_t key_created, subkey_created;
	struct said name, again, other_name, name_revoked; /* about names */
	struct said direct, revoked;                       /* about the key */
	struct said binding, rebinding, back, subkey_revoked;
	struct said data; /* `is`: made by the subkey */
	bool no_name;     /* the name has no signature of the key */
	bool back_by_other, revoked_by_other, revoker_is_in_ring;
	unsigned algorithm;
};

struct actors {
	struct made_key primary, subkey, other;
	struct garita_text ring;
};

void actors_free(struct actors *all);
#define auto_actors __attribute__((cleanup(actors_free))) struct actors

/* Makes the keys and the ring. */
void make_ring(const struct scene *scene, struct actors *all);
/* Adds the scene's key revocation to the ring, if there is one. */
void put_revocation(const struct scene *scene, struct actors *all);
/* Reads it; fails the test when it is not read. The caller frees. */
struct garita_openpgp_keys *read_ring(const struct garita_text *ring);

#endif
