/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_blobs - from a digest to the image whose layers are mounted, each
 * blob of the way compared with its digest.
 *
 * An index names images for several platforms, of which containerd keeps the
 * one it needs. Which one that is, is not asked of the platforms in it, whose
 * matching is containerd's own: it is the one with the container's layers. Two
 * with the same layers are not told apart by guessing.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/json.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "hook/store/containerd.h"
#include "hook/store/tree.h"

enum {
	CHILDREN_MAX = 256, /* of an index */
	/* Read for one answer: whoever builds images must not keep us busy. */
	BYTES_MAX = 16 * 1024 * 1024,
	PREFIX = sizeof("sha256:") - 1,
};

struct blob {
	char *bytes;
	size_t len;
};

static void free_blob(struct blob *blob)
{
	free(blob->bytes);
}

#define auto_blob __attribute__((cleanup(free_blob))) struct blob

/* What the search carries along, and what it has found. */
struct search {
	int blobs;
	const struct garita_ctd_wanted *wanted;
	size_t bytes;   /* read so far */
	unsigned found; /* images with these layers */
	struct blob manifest;
	char digest[GARITA_DIGEST_SIZE]; /* of manifest */
	char config[GARITA_DIGEST_SIZE];
};

/* A blob that has the digest it is stored under. -ENOENT: it is not stored. */
static int read_blob(struct search *search, const char *digest,
		     struct blob *ret, struct garita_error *err)
{
	char found[GARITA_DIGEST_SIZE];
	auto_blob blob = { 0 };
	int failed = garita_tree_read(search->blobs, digest + PREFIX,
				      GARITA_JSON_MAX_BYTES, &blob.bytes,
				      &blob.len, err);

	if (failed == -ENOENT)
		return garita_fail(err, ENOENT,
				   "the content store does not have %s",
				   digest);
	if (failed < 0)
		return failed;
	search->bytes += blob.len;
	if (search->bytes > BYTES_MAX)
		return garita_fail(err, E2BIG,
				   "the image has more to read than %d bytes",
				   BYTES_MAX);
	garita_sha256_digest(blob.bytes, blob.len, found);
	if (strcmp(found, digest) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: the bytes stored as %s have"
				   " the digest %s",
				   digest, found);
	*ret = blob;
	blob.bytes = NULL;
	return 0;
}

/* Are these the layers, where it matters? A layer's snapshot is called by the
 * hash of all diff_ids up to its own. */
static bool has_layers(const struct garita_ctd_wanted *wanted,
		       const struct garita_diff_ids *diff_ids)
{
	char chain[GARITA_DIGEST_SIZE];

	if (wanted->layers == NULL)
		return true;
	if (diff_ids->count != wanted->layer_count || diff_ids->count == 0)
		return false;
	memcpy(chain, diff_ids->ids[0], sizeof(chain));
	for (size_t i = 0; i < diff_ids->count; i++) {
		char both[2 * GARITA_DIGEST_SIZE];

		if (i > 0) {
			int len = snprintf(both, sizeof(both), "%s %s", chain,
					   diff_ids->ids[i]);

			garita_sha256_digest(both, (size_t)len, chain);
		}
		if (strcmp(wanted->layers[diff_ids->count - 1 - i].key,
			   chain) != 0)
			return false;
	}
	return true;
}

/* Is the image with this manifest the one? 0 or -ESTALE; anything else is an
 * error. */
static int try_manifest(struct search *search, const char *digest,
			struct blob *manifest, struct garita_error *err)
{
	const struct garita_ctd_wanted *wanted = search->wanted;
	struct garita_diff_ids diff_ids = { 0 };
	char config[GARITA_DIGEST_SIZE];
	auto_blob blob = { 0 };
	bool same;
	int failed = garita_manifest_config(manifest->bytes, manifest->len,
					    config, err);

	if (failed == 0 && wanted->config != NULL &&
	    strcmp(config, wanted->config) != 0)
		return garita_fail(err, ESTALE,
				   "%s is of another config than the container",
				   digest);
	if (failed == 0)
		failed = read_blob(search, config, &blob, err);
	if (failed == 0)
		failed = garita_manifest_diff_ids(blob.bytes, blob.len,
						  &diff_ids, err);
	if (failed < 0) {
		garita_fail_in(err, digest);
		return failed;
	}
	same = has_layers(wanted, &diff_ids);
	free(diff_ids.ids);
	if (!same)
		return garita_fail(err, ESTALE,
				   "the container does not have the layers of"
				   " %s",
				   digest);
	if (search->found++ == 0) {
		search->manifest = *manifest;
		manifest->bytes = NULL;
		memcpy(search->digest, digest, sizeof(search->digest));
		memcpy(search->config, config, sizeof(search->config));
	}
	return 0;
}

/* An image of an index. One that is not stored, or is no image at all, is not
 * the one. */
static int try_child(struct search *search, const char *digest,
		     struct garita_error *err)
{
	auto_blob blob = { 0 };
	int failed = read_blob(search, digest, &blob, err);

	if (failed == 0)
		failed = try_manifest(search, digest, &blob, err);
	switch (failed) {
	case -ENOENT:
	case -EINVAL:
	case -ESTALE:
		return 0;
	}
	return failed;
}

/* BuildKit lists what it says about an image beside the images. */
static bool is_no_image(const struct garita_json *child)
{
	const char *os = garita_json_string(
		garita_json_get(garita_json_get(child, "platform"), "os"));

	return os != NULL && strcmp(os, "unknown") == 0;
}

static int fail_index(const struct search *search, struct garita_error *err)
{
	if (search->wanted->layers == NULL)
		return garita_fail(err, ESTALE,
				   "no image of the index %s is stored here",
				   search->wanted->target);
	return garita_fail(err, ESTALE,
			   "the container has the layers of no image of the"
			   " index %s",
			   search->wanted->target);
}

static int try_index(struct search *search, const struct blob *index,
		     struct garita_error *err)
{
	const char *only = search->wanted->manifest;
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *list;
	int failed = garita_json_parse(index->bytes, index->len,
				       GARITA_JSON_STRICT, &doc, err);

	if (failed < 0)
		return failed;
	list = garita_json_get(garita_json_root(doc), "manifests");
	if (garita_json_count(list) > CHILDREN_MAX)
		return garita_fail(err, E2BIG,
				   "the index %s has more than %d images",
				   search->wanted->target, CHILDREN_MAX);
	for (size_t i = 0; i < garita_json_count(list) && failed == 0; i++) {
		const struct garita_json *child = garita_json_item(list, i);
		const char *digest =
			garita_json_string(garita_json_get(child, "digest"));

		/* Twice the same is one. */
		if (digest == NULL || !garita_digest_well_formed(digest) ||
		    strcmp(digest, search->digest) == 0 ||
		    (only != NULL && strcmp(digest, only) != 0) ||
		    (search->wanted->layers == NULL && is_no_image(child)))
			continue;
		failed = try_child(search, digest, err);
	}
	if (failed < 0)
		return failed;
	return search->found == 0 ? fail_index(search, err) : 0;
}

static int try_target(struct search *search, struct blob *target, bool is_index,
		      struct garita_error *err)
{
	const struct garita_ctd_wanted *wanted = search->wanted;

	if (is_index)
		return try_index(search, target, err);
	if (wanted->manifest != NULL &&
	    strcmp(wanted->manifest, wanted->target) != 0)
		return garita_fail(err, ESTALE,
				   "%s is not the manifest of the container",
				   wanted->target);
	return try_manifest(search, wanted->target, target, err);
}

int garita_ctd_find_image(int blobs, const struct garita_ctd_wanted *wanted,
			  bool want_material, struct garita_image *ret,
			  struct garita_error *err)
{
	struct search search = { .blobs = blobs, .wanted = wanted };
	auto_blob target = { 0 };
	auto_blob manifest = { 0 };
	bool is_index = false;
	int failed = read_blob(&search, wanted->target, &target, err);

	if (failed == 0) {
		is_index = garita_manifest_is_index(target.bytes, target.len);
		failed = try_target(&search, &target, is_index, err);
	}
	manifest = search.manifest;
	if (failed < 0)
		return failed;
	if (search.found > 1)
		return garita_fail(
			err, EEXIST, "several images of the index %s %s",
			wanted->target,
			wanted->layers == NULL ? "are stored: give one's digest"
					       : "have the container's layers");
	memcpy(ret->manifest, search.digest, sizeof(ret->manifest));
	memcpy(ret->config, search.config, sizeof(ret->config));
	snprintf(ret->index, sizeof(ret->index), "%s",
		 is_index ? wanted->target : "");
	if (!want_material)
		return 0;
	/* A bag that is full is no reason to know less. */
	(void)garita_blobs_add(&ret->material, search.digest, manifest.bytes,
			       manifest.len);
	if (is_index)
		(void)garita_blobs_add(&ret->material, wanted->target,
				       target.bytes, target.len);
	return 0;
}
