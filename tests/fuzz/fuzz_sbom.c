/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any JSON as a list of contents, and as an OpenVEX document: that excuses a
 * finding only where it says anything of it, and never for another image.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

#define APP                                                                    \
	"sha256:b1feb45addfcb18d87ed842be4ecf378689214a453da44dde1edc6841ee"   \
	"cf888"

#define NOBODY                                                                 \
	"sha256:00000000000000000000000000000000000000000000000000000000000"   \
	"00000"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {
		"https://spdx.dev/Document",
		"https://cyclonedx.org/bom/v1.6",
		"https://openvex.dev/ns/v0.2.0",
		"https://cosign.sigstore.dev/attestation/v1",
	};
	static const struct garita_finding findings[] = {
		{ .id = "CVE-2026-1005", .package = "pkg:deb/debian/x@1" },
		{ .id = "CVE-2026-1005" },
	};
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *root;

	if (garita_json_parse((const char *)data, size, GARITA_JSON_STRICT,
			      &doc, NULL) < 0)
		return 0;
	root = garita_json_root(doc);
	for (size_t i = 0; i < GARITA_COUNT(types); i++) {
		struct garita_error err = { 0 };
		time_t when = 0;

		if (garita_predicate_shape(types[i], root, &err) < 0)
			must(*err.text != '\0');
		if (garita_predicate_time(types[i], root, &when, NULL) == 0)
			must(when > 0);
	}
	for (size_t i = 0; i < GARITA_COUNT(findings); i++) {
		bool said = false;

		if (garita_vex_excuses(root, APP, &findings[i], &said))
			must(said);
		if (garita_vex_excuses(root, NOBODY, &findings[i], &said))
			must(memmem(data, size, "0000", 4) != NULL ||
			     memchr(data, '\\', size) != NULL);
	}
	return 0;
}
