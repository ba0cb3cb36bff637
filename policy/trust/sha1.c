/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sha1 - FIPS 180-4, 6.1; the names are the standard's.
 */
#include "policy/trust/sha1.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, LENGTH = 8 };

static inline uint32_t rotate_left(uint32_t x, unsigned bits)
{
	return x << bits | x >> (32 - bits);
}

/* f and K of round t. */
static inline uint32_t mix(size_t t, uint32_t b, uint32_t c, uint32_t d)
{
	if (t < 20)
		return (d ^ (b & (c ^ d))) + 0x5a827999;
	if (t < 40)
		return (b ^ c ^ d) + 0x6ed9eba1;
	if (t < 60)
		return ((b & c) | (d & (b | c))) + 0x8f1bbcdc;
	return (b ^ c ^ d) + 0xca62c1d6;
}

static void hash_block(uint32_t state[5], const unsigned char block[BLOCK])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], w[80];

	for (size_t t = 0; t < 16; t++)
		w[t] = (uint32_t)block[4 * t] << 24 |
		       (uint32_t)block[4 * t + 1] << 16 |
		       (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
	for (size_t t = 16; t < 80; t++)
		w[t] = rotate_left(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16],
				   1);
	for (size_t t = 0; t < 80; t++) {
		uint32_t next = rotate_left(a, 5) + mix(t, b, c, d) + e + w[t];

		e = d;
		d = c;
		c = rotate_left(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

void garita_sha1(const void *bytes, size_t len,
		 unsigned char ret[GARITA_SHA1_SIZE])
{
	uint32_t state[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
			      0xc3d2e1f0 };
	unsigned char last[2 * BLOCK] = { 0 };
	const unsigned char *at = bytes;
	uint64_t bits = (uint64_t)len * 8;
	size_t end;

	for (; len >= BLOCK; len -= BLOCK) {
		hash_block(state, at);
		at += BLOCK;
	}
	if (len > 0)
		memcpy(last, at, len);
	last[len] = 0x80;
	end = len + 1 + LENGTH > BLOCK ? 2 * BLOCK : BLOCK;
	for (size_t i = 0; i < LENGTH; i++)
		last[end - 1 - i] = (unsigned char)(bits >> (8 * i));
	hash_block(state, last);
	if (end > BLOCK)
		hash_block(state, last + BLOCK);
	for (size_t i = 0; i < GARITA_SHA1_SIZE; i++)
		ret[i] = (unsigned char)(state[i / 4] >> (24 - i % 4 * 8));
}
