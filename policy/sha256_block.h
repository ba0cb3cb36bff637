/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sha256_block - what sha256.c shares with a processor's own way to hash.
 */
#ifndef GARITA_POLICY_SHA256_BLOCK_H
#define GARITA_POLICY_SHA256_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const uint32_t garita_sha256_constants[64];

/* Hashes blocks of 64 bytes into the state; false, and nothing is done, when
 * this processor has no way of its own. Asking it takes microseconds. */
bool garita_sha256_fast(uint32_t state[8], const unsigned char *at,
			size_t blocks);

#endif
