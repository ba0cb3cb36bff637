/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - may this image run here, going by its digest?
 *
 * The digests come from the engine's own store (hook/store), checked down to
 * the bytes; never from an annotation. Not knowing is never an answer to
 * "is it on the deny list?". The digests under which an engine says it pulled
 * an image were checked by the engine alone: enough to refuse by, and to see
 * that a name has one, but not to allow by.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/digests.h"
#include "garita/policy.h"
#include "garita/reference.h"
#include "garita/text.h"

static bool has_word(char *const *words, size_t count, const char *word)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

static bool on_allow_list(const struct garita_policy *policy,
			  const char *digest)
{
	return *digest != '\0' &&
	       (has_word(policy->allow, policy->allow_count, digest) ||
		(policy->allow_file != NULL &&
		 garita_digests_have(&policy->allow_list, digest)));
}

static bool on_deny_list(const struct garita_policy *policy, const char *digest)
{
	return *digest != '\0' &&
	       (has_word(policy->deny, policy->deny_count, digest) ||
		(policy->deny_file != NULL &&
		 garita_digests_have(&policy->deny_list, digest)));
}

static const char *name_of(const struct garita_image *image)
{
	return image->name_count > 0 ? image->names[0] : "no name";
}

static const char *digest_of(const struct garita_image *image)
{
	if (*image->manifest)
		return image->manifest;
	return *image->config ? image->config : "no digest";
}

static void check_deny_list(const struct garita_case *of,
			    struct garita_report *out)
{
	const struct garita_image *image = of->image;
	const char *const digests[] = { image->manifest, image->index,
					image->config };

	for (size_t i = 0; i < GARITA_COUNT(digests); i++) {
		if (!on_deny_list(of->policy, digests[i]))
			continue;
		garita_report(out, "/root/path",
			      "an image that is not on the deny list",
			      "%s (%s) is on the deny list", digests[i],
			      name_of(image));
		return;
	}
	for (size_t i = 0; i < image->repo_digest_count; i++) {
		struct garita_reference pulled;

		if (garita_reference_parse(image->repo_digests[i], &pulled,
					   NULL) < 0 ||
		    !on_deny_list(of->policy, pulled.digest))
			continue;
		garita_report(out, "/root/path",
			      "an image that is not on the deny list",
			      "%s is on the deny list", image->repo_digests[i]);
		return;
	}
	/* docker keeps no manifest, but says by which digests it pulled. An
	 * image that it built or loaded could be any. */
	if (image->sure == GARITA_IMAGE_UNKNOWN ||
	    (image->sure == GARITA_IMAGE_CONFIG &&
	     image->repo_digest_count == 0))
		garita_report(out, "/root/path",
			      "an image that is not on the deny list",
			      "an image whose manifest is not known, so the "
			      "list cannot be asked: %s",
			      image->why_not);
}

static void check_allow_list(const struct garita_case *of,
			     struct garita_report *out)
{
	static const char wanted[] = "an image on the allow list";
	const struct garita_image *image = of->image;

	if (image->sure == GARITA_IMAGE_UNKNOWN) {
		garita_report(out, "/root/path", wanted, "an unknown image: %s",
			      image->why_not);
		return;
	}
	if (on_allow_list(of->policy, image->manifest) ||
	    on_allow_list(of->policy, image->index) ||
	    on_allow_list(of->policy, image->config))
		return;
	garita_report(out, "/root/path", wanted,
		      "%s (%s) is not on the allow list", digest_of(image),
		      name_of(image));
}

static void check_allowlist(const struct garita_case *of,
			    struct garita_report *out)
{
	if (of->policy->has_deny_list)
		check_deny_list(of, out);
	if (of->policy->has_allow_list)
		check_allow_list(of, out);
}

static void check_unknown(const struct garita_case *of,
			  struct garita_report *out)
{
	if (of->image->sure == GARITA_IMAGE_UNKNOWN)
		garita_report(out, "/root/path",
			      "a root file system that belongs to an image of "
			      "the engine's store",
			      "%s", of->image->why_not);
}

/* Is `digest` this image's, or one under which the engine pulled it? */
static bool is_ours(const struct garita_image *image, const char *digest)
{
	const char *const own[] = { image->manifest, image->index,
				    image->config };

	for (size_t i = 0; i < GARITA_COUNT(own); i++)
		if (strcmp(own[i], digest) == 0)
			return true;
	for (size_t i = 0; i < image->repo_digest_count; i++) {
		struct garita_reference pulled;

		if (garita_reference_parse(image->repo_digests[i], &pulled,
					   NULL) == 0 &&
		    strcmp(pulled.digest, digest) == 0)
			return true;
	}
	return false;
}

/* The digest that the name brings; false when it brings none. A whole image
 * id is one: the digest of the config. As a name it would have a tag. */
static bool digest_in(const char *name, char ret[GARITA_DIGEST_SIZE])
{
	struct garita_reference parsed;
	auto_text id = { 0 };

	garita_text_printf(&id, "%s%s",
			   strchr(name, ':') ? "" : "sha256:", name);
	if (garita_digest_well_formed(id.data)) {
		memcpy(ret, id.data, GARITA_DIGEST_SIZE);
		return true;
	}
	if (garita_reference_parse(name, &parsed, NULL) < 0)
		return false;
	memcpy(ret, parsed.digest, GARITA_DIGEST_SIZE);
	return *parsed.digest != '\0';
}

static void check_pinned(const struct garita_case *of,
			 struct garita_report *out)
{
	static const char wanted[] = "a container made by its image's digest";
	const struct garita_image *image = of->image;
	char digest[GARITA_DIGEST_SIZE];

	/* Twice the same warning would say no more; a refusal has to hold by
	 * itself. */
	if (image->sure == GARITA_IMAGE_UNKNOWN &&
	    of->setting->action == GARITA_WARN)
		return;
	if (image->sure == GARITA_IMAGE_UNKNOWN)
		garita_report(out, "/root/path", wanted, "an unknown image: %s",
			      image->why_not);
	else if (image->reference == NULL)
		garita_report(out, "/root/path", wanted,
			      "the engine has no record of the name by which "
			      "it was made");
	else if (!digest_in(image->reference, digest))
		garita_report(out, "/root/path", wanted,
			      "made by the name %s, which can be moved to "
			      "another image",
			      image->reference);
	else if (!is_ours(image, digest))
		garita_report(out, "/root/path", wanted,
			      "made by %s, but the image is %s",
			      image->reference, digest_of(image));
}

static const char allowlist_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.1.5",
	"CIS Docker 1.6.0: 4.2",
	"",
};
static const char pinned_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.28",
	"CVE-2026-50195",
	"",
};
static const char unknown_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.4.5",
	"",
};

const struct garita_rule garita_rules_image[] = {
	{
		.id = "image-allowlist",
		.summary = "the image's digest is on the allow list and not on "
			   "the deny list",
		.why = "only what was looked at before should run; a name can "
		       "be moved to another image, a digest cannot",
		.remedy = "run an image that is on the list, or add the digest "
			  "to images.allow or its file",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_IMAGE,
		.reads = GARITA_PART_ROOT,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = allowlist_references,
		.check = check_allowlist,
	},
	{
		.id = "image-digest-pinned",
		.summary = "the container was made by a digest, not by a tag",
		.why = "a tag is moved by whoever can write to the registry; "
		       "the same command then starts something else",
		.remedy = "name the image with its digest: NAME@sha256:...",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_IMAGE,
		.reads = GARITA_PART_ROOT,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.part_of = "unknown-image",
		.references = pinned_references,
		.check = check_pinned,
	},
	{
		.id = "unknown-image",
		.summary = "the root file system belongs to a known image",
		.why = "what no store knows was checked by nobody",
		.remedy = "start the container from an image instead of a "
			  "directory",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_IMAGE,
		.reads = GARITA_PART_ROOT,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.references = unknown_references,
		.check = check_unknown,
	},
	{ .id = NULL },
};
