/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request - a question as one byte string, and the name that its hash gives
 * it.
 */
#include "policy/trust/request.h"

#include <errno.h>
#include <string.h>

#include "garita/sha256.h"
#include "policy/trust/request_form.h"

static void put_number(struct garita_text *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		garita_text_putc(out, (char)(unsigned char)(value >> (8 * i)));
}

static void put(struct garita_text *out, enum garita_request_tag tag,
		const void *bytes, size_t len)
{
	garita_text_putc(out, (char)tag);
	put_number(out, len, 4);
	garita_text_add(out, bytes, len);
}

static int put_text(struct garita_text *out, enum garita_request_tag tag,
		    const char *text, struct garita_error *err)
{
	size_t len;

	if (text == NULL)
		return 0;
	len = strlen(text);
	if (len > GARITA_REQUEST_TEXT_MAX)
		return garita_fail(err, E2BIG,
				   "a name of %zu bytes is too long", len);
	put(out, tag, text, len);
	return 0;
}

static int put_image(struct garita_text *out, const struct garita_image *image,
		     struct garita_error *err)
{
	char sure = (char)image->sure;
	int rc;

	put(out, TAG_SURE, &sure, 1);
	put(out, TAG_MANIFEST, image->manifest, strlen(image->manifest));
	put(out, TAG_INDEX, image->index, strlen(image->index));
	put(out, TAG_CONFIG, image->config, strlen(image->config));
	rc = put_text(out, TAG_REFERENCE, image->reference, err);
	if (image->repo_digest_count > GARITA_REQUEST_LIST_MAX)
		return garita_fail(err, E2BIG,
				   "the image was pulled under more than %d "
				   "digests",
				   GARITA_REQUEST_LIST_MAX);
	for (size_t i = 0; rc == 0 && i < image->repo_digest_count; i++)
		rc = put_text(out, TAG_REPO_DIGEST, image->repo_digests[i],
			      err);
	return rc;
}

static int put_key(struct garita_text *out, const struct garita_key_source *key,
		   struct garita_error *err)
{
	int rc = put_text(out, TAG_KEY_PATH, key->path, err);

	if (rc < 0)
		return rc;
	if (key->bytes == NULL)
		return garita_fail(err, EINVAL, "key %s was not read",
				   key->path ? key->path : "data");
	if (key->len > GARITA_REQUEST_KEY_MAX)
		return garita_fail(err, E2BIG, "key %s is too large",
				   key->path ? key->path : "data");
	garita_text_putc(out, TAG_KEY);
	put_number(out, SOURCE + key->len, 4);
	garita_text_putc(out, (char)key->role);
	put_number(out, (uint64_t)key->changed, 8);
	garita_text_add(out, key->bytes, key->len);
	return 0;
}

static int put_signer(struct garita_text *out,
		      const struct garita_keyless_identity *one,
		      struct garita_error *err)
{
	char kind = (char)one->kind;
	int rc;

	if (one->extension_count > GARITA_KEYLESS_EXTENSIONS_MAX)
		return garita_fail(err, E2BIG, "more than %d extensions",
				   GARITA_KEYLESS_EXTENSIONS_MAX);
	put(out, TAG_SIGNER, &kind, 1);
	rc = put_text(out, TAG_SUBJECT, one->subject, err);
	if (rc == 0)
		rc = put_text(out, TAG_PATTERN, one->pattern, err);
	if (rc == 0)
		rc = put_text(out, TAG_HOST, one->host, err);
	if (rc == 0)
		rc = put_text(out, TAG_ISSUER, one->issuer, err);
	for (size_t i = 0; rc == 0 && i < one->extension_count; i++) {
		char number = (char)one->extensions[i].number;

		put(out, TAG_EXTENSION, &number, 1);
		rc = put_text(out, TAG_VALUE, one->extensions[i].value, err);
	}
	return rc;
}

static int put_keyless(struct garita_text *out,
		       const struct garita_keyless *keyless,
		       struct garita_error *err)
{
	int rc = 0;

	if (keyless == NULL)
		return 0;
	if (keyless->count > GARITA_KEYLESS_IDENTITIES_MAX)
		return garita_fail(err, E2BIG, "more than %d identities",
				   GARITA_KEYLESS_IDENTITIES_MAX);
	garita_text_putc(out, TAG_KEYLESS);
	put_number(out, KEYLESS, 4);
	garita_text_putc(out, (char)keyless->way);
	garita_text_putc(out, (char)keyless->stale_refuses);
	put_number(out, keyless->max_age_s, 8);
	for (size_t i = 0; rc == 0 && i < keyless->count; i++)
		rc = put_signer(out, &keyless->identities[i], err);
	return rc;
}

static int put_words(struct garita_text *out, enum garita_request_tag tag,
		     char *const *words, size_t count, struct garita_error *err)
{
	int rc = 0;

	if (count > GARITA_REQUEST_LIST_MAX)
		return garita_fail(err, E2BIG, "a list has more than %d words",
				   GARITA_REQUEST_LIST_MAX);
	for (size_t i = 0; rc == 0 && i < count; i++)
		rc = put_text(out, tag, words[i], err);
	return rc;
}

static int put_notation(struct garita_text *out,
			const struct garita_notation *notation,
			struct garita_error *err)
{
	char fixed[STATEMENT] = { 0 };
	int rc;

	for (size_t i = 0; i < GARITA_NOTATION_CHECKS; i++)
		fixed[i] = (char)notation->actions[i];
	fixed[GARITA_NOTATION_CHECKS] = (char)notation->after_expiry;
	put(out, TAG_STATEMENT, fixed, sizeof(fixed));
	rc = put_text(out, TAG_NAME, notation->name, err);
	if (rc == 0)
		rc = put_words(out, TAG_STORE, notation->stores,
			       notation->store_count, err);
	if (rc == 0)
		rc = put_words(out, TAG_TRUSTED, notation->identities,
			       notation->identity_count, err);
	return rc;
}

static int put_ignored(struct garita_text *out,
		       const struct garita_attestation *wanted,
		       struct garita_error *err)
{
	int rc = 0;

	if (wanted->ignored_count > GARITA_REQUEST_IGNORED_MAX)
		return garita_fail(err, E2BIG,
				   "more than %d findings are ignored",
				   GARITA_REQUEST_IGNORED_MAX);
	for (size_t i = 0; rc == 0 && i < wanted->ignored_count; i++) {
		rc = put_text(out, TAG_IGNORED, wanted->ignored[i].id, err);
		garita_text_putc(out, TAG_ENDS);
		put_number(out, 8, 4);
		put_number(out, (uint64_t)wanted->ignored[i].ends, 8);
	}
	return rc;
}

static int put_attested(struct garita_text *out,
			const struct garita_attestation *wanted,
			struct garita_error *err)
{
	const char fixed[] = {
		(char)wanted->type,    (char)wanted->most,
		(char)wanted->unknown, (char)wanted->fixable_only,
		(char)wanted->vex,
	};
	int rc;

	garita_text_putc(out, TAG_ATTESTED);
	put_number(out, ATTESTED, 4);
	garita_text_add(out, fixed, sizeof(fixed));
	put_number(out, wanted->max_age, 8);
	rc = put_text(out, TAG_PREDICATE, wanted->predicate, err);
	if (rc == 0)
		rc = put_ignored(out, wanted, err);
	if (rc == 0)
		rc = put_words(out, TAG_BUILDER, wanted->builders.all,
			       wanted->builders.count, err);
	if (rc == 0)
		rc = put_words(out, TAG_SOURCE, wanted->sources.all,
			       wanted->sources.count, err);
	if (rc == 0)
		rc = put_words(out, TAG_BUILD_TYPE, wanted->build_types.all,
			       wanted->build_types.count, err);
	return rc;
}

static int put_requirement(struct garita_text *out,
			   const struct garita_requirement *wanted,
			   struct garita_error *err)
{
	const char fixed[REQUIREMENT] = {
		(char)wanted->kind,          (char)wanted->need,
		(char)wanted->identity.kind, (char)wanted->signed_index,
		(char)wanted->any_statement,
	};
	int rc;

	if (wanted->need < 1 || wanted->need > GARITA_REQUEST_LIST_MAX ||
	    wanted->key_count > GARITA_REQUEST_LIST_MAX ||
	    wanted->annotation_count > GARITA_REQUEST_LIST_MAX)
		return garita_fail(err, E2BIG,
				   "a requirement has more than %d keys or "
				   "annotations",
				   GARITA_REQUEST_LIST_MAX);
	put(out, TAG_REQUIREMENT, fixed, sizeof(fixed));
	rc = put_text(out, TAG_FIRST, wanted->identity.first, err);
	if (rc == 0)
		rc = put_text(out, TAG_SECOND, wanted->identity.second, err);
	if (rc == 0)
		rc = put_text(out, TAG_WHY, wanted->why, err);
	for (size_t i = 0; rc == 0 && i < wanted->key_count; i++)
		rc = put_key(out, &wanted->keys[i], err);
	if (rc == 0)
		rc = put_keyless(out, wanted->keyless, err);
	if (rc == 0 && wanted->kind == GARITA_REQUIRE_NOTATION)
		rc = put_notation(out, wanted->notation, err);
	for (size_t i = 0; rc == 0 && i < wanted->annotation_count; i++) {
		rc = put_text(out, TAG_ANNOTATION, wanted->annotations[i].key,
			      err);
		if (rc == 0)
			rc = put_text(out, TAG_VALUE,
				      wanted->annotations[i].value, err);
	}
	if (rc == 0 && wanted->attested != NULL)
		rc = put_attested(out, wanted->attested, err);
	return rc;
}

static int put_material(struct garita_text *out,
			const struct garita_blobs *material,
			struct garita_error *err)
{
	for (size_t i = 0; i < material->count; i++) {
		const struct garita_blob *blob = &material->all[i];
		int rc = put_text(out, TAG_BLOB, blob->name, err);

		if (rc < 0)
			return rc;
		garita_text_putc(out, TAG_PIECE);
		put_number(out, PIECE, 4);
		put_number(out, blob->len, 8);
		garita_text_add(out, (const char *)blob->sha256,
				sizeof(blob->sha256));
	}
	return 0;
}

/* The length of all: what was written, and what follows. */
static int set_length(struct garita_text *out,
		      const struct garita_blobs *material,
		      struct garita_error *err)
{
	/* With a NUL each, so that a reader needs no copy. */
	size_t len = out->len + material->total + material->count;

	if (len > GARITA_REQUEST_MAX)
		return garita_fail(err, E2BIG,
				   "keys and signatures are %zu "
				   "bytes, too many to look at",
				   len);
	for (size_t i = 0; i < 8; i++)
		out->data[LENGTH_AT + i] =
			(char)(unsigned char)((uint64_t)len >> (8 * i));
	return 0;
}

int garita_request_write(const struct garita_trust_case *of,
			 struct garita_text *ret, struct garita_error *err)
{
	auto_text out = { 0 };
	int rc;

	if (of->wanted->count > GARITA_REQUEST_LIST_MAX)
		return garita_fail(err, E2BIG, "there are %zu requirements",
				   of->wanted->count);
	garita_text_reserve(&out, 4096);
	garita_text_add(&out, GARITA_REQUEST_MAGIC,
			sizeof(GARITA_REQUEST_MAGIC));
	put_number(&out, (uint64_t)of->now, 8);
	put_number(&out, 0, 8); /* set_length() */
	rc = put_image(&out, of->image, err);
	for (size_t i = 0; rc == 0 && i < of->wanted->count; i++)
		rc = put_requirement(&out, &of->wanted->all[i], err);
	if (rc == 0)
		rc = put_material(&out, of->material, err);
	if (rc < 0)
		return rc;
	put(&out, TAG_END, "", 0);
	rc = set_length(&out, of->material, err);
	if (rc < 0)
		return rc;
	garita_text_free(ret);
	*ret = out;
	out = (struct garita_text){ 0 };
	return 0;
}

void garita_request_name(const struct garita_text *written,
			 char ret[GARITA_REQUEST_NAME])
{
	char digest[GARITA_DIGEST_SIZE];
	unsigned char hash[GARITA_SHA256_SIZE];
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, garita_judged_by, sizeof(garita_judged_by));
	garita_sha256_update(&ctx, written->data, TIME_AT);
	garita_sha256_update(&ctx, written->data + LENGTH_AT,
			     written->len - LENGTH_AT);
	garita_sha256_final(&ctx, hash);
	garita_sha256_words(hash, digest);
	memcpy(ret, digest + strlen("sha256:"), GARITA_REQUEST_NAME);
}
