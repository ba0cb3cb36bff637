/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_verify_options - from options to requirements: whose signature, or
 * whose word about what, is wanted.
 */
#include <errno.h>
#include <string.h>

#include "garita/digests.h"
#include "hook/cli/image_verify.h"
#include "hook/trust/notation.h"

enum { FILE_MAX = 1024 * 1024 };

static int add_annotations(const struct garita_image_verify_options *options,
			   struct garita_requirement *into,
			   struct garita_error *err)
{
	const struct garita_cli_list *list = &options->annotations;

	into->annotations =
		garita_xcalloc(list->count, sizeof(*into->annotations));
	for (size_t i = 0; i < list->count; i++) {
		const char *equals = strchr(list->words[i], '=');
		struct garita_annotation *one =
			&into->annotations[into->annotation_count];

		if (equals == NULL || equals == list->words[i])
			return garita_fail(err, EINVAL,
					   "--annotation takes KEY=VALUE, not "
					   "%s",
					   list->words[i]);
		one->key = garita_xstrndup(list->words[i],
					   (size_t)(equals - list->words[i]));
		one->value = garita_xstrdup(equals + 1);
		into->annotation_count++;
	}
	return 0;
}

/* What has to be signed: that it is theirs, or what they say about it. */
static int add_statement(const struct garita_image_verify_options *options,
			 struct garita_requirement *into,
			 struct garita_error *err)
{
	if (options->attested.type != NULL)
		return garita_image_attested_read(&options->attested,
						  &into->attested, err);
	return add_annotations(options, into, err);
}

/* One requirement: whoever a certificate names. */
static int require_names(const struct garita_image_verify_options *options,
			 struct garita_requirements *ret,
			 struct garita_error *err)
{
	struct garita_requirement *one = garita_requirements_add(ret);
	int rc = garita_verify_require_names(&options->names, one, err);

	one->signed_index = options->signed_index;
	one->identity.kind = options->reference ? GARITA_IDENTITY_IF_SIGNED
						: GARITA_IDENTITY_ANY;
	return rc == 0 ? add_statement(options, one, err) : rc;
}

/* One requirement: any of these keys. */
static int require_keys(const struct garita_image_verify_options *options,
			struct garita_requirements *ret,
			struct garita_error *err)
{
	const struct garita_cli_list *list =
		options->keys.count ? &options->keys : &options->keyrings;
	struct garita_requirement *one = garita_requirements_add(ret);
	uint32_t need = 1;

	if (options->require != NULL &&
	    garita_parse_u32(options->require, 1, (uint32_t)list->count,
			     &need) < 0)
		return garita_fail(err, EINVAL,
				   "--require takes a number from 1 to that "
				   "of the keys, %zu",
				   list->count);
	one->kind =
		options->keys.count ? GARITA_REQUIRE_KEYS : GARITA_REQUIRE_GPG;
	one->need = need;
	one->signed_index = options->signed_index;
	one->identity.kind = options->reference ? GARITA_IDENTITY_IF_SIGNED
						: GARITA_IDENTITY_ANY;
	one->keys = garita_xcalloc(list->count, sizeof(*one->keys));
	one->key_count = list->count;
	for (size_t i = 0; i < list->count; i++)
		one->keys[i].path = garita_xstrdup(list->words[i]);
	return add_statement(options, one, err);
}

static int require_policy(const struct garita_image_verify_options *options,
			  struct garita_requirements *ret,
			  struct garita_error *err)
{
	auto_free char *text = NULL;
	auto_free char *scope = NULL;
	size_t len = 0;
	int rc = garita_verify_read_file(options->containers_policy, FILE_MAX,
					 &text, &len, err);

	if (rc == 0 && garita_containers_policy(text, len, options->reference,
						ret, &scope, err) < 0)
		rc = garita_fail_in(err, options->containers_policy);
	for (size_t i = 0; i < ret->count && rc == 0; i++)
		ret->all[i].signed_index = options->signed_index;
	return rc;
}

/* A trust policy of the Notary Project. */
static int require_notation(const struct garita_image_verify_options *options,
			    struct garita_requirements *ret,
			    struct garita_error *err)
{
	const struct garita_notation_files from = {
		.trust_policy = options->trust_policy,
		.trust_store = options->trust_store,
		.crls = options->crls,
	};
	int rc = garita_notation_gather(&from, options->reference, ret, err);

	if (rc < 0)
		return rc;
	ret->all[0].signed_index = options->signed_index;
	return add_annotations(options, &ret->all[0], err);
}

static int read_keys(struct garita_requirements *wanted,
		     struct garita_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < wanted->count && rc == 0; i++)
		rc = garita_verify_read_sources(&wanted->all[i], err);
	return rc;
}

int garita_image_verify_require(
	const struct garita_image_verify_options *options,
	struct garita_requirements *ret, struct garita_error *err)
{
	int rc;

	if (options->trust_policy != NULL)
		rc = require_notation(options, ret, err);
	else if (options->containers_policy != NULL)
		rc = require_policy(options, ret, err);
	else if (garita_verify_has_names(&options->names))
		rc = require_names(options, ret, err);
	else
		rc = require_keys(options, ret, err);
	return rc == 0 ? read_keys(ret, err) : rc;
}

const char *garita_image_verify_wrong(
	const struct garita_image_verify_options *options)
{
	bool names = garita_verify_has_names(&options->names);
	int ways = names + (options->keys.count > 0) +
		   (options->keyrings.count > 0) +
		   (options->containers_policy != NULL) +
		   (options->policy != NULL) + (options->trust_policy != NULL);

	if (options->digest == NULL)
		return "--digest is missing: the manifest's, as in "
		       "name@sha256:...";
	if (!garita_digest_well_formed(options->digest))
		return "--digest takes sha256: and 64 lower case hex digits";
	if (ways != 1)
		return "give one of --key, --keyring, --certificate-identity, "
		       "--containers-policy, --notation-trust-policy and "
		       "--policy";
	if ((options->trust_policy == NULL) != (options->trust_store == NULL) ||
	    (options->crls != NULL && options->trust_policy == NULL))
		return "--notation-trust-policy and --notation-trust-store go "
		       "together, and --notation-crls with them";
	if (options->keys.count + options->keyrings.count == 0 &&
	    options->require != NULL)
		return "--require goes with --key or --keyring";
	if ((options->policy != NULL || options->containers_policy != NULL) &&
	    options->annotations.count > 0)
		return "--annotation goes with --key, --keyring, "
		       "--certificate-identity or --notation-trust-policy";
	if (options->names.trusted_root != NULL && !names)
		return "--trusted-root goes with --certificate-identity";
	if (names && garita_verify_wrong_names(&options->names) != NULL)
		return garita_verify_wrong_names(&options->names);
	if (garita_image_attested_given(&options->attested) &&
	    (options->attested.type == NULL ||
	     options->keys.count + names == 0 || options->require != NULL ||
	     options->annotations.count > 0))
		return "an attestation is verified by --attestation-type with "
		       "--key or --certificate-identity, without --require and "
		       "--annotation, or by --policy";
	if (options->policy != NULL && options->signed_index)
		return "whether a signed index will do --policy says itself";
	if (options->format != NULL && strcmp(options->format, "text") != 0 &&
	    strcmp(options->format, "json") != 0)
		return "--format is text or json";
	return NULL;
}
