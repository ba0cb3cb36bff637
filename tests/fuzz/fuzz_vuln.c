/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any JSON as what a scanner found, by each type of predicate: what is told of
 * has an id and a severity, and a report that is no error is told of again in
 * the same way.
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

static void count(void *at, const struct garita_finding *finding)
{
	must(finding->id != NULL && *finding->id != '\0');
	must(finding->unknown || (finding->severity > GARITA_SEVERITY_NONE &&
				  finding->severity < GARITA_SEVERITIES));
	(*(size_t *)at)++;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = {
		"https://cosign.sigstore.dev/attestation/vuln/v1",
		"https://in-toto.io/attestation/vulns/v0.1",
		"https://in-toto.io/attestation/vulns/v0.2",
	};
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *root;

	if (garita_json_parse((const char *)data, size, GARITA_JSON_STRICT,
			      &doc, NULL) < 0)
		return 0;
	root = garita_json_root(doc);
	for (size_t i = 0; i < GARITA_COUNT(types); i++) {
		struct garita_error err = { 0 };
		size_t first = 0, again = 0;
		time_t when = 0;
		int rc = garita_predicate_findings(types[i], root, count,
						   &first, &err);

		must(rc == 0 || *err.text != '\0');
		must(garita_predicate_findings(types[i], root, count, &again,
					       NULL) == rc &&
		     first == again);
		if (garita_predicate_time(types[i], root, &when, NULL) == 0)
			must(when > 0);
	}
	return 0;
}
