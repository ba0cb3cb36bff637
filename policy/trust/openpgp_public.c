/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_public - a public key packet becomes numbers and a fingerprint.
 *
 * A keyring may hold keys for other purposes and of other times, so a key that
 * cannot check signatures is kept, with the reason: "signed by a DSA key" says
 * more than "signed by nobody". The fingerprint is SHA-1 because version 4 is
 * defined so; it names a key that the operator gave us and vouches for
 * nothing.
 */
#include "policy/trust/openpgp.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/sha1.h"

/* The curves of RFC 9580, 9.2, by their object identifiers in DER. */
static const struct {
	const char *name;
	const char *oid;
	size_t oid_len;
	unsigned algorithm;
	enum garita_key_kind kind;
} curves[] = {
	{ "P-256", "\x2a\x86\x48\xce\x3d\x03\x01\x07", 8, GARITA_OPENPGP_ECDSA,
	  GARITA_KEY_P256 },
	{ "P-384", "\x2b\x81\x04\x00\x22", 5, GARITA_OPENPGP_ECDSA,
	  GARITA_KEY_P384 },
	{ "P-521", "\x2b\x81\x04\x00\x23", 5, GARITA_OPENPGP_ECDSA,
	  GARITA_KEY_P521 },
	{ "Ed25519", "\x2b\x06\x01\x04\x01\xda\x47\x0f\x01", 9,
	  GARITA_OPENPGP_EDDSA, GARITA_KEY_ED25519 },
};

/* Algorithms that are known by name and not read. */
static const struct {
	unsigned algorithm;
	const char *name;
} others[] = {
	{ 2, "RSA for encryption" },
	{ 16, "Elgamal" },
	{ 17, "DSA" },
	{ 18, "ECDH" },
	{ 25, "X25519" },
	{ 26, "X448" },
	{ 28, "Ed448" },
};

void garita_openpgp_public_put(struct garita_text *text,
			       const struct garita_openpgp_public *key)
{
	garita_openpgp_put(text, 0x99, 1);
	garita_openpgp_put(text, (uint32_t)key->body.left, 2);
	garita_text_add(text, (const char *)key->body.at, key->body.left);
}

static int malformed(struct garita_error *err)
{
	return garita_fail(err, EINVAL, "a malformed OpenPGP key");
}

static int read_rsa(struct garita_openpgp_bytes *bytes,
		    struct garita_openpgp_public *into,
		    struct garita_error *err)
{
	struct garita_openpgp_bytes modulus, exponent;
	struct garita_error why = { 0 };

	if (!garita_openpgp_mpi(bytes, &modulus) ||
	    !garita_openpgp_mpi(bytes, &exponent))
		return malformed(err);
	if (garita_key_rsa(modulus.at, modulus.left, exponent.at, exponent.left,
			   &into->key, &why) < 0)
		snprintf(into->why_not, sizeof(into->why_not), "%.120s",
			 why.text);
	return 0;
}

static int use_point(struct garita_openpgp_bytes point,
		     enum garita_key_kind kind,
		     struct garita_openpgp_public *into)
{
	struct garita_error why = { 0 };

	if (garita_key_point(kind, point.at, point.left, &into->key, &why) < 0)
		snprintf(into->why_not, sizeof(into->why_not), "%.120s",
			 why.text);
	return 0;
}

/* A curve's identifier, then a point on it. */
static int read_curve(struct garita_openpgp_bytes *bytes,
		      struct garita_openpgp_public *into,
		      struct garita_error *err)
{
	struct garita_openpgp_bytes oid, point;
	uint32_t len;

	if (!garita_openpgp_number(bytes, 1, &len) || len == 0 || len == 0xff ||
	    !garita_openpgp_take(bytes, len, &oid) ||
	    !garita_openpgp_mpi(bytes, &point))
		return malformed(err);
	for (size_t i = 0; i < GARITA_COUNT(curves); i++) {
		if (curves[i].algorithm != into->algorithm ||
		    curves[i].oid_len != oid.left ||
		    memcmp(curves[i].oid, oid.at, oid.left) != 0)
			continue;
		if (curves[i].kind == GARITA_KEY_ED25519) {
			/* 0x40 says that the point is as its curve writes it */
			if (point.left != 33 || point.at[0] != 0x40)
				return malformed(err);
			point.at++;
			point.left--;
		}
		return use_point(point, curves[i].kind, into);
	}
	snprintf(into->why_not, sizeof(into->why_not),
		 "a key on a curve that is none of P-256, P-384, P-521 and "
		 "Ed25519");
	return 0;
}

static int read_ed25519(struct garita_openpgp_bytes *bytes,
			struct garita_openpgp_public *into,
			struct garita_error *err)
{
	struct garita_openpgp_bytes point;

	if (!garita_openpgp_take(bytes, 32, &point))
		return malformed(err);
	return use_point(point, GARITA_KEY_ED25519, into);
}

static void name_other(struct garita_openpgp_public *into)
{
	for (size_t i = 0; i < GARITA_COUNT(others); i++) {
		if (others[i].algorithm == into->algorithm) {
			snprintf(into->why_not, sizeof(into->why_not),
				 "a key of the algorithm %s", others[i].name);
			return;
		}
	}
	snprintf(into->why_not, sizeof(into->why_not),
		 "a key of algorithm %u, which is not known", into->algorithm);
}

static int read_numbers(struct garita_openpgp_bytes *bytes,
			struct garita_openpgp_public *into,
			struct garita_error *err)
{
	int failure;

	switch (into->algorithm) {
	case GARITA_OPENPGP_RSA:
	case GARITA_OPENPGP_RSA_SIGN:
		failure = read_rsa(bytes, into, err);
		break;
	case GARITA_OPENPGP_ECDSA:
	case GARITA_OPENPGP_EDDSA:
		failure = read_curve(bytes, into, err);
		break;
	case GARITA_OPENPGP_ED25519:
		failure = read_ed25519(bytes, into, err);
		break;
	default:
		name_other(into);
		return 0;
	}
	if (failure < 0)
		return failure;
	return bytes->left == 0 ? 0 : malformed(err);
}

int garita_openpgp_public(struct garita_openpgp_bytes body,
			  struct garita_openpgp_public *ret,
			  struct garita_error *err)
{
	struct garita_openpgp_public key = { .body = body };
	struct garita_openpgp_bytes rest = body;
	auto_text text = { 0 };
	uint32_t version, algorithm;
	int failure;

	if (!garita_openpgp_number(&rest, 1, &version))
		return malformed(err);
	if (version != 4)
		return garita_fail(err, ENOTSUP,
				   "an OpenPGP key of version %u: only version "
				   "4 is read here",
				   version);
	if (body.left > UINT16_MAX ||
	    !garita_openpgp_number(&rest, 4, &key.created) ||
	    !garita_openpgp_number(&rest, 1, &algorithm))
		return malformed(err);
	key.algorithm = algorithm;
	failure = read_numbers(&rest, &key, err);
	if (failure < 0)
		return failure;
	garita_openpgp_public_put(&text, &key);
	garita_sha1(text.data, text.len, key.fingerprint);
	*ret = key;
	return 0;
}
