/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of the line of a guard: what is taken is written the same again, and
 * makes a batch.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/network.h"
#include "hook/net/ruleset.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *line = garita_xstrndup((const char *)data, size);
	const char *const lines[] = { line };
	auto_network network = { 0 };
	struct garita_error err = { 0 };
	auto_batch batch = { 0 };
	auto_text again = { 0 };
	unsigned parts = 0;

	if (garita_guard_parse(line, &network, &err) < 0) {
		if (err.text[0] == '\0')
			abort();
		return 0;
	}
	for (enum garita_guard_part p = 0; p < GARITA_GUARD_PARTS; p++)
		if (garita_network_asks(&network, p))
			parts |= 1U << p;
	garita_guard_line(&network, parts, &again);
	if (strcmp(again.data, line) != 0 ||
	    garita_batch_make(lines, 1, 1, false, &batch, &err) < 0)
		abort();
	return 0;
}
