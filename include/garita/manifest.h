/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * manifest - what the blobs of an image say about each other.
 *
 * An image is a chain of hashes: index -> manifest -> config -> diff_ids. The
 * blobs were written by whoever built the image, so they are hostile text;
 * what holds is that each is named by its sha256 in the one before. The caller
 * has compared the bytes with their digest before asking here. Pure.
 */
#ifndef GARITA_MANIFEST_H
#define GARITA_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/error.h"
#include "garita/image.h"

enum { GARITA_LAYERS_MAX = 512 }; /* overlay itself stops at 500 */

/* diff_ids of an image config, base layer first. */
struct garita_diff_ids {
	char (*ids)[GARITA_DIGEST_SIZE];
	size_t count;
};

/* config.digest of a schema 2 or OCI image manifest; `ret` holds
 * GARITA_DIGEST_SIZE bytes. -EINVAL for anything else: an index, a schema 1
 * manifest, a document that could be read as two of these. */
int garita_manifest_config(const char *text, size_t len, char *ret,
			   struct garita_error *err);
/* rootfs.diff_ids of an image config; the caller frees ret->ids. */
int garita_manifest_diff_ids(const char *text, size_t len,
			     struct garita_diff_ids *ret,
			     struct garita_error *err);
/* Is this an index (manifest list), and nothing else besides? */
bool garita_manifest_is_index(const char *text, size_t len);
/* Is this an index that names a digest of which `is` says yes? False for
 * anything that is not an index. */
typedef bool garita_manifest_is(const char *digest, const void *data);
bool garita_manifest_index_any(const char *text, size_t len,
			       garita_manifest_is *is, const void *data);
/* The same for one. */
bool garita_manifest_index_has(const char *text, size_t len,
			       const char *digest);

#endif
