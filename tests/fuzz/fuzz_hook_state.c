/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as the state that a runtime hands to a hook. What is accepted has
 * an absolute bundle, and the numbers and words that are in the text.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hook/hook_state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

void garita_out_of_memory(void)
{
	abort();
}

static void must(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_hook_state state = { 0 };
	struct garita_error err = { 0 };
	const struct garita_json *root;
	uint64_t pid = 0;

	if (garita_hook_state_parse((const char *)data, size, &state, &err) <
	    0) {
		must(err.text[0] != '\0' && state.doc == NULL);
		return 0;
	}
	must(garita_json_parse((const char *)data, size, GARITA_JSON_STRICT,
			       &doc, NULL) == 0);
	root = garita_json_root(doc);
	must(state.bundle[0] == '/');
	must(strcmp(state.bundle,
		    garita_json_string(garita_json_get(root, "bundle"))) == 0);
	must((state.id != NULL) ==
	     (garita_json_string(garita_json_get(root, "id")) != NULL));
	must(state.pid <= INT32_MAX);
	if (state.pid != 0)
		must(garita_json_u64(garita_json_get(root, "pid"), &pid) == 0 &&
		     pid == state.pid);
	return 0;
}
