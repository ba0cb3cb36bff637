/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a sigstore bundle: whatever they are, they make no claim that
 * the key's owner did not sign.
 */
#include "tests/fuzz/sigstore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_stranger(&garita_format_bundle, data, size);
	return 0;
}
