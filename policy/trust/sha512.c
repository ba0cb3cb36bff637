/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sha512 - SHA-512 and SHA-384 (FIPS 180-4, 6.4 and 6.5) in plain C; the names
 * are the standard's. SHA-384 is SHA-512 from another beginning, cut.
 */
#include "policy/trust/sha512.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 128, LENGTH = 16, ROUNDS = 80 };

static const uint64_t first_512[8] = {
	0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
	0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
	0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

static const uint64_t first_384[8] = {
	0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
	0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
	0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4,
};

static const uint64_t constants[ROUNDS] = {
	0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f,
	0xe9b5dba58189dbbc, 0x3956c25bf348b538, 0x59f111f1b605d019,
	0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242,
	0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
	0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
	0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3,
	0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65, 0x2de92c6f592b0275,
	0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
	0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f,
	0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
	0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc,
	0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
	0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6,
	0x92722c851482353b, 0xa2bfe8a14cf10364, 0xa81a664bbc423001,
	0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
	0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
	0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99,
	0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb,
	0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc,
	0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
	0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915,
	0xc67178f2e372532b, 0xca273eceea26619c, 0xd186b8c721c0c207,
	0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba,
	0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
	0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
	0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a,
	0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static inline uint64_t rotate_right(uint64_t x, unsigned bits)
{
	return x >> bits | x << (64 - bits);
}

static inline uint64_t small_sigma0(uint64_t x)
{
	return rotate_right(x, 1) ^ rotate_right(x, 8) ^ x >> 7;
}

static inline uint64_t small_sigma1(uint64_t x)
{
	return rotate_right(x, 19) ^ rotate_right(x, 61) ^ x >> 6;
}

static inline uint64_t big_sigma0(uint64_t x)
{
	return rotate_right(x, 28) ^ rotate_right(x, 34) ^ rotate_right(x, 39);
}

static inline uint64_t big_sigma1(uint64_t x)
{
	return rotate_right(x, 14) ^ rotate_right(x, 18) ^ rotate_right(x, 41);
}

static uint64_t load_big_endian(const unsigned char *at)
{
	uint64_t x = 0;

	for (size_t i = 0; i < 8; i++)
		x = x << 8 | at[i];
	return x;
}

static void store_big_endian(unsigned char *at, uint64_t x)
{
	for (size_t i = 0; i < 8; i++)
		at[i] = (unsigned char)(x >> (56 - 8 * i));
}

static void hash_block(uint64_t state[8], const unsigned char block[BLOCK])
{
	uint64_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint64_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint64_t w[16];

	for (size_t t = 0; t < ROUNDS; t++) {
		uint64_t t1, t2;

		/* The last sixteen words of the schedule are enough. */
		if (t < 16)
			w[t] = load_big_endian(block + 8 * t);
		else
			w[t % 16] += small_sigma1(w[(t + 14) % 16]) +
				     w[(t + 9) % 16] +
				     small_sigma0(w[(t + 1) % 16]);
		t1 = h + big_sigma1(e) + (g ^ (e & (f ^ g))) + constants[t] +
		     w[t % 16];
		t2 = big_sigma0(a) + ((a & b) | (c & (a | b)));
		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
	state[5] += f;
	state[6] += g;
	state[7] += h;
}

struct work {
	uint64_t state[8];
	unsigned char block[BLOCK];
	size_t have; /* bytes in the block */
};

static void take(struct work *of, const unsigned char *at, size_t len)
{
	while (len > 0) {
		size_t part = BLOCK - of->have;

		if (part > len)
			part = len;
		if (part == BLOCK) {
			hash_block(of->state, at);
		} else {
			memcpy(of->block + of->have, at, part);
			of->have += part;
			if (of->have == BLOCK) {
				hash_block(of->state, of->block);
				of->have = 0;
			}
		}
		at += part;
		len -= part;
	}
}

static void hash(const uint64_t first_state[8], const void *first,
		 size_t first_len, const void *second, size_t second_len,
		 size_t words, unsigned char *ret)
{
	static const unsigned char padding[BLOCK] = { 0x80 };
	unsigned char length[LENGTH] = { 0 };
	struct work of = { .have = 0 };
	size_t pad;

	memcpy(of.state, first_state, sizeof(of.state));
	take(&of, first, first_len);
	take(&of, second, second_len);
	pad = BLOCK - LENGTH - of.have;
	if (of.have >= BLOCK - LENGTH)
		pad += BLOCK;
	take(&of, padding, pad);
	store_big_endian(length + 8,
			 ((uint64_t)first_len + (uint64_t)second_len) * 8);
	take(&of, length, LENGTH);
	for (size_t i = 0; i < words; i++)
		store_big_endian(ret + 8 * i, of.state[i]);
}

void garita_sha512(const void *first, size_t first_len, const void *second,
		   size_t second_len, unsigned char ret[64])
{
	hash(first_512, first, first_len, second, second_len, 8, ret);
}

void garita_sha384(const void *first, size_t first_len, const void *second,
		   size_t second_len, unsigned char ret[48])
{
	hash(first_384, first, first_len, second, second_len, 6, ret);
}
