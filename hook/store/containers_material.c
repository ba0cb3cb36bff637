/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_material - what a store holds about an image besides the image:
 * the manifests and indexes that it came with, and its signatures.
 *
 * Signatures of one manifest lie one after another in one blob; how long each
 * is stands in the image's record. They are strangers' bytes, whatever they
 * are: who checks them decides. What does not fit together is left out; what is
 * there and cannot be read is an error, as it might be the one that counts.
 */
#include "hook/store/containers_storage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/sha256.h"

enum { KEYS_MAX = 256 };

/* Cuts the signatures of one manifest apart. A blob that is not as long as its
 * parts would give others than those that were stored. */
static void cut(const struct garita_cs_blob *blob,
		const struct garita_json *sizes, const char *manifest,
		struct garita_blobs *ret)
{
	size_t at = 0;

	for (size_t i = 0; i < garita_json_count(sizes); i++) {
		uint64_t size;

		if (garita_json_u64(garita_json_item(sizes, i), &size) < 0 ||
		    size > blob->len - at)
			return;
		at += (size_t)size;
	}
	if (at != blob->len)
		return;
	at = 0;
	for (size_t i = 0; i < garita_json_count(sizes); i++) {
		char name[GARITA_DIGEST_SIZE + 64];
		uint64_t size = 0;

		(void)garita_json_u64(garita_json_item(sizes, i), &size);
		snprintf(name, sizeof(name), "signature %zu of manifest %s",
			 i + 1, manifest);
		(void)garita_blobs_add(ret, name, blob->bytes + at,
				       (size_t)size);
		at += (size_t)size;
	}
}

/* Is the key among the first `count` names? */
static bool has_key(const struct garita_json *names, size_t count,
		    const char *key)
{
	for (size_t i = 0; i < count; i++) {
		const char *name =
			garita_json_string(garita_json_item(names, i));

		if (name != NULL && strcmp(name, key) == 0)
			return true;
	}
	return false;
}

/* One that is not there, or too large, is as an empty one. */
static int load(int dir, const char *key, struct garita_cs_blob *ret,
		char digest[GARITA_DIGEST_SIZE], struct garita_error *err)
{
	int rc = garita_cs_blob_load(dir, key, ret, digest, err);

	if (rc == -ENOENT || rc == -E2BIG) {
		ret->bytes = garita_xstrdup("");
		garita_sha256_digest("", 0, digest);
		return 0;
	}
	return rc;
}

/* "signature-<hex of the manifest's digest>" */
static int add_signatures(int dir, const char *key,
			  const struct garita_json *metadata,
			  struct garita_blobs *ret, struct garita_error *err)
{
	char manifest[GARITA_DIGEST_SIZE], digest[GARITA_DIGEST_SIZE];
	auto_cs_blob blob = { 0 };
	int rc;

	snprintf(manifest, sizeof(manifest), "sha256:%s",
		 key + strlen("signature-"));
	if (!garita_digest_well_formed(manifest))
		return 0;
	rc = load(dir, key, &blob, digest, err);
	if (rc == 0)
		cut(&blob,
		    garita_json_get(
			    garita_json_get(metadata, "signatures-sizes"),
			    manifest),
		    manifest, ret);
	return rc;
}

/* The form before signatures knew of several manifests. */
static int add_old_signatures(int dir, const struct garita_json *record,
			      const struct garita_json *metadata,
			      struct garita_blobs *ret,
			      struct garita_error *err)
{
	const struct garita_json *names =
		garita_json_get(record, "big-data-names");
	const char *manifest = garita_cs_text(record, "digest");
	size_t count = garita_json_count(names);
	char digest[GARITA_DIGEST_SIZE], key[96];
	auto_cs_blob blob = { 0 };
	int rc;

	if (!garita_digest_well_formed(manifest))
		return 0;
	snprintf(key, sizeof(key), "signature-%s",
		 manifest + strlen("sha256:"));
	if (has_key(names, count, key) || !has_key(names, count, "signatures"))
		return 0;
	rc = load(dir, "signatures", &blob, digest, err);
	if (rc == 0)
		cut(&blob, garita_json_get(metadata, "signature-sizes"),
		    manifest, ret);
	return rc;
}

static int add_manifest(int dir, const char *key, struct garita_blobs *ret,
			struct garita_error *err)
{
	const char *wanted = key + strlen("manifest-");
	char digest[GARITA_DIGEST_SIZE];
	auto_cs_blob blob = { 0 };
	int rc;

	if (!garita_digest_well_formed(wanted))
		return 0;
	rc = load(dir, key, &blob, digest, err);
	if (rc == 0 && strcmp(digest, wanted) == 0)
		(void)garita_blobs_add(ret, wanted, blob.bytes, blob.len);
	return rc;
}

int garita_cs_collect(int dir, const struct garita_json *record,
		      struct garita_blobs *ret, struct garita_error *err)
{
	const struct garita_json *names =
		garita_json_get(record, "big-data-names");
	const char *text = garita_cs_text(record, "metadata");
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *metadata = NULL;
	int rc = 0;

	if (garita_json_parse(text, strlen(text), GARITA_JSON_STRICT, &doc,
			      NULL) == 0)
		metadata = garita_json_root(doc);
	for (size_t i = 0;
	     rc == 0 && i < garita_json_count(names) && i < KEYS_MAX; i++) {
		const char *key =
			garita_json_string(garita_json_item(names, i));

		if (key == NULL || has_key(names, i, key))
			continue;
		if (garita_starts_with(key, "signature-"))
			rc = add_signatures(dir, key, metadata, ret, err);
		else if (garita_starts_with(key, "manifest-"))
			rc = add_manifest(dir, key, ret, err);
	}
	return rc < 0 ? rc
		      : add_old_signatures(dir, record, metadata, ret, err);
}
