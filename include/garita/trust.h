/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * trust - did somebody whom the operator trusts sign this image?
 *
 * Requirements come from containers-policy.json(5) or from garita's own
 * policy; all of them must be met. The material is a bag of bytes from
 * strangers: signatures in any known format, and the manifests and indexes
 * they are about. What a signature says counts only after it was verified.
 *
 * garita_trust_decide() is pure. It runs in garita-verify, a program of its own
 * without power, so that a stranger's bytes do not come near the start path
 * (hook/trust).
 */
#ifndef GARITA_TRUST_H
#define GARITA_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "garita/attestation.h"
#include "garita/blobs.h"
#include "garita/error.h"
#include "garita/image.h"
#include "garita/keyless.h"
#include "garita/notation.h"
#include "garita/text.h"

/* What the signed name must have to do with the image's. I is the image's
 * reference, S the signed docker-reference, both normalised
 * (containers-policy.json(5), "signedIdentity"). */
enum garita_identity_kind {
	GARITA_IDENTITY_REPO_DIGEST_OR_EXACT, /* the default there */
	GARITA_IDENTITY_EXACT,
	GARITA_IDENTITY_REPOSITORY,
	GARITA_IDENTITY_EXACT_REFERENCE,  /* S equals `first` */
	GARITA_IDENTITY_EXACT_REPOSITORY, /* S's repository is `first` */
	GARITA_IDENTITY_REMAP, /* prefix `first` of I stands for `second` */
	/* garita's own: */
	GARITA_IDENTITY_IF_SIGNED, /* a signed name is of I's repository; a
				    * format that signs none is fine */
	GARITA_IDENTITY_ANY,       /* not looked at */
};

struct garita_identity {
	enum garita_identity_kind kind;
	char *first, *second; /* as written; NULL where not used */
};

enum garita_requirement_kind {
	GARITA_REQUIRE_NOTHING, /* insecureAcceptAnything */
	GARITA_REQUIRE_REJECT,
	GARITA_REQUIRE_GPG,         /* signedBy: keys are OpenPGP keyrings */
	GARITA_REQUIRE_KEYS,        /* sigstoreSigned: keys are public keys */
	GARITA_REQUIRE_KEYLESS,     /* `keyless` says who and how */
	GARITA_REQUIRE_NOTATION,    /* keys are a trust store's files */
	GARITA_REQUIRE_UNSUPPORTED, /* never met; `why` says what it wants */
};

enum garita_source_role {
	GARITA_SOURCE_KEY,          /* a public key, or an OpenPGP keyring */
	GARITA_SOURCE_TRUSTED_ROOT, /* trusted_root.json; the only one */
	GARITA_SOURCE_AUTHORITY,    /* certificates that are trusted */
	GARITA_SOURCE_BETWEEN,      /* certificates that are not */
	GARITA_SOURCE_LOG,          /* the public key of a transparency log */
	GARITA_SOURCE_ROLES,
};

/* A key, or what vouches for one, as the policy names it. */
struct garita_key_source {
	char *path;  /* the caller reads the file; NULL: bytes were inline */
	char *bytes; /* NULL until read */
	size_t len;
	enum garita_source_role role;
	time_t changed; /* of the file, where its age is asked; else 0 */
};

/* A member that the signed text must have ("optional" of simple signing,
 * "annotations" of a statement's subject). */
struct garita_annotation {
	char *key, *value;
};
void garita_annotations_free(struct garita_annotation *list, size_t count);

struct garita_requirement {
	enum garita_requirement_kind kind;
	struct garita_key_source *keys; /* any of them may have signed */
	size_t key_count;
	struct garita_keyless *keyless; /* of GARITA_REQUIRE_KEYLESS */
	unsigned need; /* different signers wanted; 1 in policy.json */
	struct garita_identity identity;
	struct garita_annotation *annotations; /* all of them */
	size_t annotation_count;
	bool signed_index; /* a signed index that lists the manifest will do */
	/* Any statement about it is a signature: for people who ask whether a
	 * bundle is good, never for whether an image may run. */
	bool any_statement;
	/* What they must have said about the image; NULL: that it is theirs. */
	struct garita_attestation *attested;
	char *why; /* of GARITA_REQUIRE_UNSUPPORTED: what it wants */
	struct garita_notation *notation; /* of GARITA_REQUIRE_NOTATION */
};

/* Does it matter to it when its files were last changed? */
static inline bool garita_requirement_asks_age(
	const struct garita_requirement *of)
{
	return of->keyless != NULL && of->keyless->max_age_s > 0;
}

struct garita_requirements {
	struct garita_requirement *all;
	size_t count;
};
/* Adds an empty one and returns it. */
struct garita_requirement *garita_requirements_add(
	struct garita_requirements *list);
void garita_requirements_free(struct garita_requirements *list);
#define auto_requirements                                                      \
	__attribute__((                                                        \
		cleanup(garita_requirements_free))) struct garita_requirements

/* containers-policy.json(5): the requirements for an image by this name, as if
 * it were pulled by the docker transport; NULL: no usable name, so "default"
 * applies. The whole file is read strictly: -EINVAL with the place for an
 * invalid, unknown or repeated member anywhere, which refuses every image.
 * *ret_scope says which scope was used ("default", "docker: quay.io/x"); the
 * caller frees it. */
int garita_containers_policy(const char *text, size_t len,
			     const char *reference,
			     struct garita_requirements *ret, char **ret_scope,
			     struct garita_error *err);

struct garita_trust_case {
	/* Its digests, reference and repo_digests; its own material is not
	 * looked at. */
	const struct garita_image *image;
	const struct garita_requirements *wanted; /* every key has its bytes */
	const struct garita_blobs *material;
	time_t now;
};

enum garita_note_mark {
	GARITA_NOTE_YES = '+',    /* it counts */
	GARITA_NOTE_NO = '-',     /* and why it does not */
	GARITA_NOTE_UNSURE = '?', /* what it says to be; nobody checked */
};

/* One line of the notes. Borrowed of their text. */
struct garita_note {
	enum garita_note_mark mark;
	const char *from, *format; /* NULL: not said */
	const char *words;
};
/* Takes the next line, which it cuts up, off *at; false at the end. */
bool garita_note_next(char **at, struct garita_note *ret);

/* In image.h: struct garita_trust. `notes`, when not NULL, gets a line for
 * each thing that was looked at and why it did not count; where nothing is
 * wanted, for each thing that is there. */
void garita_trust_decide(const struct garita_trust_case *of,
			 struct garita_trust *ret, struct garita_text *notes);

#endif
