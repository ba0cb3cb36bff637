/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any JSON as provenance: it names a builder, or it is none.
 */
#include <stdbool.h>
#include <stdint.h>

#include "garita/memory.h"
#include "policy/trust/predicate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void garita_out_of_memory(void)
{
	__builtin_trap();
}

static void must(bool holds)
{
	if (!holds)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {
		"https://slsa.dev/provenance/v0.2",
		"https://slsa.dev/provenance/v1",
	};
	auto_json struct garita_json_doc *doc = NULL;

	if (garita_json_parse((const char *)data, size, GARITA_JSON_STRICT,
			      &doc, NULL) < 0)
		return 0;
	for (size_t i = 0; i < GARITA_COUNT(types); i++) {
		const struct garita_json *root = garita_json_root(doc);
		struct garita_provenance built = { 0 };
		time_t when = 0;

		if (garita_predicate_provenance(types[i], root, &built, NULL) ==
		    0)
			must(built.builder != NULL && *built.builder != '\0');
		else
			must(built.builder == NULL && built.source == NULL);
		if (garita_predicate_time(types[i], root, &when, NULL) == 0)
			must(when > 0);
	}
	return 0;
}
