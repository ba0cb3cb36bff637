/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_blobs - the manifest, config and index that containers-storage
 * keeps for an image, each compared with its digest before it is believed.
 *
 * images.json names the manifest; the manifest must name the config whose
 * sha256 is the image's id; the config has the diff_ids that the layers are
 * compared with. So a record that was edited to call an image by another's
 * digest does not hang together.
 */
#include "hook/store/containers_storage.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/sha256.h"
#include "hook/store/tree.h"

enum {
	BLOB_KEY_SIZE = 96,   /* "manifest-sha256:" and 64 digits */
	BLOB_NAME_SIZE = 160, /* "=" and base64 of that */
	BLOBS_MAX = 1024,     /* names a record may list */
};

void garita_cs_blob_free(struct garita_cs_blob *blob)
{
	free(blob->bytes);
}

/* The file that containers-storage keeps a blob in: the key itself when it has
 * only digits, lower case letters and dots, else "=" and its base64. The keys
 * we ask for never give base64 a "/". */
static void file_name(const char *key, char into[BLOB_NAME_SIZE])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	size_t len = strlen(key);
	char *to = into;

	if (strspn(key, "abcdefghijklmnopqrstuvwxyz0123456789.") == len) {
		snprintf(into, BLOB_NAME_SIZE, "%s", key);
		return;
	}
	*to++ = '=';
	for (size_t i = 0; i < len; i += 3) {
		size_t left = len - i;
		uint32_t three = (uint32_t)(unsigned char)key[i] << 16;

		if (left > 1)
			three |= (uint32_t)(unsigned char)key[i + 1] << 8;
		if (left > 2)
			three |= (uint32_t)(unsigned char)key[i + 2];
		*to++ = digits[three >> 18 & 63];
		*to++ = digits[three >> 12 & 63];
		*to++ = (char)(left > 1 ? digits[three >> 6 & 63] : '=');
		*to++ = (char)(left > 2 ? digits[three & 63] : '=');
	}
	*to = '\0';
}

int garita_cs_blob_load(int dir, const char *key, struct garita_cs_blob *ret,
			char digest[GARITA_DIGEST_SIZE],
			struct garita_error *err)
{
	char name[BLOB_NAME_SIZE];
	int failed;

	file_name(key, name);
	failed = garita_tree_read(dir, name, GARITA_JSON_MAX_BYTES, &ret->bytes,
				  &ret->len, err);
	if (failed < 0) {
		garita_fail_in(err, key);
		return failed;
	}
	garita_sha256_digest(ret->bytes, ret->len, digest);
	return 0;
}

/* The same for a blob that must have this digest. */
static int read_blob(int dir, const char *key, const char *digest,
		     struct garita_cs_blob *ret, struct garita_error *err)
{
	char found[GARITA_DIGEST_SIZE];
	int failed = garita_cs_blob_load(dir, key, ret, found, err);

	if (failed < 0)
		return failed;
	if (strcmp(found, digest) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: the bytes stored as %s have"
				   " the digest %s",
				   key, found);
	return 0;
}

/* Does the record list a blob of this name? */
static bool lists_blob(const struct garita_json *names, const char *key)
{
	for (size_t i = 0; i < garita_json_count(names); i++) {
		const char *name =
			garita_json_string(garita_json_item(names, i));

		if (name != NULL && strcmp(name, key) == 0)
			return true;
	}
	return false;
}

/* The record names an index: its image for this machine is kept as
 * "manifest", and the index must have it. */
static int enter_index(int dir, const struct garita_cs_blob *index,
		       struct garita_cs_blob *ret,
		       char digest[GARITA_DIGEST_SIZE],
		       struct garita_error *err)
{
	int failed = garita_cs_blob_load(dir, "manifest", ret, digest, err);

	if (failed < 0)
		return failed;
	if (!garita_manifest_index_has(index->bytes, index->len, digest))
		return garita_fail(err, EBADMSG,
				   "tampered with: the index of the image does"
				   " not have its manifest %s",
				   digest);
	return 0;
}

/* Is the manifest in `blob` that of the image with this config? An image of
 * which parts were pulled by a table of contents gets an id of its own: nobody
 * has hashed its layers, so they are those of no config. */
static int check_config(const struct garita_cs_blob *blob,
			const struct garita_json *names, const char *digest,
			const char *config, struct garita_error *err)
{
	char named[GARITA_DIGEST_SIZE];
	int failed = garita_manifest_config(blob->bytes, blob->len, named, err);

	if (failed < 0) {
		garita_fail_in(err, digest);
		return failed;
	}
	if (strcmp(named, config) == 0)
		return 0;
	if (lists_blob(names, named))
		return garita_fail(
			err, ENOTSUP,
			"its id is not the digest of its config %.19s,"
			" as of an image that was pulled in parts by"
			" a table of contents (zstd:chunked): pull"
			" it without enable_partial_images",
			named);
	return garita_fail(err, EBADMSG,
			   "tampered with: the manifest %s is of the config"
			   " %s, not of this image",
			   digest, named);
}

/* From the digest in the record to the image's own manifest: what the record
 * names is one, or the index that it was pulled by. */
static int check_manifest(int dir, const struct garita_json *names,
			  const char *digest, const char *config,
			  char manifest[GARITA_DIGEST_SIZE],
			  char index[GARITA_DIGEST_SIZE],
			  struct garita_error *err)
{
	char key[BLOB_KEY_SIZE];
	auto_cs_blob blob = { 0 };
	auto_cs_blob own = { 0 };
	int failed;

	snprintf(key, sizeof(key), "manifest-%s", digest);
	/* Stores written long ago have it under the plain name only. */
	if (!lists_blob(names, key))
		snprintf(key, sizeof(key), "manifest");
	failed = read_blob(dir, key, digest, &blob, err);
	if (failed < 0)
		return failed;
	memcpy(manifest, digest, GARITA_DIGEST_SIZE);
	if (!garita_manifest_is_index(blob.bytes, blob.len))
		return check_config(&blob, names, digest, config, err);
	memcpy(index, digest, GARITA_DIGEST_SIZE);
	failed = enter_index(dir, &blob, &own, manifest, err);
	return failed < 0 ? failed
			  : check_config(&own, names, manifest, config, err);
}

/* Looks through the other manifests kept for the image for an index that
 * names ours. One that is no index says nothing, bytes that are not what their
 * name says do. */
static int find_index(int dir, const struct garita_json *names,
		      const char *manifest, char *ret, struct garita_error *err)
{
	static const char prefix[] = "manifest-";

	for (size_t i = 0; i < garita_json_count(names); i++) {
		const char *key =
			garita_json_string(garita_json_item(names, i));
		const char *digest;
		auto_cs_blob blob = { 0 };
		int failed;

		if (key == NULL || !garita_starts_with(key, prefix))
			continue;
		digest = key + sizeof(prefix) - 1;
		if (!garita_digest_well_formed(digest) ||
		    strcmp(digest, manifest) == 0)
			continue;
		failed = read_blob(dir, key, digest, &blob, err);
		if (failed < 0)
			return failed;
		if (garita_manifest_index_has(blob.bytes, blob.len, manifest)) {
			memcpy(ret, digest, GARITA_DIGEST_SIZE);
			return 0;
		}
	}
	return 0;
}

static int check_all(int dir, const struct garita_json *record, char *manifest,
		     char *index, struct garita_diff_ids *ret,
		     struct garita_error *err)
{
	const struct garita_json *names =
		garita_json_get(record, "big-data-names");
	const char *digest = garita_cs_text(record, "digest");
	char config[GARITA_DIGEST_SIZE];
	char own[GARITA_DIGEST_SIZE];
	char above[GARITA_DIGEST_SIZE] = "";
	auto_cs_blob blob = { 0 };
	int failed;

	if (!garita_digest_well_formed(digest))
		return garita_fail(err, EINVAL,
				   "its record has no manifest digest");
	if (garita_json_count(names) > BLOBS_MAX)
		return garita_fail(err, E2BIG, "its record lists over %d blobs",
				   BLOBS_MAX);
	snprintf(config, sizeof(config), "sha256:%s",
		 garita_cs_text(record, "id"));
	failed = check_manifest(dir, names, digest, config, own, above, err);
	if (failed == 0)
		failed = read_blob(dir, config, config, &blob, err);
	if (failed == 0 && above[0] == '\0')
		failed = find_index(dir, names, own, above, err);
	if (failed < 0)
		return failed;
	failed = garita_manifest_diff_ids(blob.bytes, blob.len, ret, err);
	if (failed < 0) {
		garita_fail_in(err, "its config");
		return failed;
	}
	memcpy(manifest, own, GARITA_DIGEST_SIZE);
	memcpy(index, above, GARITA_DIGEST_SIZE);
	return 0;
}

int garita_cs_check_blobs(int dir, const struct garita_json *record,
			  char *manifest, char *index,
			  struct garita_diff_ids *ret, struct garita_error *err)
{
	int failed = check_all(dir, record, manifest, index, ret, err);

	if (failed < 0)
		garita_fail_in(err, "image");
	return failed;
}
