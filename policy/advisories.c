/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * advisories - see the header. What decides comes in order of how much it
 * knows: a live patch that names the hole, the distribution's package, its
 * changelog, a commit, the release's number; and of the kernel whether the
 * part that has the hole is there at all.
 */
#include "garita/advisories.h"

#include <errno.h>
#include <string.h>

#include "garita/modules.h"
#include "garita/version.h"

enum { TABLE_VERSION = 1 };

/* ---- reading ---- */

static const struct member {
	const char *name;
	enum garita_json_type type;
	bool required;
} members[] = {
	{ "about", GARITA_JSON_STRING, true },
	{ "id", GARITA_JSON_STRING, true },
	{ "name", GARITA_JSON_STRING, false },
	{ "since", GARITA_JSON_STRING, false },
	{ "fixed", GARITA_JSON_ARRAY, false },
	{ "commits", GARITA_JSON_ARRAY, false },
	{ "packages", GARITA_JSON_ARRAY, false },
	{ "modules", GARITA_JSON_ARRAY, false },
	{ "options", GARITA_JSON_ARRAY, false },
	{ "calls", GARITA_JSON_ARRAY, false },
	{ "cgroup", GARITA_JSON_STRING, false },
};

static const struct member package_members[] = {
	{ "distribution", GARITA_JSON_STRING, true },
	{ "package", GARITA_JSON_STRING, true },
	{ "fixed", GARITA_JSON_STRING, true },
};

static const struct member *find_member(const struct member *table,
					size_t count, const char *key)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(table[i].name, key) == 0)
			return &table[i];
	return NULL;
}

static int check_object(struct garita_json_doc *doc, const char *pointer,
			const struct garita_json *node,
			const struct member *table, size_t count,
			struct garita_error *err)
{
	if (garita_json_type(node) != GARITA_JSON_OBJECT)
		return garita_json_fail(err, doc, pointer, EINVAL,
					"must be an object");
	for (size_t i = 0; i < garita_json_count(node); i++) {
		const char *key = garita_json_key(node, i);
		const struct member *member = find_member(table, count, key);

		if (member == NULL)
			return garita_json_fail(err, doc, pointer, EINVAL,
						"unknown member \"%s\"", key);
		if (garita_json_type(garita_json_item(node, i)) != member->type)
			return garita_json_fail(
				err, doc, pointer, EINVAL, "\"%s\" must be %s",
				key, garita_json_type_words(member->type));
	}
	for (size_t i = 0; i < count; i++)
		if (table[i].required &&
		    garita_json_get(node, table[i].name) == NULL)
			return garita_json_fail(err, doc, pointer, EINVAL,
						"\"%s\" is missing",
						table[i].name);
	return 0;
}

/* Strings, and where they are versions, such. */
static int check_strings(struct garita_json_doc *doc, const char *pointer,
			 const struct garita_json *list, bool versions,
			 struct garita_error *err)
{
	struct garita_version version;

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *text =
			garita_json_string(garita_json_item(list, i));

		if (text == NULL || *text == '\0' ||
		    (versions && !garita_version_read(text, &version)))
			return garita_json_fail(err, doc, pointer, EINVAL,
						"item %zu must be %s", i,
						versions ? "a version"
							 : "a word");
	}
	return 0;
}

static int check_entry(struct garita_json_doc *doc, const char *pointer,
		       const struct garita_json *entry,
		       struct garita_error *err)
{
	static const char *const lists[] = { "commits", "modules", "options",
					     "calls" };
	const struct garita_json *packages = garita_json_get(entry, "packages");
	int rc = check_object(doc, pointer, entry, members,
			      GARITA_COUNT(members), err);

	if (rc == 0)
		rc = check_strings(doc, pointer,
				   garita_json_get(entry, "fixed"), true, err);
	for (size_t i = 0; rc == 0 && i < GARITA_COUNT(lists); i++)
		rc = check_strings(doc, pointer,
				   garita_json_get(entry, lists[i]), false,
				   err);
	for (size_t i = 0; rc == 0 && i < garita_json_count(packages); i++)
		rc = check_object(doc, pointer, garita_json_item(packages, i),
				  package_members,
				  GARITA_COUNT(package_members), err);
	return rc;
}

int garita_advisories_parse(const char *text, size_t len,
			    struct garita_json_doc **ret,
			    struct garita_error *err)
{
	static const struct member table[] = {
		{ "$schema", GARITA_JSON_STRING, false },
		{ "version", GARITA_JSON_NUMBER, true },
		{ "updated", GARITA_JSON_STRING, false },
		{ "oldest-kernels", GARITA_JSON_ARRAY, false },
		{ "advisories", GARITA_JSON_ARRAY, true },
	};
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *root, *list;
	uint64_t version = 0;
	int rc = garita_json_parse(text, len, GARITA_JSON_COMMENTS, &doc, err);

	if (rc < 0)
		return rc;
	root = garita_json_root(doc);
	rc = check_object(doc, "", root, table, GARITA_COUNT(table), err);
	if (rc < 0)
		return rc;
	if (garita_json_u64(garita_json_get(root, "version"), &version) < 0 ||
	    version != TABLE_VERSION)
		return garita_json_fail(err, doc, "/version", EINVAL,
					"must be 1, the only version there is");
	rc = check_strings(doc, "/oldest-kernels",
			   garita_json_get(root, "oldest-kernels"), false, err);
	list = garita_json_get(root, "advisories");
	for (size_t i = 0; rc == 0 && i < garita_json_count(list); i++) {
		auto_text pointer = { 0 };

		garita_text_printf(&pointer, "/advisories/%zu", i);
		rc = check_entry(doc, pointer.data, garita_json_item(list, i),
				 err);
	}
	if (rc == 0)
		*ret = garita_take_ptr(&doc);
	return rc;
}

static void tell_names(struct garita_json_doc *table, const char *member,
		       garita_advisories_tell *tell, void *data)
{
	const struct garita_json *list =
		garita_json_get(garita_json_root(table), "advisories");

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const struct garita_json *names =
			garita_json_get(garita_json_item(list, i), member);

		for (size_t n = 0; n < garita_json_count(names); n++)
			tell(garita_json_string(garita_json_item(names, n)),
			     data);
	}
}

void garita_advisories_modules(struct garita_json_doc *table,
			       garita_advisories_tell *tell, void *data)
{
	tell_names(table, "modules", tell, data);
}

void garita_advisories_options(struct garita_json_doc *table,
			       garita_advisories_tell *tell, void *data)
{
	tell_names(table, "options", tell, data);
}

/* ---- judging ---- */

enum state { FIXED, OPEN, UNKNOWN };

/* One entry of the table against the facts. */
struct look {
	const struct garita_json *entry;
	const struct garita_facts *facts;
	const struct garita_json *about; /* /programs/NAME, or /kernel */
	bool kernel;
	const char *why; /* it came to that */
};

static const char *string_of(const struct garita_json *object, const char *key)
{
	return garita_json_string(garita_json_get(object, key));
}

static bool holds(const struct garita_json *list, const char *word)
{
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *item =
			garita_json_string(garita_json_item(list, i));

		if (item != NULL && strcmp(item, word) == 0)
			return true;
	}
	return false;
}

static const char *fact_string(const struct look *look, const char *pointer)
{
	return garita_json_string(garita_facts_at(look->facts, pointer));
}

static bool is_live_patched(const struct look *look)
{
	return look->kernel &&
	       holds(garita_facts_at(look->facts, "/kernel/live-patch/fixes"),
		     string_of(look->entry, "id"));
}

/* What the table says of the distribution's own package. */
static bool by_package(const struct look *look, enum state *ret)
{
	const struct garita_json *list =
		garita_json_get(look->entry, "packages");
	const struct garita_json *package =
		garita_json_get(look->about, "package");
	const char *name = string_of(package, "name");
	const char *version = string_of(package, "version");
	const char *of = fact_string(look, "/distribution");
	const char *format = string_of(package, "format");

	for (size_t i = 0; name && version && of && i < garita_json_count(list);
	     i++) {
		const struct garita_json *row = garita_json_item(list, i);
		const char *fixed = string_of(row, "fixed");
		bool rpm = format != NULL && strcmp(format, "rpm") == 0;

		if (strcmp(string_of(row, "distribution"), of) != 0 ||
		    strcmp(string_of(row, "package"), name) != 0)
			continue;
		*ret = (rpm ? garita_version_compare_rpm(version, fixed)
			    : garita_version_compare_deb(version, fixed)) >= 0
			       ? FIXED
			       : OPEN;
		return true;
	}
	return false;
}

/* The number that is compared: of what runs, live patches counted. */
static const char *number_of(const struct look *look)
{
	const char *effective =
		look->kernel ? string_of(look->about, "effective") : NULL;

	if (effective != NULL)
		return effective;
	return string_of(look->about, look->kernel ? "number" : "version");
}

static bool by_number(const struct look *look, enum state *ret)
{
	const struct garita_json *fixed = garita_json_get(look->entry, "fixed");
	size_t count = garita_json_count(fixed);
	auto_free const char **first = garita_xcalloc(count, sizeof(*first));
	const char *since = string_of(look->entry, "since");
	const char *number = number_of(look);
	struct garita_version version, begin;

	if (number == NULL || !garita_version_read(number, &version))
		return false;
	if (since != NULL && garita_version_read(since, &begin) &&
	    garita_version_compare(&version, &begin) < 0) {
		*ret = FIXED;
		return true;
	}
	for (size_t i = 0; i < count; i++)
		first[i] = garita_json_string(garita_json_item(fixed, i));
	if (count == 0)
		return false;
	*ret = garita_version_has_fix(&version, first, count) ? FIXED : OPEN;
	return true;
}

/* Is no module with the hole within reach? */
static bool no_module(const struct look *look)
{
	const struct garita_json *names =
		garita_json_get(look->entry, "modules");
	const struct garita_json *states =
		garita_facts_at(look->facts, "/modules/states");

	for (size_t i = 0; i < garita_json_count(names); i++) {
		const char *name =
			garita_json_string(garita_json_item(names, i));
		enum garita_module_state state =
			garita_module_state_named(string_of(states, name));

		if (state != GARITA_MODULE_ABSENT &&
		    state != GARITA_MODULE_BLOCKED)
			return false;
	}
	return garita_json_count(names) > 0;
}

/* Was the kernel built without any option that has the hole? */
static bool no_option(const struct look *look)
{
	const struct garita_json *names =
		garita_json_get(look->entry, "options");
	const struct garita_json *options =
		garita_facts_at(look->facts, "/kernel/options");

	for (size_t i = 0; i < garita_json_count(names); i++) {
		const char *value = string_of(
			options,
			garita_json_string(garita_json_item(names, i)));

		if (value == NULL || strcmp(value, "n") != 0)
			return false;
	}
	return garita_json_count(names) > 0;
}

static bool no_cgroup(const struct look *look)
{
	const char *wanted = string_of(look->entry, "cgroup");
	const char *version = fact_string(look, "/cgroup/version");

	return wanted != NULL && version != NULL && strcmp(wanted, "1") == 0 &&
	       strcmp(version, "2") == 0;
}

/* What reads a version; the rest of the ladder is in judge(). */
static enum state by_version(struct look *look)
{
	enum state state = UNKNOWN;

	look->why = "by the distribution's package";
	if (by_package(look, &state))
		return state;
	look->why = "the package's changelog names it";
	if (holds(garita_json_get(look->about, "fixes"),
		  string_of(look->entry, "id")))
		return FIXED;
	look->why = "by its commit";
	if (string_of(look->about, "commit") != NULL &&
	    holds(garita_json_get(look->entry, "commits"),
		  string_of(look->about, "commit")))
		return FIXED;
	look->why = "by its number";
	if (by_number(look, &state))
		return state;
	look->why = "its number does not tell";
	return UNKNOWN;
}

static enum state judge(struct look *look)
{
	enum state state;

	look->why = "by a live patch";
	if (is_live_patched(look))
		return FIXED;
	state = by_version(look);
	if (state == FIXED || !look->kernel)
		return state;
	if (no_module(look) || no_option(look)) {
		look->why = "the module is not there, or cannot be loaded";
		return FIXED;
	}
	if (no_cgroup(look)) {
		look->why = "there are no control groups of version 1";
		return FIXED;
	}
	return state;
}

/* "CVE-2024-21626 (fixed in 1.1.12)" */
static void put_words(const struct look *look, struct garita_text *out)
{
	const struct garita_json *fixed = garita_json_get(look->entry, "fixed");
	const char *name = string_of(look->entry, "name");
	size_t count = garita_json_count(fixed);

	garita_text_puts(out, string_of(look->entry, "id"));
	if (name != NULL)
		garita_text_printf(out, " (%s)", name);
	else if (count > 0 && count <= 3)
		for (size_t i = 0; i < count; i++)
			garita_text_printf(
				out, "%s%s%s", i ? "/" : " (fixed in ",
				garita_json_string(garita_json_item(fixed, i)),
				i + 1 == count ? ")" : "");
}

static void append(struct garita_facts *facts, struct garita_json *into,
		   const struct look *look, enum state state)
{
	static const char names[][8] = {
		[FIXED] = "fixed",
		[OPEN] = "open",
		[UNKNOWN] = "unknown",
	};
	struct garita_json_doc *doc = facts->doc;
	struct garita_json *node = garita_json_new_object(doc);
	const struct garita_json *calls = garita_json_get(look->entry, "calls");
	auto_text words = { 0 };

	garita_json_put_string(doc, node, "id", string_of(look->entry, "id"));
	garita_json_put_string(doc, node, "about",
			       string_of(look->entry, "about"));
	garita_json_put_string(doc, node, "state", names[state]);
	garita_json_put_string(doc, node, "why", look->why);
	if (state != FIXED) {
		put_words(look, &words);
		garita_json_put_string(doc, node, "words", words.data);
	}
	if (state != FIXED && garita_json_count(calls) > 0) {
		struct garita_json *list = garita_json_new_array(doc);

		for (size_t i = 0; i < garita_json_count(calls); i++)
			garita_json_append(
				doc, list,
				garita_json_new_string(
					doc,
					garita_json_string(
						garita_json_item(calls, i))));
		garita_json_put(doc, node, "calls", list);
	}
	garita_json_append(doc, into, node);
}

/* A later table knows better. */
static void forget(struct garita_json *list, const char *about, const char *id)
{
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const struct garita_json *node = garita_json_item(list, i);

		if (strcmp(string_of(node, "id"), id) == 0 &&
		    strcmp(string_of(node, "about"), about) == 0) {
			garita_json_remove_item(list, i);
			return;
		}
	}
}

static void put_oldest(struct garita_json_doc *table,
		       struct garita_facts *facts)
{
	const struct garita_json *oldest =
		garita_json_get(garita_json_root(table), "oldest-kernels");
	struct garita_json *list = garita_json_new_array(facts->doc);

	if (oldest == NULL)
		return;
	for (size_t i = 0; i < garita_json_count(oldest); i++)
		garita_json_append(
			facts->doc, list,
			garita_json_new_string(
				facts->doc, garita_json_string(garita_json_item(
						    oldest, i))));
	garita_facts_put(facts, "/kernel/oldest", list);
}

void garita_advisories_judge(struct garita_json_doc *table,
			     struct garita_facts *facts)
{
	const struct garita_json *list =
		garita_json_get(garita_json_root(table), "advisories");
	struct garita_json *into =
		garita_json_at(garita_json_root(facts->doc), "/advisories");

	if (into == NULL) {
		into = garita_json_new_array(facts->doc);
		garita_facts_put(facts, "/advisories", into);
	}
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const struct garita_json *entry = garita_json_item(list, i);
		const char *about = string_of(entry, "about");
		auto_text pointer = { 0 };
		struct look look = {
			.entry = entry,
			.facts = facts,
			.kernel = strcmp(about, "kernel") == 0,
		};

		garita_text_printf(&pointer, "%s%s",
				   look.kernel ? "/" : "/programs/", about);
		look.about = garita_facts_at(facts, pointer.data);
		/* What is not here has no holes. */
		if (!look.kernel && string_of(look.about, "path") == NULL &&
		    string_of(look.about, "version") == NULL)
			continue;
		forget(into, about, string_of(entry, "id"));
		append(facts, into, &look, judge(&look));
	}
	put_oldest(table, facts);
}
