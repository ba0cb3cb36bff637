/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of tables of advisories: one that is read is judged, twice to the
 * same answer, and every entry has a state.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/advisories.h"
#include "garita/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char machine[] =
	"{\"distribution\":\"debian/bookworm\",\"kernel\":{\"number\":"
	"\"6.1.70\",\"live-patch\":{\"fixes\":[\"CVE-1\"]},\"options\":{"
	"\"CONFIG_A\":\"n\"}},\"modules\":{\"states\":{\"a\":\"absent\",\"b\":"
	"\"loadable\"}},\"cgroup\":{\"version\":\"2\"},\"programs\":{\"runc\":{"
	"\"version\":\"1.1.5\",\"commit\":\"abcdef0\",\"package\":{\"name\":"
	"\"runc\",\"version\":\"1.1.5-1\",\"format\":\"deb\"},\"fixes\":["
	"\"CVE-2\"]},\"crun\":{\"path\":\"/usr/bin/crun\"}}}";

static void count(const char *name, void *data)
{
	if (*name == '\0')
		abort();
	(*(size_t *)data)++;
}

static void judge(struct garita_json_doc *table, struct garita_text *out)
{
	auto_facts facts = { 0 };
	const struct garita_json *list;

	if (garita_json_parse(machine, sizeof(machine) - 1, GARITA_JSON_STRICT,
			      &facts.doc, NULL) < 0)
		abort();
	garita_advisories_judge(table, &facts);
	garita_advisories_judge(table, &facts);
	list = garita_facts_at(&facts, "/advisories");
	for (size_t i = 0; i < garita_json_count(list); i++)
		if (garita_json_string(garita_json_get(
			    garita_json_item(list, i), "state")) == NULL)
			abort();
	garita_json_print(garita_json_root(facts.doc), out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_json struct garita_json_doc *table = NULL;
	struct garita_error err = { 0 };
	auto_text first = { 0 }, second = { 0 };
	size_t names = 0;

	if (garita_advisories_parse((const char *)data, size, &table, &err) <
	    0) {
		if (*err.text == '\0' || table != NULL)
			abort();
		return 0;
	}
	garita_advisories_modules(table, count, &names);
	garita_advisories_options(table, count, &names);
	judge(table, &first);
	judge(table, &second);
	if (strcmp(first.data, second.data) != 0)
		abort();
	return 0;
}
