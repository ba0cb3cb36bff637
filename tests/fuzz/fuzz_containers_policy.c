/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of containers-policy.json: up to the first newline the name that is
 * asked about, then the file. Whatever is handed out is a list that can be
 * judged, and the same for the same name twice; a file that is refused is
 * refused for every name.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/reference.h"
#include "garita/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_list(const struct garita_requirements *list)
{
	if (list->count == 0)
		abort();
	for (size_t i = 0; i < list->count; i++) {
		const struct garita_requirement *one = &list->all[i];
		bool keys = one->kind == GARITA_REQUIRE_GPG ||
			    one->kind == GARITA_REQUIRE_KEYS;

		if (keys && (one->key_count == 0 || one->need != 1))
			abort();
		if (one->kind == GARITA_REQUIRE_UNSUPPORTED && one->why == NULL)
			abort();
		if (one->identity.kind > GARITA_IDENTITY_REMAP ||
		    one->signed_index)
			abort();
	}
}

static bool ask(const char *text, size_t len, const char *name)
{
	auto_requirements list = { 0 };
	auto_free char *scope = NULL;
	struct garita_error err = { 0 };

	if (garita_containers_policy(text, len, name, &list, &scope, &err) <
	    0) {
		if (err.text[0] == '\0' || list.count > 0 || scope != NULL)
			abort();
		return false;
	}
	if (scope == NULL)
		abort();
	check_list(&list);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *line = memchr(data, '\n', size);
	size_t name_len = line ? (size_t)(line - (const char *)data) : 0;
	auto_free char *name = garita_xstrndup((const char *)data, name_len);
	const char *text = line ? line + 1 : (const char *)data;
	size_t len = size - (line ? name_len + 1 : 0);
	struct garita_reference parsed;
	bool readable = garita_reference_parse(name, &parsed, NULL) == 0;
	bool any = ask(text, len, NULL);

	if (ask(text, len, name) != (any && readable))
		abort();
	return 0;
}
