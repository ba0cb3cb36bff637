/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a signature of containers-storage, once as they are and once
 * after the head that says so.
 */
#include "garita/text.h"
#include "tests/fuzz/sigstore.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char head[] = "\0sigstore-json\n";
	auto_text text = { 0 };

	fuzz_stranger(&garita_format_sigstore_local, data, size);
	garita_text_add(&text, head, sizeof(head) - 1);
	garita_text_add(&text, (const char *)data, size);
	fuzz_stranger(&garita_format_sigstore_local, (uint8_t *)text.data,
		      text.len);
	return 0;
}
