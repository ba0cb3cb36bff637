/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_storage - what the parts of the containers-storage reader share.
 *
 * A store S has, with the overlay driver:
 *
 *	S/overlay/<layer>/merged, diff, lower	what a container mounts
 *	S/overlay/l/<link> -> ../<layer>/diff	short names for mount(2)
 *	S/overlay-containers/containers.json	container -> image, layer
 *	S/overlay-images/images.json		image -> digest, layer, names
 *	S/overlay-images/<image>/<blob>		manifest, config
 *	S/overlay-layers/layers.json		layer -> parent, diff-digest
 *
 * and volatile-containers.json and volatile-layers.json beside, for records
 * that need not survive a reboot.
 */
#ifndef GARITA_HOOK_STORE_CONTAINERS_STORAGE_H
#define GARITA_HOOK_STORE_CONTAINERS_STORAGE_H

#include <limits.h>

#include "garita/json.h"
#include "garita/manifest.h"
#include "hook/store/place.h"
#include "hook/store/records.h"
#include "hook/store/tree.h"

enum {
	/* The records of a host with some 100 000 layers. They are searched,
	 * not parsed: see records.h. */
	GARITA_CS_RECORDS_MAX = 64 * 1024 * 1024,
};

/* The string member `key`; "" when it is not there or no string. */
const char *garita_cs_text(const struct garita_json *record, const char *key);

/* The records of one kind: of the lasting file and of the volatile one. */
struct garita_cs_files {
	struct garita_map maps[2];
	struct garita_records records;
};

/* Opens S/<dir>/<lasting> and S/<dir>/<fleeting> (NULL: none); a file that is
 * not there has no records. The caller closes *ret in either case. */
int garita_cs_open(int store, const char *dir, const char *lasting,
		   const char *fleeting, struct garita_cs_files *ret,
		   struct garita_error *err);
void garita_cs_close(struct garita_cs_files *files);
#define auto_cs_files                                                          \
	__attribute__((cleanup(garita_cs_close))) struct garita_cs_files

/* A store that is read, with what of it was opened already. */
struct garita_cs_store {
	int dir;    /* S */
	char *path; /* of S, real, from the sysroot */
	bool has_links, has_layers;
	struct garita_cs_files layers;
};

/* The container's own store first, then additional image stores. */
struct garita_cs_stores {
	const struct garita_place *place; /* borrowed */
	struct garita_cs_store *all;
	size_t count;
	bool complete;     /* the additional ones were looked for */
	char skipped[256]; /* why one does not count; or "" */
};

/* Begins with the store at `dir`, which it takes. */
int garita_cs_stores_open(const struct garita_place *place, int *dir,
			  const char *path, struct garita_cs_stores *ret,
			  struct garita_error *err);
/* Looks for additional stores, once; false: there are none. Moves ->all. */
bool garita_cs_stores_more(struct garita_cs_stores *stores);
void garita_cs_stores_close(struct garita_cs_stores *stores);
/* Where S/overlay/<link> leads, "l/" and a name. -ENOLINK, without words: S has
 * no such link. */
int garita_cs_store_link(struct garita_cs_store *store, const char *link,
			 char target[PATH_MAX], struct garita_error *err);
/* The records of S's layers, opened when first asked for. */
int garita_cs_store_layers(struct garita_cs_store *store,
			   const struct garita_records **ret,
			   struct garita_error *err);

/* One blob of an image, as it lies in S/overlay-images/<image>. */
struct garita_cs_blob {
	char *bytes;
	size_t len;
};
void garita_cs_blob_free(struct garita_cs_blob *blob);
#define auto_cs_blob                                                           \
	__attribute__((cleanup(garita_cs_blob_free))) struct garita_cs_blob
/* Reads the blob `key` of an image; `digest` becomes that of its bytes. */
int garita_cs_blob_load(int dir, const char *key, struct garita_cs_blob *ret,
			char digest[GARITA_DIGEST_SIZE],
			struct garita_error *err);

/* The chain of hashes from the record of an image (in images.json) to its
 * diff_ids: each blob read and compared. `manifest` and `index` hold
 * GARITA_DIGEST_SIZE bytes, index is "" when no index is stored. `dir` is
 * S/overlay-images/<image>. */
int garita_cs_check_blobs(int dir, const struct garita_json *record,
			  char *manifest, char *index,
			  struct garita_diff_ids *ret,
			  struct garita_error *err);
/* Is what the container layer `layer` mounts, layer for layer, what the image
 * record and `diff_ids` say? */
int garita_cs_check_layers(struct garita_cs_stores *stores, const char *layer,
			   const struct garita_json *image,
			   const struct garita_diff_ids *diff_ids,
			   struct garita_error *err);
/* Writes down where a layer of that store lies. */
void garita_cs_trail_layer(struct garita_trail *trail,
			   const struct garita_cs_store *store, const char *id,
			   const char *diff_id);
/* Adds what the store holds about an image: its manifests and indexes, named
 * by their digest, and its signatures. What is not as it should be is left
 * out; what cannot be read is an error. `dir` is S/overlay-images/<image>. */
int garita_cs_collect(int dir, const struct garita_json *record,
		      struct garita_blobs *ret, struct garita_error *err);
/* The layers of an image of the store at `path`, or of one that it borrows
 * from, into the trail, top first; each is what the image's config names. The
 * image is given by id, the unique beginning of one, or name; its id in *ret,
 * which the caller frees. -ENOENT: there is none. */
int garita_cs_image_layers(const char *sysroot, const char *path,
			   const char *word, struct garita_trail *trail,
			   char **ret, struct garita_error *err);
/* The same image: its digests, names and material. That its layers are what is
 * mounted somewhere nobody has said. */
int garita_cs_image(const char *sysroot, const char *path, const char *word,
		    struct garita_image *ret, struct garita_error *err);

#endif
