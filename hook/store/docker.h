/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker - what the parts of the reader of docker's overlay2 store share.
 *
 * A data root D (or D/<uid>.<gid> under userns-remap) has:
 *
 *	D/overlay2/<mount-id>/merged, diff, lower	what a container mounts
 *	D/overlay2/l/<link> -> ../<directory>/diff	short names for mount(2)
 *	D/containers/<id>/config.v2.json		container -> image
 *	D/image/overlay2/imagedb/content/sha256/<id>	image config, by its
 *hash D/image/overlay2/repositories.json		name -> image
 *	D/image/overlay2/layerdb/mounts/<id>/		container -> mount-id,
 *							init-id, parent
 *	D/image/overlay2/layerdb/sha256/<chain>/	layer -> cache-id,
 *							diff, parent
 *
 * A layer is named by its chain: the hash of its own diff and of the chain
 * below. Its files lie in D/overlay2/<cache-id>.
 */
#ifndef GARITA_HOOK_STORE_DOCKER_H
#define GARITA_HOOK_STORE_DOCKER_H

#include "garita/error.h"
#include "garita/image.h"
#include "garita/manifest.h"
#include "hook/store/trail.h"

enum {
	/* The records of layers and mounts are files of one word, the longest
	 * a digest. */
	GARITA_DOCKER_WORD_SIZE = 80,
};

/* The one word that the file `name` holds. -ENOENT only when there is no such
 * file. */
int garita_docker_word(int dir, const char *name,
		       char ret[GARITA_DOCKER_WORD_SIZE],
		       struct garita_error *err);

/* A container's mount, by the records of it. */
struct garita_docker_mount {
	struct garita_trail *trail;         /* borrowed; or NULL */
	int data;                           /* D */
	int image;                          /* D/image/overlay2 */
	char *path;                         /* of D, from the sysroot */
	char id[GARITA_DOCKER_WORD_SIZE];   /* directory in D/overlay2 */
	char init[GARITA_DOCKER_WORD_SIZE]; /* that of its own base layer */
	char top[GARITA_DOCKER_WORD_SIZE];  /* chain below; "": no layers */
};

/* The image of ret->container, whose mount this is; fills `ret` as far as it
 * comes. */
int garita_docker_find_image(const struct garita_docker_mount *mount,
			     struct garita_image *ret,
			     struct garita_error *err);
/* An image of docker's usual data root by name or by id (or twelve and more
 * digits of it): its config's digest and what docker calls it. -ENOENT: there
 * is none, or no docker. */
int garita_docker_image(const char *sysroot, const char *word,
			struct garita_image *ret, struct garita_error *err);
/* Is what is mounted, layer for layer, what `diff_ids` says? */
int garita_docker_check_layers(const struct garita_docker_mount *mount,
			       const struct garita_diff_ids *diff_ids,
			       struct garita_error *err);

#endif
