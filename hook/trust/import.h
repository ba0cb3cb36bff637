/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * import - puts material where the gate looks for it: under the digests it may
 * be about.
 *
 * Where a piece is put is a convenience, never a statement: what it says is
 * verified at every start. So a piece that names none of the digests at hand
 * is put under all of them.
 */
#ifndef GARITA_HOOK_TRUST_IMPORT_H
#define GARITA_HOOK_TRUST_IMPORT_H

#include "garita/blobs.h"
#include "garita/error.h"
#include "garita/image.h"

#define GARITA_IMPORT_MANIFEST "manifest"
#define GARITA_IMPORT_INDEX    "index"
enum { GARITA_IMPORT_NAME_SIZE = 48 };

/* The file of a piece with this digest: "manifest-0123456789abcdef...". */
void garita_import_name(const char *kind, const char *digest,
			char ret[GARITA_IMPORT_NAME_SIZE]);

/* One file to be: a piece of the bag under a digest. */
struct garita_import_file {
	char digest[GARITA_DIGEST_SIZE];
	char name[GARITA_IMPORT_NAME_SIZE];
	const struct garita_blob *blob; /* borrowed */
};

struct garita_import_plan {
	struct garita_import_file *all; /* by digest, then by name */
	size_t count;
};

/* Which piece belongs where: manifests and indexes tell themselves; `digest`
 * (or NULL) is one more that all material is about. -ENOENT when there is no
 * digest or no signature at all; -E2BIG when a digest would get more than one
 * bag may hold. Pure. */
int garita_import_plan(const struct garita_blobs *bag, const char *digest,
		       struct garita_import_plan *ret,
		       struct garita_error *err);
void garita_import_plan_free(struct garita_import_plan *plan);

/* Writes all of it below GARITA_STATE_DIR/material/sha256, each file aside
 * and then renamed; what is there already stays. Counts the new ones. -E2BIG
 * when the gate would find more for a digest than it reads. */
int garita_import_write(const char *sysroot,
			const struct garita_import_plan *plan,
			size_t *ret_written, struct garita_error *err);
/* Removes everything that was imported for a digest; of a manifest also what
 * is kept for its config, of an index also what is kept for the manifests that
 * it lists: the same material was put there. -ENOENT: nothing was. */
int garita_import_forget(const char *sysroot, const char *digest,
			 struct garita_error *err);

#endif
