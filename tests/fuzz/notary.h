/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notary - what the fuzzers of the Notary Project's envelopes share: a root
 * whose genuine signatures are among the seeds.
 */
#ifndef GARITA_TESTS_FUZZ_NOTARY_H
#define GARITA_TESTS_FUZZ_NOTARY_H

#include <stdint.h>
#include <stdlib.h>

#include "policy/trust/format.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* Reads the bytes as a stranger's envelope. Whatever they are, under this root
 * they say only what its signers once signed. */
void fuzz_notary(const struct garita_format *format, const uint8_t *data,
		 size_t size);

#endif
