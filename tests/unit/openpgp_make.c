/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_make - see the header.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/ecdsa.h>

#include "tests/unit/openpgp_make.h"

static const char ed25519_oid[] = "\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01";
static const char p384_oid[] = "\x05\x2b\x81\x04\x00\x22";

void put_packet(struct garita_text *to, unsigned tag, const void *body,
		size_t len)
{
	garita_openpgp_put(to, 0xc0 | tag, 1);
	garita_openpgp_put(to, 0xff, 1);
	garita_openpgp_put(to, (uint32_t)len, 4);
	garita_text_add(to, body, len);
}

void put_subpacket(struct garita_text *to, unsigned type, const void *body,
		   size_t len)
{
	garita_openpgp_put(to, 0xff, 1);
	garita_openpgp_put(to, (uint32_t)len + 1, 4);
	garita_openpgp_put(to, type, 1);
	garita_text_add(to, body, len);
}

static void put_number(struct garita_text *to, unsigned type, uint32_t number)
{
	auto_text body = { 0 };

	garita_openpgp_put(&body, number, 4);
	put_subpacket(to, type, body.data, body.len);
}

static void put_integer(struct garita_text *to, const unsigned char *bytes,
			size_t len)
{
	unsigned bits = 8;

	while (len > 1 && bytes[0] == 0) {
		bytes++;
		len--;
	}
	while (bits > 1 && bytes[0] >> (bits - 1) == 0)
		bits--;
	garita_openpgp_put(to, (uint32_t)((len - 1) * 8 + bits), 2);
	garita_text_add(to, (const char *)bytes, len);
}

static void put_ed25519(struct made_key *key)
{
	unsigned char point[33] = { 0x40 };
	size_t len = 32;

	key->secret = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_non_null(key->secret);
	assert_int_equal(
		EVP_PKEY_get_raw_public_key(key->secret, point + 1, &len), 1);
	if (key->algorithm == GARITA_OPENPGP_EDDSA) {
		garita_text_add(&key->body, ed25519_oid,
				sizeof(ed25519_oid) - 1);
		put_integer(&key->body, point, sizeof(point));
	} else {
		garita_text_add(&key->body, (const char *)point + 1, 32);
	}
}

static void put_p384(struct made_key *key)
{
	unsigned char point[97];
	size_t len = 0;

	key->secret = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
	assert_non_null(key->secret);
	assert_int_equal(EVP_PKEY_get_octet_string_param(key->secret, "pub",
							 point, sizeof(point),
							 &len),
			 1);
	assert_int_equal(len, sizeof(point));
	garita_text_add(&key->body, p384_oid, sizeof(p384_oid) - 1);
	put_integer(&key->body, point, len);
}

void make_openpgp_key(struct made_key *key, unsigned algorithm,
		      uint32_t created)
{
	struct garita_error err = { 0 };

	*key = (struct made_key){ .created = created, .algorithm = algorithm };
	garita_openpgp_put(&key->body, 4, 1);
	garita_openpgp_put(&key->body, created, 4);
	garita_openpgp_put(&key->body, algorithm, 1);
	if (algorithm == GARITA_OPENPGP_ECDSA)
		put_p384(key);
	else
		put_ed25519(key);
	if (garita_openpgp_public(
		    (struct garita_openpgp_bytes){
			    (const unsigned char *)key->body.data,
			    key->body.len },
		    &key->public, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(key->public.why_not, "");
}

void made_key_free(struct made_key *key)
{
	EVP_PKEY_free(key->secret);
	garita_text_free(&key->body);
}

static void put_issuer(const struct said *said, const struct made_key *by,
		       struct garita_text *area, struct garita_text *hints)
{
	unsigned char words[1 + GARITA_OPENPGP_FINGERPRINT] = { 4 };
	unsigned char *id = words + sizeof(words) - GARITA_OPENPGP_KEY_ID;

	if (said->anonymous)
		return;
	memcpy(words + 1, by->public.fingerprint, GARITA_OPENPGP_FINGERPRINT);
	put_subpacket(area, 33, words, sizeof(words));
	if (said->other_issuer)
		id[0] ^= 1;
	put_subpacket(hints, 16, id, GARITA_OPENPGP_KEY_ID);
}

static void put_hex(struct garita_text *to, const char *hex)
{
	for (; hex != NULL && hex[0] != '\0'; hex += 2) {
		unsigned byte = 0;

		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		garita_openpgp_put(to, byte, 1);
	}
}

static void put_area(const struct said *said, struct garita_text *area)
{
	uint32_t created = said->created != 0 ? said->created : MADE;

	put_number(area, 2, created);
	if (said->twice)
		put_number(area, 2, created);
	if (said->lifetime != 0)
		put_number(area, 3, said->lifetime);
	if (said->key_lifetime != 0)
		put_number(area, 9, said->key_lifetime);
	if (said->flags != 0)
		put_subpacket(area, 27, (char[]){ (char)said->flags }, 1);
	if (said->critical)
		put_subpacket(area, 0x80 | 99, "x", 1);
	put_hex(area, said->packet);
}

static const EVP_MD *hash_of(unsigned id)
{
	switch (id) {
	case 1:
		return EVP_md5();
	case 2:
		return EVP_sha1();
	case 9:
		return EVP_sha384();
	case 10:
		return EVP_sha512();
	case 11:
		return EVP_sha224();
	default:
		return EVP_sha256();
	}
}

/* Ed25519 over the hash, as two integers or as it is. */
static void put_eddsa(struct garita_text *body, const struct made_key *by,
		      const unsigned char *hash, size_t len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sig[64];
	size_t sig_len = sizeof(sig);

	assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, by->secret),
			 1);
	assert_int_equal(EVP_DigestSign(ctx, sig, &sig_len, hash, len), 1);
	EVP_MD_CTX_free(ctx);
	if (by->algorithm == GARITA_OPENPGP_ED25519) {
		garita_text_add(body, (const char *)sig, sizeof(sig));
		return;
	}
	put_integer(body, sig, 32);
	put_integer(body, sig + 32, 32);
}

static void put_ecdsa(struct garita_text *body, const struct made_key *by,
		      const unsigned char *hash, size_t len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(by->secret, NULL);
	unsigned char der[128], number[48];
	const unsigned char *at = der;
	size_t der_len = sizeof(der);
	ECDSA_SIG *sig;

	assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
	assert_int_equal(EVP_PKEY_sign(ctx, der, &der_len, hash, len), 1);
	sig = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
	assert_non_null(sig);
	BN_bn2binpad(ECDSA_SIG_get0_r(sig), number, sizeof(number));
	put_integer(body, number, sizeof(number));
	BN_bn2binpad(ECDSA_SIG_get0_s(sig), number, sizeof(number));
	put_integer(body, number, sizeof(number));
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(ctx);
}

static void make_version_3(struct garita_text *body, const struct said *said,
			   const struct made_key *by)
{
	const unsigned char *id = by->public.fingerprint +
				  GARITA_OPENPGP_FINGERPRINT -
				  GARITA_OPENPGP_KEY_ID;

	garita_openpgp_put(body, 0x0305, 2);
	garita_openpgp_put(body, said->type, 1);
	garita_openpgp_put(body, MADE, 4);
	garita_text_add(body, (const char *)id, GARITA_OPENPGP_KEY_ID);
	garita_text_add(body, "\x01\x02\x00\x00\x00\x01\x01", 7);
}

void make_openpgp_signature(struct garita_text *body, const struct said *said,
			    const struct made_key *by,
			    const struct garita_text *data,
			    const struct garita_text *embedded)
{
	auto_text area = { 0 }, hints = { 0 }, message = { 0 };
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0, id = said->hash != 0 ? said->hash : 8;
	size_t start = body->len, head;

	if (said->version_3) {
		make_version_3(body, said, by);
		return;
	}
	put_area(said, &area);
	put_issuer(said, by, &area, &hints);
	if (embedded != NULL && embedded->len > 0)
		put_subpacket(&hints, 32, embedded->data, embedded->len);
	garita_openpgp_put(body, 4, 1);
	garita_openpgp_put(body, said->type, 1);
	garita_openpgp_put(body, by->algorithm, 1);
	garita_openpgp_put(body, id, 1);
	garita_openpgp_put(body, (uint32_t)area.len, 2);
	garita_text_add(body, area.data, area.len);
	head = body->len - start;
	garita_text_add(&message, data->data, data->len);
	garita_text_add(&message, body->data + start, head);
	garita_openpgp_put(&message, 0x04ff, 2);
	garita_openpgp_put(&message, (uint32_t)head, 4);
	assert_int_equal(EVP_Digest(message.data, message.len, hash, &len,
				    hash_of(id), NULL),
			 1);
	garita_openpgp_put(body, (uint32_t)hints.len, 2);
	garita_text_add(body, hints.data == NULL ? "" : hints.data, hints.len);
	garita_text_add(body, (const char *)hash, 2);
	if (by->algorithm == GARITA_OPENPGP_ECDSA)
		put_ecdsa(body, by, hash, len);
	else
		put_eddsa(body, by, hash, len);
	if (said->wrong)
		body->data[body->len - 1] ^= 1;
}
