/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_policy - containers-policy.json(5), as skopeo and podman read it.
 *
 * The whole file is read, then the requirements of one scope are handed out:
 * the most specific one that is there, never a mixture. Scopes are compared
 * as text with the normalised name, a component never in part.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/json.h"
#include "garita/memory.h"
#include "garita/reference.h"
#include "garita/trust.h"
#include "policy/nearest.h"
#include "policy/trust/containers_requirement.h"

enum { FILE_MAX = 1024 * 1024 };

struct reader {
	struct garita_json_doc *doc;
	struct garita_error *err;
	struct garita_text at; /* JSON pointer of the member in hand */
};

static int wrong(struct reader *r, const char *text)
{
	return garita_json_fail(r->err, r->doc, r->at.data ? r->at.data : "",
				EINVAL, "%s", text);
}

/* Steps into a member or item; the old length is put back by step_out(). */
static size_t step_in(struct reader *r, const char *key)
{
	size_t len = r->at.len;

	garita_json_pointer_add(&r->at, key);
	return len;
}

static void step_out(struct reader *r, size_t len)
{
	r->at.len = len;
	r->at.data[len] = '\0';
}

static int read_list(struct reader *r, const char *key,
		     const struct garita_json *list,
		     struct garita_requirements *ret)
{
	size_t old = step_in(r, key);
	int rc = 0;

	if (garita_json_type(list) != GARITA_JSON_ARRAY)
		return wrong(r, "must be an array of requirements");
	if (garita_json_count(list) == 0)
		return wrong(r, "has no requirement: an empty list is not "
				"\"anything goes\"");
	for (size_t i = 0; i < garita_json_count(list) && rc == 0; i++) {
		char index[24];
		size_t outer;

		snprintf(index, sizeof(index), "%zu", i);
		outer = step_in(r, index);
		rc = garita_containers_requirement(r->doc,
						   garita_json_item(list, i),
						   r->at.data, ret, r->err);
		step_out(r, outer);
	}
	step_out(r, old);
	return rc;
}

/* Reads what nobody asked for: it must be right all the same. */
static int check_list(struct reader *r, const char *key,
		      const struct garita_json *list)
{
	auto_requirements unused = { 0 };

	return read_list(r, key, list, &unused);
}

static int check_scopes(struct reader *r, const char *key,
			const struct garita_json *scopes)
{
	size_t old = step_in(r, key);
	int rc = 0;

	if (garita_json_type(scopes) != GARITA_JSON_OBJECT)
		return wrong(r, "must be an object of scopes");
	for (size_t i = 0; i < garita_json_count(scopes) && rc == 0; i++)
		rc = check_list(r, garita_json_key(scopes, i),
				garita_json_item(scopes, i));
	step_out(r, old);
	return rc;
}

static int check_transports(struct reader *r,
			    const struct garita_json *transports)
{
	size_t old = step_in(r, "transports");
	int rc = 0;

	if (garita_json_type(transports) != GARITA_JSON_OBJECT)
		return wrong(r, "must be an object of transports");
	for (size_t i = 0; i < garita_json_count(transports) && rc == 0; i++)
		rc = check_scopes(r, garita_json_key(transports, i),
				  garita_json_item(transports, i));
	step_out(r, old);
	return rc;
}

static int check_all(struct reader *r, const struct garita_json *root)
{
	if (garita_json_type(root) != GARITA_JSON_OBJECT)
		return wrong(r, "must be an object");
	for (size_t i = 0; i < garita_json_count(root); i++) {
		const char *key = garita_json_key(root, i);
		const struct garita_json *value = garita_json_item(root, i);
		int rc;

		if (strcmp(key, "default") == 0)
			rc = check_list(r, key, value);
		else if (strcmp(key, "transports") == 0)
			rc = check_transports(r, value);
		else {
			step_in(r, key);
			return wrong(r, "unknown member; there are \"default\" "
					"and \"transports\"");
		}
		if (rc < 0)
			return rc;
	}
	if (garita_json_get(root, "default") == NULL)
		return wrong(r, "\"default\" is missing");
	return 0;
}

/* ---- the scope of a name ---- */

/* The list under `scope`, which *ret_scope then owns. */
static const struct garita_json *try_scope(const struct garita_json *docker,
					   const char *scope, char **ret_scope)
{
	const struct garita_json *list = garita_json_get(docker, scope);
	struct garita_text words = { 0 };

	if (list == NULL)
		return NULL;
	garita_text_printf(&words, "docker: %s",
			   *scope ? scope : "every image");
	*ret_scope = garita_text_take(&words);
	return list;
}

/* "*.example.com", "*.com" for a.example.com, with or without a port. */
static const struct garita_json *try_domains(const struct garita_json *docker,
					     char *host, char **ret_scope)
{
	const struct garita_json *list = NULL;

	host[strcspn(host, ":")] = '\0';
	for (host = strchr(host, '.'); host != NULL && list == NULL;
	     host = strchr(host + 1, '.')) {
		auto_text scope = { 0 };

		garita_text_printf(&scope, "*%s", host);
		list = try_scope(docker, scope.data, ret_scope);
	}
	return list;
}

/* name:tag or name@digest, name, its parents down to the registry. */
static const struct garita_json *try_names(const struct garita_json *docker,
					   const struct garita_reference *name,
					   char **ret_scope)
{
	char scope[GARITA_REFERENCE_SIZE];
	const struct garita_json *list = try_scope(
		docker, garita_reference_words(name, scope), ret_scope);
	char *end = scope + strlen(name->repository);

	while (list == NULL && end != NULL) {
		*end = '\0';
		list = try_scope(docker, scope, ret_scope);
		end = strrchr(scope, '/');
	}
	return list != NULL ? list : try_domains(docker, scope, ret_scope);
}

static const struct garita_json *find_list(const struct garita_json *root,
					   const struct garita_reference *name,
					   char **ret_scope)
{
	const struct garita_json *docker =
		garita_json_get(garita_json_get(root, "transports"), "docker");
	const struct garita_json *list = NULL;

	if (name != NULL) {
		list = try_names(docker, name, ret_scope);
		if (list == NULL)
			list = try_scope(docker, "", ret_scope);
	}
	if (list == NULL) {
		*ret_scope = garita_xstrdup("default");
		list = garita_json_get(root, "default");
	}
	return list;
}

int garita_containers_policy(const char *text, size_t len,
			     const char *reference,
			     struct garita_requirements *ret, char **ret_scope,
			     struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_requirements found = { 0 };
	auto_free char *scope = NULL;
	struct garita_reference name;
	struct reader r = { .err = err };
	const struct garita_json *list;
	int rc = reference ? garita_reference_pulled(reference, &name, err) : 0;

	if (rc < 0)
		return rc;
	if (len > FILE_MAX)
		return garita_fail(err, E2BIG, "larger than %d bytes",
				   FILE_MAX);
	rc = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);
	if (rc < 0)
		return rc;
	r.doc = doc;
	rc = check_all(&r, garita_json_root(doc));
	if (rc == 0) {
		list = find_list(garita_json_root(doc),
				 reference ? &name : NULL, &scope);
		rc = read_list(&r, "", list, &found);
	}
	garita_text_free(&r.at);
	if (rc < 0)
		return rc;
	*ret = found;
	found = (struct garita_requirements){ 0 };
	*ret_scope = garita_take_ptr(&scope);
	return 0;
}
