/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest - what the blobs of an image say about each other.
 *
 * The kind of a document is told by its members, not by mediaType: that is
 * optional in OCI, and a document with the members of two kinds is refused
 * because readers differ about which one it is (CVE-2021-41190).
 */
#include "garita/manifest.h"

#include <errno.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/json.h"

static bool is_type(const struct garita_json *node, enum garita_json_type type)
{
	return node != NULL && garita_json_type(node) == type;
}

static const char *digest_of(const struct garita_json *descriptor)
{
	const char *digest =
		garita_json_string(garita_json_get(descriptor, "digest"));

	return digest != NULL && garita_digest_well_formed(digest) ? digest
								   : NULL;
}

int garita_manifest_config(const char *text, size_t len, char *ret,
			   struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *root;
	const char *digest;
	int failed =
		garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);

	if (failed < 0)
		return failed;
	root = garita_json_root(doc);
	if (garita_json_get(root, "manifests") != NULL)
		return garita_fail(err, EINVAL,
				   "has \"manifests\": it is an index, not the"
				   " manifest of one image");
	if (garita_json_get(root, "fsLayers") != NULL ||
	    !is_type(garita_json_get(root, "layers"), GARITA_JSON_ARRAY))
		return garita_fail(err, EINVAL,
				   "is no schema 2 or OCI image manifest");
	digest = digest_of(garita_json_get(root, "config"));
	if (digest == NULL)
		return garita_fail(err, EINVAL,
				   "has no config with a sha256 digest");
	memcpy(ret, digest, GARITA_DIGEST_SIZE);
	return 0;
}

int garita_manifest_diff_ids(const char *text, size_t len,
			     struct garita_diff_ids *ret,
			     struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char(*ids)[GARITA_DIGEST_SIZE] = NULL;
	const struct garita_json *list;
	size_t count;
	int failed =
		garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, err);

	if (failed < 0)
		return failed;
	list = garita_json_at(garita_json_root(doc), "/rootfs/diff_ids");
	/* Go writes an image without layers as null or not at all. */
	if (list != NULL && !is_type(list, GARITA_JSON_ARRAY) &&
	    !is_type(list, GARITA_JSON_NULL))
		return garita_fail(err, EINVAL, "rootfs.diff_ids is no array");
	count = garita_json_count(list);
	if (count > GARITA_LAYERS_MAX)
		return garita_fail(err, E2BIG, "has %zu layers, more than %d",
				   count, GARITA_LAYERS_MAX);
	ids = garita_xcalloc(count, sizeof(*ids));
	for (size_t i = 0; i < count; i++) {
		const char *id = garita_json_string(garita_json_item(list, i));

		if (id == NULL || !garita_digest_well_formed(id))
			return garita_fail(err, EINVAL,
					   "rootfs.diff_ids[%zu] is no sha256"
					   " digest",
					   i);
		memcpy(ids[i], id, sizeof(ids[i]));
	}
	ret->ids = garita_take_ptr(&ids);
	ret->count = count;
	return 0;
}

/* The list of an index; NULL for anything else. */
static const struct garita_json *list_of(const struct garita_json *root)
{
	const struct garita_json *list = garita_json_get(root, "manifests");

	if (garita_json_get(root, "config") != NULL ||
	    garita_json_get(root, "layers") != NULL ||
	    garita_json_get(root, "fsLayers") != NULL ||
	    !is_type(list, GARITA_JSON_ARRAY))
		return NULL;
	return list;
}

bool garita_manifest_is_index(const char *text, size_t len)
{
	auto_json struct garita_json_doc *doc = NULL;

	/* Spares most manifests a second parse. One that hides the word
	 * behind escapes is taken for a manifest, and refused as one. */
	if (memmem(text, len, "\"manifests\"", strlen("\"manifests\"")) ==
		    NULL ||
	    garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, NULL) < 0)
		return false;
	return list_of(garita_json_root(doc)) != NULL;
}

bool garita_manifest_index_any(const char *text, size_t len,
			       garita_manifest_is *is, const void *data)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *list;

	if (garita_json_parse(text, len, GARITA_JSON_STRICT, &doc, NULL) < 0)
		return false;
	list = list_of(garita_json_root(doc));
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *one = digest_of(garita_json_item(list, i));

		if (one != NULL && is(one, data))
			return true;
	}
	return false;
}

static bool is_same(const char *digest, const void *data)
{
	return strcmp(digest, data) == 0;
}

bool garita_manifest_index_has(const char *text, size_t len, const char *digest)
{
	return garita_manifest_index_any(text, len, is_same, digest);
}
