/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_policy - trustpolicy.json, version 1.0, as the Notary Project
 * specifies it.
 *
 * The whole file is read and has to be right, then one statement is handed
 * out.
 */
#include <errno.h>
#include <string.h>

#include "garita/json.h"
#include "garita/memory.h"
#include "garita/notation.h"
#include "garita/reference.h"
#include "garita/trust.h"
#include "policy/trust/notation_statement.h"

enum { FILE_MAX = 1024 * 1024, STATEMENTS_MAX = 256 };

static bool names_scope(const struct garita_json *statement, const char *scope)
{
	const struct garita_json *list =
		garita_json_get(statement, "registryScopes");

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *word =
			garita_json_string(garita_json_item(list, i));

		if (word != NULL && strcmp(word, scope) == 0)
			return true;
	}
	return false;
}

/* Two statements have neither a name nor a scope in common. */
static int check_others(struct garita_walk *walk,
			const struct garita_json *list, size_t at)
{
	const struct garita_json *one = garita_json_item(list, at);
	const struct garita_json *scopes =
		garita_json_get(one, "registryScopes");
	const char *name = garita_json_string(garita_json_get(one, "name"));

	for (size_t i = 0; i < at; i++) {
		const struct garita_json *other = garita_json_item(list, i);

		if (strcmp(name, garita_json_string(
					 garita_json_get(other, "name"))) == 0)
			return garita_walk_wrong(
				walk, "another statement has this name");
		for (size_t s = 0; s < garita_json_count(scopes); s++) {
			const char *scope =
				garita_json_string(garita_json_item(scopes, s));

			if (names_scope(other, scope))
				return garita_walk_wrong(
					walk,
					"another statement is about "
					"%s too",
					scope);
		}
	}
	return 0;
}

static int check_all(struct garita_walk *walk, const struct garita_json *list)
{
	size_t count = garita_json_count(list), outer;
	int rc = 0;

	outer = garita_walk_in(walk, "trustPolicies");
	if (garita_json_type(list) != GARITA_JSON_ARRAY || count == 0 ||
	    count > STATEMENTS_MAX)
		return garita_walk_wrong(
			walk, "must be an array of up to %d statements",
			STATEMENTS_MAX);
	for (size_t i = 0; rc == 0 && i < count; i++) {
		struct garita_notation unused = { 0 };
		bool skip = false;
		size_t old = garita_walk_to(walk, i);

		rc = garita_notation_statement(walk, garita_json_item(list, i),
					       &unused, &skip);
		garita_notation_free(&unused);
		if (rc == 0)
			rc = check_others(walk, list, i);
		if (rc == 0)
			garita_walk_out(walk, old);
	}
	if (rc == 0)
		garita_walk_out(walk, outer);
	return rc;
}

static int check_root(struct garita_walk *walk, const struct garita_json *root)
{
	const char *version =
		garita_json_string(garita_json_get(root, "version"));

	if (garita_json_type(root) != GARITA_JSON_OBJECT)
		return garita_walk_wrong(walk, "must be an object");
	for (size_t i = 0; i < garita_json_count(root); i++) {
		const char *key = garita_json_key(root, i);

		if (strcmp(key, "version") != 0 &&
		    strcmp(key, "trustPolicies") != 0)
			return garita_walk_wrong(
				walk,
				"unknown member \"%.80s\"; there are "
				"\"version\" and \"trustPolicies\"",
				key);
	}
	if (version == NULL || strcmp(version, "1.0") != 0)
		return garita_walk_wrong(walk, "\"version\" must be \"1.0\"");
	return check_all(walk, garita_json_get(root, "trustPolicies"));
}

static const struct garita_json *find(const struct garita_json *list,
				      const char *scope)
{
	for (size_t i = 0; i < garita_json_count(list); i++)
		if (names_scope(garita_json_item(list, i), scope))
			return garita_json_item(list, i);
	return NULL;
}

/* Hands out the statement; the file is right. */
static int fill(struct garita_json_doc *doc,
		const struct garita_reference *name,
		struct garita_requirement *ret, struct garita_error *err)
{
	struct garita_walk walk = { .doc = doc, .err = err };
	const struct garita_json *list =
		garita_json_get(garita_json_root(doc), "trustPolicies");
	const struct garita_json *statement =
		name ? find(list, name->repository) : NULL;
	struct garita_notation found = { 0 };
	struct garita_text why = { 0 };
	bool skip = false;
	int rc;

	if (statement == NULL)
		statement = find(list, "*");
	if (statement == NULL) {
		ret->kind = GARITA_REQUIRE_UNSUPPORTED;
		garita_text_printf(&why,
				   "a statement for %s, and the trust policy "
				   "has none",
				   name ? name->repository
					: "an image without a name");
		ret->why = garita_text_take(&why);
		return 0;
	}
	rc = garita_notation_statement(&walk, statement, &found, &skip);
	garita_text_free(&walk.at);
	if (rc < 0 || skip) {
		garita_notation_free(&found);
		return rc; /* an empty requirement accepts everything */
	}
	ret->kind = GARITA_REQUIRE_NOTATION;
	ret->identity.kind = GARITA_IDENTITY_ANY; /* no name is signed */
	ret->notation = garita_xalloc(sizeof(found));
	*ret->notation = found;
	return 0;
}

/* Reads all of it; the caller frees the document. */
static int read_document(const char *text, size_t len,
			 struct garita_json_doc **ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_walk walk = { .err = err };
	int rc;

	if (len > FILE_MAX)
		return garita_fail(err, E2BIG, "larger than %d bytes",
				   FILE_MAX);
	rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);
	if (rc < 0)
		return rc;
	walk.doc = doc;
	rc = check_root(&walk, garita_json_root(doc));
	garita_text_free(&walk.at);
	if (rc == 0)
		*ret = garita_take_ptr(&doc);
	return rc;
}

int garita_notation_policy(const char *text, size_t len, const char *reference,
			   struct garita_requirement *ret,
			   struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_reference name;
	int rc = reference ? garita_reference_pulled(reference, &name, err) : 0;

	if (rc == 0)
		rc = read_document(text, len, &doc, err);
	if (rc < 0)
		return rc;
	return fill(doc, reference ? &name : NULL, ret, err);
}

int garita_notation_scopes(const char *text, size_t len, char ***ret,
			   size_t *ret_count, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *list;
	int rc = read_document(text, len, &doc, err);

	if (rc < 0)
		return rc;
	list = garita_json_get(garita_json_root(doc), "trustPolicies");
	*ret_count = garita_json_count(list);
	*ret = garita_xcalloc(*ret_count, sizeof(**ret));
	for (size_t i = 0; i < *ret_count; i++) {
		const char *scope = garita_json_string(garita_json_item(
			garita_json_get(garita_json_item(list, i),
					"registryScopes"),
			0));

		if (strcmp(scope, "*") != 0)
			(*ret)[i] = garita_xstrdup(scope);
	}
	return 0;
}

void garita_notation_free(struct garita_notation *notation)
{
	free(notation->name);
	for (size_t i = 0; i < notation->store_count; i++)
		free(notation->stores[i]);
	free(notation->stores);
	for (size_t i = 0; i < notation->identity_count; i++)
		free(notation->identities[i]);
	free(notation->identities);
	*notation = (struct garita_notation){ 0 };
}

static bool ends_in(const char *name, const char *const *ends, size_t count)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < count; i++)
		if (len > strlen(ends[i]) &&
		    strcmp(name + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

bool garita_notation_is_certificate(const char *name)
{
	static const char *const ends[] = { ".pem", ".crt", ".cer" };

	return ends_in(name, ends, GARITA_COUNT(ends));
}

bool garita_notation_is_list(const char *name)
{
	static const char *const ends[] = { ".crl", ".pem" };

	return ends_in(name, ends, GARITA_COUNT(ends));
}
