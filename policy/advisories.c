/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * advisories - see the header. What decides comes in order of how much it
 * knows: a live patch that names the hole, the distribution's package, its
 * changelog, a commit, the release's number; and of the kernel whether the
 * part that has the hole is there at all.
 */
#include "garita/advisories.h"

#include <string.h>

#include "garita/modules.h"
#include "garita/version.h"

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

static const char *fact_string(const struct look *look, const char *pointer)
{
	return garita_json_string(garita_facts_at(look->facts, pointer));
}

static bool is_live_patched(const struct look *look)
{
	return look->kernel &&
	       garita_json_holds(
		       garita_facts_at(look->facts, "/kernel/live-patch/fixes"),
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
	if (garita_json_holds(garita_json_get(look->about, "fixes"),
			      string_of(look->entry, "id")))
		return FIXED;
	look->why = "by its commit";
	if (string_of(look->about, "commit") != NULL &&
	    garita_json_holds(garita_json_get(look->entry, "commits"),
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
