/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a COSE envelope of the Notary Project: whatever they are, they
 * make no claim that nobody whom the root vouches for signed.
 */
#include "tests/fuzz/notary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_notary(&garita_format_cose, data, size);
	return 0;
}
