/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_keyless - signers whom a certificate names: "keyless" of one of
 * images.signatures, or of whatever else says who signs.
 *
 * An identity has to say the issuer and somebody: one that everybody at a
 * public issuer meets is no statement about whom to trust.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/regexp.h"
#include "policy/nearest.h"
#include "policy/policy_reader.h"

/* The identity in hand: the last. */
static struct garita_keyless_identity *here(const struct garita_reader *r)
{
	struct garita_keyless *keyless = r->signers->keyless;

	return &keyless->identities[keyless->count - 1];
}

static int read_subject_of(struct garita_reader *r,
			   const struct garita_json *value,
			   enum garita_keyless_subject kind)
{
	struct garita_keyless_identity *one = here(r);

	if (one->subject != NULL || one->pattern != NULL)
		return garita_reader_wrong(
			r, "there is another \"subject...\" already");
	one->kind = kind;
	return garita_reader_text(r, value, &one->subject);
}

static int read_subject(struct garita_reader *r,
			const struct garita_json *value)
{
	return read_subject_of(r, value, GARITA_SUBJECT_ANY);
}

static int read_email(struct garita_reader *r, const struct garita_json *value)
{
	return read_subject_of(r, value, GARITA_SUBJECT_EMAIL);
}

static int read_uri(struct garita_reader *r, const struct garita_json *value)
{
	return read_subject_of(r, value, GARITA_SUBJECT_URI);
}

static int read_regexp(struct garita_reader *r, const struct garita_json *value)
{
	struct garita_keyless_identity *one = here(r);
	auto_regexp struct garita_regexp *made = NULL;
	struct garita_error why = { 0 };
	char words[320];
	int rc;

	if (one->subject != NULL)
		return garita_reader_wrong(
			r, "there is another \"subject...\" already");
	rc = garita_reader_text(r, value, &one->pattern);
	if (rc == 0 && garita_regexp_read(one->pattern, &made, &why) < 0)
		return garita_reader_wrong(
			r, "%s",
			garita_error_words(&why, words, sizeof(words)));
	return rc;
}

static int read_issuer(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_text(r, value, &here(r)->issuer);
}

static int read_extension(struct garita_reader *r,
			  const struct garita_json *value)
{
	struct garita_keyless_identity *one = here(r);

	return garita_reader_text(
		r, value, &one->extensions[one->extension_count - 1].value);
}

static int read_extensions(struct garita_reader *r,
			   const struct garita_json *value)
{
	struct garita_keyless_identity *one = here(r);
	size_t count = garita_json_count(value);

	if (garita_json_type(value) != GARITA_JSON_OBJECT || count == 0 ||
	    count > GARITA_KEYLESS_EXTENSIONS_MAX)
		return garita_reader_wrong(
			r, "must be an object of up to %d extensions",
			GARITA_KEYLESS_EXTENSIONS_MAX);
	one->extensions = garita_xcalloc(count, sizeof(*one->extensions));
	for (size_t i = 0; i < count; i++) {
		const char *key = garita_json_key(value, i);
		struct garita_nearest near = garita_nearest_to(key);
		unsigned number = garita_keyless_extension_number(key);
		const char *word;
		int rc;

		for (size_t w = 0;
		     (word = garita_keyless_extension_at(w)) != NULL; w++)
			garita_nearest_try(&near, word);
		if (number == 0)
			return garita_reader_unknown(r, "extension", key,
						     near.word);
		one->extensions[one->extension_count++].number = number;
		rc = garita_reader_step(r, key, garita_json_item(value, i),
					read_extension);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static const struct garita_policy_member identity_members[] = {
	{ .name = "subject",
	  .read = read_subject,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "subject-email",
	  .read = read_email,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "subject-uri",
	  .read = read_uri,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "subject-regexp",
	  .read = read_regexp,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "issuer",
	  .read = read_issuer,
	  .schema = GARITA_SCHEMA_TEXT,
	  .required = true },
	{ .name = "extensions",
	  .read = read_extensions,
	  .schema = "{\"type\":\"object\",\"minProperties\":1,"
		    "\"additionalProperties\":{\"type\":\"string\"}}" },
};
static const struct garita_policy_table identity_table = {
	.members = identity_members,
	.count = GARITA_COUNT(identity_members),
};

static int read_identity(struct garita_reader *r,
			 const struct garita_json *value)
{
	struct garita_keyless *keyless = r->signers->keyless;
	int rc;

	if (keyless->count == GARITA_KEYLESS_IDENTITIES_MAX)
		return garita_reader_wrong(r, "there may be %d",
					   GARITA_KEYLESS_IDENTITIES_MAX);
	garita_keyless_add(keyless);
	rc = garita_reader_members(r, value, &identity_table);
	if (rc == 0 && here(r)->subject == NULL && here(r)->pattern == NULL &&
	    here(r)->extension_count == 0)
		return garita_reader_wrong(
			r, "anybody of this issuer would do: say a "
			   "\"subject\", \"subject-regexp\" or "
			   "\"extensions\"");
	return rc;
}

static int read_identities(struct garita_reader *r,
			   const struct garita_json *value)
{
	int rc = garita_reader_items(r, value, read_identity);

	if (rc == 0 && r->signers->keyless->count == 0)
		return garita_reader_wrong(r, "must say who signs");
	return rc;
}

static int read_trusted_root(struct garita_reader *r,
			     const struct garita_json *value)
{
	struct garita_signers *signers = r->signers;

	signers->keys = garita_xcalloc(1, sizeof(*signers->keys));
	signers->key_count = 1;
	return garita_reader_file_name(r, value, false, &signers->keys[0]);
}

static int read_max_age(struct garita_reader *r,
			const struct garita_json *value)
{
	return garita_reader_age(r, value, &r->signers->keyless->max_age_s);
}

static int read_stale(struct garita_reader *r, const struct garita_json *value)
{
	static const char *const words[] = { "warn", "refuse" };
	size_t which;
	int rc = garita_reader_word(r, value, "answer", words,
				    GARITA_COUNT(words), &which);

	if (rc == 0)
		r->signers->keyless->stale_refuses = which == 1;
	return rc;
}

static const struct garita_policy_member keyless_members[] = {
	{ .name = "trusted-root",
	  .read = read_trusted_root,
	  .schema = GARITA_SCHEMA_TEXT,
	  .required = true },
	{ .name = "max-age",
	  .read = read_max_age,
	  .schema = GARITA_SCHEMA_AGE },
	{ .name = "stale",
	  .read = read_stale,
	  .schema = "{\"enum\":[\"warn\",\"refuse\"]}" },
	{ .name = "identities",
	  .read = read_identities,
	  .table = &identity_table,
	  .array = true,
	  .required = true },
};
const struct garita_policy_table garita_policy_keyless_table = {
	.members = keyless_members,
	.count = GARITA_COUNT(keyless_members),
};

int garita_policy_read_keyless(struct garita_reader *r,
			       const struct garita_json *value)
{
	struct garita_signers *signers = r->signers;

	if (signers->key_count > 0)
		return garita_reader_wrong(
			r, "give \"keys\", \"keyrings\" or \"keyless\"; where "
			   "several must have signed, write an entry for each");
	signers->keyless = garita_xalloc(sizeof(*signers->keyless));
	signers->keyless->stale_refuses = true;
	return garita_reader_members(r, value, &garita_policy_keyless_table);
}
