/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes, with and without comments allowed. What is accepted has to print
 * to a text that is accepted as equal and prints the same again; what is
 * refused has to have a reason and a place inside the text; and yajl has to
 * read it alike. The first byte chooses the flags.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/json.h"
#include "tests/unit/json_oracle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* Every node can be found by its key, and has a place. */
static void check_members(const struct garita_json_doc *doc,
			  const struct garita_json *node)
{
	for (size_t i = 0; i < garita_json_count(node); i++) {
		const char *key = garita_json_key(node, i);
		struct garita_json *item = garita_json_item(node, i);
		unsigned line, column;

		must(item && (!key || garita_json_get(node, key) == item));
		garita_json_place(doc, item, &line, &column);
		must(line > 0 && column > 0);
		check_members(doc, item); /* 32 levels at most */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_json struct garita_json_doc *doc = NULL, *again = NULL;
	auto_text first = { 0 }, second = { 0 }, pretty = { 0 };
	struct garita_error err = { 0 };
	unsigned flags;
	int r;

	if (size == 0)
		return 0;
	flags = data[0] & 1 ? GARITA_JSON_COMMENTS : GARITA_JSON_STRICT;
	must(!json_oracle_objects((const char *)data + 1, size - 1, flags));
	r = garita_json_parse((const char *)data + 1, size - 1, flags, &doc,
			      &err);
	if (r < 0) {
		must(!doc && err.code == -r && err.text[0]);
		must(r == -E2BIG ||
		     (err.line > 0 && err.column > 0 && err.column <= size));
		return 0;
	}
	check_members(doc, garita_json_root(doc));

	garita_json_print(garita_json_root(doc), &first);
	must(garita_json_parse(first.data, first.len, 0, &again, &err) == 0);
	must(garita_json_equal(garita_json_root(doc), garita_json_root(again)));
	garita_json_print(garita_json_root(again), &second);
	must(first.len == second.len &&
	     memcmp(first.data, second.data, first.len) == 0);

	garita_json_print_pretty(garita_json_root(doc), &pretty);
	garita_json_free(again);
	again = NULL;
	must(garita_json_parse(pretty.data, pretty.len, 0, &again, &err) == 0);
	must(garita_json_equal(garita_json_root(doc), garita_json_root(again)));
	return 0;
}
