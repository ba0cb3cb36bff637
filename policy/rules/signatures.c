/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signatures - may this image run here, going by who made it?
 *
 * Where it came from is a name, and a name is what an engine's records say
 * somebody called it: good against mistakes, not against who may tag images.
 * Who signed it was decided before (hook/trust), of the digests that the store
 * proves; here the answer is only read.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"
#include "garita/reference.h"
#include "policy/rules/signatures.h"
#include "policy/trust/called.h"

/* Whole components only: "quay.io/team" is not "quay.io/teamwork", nor is a
 * host the same host with a port. */
static bool is_below(const char *repository, const char *prefix)
{
	size_t len = strlen(prefix);

	while (len > 0 && prefix[len - 1] == '/')
		len--;
	return len > 0 && strncmp(repository, prefix, len) == 0 &&
	       (repository[len] == '\0' || repository[len] == '/');
}

static bool is_trusted(const struct garita_setting *setting, const char *name)
{
	struct garita_reference parsed;

	if (garita_reference_parse(name, &parsed, NULL) < 0)
		return false;
	for (size_t i = 0; i < setting->allow_count; i++)
		if (is_below(parsed.repository, setting->allow[i]))
			return true;
	return false;
}

static void check_registry(const struct garita_case *of,
			   struct garita_report *out)
{
	static const char wanted[] = "an image from a registry or repository "
				     "that the policy lists";
	struct garita_called called = garita_called(of->image);

	if (!of->setting->allow_given)
		return;
	/* A name may be known of what could not be told, or was tampered with:
	 * then it is the name of another image. */
	if (of->image->sure == GARITA_IMAGE_UNKNOWN && called.count > 0) {
		garita_report(out, "/root/path", wanted,
			      "an unknown image, made by the name %s: %s",
			      called.names[0], of->image->why_not);
		return;
	}
	if (called.count == 0)
		garita_report(out, "/root/path", wanted,
			      "an image without a name%s%s",
			      *of->image->why_not ? ": " : "",
			      of->image->why_not);
	for (size_t i = 0; i < called.count; i++) {
		if (is_trusted(of->setting, called.names[i]))
			continue;
		garita_report(out, "/root/path", wanted, "%s", called.names[i]);
		return;
	}
}

void garita_trust_report(const struct garita_case *of, enum garita_topic topic,
			 const char *what, const char *wanted,
			 struct garita_report *out)
{
	const struct garita_trust *trust = &of->image->trust[topic];

	switch (trust->state) {
	case GARITA_TRUST_ACCEPTED:
		return;
	case GARITA_TRUST_REFUSED:
		garita_report(out, "/root/path", wanted, "%s: %s",
			      garita_called_words(of->image), trust->words);
		return;
	case GARITA_TRUST_NOT_ASKED:
		break;
	}
	garita_report(out, "/root/path", wanted,
		      "%s, whose %s nobody looked at",
		      garita_called_words(of->image), what);
}

static void check_signature(const struct garita_case *of,
			    struct garita_report *out)
{
	if (garita_policy_names_signers(of->policy))
		garita_trust_report(
			of, GARITA_TOPIC_SIGNATURE, "signatures",
			"an image that is signed as the policy's images say",
			out);
}

static const char registry_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.1.5, 4.2",
	"CIS Docker 1.6.0: 4.2",
	"",
};
static const char signature_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.1.5",
	"CIS Docker 1.6.0: 4.5",
	"",
};

const struct garita_rule garita_rules_signatures[] = {
	{
		.id = "trusted-registry",
		.summary = "the image comes from a registry on the rule's "
			   "allow list, if it has one",
		.why = "anybody can publish on a public registry; the name is "
		       "the engine's record, which whoever may tag images can "
		       "choose, so require signatures where that matters",
		.remedy = "use the image of a listed registry, or list this "
			  "one",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_IMAGE,
		.reads = GARITA_PART_ROOT,
		.baseline = GARITA_OFF,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows =
			"registries and repositories, as registry.example.com "
			"or quay.io/team, and what is below them",
		.references = registry_references,
		.check = check_registry,
	},
	{
		.id = "image-signature",
		.summary = "whom the policy names has signed the image, if it "
			   "names anybody",
		.why = "engines look at signatures when they pull, not at "
		       "images that are there already, were loaded or built",
		.remedy = "sign the image's digest and import the signature "
			  "(garita image import), or run a signed image",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_IMAGE,
		.reads = GARITA_PART_ROOT,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = signature_references,
		.check = check_signature,
	},
	{ .id = NULL },
};
