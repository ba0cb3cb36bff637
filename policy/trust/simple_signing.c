/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * simple_signing - the payload of containers-signature(5), after its signature
 * was found good. It is read as containers/image reads it, not as cosign does:
 * in "critical", which is what counts, every member is known and there once,
 * since a signer who says more than we know may have meant to limit it.
 */
#include <errno.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "policy/trust/fields.h"
#include "policy/trust/key_signer.h"

struct payload {
	const char *digest, *reference;
	const struct garita_json *optional; /* NULL when null */
};

/* The string `name`, the only member of an object. */
static int read_only_string(const struct garita_json *object, const char *name,
			    const char *what, const char **ret,
			    struct garita_error *err)
{
	const char *const names[] = { name, NULL };
	int r = garita_fields_check(object, GARITA_NAMES_EXACT, names, what,
				    err);

	if (r < 0)
		return r;
	*ret = garita_json_string(garita_json_get(object, name));
	if (!*ret)
		return garita_fail(err, EINVAL, "%s has no string \"%s\"", what,
				   name);
	return 0;
}

static int read_critical(const struct garita_json *critical, const char *type,
			 struct payload *ret, struct garita_error *err)
{
	static const char *const names[] = { "type", "image", "identity",
					     NULL };
	const char *said;
	int r = garita_fields_check(critical, GARITA_NAMES_EXACT, names,
				    "critical", err);

	if (r < 0)
		return r;
	said = garita_json_string(garita_json_get(critical, "type"));
	if (!said || strcmp(said, type) != 0)
		return garita_fail(err, EINVAL,
				   "critical.type is not \"%s\" but \"%.60s\"",
				   type, said ? said : "");
	r = read_only_string(garita_json_get(critical, "image"),
			     "docker-manifest-digest", "critical.image",
			     &ret->digest, err);
	if (r < 0)
		return r;
	if (!garita_digest_well_formed(ret->digest))
		return garita_fail(err, EINVAL,
				   "docker-manifest-digest is no sha256 "
				   "digest");
	return read_only_string(garita_json_get(critical, "identity"),
				"docker-reference", "critical.identity",
				&ret->reference, err);
}

/* Members of "optional" are anybody's, but for two. The timestamp may be a
 * string too: cosign's -a makes one of it. Nobody here reads it. */
static int read_optional(const struct garita_json *optional,
			 struct payload *ret, struct garita_error *err)
{
	const struct garita_json *made, *creator;
	int64_t when;

	if (garita_json_type(optional) == GARITA_JSON_NULL)
		return optional ? 0
				: garita_fail(err, EINVAL,
					      "there is no \"optional\"");
	if (garita_json_type(optional) != GARITA_JSON_OBJECT)
		return garita_fail(err, EINVAL, "optional is not an object");
	creator = garita_json_get(optional, "creator");
	if (creator && !garita_json_string(creator))
		return garita_fail(err, EINVAL, "creator is not a string");
	made = garita_json_get(optional, "timestamp");
	if (made && !garita_json_string(made) &&
	    garita_json_i64(made, &when) < 0)
		return garita_fail(err, EINVAL, "timestamp is not an integer");
	ret->optional = optional;
	return 0;
}

int garita_simple_signing(const char *payload, size_t len, const char *type,
			  struct garita_claim *claim, struct garita_error *err)
{
	static const char *const names[] = { "critical", "optional", NULL };
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *root;
	struct payload found = { 0 };
	int r = garita_json_parse(payload, len, GARITA_JSON_STRICT, &doc, err);

	if (r < 0)
		return r;
	root = garita_json_root(doc);
	r = garita_fields_check(root, GARITA_NAMES_EXACT, names, "the payload",
				err);
	if (r == 0)
		r = read_critical(garita_json_get(root, "critical"), type,
				  &found, err);
	if (r == 0)
		r = read_optional(garita_json_get(root, "optional"), &found,
				  err);
	if (r < 0)
		return r;

	if (!garita_claim_digest(claim, found.digest))
		return garita_fail(err, E2BIG, "too many digests");
	claim->reference = garita_xstrdup(found.reference);
	for (size_t i = 0; i < garita_json_count(found.optional); i++) {
		const char *value =
			garita_json_string(garita_json_item(found.optional, i));

		if (value)
			garita_claim_said(claim,
					  garita_json_key(found.optional, i),
					  value);
	}
	return 0;
}
