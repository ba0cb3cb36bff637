/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * schema - members that the runtime-spec does not have.
 *
 * Every reader skips a member it does not know, so a misspelt one is a
 * protection that is not there. The name check (names.h) has refused before
 * what two readers would take differently; what it leaves is like no name of
 * the spec for any of them, and only a person can tell what was meant.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/names.h"
#include "garita/policy.h"
#include "policy/names_table.h"
#include "policy/nearest.h"
#include "policy/report.h"

/* One who has more unknown members has another problem than spelling. */
enum { MOST_FINDINGS = 16 };

struct search {
	struct garita_report *out;
	const struct garita_case *of;
	size_t found;
};

/* The way from the root, in words only where something is found. */
struct step {
	const struct step *above; /* NULL: `node` is the root */
	const struct garita_json *node;
	size_t i;
};

static void add_pointer(const struct step *at, struct garita_text *out)
{
	const char *key;

	if (at == NULL)
		return;
	add_pointer(at->above, out);
	key = garita_json_key(at->node, at->i);
	if (key != NULL)
		garita_json_pointer_add(out, key);
	else
		garita_text_printf(out, "/%zu", at->i);
}

static void report_unknown(struct search *search, const struct step *at,
			   const struct garita_names_object *object)
{
	const char *key = garita_json_key(at->node, at->i);
	struct garita_nearest near = garita_nearest_to(key);
	auto_text pointer = { 0 }, wanted = { 0 };

	if (garita_setting_allows(search->of->setting, key) ||
	    ++search->found > MOST_FINDINGS)
		return;
	for (size_t i = 0; i < object->count; i++)
		garita_nearest_try(&near, object->members[i].name);
	add_pointer(at, &pointer);
	if (near.word != NULL)
		garita_text_printf(&wanted, "\"%s\", if that is meant",
				   near.word);
	else
		garita_text_puts(&wanted, "members of the runtime-spec only");
	garita_report(search->out, pointer.data, wanted.data,
		      "\"%.100s\", which no runtime knows%s", key,
		      search->found < MOST_FINDINGS
			      ? ""
			      : "; others after it are not listed");
}

static void search_object(struct search *search, const struct step *above,
			  const struct garita_json *node,
			  const struct garita_names_object *object);

/* The objects of an array or of a free-form map. */
static void search_items(struct search *search, const struct step *above,
			 const struct garita_json *node,
			 const struct garita_names_object *object)
{
	struct step at = { above, node, 0 };

	for (; at.i < garita_json_count(node); at.i++)
		search_object(search, &at, garita_json_item(node, at.i),
			      object);
}

static void search_member(struct search *search, const struct step *at,
			  const struct garita_names_member *member)
{
	const struct garita_json *value = garita_json_item(at->node, at->i);

	switch (member->kind) {
	case GARITA_NAMES_OBJECT:
		search_object(search, at, value,
			      garita_names_object(member->child));
		break;
	case GARITA_NAMES_OBJECTS:
	case GARITA_NAMES_MAP_OBJECT:
		search_items(search, at, value,
			     garita_names_object(member->child));
		break;
	case GARITA_NAMES_BOOL:
	case GARITA_NAMES_STRING:
	case GARITA_NAMES_ID:
	case GARITA_NAMES_U8:
	case GARITA_NAMES_U16:
	case GARITA_NAMES_U32:
	case GARITA_NAMES_U64:
	case GARITA_NAMES_I32:
	case GARITA_NAMES_I64:
	case GARITA_NAMES_MAJOR:
	case GARITA_NAMES_MINOR:
	case GARITA_NAMES_MAJOR_OR_ANY:
	case GARITA_NAMES_MINOR_OR_ANY:
	case GARITA_NAMES_STRINGS:
	case GARITA_NAMES_IDS:
	case GARITA_NAMES_U32S:
	case GARITA_NAMES_MAP_STRING:
	case GARITA_NAMES_ANY:
		break;
	}
}

/* As deep as the table, which has no object within itself. */
static void search_object(struct search *search, const struct step *above,
			  const struct garita_json *node,
			  const struct garita_names_object *object)
{
	struct step at = { above, node, 0 };
	size_t hint = 0;

	for (; at.i < garita_json_count(node); at.i++) {
		const struct garita_names_member *member = garita_names_find(
			object, garita_json_key(node, at.i), &hint);

		if (member == NULL)
			report_unknown(search, &at, object);
		else
			search_member(search, &at, member);
	}
}

static void check_unknown(const struct garita_case *of,
			  struct garita_report *out)
{
	struct search search = { .out = out, .of = of };

	/* The name check has been everywhere before: mostly all is said. */
	if (garita_names_all_known(out->doc))
		return;
	search_object(&search, NULL, of->spec->root,
		      garita_names_object(GARITA_NAMES_OF_CONFIG));
}

static const char references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config.md, Extensibility",
	"",
};

const struct garita_rule garita_rules_schema[] = {
	{
		.id = "unknown-property",
		.summary = "the config has only members that runtimes know",
		.why = "a misspelt member is skipped by every runtime, and "
		       "what it should protect is not",
		.remedy = "correct or remove the member, or allow its name for "
			  "this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "names of members",
		.references = references,
		.check = check_unknown,
	},
	{ .id = NULL },
};
