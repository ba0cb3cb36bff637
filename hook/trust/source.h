/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * source - signature material as people have it: one file, a directory of
 * files, or an OCI image layout (also what `cosign save` and `skopeo copy ...
 * oci:` write).
 *
 * Of a layout come its manifests and indexes, and those blobs that a manifest
 * calls signatures by their media type; never the layers of an image. Every
 * blob is compared with the digest it is stored under. Nothing here is
 * trusted: that is for garita_trust_decide().
 */
#ifndef GARITA_HOOK_TRUST_SOURCE_H
#define GARITA_HOOK_TRUST_SOURCE_H

#include "garita/blobs.h"
#include "garita/error.h"

/* Adds what is at `path`. -errno with the reason and the name of the file. A
 * signature in a layout that is too large is left out, and `skipped`, when not
 * NULL, is called with its name. */
int garita_source_read(const char *path, struct garita_blobs *ret,
		       void (*skipped)(const char *what, const char *why),
		       struct garita_error *err);
/* Is this a manifest whose layers are signatures or statements? */
bool garita_source_is_signature(const struct garita_blob *manifest);

#endif
