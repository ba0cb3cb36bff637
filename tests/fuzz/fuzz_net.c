/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of what the kernel answers about guards. The first byte says which
 * question it answers. What is read must be strings that end, and an error
 * must have words.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/net/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_net_rules rules = { 0 };
	struct garita_error err = { 0 };
	auto_free void *answer = NULL;
	int rc;

	if (size == 0)
		return 0;
	answer = garita_xalloc(size - 1); /* aligned, as a receiver's is */
	memcpy(answer, data + 1, size - 1);
	rc = data[0] & 1
		     ? garita_answer_batch(answer, size - 1, 7, &err)
		     : garita_answer_rules(answer, size - 1, 7, &rules, &err);
	if (rc > 1 || (rc < 0 && err.text[0] == '\0'))
		abort();
	for (size_t i = 0; i < rules.count; i++) {
		const struct garita_net_rule *rule = &rules.rules[i];

		if (memchr(rule->table, '\0', sizeof(rule->table)) == NULL ||
		    memchr(rule->chain, '\0', sizeof(rule->chain)) == NULL ||
		    memchr(rule->what, '\0', sizeof(rule->what)) == NULL)
			abort();
	}
	return 0;
}
