/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd - what the parts of the containerd reader share.
 *
 * Below containerd's root R, with the overlayfs snapshotter:
 *
 *	io.containerd.snapshotter.v1.overlayfs/
 *		snapshots/<N>/fs	the files of a layer or container
 *		metadata.db		name of a snapshot -> N, parent
 *	io.containerd.metadata.v1.bolt/
 *		meta.db			by namespace: container -> image name,
 *					snapshot; image name -> digest
 *	io.containerd.content.v1.content/
 *		blobs/sha256/<hex>	index, manifest, config
 *
 * Snapshots have two names: the one its client gave ("c1", or the chain id of
 * an image's layer), and in metadata.db "<namespace>/<number>/<that>".
 */
#ifndef GARITA_HOOK_STORE_CONTAINERD_H
#define GARITA_HOOK_STORE_CONTAINERD_H

#include "garita/image.h"
#include "garita/manifest.h"
#include "hook/store/bolt.h"
#include "hook/store/place.h"

/* A snapshot that is mounted. */
struct garita_ctd_layer {
	uint64_t number; /* of its directory */
	char *key;       /* the client's name of it */
};

/* Which names lead to an image, in the order they are believed. */
enum garita_ctd_way {
	GARITA_CTD_GIVEN, /* the caller says so: docker's record */
	GARITA_CTD_NAME,  /* the name in the container's record */
	GARITA_CTD_CRI,   /* the CRI image service's name for a config */
	GARITA_CTD_WAYS,
};

struct garita_ctd_name {
	char *name;
	char target[GARITA_DIGEST_SIZE];
};

/* What the two databases say about one container. Owns everything. */
struct garita_ctd_record {
	char *image;  /* the name it was made by; NULL: by none */
	char *config; /* config digest in its CRI record; NULL: none */
	char *typed;  /* the name in its CRI record; NULL: none */
	/* The manifest or index that each way leads to now; "": to none. */
	char targets[GARITA_CTD_WAYS][GARITA_DIGEST_SIZE];
	bool moved; /* the name was given anew since the container was made */
	struct garita_ctd_name *names; /* of one of these targets */
	size_t name_count;
	char *snapshot; /* the container's, as metadata.db has it */
	/* The container's own first, then down to the base. */
	struct garita_ctd_layer *layers;
	size_t layer_count;
};

/* containerd's two databases, and where they are below R. */
#define GARITA_CTD_META     "io.containerd.metadata.v1.bolt/meta.db"
#define GARITA_CTD_METADATA "io.containerd.snapshotter.v1.overlayfs/metadata.db"
#define GARITA_CTD_BLOBS    "io.containerd.content.v1.content/blobs/sha256"

/* Reads a database in one state of it; called again, and what it read before is
 * not to be believed, when a newer one has appeared meanwhile. */
typedef int garita_ctd_read_fn(struct garita_bolt *bolt, void *data,
			       struct garita_error *err);
int garita_ctd_database(int root, const char *path, garita_ctd_read_fn *read,
			void *data, struct garita_error *err);
/* The bucket at the end of a path of keys, which NULL ends. */
int garita_ctd_enter(struct garita_bolt *bolt, const char *const *path,
		     struct garita_bolt_bucket *ret, struct garita_error *err);
/* A value that is text; "" when it is not there. Frees what *ret was; the
 * caller frees. */
int garita_ctd_text(struct garita_bolt *bolt,
		    const struct garita_bolt_bucket *in, const char *key,
		    char **ret, struct garita_error *err);
/* The digest that an image's bucket has, or "". */
void garita_ctd_target(struct garita_bolt *bolt,
		       const struct garita_bolt_bucket *image,
		       char ret[GARITA_DIGEST_SIZE]);

/* An image of one of containerd's usual directories, also where docker, k3s
 * and others keep theirs, by a name of it or twelve and more digits of its
 * config's digest. -ENOENT: there is none, or no containerd. */
int garita_ctd_image(const char *sysroot, const char *word,
		     struct garita_image *ret, struct garita_error *err);

/* Which container is meant. Borrowed. */
struct garita_ctd_container {
	const char *namespace;
	const char *id;
	bool docker; /* dockerd keeps what it knows to itself */
};

/* Reads both databases below R (a descriptor). Each image name has a page of
 * its own, so a start, which has the one in the container's record, does not
 * want all_names. ret->targets[GARITA_CTD_GIVEN] may be set before. The caller
 * frees *ret in either case. */
int garita_ctd_read(int root, const struct garita_ctd_container *container,
		    bool all_names, struct garita_ctd_record *ret,
		    struct garita_error *err);
void garita_ctd_record_free(struct garita_ctd_record *record);
#define auto_ctd_record                                                        \
	__attribute__((                                                        \
		cleanup(garita_ctd_record_free))) struct garita_ctd_record

/* The mount at a root file system. Owns everything. */
struct garita_ctd_mount {
	char *path;      /* of R, as mountinfo has it */
	int root;        /* R; negative: not opened */
	uint64_t number; /* of the snapshot that is written to */
	char *lower;     /* those below it, as mountinfo has them */
};

/* Finds R from what is mounted. ret->root is negative before; the caller closes
 * *ret in either case. -ENOTSUP when it is not of this snapshotter. */
int garita_ctd_mount_open(const struct garita_place *place,
			  struct garita_ctd_mount *ret,
			  struct garita_error *err);
/* Is what is mounted the snapshot of the record with all its parents? */
int garita_ctd_mount_check(const struct garita_ctd_mount *mount,
			   const struct garita_ctd_record *record,
			   struct garita_error *err);
void garita_ctd_mount_close(struct garita_ctd_mount *mount);
/* Cuts the last component off a path and returns it; NULL, and nothing done,
 * when there is none. */
char *garita_ctd_cut_last(char *path);

/* The value of a container's extension: a protobuf Any with JSON in it. Sets
 * ret->config and ret->typed. -EINVAL when it is anything else. */
int garita_ctd_read_cri(const char *bytes, size_t len,
			struct garita_ctd_record *ret,
			struct garita_error *err);

/* What dockerd's own record of a container says. */
struct garita_ctd_docker {
	char target[GARITA_DIGEST_SIZE];   /* manifest or index */
	char manifest[GARITA_DIGEST_SIZE]; /* "": not told */
	char *typed;                       /* owned; or NULL */
};

/* Reads containers/<id>/config.v2.json below docker's data directory. The
 * caller frees ret->typed. */
int garita_ctd_read_docker(int data, const char *id,
			   struct garita_ctd_docker *ret,
			   struct garita_error *err);

/* The image that is looked for: its layers, and what is known of it. */
struct garita_ctd_wanted {
	const char *target;   /* digest of its manifest, or of an index */
	const char *config;   /* only with this config; NULL: any */
	const char *manifest; /* only this manifest; NULL: any */
	/* Of the image, top first; NULL: the one that is stored. */
	const struct garita_ctd_layer *layers;
	size_t layer_count;
};

/* Goes from the target down to the config whose diff_ids are these layers, each
 * blob compared with its digest. `blobs` is blobs/sha256. Sets manifest, index
 * and config of *ret, and adds the bytes of the first two to its material when
 * that is wanted. -ESTALE when all blobs are as they must be, but of an image
 * with other layers. */
int garita_ctd_find_image(int blobs, const struct garita_ctd_wanted *wanted,
			  bool want_material, struct garita_image *ret,
			  struct garita_error *err);

#endif
