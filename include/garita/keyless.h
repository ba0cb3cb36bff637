/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * keyless - signers who are named by a certificate, not known by a key: who
 * they have to be, and what vouches for the certificate.
 *
 * Three ways to ask, which never stand in for one another: sigstore with a
 * trusted_root.json; the two of containers-policy.json(5), "fulcio" and "pki",
 * which ask for less. What vouches stands in the requirement's sources
 * (trust.h), each with its role.
 */
#ifndef GARITA_KEYLESS_H
#define GARITA_KEYLESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"

enum garita_keyless_way {
	GARITA_KEYLESS_SIGSTORE, /* authority, SCT, log, time, identity */
	GARITA_KEYLESS_FULCIO,   /* authority, promise of the log, identity */
	GARITA_KEYLESS_PKI,      /* authority, now; a name */
};

/* What the certificate has to call them: any of its names of this kind. */
enum garita_keyless_subject {
	GARITA_SUBJECT_ANY, /* of the next three */
	GARITA_SUBJECT_EMAIL,
	GARITA_SUBJECT_URI,
	GARITA_SUBJECT_OTHER, /* otherName 1.3.6.1.4.1.57264.1.7 */
	GARITA_SUBJECT_HOST,  /* a DNS name, as in RFC 6125 */
};

/* One of Fulcio's extensions, exactly. */
struct garita_keyless_extension {
	unsigned number; /* of 1.3.6.1.4.1.57264.1.<number> */
	char *value;
};

/* Everything in it has to fit. */
struct garita_keyless_identity {
	enum garita_keyless_subject kind;
	char *subject; /* exactly; or */
	char *pattern; /* all of it (regexp.h); or both NULL: anybody whom the
			* issuer and the extensions fit */
	char *host;    /* GARITA_KEYLESS_PKI: as well, or alone; or NULL */
	char *issuer;  /* OIDC; NULL only of GARITA_KEYLESS_PKI */
	struct garita_keyless_extension *extensions;
	size_t extension_count;
};

struct garita_keyless {
	enum garita_keyless_way way;
	struct garita_keyless_identity *identities; /* any of them */
	size_t count;
	/* How old trusted_root.json may be, by when it was last changed. */
	uint64_t max_age_s; /* 0: any age */
	bool stale_refuses; /* else it is only said */
};

enum {
	GARITA_KEYLESS_IDENTITIES_MAX = 32,
	GARITA_KEYLESS_EXTENSIONS_MAX = 24,
};

/* The extension that a policy calls so; 0: none. */
unsigned garita_keyless_extension_number(const char *word);
/* NULL for a number that has no word. */
const char *garita_keyless_extension_word(unsigned number);
/* The word at `at`, in the order of their numbers; NULL after the last. */
const char *garita_keyless_extension_at(size_t at);

/* Copies everything; the caller frees. */
struct garita_keyless *garita_keyless_copy(const struct garita_keyless *of);
/* Room for one more identity. */
struct garita_keyless_identity *garita_keyless_add(struct garita_keyless *to);
void garita_keyless_free(struct garita_keyless *one);

#endif
