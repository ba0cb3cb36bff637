/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * strings - the functions of <string.h> that a start calls thousands of times
 * on short texts, sixteen bytes at once: musl's go byte by byte to a boundary
 * first, where most of ours have ended. Elsewhere than on x86 musl's serve.
 *
 * More than the text is read, but never of another page: either from an address
 * that is a multiple of a step, or after a look at how much of the page is
 * left.
 */
#ifdef __SSE2__

#include <emmintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { STEP = 16, PAGE = 4096 };

/* musl's name for strchrnul(), by which its own functions call it. */
char *__strchrnul(const char *text, int wanted);

/* A bit for each byte of the step at `at` that is `byte`. */
static inline unsigned alike(const __m128i *at, __m128i byte)
{
	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(_mm_load_si128(at), byte));
}

static inline const __m128i *step_of(const void *at)
{
	return (const __m128i *)((uintptr_t)at & ~(uintptr_t)(STEP - 1));
}

static inline unsigned first(unsigned bits)
{
	return (unsigned)__builtin_ctz(bits);
}

size_t strlen(const char *text)
{
	const __m128i *at = step_of(text), nothing = _mm_setzero_si128();
	unsigned bits = alike(at, nothing) >> ((uintptr_t)text % STEP);

	if (bits != 0)
		return first(bits);
	do
		bits = alike(++at, nothing);
	while (bits == 0);
	return (size_t)((const char *)at - text) + first(bits);
}

void *memchr(const void *bytes, int wanted, size_t len)
{
	const __m128i *at = step_of(bytes), byte = _mm_set1_epi8((char)wanted);
	size_t before = (uintptr_t)bytes % STEP, seen = STEP - before;
	unsigned bits;

	if (len == 0)
		return NULL;
	bits = alike(at, byte) >> before;
	if (bits != 0)
		return first(bits) < len ? (char *)bytes + first(bits) : NULL;
	for (; seen < len; seen += STEP) {
		bits = alike(++at, byte);
		if (bits != 0)
			return seen + first(bits) < len
				       ? (char *)bytes + seen + first(bits)
				       : NULL;
	}
	return NULL;
}

/* GCC knows what strchrnul(), strchr() and strlen() are to each other, and
 * would make one call of two. */
static inline __attribute__((always_inline)) char *find(const char *text,
							int wanted)
{
	const __m128i *at = step_of(text), nothing = _mm_setzero_si128();
	const __m128i byte = _mm_set1_epi8((char)wanted);
	unsigned bits = (alike(at, byte) | alike(at, nothing)) >>
			((uintptr_t)text % STEP);

	if (bits != 0)
		return (char *)text + first(bits);
	do {
		at++;
		bits = alike(at, byte) | alike(at, nothing);
	} while (bits == 0);
	return (char *)at + first(bits);
}

char *__strchrnul(const char *text, int wanted)
{
	return find(text, wanted);
}

char *strchrnul(const char *text, int wanted)
{
	return find(text, wanted);
}

char *strchr(const char *text, int wanted)
{
	char *ret = find(text, wanted);

	return *ret == (char)wanted ? ret : NULL;
}

static inline int is_near_end(const void *a, const void *b)
{
	return (uintptr_t)a % PAGE > PAGE - STEP ||
	       (uintptr_t)b % PAGE > PAGE - STEP;
}

/* A bit for each byte where two texts part or both end. */
static inline unsigned parting(const char *a, const char *b)
{
	__m128i x = _mm_loadu_si128((const __m128i *)a);
	__m128i y = _mm_loadu_si128((const __m128i *)b);
	/* Where they differ 0, where they do not what they have. */
	__m128i common = _mm_min_epu8(x, _mm_cmpeq_epi8(x, y));

	return (unsigned)_mm_movemask_epi8(
		_mm_cmpeq_epi8(common, _mm_setzero_si128()));
}

static inline __attribute__((always_inline)) int compare(const char *a,
							 const char *b,
							 size_t most)
{
	for (size_t i = 0; i < most;) {
		unsigned bits;

		if (is_near_end(a + i, b + i)) {
			if (a[i] != b[i] || a[i] == '\0')
				return (unsigned char)a[i] -
				       (unsigned char)b[i];
			i++;
			continue;
		}
		bits = parting(a + i, b + i);
		if (bits != 0) {
			i += first(bits);
			return i < most ? (unsigned char)a[i] -
						  (unsigned char)b[i]
					: 0;
		}
		i += STEP;
	}
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return compare(a, b, SIZE_MAX - STEP);
}

int strncmp(const char *a, const char *b, size_t most)
{
	return compare(a, b, most);
}

#endif
