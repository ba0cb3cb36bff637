/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statement - in-toto statements (v0.1 and v1): signatures and attestations.
 *
 * Who signs "this image has 170 vulnerabilities" does not say that it may run.
 * So where a signature is wanted the signed predicateType has to be the one
 * that cosign 3 signs images with; any other is an attestation, and counts only
 * where one of its type is wanted. The digests are those of the subjects.
 */
#include "policy/trust/statement.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/digests.h"
#include "policy/trust/fields.h"
#include "policy/trust/key_signer.h"
#include "policy/trust/predicate.h"

enum { SUBJECTS_MAX = GARITA_CLAIM_DIGESTS_MAX, DIGESTS_MAX = 32 };

static const char signature_type[] = "https://sigstore.dev/cosign/sign/v1";

static int check_signature(const struct garita_json *root, const char *said,
			   struct garita_error *err)
{
	const struct garita_json *predicate =
		garita_json_get(root, "predicate");

	if (strcmp(said, signature_type) != 0)
		return garita_fail(err, EINVAL,
				   "it is an attestation (%.100s), not a "
				   "signature",
				   *said ? said : "of no type");
	if (predicate && garita_json_type(predicate) != GARITA_JSON_OBJECT &&
	    garita_json_type(predicate) != GARITA_JSON_NULL)
		return garita_fail(err, EINVAL,
				   "the predicate is not an object");
	return 0;
}

static int check_attestation(const char *said,
			     const struct garita_attestation *wanted,
			     struct garita_error *err)
{
	if (garita_predicate_is(said, wanted) ||
	    (wanted->vex && garita_predicate_is_vex(said)))
		return 0;
	return garita_fail(err, ENOMSG, "it is %s (%.100s), not %s",
			   strcmp(said, signature_type) == 0
				   ? "a signature"
				   : "another attestation",
			   *said ? said : "of no type",
			   wanted->type == GARITA_ATTEST_CUSTOM
				   ? wanted->predicate
				   : garita_attestation_word(wanted->type));
}

static int check_members(const struct garita_json *root,
			 struct garita_error *err)
{
	static const char *const names[] = { "_type", "subject",
					     "predicateType", "predicate",
					     NULL };
	const char *type;
	int r = garita_fields_check(root, GARITA_NAMES_EXACT, names,
				    "the statement", err);

	if (r < 0)
		return r;
	type = garita_json_string(garita_json_get(root, "_type"));
	if (!type || (strcmp(type, "https://in-toto.io/Statement/v1") != 0 &&
		      strcmp(type, "https://in-toto.io/Statement/v0.1") != 0))
		return garita_fail(err, EINVAL,
				   "the statement's _type is \"%.80s\"",
				   type ? type : "");
	return 0;
}

/* One subject: its sha256, if it has one. */
static int read_subject(const struct garita_json *subject,
			struct garita_claim *claim, struct garita_error *err)
{
	static const char *const names[] = { "name",
					     "uri",
					     "digest",
					     "content",
					     "downloadLocation",
					     "mediaType",
					     "annotations",
					     NULL };
	const struct garita_json *digests, *sha256;
	char digest[GARITA_DIGEST_SIZE];
	const char *hex;
	int len, r = garita_fields_check(subject, GARITA_NAMES_EXACT, names,
					 "a subject", err);

	if (r < 0)
		return r;
	digests = garita_json_get(subject, "digest");
	if (garita_json_type(digests) != GARITA_JSON_OBJECT ||
	    garita_json_count(digests) > DIGESTS_MAX)
		return garita_fail(err, EINVAL,
				   "the digest of a subject is not an object "
				   "of a few members");
	sha256 = garita_json_get(digests, "sha256");
	if (!sha256)
		return 0;
	hex = garita_json_string(sha256);
	len = snprintf(digest, sizeof(digest), "sha256:%s", hex ? hex : "");
	if (len >= (int)sizeof(digest) || !garita_digest_well_formed(digest))
		return garita_fail(err, EINVAL,
				   "the sha256 of a subject is not 64 lower "
				   "case hex digits");
	if (!garita_claim_digest(claim, digest))
		return garita_fail(err, E2BIG, "too many subjects");
	return 0;
}

/* Do all subjects but the first say this too? What is said of one image must
 * not count for another that is signed in the same breath. */
static bool all_say(const struct garita_json *subjects, const char *key,
		    const char *value)
{
	for (size_t i = 1; i < garita_json_count(subjects); i++) {
		const struct garita_json *annotations = garita_json_get(
			garita_json_item(subjects, i), "annotations");
		const char *other =
			garita_json_string(garita_json_get(annotations, key));

		if (!other || strcmp(other, value) != 0)
			return false;
	}
	return true;
}

static void read_annotations(const struct garita_json *subjects,
			     struct garita_claim *claim)
{
	const struct garita_json *first =
		garita_json_get(garita_json_item(subjects, 0), "annotations");

	if (garita_json_type(first) != GARITA_JSON_OBJECT)
		return;
	for (size_t i = 0; i < garita_json_count(first); i++) {
		const char *key = garita_json_key(first, i);
		const char *value =
			garita_json_string(garita_json_item(first, i));

		if (value && all_say(subjects, key, value))
			garita_claim_said(claim, key, value);
	}
}

static int read_statement(struct garita_json_doc *doc,
			  const struct garita_attestation *wanted, bool any,
			  struct garita_claim *claim, struct garita_error *err)
{
	const struct garita_json *root = garita_json_root(doc), *subjects;
	const char *said =
		garita_json_string(garita_json_get(root, "predicateType"));
	int r = 0;

	if (said == NULL)
		said = "";
	if (wanted != NULL)
		r = check_attestation(said, wanted, err);
	if (r == 0)
		r = check_members(root, err);
	if (r == 0 && wanted == NULL && !any)
		r = check_signature(root, said, err);
	if (r < 0)
		return r;
	subjects = garita_json_get(root, "subject");
	if (garita_json_type(subjects) != GARITA_JSON_ARRAY ||
	    garita_json_count(subjects) > SUBJECTS_MAX)
		return garita_fail(err, EINVAL,
				   "the subject is not an array of up to %d",
				   SUBJECTS_MAX);
	for (size_t i = 0; i < garita_json_count(subjects); i++) {
		r = read_subject(garita_json_item(subjects, i), claim, err);
		if (r < 0)
			return r;
	}
	if (claim->digest_count == 0)
		return garita_fail(err, EINVAL,
				   "no subject has a sha256 digest");
	read_annotations(subjects, claim);
	claim->predicate_type = said; /* for as long as the statement is */
	return 0;
}

/* Keeps what the claim needs. */
static int settle(struct garita_json_doc *doc,
		  const struct garita_attestation *wanted, bool any,
		  struct garita_claim *claim, struct garita_error *err)
{
	int r = read_statement(doc, wanted, any, claim, err);

	if (r == 0 && wanted != NULL) {
		claim->statement = doc;
		return 0;
	}
	claim->predicate_type = NULL;
	garita_json_free(doc);
	return r;
}

int garita_statement(const char *text, size_t len,
		     const struct garita_attestation *wanted, bool any,
		     struct garita_claim *claim, struct garita_error *err)
{
	struct garita_json_doc *doc = NULL;
	int r = garita_json_parse(text, len, GARITA_JSON_LARGE, &doc, err);

	return r < 0 ? r : settle(doc, wanted, any, claim, err);
}

int garita_statement_end(char **text, size_t at, size_t len,
			 const struct garita_attestation *wanted, bool any,
			 struct garita_claim *claim, struct garita_error *err)
{
	struct garita_json_doc *doc = NULL;
	int r = garita_json_parse_end(text, at, len, GARITA_JSON_LARGE, &doc,
				      err);

	return r < 0 ? r : settle(doc, wanted, any, claim, err);
}
