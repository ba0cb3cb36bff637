/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_keys - from files to keys.
 *
 * The files are the operator's, so a file that cannot be read whole is an
 * error that trusts nobody, not a key less: half a keyring may be the half
 * without the revocation. Only keys of other versions are passed over, with
 * all that belongs to them: a ring of many vendors holds some of 1995.
 */
#include "policy/trust/openpgp_keys.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"

enum {
	PARTS_MAX = 1024, /* of one key; the largest in use have dozens */
	CERTIFICATES_MAX = 4096,
	SIGNATURES_MAX = 65536, /* of one list */
};

/* Where the next packet belongs: numbers, as arrays move when they grow. */
struct place {
	struct garita_openpgp_keys *keys;
	bool in_key;  /* else nothing but revocations may come */
	bool skipped; /* of a key, or a subkey, that is not read */
	size_t certificate, part;
	size_t used; /* keys and revocations that were read */
};

static struct garita_openpgp_part *part_of(struct place *place)
{
	return &place->keys->all[place->certificate].parts[place->part];
}

/* Room for one more, doubling. */
static void *grow(void *all, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return all;
	*room = count == 0 ? 4 : count * 2;
	return garita_xresize(all, *room, size);
}

static int add_signature(struct garita_openpgp_signatures *list,
			 const struct garita_openpgp_signature *sig,
			 struct garita_error *err)
{
	if (list->count == SIGNATURES_MAX)
		return garita_fail(err, E2BIG,
				   "a keyring with too many signatures");
	list->all =
		grow(list->all, list->count, &list->room, sizeof(*list->all));
	list->all[list->count++] = *sig;
	return 0;
}

static bool same(struct garita_openpgp_bytes one,
		 struct garita_openpgp_bytes other)
{
	return one.left == other.left &&
	       memcmp(one.at, other.at, one.left) == 0;
}

/* Finds the part in the key at hand, or adds it. */
static int enter_part(struct place *place, unsigned tag,
		      struct garita_openpgp_bytes body,
		      const struct garita_openpgp_public *key,
		      struct garita_error *err)
{
	struct garita_openpgp_certificate *in =
		&place->keys->all[place->certificate];

	for (size_t i = 0; i < in->count; i++) {
		if (in->parts[i].tag == tag && same(in->parts[i].body, body)) {
			place->part = i;
			return 0;
		}
	}
	if (in->count == PARTS_MAX)
		return garita_fail(err, E2BIG, "a key with too many parts");
	in->parts = grow(in->parts, in->count, &in->room, sizeof(*in->parts));
	place->part = in->count++;
	in->parts[place->part] =
		(struct garita_openpgp_part){ .tag = tag, .body = body };
	if (key != NULL) {
		in->parts[place->part].key = garita_xalloc(sizeof(*key));
		*in->parts[place->part].key = *key;
	}
	return 0;
}

static int enter_certificate(struct place *place,
			     struct garita_openpgp_bytes body,
			     const struct garita_openpgp_public *key,
			     struct garita_error *err)
{
	struct garita_openpgp_keys *keys = place->keys;

	for (size_t i = 0; i < keys->count; i++) {
		if (same(keys->all[i].parts[0].body, body)) {
			place->certificate = i;
			place->part = 0;
			return 0;
		}
	}
	if (keys->count == CERTIFICATES_MAX)
		return garita_fail(err, E2BIG, "a keyring with too many keys");
	keys->all =
		grow(keys->all, keys->count, &keys->room, sizeof(*keys->all));
	place->certificate = keys->count++;
	keys->all[place->certificate] =
		(struct garita_openpgp_certificate){ 0 };
	return enter_part(place, GARITA_OPENPGP_PUBLIC_KEY, body, key, err);
}

static int read_key(struct place *place,
		    const struct garita_openpgp_packet *packet,
		    struct garita_error *err)
{
	bool primary = packet->tag == GARITA_OPENPGP_PUBLIC_KEY;
	struct garita_openpgp_public key;
	int failure = garita_openpgp_public(packet->body, &key, err);

	if (failure == -ENOTSUP) {
		/* Only the primary key takes the rest with it. */
		place->skipped = true;
		place->in_key = place->in_key && !primary;
		return 0;
	}
	if (failure < 0)
		return failure;
	if (primary) {
		place->in_key = true;
		failure = enter_certificate(place, packet->body, &key, err);
	} else if (place->in_key) {
		failure =
			enter_part(place, packet->tag, packet->body, &key, err);
	} else {
		return 0; /* of a key that was passed over */
	}
	place->skipped = false;
	place->used++;
	return failure;
}

static int read_signature(struct place *place,
			  const struct garita_openpgp_packet *packet,
			  struct garita_error *err)
{
	struct garita_openpgp_signature sig;
	int failure;

	if (place->skipped)
		return 0;
	failure = garita_openpgp_signature(packet->body, &sig, err);
	if (failure == -ENOTSUP) /* of another version: another's */
		return 0;
	if (failure < 0)
		return failure;
	if (sig.type == GARITA_OPENPGP_REVOKES_KEY) {
		place->used++;
		return add_signature(&place->keys->revocations, &sig, err);
	}
	if (!place->in_key)
		return garita_fail(err, EINVAL,
				   "a keyring begins with a signature that is "
				   "no revocation");
	return add_signature(&part_of(place)->signatures, &sig, err);
}

static int read_packet(struct place *place,
		       const struct garita_openpgp_packet *packet,
		       struct garita_error *err)
{
	switch (packet->tag) {
	case GARITA_OPENPGP_PUBLIC_KEY:
		return read_key(place, packet, err);
	case GARITA_OPENPGP_PUBLIC_SUBKEY:
	case GARITA_OPENPGP_USER_ID:
	case GARITA_OPENPGP_ATTRIBUTE:
		if (!place->in_key) {
			if (place->skipped)
				return 0;
			return garita_fail(err, EINVAL,
					   "a keyring that does not begin with "
					   "a key");
		}
		if (packet->tag == GARITA_OPENPGP_PUBLIC_SUBKEY)
			return read_key(place, packet, err);
		place->skipped = false;
		return enter_part(place, packet->tag, packet->body, NULL, err);
	case GARITA_OPENPGP_SIGNATURE:
		return read_signature(place, packet, err);
	case GARITA_OPENPGP_TRUST:
		return 0;
	case GARITA_OPENPGP_SECRET_KEY:
	case GARITA_OPENPGP_SECRET_SUBKEY:
		return garita_fail(err, EINVAL,
				   "a secret key: export the public one (gpg "
				   "--export)");
	default:
		return garita_fail(err, EINVAL,
				   "an OpenPGP packet (tag %u) that belongs "
				   "into no keyring",
				   packet->tag);
	}
}

static int read_text(struct garita_openpgp_keys *keys,
		     struct garita_openpgp_bytes text, struct garita_error *err)
{
	struct place place = { .keys = keys };

	while (text.left > 0) {
		auto_openpgp_packet packet = { 0 };
		int failure = garita_openpgp_next(&text, &packet, err);

		if (failure < 0)
			return failure;
		/* Parts of data would be ours to keep; keys have none. */
		if (packet.joined.len > 0)
			return garita_fail(err, EINVAL,
					   "data in the place of a key");
		failure = read_packet(&place, &packet, err);
		if (failure < 0)
			return failure;
	}
	if (place.used == 0)
		return garita_fail(err, EINVAL,
				   "no OpenPGP key of version 4 in it, and "
				   "others are not read here");
	return 0;
}

/* The bytes without armour, ours. */
static int plain(const struct garita_key_source *source, unsigned char **ret,
		 size_t *ret_len, struct garita_error *err)
{
	const char *bytes = source->bytes;

	if (bytes == NULL || source->len == 0)
		return garita_fail(err, EINVAL, "an empty keyring");
	if (((unsigned char)bytes[0] & 0x80) == 0) {
		if (source->len > 12 && memcmp(bytes + 8, "KBXf", 4) == 0)
			return garita_fail(err, EINVAL,
					   "a GnuPG keybox: export the keys "
					   "from it (gpg --export)");
		return garita_openpgp_armor(bytes, source->len, ret, ret_len,
					    err);
	}
	*ret = garita_xalloc(source->len);
	memcpy(*ret, bytes, source->len);
	*ret_len = source->len;
	return 0;
}

static int read_source(struct garita_openpgp_keys *keys,
		       const struct garita_key_source *source,
		       struct garita_error *err)
{
	unsigned char *text = NULL;
	size_t len = 0;
	int failure = plain(source, &text, &len, err);

	if (failure < 0)
		return failure;
	keys->texts[keys->text_count++] = text;
	return read_text(keys, (struct garita_openpgp_bytes){ text, len }, err);
}

int garita_openpgp_keys_read(const struct garita_key_source *sources,
			     size_t count, struct garita_openpgp_keys **ret,
			     struct garita_error *err)
{
	struct garita_openpgp_keys *keys = garita_xalloc(sizeof(*keys));
	int failure = 0;

	keys->texts = garita_xcalloc(count, sizeof(*keys->texts));
	for (size_t i = 0; i < count && failure == 0; i++) {
		failure = read_source(keys, &sources[i], err);
		if (failure < 0) {
			failure = -EINVAL;
			if (sources[i].path != NULL)
				garita_fail_in(err, sources[i].path);
		}
	}
	if (failure == 0 && keys->count == 0)
		failure = garita_fail(err, EINVAL, "no OpenPGP key is given");
	if (failure < 0) {
		garita_openpgp_keys_free(keys);
		return failure;
	}
	*ret = keys;
	return 0;
}

static void free_certificate(struct garita_openpgp_certificate *certificate)
{
	for (size_t i = 0; i < certificate->count; i++) {
		free(certificate->parts[i].key);
		free(certificate->parts[i].signatures.all);
	}
	free(certificate->parts);
}

void garita_openpgp_keys_free(struct garita_openpgp_keys *keys)
{
	if (keys == NULL)
		return;
	for (size_t i = 0; i < keys->count; i++)
		free_certificate(&keys->all[i]);
	free(keys->all);
	free(keys->revocations.all);
	for (size_t i = 0; i < keys->text_count; i++)
		free(keys->texts[i]);
	free(keys->texts);
	free(keys);
}
