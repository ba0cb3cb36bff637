/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store_fixture - a containers-storage store built for a test.
 *
 * It lies below a temporary directory that serves as the sysroot and has its
 * own /proc/self/mountinfo. The store has the images "app" and "twin", which
 * share all layers, and "other", which has layers of its own; and one
 * container of "app". A test makes it, changes a thing, and asks.
 */
#ifndef GARITA_TESTS_STORE_FIXTURE_H
#define GARITA_TESTS_STORE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/image.h"
#include "tests/unit/temporary.h"

#define STORE "/var/lib/containers/storage"

enum {
	ID = 65,
	LAYERS = 3, /* of each image */
	DEEP = 200, /* layers of the deep image */
	PATH = 512,
};

enum image_name { APP, TWIN, OTHER, IMAGES };

struct store_image {
	char id[ID];
	char digest[GARITA_DIGEST_SIZE];
	size_t layers;
	size_t first; /* number of its base layer */
	char *config;
	char *manifest;
};

struct store_fixture {
	char dir[PATH]; /* the sysroot */
	char root_path[PATH];
	char layer[ID]; /* the container's */
	char container[ID];
	struct store_image images[IMAGES];
};

#define CONTAINERS  STORE "/overlay-containers/containers.json"
#define IMAGES_JSON STORE "/overlay-images/images.json"
#define LAYERS_JSON STORE "/overlay-layers/layers.json"
#define LOWER       STORE "/overlay/{L}/lower"
#define MOUNTINFO   "/proc/self/mountinfo"

/* The store with an "app" of so many layers; and away with it. */
void store_start(struct store_fixture *fx, size_t app_layers);
void store_end(struct store_fixture *fx);

/* Asks for the container's root file system. */
void store_ask(const struct store_fixture *fx, struct garita_image *ret);
void store_expect_app(const struct store_fixture *fx, const char *why);
/* Do these words say that the store was read, and that it is of no image? All
 * others say that nobody could tell. */
bool store_says_none(const char *why_not);
/* Unknown, nothing else claimed, and why_not has these words. */
void store_expect_unknown(const struct store_fixture *fx, const char *why,
			  const char *words);

/* Replaces the first `old` in a file; "" replaces the whole text. In all
 * three, {C} stands for the container, {L} for its layer, {0} to {9} for the
 * layer of that number, {I} {J} {K} for the ids and {D} {E} {F} for the
 * digests of app, twin and other, {M} and {B} for the files of app's manifest
 * and config. */
void store_change(const struct store_fixture *fx, const char *path,
		  const char *old, const char *new);
void store_drop(const struct store_fixture *fx, const char *path);
char *store_expand(const struct store_fixture *fx, const char *text);

/* Paths count from the sysroot; read and expand give text to free. */
void store_make_dirs(const struct store_fixture *fx, const char *path);
void store_write_file(const struct store_fixture *fx, const char *path,
		      const char *text);
char *store_read_file(const struct store_fixture *fx, const char *path);
void store_blob_path(const struct store_image *image, const char *key,
		     char *into, size_t size);
void store_write_blob(const struct store_fixture *fx,
		      const struct store_image *image, const char *key,
		      const char *text);

/* Parts of store_start(), for stores of another shape. */
void store_make_id(const char *word, size_t number, char into[ID]);
void store_make_image(struct store_image *image, const char *name, size_t first,
		      size_t layers);
void store_write_images(const struct store_fixture *fx);
void store_write_container(const struct store_fixture *fx);
void store_link_layer(const struct store_fixture *fx, size_t number,
		      const char *id);

#endif
