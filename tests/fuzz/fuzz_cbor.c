/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as CBOR: an item that is skipped is as long as its heads and
 * strings, taken one by one, and written again from what was read it is the
 * same bytes, as every value has one encoding.
 */
#include <string.h>

#include "garita/text.h"
#include "policy/trust/cbor.h"
#include "tests/fuzz/notary.h"

static void write_head(struct garita_text *out, unsigned kind, uint64_t number)
{
	unsigned bytes = number < 24            ? 0
			 : number <= UINT8_MAX  ? 1
			 : number <= UINT16_MAX ? 2
			 : number <= UINT32_MAX ? 4
						: 8;
	unsigned more = bytes == 0 ? (unsigned)number
				   : 24U + (unsigned)__builtin_ctz(bytes);

	garita_text_putc(out, (char)(unsigned char)(kind << 5 | more));
	for (unsigned i = bytes; i > 0; i--)
		garita_text_putc(out,
				 (char)(unsigned char)(number >> 8 * (i - 1)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct garita_cbor whole = { data, size }, from = whole;
	struct garita_cbor_item item;
	auto_text again = { 0 };
	size_t len;

	if (!garita_cbor_skip(&whole)) {
		must(whole.at == data && whole.left == size);
		return 0;
	}
	len = size - whole.left;
	while (size - from.left < len) {
		must(garita_cbor_take(&from, &item));
		write_head(&again, item.kind, item.number);
		if (item.kind == GARITA_CBOR_BYTES ||
		    item.kind == GARITA_CBOR_TEXT)
			garita_text_add(&again, (const char *)item.bytes,
					(size_t)item.number);
	}
	must(again.len == len && memcmp(again.data, data, len) == 0);
	return 0;
}
