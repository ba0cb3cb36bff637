/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp - the part of RFC 4880 and RFC 9580 that simple signing needs, and
 * nothing else: version 4 keys and signatures, signed messages. Everything
 * that is not read here is refused with a reason.
 *
 * All bytes are borrowed: a packet, a signature and a key point into the text
 * that they were read from. A keyring (openpgp_keys.h) owns its text.
 */
#ifndef GARITA_POLICY_TRUST_OPENPGP_H
#define GARITA_POLICY_TRUST_OPENPGP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "garita/error.h"
#include "garita/key.h"
#include "garita/text.h"

enum {
	GARITA_OPENPGP_FINGERPRINT = 20, /* bytes, of version 4 */
	GARITA_OPENPGP_KEY_ID = 8,       /* the last of a fingerprint */
	GARITA_OPENPGP_SKEW_S = 300,     /* how far a clock may be ahead */
	/* A signed text is a few hundred bytes. Strangers may bring hundreds
	 * of signatures, so what is unpacked and hashed for one is bounded. */
	GARITA_OPENPGP_TEXT_MAX = 64 * 1024,
};

/* ---- packets: openpgp_packet.c ---- */
enum garita_openpgp_tag {
	GARITA_OPENPGP_SIGNATURE = 2,
	GARITA_OPENPGP_ONE_PASS = 4,
	GARITA_OPENPGP_SECRET_KEY = 5,
	GARITA_OPENPGP_PUBLIC_KEY = 6,
	GARITA_OPENPGP_SECRET_SUBKEY = 7,
	GARITA_OPENPGP_COMPRESSED = 8,
	GARITA_OPENPGP_LITERAL = 11,
	GARITA_OPENPGP_TRUST = 12, /* GnuPG's notes in its own keyring */
	GARITA_OPENPGP_USER_ID = 13,
	GARITA_OPENPGP_PUBLIC_SUBKEY = 14,
	GARITA_OPENPGP_ATTRIBUTE = 17,
};

struct garita_openpgp_bytes {
	const unsigned char *at;
	size_t left;
};

struct garita_openpgp_packet {
	unsigned tag; /* any of 1 to 63 */
	struct garita_openpgp_bytes body;
	struct garita_text joined; /* the body, if it came in parts */
};

/* The next packet; `bytes` stand behind it then. Bytes must be left. Only data
 * packets (compressed, literal) may come in parts, only a compressed one may
 * go on to the end. -EINVAL. */
int garita_openpgp_next(struct garita_openpgp_bytes *bytes,
			struct garita_openpgp_packet *ret,
			struct garita_error *err);
void garita_openpgp_packet_free(struct garita_openpgp_packet *packet);
#define auto_openpgp_packet                                                    \
	__attribute__((cleanup(                                                \
		garita_openpgp_packet_free))) struct garita_openpgp_packet

/* Big endian, and bounded: false when fewer bytes are left. */
bool garita_openpgp_number(struct garita_openpgp_bytes *bytes, size_t size,
			   uint32_t *ret);
bool garita_openpgp_take(struct garita_openpgp_bytes *bytes, size_t len,
			 struct garita_openpgp_bytes *ret);
/* A multiprecision integer: a count of bits, then the bytes. */
bool garita_openpgp_mpi(struct garita_openpgp_bytes *bytes,
			struct garita_openpgp_bytes *ret);
/* Adds the number as `size` bytes. */
void garita_openpgp_put(struct garita_text *text, uint32_t number, size_t size);

/* ---- armour: openpgp_armor.c ---- */
/* Does it begin as an armoured text does? */
bool garita_openpgp_is_armor(const char *text, size_t len);
/* Every armoured block of public keys in `text`, one after the other; what
 * stands around blocks is not looked at. The caller frees *ret. */
int garita_openpgp_armor(const char *text, size_t len, unsigned char **ret,
			 size_t *ret_len, struct garita_error *err);

/* ---- compressed data: openpgp_inflate.c ---- */
/* What a compressed packet holds, at most GARITA_OPENPGP_TEXT_MAX bytes; the
 * caller frees *ret. Nothing may stand behind the compressed bytes. */
int garita_openpgp_inflate(struct garita_openpgp_bytes packet,
			   unsigned char **ret, size_t *ret_len,
			   struct garita_error *err);

/* ---- public keys: openpgp_public.c ---- */
enum garita_openpgp_algorithm {
	GARITA_OPENPGP_RSA = 1,
	GARITA_OPENPGP_RSA_SIGN = 3,
	GARITA_OPENPGP_ECDSA = 19,
	GARITA_OPENPGP_EDDSA = 22, /* "legacy": how GnuPG writes Ed25519 */
	GARITA_OPENPGP_ED25519 = 27,
};

struct garita_openpgp_public {
	struct garita_openpgp_bytes body; /* of its packet */
	unsigned char fingerprint[GARITA_OPENPGP_FINGERPRINT];
	uint32_t created;
	unsigned algorithm;
	struct garita_key key;
	char why_not[128]; /* cannot check signatures; "" when it can */
};

/* A version 4 key. One that cannot check signatures (another algorithm, too
 * short) says so in why_not and is no error. -ENOTSUP: another version. */
int garita_openpgp_public(struct garita_openpgp_bytes body,
			  struct garita_openpgp_public *ret,
			  struct garita_error *err);
/* What signatures about a key sign: 0x99, its length, its packet. */
void garita_openpgp_public_put(struct garita_text *text,
			       const struct garita_openpgp_public *key);

/* ---- signatures: openpgp_signature.c, openpgp_subpackets.c ---- */
enum garita_openpgp_type {
	GARITA_OPENPGP_OF_BINARY = 0x00,
	GARITA_OPENPGP_OF_TEXT = 0x01,
	GARITA_OPENPGP_OF_USER = 0x10, /* to 0x13: how well it was checked */
	GARITA_OPENPGP_OF_USER_LAST = 0x13,
	GARITA_OPENPGP_OF_SUBKEY = 0x18,
	GARITA_OPENPGP_OF_PRIMARY = 0x19, /* by the subkey: "I am its" */
	GARITA_OPENPGP_OF_KEY = 0x1f,
	GARITA_OPENPGP_REVOKES_KEY = 0x20,
	GARITA_OPENPGP_REVOKES_SUBKEY = 0x28,
	GARITA_OPENPGP_REVOKES_USER = 0x30,
};

struct garita_openpgp_signature {
	unsigned type, algorithm, hash_id;
	enum garita_hash hash;
	struct garita_openpgp_bytes head;    /* what of itself it signs */
	struct garita_openpgp_bytes numbers; /* the signature proper */
	unsigned char left[2];               /* first bytes of the hash */
	/* Who says to have made it: hints, until it is verified. */
	bool has_key_id, has_fingerprint;
	unsigned char key_id[GARITA_OPENPGP_KEY_ID];
	unsigned char fingerprint[GARITA_OPENPGP_FINGERPRINT];
	/* The rest is from the signed part alone. */
	uint32_t created;
	uint32_t lifetime;     /* seconds; 0: for good */
	uint32_t key_lifetime; /* of the key that it is about */
	bool has_flags;
	unsigned flags; /* GARITA_OPENPGP_MAY_SIGN... */
	/* The one signature inside, which needs no signing. */
	struct garita_openpgp_bytes embedded;
	/* A key that may revoke this one. */
	bool has_revoker;
	unsigned char revoker[GARITA_OPENPGP_FINGERPRINT];
	uint64_t seen; /* which subpackets are there, as bits */
	/* Why it cannot be checked or may not count; NULL: it can. */
	const char *why_not;
};
enum { GARITA_OPENPGP_MAY_SIGN = 0x02 }; /* first byte of the key flags */

/* -EINVAL when it is no signature at all. One that is a signature, but of
 * another version, with a hash or a critical demand that is not known here,
 * has a why_not. */
int garita_openpgp_signature(struct garita_openpgp_bytes body,
			     struct garita_openpgp_signature *ret,
			     struct garita_error *err);
/* The two parts where a signature says things about itself. */
int garita_openpgp_subpackets(struct garita_openpgp_bytes area, bool is_signed,
			      struct garita_openpgp_signature *sig,
			      struct garita_error *err);
/* Does it say that `key` made it? */
bool garita_openpgp_is_by(const struct garita_openpgp_signature *sig,
			  const struct garita_openpgp_public *key);
/* 0 when `key` signed `data` with it; nothing is said about time, purpose or
 * whether the key may. -EBADMSG: not so. */
int garita_openpgp_verify(const struct garita_openpgp_signature *sig,
			  const struct garita_openpgp_public *key,
			  const char *data, size_t len,
			  struct garita_error *err);
/* Is `at` too far in the future of `now`? */
bool garita_openpgp_is_future(uint32_t at, time_t now);
/* The earlier of two ends, of which 0 is none. */
time_t garita_openpgp_sooner(time_t one, time_t other);
/* When what began at `from` for `lifetime` seconds ends; 0: never. */
time_t garita_openpgp_end(uint32_t from, uint32_t lifetime);

/* ---- signed messages: openpgp_message.c ---- */
struct garita_openpgp_message {
	struct garita_openpgp_signature signature;
	const char *text; /* what is signed, not yet verified */
	size_t len;
	struct garita_text joined; /* where the text may be */
	unsigned char *inflated;
};

/* One-pass signature, text, signature, or in the old form signature, text;
 * perhaps compressed as a whole. Exactly that, with nothing before, between or
 * after. */
int garita_openpgp_message(const char *bytes, size_t len,
			   struct garita_openpgp_message *ret,
			   struct garita_error *err);
void garita_openpgp_message_free(struct garita_openpgp_message *message);
#define auto_openpgp_message                                                   \
	__attribute__((cleanup(                                                \
		garita_openpgp_message_free))) struct garita_openpgp_message

#endif
