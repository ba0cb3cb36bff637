/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * advisories_read - the table of known holes, read strictly: a member that is
 * misspelt could be the one that says what has the fix.
 */
#include "garita/advisories.h"

#include <errno.h>
#include <string.h>

#include "garita/version.h"

enum { TABLE_VERSION = 1 };

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
	const char *since = garita_json_string(garita_json_get(entry, "since"));
	struct garita_version version;
	int rc = check_object(doc, pointer, entry, members,
			      GARITA_COUNT(members), err);

	if (rc == 0 && since != NULL && !garita_version_read(since, &version))
		rc = garita_json_fail(err, doc, pointer, EINVAL,
				      "\"since\" must be a version");
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
