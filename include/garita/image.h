/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - which image a bundle's root file system really is.
 *
 * Filled by hook/store from the engine's own root-owned records; never from
 * an annotation. Strings are owned by the struct.
 */
#ifndef GARITA_IMAGE_H
#define GARITA_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "garita/attestation.h"
#include "garita/blobs.h"

enum garita_image_sure {
	GARITA_IMAGE_UNKNOWN,  /* see why_not */
	GARITA_IMAGE_CONFIG,   /* config digest is certain, manifest is not */
	GARITA_IMAGE_VERIFIED, /* layers, config and manifest hang together */
};

enum { GARITA_DIGEST_SIZE = 72 }; /* "sha256:", 64 hex digits, NUL */

/* Has somebody whom the operator trusts signed it? (trust.h) */
enum garita_trust_state {
	GARITA_TRUST_NOT_ASKED, /* the policy names no signers */
	GARITA_TRUST_REFUSED,
	GARITA_TRUST_ACCEPTED,
};

struct garita_trust {
	enum garita_trust_state state;
	/* One sentence: who signed what, or which requirement failed and what
	 * was looked at. */
	char words[512];
	time_t until; /* no longer true from then on; 0: for good */
};

struct garita_image {
	enum garita_image_sure sure;
	/* With UNKNOWN: that is the answer. Every store was looked at, and what
	 * runs is of no image in any. Without it nobody could look. */
	bool imageless;
	const char *store; /* "containers-storage", ...; static; or NULL */
	char manifest[GARITA_DIGEST_SIZE]; /* "" when not known */
	char index[GARITA_DIGEST_SIZE];    /* multi-arch index; "" if none */
	char config[GARITA_DIGEST_SIZE];
	char **names; /* what the store calls it now; not evidence */
	size_t name_count;
	/* The name by which this container was made, from the engine's record
	 * of the container; NULL when there is none. As it was typed. Says
	 * what was asked for, not what it is. */
	char *reference;
	/* "registry.example.com/app@sha256:...": digests under which the engine
	 * says it pulled this image (docker keeps no manifest). Not checked
	 * against any bytes. */
	char **repo_digests;
	size_t repo_digest_count;
	/* What the store itself holds about it, when that was asked for: its
	 * signatures as they lie there, its manifests and indexes. */
	struct garita_blobs material;
	char *container;   /* the engine's container id, or NULL */
	char why_not[256]; /* one sentence when not VERIFIED, else "" */
	/* One a question: is it signed, was it scanned, ... */
	struct garita_trust trust[GARITA_TOPICS];
};

void garita_image_free(struct garita_image *image);
#define auto_image                                                             \
	__attribute__((cleanup(garita_image_free))) struct garita_image

#endif
