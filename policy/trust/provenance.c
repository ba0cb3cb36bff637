/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * provenance - who says to have built the image, how, and of what: SLSA
 * provenance v0.2 and v1.
 *
 * Its source is the one that the build was asked to build. v0.2 has a member
 * for it. v1 leaves the parameters to the build type; those of the builders
 * that are in use name a repository and a ref, and list the same among the
 * resolved dependencies, from where it is taken, so that a dependency that is
 * only used by the build does not count as its source.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/predicate.h"

static const char *string_at(const struct garita_json *node, const char *a,
			     const char *b)
{
	return garita_json_string(garita_json_get(
		b ? garita_json_get(node, a) : node, b ? b : a));
}

/* "git+https://host/x@ref" is of "https://host/x"; so is "https://host/x". */
static bool is_of(const char *uri, const char *repository)
{
	size_t len = strlen(repository);

	if (len == 0)
		return false;
	if (strncmp(uri, "git+", strlen("git+")) == 0 &&
	    strncmp(repository, "git+", strlen("git+")) != 0)
		uri += strlen("git+");
	return strncmp(uri, repository, len) == 0 &&
	       (uri[len] == '\0' || uri[len] == '@' ||
		(strncmp(uri + len, ".git", 4) == 0 &&
		 (uri[len + 4] == '\0' || uri[len + 4] == '@')));
}

/* The repository that the build's parameters name, wherever their types have
 * put it. */
static const char *asked_for(const struct garita_json *parameters)
{
	static const char *const names[][2] = {
		{ "workflow", "repository" }, /* GitHub Actions */
		{ "repository", NULL },       { "source", "uri" },
		{ "source", "repository" },   { "source", NULL },
		{ "sourceRepository", NULL }, { "configSource", "uri" },
	};

	for (size_t i = 0; i < GARITA_COUNT(names); i++) {
		const char *text =
			string_at(parameters, names[i][0], names[i][1]);

		if (text != NULL && *text != '\0')
			return text;
	}
	return NULL;
}

static const char *source_of(const struct garita_json *definition)
{
	const struct garita_json *list =
		garita_json_get(definition, "resolvedDependencies");
	const char *repository =
		asked_for(garita_json_get(definition, "externalParameters"));
	const char *only = NULL;

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *uri =
			string_at(garita_json_item(list, i), "uri", NULL);

		if (uri == NULL)
			continue;
		if (repository != NULL && is_of(uri, repository))
			return uri;
		only = uri;
	}
	/* Nothing else can be meant. */
	if (repository == NULL && garita_json_count(list) == 1)
		return only;
	return repository;
}

int garita_predicate_provenance(const char *predicate_type,
				const struct garita_json *predicate,
				struct garita_provenance *ret,
				struct garita_error *err)
{
	const struct garita_json *definition, *run = predicate;
	struct garita_provenance made = { 0 };

	if (strcmp(predicate_type, "https://slsa.dev/provenance/v1") == 0) {
		definition = garita_json_get(predicate, "buildDefinition");
		run = garita_json_get(predicate, "runDetails");
		made.build_type = string_at(definition, "buildType", NULL);
		made.source = source_of(definition);
	} else {
		made.build_type = string_at(predicate, "buildType", NULL);
		made.source =
			string_at(garita_json_get(predicate, "invocation"),
				  "configSource", "uri");
	}
	made.builder = string_at(run, "builder", "id");
	if (made.builder == NULL || *made.builder == '\0')
		return garita_fail(err, EINVAL,
				   "the provenance does not name its builder");
	*ret = made;
	return 0;
}
