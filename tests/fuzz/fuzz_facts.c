/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of kept facts: whatever a document says, every rule about the machine
 * comes to an answer in words, and one that it says nothing to is not quiet
 * about what it needs.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/facts.h"
#include "garita/memory.h"
#include "garita/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char boot[] = "8c3c7c2e-5d1f-4c07-9d62-0f4f5b1c2a10";

static void judge(struct garita_facts *facts)
{
	const struct garita_change change = { .subject = GARITA_SCOPE_HOST };
	const struct garita_host host = { .facts = facts };
	const struct garita_image image = { 0 };
	struct garita_policy *policy = garita_policy_default();
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_spec none = { 0 };
	auto_verdict verdict = { 0 };
	struct garita_error err = { 0 };

	if (garita_policy_set_profile(policy, "strict", &err) < 0 ||
	    garita_decide_change(&change, doc, &none, policy, &image, &host, 0,
				 0, &verdict, &err) < 0)
		abort();
	for (size_t i = 0; i < verdict.count; i++) {
		const struct garita_finding *f = &verdict.findings[i];

		if (*f->pointer != '/' || *f->found == '\0' ||
		    *f->wanted == '\0' || f->line != 0)
			abort();
	}
	/* Nothing known is nothing passed, but for what asks for harm. */
	if (garita_json_count(garita_json_root(facts->doc)) <= 3 &&
	    verdict.count < 20)
		abort();
	garita_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct garita_facts_terms terms = {
		.now = 1000000,
		.max_age_s = 86400,
		.boot_id = boot,
	};
	struct garita_error err = { 0 };
	auto_facts facts = { 0 };

	if (garita_facts_parse((const char *)data, size, &terms, &facts, &err) <
	    0) {
		if (*err.text == '\0' || facts.doc != NULL)
			abort();
		return 0;
	}
	judge(&facts);
	return 0;
}
