/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_attestations - one of images.attestations: what somebody must have
 * said of an image. Who, and of which images, is read as in images.signatures
 * (policy_images.c).
 */
#include <errno.h>
#include <string.h>

#include "policy/policy_reader.h"

enum { IGNORED_MAX = 1024, WORDS_MAX = 64 };

/* A type garita knows, or any other by its predicateType, which is a URI. */
static int read_type(struct garita_reader *r, const struct garita_json *value)
{
	const char *words[GARITA_ATTEST_CUSTOM];
	struct garita_attestation *to = r->signers->attested;
	const char *word = garita_json_string(value);
	size_t found = 0;
	int rc;

	if (word != NULL && strchr(word, ':') != NULL) {
		to->type = GARITA_ATTEST_CUSTOM;
		return garita_reader_text(r, value, &to->predicate);
	}
	for (size_t i = 0; i < GARITA_COUNT(words); i++)
		words[i] = garita_attestation_word(
			(enum garita_attestation_type)i);
	rc = garita_reader_word(r, value, "type of attestation", words,
				GARITA_COUNT(words), &found);
	if (rc == 0)
		to->type = (enum garita_attestation_type)found;
	return rc;
}

static int read_age(struct garita_reader *r, const struct garita_json *value)
{
	if (garita_parse_age(garita_json_string(value), "hd",
			     &r->signers->attested->max_age) < 0)
		return garita_reader_wrong(
			r, "must be a number of hours or days like \"36h\" or "
			   "\"7d\"");
	return 0;
}

static int read_severity(struct garita_reader *r,
			 const struct garita_json *value,
			 enum garita_severity *ret)
{
	const char *words[GARITA_SEVERITIES];
	size_t found = 0;
	int rc;

	for (size_t i = 0; i < GARITA_COUNT(words); i++)
		words[i] = garita_severity_word((enum garita_severity)i);
	rc = garita_reader_word(r, value, "severity", words,
				GARITA_COUNT(words), &found);
	if (rc == 0)
		*ret = (enum garita_severity)found;
	return rc;
}

static int read_most(struct garita_reader *r, const struct garita_json *value)
{
	return read_severity(r, value, &r->signers->attested->most);
}

static int read_unknown(struct garita_reader *r,
			const struct garita_json *value)
{
	int rc = read_severity(r, value, &r->signers->attested->unknown);

	if (rc == 0 && r->signers->attested->unknown == GARITA_SEVERITY_NONE)
		return garita_reader_wrong(r, "must be a severity");
	return rc;
}

static int read_fixable(struct garita_reader *r,
			const struct garita_json *value)
{
	return garita_reader_bool(r, value,
				  &r->signers->attested->fixable_only);
}

static int read_vex(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_bool(r, value, &r->signers->attested->vex);
}

/* ---- "ignore" ---- */

static struct garita_ignored *last_ignored(struct garita_reader *r)
{
	struct garita_attestation *to = r->signers->attested;

	return &to->ignored[to->ignored_count - 1];
}

static int read_id(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_text(r, value, &last_ignored(r)->id);
}

static int read_reason(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_text(r, value, &last_ignored(r)->reason);
}

static int read_expires(struct garita_reader *r,
			const struct garita_json *value)
{
	const char *day = garita_json_string(value);

	if (day == NULL ||
	    garita_policy_day_end(day, &last_ignored(r)->ends) < 0)
		return garita_reader_wrong(
			r, "must be a day like \"2027-03-01\", the last on "
			   "which the finding does not count");
	return 0;
}

static const struct garita_policy_member ignored_members[] = {
	{ .name = "id",
	  .read = read_id,
	  .schema = GARITA_SCHEMA_TEXT,
	  .required = true },
	{ .name = "reason",
	  .read = read_reason,
	  .schema = GARITA_SCHEMA_TEXT,
	  .required = true },
	{ .name = "expires",
	  .read = read_expires,
	  .schema = GARITA_SCHEMA_DAY,
	  .required = true },
};
static const struct garita_policy_table ignored_table = {
	.members = ignored_members,
	.count = GARITA_COUNT(ignored_members),
};

static int read_ignored(struct garita_reader *r,
			const struct garita_json *value)
{
	struct garita_attestation *to = r->signers->attested;

	if (to->ignored_count == IGNORED_MAX)
		return garita_reader_wrong(r, "there may be %d", IGNORED_MAX);
	to->ignored = garita_xresize(to->ignored, to->ignored_count + 1,
				     sizeof(*to->ignored));
	to->ignored[to->ignored_count++] = (struct garita_ignored){ 0 };
	return garita_reader_members(r, value, &ignored_table);
}

static int read_ignore(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_items(r, value, read_ignored);
}

/* ---- of provenance ---- */

static int read_words(struct garita_reader *r, const struct garita_json *value,
		      struct garita_words *ret)
{
	struct garita_patterns words = { 0 };
	int rc = garita_reader_patterns(r, value, garita_reader_bad_pattern,
					&words);

	if (rc == 0 && words.count > WORDS_MAX) {
		garita_free_strings(words.words, words.count);
		return garita_reader_wrong(r, "there may be %d", WORDS_MAX);
	}
	if (rc == 0)
		*ret = (struct garita_words){ words.words, words.count };
	return rc;
}

static int read_builder(struct garita_reader *r,
			const struct garita_json *value)
{
	return read_words(r, value, &r->signers->attested->builders);
}

static int read_source(struct garita_reader *r, const struct garita_json *value)
{
	return read_words(r, value, &r->signers->attested->sources);
}

static int read_build_type(struct garita_reader *r,
			   const struct garita_json *value)
{
	return read_words(r, value, &r->signers->attested->build_types);
}

/* ---- all of it ---- */

#define SEVERITIES "\"negligible\",\"low\",\"medium\",\"high\",\"critical\"]}"

static const struct garita_policy_member members[] = {
	{ .name = "type",
	  .read = read_type,
	  .schema = "{\"anyOf\":[{\"enum\":[\"vuln\",\"provenance\",\"sbom\","
		    "\"spdx\",\"cyclonedx\",\"openvex\"]},{\"type\":\"string\","
		    "\"pattern\":\":\"}]}",
	  .required = true },
	{ .name = "max-age",
	  .read = read_age,
	  .schema = "{\"type\":\"string\",\"pattern\":"
		    "\"^[1-9][0-9]*[hd]$\"}" },
	{ .name = "max-severity",
	  .read = read_most,
	  .schema = "{\"enum\":[\"none\"," SEVERITIES },
	{ .name = "unknown-severity",
	  .read = read_unknown,
	  .schema = "{\"enum\":[" SEVERITIES },
	{ .name = "fixable-only",
	  .read = read_fixable,
	  .schema = GARITA_SCHEMA_BOOL },
	{ .name = "accept-vex",
	  .read = read_vex,
	  .schema = GARITA_SCHEMA_BOOL },
	{ .name = "ignore",
	  .read = read_ignore,
	  .table = &ignored_table,
	  .array = true },
	{ .name = "builder",
	  .read = read_builder,
	  .schema = GARITA_SCHEMA_PATTERNS },
	{ .name = "source",
	  .read = read_source,
	  .schema = GARITA_SCHEMA_PATTERNS },
	{ .name = "build-type",
	  .read = read_build_type,
	  .schema = GARITA_SCHEMA_PATTERNS },
};

/* A statement names no repository, and one signer is enough. */
static const char *const of_signatures_only[] = {
	"keyrings", "require", "identity", "annotations", NULL,
};

const struct garita_policy_table garita_policy_attestations_table = {
	.members = members,
	.count = GARITA_COUNT(members),
	.also = &garita_policy_signers_table,
	.but = of_signatures_only,
};

/* What is only said of some types. */
static int check(struct garita_reader *r, const struct garita_json *value)
{
	static const struct {
		char name[18];
		enum garita_attestation_type type;
	} only[] = {
		{ "max-severity", GARITA_ATTEST_VULN },
		{ "unknown-severity", GARITA_ATTEST_VULN },
		{ "fixable-only", GARITA_ATTEST_VULN },
		{ "accept-vex", GARITA_ATTEST_VULN },
		{ "ignore", GARITA_ATTEST_VULN },
		{ "builder", GARITA_ATTEST_PROVENANCE },
		{ "source", GARITA_ATTEST_PROVENANCE },
		{ "build-type", GARITA_ATTEST_PROVENANCE },
	};

	for (size_t i = 0; i < GARITA_COUNT(only); i++)
		if (only[i].type != r->signers->attested->type &&
		    garita_json_get(value, only[i].name) != NULL)
			return garita_reader_wrong(
				r, "\"%s\" goes with the type \"%s\"",
				only[i].name,
				garita_attestation_word(only[i].type));
	return 0;
}

int garita_policy_read_attestation(struct garita_reader *r,
				   const struct garita_json *value)
{
	struct garita_attestation *to = garita_xcalloc(1, sizeof(*to));
	int rc;

	to->most = GARITA_SEVERITY_CRITICAL;
	to->unknown = GARITA_SEVERITY_CRITICAL;
	r->signers->attested = to;
	rc = garita_reader_members(r, value, &garita_policy_attestations_table);
	return rc == 0 ? check(r, value) : rc;
}
