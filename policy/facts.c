/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * facts - reading a kept document of facts and deciding whether it counts, and
 * setting members of one.
 */
#include "garita/facts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A clock that was set back a little makes nothing of the future. */
enum {
	FUTURE_S = 300,
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
	MOST_NAME = 64
};

/* "3 days", "5 hours", "12 minutes" */
static void put_age(char *into, size_t size, uint64_t seconds)
{
	static const struct {
		uint64_t seconds;
		const char *name;
	} units[] = { { DAY, "day" }, { HOUR, "hour" }, { MINUTE, "minute" } };
	size_t i = 0;
	uint64_t count;

	while (i + 1 < GARITA_COUNT(units) && seconds < 2 * units[i].seconds)
		i++;
	count = seconds / units[i].seconds;
	snprintf(into, size, "%" PRIu64 " %s%s", count, units[i].name,
		 count == 1 ? "" : "s");
}

static int check_age(uint64_t gathered, const struct garita_facts_terms *terms,
		     struct garita_error *err)
{
	uint64_t now = terms->now > 0 ? (uint64_t)terms->now : 0;
	char age[64], most[64];

	if (gathered > now + FUTURE_S)
		return garita_fail(err, ESTALE,
				   "they were gathered in the future");
	if (gathered > now || now - gathered <= terms->max_age_s)
		return 0;
	put_age(age, sizeof(age), now - gathered);
	put_age(most, sizeof(most), terms->max_age_s);
	return garita_fail(err, ESTALE,
			   "they were gathered %s ago, and at most %s counts",
			   age, most);
}

static int check_boot(const char *boot, const struct garita_facts_terms *terms,
		      struct garita_error *err)
{
	if (*terms->boot_id == '\0')
		return garita_fail(err, ESTALE,
				   "which boot this is cannot be told");
	if (strcmp(boot, terms->boot_id) != 0)
		return garita_fail(err, ESTALE,
				   "they were gathered before the last boot");
	return 0;
}

int garita_facts_parse(const char *text, size_t len,
		       const struct garita_facts_terms *terms,
		       struct garita_facts *ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	int rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);
	const struct garita_json *root;
	uint64_t version, gathered;
	const char *boot;

	if (rc < 0)
		return rc;
	root = garita_json_root(doc);
	boot = garita_json_string(garita_json_get(root, "boot"));
	if (garita_json_u64(garita_json_get(root, "version"), &version) < 0 ||
	    garita_json_u64(garita_json_get(root, "gathered"), &gathered) < 0 ||
	    boot == NULL || gathered > INT64_MAX / 2)
		return garita_fail(err, EINVAL, "not facts about a host");
	if (version != GARITA_FACTS_VERSION)
		return garita_fail(err, EINVAL,
				   "of another version of garita (%" PRIu64
				   ", not %d)",
				   version, GARITA_FACTS_VERSION);
	rc = check_boot(boot, terms, err);
	if (rc == 0)
		rc = check_age(gathered, terms, err);
	if (rc < 0)
		return rc;
	*ret = (struct garita_facts){
		.doc = garita_take_ptr(&doc),
		.gathered = (time_t)gathered,
	};
	return 0;
}

void garita_facts_none(struct garita_facts *facts, const char *why)
{
	*facts = (struct garita_facts){ .doc = garita_json_new() };
	snprintf(facts->why_not, sizeof(facts->why_not), "%s", why);
}

void garita_facts_free(struct garita_facts *facts)
{
	garita_json_free(facts->doc);
	*facts = (struct garita_facts){ 0 };
}

void garita_facts_put(struct garita_facts *facts, const char *pointer,
		      struct garita_json *value)
{
	const char *name = strrchr(pointer, '/') + 1;
	auto_free char *above =
		garita_xstrndup(pointer, (size_t)(name - 1 - pointer));
	struct garita_json *into =
		*above ? garita_json_make_object(facts->doc, above)
		       : garita_json_root(facts->doc);

	if (value == NULL)
		garita_json_remove(into, name);
	else if (into != NULL)
		garita_json_put(facts->doc, into, name, value);
}

void garita_facts_put_string(struct garita_facts *facts, const char *pointer,
			     const char *value)
{
	garita_facts_put(facts, pointer,
			 value ? garita_json_new_string(facts->doc, value)
			       : NULL);
}

void garita_facts_put_bool(struct garita_facts *facts, const char *pointer,
			   bool value)
{
	garita_facts_put(facts, pointer,
			 garita_json_new_bool(facts->doc, value));
}

const struct garita_json *garita_facts_at(const struct garita_facts *facts,
					  const char *pointer)
{
	const struct garita_json *node = garita_json_root(facts->doc);

	/* Plain names, asked fifty times at a start: nothing is copied. */
	while (node != NULL && *pointer == '/') {
		size_t len = strcspn(++pointer, "/");
		char name[MOST_NAME];

		if (len >= sizeof(name))
			return NULL;
		memcpy(name, pointer, len);
		name[len] = '\0';
		node = garita_json_get(node, name);
		pointer += len;
	}
	return node;
}
