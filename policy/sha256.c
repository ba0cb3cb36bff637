/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sha256 - the hash of FIPS 180-4 in plain C.
 *
 * Follows section 6.2 of the standard; the names of the functions and the
 * variables a to h are the standard's. An image's manifest and config are some
 * kilobytes, for which plain C is best; what is much larger goes to what the
 * processor has of its own (sha256_x86.c).
 */
#include "garita/sha256.h"

#include <string.h>

#include "policy/sha256_block.h"

/* Bytes. Asking the processor takes as long as plain C takes for 5 kB. */
enum { LARGE = 16 * 1024 };

static const uint32_t first_state[8] = {
	0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

const uint32_t garita_sha256_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate_right(uint32_t x, unsigned bits)
{
	return x >> bits | x << (32 - bits);
}

static inline uint32_t small_sigma0(uint32_t x)
{
	return rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3;
}

static inline uint32_t small_sigma1(uint32_t x)
{
	return rotate_right(x, 17) ^ rotate_right(x, 19) ^ x >> 10;
}

static inline uint32_t big_sigma0(uint32_t x)
{
	return rotate_right(x, 2) ^ rotate_right(x, 13) ^ rotate_right(x, 22);
}

static inline uint32_t big_sigma1(uint32_t x)
{
	return rotate_right(x, 6) ^ rotate_right(x, 11) ^ rotate_right(x, 25);
}

static inline uint32_t load_big_endian(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
	       (uint32_t)at[2] << 8 | at[3];
}

static inline void store_big_endian(unsigned char *at, uint32_t x)
{
	at[0] = (unsigned char)(x >> 24);
	at[1] = (unsigned char)(x >> 16);
	at[2] = (unsigned char)(x >> 8);
	at[3] = (unsigned char)x;
}

/* One round (6.2.2, step 3). Its last line, where each variable takes the
 * value of the one before it, is left to the caller: who calls again with the
 * variables in turn moves nothing. */
static inline void do_round(uint32_t a, uint32_t b, uint32_t c, uint32_t *d,
			    uint32_t e, uint32_t f, uint32_t g, uint32_t *h,
			    uint32_t constant, uint32_t word)
{
	uint32_t choose = g ^ (e & (f ^ g));
	uint32_t majority = (a & b) | (c & (a | b));
	uint32_t t1 = *h + big_sigma1(e) + choose + constant + word;

	*d += t1;
	*h = t1 + big_sigma0(a) + majority;
}

/* The next word of the message schedule (6.2.2, step 1), in the place of the
 * one that is no longer looked at. `t` is below 16 and known when compiled. */
static inline uint32_t next_word(uint32_t w[16], size_t t)
{
	return w[t] += small_sigma1(w[(t + 14) % 16]) + w[(t + 9) % 16] +
		       small_sigma0(w[(t + 1) % 16]);
}

/* Eight rounds move every variable back to its own place. */
#define EIGHT_ROUNDS(k, word)                                                  \
	do {                                                                   \
		do_round(a, b, c, &d, e, f, g, &h, (k)[0], word(0));           \
		do_round(h, a, b, &c, d, e, f, &g, (k)[1], word(1));           \
		do_round(g, h, a, &b, c, d, e, &f, (k)[2], word(2));           \
		do_round(f, g, h, &a, b, c, d, &e, (k)[3], word(3));           \
		do_round(e, f, g, &h, a, b, c, &d, (k)[4], word(4));           \
		do_round(d, e, f, &g, h, a, b, &c, (k)[5], word(5));           \
		do_round(c, d, e, &f, g, h, a, &b, (k)[6], word(6));           \
		do_round(b, c, d, &e, f, g, h, &a, (k)[7], word(7));           \
	} while (0)

#define FIRST_HALF(i)  w[i]
#define SECOND_HALF(i) w[8 + (i)]
#define NEXT_FIRST(i)  next_word(w, i)
#define NEXT_SECOND(i) next_word(w, 8 + (i))

static void hash_block(uint32_t state[8], const unsigned char block[64])
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
	uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
	uint32_t w[16];

	for (size_t t = 0; t < 16; t++)
		w[t] = load_big_endian(block + 4 * t);
	EIGHT_ROUNDS(garita_sha256_constants, FIRST_HALF);
	EIGHT_ROUNDS(garita_sha256_constants + 8, SECOND_HALF);
	for (size_t t = 16; t < 64; t += 16) {
		EIGHT_ROUNDS(garita_sha256_constants + t, NEXT_FIRST);
		EIGHT_ROUNDS(garita_sha256_constants + t + 8, NEXT_SECOND);
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

void garita_sha256_init(struct garita_sha256 *ctx)
{
	memcpy(ctx->state, first_state, sizeof(ctx->state));
	ctx->bytes = 0;
}

void garita_sha256_update(struct garita_sha256 *ctx, const void *data,
			  size_t len)
{
	const unsigned char *at = data;
	size_t have = ctx->bytes % sizeof(ctx->block);

	if (len == 0) /* then data may be NULL, which memcpy may not see */
		return;
	ctx->bytes += len;
	if (have > 0) {
		size_t want = sizeof(ctx->block) - have;

		if (len < want) {
			memcpy(ctx->block + have, at, len);
			return;
		}
		memcpy(ctx->block + have, at, want);
		hash_block(ctx->state, ctx->block);
		at += want;
		len -= want;
	}
	if (len >= LARGE &&
	    garita_sha256_fast(ctx->state, at, len / sizeof(ctx->block))) {
		at += len - len % sizeof(ctx->block);
		len %= sizeof(ctx->block);
	}
	for (; len >= sizeof(ctx->block); len -= sizeof(ctx->block)) {
		hash_block(ctx->state, at);
		at += sizeof(ctx->block);
	}
	memcpy(ctx->block, at, len);
}

void garita_sha256_final(struct garita_sha256 *ctx, unsigned char ret[32])
{
	uint64_t bits = ctx->bytes * 8;
	size_t have = ctx->bytes % sizeof(ctx->block);

	ctx->block[have++] = 0x80;
	if (have > sizeof(ctx->block) - 8) {
		memset(ctx->block + have, 0, sizeof(ctx->block) - have);
		hash_block(ctx->state, ctx->block);
		have = 0;
	}
	memset(ctx->block + have, 0, sizeof(ctx->block) - 8 - have);
	store_big_endian(ctx->block + 56, (uint32_t)(bits >> 32));
	store_big_endian(ctx->block + 60, (uint32_t)bits);
	hash_block(ctx->state, ctx->block);
	for (size_t i = 0; i < 8; i++)
		store_big_endian(ret + 4 * i, ctx->state[i]);
}

void garita_sha256(const void *data, size_t len,
		   unsigned char ret[GARITA_SHA256_SIZE])
{
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, data, len);
	garita_sha256_final(&ctx, ret);
}

void garita_sha256_words(const unsigned char hash[GARITA_SHA256_SIZE],
			 char *ret)
{
	static const char hex[] = "0123456789abcdef";

	memcpy(ret, "sha256:", 7);
	ret += 7;
	for (size_t i = 0; i < GARITA_SHA256_SIZE; i++) {
		*ret++ = hex[hash[i] >> 4];
		*ret++ = hex[hash[i] & 15];
	}
	*ret = '\0';
}

void garita_sha256_digest(const void *data, size_t len, char *ret)
{
	unsigned char hash[GARITA_SHA256_SIZE];

	garita_sha256(data, len, hash);
	garita_sha256_words(hash, ret);
}
