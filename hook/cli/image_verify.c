/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image_verify - `garita image verify`: is there a signature that a policy, or
 * a key given here, accepts? For authors and CI; the gate asks the same
 * question of the same program.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "garita/digests.h"
#include "garita/reference.h"
#include "hook/cli/image.h"
#include "hook/cli/verify.h"
#include "hook/file.h"
#include "hook/gate.h"
#include "hook/report/report.h"
#include "hook/trust/ask.h"
#include "hook/trust/gather.h"
#include "hook/trust/notation.h"
#include "hook/trust/source.h"

enum { VERIFY_VERSION = 1, FILE_MAX = 1024 * 1024 };

struct options {
	const char *digest, *reference, *containers_policy, *require, *format;
	const char *policy, *sysroot;
	const char *trust_policy, *trust_store, *crls; /* of notation */
	struct garita_cli_list materials, keys, keyrings, annotations;
	struct garita_verify_names names;
	bool signed_index, explain;
};

static int add_annotations(const struct options *options,
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

/* One requirement: whoever a certificate names. */
static int require_names(const struct options *options,
			 struct garita_requirements *ret,
			 struct garita_error *err)
{
	struct garita_requirement *one = garita_requirements_add(ret);
	int rc = garita_verify_require_names(&options->names, one, err);

	one->signed_index = options->signed_index;
	one->identity.kind = options->reference ? GARITA_IDENTITY_IF_SIGNED
						: GARITA_IDENTITY_ANY;
	return rc == 0 ? add_annotations(options, one, err) : rc;
}

/* One requirement: any of these keys. */
static int require_keys(const struct options *options,
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
	return add_annotations(options, one, err);
}

static int require_policy(const struct options *options,
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
static int require_notation(const struct options *options,
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

/* garita's own policy says who, as it does to the gate. What the gate would
 * refuse an image for (no entry is about it, a key is not there) is a refusal
 * here: *ret_refused. */
static int require_own(const struct options *options,
		       struct garita_requirements *ret,
		       struct garita_trust *ret_refused,
		       struct garita_error *err)
{
	const struct garita_gate_options how = {
		.sysroot = options->sysroot,
		.policy = options->policy,
	};
	auto_gate gate = { 0 };
	struct garita_gather gather = { .now = time(NULL) };
	struct garita_error why = { 0 };
	auto_free char *scope = NULL;
	int rc = garita_gate_open(&how, &gate, err);

	if (rc < 0)
		return rc;
	if (!garita_policy_names_signers(gate.policy))
		return garita_fail(err, ENOENT,
				   "%s names nobody who must have signed: see "
				   "images.signatures, images.notation and "
				   "images.containers-policy",
				   options->policy);
	gather.policy = gate.policy;
	gather.policy_path = gate.policy_path;
	gather.policy_root = gate.policy_root;
	gather.sysroot = options->sysroot;
	if (garita_gather_wanted(&gather, options->reference,
				 GARITA_TOPIC_SIGNATURE, ret, &scope,
				 &why) < 0) {
		ret_refused->state = GARITA_TRUST_REFUSED;
		garita_error_words(&why, ret_refused->words,
				   sizeof(ret_refused->words));
	}
	return 0;
}

static int read_keys(struct garita_requirements *wanted,
		     struct garita_error *err)
{
	int rc = 0;

	for (size_t i = 0; i < wanted->count && rc == 0; i++)
		rc = garita_verify_read_sources(&wanted->all[i], err);
	return rc;
}

/* What of the command line goes together. */
static const char *wrong_options(const struct options *options)
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
	if (options->policy != NULL && options->signed_index)
		return "whether a signed index will do --policy says itself";
	if (options->format != NULL && strcmp(options->format, "text") != 0 &&
	    strcmp(options->format, "json") != 0)
		return "--format is text or json";
	return NULL;
}

static void print_json(const struct options *options,
		       const struct garita_trust *trust, const char *notes,
		       struct garita_text *out)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *root = garita_json_root(doc);
	struct garita_json *list = garita_json_new_array(doc);

	garita_json_put_u64(doc, root, "version", VERIFY_VERSION);
	garita_json_put_string(doc, root, "digest", options->digest);
	if (options->reference != NULL)
		garita_report_put_string(doc, root, "reference",
					 options->reference);
	garita_json_put_string(
		doc, root, "verdict",
		trust->state == GARITA_TRUST_ACCEPTED ? "accepted" : "refused");
	garita_report_put_string(doc, root, "reason", trust->words);
	if (trust->until != 0)
		garita_json_put_u64(doc, root, "until", (uint64_t)trust->until);
	while (notes != NULL && *notes != '\0') {
		size_t len = strcspn(notes, "\n");
		auto_free char *line = garita_xstrndup(notes, len);
		struct garita_json *note = garita_json_new_object(doc);

		garita_report_put_string(doc, note, "text", line);
		garita_json_append(doc, list, note);
		notes += len + (notes[len] == '\n');
	}
	garita_json_put(doc, root, "notes", list);
	garita_report_put_tree(root, out);
}

static void print_text(const struct options *options,
		       const struct garita_trust *trust, const char *notes,
		       struct garita_text *out)
{
	bool accepted = trust->state == GARITA_TRUST_ACCEPTED;

	garita_text_printf(out, "%s %s: ", accepted ? "accepted" : "refused",
			   options->digest);
	garita_report_put_safe(out, trust->words);
	garita_text_putc(out, '\n');
	/* After a refusal a person wants to know what was looked at. */
	if (options->explain || !accepted)
		garita_verify_put_notes(notes, out);
}

static int require(const struct options *options,
		   struct garita_requirements *ret,
		   struct garita_trust *ret_refused, struct garita_error *err)
{
	int rc;

	if (options->policy != NULL)
		return require_own(options, ret, ret_refused, err);
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

/* What is given here; else what this node keeps for the digest. */
static int read_material(const struct options *options,
			 const struct garita_image *image,
			 struct garita_blobs *ret, struct garita_error *err)
{
	int rc = 0;

	if (options->materials.count == 0)
		return garita_gather_material(options->sysroot, image, ret,
					      err);
	for (size_t i = 0; i < options->materials.count && rc == 0; i++)
		rc = garita_source_read(options->materials.words[i], ret, NULL,
					err);
	return rc;
}

static int verify(const struct garita_cli *cli, const struct options *options)
{
	auto_requirements wanted = { 0 };
	auto_blobs material = { 0 };
	auto_text notes = { 0 }, out = { 0 };
	struct garita_trust trust = { 0 };
	struct garita_error err = { 0 };
	struct garita_image image = {
		.sure = GARITA_IMAGE_VERIFIED,
		/* NOLINTNEXTLINE(performance-no-int-to-ptr): not written to */
		.reference = (char *)(uintptr_t)options->reference,
	};
	const struct garita_trust_case asked = { &image, &wanted, &material,
						 time(NULL) };
	int rc = require(options, &wanted, &trust, &err);

	memcpy(image.manifest, options->digest, sizeof(image.manifest));
	if (rc == 0)
		rc = read_material(options, &image, &material, &err);
	if (rc < 0)
		return garita_verify_complain(cli, &err);
	if (trust.state == GARITA_TRUST_NOT_ASKED)
		garita_ask(&asked, NULL, &trust, &notes);
	if (options->format != NULL && strcmp(options->format, "json") == 0)
		print_json(options, &trust, notes.data, &out);
	else
		print_text(options, &trust, notes.data, &out);
	garita_cli_print(&out);
	return trust.state == GARITA_TRUST_ACCEPTED ? GARITA_EXIT_ADMITTED
						    : GARITA_EXIT_REFUSED;
}

static int check_reference(const struct garita_cli *cli, const char *reference)
{
	struct garita_reference parsed;
	struct garita_error err = { 0 };

	if (reference == NULL ||
	    garita_reference_parse(reference, &parsed, &err) == 0)
		return 0;
	garita_cli_complain(cli, "--ref %s: %s", reference, err.text);
	return -EINVAL;
}

int garita_image_verify(const struct garita_cli *cli)
{
	struct options options = { 0 };
	const struct garita_cli_option table[] = {
		{ "--digest", &options.digest, NULL, NULL },
		{ "--ref", &options.reference, NULL, NULL },
		{ "--material", NULL, NULL, &options.materials },
		{ "--key", NULL, NULL, &options.keys },
		GARITA_VERIFY_NAMES(&options.names),
		{ "--keyring", NULL, NULL, &options.keyrings },
		{ "--containers-policy", &options.containers_policy, NULL,
		  NULL },
		{ "--notation-trust-policy", &options.trust_policy, NULL,
		  NULL },
		{ "--notation-trust-store", &options.trust_store, NULL, NULL },
		{ "--notation-crls", &options.crls, NULL, NULL },
		{ "--policy", &options.policy, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
		{ "--annotation", NULL, NULL, &options.annotations },
		{ "--require", &options.require, NULL, NULL },
		{ "--accept-signed-index", NULL, &options.signed_index, NULL },
		{ "--explain", NULL, &options.explain, NULL },
		{ "--format", &options.format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	const char *wrong = NULL;
	int rc = GARITA_EXIT_ERROR;
	size_t count = 0;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words,
			       &count) == 0 &&
	    check_reference(cli, options.reference) == 0) {
		wrong = count > 0 ? "takes options only"
				  : wrong_options(&options);
		if (wrong != NULL)
			garita_cli_complain(cli, "%s", wrong);
		else
			rc = verify(cli, &options);
	}
	free(options.materials.words);
	free(options.keys.words);
	free(options.keyrings.words);
	free(options.annotations.words);
	return rc;
}
