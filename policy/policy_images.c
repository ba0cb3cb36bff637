/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_images - the "images" of the policy file: digests that may run or may
 * not, and who must have signed what runs.
 *
 * What files that extend one another say adds up where more of it is stricter:
 * digests, and signers, all of whom must have signed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/policy_reader.h"
#include "policy/trust/identity.h"

enum { SIGNERS_MAX = 32, KEYS_MAX = 64 };

/* Adds to the digests of the files below: what one of them recalled stays
 * recalled. */
static int add_digests(struct garita_reader *r, const struct garita_json *value,
		       char ***list, size_t *count)
{
	char **more = NULL;
	size_t added = 0;
	int rc = garita_reader_strings(r, value, garita_reader_bad_digest,
				       &more, &added);

	if (rc < 0)
		return rc;
	*list = garita_xresize(*list, *count + added, sizeof(**list));
	for (size_t i = 0; i < added; i++)
		(*list)[(*count)++] = more[i];
	free(more);
	return 0;
}

static int read_allow(struct garita_reader *r, const struct garita_json *value)
{
	r->policy->has_allow_list = true;
	garita_reader_say_origin(r, GARITA_ORIGIN_ALLOW, value);
	return add_digests(r, value, &r->policy->allow,
			   &r->policy->allow_count);
}

static int read_deny(struct garita_reader *r, const struct garita_json *value)
{
	r->policy->has_deny_list = true;
	garita_reader_say_origin(r, GARITA_ORIGIN_DENY, value);
	return add_digests(r, value, &r->policy->deny, &r->policy->deny_count);
}

static int read_allow_file(struct garita_reader *r,
			   const struct garita_json *value)
{
	r->policy->has_allow_list = true;
	garita_reader_say_origin(r, GARITA_ORIGIN_ALLOW_FILE, value);
	return garita_reader_file_name(r, value, false, &r->policy->allow_file);
}

static int read_deny_file(struct garita_reader *r,
			  const struct garita_json *value)
{
	r->policy->has_deny_list = true;
	garita_reader_say_origin(r, GARITA_ORIGIN_DENY_FILE, value);
	return garita_reader_file_name(r, value, false, &r->policy->deny_file);
}

static int read_containers_policy(struct garita_reader *r,
				  const struct garita_json *value)
{
	garita_reader_say_origin(r, GARITA_ORIGIN_CONTAINERS_POLICY, value);
	return garita_reader_file_name(r, value, false,
				       &r->policy->containers_policy);
}

static int read_signed_index(struct garita_reader *r,
			     const struct garita_json *value)
{
	garita_reader_say_origin(r, GARITA_ORIGIN_SIGNED_INDEX, value);
	return garita_reader_bool(r, value, &r->policy->signed_index);
}

/* ---- one of "signatures" ---- */

static int read_match(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_patterns(r, value, garita_reader_bad_pattern,
				      &r->signers->match);
}

static int read_key(struct garita_reader *r, const struct garita_json *value)
{
	struct garita_signers *signers = r->signers;

	if (signers->key_count == KEYS_MAX)
		return garita_reader_wrong(r, "there may be %d", KEYS_MAX);
	signers->keys = garita_xresize(signers->keys, signers->key_count + 1,
				       sizeof(*signers->keys));
	signers->keys[signers->key_count] = NULL;
	return garita_reader_file_name(r, value, false,
				       &signers->keys[signers->key_count++]);
}

static int read_files(struct garita_reader *r, const struct garita_json *value,
		      bool openpgp)
{
	int rc;

	if (r->signers->key_count > 0)
		return garita_reader_wrong(
			r, "give \"keys\", \"keyrings\" or \"keyless\"; where "
			   "several must have signed, write an entry for each");
	r->signers->openpgp = openpgp;
	rc = garita_reader_items(r, value, read_key);
	if (rc == 0 && r->signers->key_count == 0)
		return garita_reader_wrong(r, "must name a file");
	return rc;
}

static int read_keys(struct garita_reader *r, const struct garita_json *value)
{
	return read_files(r, value, false);
}

static int read_keyrings(struct garita_reader *r,
			 const struct garita_json *value)
{
	return read_files(r, value, true);
}

static int read_require(struct garita_reader *r,
			const struct garita_json *value)
{
	uint64_t need;

	if (garita_json_u64(value, &need) < 0 || need < 1 || need > KEYS_MAX)
		return garita_reader_wrong(r, "must be from 1 to %d", KEYS_MAX);
	r->signers->need = (unsigned)need;
	return 0;
}

static int read_identity(struct garita_reader *r,
			 const struct garita_json *value)
{
	struct garita_identity identity = { 0 };
	int rc = garita_identity_read(r->doc, value, r->at.data, true,
				      &identity, r->err);

	if (rc < 0)
		return rc;
	garita_identity_free(&r->signers->identity);
	r->signers->identity = identity;
	return 0;
}

static int read_annotation(struct garita_reader *r,
			   const struct garita_json *value)
{
	if (garita_json_string(value) == NULL)
		return garita_reader_wrong(r, "must be a string");
	return 0;
}

int garita_reader_annotations(struct garita_reader *r,
			      const struct garita_json *value,
			      struct garita_annotation **ret, size_t *ret_count)
{
	size_t count = garita_json_count(value);

	if (garita_json_type(value) != GARITA_JSON_OBJECT || count == 0 ||
	    count > KEYS_MAX)
		return garita_reader_wrong(
			r, "must be an object of up to %d annotations",
			KEYS_MAX);
	*ret = garita_xcalloc(count, sizeof(**ret));
	for (size_t i = 0; i < count; i++) {
		const struct garita_json *item = garita_json_item(value, i);
		const char *key = garita_json_key(value, i);
		int rc = garita_reader_step(r, key, item, read_annotation);

		if (rc < 0)
			return rc;
		(*ret)[i].key = garita_xstrdup(key);
		(*ret)[i].value = garita_xstrdup(garita_json_string(item));
		(*ret_count)++;
	}
	return 0;
}

static int read_annotations(struct garita_reader *r,
			    const struct garita_json *value)
{
	return garita_reader_annotations(r, value, &r->signers->annotations,
					 &r->signers->annotation_count);
}

#define FILES                                                                  \
	"{\"type\":\"array\",\"minItems\":1,\"maxItems\":64,\"items\":"        \
	"{\"type\":\"string\",\"minLength\":1}}"

static const struct garita_policy_member signers_members[] = {
	{ .name = "match",
	  .read = read_match,
	  .schema = GARITA_SCHEMA_PATTERNS },
	{ .name = "keys", .read = read_keys, .schema = FILES },
	{ .name = "keyrings", .read = read_keyrings, .schema = FILES },
	{ .name = "keyless",
	  .read = garita_policy_read_keyless,
	  .table = &garita_policy_keyless_table },
	{ .name = "require",
	  .read = read_require,
	  .schema = "{\"type\":\"integer\",\"minimum\":1,\"maximum\":64}" },
	{ .name = "identity",
	  .read = read_identity,
	  .schema = "{\"type\":\"object\",\"properties\":{\"type\":{\"enum\":"
		    "[\"matchExact\",\"matchRepoDigestOrExact\","
		    "\"matchRepository\",\"exactReference\","
		    "\"exactRepository\",\"remapIdentity\",\"ifSigned\","
		    "\"any\"]},\"dockerReference\":" GARITA_SCHEMA_TEXT
		    ",\"dockerRepository\":" GARITA_SCHEMA_TEXT
		    ",\"prefix\":" GARITA_SCHEMA_TEXT
		    ",\"signedPrefix\":" GARITA_SCHEMA_TEXT
		    "},\"required\":[\"type\"],"
		    "\"additionalProperties\":false}" },
	{ .name = "annotations",
	  .read = read_annotations,
	  .schema = "{\"type\":\"object\",\"minProperties\":1,"
		    "\"additionalProperties\":{\"type\":\"string\"}}" },
};
const struct garita_policy_table garita_policy_signers_table = {
	.members = signers_members,
	.count = GARITA_COUNT(signers_members),
};

/* One more of a list, with what holds where nothing is said. */
static int add_signers(struct garita_reader *r, const struct garita_json *value,
		       struct garita_signers **list, size_t *count)
{
	if (*count == SIGNERS_MAX)
		return garita_reader_wrong(r, "there may be %d", SIGNERS_MAX);
	*list = garita_xresize(*list, *count + 1, sizeof(**list));
	r->signers = &(*list)[(*count)++];
	*r->signers = (struct garita_signers){
		.need = 1,
		.identity.kind = GARITA_IDENTITY_IF_SIGNED,
		.origin = garita_reader_origin(r, value),
	};
	return 0;
}

/* After its members: do they name somebody? */
static int check_signers(struct garita_reader *r)
{
	if (r->signers->key_count == 0)
		return garita_reader_wrong(
			r, "\"keys\", \"keyrings\" or \"keyless\" is missing");
	/* A keyring may hold any number, and a pattern fit any. */
	if (!r->signers->openpgp && r->signers->keyless == NULL &&
	    r->signers->need > r->signers->key_count)
		return garita_reader_wrong(
			r, "wants %u signers, and there are %zu keys",
			r->signers->need, r->signers->key_count);
	return 0;
}

static int read_signers(struct garita_reader *r,
			const struct garita_json *value)
{
	int rc = add_signers(r, value, &r->policy->signers,
			     &r->policy->signers_count);

	if (rc == 0)
		rc = garita_reader_members(r, value,
					   &garita_policy_signers_table);
	return rc == 0 ? check_signers(r) : rc;
}

static int read_attestation(struct garita_reader *r,
			    const struct garita_json *value)
{
	int rc = add_signers(r, value, &r->policy->attestations,
			     &r->policy->attestation_count);

	if (rc == 0)
		rc = garita_policy_read_attestation(r, value);
	return rc == 0 ? check_signers(r) : rc;
}

static int read_signatures(struct garita_reader *r,
			   const struct garita_json *value)
{
	int rc = garita_reader_items(r, value, read_signers);

	r->signers = NULL;
	if (rc == 0 && garita_json_count(value) == 0)
		return garita_reader_wrong(r, "must say who signs");
	garita_reader_say_origin(r, GARITA_ORIGIN_SIGNATURES, value);
	return rc;
}

static int read_attestations(struct garita_reader *r,
			     const struct garita_json *value)
{
	int rc = garita_reader_items(r, value, read_attestation);

	r->signers = NULL;
	if (rc == 0 && garita_json_count(value) == 0)
		return garita_reader_wrong(r, "must say what is wanted");
	garita_reader_say_origin(r, GARITA_ORIGIN_ATTESTATIONS, value);
	return rc;
}

#define DIGESTS                                                                \
	"{\"type\":\"array\",\"items\":{\"type\":\"string\",\"pattern\":"      \
	"\"^sha256:[0-9a-f]{64}$\"}}"

static const struct garita_policy_member images_members[] = {
	{ .name = "allow", .read = read_allow, .schema = DIGESTS },
	{ .name = "allow-file",
	  .read = read_allow_file,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "deny", .read = read_deny, .schema = DIGESTS },
	{ .name = "deny-file",
	  .read = read_deny_file,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "containers-policy",
	  .read = read_containers_policy,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "notation",
	  .read = garita_policy_read_notation,
	  .table = &garita_policy_notation_table },
	{ .name = "signatures",
	  .read = read_signatures,
	  .table = &garita_policy_signers_table,
	  .array = true },
	{ .name = "attestations",
	  .read = read_attestations,
	  .table = &garita_policy_attestations_table,
	  .array = true },
	{ .name = "accept-signed-index",
	  .read = read_signed_index,
	  .schema = GARITA_SCHEMA_BOOL },
};
const struct garita_policy_table garita_policy_images_table = {
	.members = images_members,
	.count = GARITA_COUNT(images_members),
};

int garita_policy_read_images(struct garita_reader *r,
			      const struct garita_json *value)
{
	return garita_reader_members(r, value, &garita_policy_images_table);
}

bool garita_policy_names_signers(const struct garita_policy *policy)
{
	return policy->containers_policy != NULL ||
	       policy->notation.trust_policy != NULL ||
	       policy->signers_count > 0;
}

bool garita_policy_wants(const struct garita_policy *policy,
			 enum garita_topic topic)
{
	if (topic == GARITA_TOPIC_SIGNATURE)
		return garita_policy_names_signers(policy);
	for (size_t i = 0; i < policy->attestation_count; i++)
		if (garita_attestation_topic(
			    policy->attestations[i].attested->type) == topic)
			return true;
	return false;
}

static void free_signers(struct garita_signers *signers)
{
	garita_attestation_free(signers->attested);
	garita_free_strings(signers->match.words, signers->match.count);
	garita_free_strings(signers->keys, signers->key_count);
	garita_identity_free(&signers->identity);
	garita_annotations_free(signers->annotations,
				signers->annotation_count);
	garita_keyless_free(signers->keyless);
}

void garita_policy_free_images(struct garita_policy *policy)
{
	garita_free_strings(policy->allow, policy->allow_count);
	garita_free_strings(policy->deny, policy->deny_count);
	free(policy->allow_file);
	free(policy->deny_file);
	free(policy->containers_policy);
	garita_policy_free_notation(&policy->notation);
	for (size_t i = 0; i < policy->signers_count; i++)
		free_signers(&policy->signers[i]);
	free(policy->signers);
	for (size_t i = 0; i < policy->attestation_count; i++)
		free_signers(&policy->attestations[i]);
	free(policy->attestations);
}
