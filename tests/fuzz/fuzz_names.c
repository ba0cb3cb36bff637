/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of the name check: any JSON, as a config and as a process. What is
 * accepted must be accepted again after it was printed, because the printed
 * text is what the runtime reads.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "garita/names.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t len, bool process, bool again)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text printed = { 0 };
	struct garita_error err = { 0 };
	int failure =
		garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, &err);

	if (failure == 0)
		failure = process ? garita_names_check_process(doc, &err)
				  : garita_names_check(doc, &err);
	if (failure != 0) {
		if (again || err.code <= 0 || err.text[0] == '\0')
			abort();
		return;
	}
	if (again)
		return;
	garita_json_print(garita_json_root(doc), &printed);
	check(printed.data, printed.len, process, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check((const char *)data, size, false, false);
	check((const char *)data, size, true, false);
	return 0;
}
