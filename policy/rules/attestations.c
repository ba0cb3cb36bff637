/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attestations - was the image scanned, who built it, is there a list of what
 * is in it? What the policy wants and who has to have said it stands in its
 * images.attestations; it was looked at before (hook/trust), and here each
 * answer is only read.
 */
#include "policy/rules/families.h"

#include "garita/policy.h"
#include "policy/rules/signatures.h"

static void check(const struct garita_case *of, enum garita_topic topic,
		  const char *wanted, struct garita_report *out)
{
	if (garita_policy_wants(of->policy, topic))
		garita_trust_report(of, topic, "attestations", wanted, out);
}

static void check_vuln(const struct garita_case *of, struct garita_report *out)
{
	check(of, GARITA_TOPIC_VULN,
	      "an image that was scanned as the policy's images.attestations "
	      "say",
	      out);
}

static void check_provenance(const struct garita_case *of,
			     struct garita_report *out)
{
	check(of, GARITA_TOPIC_PROVENANCE,
	      "an image that was built as the policy's images.attestations say",
	      out);
}

static void check_sbom(const struct garita_case *of, struct garita_report *out)
{
	check(of, GARITA_TOPIC_SBOM,
	      "an image with the list of contents that the policy's "
	      "images.attestations want",
	      out);
}

static void check_other(const struct garita_case *of, struct garita_report *out)
{
	check(of, GARITA_TOPIC_OTHER,
	      "an image with the attestations that the policy's "
	      "images.attestations want",
	      out);
}

static const char vuln_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.1.1",
	"CIS Docker 1.6.0: 4.4",
	"",
};
static const char provenance_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.1.5",
	"SLSA 1.0: Verifying artifacts",
	"",
};
static const char sbom_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.1.1",
	"",
};
static const char other_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.1.5",
	"",
};

#define ROW                                                                    \
	.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |               \
		 GARITA_SCOPE_IMAGE,                                           \
	.reads = GARITA_PART_ROOT, .baseline = GARITA_OFF,                     \
	.restricted = GARITA_WARN, .strict = GARITA_DENY

const struct garita_rule garita_rules_attestations[] = {
	{
		.id = "image-vuln-attestation",
		.summary = "a signed scan of the image is as good and as young "
			   "as the policy asks, if it asks for one",
		.why = "an image that was clean when it was built is not "
		       "clean for good, and a scan that nobody signed says "
		       "nothing of who made it",
		.remedy = "scan the image's digest, sign the result and import "
			  "it (cosign attest, garita image import), fix what "
			  "was found, or list it under \"ignore\" with a "
			  "reason",
		ROW,
		.references = vuln_references,
		.check = check_vuln,
	},
	{
		.id = "image-provenance",
		.summary = "the image was built by a builder and from a source "
			   "that the policy lists, if it lists any",
		.why = "who can push an image need not be who may build it",
		.remedy = "build the image where its provenance is signed and "
			  "import that (garita image import)",
		ROW,
		.references = provenance_references,
		.check = check_provenance,
	},
	{
		.id = "image-sbom",
		.summary = "there is a signed list of the image's contents, if "
			   "the policy asks for one",
		.why = "what is not listed cannot be looked for when the next "
		       "vulnerability is found",
		.remedy = "make a list of the contents (SPDX or CycloneDX), "
			  "sign it and import it (cosign attest, garita image "
			  "import)",
		ROW,
		.references = sbom_references,
		.check = check_sbom,
	},
	{
		.id = "image-attestation",
		.summary = "there are the signed statements of other types "
			   "that the policy asks for, if it asks for any",
		.why = "what the operator wants to be told of an image, by "
		       "whom he trusts to tell it",
		.remedy = "have the statement signed and import it (cosign "
			  "attest, garita image import)",
		ROW,
		.references = other_references,
		.check = check_other,
	},
	{ .id = NULL },
};
