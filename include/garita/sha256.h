/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sha256 - FIPS 180-4 SHA-256, small enough to be on every start.
 *
 * Our own because it is on the start path: libcrypto would cost more to load
 * and to initialise than all blobs of an image cost to hash (docs/linking.md).
 * Tests compare it with libcrypto.
 */
#ifndef GARITA_SHA256_H
#define GARITA_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { GARITA_SHA256_SIZE = 32 };

struct garita_sha256 {
	uint32_t state[8];
	uint64_t bytes; /* hashed so far */
	unsigned char block[64];
};

void garita_sha256_init(struct garita_sha256 *ctx);
void garita_sha256_update(struct garita_sha256 *ctx, const void *data,
			  size_t len);
void garita_sha256_final(struct garita_sha256 *ctx, unsigned char ret[32]);
/* Of a buffer. */
void garita_sha256(const void *data, size_t len,
		   unsigned char ret[GARITA_SHA256_SIZE]);
/* "sha256:<hex>" of a hash, and of a buffer; `ret` holds GARITA_DIGEST_SIZE
 * bytes. */
void garita_sha256_words(const unsigned char hash[GARITA_SHA256_SIZE],
			 char *ret);
void garita_sha256_digest(const void *data, size_t len, char *ret);

#endif
