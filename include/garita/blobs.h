/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blobs - a bag of byte strings from strangers: signatures, manifests, keys.
 *
 * A name is only for the reader of a message and says nothing about what the
 * bytes are. The bag owns names and bytes, but for bytes that were lent; every
 * blob has a NUL after its bytes that `len` does not count. Limits keep a bag
 * from exhausting us.
 */
#ifndef GARITA_BLOBS_H
#define GARITA_BLOBS_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/sha256.h"

enum {
	GARITA_BLOB_MAX = 32 * 1024 * 1024,    /* bytes of one */
	GARITA_BLOBS_MAX = 256,                /* blobs of one bag */
	GARITA_BLOBS_BYTES = 64 * 1024 * 1024, /* of all together */
};

struct garita_blob {
	char *name;
	char *bytes;
	size_t len;
	unsigned char sha256[GARITA_SHA256_SIZE]; /* of the bytes */
	bool lent; /* the bytes are somebody else's */
};

struct garita_blobs {
	struct garita_blob *all;
	size_t count, total;
};

/* Adds a copy. -E2BIG when a limit is passed, the bag as it was. */
int garita_blobs_add(struct garita_blobs *bag, const char *name,
		     const void *bytes, size_t len);
/* The same of bytes that have their NUL, which are the bag's then. */
int garita_blobs_take(struct garita_blobs *bag, const char *name, char **bytes,
		      size_t len);
/* The same of bytes that stay the caller's, for as long as the bag is, and
 * whose hash is known. */
int garita_blobs_lend(struct garita_blobs *bag, const char *name,
		      const char *bytes, size_t len,
		      const unsigned char sha256[GARITA_SHA256_SIZE]);
/* The blob whose sha256 is `digest` ("sha256:..."), or NULL. */
const struct garita_blob *garita_blobs_find(const struct garita_blobs *bag,
					    const char *digest);
/* Is the word anywhere in its bytes? To tell cheaply what it cannot be. */
bool garita_blob_has(const struct garita_blob *blob, const char *word);
/* Is one of them these very bytes? */
bool garita_blobs_have(const struct garita_blobs *bag, const void *bytes,
		       size_t len);
void garita_blobs_free(struct garita_blobs *bag);
#define auto_blobs                                                             \
	__attribute__((cleanup(garita_blobs_free))) struct garita_blobs

#endif
