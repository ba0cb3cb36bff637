/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * identity - one row a form: its name, the members it has, how it compares.
 */
#include "policy/trust/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/nearest.h"

typedef bool match_fn(const struct garita_identity *identity,
		      const struct garita_reference *image,
		      const struct garita_reference *signer);

static bool is_name_only(const struct garita_reference *reference)
{
	return *reference->tag == '\0' && *reference->digest == '\0';
}

static bool same(const struct garita_reference *a,
		 const struct garita_reference *b)
{
	return strcmp(a->repository, b->repository) == 0 &&
	       strcmp(a->tag, b->tag) == 0 && strcmp(a->digest, b->digest) == 0;
}

static bool same_repository(const struct garita_reference *a,
			    const struct garita_reference *b)
{
	return strcmp(a->repository, b->repository) == 0;
}

static bool match_exact(const struct garita_identity *identity,
			const struct garita_reference *image,
			const struct garita_reference *signer)
{
	(void)identity;
	return !is_name_only(image) && !is_name_only(signer) &&
	       same(image, signer);
}

/* By tag: the very name; by digest: the digest was compared already, so only
 * the repository is asked. */
static bool match_repo_digest(const struct garita_identity *identity,
			      const struct garita_reference *image,
			      const struct garita_reference *signer)
{
	(void)identity;
	if (is_name_only(image) || is_name_only(signer))
		return false;
	return *image->tag != '\0' ? same(image, signer)
				   : same_repository(image, signer);
}

static bool match_repository(const struct garita_identity *identity,
			     const struct garita_reference *image,
			     const struct garita_reference *signer)
{
	(void)identity;
	return same_repository(image, signer);
}

static bool match_exact_reference(const struct garita_identity *identity,
				  const struct garita_reference *image,
				  const struct garita_reference *signer)
{
	struct garita_reference wanted;

	(void)image;
	return garita_reference_parse(identity->first, &wanted, NULL) == 0 &&
	       !is_name_only(signer) && same(&wanted, signer);
}

static bool match_exact_repository(const struct garita_identity *identity,
				   const struct garita_reference *image,
				   const struct garita_reference *signer)
{
	struct garita_reference wanted;

	(void)image;
	return garita_reference_parse(identity->first, &wanted, NULL) == 0 &&
	       same_repository(&wanted, signer);
}

/* The image's repository with the prefix exchanged, when it has it: whole
 * components only. */
static bool remap(const struct garita_identity *identity,
		  const struct garita_reference *image,
		  struct garita_reference *ret)
{
	char words[GARITA_REFERENCE_SIZE * 2];
	size_t len = strlen(identity->first);
	const char *rest = image->repository + len;

	*ret = *image;
	if (strncmp(image->repository, identity->first, len) != 0 ||
	    (*rest != '\0' && *rest != '/'))
		return true;
	if (snprintf(words, sizeof(words), "%s%s", identity->second, rest) >=
	    (int)sizeof(words))
		return false;
	if (garita_reference_parse(words, ret, NULL) < 0)
		return false;
	/* "host:1234" as a prefix must not have become a tag. */
	if (!is_name_only(ret) || strcmp(ret->repository, words) != 0)
		return false;
	memcpy(ret->tag, image->tag, sizeof(ret->tag));
	memcpy(ret->digest, image->digest, sizeof(ret->digest));
	return true;
}

static bool match_remapped(const struct garita_identity *identity,
			   const struct garita_reference *image,
			   const struct garita_reference *signer)
{
	struct garita_reference there;

	return remap(identity, image, &there) &&
	       match_repo_digest(identity, &there, signer);
}

static const struct form {
	const char *name;
	const char *first, *second; /* members; NULL: has none */
	match_fn *match;            /* NULL: nothing is compared */
	bool needs_image, own;
} forms[] = {
	[GARITA_IDENTITY_REPO_DIGEST_OR_EXACT] = {
		.name = "matchRepoDigestOrExact",
		.match = match_repo_digest,
		.needs_image = true,
	},
	[GARITA_IDENTITY_EXACT] = {
		.name = "matchExact",
		.match = match_exact,
		.needs_image = true,
	},
	[GARITA_IDENTITY_REPOSITORY] = {
		.name = "matchRepository",
		.match = match_repository,
		.needs_image = true,
	},
	[GARITA_IDENTITY_EXACT_REFERENCE] = {
		.name = "exactReference",
		.first = "dockerReference",
		.match = match_exact_reference,
	},
	[GARITA_IDENTITY_EXACT_REPOSITORY] = {
		.name = "exactRepository",
		.first = "dockerRepository",
		.match = match_exact_repository,
	},
	[GARITA_IDENTITY_REMAP] = {
		.name = "remapIdentity",
		.first = "prefix",
		.second = "signedPrefix",
		.match = match_remapped,
		.needs_image = true,
	},
	[GARITA_IDENTITY_IF_SIGNED] = {
		.name = "ifSigned",
		.match = match_repository,
		.needs_image = true,
		.own = true,
	},
	[GARITA_IDENTITY_ANY] = { .name = "any", .own = true },
};

const char *garita_identity_words(enum garita_identity_kind kind)
{
	return forms[kind].name;
}

bool garita_identity_matches(const struct garita_identity *identity,
			     const struct garita_reference *image,
			     const char *signed_name)
{
	const struct form *form = &forms[identity->kind];
	struct garita_reference signer;

	if (form->match == NULL)
		return true;
	if (signed_name == NULL)
		return identity->kind == GARITA_IDENTITY_IF_SIGNED;
	if (form->needs_image && image == NULL)
		return false;
	return garita_reference_parse(signed_name, &signer, NULL) == 0 &&
	       form->match(identity, image, &signer);
}

/* ---- reading ---- */

static const struct form *find_form(const char *name, bool own,
				    struct garita_nearest *near)
{
	for (size_t i = 0; i < GARITA_COUNT(forms); i++) {
		if (forms[i].own && !own)
			continue;
		if (strcmp(forms[i].name, name) == 0)
			return &forms[i];
		garita_nearest_try(near, forms[i].name);
	}
	return NULL;
}

/* A prefix is a repository or the domain of some, written out in full. */
static bool is_prefix(const char *text)
{
	struct garita_reference parsed;
	char words[GARITA_REFERENCE_SIZE];

	if (strchr(text, '/') == NULL) {
		if (snprintf(words, sizeof(words), "%s/x/x", text) >=
		    (int)sizeof(words))
			return false;
		return garita_reference_parse(words, &parsed, NULL) == 0 &&
		       parsed.domain_len == strlen(text);
	}
	return garita_reference_parse(text, &parsed, NULL) == 0 &&
	       is_name_only(&parsed) && strcmp(parsed.repository, text) == 0;
}

/* What is wrong with a member's value, or NULL. */
static const char *wrong_value(const struct form *form, const char *value)
{
	struct garita_reference parsed;

	if (form->second != NULL)
		return is_prefix(value) ? NULL
					: "must be a registry or a repository "
					  "with its registry";
	if (garita_reference_parse(value, &parsed, NULL) < 0)
		return "is no image name";
	if (form == &forms[GARITA_IDENTITY_EXACT_REFERENCE] &&
	    is_name_only(&parsed))
		return "needs a tag or a digest";
	if (form == &forms[GARITA_IDENTITY_EXACT_REPOSITORY] &&
	    !is_name_only(&parsed))
		return "must have no tag and no digest";
	return NULL;
}

static int read_member(struct garita_json_doc *doc,
		       const struct garita_json *node, const char *pointer,
		       const struct form *form, const char *name, char **ret,
		       struct garita_error *err)
{
	const char *value = garita_json_string(garita_json_get(node, name));
	const char *wrong;

	if (name == NULL)
		return 0;
	if (value == NULL)
		return garita_json_fail(err, doc, pointer, EINVAL,
					"\"%s\" needs a string \"%s\"",
					form->name, name);
	wrong = wrong_value(form, value);
	if (wrong != NULL)
		return garita_json_fail(err, doc, pointer, EINVAL,
					"\"%s\": \"%s\" %s", name, value,
					wrong);
	*ret = garita_xstrdup(value);
	return 0;
}

static int check_members(struct garita_json_doc *doc,
			 const struct garita_json *node, const char *pointer,
			 const struct form *form, struct garita_error *err)
{
	for (size_t i = 0; i < garita_json_count(node); i++) {
		const char *key = garita_json_key(node, i);

		if (strcmp(key, "type") != 0 &&
		    (form->first == NULL || strcmp(key, form->first) != 0) &&
		    (form->second == NULL || strcmp(key, form->second) != 0))
			return garita_json_fail(err, doc, pointer, EINVAL,
						"\"%s\" has no member \"%s\"",
						form->name, key);
	}
	return 0;
}

int garita_identity_read(struct garita_json_doc *doc,
			 const struct garita_json *node, const char *pointer,
			 bool own, struct garita_identity *ret,
			 struct garita_error *err)
{
	const char *name = garita_json_string(garita_json_get(node, "type"));
	struct garita_nearest near = garita_nearest_to(name ? name : "");
	struct garita_identity made = { 0 };
	const struct form *form;
	int rc;

	if (name == NULL)
		return garita_json_fail(err, doc, pointer, EINVAL,
					"must be an object with a \"type\"");
	form = find_form(name, own, &near);
	if (form == NULL)
		return garita_json_fail(
			err, doc, pointer, EINVAL,
			"unknown identity type \"%s\"%s%s%s", name,
			near.word ? "; did you mean \"" : "",
			near.word ? near.word : "", near.word ? "\"?" : "");
	made.kind = (enum garita_identity_kind)(form - forms);
	rc = check_members(doc, node, pointer, form, err);
	if (rc == 0)
		rc = read_member(doc, node, pointer, form, form->first,
				 &made.first, err);
	if (rc == 0)
		rc = read_member(doc, node, pointer, form, form->second,
				 &made.second, err);
	if (rc < 0) {
		garita_identity_free(&made);
		return rc;
	}
	*ret = made;
	return 0;
}

void garita_identity_free(struct garita_identity *identity)
{
	free(identity->first);
	free(identity->second);
	*identity = (struct garita_identity){ 0 };
}
