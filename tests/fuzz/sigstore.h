/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sigstore - what the fuzzers of signature formats share: a key whose genuine
 * signatures are among the seeds, and what may never follow from any bytes.
 */
#ifndef GARITA_TESTS_FUZZ_SIGSTORE_H
#define GARITA_TESTS_FUZZ_SIGSTORE_H

#include <stdbool.h>
#include <stdint.h>

#include "tests/unit/sigstore_make.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool holds)
{
	if (!holds)
		__builtin_trap();
}

/* Reads the bytes as a stranger's blob. Whatever they are, with this key they
 * say only what its owner once signed. */
void fuzz_stranger(const struct garita_format *format, const uint8_t *data,
		   size_t size);

/* A pair of this run, to sign with. */
struct fuzz_signer {
	EVP_PKEY *pair;
	struct garita_key key;
};
const struct fuzz_signer *fuzz_signer(void);

/* The text was signed: there is a claim exactly when it is well-formed, and
 * never one without a digest. */
void fuzz_check_signed(const struct garita_claims *claims, bool well_formed);

#endif
