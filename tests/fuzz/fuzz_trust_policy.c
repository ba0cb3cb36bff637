/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of notation's trustpolicy.json: up to the first newline the name that
 * is asked about, then the file. What is handed out can be judged, and a file
 * that is refused is refused for every name.
 */
#include <string.h>

#include "garita/reference.h"
#include "garita/trust.h"
#include "tests/fuzz/notary.h"

static void check(const struct garita_requirement *one)
{
	const struct garita_notation *notation = one->notation;

	must((one->kind == GARITA_REQUIRE_NOTATION) == (notation != NULL));
	must((one->kind == GARITA_REQUIRE_UNSUPPORTED) == (one->why != NULL));
	if (notation == NULL)
		return;
	must(notation->name != NULL && notation->store_count > 0 &&
	     notation->identity_count > 0);
	for (size_t i = 0; i < GARITA_NOTATION_CHECKS; i++)
		must(notation->actions[i] != GARITA_NOTATION_SKIP ||
		     i == GARITA_NOTATION_REVOCATION);
	for (size_t i = 0; i < notation->store_count; i++)
		must(strchr(notation->stores[i], '/') == NULL &&
		     strcmp(strchr(notation->stores[i], ':'), ":..") != 0);
}

static bool ask(const char *text, size_t len, const char *name)
{
	auto_requirements list = { 0 };
	struct garita_requirement *one = garita_requirements_add(&list);
	struct garita_error err = { 0 };

	if (garita_notation_policy(text, len, name, one, &err) < 0) {
		must(err.text[0] != '\0' && one->notation == NULL);
		return false;
	}
	check(one);
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

	must(ask(text, len, name) == (any && readable));
	return 0;
}
