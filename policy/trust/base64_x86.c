/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base64_x86 - the standard alphabet, sixteen characters at a time, by the
 * byte shuffles that x86 processors have had since 2006 (SSSE3). For
 * attestations, which may be megabytes: asking the processor what it has costs
 * more than a small text does.
 *
 * What a character may be is told by its two halves: a bit for each kind of
 * character that the upper half can belong to, and for each that the lower one
 * cannot, have none in common where it is one. Its value is the character and
 * a number that depends on the upper half, "/" having one of its own.
 */
#include "policy/trust/base64_wide.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

static bool is_able(void)
{
	unsigned a, b, c, d;

	return __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSSE3) != 0;
}

/* The kinds, by the upper half: 0x2_ "+/", 0x3_ digits, 0x4_ and 0x6_ A-O and
 * a-o, 0x5_ and 0x7_ P-Z and p-z; everything else has a bit that no lower half
 * lacks. */
enum { SIGNS = 1, DIGITS = 2, FIRST = 4, SECOND = 8, NEVER = 16 };
enum { ALWAYS = NEVER };

__attribute__((target("ssse3"))) static size_t decode(const char *text,
						      size_t len,
						      unsigned char *into)
{
	/* Whom a lower half is wrong for. */
	const __m128i wrong = _mm_setr_epi8(
		ALWAYS | SIGNS | FIRST, ALWAYS | SIGNS, ALWAYS | SIGNS,
		ALWAYS | SIGNS, ALWAYS | SIGNS, ALWAYS | SIGNS, ALWAYS | SIGNS,
		ALWAYS | SIGNS, ALWAYS | SIGNS, ALWAYS | SIGNS,
		ALWAYS | SIGNS | DIGITS, ALWAYS | DIGITS | SECOND,
		ALWAYS | SIGNS | DIGITS | SECOND,
		ALWAYS | SIGNS | DIGITS | SECOND,
		ALWAYS | SIGNS | DIGITS | SECOND, ALWAYS | DIGITS | SECOND);
	const __m128i kinds = _mm_setr_epi8(
		NEVER, NEVER, SIGNS, DIGITS, FIRST, SECOND, FIRST, SECOND,
		NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER);
	/* By the upper half, "/" as if it were 0x1_. */
	const __m128i more =
		_mm_setr_epi8(0, 63 - '/', 62 - '+', 52 - '0', -'A', -'A',
			      26 - 'a', 26 - 'a', 0, 0, 0, 0, 0, 0, 0, 0);
	const __m128i half = _mm_set1_epi8(0x0f), slash = _mm_set1_epi8('/');
	const __m128i order = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13,
					    12, -1, -1, -1, -1);
	size_t done = 0;

	for (; len - done >= 16; done += 16, into += 12) {
		__m128i c = _mm_loadu_si128(
			(const __m128i *)(const void *)(text + done));
		__m128i upper = _mm_and_si128(_mm_srli_epi32(c, 4), half);
		__m128i bad = _mm_and_si128(
			_mm_shuffle_epi8(kinds, upper),
			_mm_shuffle_epi8(wrong, _mm_and_si128(c, half)));
		__m128i value;

		if (_mm_movemask_epi8(
			    _mm_cmpeq_epi8(bad, _mm_setzero_si128())) != 0xffff)
			break;
		value = _mm_add_epi8(
			c,
			_mm_shuffle_epi8(
				more,
				_mm_add_epi8(upper, _mm_cmpeq_epi8(c, slash))));
		/* Two by two: 12 bits, then 24. */
		value = _mm_maddubs_epi16(value, _mm_set1_epi32(0x01400140));
		value = _mm_madd_epi16(value, _mm_set1_epi32(0x00011000));
		_mm_storeu_si128((__m128i *)(void *)into,
				 _mm_shuffle_epi8(value, order));
	}
	return done;
}

size_t garita_base64_wide(const char *text, size_t len, unsigned char *into)
{
	/* Each step writes four bytes more than it decodes: the next ones. */
	return is_able() && len > 32 ? decode(text, len - 16, into) : 0;
}

#else

size_t garita_base64_wide(const char *text, size_t len, unsigned char *into)
{
	(void)text;
	(void)len;
	(void)into;
	return 0;
}

#endif
