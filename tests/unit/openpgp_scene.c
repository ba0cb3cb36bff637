/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_scene - see the header.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/openpgp_scene.h"

void actors_free(struct actors *all)
{
	made_key_free(&all->primary);
	made_key_free(&all->subkey);
	made_key_free(&all->other);
	garita_text_free(&all->ring);
}

/* Adds a signature packet to the ring. */
static void sign(struct actors *all, struct said said, unsigned type,
		 const struct made_key *by, const struct garita_text *data,
		 const struct garita_text *embedded)
{
	auto_text body = { 0 };

	said.type = type;
	make_openpgp_signature(&body, &said, by, data, embedded);
	put_packet(&all->ring, GARITA_OPENPGP_SIGNATURE, body.data, body.len);
}

void put_revocation(const struct scene *scene, struct actors *all)
{
	auto_text data = { 0 };
	const struct made_key *by =
		scene->revoked_by_other ? &all->other : &all->primary;

	garita_openpgp_public_put(&data, &all->primary.public);
	if (scene->revoked.is)
		sign(all, scene->revoked, GARITA_OPENPGP_REVOKES_KEY, by, &data,
		     NULL);
}

static void put_primary(const struct scene *scene, struct actors *all)
{
	auto_text data = { 0 };

	put_packet(&all->ring, GARITA_OPENPGP_PUBLIC_KEY,
		   all->primary.body.data, all->primary.body.len);
	put_revocation(scene, all);
	garita_openpgp_public_put(&data, &all->primary.public);
	if (scene->direct.is)
		sign(all, scene->direct, GARITA_OPENPGP_OF_KEY, &all->primary,
		     &data, NULL);
}

static void put_name(const struct scene *scene, struct actors *all,
		     const char *name, bool first)
{
	auto_text data = { 0 };

	put_packet(&all->ring, GARITA_OPENPGP_USER_ID, name, strlen(name));
	garita_openpgp_public_put(&data, &all->primary.public);
	garita_openpgp_put(&data, 0xb4, 1);
	garita_openpgp_put(&data, (uint32_t)strlen(name), 4);
	garita_text_puts(&data, name);
	if (!first) {
		sign(all, scene->other_name, 0x10, &all->primary, &data, NULL);
		return;
	}
	if (scene->again.is)
		sign(all, scene->again, 0x13, &all->primary, &data, NULL);
	if (!scene->no_name)
		sign(all, scene->name, 0x13, &all->primary, &data, NULL);
	if (scene->name_revoked.is)
		sign(all, scene->name_revoked, GARITA_OPENPGP_REVOKES_USER,
		     &all->primary, &data, NULL);
	/* What others say about a name is nothing to us. */
	sign(all, (struct said){ 0 }, 0x10, &all->other, &data, NULL);
}

static void put_subkey(const struct scene *scene, struct actors *all)
{
	auto_text data = { 0 }, back = { 0 };
	struct said said = scene->back;

	put_packet(&all->ring, GARITA_OPENPGP_PUBLIC_SUBKEY,
		   all->subkey.body.data, all->subkey.body.len);
	garita_openpgp_public_put(&data, &all->primary.public);
	garita_openpgp_public_put(&data, &all->subkey.public);
	if (said.type == 0)
		said.type = GARITA_OPENPGP_OF_PRIMARY;
	if (!said.version_3)
		make_openpgp_signature(&back, &said,
				       scene->back_by_other ? &all->other
							    : &all->subkey,
				       &data, NULL);
	sign(all, scene->binding, GARITA_OPENPGP_OF_SUBKEY, &all->primary,
	     &data, &back);
	if (scene->rebinding.is)
		sign(all, scene->rebinding, GARITA_OPENPGP_OF_SUBKEY,
		     &all->primary, &data, &back);
	if (scene->subkey_revoked.is)
		sign(all, scene->subkey_revoked, GARITA_OPENPGP_REVOKES_SUBKEY,
		     &all->primary, &data, NULL);
}

/* The scene's name says in hex whom it lets revoke: nobody. Put the other key
 * there, as the text of a table cannot. */
static struct scene cast(const struct scene *scene, const struct actors *all,
			 struct garita_text *hex)
{
	struct scene with = *scene;

	if (!garita_starts_with(scene->name.packet == NULL ? ""
							   : scene->name.packet,
				"170c"))
		return with;
	garita_text_puts(hex, "170c8016");
	for (size_t i = 0; i < GARITA_OPENPGP_FINGERPRINT; i++)
		garita_text_printf(hex, "%02x",
				   all->other.public.fingerprint[i]);
	with.name.packet = hex->data;
	return with;
}

void make_ring(const struct scene *scene, struct actors *all)
{
	unsigned algorithm =
		scene->algorithm != 0 ? scene->algorithm : GARITA_OPENPGP_EDDSA;
	uint32_t created = scene->key_created != 0 ? scene->key_created : MADE;
	auto_text hex = { 0 };
	struct scene with;

	make_openpgp_key(&all->primary, algorithm, created);
	make_openpgp_key(&all->subkey, algorithm,
			 scene->subkey_created != 0 ? scene->subkey_created
						    : created);
	make_openpgp_key(&all->other, algorithm, MADE);
	with = cast(scene, all, &hex);
	put_primary(&with, all);
	put_name(&with, all, "somebody <s@example.com>", true);
	if (with.other_name.is)
		put_name(&with, all, "also somebody", false);
	put_subkey(&with, all);
	if (scene->revoker_is_in_ring)
		put_packet(&all->ring, GARITA_OPENPGP_PUBLIC_KEY,
			   all->other.body.data, all->other.body.len);
}

struct garita_openpgp_keys *read_ring(const struct garita_text *ring)
{
	struct garita_key_source source = { .bytes = ring->data,
					    .len = ring->len };
	struct garita_openpgp_keys *keys = NULL;
	struct garita_error err = { 0 };

	if (garita_openpgp_keys_read(&source, 1, &keys, &err) < 0)
		fail_msg("the ring is not read: %s", err.text);
	return keys;
}
