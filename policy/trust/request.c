/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request - see the header. Written and read side by side, a record at a time:
 * what one function writes, the one below it reads.
 */
#include "policy/trust/request.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/sha256.h"

static const char magic[16] = "garita trust 1\n";
static const char reply_magic[16] = "garita reply 1\n";

/* In the order in which they stand. */
enum tag {
	TAG_SURE = 1,
	TAG_MANIFEST,
	TAG_INDEX,
	TAG_CONFIG,
	TAG_REFERENCE,
	TAG_REPO_DIGEST,
	TAG_REQUIREMENT,
	TAG_FIRST,
	TAG_SECOND,
	TAG_WHY,
	TAG_KEY_PATH,
	TAG_KEY,
	TAG_ANNOTATION,
	TAG_VALUE,
	TAG_BLOB,
	TAG_BYTES,
	TAG_END,
};

enum {
	HEAD = sizeof(magic) + 8, /* magic and the time */
	RECORD = 1 + 4,           /* tag and length */
	REQUIREMENT = 4,          /* kind, need, identity, signed_index */
};

/* ---- numbers ---- */

static void put_number(struct garita_text *out, uint64_t value, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		garita_text_putc(out, (char)(unsigned char)(value >> (8 * i)));
}

static uint64_t number(const char *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i > 0; i--)
		value = value << 8 | (unsigned char)at[i - 1];
	return value;
}

/* ---- writing ---- */

static void put(struct garita_text *out, enum tag tag, const void *bytes,
		size_t len)
{
	garita_text_putc(out, (char)tag);
	put_number(out, len, 4);
	garita_text_add(out, bytes, len);
}

static int put_text(struct garita_text *out, enum tag tag, const char *text,
		    struct garita_error *err)
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
	put(out, TAG_KEY, key->bytes, key->len);
	return 0;
}

static int put_requirement(struct garita_text *out,
			   const struct garita_requirement *wanted,
			   struct garita_error *err)
{
	const char fixed[REQUIREMENT] = {
		(char)wanted->kind,
		(char)wanted->need,
		(char)wanted->identity.kind,
		(char)wanted->signed_index,
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
	for (size_t i = 0; rc == 0 && i < wanted->annotation_count; i++) {
		rc = put_text(out, TAG_ANNOTATION, wanted->annotations[i].key,
			      err);
		if (rc == 0)
			rc = put_text(out, TAG_VALUE,
				      wanted->annotations[i].value, err);
	}
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
		put(out, TAG_BYTES, blob->bytes, blob->len);
	}
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
	garita_text_reserve(&out, of->material->total + 4096);
	garita_text_add(&out, magic, sizeof(magic));
	put_number(&out, (uint64_t)of->now, 8);
	rc = put_image(&out, of->image, err);
	for (size_t i = 0; rc == 0 && i < of->wanted->count; i++)
		rc = put_requirement(&out, &of->wanted->all[i], err);
	if (rc == 0)
		rc = put_material(&out, of->material, err);
	if (rc < 0)
		return rc;
	put(&out, TAG_END, "", 0);
	if (out.len > GARITA_REQUEST_MAX)
		return garita_fail(err, E2BIG,
				   "keys and signatures are %zu "
				   "bytes, too many to look at",
				   out.len);
	garita_text_free(ret);
	*ret = out;
	out = (struct garita_text){ 0 };
	return 0;
}

/* ---- reading ---- */

struct record {
	enum tag tag;
	const char *bytes;
	size_t len;
};

/* Stands before a record that is whole. */
struct reader {
	const char *at, *end;
	struct record next; /* the one it stands before */
	struct garita_error *err;
};

static int look(struct reader *r)
{
	size_t left = (size_t)(r->end - r->at);
	size_t len;

	if (left < RECORD)
		return garita_fail(r->err, EBADMSG, "the request is cut short");
	len = (size_t)number(r->at + 1, 4);
	if (len > left - RECORD)
		return garita_fail(r->err, EBADMSG,
				   "a record is longer than the request");
	r->next = (struct record){
		.tag = (enum tag)(unsigned char)*r->at,
		.bytes = r->at + RECORD,
		.len = len,
	};
	return 0;
}

/* Takes the next record, which must be this one. */
static int take(struct reader *r, enum tag tag, size_t most, struct record *ret)
{
	if (r->next.tag != tag)
		return garita_fail(r->err, EBADMSG,
				   "record %d stands where %d should",
				   (int)r->next.tag, (int)tag);
	if (r->next.len > most)
		return garita_fail(r->err, EBADMSG,
				   "record %d of %zu bytes is too long",
				   (int)tag, r->next.len);
	*ret = r->next;
	r->at += RECORD + r->next.len;
	return tag == TAG_END ? 0 : look(r);
}

static int take_text(struct reader *r, enum tag tag, char **ret)
{
	struct record record;
	int rc = take(r, tag, GARITA_REQUEST_TEXT_MAX, &record);

	if (rc < 0)
		return rc;
	if (memchr(record.bytes, '\0', record.len) != NULL)
		return garita_fail(r->err, EBADMSG, "record %d has a NUL",
				   (int)tag);
	*ret = garita_xstrndup(record.bytes, record.len);
	return 0;
}

/* One that may be missing. */
static int may_take_text(struct reader *r, enum tag tag, char **ret)
{
	return r->next.tag == tag ? take_text(r, tag, ret) : 0;
}

static int take_digest(struct reader *r, enum tag tag, char *into)
{
	struct record record;
	char digest[GARITA_DIGEST_SIZE] = "";
	int rc = take(r, tag, sizeof(digest) - 1, &record);

	if (rc < 0 || record.len == 0)
		return rc;
	memcpy(digest, record.bytes, record.len);
	if (strlen(digest) != record.len || !garita_digest_well_formed(digest))
		return garita_fail(r->err, EBADMSG, "record %d is no digest",
				   (int)tag);
	memcpy(into, digest, sizeof(digest));
	return 0;
}

static int take_repo_digests(struct reader *r, struct garita_image *image)
{
	image->repo_digests = garita_xcalloc(GARITA_REQUEST_LIST_MAX,
					     sizeof(*image->repo_digests));
	while (r->next.tag == TAG_REPO_DIGEST) {
		size_t at = image->repo_digest_count;
		int rc;

		if (at == GARITA_REQUEST_LIST_MAX)
			return garita_fail(r->err, EBADMSG,
					   "too many repository digests");
		rc = take_text(r, TAG_REPO_DIGEST, &image->repo_digests[at]);
		if (rc < 0)
			return rc;
		image->repo_digest_count++;
	}
	return 0;
}

static int take_image(struct reader *r, struct garita_image *image)
{
	struct record sure;
	int rc = take(r, TAG_SURE, 1, &sure);

	if (rc < 0)
		return rc;
	if (sure.len != 1 || (unsigned char)*sure.bytes > GARITA_IMAGE_VERIFIED)
		return garita_fail(r->err, EBADMSG, "unknown certainty");
	image->sure = (enum garita_image_sure) * sure.bytes;
	rc = take_digest(r, TAG_MANIFEST, image->manifest);
	if (rc == 0)
		rc = take_digest(r, TAG_INDEX, image->index);
	if (rc == 0)
		rc = take_digest(r, TAG_CONFIG, image->config);
	if (rc == 0)
		rc = may_take_text(r, TAG_REFERENCE, &image->reference);
	return rc == 0 ? take_repo_digests(r, image) : rc;
}

static int take_keys(struct reader *r, struct garita_requirement *wanted)
{
	wanted->keys =
		garita_xcalloc(GARITA_REQUEST_LIST_MAX, sizeof(*wanted->keys));
	while (r->next.tag == TAG_KEY_PATH || r->next.tag == TAG_KEY) {
		struct garita_key_source *key;
		struct record bytes;
		int rc;

		if (wanted->key_count == GARITA_REQUEST_LIST_MAX)
			return garita_fail(r->err, EBADMSG, "too many keys");
		key = &wanted->keys[wanted->key_count++];
		rc = may_take_text(r, TAG_KEY_PATH, &key->path);
		if (rc == 0)
			rc = take(r, TAG_KEY, GARITA_REQUEST_KEY_MAX, &bytes);
		if (rc < 0)
			return rc;
		key->bytes = garita_xalloc(bytes.len + 1);
		memcpy(key->bytes, bytes.bytes, bytes.len);
		key->len = bytes.len;
	}
	return 0;
}

static int take_annotations(struct reader *r, struct garita_requirement *wanted)
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
		rc = take_text(r, TAG_ANNOTATION, &one->key);
		if (rc == 0)
			rc = take_text(r, TAG_VALUE, &one->value);
		if (rc < 0)
			return rc;
	}
	return 0;
}

static int take_fixed(struct reader *r, struct garita_requirement *wanted)
{
	struct record record;
	const unsigned char *at;
	int rc = take(r, TAG_REQUIREMENT, REQUIREMENT, &record);

	if (rc < 0)
		return rc;
	at = (const unsigned char *)record.bytes;
	if (record.len != REQUIREMENT || at[0] > GARITA_REQUIRE_UNSUPPORTED ||
	    at[1] < 1 || at[1] > GARITA_REQUEST_LIST_MAX ||
	    at[2] > GARITA_IDENTITY_ANY || at[3] > 1)
		return garita_fail(r->err, EBADMSG, "unknown requirement");
	wanted->kind = (enum garita_requirement_kind)at[0];
	wanted->need = at[1];
	wanted->identity.kind = (enum garita_identity_kind)at[2];
	wanted->signed_index = at[3] == 1;
	return 0;
}

static int take_requirement(struct reader *r, struct garita_requirement *wanted)
{
	int rc = take_fixed(r, wanted);

	if (rc == 0)
		rc = may_take_text(r, TAG_FIRST, &wanted->identity.first);
	if (rc == 0)
		rc = may_take_text(r, TAG_SECOND, &wanted->identity.second);
	if (rc == 0)
		rc = may_take_text(r, TAG_WHY, &wanted->why);
	if (rc == 0)
		rc = take_keys(r, wanted);
	return rc == 0 ? take_annotations(r, wanted) : rc;
}

static int take_material(struct reader *r, struct garita_blobs *material)
{
	while (r->next.tag == TAG_BLOB) {
		auto_free char *name = NULL;
		struct record bytes;
		int rc = take_text(r, TAG_BLOB, &name);

		if (rc == 0)
			rc = take(r, TAG_BYTES, GARITA_BLOB_MAX, &bytes);
		if (rc < 0)
			return rc;
		if (garita_blobs_add(material, name, bytes.bytes, bytes.len) <
		    0)
			return garita_fail(r->err, EBADMSG,
					   "too much material");
	}
	return 0;
}

static int take_all(struct reader *r, struct garita_request *request)
{
	struct record end;
	int rc = look(r);

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
		rc = take_material(r, &request->material);
	if (rc == 0)
		rc = take(r, TAG_END, 0, &end);
	if (rc == 0 && r->at != r->end)
		return garita_fail(r->err, EBADMSG, "bytes follow the request");
	return rc;
}

int garita_request_read(const char *bytes, size_t len,
			struct garita_request *ret, struct garita_error *err)
{
	struct reader r = { .at = bytes + HEAD,
			    .end = bytes + len,
			    .err = err };
	auto_request request = { 0 };
	int rc;

	if (len > GARITA_REQUEST_MAX)
		return garita_fail(err, EBADMSG, "the request is too large");
	if (len < HEAD || memcmp(bytes, magic, sizeof(magic)) != 0)
		return garita_fail(err, EBADMSG,
				   "not a request of this version");
	request.now = (time_t)number(bytes + sizeof(magic), 8);
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

void garita_request_name(const struct garita_text *request,
			 char ret[GARITA_REQUEST_NAME])
{
	static const char of_version[] = "garita " GARITA_VERSION "\n";
	static const char digits[] = "0123456789abcdef";
	unsigned char hash[32];
	struct garita_sha256 ctx;

	garita_sha256_init(&ctx);
	garita_sha256_update(&ctx, of_version, sizeof(of_version));
	garita_sha256_update(&ctx, request->data, sizeof(magic));
	garita_sha256_update(&ctx, request->data + HEAD, request->len - HEAD);
	garita_sha256_final(&ctx, hash);
	for (size_t i = 0; i < sizeof(hash); i++) {
		ret[2 * i] = digits[hash[i] >> 4];
		ret[2 * i + 1] = digits[hash[i] & 15];
	}
	ret[GARITA_REQUEST_NAME - 1] = '\0';
}

/* ---- the answer ---- */

void garita_reply_write(const struct garita_trust *trust,
			struct garita_reply *ret)
{
	*ret = (struct garita_reply){
		.until = trust->until,
		.state = (uint32_t)trust->state,
	};
	memcpy(ret->magic, reply_magic, sizeof(ret->magic));
	snprintf(ret->words, sizeof(ret->words), "%s", trust->words);
}

/* One line that ends, and nothing behind its end. */
static bool is_line(const char *words, size_t size)
{
	size_t len = strnlen(words, size);

	if (len == 0 || len == size)
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)words[i] < ' ' || words[i] == 0x7f)
			return false;
	for (size_t i = len; i < size; i++)
		if (words[i] != '\0')
			return false;
	return true;
}

int garita_reply_read(const struct garita_reply *reply, time_t now,
		      struct garita_trust *ret, struct garita_error *err)
{
	struct garita_trust trust = { .state = GARITA_TRUST_REFUSED };

	if (memcmp(reply->magic, reply_magic, sizeof(reply->magic)) != 0 ||
	    reply->zero != 0 || !is_line(reply->words, sizeof(reply->words)))
		return garita_fail(err, EBADMSG, "the answer is malformed");
	if (reply->state == GARITA_TRUST_ACCEPTED)
		trust.state = GARITA_TRUST_ACCEPTED;
	else if (reply->state != GARITA_TRUST_REFUSED)
		return garita_fail(err, EBADMSG,
				   "the answer is neither yes nor no");
	trust.until = (time_t)reply->until;
	if (trust.until < 0 || (trust.state == GARITA_TRUST_ACCEPTED &&
				trust.until != 0 && trust.until <= now))
		return garita_fail(err, EBADMSG,
				   "the answer is no longer true");
	memcpy(trust.words, reply->words, sizeof(trust.words));
	*ret = trust;
	return 0;
}
