/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * format - what every signature format looks like to the one that decides.
 *
 * A format is a file of policy/trust/ and a row in formats.c. It looks at one
 * blob of the material, verifies what it finds there with the requirement's
 * keys, reads the signed text strictly, and hands out claims: "this signer
 * said these digests". Whether a claim is about this image, and whether the
 * signed name will do, is asked in one place for all formats (decide.c).
 *
 * A blob that is malformed or signed by somebody else is noted and never ends
 * the search: the next one may be good.
 */
#ifndef GARITA_POLICY_TRUST_FORMAT_H
#define GARITA_POLICY_TRUST_FORMAT_H

#include "garita/json.h"
#include "garita/key.h"
#include "garita/trust.h"

enum {
	GARITA_CLAIMS_MAX = 64,     /* of one requirement */
	GARITA_SIGNATURES_MAX = 64, /* looked at in one blob */
	GARITA_CLAIM_DIGESTS_MAX = 1024,
};

/* How far a piece got; of several that do not count, the one that got furthest
 * is the reason. */
enum garita_step {
	GARITA_STEP_SIGNATURE, /* malformed, or signed by somebody else */
	GARITA_STEP_TYPE,      /* a statement of another type */
	GARITA_STEP_SUBJECT,   /* about something else */
	GARITA_STEP_PREDICATE, /* not of its type's shape */
	GARITA_STEP_AGE,
	GARITA_STEP_CONTENT, /* findings, a builder */
};

struct garita_keyless_trust;
struct garita_trusted_root;

/* Verified. Owns everything but `format`. */
struct garita_claim {
	const char *format; /* of the row that made it */
	char *from;         /* the blob's name */
	char *signer;       /* garita_key.words, or "openpgp <fingerprint>" */
	char (*digests)[GARITA_DIGEST_SIZE]; /* what was signed */
	size_t digest_count;
	char *reference; /* the signed docker-reference; NULL: none signed */
	struct garita_annotation *said; /* signed strings beside */
	size_t said_count;
	time_t until; /* signature or key expires then; 0: never */
	/* Of an attestation: what was signed, and its type, which is in it. */
	struct garita_json_doc *statement;
	const char *predicate_type;
};

struct garita_claims {
	struct garita_claim *all;
	size_t count;
	struct garita_text *notes; /* or NULL */
	struct garita_text why;    /* the last note, for the short answer */
	enum garita_step step;     /* of `why`: the furthest so far */
	bool overflow;             /* not everything was looked at */
	struct garita_text unread; /* of signed statements, and why; the last */
	char warning[160];         /* said beside an acceptance; "": nothing */
};
/* Takes what *claim owns. False when there are too many. */
bool garita_claims_add(struct garita_claims *claims,
		       struct garita_claim *claim);
/* What was looked at and did not count. */
void garita_claims_note(struct garita_claims *claims, const char *format,
			const struct garita_blob *blob, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* The same of what got beyond the signature. */
void garita_claims_note_at(struct garita_claims *claims, enum garita_step step,
			   const char *format, const struct garita_blob *blob,
			   const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));
/* What a wanted signer said cannot be read, and might be what is wanted. */
void garita_claims_unread(struct garita_claims *claims,
			  const struct garita_blob *blob, const char *why);
/* A line of the notes (trust.h), which may be NULL. */
void garita_claims_put(struct garita_text *notes, enum garita_note_mark mark,
		       const char *from, const char *format, const char *words);
void garita_claims_free(struct garita_claims *claims);
void garita_claim_free(struct garita_claim *claim);
/* What there is, from the bytes alone: nothing of it is verified. */
void garita_describe(const struct garita_trust_case *of,
		     struct garita_text *notes);

struct garita_format_case {
	const struct garita_requirement *wanted;
	const struct garita_key *keys; /* parsed; of GARITA_REQUIRE_KEYS */
	size_t key_count;
	const struct garita_openpgp_keys *openpgp; /* of GARITA_REQUIRE_GPG */
	const struct garita_notation_trust
		*notation; /* of GARITA_REQUIRE_NOTATION */
	const struct garita_keyless_trust *keyless; /* of .._REQUIRE_KEYLESS */
	/* A log of these has to have promised the signature; NULL: none. */
	const struct garita_trusted_root *logs;
	/* Of a certificate, when `keys` is the one that is in it: the signer's
	 * words in place of the key's, and until when that counts. */
	const char *who;
	time_t until;
	const struct garita_blobs *material;
	struct garita_work *work; /* what is left of it; NULL: no end */
	time_t now;
};

/* How much checking of signatures a question may cost: hostile material can
 * only make it end in a refusal, and not in the asker's patience. In tenths of
 * a millisecond, as they are on a machine of 2020; shared by all requirements.
 */
enum {
	GARITA_WORK_MAX = 6000,
	GARITA_WORK_P256 = 1,
	GARITA_WORK_P384 = 13,
	GARITA_WORK_P521 = 7,
	GARITA_WORK_ED25519 = 4,
	GARITA_WORK_RSA = 1,
	/* Its chain, its log entries and its timestamps. */
	GARITA_WORK_CERTIFICATE = 40,
};

struct garita_work {
	unsigned left;
	bool spent; /* something was not checked for want of it */
};

/* -EBUSY with the reason when there is not so much left. */
int garita_work_take(const struct garita_format_case *of, unsigned cost,
		     struct garita_error *err);

struct garita_format {
	const char *name;                  /* as the field calls it */
	enum garita_requirement_kind kind; /* whose keys it is verified with */
	bool certificates;                 /* and for GARITA_REQUIRE_KEYLESS */
	bool statements; /* what is signed may be an attestation */
	/* Cheap, from the bytes alone. */
	bool (*knows)(const struct garita_blob *blob);
	void (*read)(const struct garita_format_case *of,
		     const struct garita_blob *blob, struct garita_claims *out);
};

extern const struct garita_format garita_format_cosign; /* ".sig" manifest */
extern const struct garita_format garita_format_bundle;
extern const struct garita_format garita_format_dsse; /* a bare envelope */
extern const struct garita_format garita_format_sigstore_local;
extern const struct garita_format garita_format_openpgp;
extern const struct garita_format garita_format_jws; /* of notation */
extern const struct garita_format garita_format_cose;

extern const struct garita_format *const garita_formats[]; /* ends in NULL */

/* Every claim that this requirement's keys make good. -EINVAL when a key of
 * the requirement cannot be read: then nothing is trusted. */
int garita_formats_read(const struct garita_trust_case *of,
			const struct garita_requirement *wanted,
			struct garita_claims *ret, struct garita_error *err);

/* simple signing (containers-signature(5)), shared by cosign and OpenPGP: the
 * strict reading of a payload that was verified. `type` is the one value of
 * critical.type that will do. Fills digests, reference and said. */
int garita_simple_signing(const char *payload, size_t len, const char *type,
			  struct garita_claim *claim, struct garita_error *err);

/* base64, RFC 4648: standard alphabet with padding, no white space, no bits
 * left over. The caller frees. -EINVAL, -E2BIG above max. */
int garita_base64(const char *text, size_t len, size_t max, unsigned char **ret,
		  size_t *ret_len);

/* OpenPGP keyrings (policy/trust/openpgp_keys.c). */
struct garita_openpgp_keys;
int garita_openpgp_keys_read(const struct garita_key_source *sources,
			     size_t count, struct garita_openpgp_keys **ret,
			     struct garita_error *err);
void garita_openpgp_keys_free(struct garita_openpgp_keys *keys);

#endif
