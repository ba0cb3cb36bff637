/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_lookup - from a name to its row, by a perfect hash: no two names of
 * the table have the same place. The hash chooses a shift, and with it a place;
 * tests/unit/test_seccomp_names.c works the shifts out.
 *
 * Here and not in seccomp_names.c, as a start looks up eight hundred names in a
 * row.
 */
#ifndef GARITA_POLICY_SECCOMP_LOOKUP_H
#define GARITA_POLICY_SECCOMP_LOOKUP_H

#include <endian.h>
#include <string.h>

#include "policy/seccomp_profile.h"
#include "policy/seccomp_table.h"

enum {
	GARITA_SECCOMP_LONGEST = sizeof(garita_seccomp_names[0].name) - 1,
};

static inline uint64_t garita_seccomp_load(const void *at)
{
	uint64_t word;

	memcpy(&word, at, sizeof(word));
	return le64toh(word);
}

/* How long a text is that can be read in steps of eight bytes. */
static inline size_t garita_seccomp_length(const char *text)
{
	const uint64_t ones = UINT64_C(0x0101010101010101);

	for (size_t at = 0;; at += sizeof(ones)) {
		uint64_t word = garita_seccomp_load(text + at);
		uint64_t zeros = (word - ones) & ~word & ones << 7;

		if (zeros != 0)
			return at + (size_t)__builtin_ctzll(zeros) / 8;
	}
}

/* Half of a name, with zeros behind it as in its row. Most names are shorter
 * than one; where in it they end cannot be foreseen, so that there is no branch
 * for that. */
struct garita_seccomp_half {
	uint64_t low, high;
};
static inline struct garita_seccomp_half garita_seccomp_half(const char *at,
							     size_t len)
{
	/* From each place as many 0xff as there are bytes up to the middle. */
	static const unsigned char edge[32] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	};

	return (struct garita_seccomp_half){
		garita_seccomp_load(at) & garita_seccomp_load(edge + 16 - len),
		garita_seccomp_load(at + 8) &
			garita_seccomp_load(edge + 24 - len),
	};
}

static inline uint64_t garita_seccomp_hash(struct garita_seccomp_half first,
					   struct garita_seccomp_half rest)
{
	/* Any odd number that leaves a shift for every name. */
	const uint64_t odd = UINT64_C(0x1e2feb89414c343d);

	return ((first.low + first.high * odd) ^ (rest.low + rest.high) << 1) *
	       odd;
}
static inline size_t garita_seccomp_shift(uint64_t hash)
{
	return (size_t)(hash >> 57);
}
static inline size_t garita_seccomp_place(uint64_t hash, uint64_t shift)
{
	return (hash >> 32 ^ shift << 2) % GARITA_SECCOMP_PLACES;
}

static inline bool garita_seccomp_is_row(const char *row,
					 struct garita_seccomp_half first,
					 struct garita_seccomp_half rest)
{
	/* The last two bytes of a row are not the name's. */
	return ((garita_seccomp_load(row) ^ first.low) |
		(garita_seccomp_load(row + 8) ^ first.high) |
		(garita_seccomp_load(row + 16) ^ rest.low) |
		((garita_seccomp_load(row + 24) & UINT64_MAX >> 16) ^
		 rest.high)) == 0;
}

/* As garita_seccomp_call(), of a name that may be read to the end of the
 * sixteen bytes that its NUL is in (GARITA_JSON_STEP). */
static inline int garita_seccomp_call_in_steps(const char *name, size_t len)
{
	struct garita_seccomp_half first, rest = { 0, 0 };
	uint64_t hash;
	size_t call;

	if (len > GARITA_SECCOMP_LONGEST)
		return -1;
	first = garita_seccomp_half(name, len < 16 ? len : 16);
	if (len > 16)
		rest = garita_seccomp_half(name + 16, len - 16);
	hash = garita_seccomp_hash(first, rest);
	call = garita_seccomp_places[garita_seccomp_place(
		hash, garita_seccomp_shifts[garita_seccomp_shift(hash)])];
	return garita_seccomp_is_row(garita_seccomp_names[call].name, first,
				     rest)
		       ? (int)call
		       : -1;
}

#endif
