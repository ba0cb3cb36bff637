/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * step - sixteen bytes of a text looked at at once, for the few loops that run
 * over megabytes. Vectors of the compiler: instructions where the machine has
 * them, plain words elsewhere.
 */
#ifndef GARITA_STEP_H
#define GARITA_STEP_H

#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { GARITA_STEP = 16 }; /* bytes */

/* Of a comparison: all bits of the bytes that fulfil it, none of the others. */
typedef signed char garita_step __attribute__((vector_size(GARITA_STEP)));

/* All of GARITA_STEP bytes have to be readable. */
static inline garita_step garita_step_at(const void *at)
{
	garita_step bytes;

	memcpy(&bytes, at, sizeof(bytes));
	return bytes;
}

/* Position of the first byte that fulfils a comparison; GARITA_STEP: none.
 * Without a branch: where a word ends cannot be foreseen. */
#ifdef __SSE2__
static inline size_t garita_step_first(garita_step fulfils)
{
	unsigned bits = (unsigned)_mm_movemask_epi8((__m128i)fulfils);

	return (size_t)__builtin_ctz(bits | 1U << GARITA_STEP);
}
#else
static inline size_t garita_step_first(garita_step fulfils)
{
	uint64_t halves[2], first;

	memcpy(halves, &fulfils, sizeof(halves));
	first = le64toh(halves[0] != 0 ? halves[0] : halves[1]);
	if (first == 0)
		return GARITA_STEP;
	return (halves[0] != 0 ? 0 : 8) + (size_t)__builtin_ctzll(first) / 8;
}
#endif

#endif
