/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sha256_x86 - the hash by the instructions that most x86 processors have for
 * it (SHA extensions), five times as fast as plain C. For attestations, which
 * may be megabytes: asking the processor what it has costs more than a small
 * text does.
 *
 * The instructions want the eight variables as two vectors, {a, b, e, f} and
 * {c, d, g, h}, do two rounds at a time, and make four words of the schedule.
 */
#include "policy/sha256_block.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

static bool is_able(void)
{
	unsigned a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSSE3) == 0 ||
	    (c & bit_SSE4_1) == 0)
		return false;
	return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

/* Words 4 * i and the three after it, from the sixteen before. */
WITH_SHA static inline __m128i next_words(const __m128i w[4], size_t i)
{
	__m128i sum = _mm_add_epi32(
		_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]),
		_mm_alignr_epi8(w[(i + 3) % 4], w[(i + 2) % 4], 4));

	return _mm_sha256msg2_epu32(sum, w[(i + 3) % 4]);
}

WITH_SHA static void hash(uint32_t state[8], const unsigned char *at,
			  size_t blocks)
{
	const __m128i big_endian =
		_mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
	__m128i cdab = _mm_shuffle_epi32(
		_mm_loadu_si128((const __m128i *)(const void *)state), 0xb1);
	__m128i efgh = _mm_shuffle_epi32(
		_mm_loadu_si128((const __m128i *)(const void *)(state + 4)),
		0x1b);
	__m128i abef = _mm_alignr_epi8(cdab, efgh, 8);
	__m128i cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
	__m128i feba, dchg;

	for (; blocks > 0; blocks--, at += 64) {
		__m128i first = abef, second = cdgh, w[4];

		/* Or the four words would be in memory. */
		_Pragma("GCC unroll 16") for (size_t i = 0; i < 16; i++)
		{
			__m128i sum;

			w[i %
			  4] = i >= 4 ? next_words(w, i)
				      : _mm_shuffle_epi8(
						_mm_loadu_si128((
							const __m128i
								*)(const void
									   *)(at +
									      16 * i)),
						big_endian);
			sum = _mm_add_epi32(
				w[i % 4],
				_mm_loadu_si128((
					const __m128i
						*)(const void
							   *)(garita_sha256_constants +
							      4 * i)));
			cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
			abef = _mm_sha256rnds2_epu32(
				abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
		}
		abef = _mm_add_epi32(abef, first);
		cdgh = _mm_add_epi32(cdgh, second);
	}
	feba = _mm_shuffle_epi32(abef, 0x1b);
	dchg = _mm_shuffle_epi32(cdgh, 0xb1);
	_mm_storeu_si128((__m128i *)(void *)state,
			 _mm_blend_epi16(feba, dchg, 0xf0));
	_mm_storeu_si128((__m128i *)(void *)(state + 4),
			 _mm_alignr_epi8(dchg, feba, 8));
}

bool garita_sha256_fast(uint32_t state[8], const unsigned char *at,
			size_t blocks)
{
	if (!is_able())
		return false;
	hash(state, at, blocks);
	return true;
}

#else

bool garita_sha256_fast(uint32_t state[8], const unsigned char *at,
			size_t blocks)
{
	(void)state;
	(void)at;
	(void)blocks;
	return false;
}

#endif
