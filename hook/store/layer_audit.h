/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layer_audit - are the files of a layer on disk still those of its digest?
 *
 * A start checks records and blobs; nobody looks at the files again that were
 * unpacked at the pull. This does: it makes the tar of a layer again from its
 * files and the tar-split beside it, and compares its digest with the one that
 * the image's config has. What a tar keeps that is no content (owner, mode,
 * links) comes out of the tar-split then and not from the disk, and a file too
 * many would not show at all. So these are compared one by one. It reads every
 * byte of the layer: for `garita`, never for a start.
 */
#ifndef GARITA_HOOK_STORE_LAYER_AUDIT_H
#define GARITA_HOOK_STORE_LAYER_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "garita/error.h"
#include "hook/store/trail.h"

enum { GARITA_LAYER_FINDINGS_MAX = 1000 };

struct garita_layer_finding {
	char *name; /* from the layer's root; "" is that itself */
	char *what; /* "contents differ" */
};

struct garita_layer_audit {
	bool same; /* the tar has the digest, and there are no findings */
	struct garita_layer_finding *findings;
	size_t count;
	size_t more; /* findings beyond those */
	uint64_t files, bytes;
};

/* Is called now and then with the bytes that were read of this layer. */
typedef void garita_layer_progress(void *data, uint64_t bytes);

/* -ENOENT when the layer has no tar-split, so that nothing can be said. */
int garita_layer_audit(int sysroot, const struct garita_trail_layer *layer,
		       garita_layer_progress *progress, void *data,
		       struct garita_layer_audit *ret,
		       struct garita_error *err);
void garita_layer_audit_free(struct garita_layer_audit *audit);
#define auto_audit                                                             \
	__attribute__((                                                        \
		cleanup(garita_layer_audit_free))) struct garita_layer_audit
/* For the parts of it. */
void garita_layer_report(struct garita_layer_audit *audit, const char *name,
			 const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Names of a layer, cleaned; sorted before they are asked for. */
struct garita_layer_names {
	char **all;
	size_t count, room;
};
/* Reports what is below `diff` and has no name in the layer, and what hides
 * lower layers, or no longer does, otherwise than the layer says. */
void garita_layer_find_added(int diff, const struct garita_layer_names *names,
			     struct garita_layer_audit *audit);

/* A name in the layer as a descriptor that reads and wakes nothing; no link is
 * followed. -errno. */
int garita_layer_look(int diff, const char *name);

#endif
