/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request_read - a question read again: which records there are, in the one
 * order, and what may be in each. What is not as garita_request_write() writes
 * it is refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/trust/request_records.h"

static int take_repo_digests(struct garita_request_reader *r,
			     struct garita_image *image)
{
	image->repo_digests = garita_xcalloc(GARITA_REQUEST_LIST_MAX,
					     sizeof(*image->repo_digests));
	while (r->next.tag == TAG_REPO_DIGEST) {
		size_t at = image->repo_digest_count;
		int rc;

		if (at == GARITA_REQUEST_LIST_MAX)
			return garita_fail(r->err, EBADMSG,
					   "too many repository digests");
		rc = garita_request_take_text(r, TAG_REPO_DIGEST,
					      &image->repo_digests[at]);
		if (rc < 0)
			return rc;
		image->repo_digest_count++;
	}
	return 0;
}

static int take_image(struct garita_request_reader *r,
		      struct garita_image *image)
{
	struct garita_request_record sure = { .bytes = "" };
	int rc = garita_request_take(r, TAG_SURE, 1, &sure);

	if (rc < 0)
		return rc;
	if (sure.len != 1 || (unsigned char)*sure.bytes > GARITA_IMAGE_VERIFIED)
		return garita_fail(r->err, EBADMSG, "unknown certainty");
	image->sure = (enum garita_image_sure) * sure.bytes;
	rc = garita_request_take_digest(r, TAG_MANIFEST, image->manifest);
	if (rc == 0)
		rc = garita_request_take_digest(r, TAG_INDEX, image->index);
	if (rc == 0)
		rc = garita_request_take_digest(r, TAG_CONFIG, image->config);
	if (rc == 0)
		rc = garita_request_may_take_text(r, TAG_REFERENCE,
						  &image->reference);
	return rc == 0 ? take_repo_digests(r, image) : rc;
}

static int take_keys(struct garita_request_reader *r,
		     struct garita_requirement *wanted)
{
	wanted->keys =
		garita_xcalloc(GARITA_REQUEST_LIST_MAX, sizeof(*wanted->keys));
	while (r->next.tag == TAG_KEY_PATH || r->next.tag == TAG_KEY) {
		struct garita_key_source *key;
		struct garita_request_record bytes = { .bytes = "" };
		int rc;

		if (wanted->key_count == GARITA_REQUEST_LIST_MAX)
			return garita_fail(r->err, EBADMSG, "too many keys");
		key = &wanted->keys[wanted->key_count++];
		rc = garita_request_may_take_text(r, TAG_KEY_PATH, &key->path);
		if (rc == 0)
			rc = garita_request_take(
				r, TAG_KEY, SOURCE + GARITA_REQUEST_KEY_MAX,
				&bytes);
		if (rc < 0)
			return rc;
		if (bytes.len < SOURCE ||
		    (unsigned char)bytes.bytes[0] >= GARITA_SOURCE_ROLES)
			return garita_fail(r->err, EBADMSG, "no kind of key");
		key->role = (enum garita_source_role)bytes.bytes[0];
		key->changed =
			(time_t)garita_request_number(bytes.bytes + 1, 8);
		key->len = bytes.len - SOURCE;
		key->bytes = garita_xalloc(key->len + 1);
		memcpy(key->bytes, bytes.bytes + SOURCE, key->len);
	}
	return 0;
}

static int take_extensions(struct garita_request_reader *r,
			   struct garita_keyless_identity *one)
{
	one->extensions = garita_xcalloc(GARITA_KEYLESS_EXTENSIONS_MAX,
					 sizeof(*one->extensions));
	while (r->next.tag == TAG_EXTENSION) {
		struct garita_keyless_extension *to;
		struct garita_request_record record = { .bytes = "" };
		int rc;

		if (one->extension_count == GARITA_KEYLESS_EXTENSIONS_MAX)
			return garita_fail(r->err, EBADMSG,
					   "too many extensions");
		to = &one->extensions[one->extension_count++];
		rc = garita_request_take(r, TAG_EXTENSION, 1, &record);
		if (rc == 0 && record.len != 1)
			return garita_fail(r->err, EBADMSG, "no extension");
		if (rc < 0)
			return rc;
		to->number = (unsigned char)*record.bytes;
		rc = garita_request_take_text(r, TAG_VALUE, &to->value);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int take_signer(struct garita_request_reader *r,
		       struct garita_keyless *into)
{
	struct garita_keyless_identity *one;
	struct garita_request_record record = { .bytes = "" };
	int rc = garita_request_take(r, TAG_SIGNER, 1, &record);

	if (rc < 0)
		return rc;
	if (into->count == GARITA_KEYLESS_IDENTITIES_MAX || record.len != 1 ||
	    (unsigned char)*record.bytes > GARITA_SUBJECT_HOST)
		return garita_fail(r->err, EBADMSG, "unknown signer");
	one = garita_keyless_add(into);
	one->kind = (enum garita_keyless_subject) * record.bytes;
	rc = garita_request_may_take_text(r, TAG_SUBJECT, &one->subject);
	if (rc == 0)
		rc = garita_request_may_take_text(r, TAG_PATTERN,
						  &one->pattern);
	if (rc == 0)
		rc = garita_request_may_take_text(r, TAG_HOST, &one->host);
	if (rc == 0)
		rc = garita_request_may_take_text(r, TAG_ISSUER, &one->issuer);
	return rc == 0 ? take_extensions(r, one) : rc;
}

static int take_keyless(struct garita_request_reader *r,
			struct garita_requirement *wanted)
{
	struct garita_request_record record = { .bytes = "" };
	const char *at;
	int rc = 0;

	if ((r->next.tag == TAG_KEYLESS) !=
	    (wanted->kind == GARITA_REQUIRE_KEYLESS))
		return garita_fail(r->err, EBADMSG,
				   "a kind of requirement without its rule");
	if (r->next.tag != TAG_KEYLESS)
		return 0;
	rc = garita_request_take(r, TAG_KEYLESS, KEYLESS, &record);
	if (rc < 0)
		return rc;
	at = record.bytes;
	if (record.len != KEYLESS ||
	    (unsigned char)at[0] > GARITA_KEYLESS_PKI ||
	    (unsigned char)at[1] > 1)
		return garita_fail(r->err, EBADMSG, "unknown keyless rule");
	wanted->keyless = garita_xalloc(sizeof(*wanted->keyless));
	wanted->keyless->way = (enum garita_keyless_way)at[0];
	wanted->keyless->stale_refuses = at[1] == 1;
	wanted->keyless->max_age_s = garita_request_number(at + 2, 8);
	while (rc == 0 && r->next.tag == TAG_SIGNER)
		rc = take_signer(r, wanted->keyless);
	return rc;
}

static int take_actions(struct garita_request_reader *r,
			struct garita_notation *notation)
{
	struct garita_request_record record = { .bytes = "" };
	int rc = garita_request_take(r, TAG_STATEMENT, STATEMENT, &record);

	if (rc < 0)
		return rc;
	if (record.len != STATEMENT ||
	    (unsigned char)record.bytes[GARITA_NOTATION_CHECKS] > 1)
		return garita_fail(r->err, EBADMSG, "unknown statement");
	for (size_t i = 0; i < GARITA_NOTATION_CHECKS; i++) {
		if ((unsigned char)record.bytes[i] > GARITA_NOTATION_SKIP)
			return garita_fail(r->err, EBADMSG, "unknown action");
		notation->actions[i] =
			(enum garita_notation_action)record.bytes[i];
	}
	notation->after_expiry = record.bytes[GARITA_NOTATION_CHECKS] == 1;
	return 0;
}

/* There when the kind asks for it, and only then. */
static int take_notation(struct garita_request_reader *r,
			 struct garita_requirement *wanted)
{
	struct garita_notation *notation;
	int rc;

	if (wanted->kind != GARITA_REQUIRE_NOTATION)
		return 0;
	wanted->notation = notation = garita_xalloc(sizeof(*notation));
	rc = take_actions(r, notation);
	if (rc == 0)
		rc = garita_request_take_text(r, TAG_NAME, &notation->name);
	if (rc == 0)
		rc = garita_request_take_words(r, TAG_STORE, &notation->stores,
					       &notation->store_count);
	if (rc == 0)
		rc = garita_request_take_words(r, TAG_TRUSTED,
					       &notation->identities,
					       &notation->identity_count);
	return rc;
}

static int take_annotations(struct garita_request_reader *r,
			    struct garita_requirement *wanted)
{
	wanted->annotations = garita_xcalloc(GARITA_REQUEST_LIST_MAX,
					     sizeof(*wanted->annotations));
	while (r->next.tag == TAG_ANNOTATION) {
		struct garita_annotation *one;
		int rc;

		if (wanted->annotation_count == GARITA_REQUEST_LIST_MAX)
			return garita_fail(r->err, EBADMSG,
					   "too many annotations");
		one = &wanted->annotations[wanted->annotation_count++];
		rc = garita_request_take_text(r, TAG_ANNOTATION, &one->key);
		if (rc == 0)
			rc = garita_request_take_text(r, TAG_VALUE,
						      &one->value);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int take_fixed(struct garita_request_reader *r,
		      struct garita_requirement *wanted)
{
	struct garita_request_record record = { .bytes = "" };
	const unsigned char *at;
	int rc = garita_request_take(r, TAG_REQUIREMENT, REQUIREMENT, &record);

	if (rc < 0)
		return rc;
	at = (const unsigned char *)record.bytes;
	if (record.len != REQUIREMENT || at[0] > GARITA_REQUIRE_UNSUPPORTED ||
	    at[1] < 1 || at[1] > GARITA_REQUEST_LIST_MAX ||
	    at[2] > GARITA_IDENTITY_ANY || at[3] > 1 || at[4] > 1)
		return garita_fail(r->err, EBADMSG, "unknown requirement");
	wanted->kind = (enum garita_requirement_kind)at[0];
	wanted->need = at[1];
	wanted->identity.kind = (enum garita_identity_kind)at[2];
	wanted->signed_index = at[3] == 1;
	wanted->any_statement = at[4] == 1;
	return 0;
}

static int take_ignored(struct garita_request_reader *r,
			struct garita_attestation *wanted)
{
	while (r->next.tag == TAG_IGNORED) {
		struct garita_ignored one = { 0 };
		struct garita_request_record ends = { .bytes = "" };
		int rc;

		if (wanted->ignored_count == GARITA_REQUEST_IGNORED_MAX)
			return garita_fail(r->err, EBADMSG,
					   "too many findings are ignored");
		rc = garita_request_take_text(r, TAG_IGNORED, &one.id);
		if (rc < 0)
			return rc;
		wanted->ignored = garita_xresize(wanted->ignored,
						 wanted->ignored_count + 1,
						 sizeof(*wanted->ignored));
		wanted->ignored[wanted->ignored_count++] = one;
		rc = garita_request_take(r, TAG_ENDS, 8, &ends);
		if (rc < 0)
			return rc;
		if (ends.len != 8 ||
		    garita_request_number(ends.bytes, 8) > INT64_MAX)
			return garita_fail(r->err, EBADMSG, "no time");
		wanted->ignored[wanted->ignored_count - 1].ends =
			(time_t)garita_request_number(ends.bytes, 8);
	}
	return 0;
}

static int take_attested(struct garita_request_reader *r,
			 struct garita_requirement *wanted)
{
	struct garita_attestation *of;
	struct garita_request_record record = { .bytes = "" };
	const unsigned char *at;
	int rc;

	if (r->next.tag != TAG_ATTESTED)
		return 0;
	rc = garita_request_take(r, TAG_ATTESTED, ATTESTED, &record);
	if (rc < 0)
		return rc;
	at = (const unsigned char *)record.bytes;
	if (record.len != ATTESTED || at[0] >= GARITA_ATTEST_TYPES ||
	    at[1] >= GARITA_SEVERITIES || at[2] >= GARITA_SEVERITIES ||
	    at[3] > 1 || at[4] > 1 ||
	    garita_request_number(record.bytes + 5, 8) > INT32_MAX)
		return garita_fail(r->err, EBADMSG, "unknown attestation");
	of = garita_xcalloc(1, sizeof(*of));
	wanted->attested = of;
	of->type = (enum garita_attestation_type)at[0];
	of->most = (enum garita_severity)at[1];
	of->unknown = (enum garita_severity)at[2];
	of->fixable_only = at[3] == 1;
	of->vex = at[4] == 1;
	of->max_age = garita_request_number(record.bytes + 5, 8);
	rc = garita_request_may_take_text(r, TAG_PREDICATE, &of->predicate);
	if (rc == 0 &&
	    (of->predicate != NULL) != (of->type == GARITA_ATTEST_CUSTOM))
		return garita_fail(r->err, EBADMSG, "unknown attestation");
	if (rc == 0)
		rc = take_ignored(r, of);
	if (rc == 0)
		rc = garita_request_take_words(
			r, TAG_BUILDER, &of->builders.all, &of->builders.count);
	if (rc == 0)
		rc = garita_request_take_words(r, TAG_SOURCE, &of->sources.all,
					       &of->sources.count);
	return rc == 0 ? garita_request_take_words(r, TAG_BUILD_TYPE,
						   &of->build_types.all,
						   &of->build_types.count)
		       : rc;
}

static int take_requirement(struct garita_request_reader *r,
			    struct garita_requirement *wanted)
{
	int rc = take_fixed(r, wanted);

	if (rc == 0)
		rc = garita_request_may_take_text(r, TAG_FIRST,
						  &wanted->identity.first);
	if (rc == 0)
		rc = garita_request_may_take_text(r, TAG_SECOND,
						  &wanted->identity.second);
	if (rc == 0)
		rc = garita_request_may_take_text(r, TAG_WHY, &wanted->why);
	if (rc == 0)
		rc = take_keys(r, wanted);
	if (rc == 0)
		rc = take_keyless(r, wanted);
	if (rc == 0)
		rc = take_notation(r, wanted);
	if (rc == 0)
		rc = take_annotations(r, wanted);
	return rc == 0 ? take_attested(r, wanted) : rc;
}

/* What is said of the material; its bytes come later. */
static int take_pieces(struct garita_request_reader *r,
		       struct garita_blobs *material)
{
	while (r->next.tag == TAG_BLOB) {
		auto_free char *name = NULL;
		struct garita_request_record piece = { .bytes = "" };
		int rc = garita_request_take_text(r, TAG_BLOB, &name);

		if (rc == 0)
			rc = garita_request_take(r, TAG_PIECE, PIECE, &piece);
		if (rc < 0)
			return rc;
		if (piece.len != PIECE ||
		    garita_request_number(piece.bytes, 8) > SIZE_MAX)
			return garita_fail(r->err, EBADMSG, "no piece");
		if (garita_blobs_lend(
			    material, name, NULL,
			    (size_t)garita_request_number(piece.bytes, 8),
			    (const unsigned char *)piece.bytes + 8) < 0)
			return garita_fail(r->err, EBADMSG,
					   "too much material");
	}
	return 0;
}

static int take_material(struct garita_request_reader *r,
			 struct garita_blobs *material)
{
	for (size_t i = 0; i < material->count; i++) {
		struct garita_blob *blob = &material->all[i];

		if ((size_t)(r->end - r->at) <= blob->len ||
		    r->at[blob->len] != '\0')
			return garita_fail(r->err, EBADMSG,
					   "a blob does not end");
		blob->bytes = (char *)r->at; /* which nobody writes to */
		r->at += blob->len + 1;
	}
	return 0;
}

static int take_all(struct garita_request_reader *r,
		    struct garita_request *request)
{
	struct garita_request_record end = { .bytes = "" };
	int rc = garita_request_look(r);

	if (rc == 0)
		rc = take_image(r, &request->image);
	while (rc == 0 && r->next.tag == TAG_REQUIREMENT) {
		if (request->wanted.count == GARITA_REQUEST_LIST_MAX)
			return garita_fail(r->err, EBADMSG,
					   "too many requirements");
		rc = take_requirement(
			r, garita_requirements_add(&request->wanted));
	}
	if (rc == 0)
		rc = take_pieces(r, &request->material);
	if (rc == 0)
		rc = garita_request_take(r, TAG_END, 0, &end);
	if (rc == 0)
		rc = take_material(r, &request->material);
	if (rc == 0 && r->at != r->end)
		return garita_fail(r->err, EBADMSG, "bytes follow the request");
	return rc;
}

int garita_request_length(const char head[GARITA_REQUEST_HEAD], size_t *ret,
			  struct garita_error *err)
{
	uint64_t len = garita_request_number(head + LENGTH_AT, 8);

	if (memcmp(head, GARITA_REQUEST_MAGIC, sizeof(GARITA_REQUEST_MAGIC)) !=
	    0)
		return garita_fail(err, EBADMSG,
				   "not a request of this version");
	if (len < HEAD || len > GARITA_REQUEST_MAX)
		return garita_fail(err, EBADMSG, "a request of %ju bytes",
				   (uintmax_t)len);
	*ret = (size_t)len;
	return 0;
}

int garita_request_read(const char *bytes, size_t len,
			struct garita_request *ret, struct garita_error *err)
{
	struct garita_request_reader r = { .at = bytes + HEAD,
					   .end = bytes + len,
					   .err = err };
	auto_request request = { 0 };
	size_t said = 0;
	int rc;

	if (len < HEAD)
		return garita_fail(err, EBADMSG, "the request is cut short");
	rc = garita_request_length(bytes, &said, err);
	if (rc < 0)
		return rc;
	if (said != len)
		return garita_fail(err, EBADMSG,
				   "the request is %zu bytes, and says %zu",
				   len, said);
	request.now = (time_t)garita_request_number(bytes + TIME_AT, 8);
	if (request.now < 0)
		return garita_fail(err, EBADMSG, "the time is before 1970");
	rc = take_all(&r, &request);
	if (rc < 0)
		return rc;
	*ret = request;
	request = (struct garita_request){ 0 };
	return 0;
}

struct garita_trust_case garita_request_case(
	const struct garita_request *request)
{
	return (struct garita_trust_case){
		.image = &request->image,
		.wanted = &request->wanted,
		.material = &request->material,
		.now = request->now,
	};
}

void garita_request_free(struct garita_request *request)
{
	garita_image_free(&request->image);
	garita_requirements_free(&request->wanted);
	garita_blobs_free(&request->material);
	*request = (struct garita_request){ 0 };
}
