/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_signature - one signature packet: what it claims, and whether a key
 * made it over some bytes.
 *
 * Version 4, and SHA-256, SHA-384 or SHA-512, for everything: data, names,
 * subkeys and revocations. SHA-1 is not good enough for the words that a key
 * says about itself either: who can make two such words with one hash can
 * show one to be signed and use the other. GnuPG still takes it there;
 * Sequoia, which reads signatures for newer apt and rpm, does not, and a key
 * is renewed with one command. What is refused so is not forgotten: a key is
 * judged by the newest thing it says, also when that cannot be checked
 * (openpgp_judge.c).
 */
#include "policy/trust/openpgp.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/key_parts.h"

enum { VERSION_3_SIGNED = 5 }; /* type and time */

static const struct {
	unsigned id;
	enum garita_hash hash;
	const char *why_not; /* NULL: used */
} hashes[] = {
	/* RFC 9580, 9.5 */
	{ 8, GARITA_SHA256, NULL },
	{ 9, GARITA_SHA384, NULL },
	{ 10, GARITA_SHA512, NULL },
	{ 1, GARITA_SHA256, "it is made with MD5" },
	{ 2, GARITA_SHA256, "it is made with SHA-1" },
	{ 3, GARITA_SHA256, "it is made with RIPEMD-160" },
	{ 11, GARITA_SHA256, "it is made with SHA-224" },
};

static int malformed(struct garita_error *err)
{
	return garita_fail(err, EINVAL, "a malformed OpenPGP signature");
}

static void look_up_hash(struct garita_openpgp_signature *sig)
{
	for (size_t i = 0; i < GARITA_COUNT(hashes); i++) {
		if (hashes[i].id != sig->hash_id)
			continue;
		sig->hash = hashes[i].hash;
		if (hashes[i].why_not != NULL)
			sig->why_not = hashes[i].why_not;
		return;
	}
	sig->why_not = "it is made with a hash that is not known here";
}

/* Only so much that a revocation is seen to be one. */
static int read_version_3(struct garita_openpgp_bytes rest,
			  struct garita_openpgp_signature *sig,
			  struct garita_error *err)
{
	struct garita_openpgp_bytes id;
	uint32_t len, type;

	if (!garita_openpgp_number(&rest, 1, &len) || len != VERSION_3_SIGNED ||
	    !garita_openpgp_number(&rest, 1, &type) ||
	    !garita_openpgp_number(&rest, 4, &sig->created) ||
	    !garita_openpgp_take(&rest, GARITA_OPENPGP_KEY_ID, &id))
		return malformed(err);
	sig->type = type;
	memcpy(sig->key_id, id.at, GARITA_OPENPGP_KEY_ID);
	sig->has_key_id = true;
	sig->why_not = "it is of version 3";
	return 0;
}

static int read_version_4(struct garita_openpgp_bytes body,
			  struct garita_openpgp_signature *sig,
			  struct garita_error *err)
{
	struct garita_openpgp_bytes rest = body, said, hints, left;
	uint32_t version, type, algorithm, hash, len;
	int failure;

	if (!garita_openpgp_number(&rest, 1, &version) ||
	    !garita_openpgp_number(&rest, 1, &type) ||
	    !garita_openpgp_number(&rest, 1, &algorithm) ||
	    !garita_openpgp_number(&rest, 1, &hash) ||
	    !garita_openpgp_number(&rest, 2, &len) ||
	    !garita_openpgp_take(&rest, len, &said))
		return malformed(err);
	sig->head.at = body.at;
	sig->head.left = body.left - rest.left;
	if (!garita_openpgp_number(&rest, 2, &len) ||
	    !garita_openpgp_take(&rest, len, &hints) ||
	    !garita_openpgp_take(&rest, sizeof(sig->left), &left))
		return malformed(err);
	memcpy(sig->left, left.at, sizeof(sig->left));
	sig->numbers = rest;
	sig->type = type;
	sig->algorithm = algorithm;
	sig->hash_id = hash;
	look_up_hash(sig);
	failure = garita_openpgp_subpackets(said, true, sig, err);
	if (failure < 0)
		return failure;
	return garita_openpgp_subpackets(hints, false, sig, err);
}

int garita_openpgp_signature(struct garita_openpgp_bytes body,
			     struct garita_openpgp_signature *ret,
			     struct garita_error *err)
{
	struct garita_openpgp_signature sig = { 0 };
	struct garita_openpgp_bytes rest = body;
	uint32_t version;
	int failure;

	if (!garita_openpgp_number(&rest, 1, &version))
		return malformed(err);
	if (version == 4)
		failure = read_version_4(body, &sig, err);
	else if (version == 3)
		failure = read_version_3(rest, &sig, err);
	else
		failure = garita_fail(err, ENOTSUP,
				      "an OpenPGP signature of version %u: "
				      "only version 4 is read here",
				      version);
	if (failure == 0)
		*ret = sig;
	return failure;
}

bool garita_openpgp_is_by(const struct garita_openpgp_signature *sig,
			  const struct garita_openpgp_public *key)
{
	const unsigned char *id = key->fingerprint +
				  GARITA_OPENPGP_FINGERPRINT -
				  GARITA_OPENPGP_KEY_ID;

	if (sig->has_fingerprint && memcmp(sig->fingerprint, key->fingerprint,
					   GARITA_OPENPGP_FINGERPRINT) != 0)
		return false;
	if (sig->has_key_id &&
	    memcmp(sig->key_id, id, GARITA_OPENPGP_KEY_ID) != 0)
		return false;
	return sig->has_fingerprint || sig->has_key_id;
}

bool garita_openpgp_is_future(uint32_t at, time_t now)
{
	return (time_t)at > now + GARITA_OPENPGP_SKEW_S;
}

time_t garita_openpgp_end(uint32_t from, uint32_t lifetime)
{
	return lifetime == 0 ? 0 : (time_t)from + (time_t)lifetime;
}

time_t garita_openpgp_sooner(time_t one, time_t other)
{
	if (one == 0)
		return other;
	return other == 0 || one < other ? one : other;
}

/* Adds an integer as exactly `size` bytes; false when it has more. */
static bool add_padded(struct garita_openpgp_bytes *numbers, size_t size,
		       struct garita_text *text)
{
	struct garita_openpgp_bytes number;

	if (!garita_openpgp_mpi(numbers, &number))
		return false;
	while (number.left > 0 && number.at[0] == 0) {
		number.at++;
		number.left--;
	}
	if (number.left > size)
		return false;
	for (size_t i = number.left; i < size; i++)
		garita_text_putc(text, '\0');
	garita_text_add(text, (const char *)number.at, number.left);
	return true;
}

/* The numbers as garita_key_verify() takes them. */
static bool put_numbers(const struct garita_openpgp_signature *sig,
			const struct garita_key *key, struct garita_text *text)
{
	struct garita_openpgp_bytes rest = sig->numbers, plain;
	bool good = false;

	switch (key->kind) {
	case GARITA_KEY_RSA:
		good = add_padded(&rest, key->len, text);
		break;
	case GARITA_KEY_P256:
	case GARITA_KEY_P384:
	case GARITA_KEY_P521:
		/* A point is 0x04, x and y. */
		good = add_padded(&rest, key->len / 2, text) &&
		       add_padded(&rest, key->len / 2, text);
		break;
	case GARITA_KEY_ED25519:
		if (sig->algorithm == GARITA_OPENPGP_EDDSA) {
			good = add_padded(&rest, 32, text) &&
			       add_padded(&rest, 32, text);
			break;
		}
		good = garita_openpgp_take(&rest, 64, &plain);
		if (good)
			garita_text_add(text, (const char *)plain.at, 64);
		break;
	}
	return good && rest.left == 0;
}

/* A hash that is shorter than the curve would be the weaker half: GnuPG does
 * not take it either. */
static bool hash_fits(enum garita_key_kind kind, enum garita_hash hash)
{
	switch (kind) {
	case GARITA_KEY_P384:
		return hash != GARITA_SHA256;
	case GARITA_KEY_P521:
		return hash == GARITA_SHA512;
	case GARITA_KEY_RSA:
	case GARITA_KEY_P256:
	case GARITA_KEY_ED25519:
		break;
	}
	return true;
}

static int check_numbers(const struct garita_openpgp_signature *sig,
			 const struct garita_key *key,
			 const struct garita_text *message,
			 struct garita_error *err)
{
	unsigned char hashed[GARITA_HASH_MAX];
	auto_text numbers = { 0 };
	enum garita_scheme scheme = key->kind == GARITA_KEY_RSA
					    ? GARITA_SCHEME_PKCS1
					    : GARITA_SCHEME_RAW;

	garita_hash_of(sig->hash, message->data, message->len, "", 0, hashed);
	/* It is not needed, but other readers look here first. */
	if (memcmp(hashed, sig->left, sizeof(sig->left)) != 0)
		return garita_fail(err, EBADMSG,
				   "the signature is not over "
				   "these bytes");
	if (!put_numbers(sig, key, &numbers))
		return malformed(err);
	if (key->kind == GARITA_KEY_ED25519) /* it signs the hash */
		return garita_key_verify(key, GARITA_SCHEME_ED, sig->hash,
					 hashed, garita_hash_len(sig->hash),
					 (unsigned char *)numbers.data,
					 numbers.len, err);
	return garita_key_verify(key, scheme, sig->hash, message->data,
				 message->len, (unsigned char *)numbers.data,
				 numbers.len, err);
}

int garita_openpgp_verify(const struct garita_openpgp_signature *sig,
			  const struct garita_openpgp_public *key,
			  const char *data, size_t len,
			  struct garita_error *err)
{
	auto_text message = { 0 };

	if (sig->why_not != NULL)
		return garita_fail(err, ENOTSUP, "%s", sig->why_not);
	if (key->why_not[0] != '\0')
		return garita_fail(err, ENOTSUP, "%s", key->why_not);
	if (sig->algorithm != key->algorithm)
		return garita_fail(err, EBADMSG,
				   "signature and key are of different "
				   "algorithms");
	if (!hash_fits(key->key.kind, sig->hash))
		return garita_fail(err, ENOTSUP,
				   "its hash is shorter than its curve");
	garita_text_reserve(&message, len + sig->head.left + 6);
	garita_text_add(&message, data, len);
	garita_text_add(&message, (const char *)sig->head.at, sig->head.left);
	garita_openpgp_put(&message, 0x04ff, 2);
	garita_openpgp_put(&message, (uint32_t)sig->head.left, 4);
	return check_numbers(sig, &key->key, &message, err);
}
