/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_storage - which image a container of podman, CRI-O or buildah
 * runs, from the records of containers/storage.
 *
 * root.path S/overlay/<layer>/merged names the store S and the container's own
 * layer; the container record with that layer names the image; from there on
 * everything is checked by sha256 (containers_blobs.c) and against what is
 * mounted (containers_layers.c). One record alone is never believed.
 *
 * Which S? Podman takes any graphroot (--root, storage.conf), so a fixed list
 * would be wrong in both directions. What counts is that nobody but root could
 * have made S: every directory down to it is root's and closed to others, and
 * so are its records. A container that runs as root can write such a tree into
 * its volume, but it cannot mount an overlay at merged in our mount namespace,
 * and without that mount the answer is that we do not know.
 *
 * The answer is about the image, not about what was changed since: a container
 * that is started again has its old upper directory. And it is about mounted
 * root file systems only: of a stopped container nobody can say what will be
 * mounted when it starts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/store/containers_storage.h"
#include "hook/store/place.h"
#include "hook/store/store.h"
#include "hook/store/tree.h"

/* One question, and the descriptors it is answered from. */
struct search {
	const struct garita_place *place;
	int store;  /* S, until it is the first of stores */
	char *path; /* of S */
	struct garita_cs_stores stores;
	char *image; /* image id of the container record */
	char layer[GARITA_STORE_ID_SIZE];
};

static void end_search(struct search *search)
{
	garita_cleanup_fd(&search->store);
	garita_cs_stores_close(&search->stores);
	free(search->path);
	free(search->image);
}

#define auto_search __attribute__((cleanup(end_search))) struct search

const char *garita_cs_text(const struct garita_json *record, const char *key)
{
	const char *text = garita_json_string(garita_json_get(record, key));

	return text == NULL ? "" : text;
}

static int add_records(int store, const char *dir, const char *name,
		       struct garita_map *map, struct garita_records *records,
		       struct garita_error *err)
{
	char path[64];
	int failed;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	failed = garita_tree_map_below(store, path, GARITA_CS_RECORDS_MAX, map,
				       err);
	if (failed == -ENOENT)
		return 0;
	if (failed < 0)
		return failed;
	failed = garita_records_add(records, map->bytes, map->len, err);
	if (failed < 0)
		garita_fail_in(err, name);
	return failed;
}

int garita_cs_open(int store, const char *dir, const char *lasting,
		   const char *fleeting, struct garita_cs_files *ret,
		   struct garita_error *err)
{
	int failed = garita_tree_look(store, dir, err);

	if (failed == 0)
		failed = add_records(store, dir, lasting, &ret->maps[0],
				     &ret->records, err);
	if (failed == 0 && fleeting != NULL)
		failed = add_records(store, dir, fleeting, &ret->maps[1],
				     &ret->records, err);
	return failed;
}

void garita_cs_close(struct garita_cs_files *files)
{
	garita_records_free(&files->records);
	garita_map_close(&files->maps[0]);
	garita_map_close(&files->maps[1]);
}

/* Finds the store around root.path. */
static int locate(struct search *search, struct garita_error *err)
{
	static const char *const has[] = { "overlay-containers",
					   "overlay-images", NULL };

	/* Of a stopped container "merged" is gone, its store is not. */
	search->path = garita_xstrdup(garita_place_path(search->place));
	if (!garita_place_split(search->path, "/overlay/", search->layer))
		return -GARITA_STORE_ELSEWHERE;
	search->store =
		garita_place_store(search->place, search->path, has, err);
	return search->store < 0 ? search->store : 0;
}

/* Could only root have made the store, and the way that leads there? */
static int check_place(struct search *search, struct garita_error *err)
{
	int failed = garita_place_check(search->place, search->store,
					search->path, err);

	if (failed == 0)
		failed = garita_cs_stores_open(search->place, &search->store,
					       search->path, &search->stores,
					       err);
	return failed;
}

/* The upper directory is S/overlay/<layer>/diff. With so many layers that their
 * names are too long for mount(2), podman makes all of them relative and calls
 * it in S/overlay; what they count from is not in mountinfo then. */
static bool is_own_upper(const struct search *search, const char *upper)
{
	auto_text name = { 0 };
	auto_text full = { 0 };

	garita_text_printf(&name, "overlay/%s/diff", search->layer);
	if (upper[0] != '/')
		return strcmp(upper, name.data + strlen("overlay/")) == 0;
	garita_text_printf(&full, "%s/%s", search->path, name.data);
	/* S's own path has no links. */
	return strcmp(upper, full.data) == 0 ||
	       garita_place_is(search->place, upper, search->stores.all[0].dir,
			       name.data);
}

/* Is what is mounted the overlay over S/overlay/<layer>/diff? */
static int check_mount(const struct search *search, struct garita_error *err)
{
	char layer[GARITA_STORE_ID_SIZE + 16];
	struct garita_overlay found = { 0 };
	auto_free char *upper = NULL;
	int failed = garita_place_overlay(search->place, &found, err);

	if (failed < 0)
		return failed;
	upper = found.upper;
	snprintf(layer, sizeof(layer), "overlay/%s", search->layer);
	failed = garita_tree_look(search->stores.all[0].dir, layer, err);
	if (failed < 0)
		return failed;
	if (!is_own_upper(search, upper))
		return garita_fail(err, EBADMSG,
				   "tampered with: the overlay at the root file"
				   " system does not belong to layer %s",
				   search->layer);
	return 0;
}

/* Does the runtime start the container that the record is of? The layer of
 * another container has that one's changes in it. */
static int check_container(const struct search *search, const char *container,
			   struct garita_error *err)
{
	static const char inside[] = "/overlay-containers/";
	const char *bundle = search->place->query->bundle;
	const char *id = search->place->query->id;

	if (!garita_store_is_id(container))
		return garita_fail(err, EINVAL,
				   "the container record of layer %s has no id",
				   search->layer);
	if (id != NULL && strcmp(id, container) != 0)
		return garita_fail(err, EPERM,
				   "the root file system belongs to container"
				   " %s, not to the one being started",
				   container);
	bundle = bundle == NULL ? NULL : strstr(bundle, inside);
	if (bundle != NULL && strncmp(bundle + sizeof(inside) - 1, container,
				      GARITA_STORE_ID_SIZE - 1) != 0)
		return garita_fail(err, EPERM,
				   "the root file system belongs to container"
				   " %s, not to the one of this bundle",
				   container);
	return 0;
}

/* The name that the container was made by: JSON in a string of its record. */
static char *image_name(const struct garita_json *record)
{
	const char *metadata = garita_cs_text(record, "metadata");
	auto_json struct garita_json_doc *doc = NULL;
	const char *name;

	if (garita_json_parse(metadata, strlen(metadata), GARITA_JSON_STRICT,
			      &doc, NULL) < 0)
		return NULL;
	name = garita_cs_text(garita_json_root(doc), "image-name");
	return *name == '\0' ? NULL : garita_xstrdup(name);
}

/* Is the layer in no record? It must not be in one that was not seen to be one:
 * the engine may write them otherwise some day. */
static int no_container(const struct search *search,
			const struct garita_cs_files *files,
			struct garita_error *err)
{
	for (size_t i = 0; i < GARITA_COUNT(files->maps); i++)
		if (files->maps[i].len > 0 &&
		    memmem(files->maps[i].bytes, files->maps[i].len,
			   search->layer, strlen(search->layer)) != NULL)
			return garita_fail(err, EINVAL,
					   "containers.json has layer %s in a"
					   " record that cannot be read",
					   search->layer);
	return garita_fail(err, GARITA_STORE_NO_IMAGE,
			   "no container of the store has layer %s: its root"
			   " file system is a directory, not an image",
			   search->layer);
}

/* The container whose layer is mounted; its image into search->image. */
static int find_container(struct search *search, struct garita_image *ret,
			  struct garita_error *err)
{
	auto_cs_files files = { 0 };
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *record;
	const char *image;
	int failed = garita_cs_open(search->stores.all[0].dir,
				    "overlay-containers", "containers.json",
				    "volatile-containers.json", &files, err);

	if (failed < 0)
		return failed;
	failed = garita_records_by_member(&files.records, "layer",
					  search->layer, &doc, err);
	if (failed == -ENOENT)
		return no_container(search, &files, err);
	if (failed < 0) {
		garita_fail_in(err, "containers.json");
		return failed;
	}
	record = garita_json_root(doc);
	failed = check_container(search, garita_cs_text(record, "id"), err);
	if (failed < 0)
		return failed;
	ret->container = garita_xstrdup(garita_cs_text(record, "id"));
	image = garita_json_string(garita_json_get(record, "image"));
	if (image != NULL && image[0] == '\0')
		return garita_fail(err, GARITA_STORE_NO_IMAGE,
				   "the container was made from no image");
	if (image == NULL || !garita_store_is_id(image))
		return garita_fail(err, EINVAL,
				   "containers.json: the image of container %s"
				   " is no id",
				   ret->container);
	search->image = garita_xstrdup(image);
	ret->reference = image_name(record);
	garita_trail_step(search->place->query->trail, "container",
			  ret->container, "the one record with that layer");
	return 0;
}

static void take_names(const struct garita_json *record,
		       struct garita_image *ret)
{
	const struct garita_json *names = garita_json_get(record, "names");
	size_t count = garita_json_count(names);

	ret->names = garita_xcalloc(count, sizeof(*ret->names));
	for (size_t i = 0; i < count; i++) {
		const char *name =
			garita_json_string(garita_json_item(names, i));

		if (name != NULL)
			ret->names[ret->name_count++] = garita_xstrdup(name);
	}
}

static void free_ids(struct garita_diff_ids *diff_ids)
{
	free(diff_ids->ids);
}

/* `dir` is that of the image's blobs. */
static int check_image(struct search *search, int dir,
		       const struct garita_json *record,
		       struct garita_image *ret, struct garita_error *err)
{
	struct garita_trail *trail = search->place->query->trail;
	__attribute__((
		cleanup(free_ids))) struct garita_diff_ids diff_ids = { 0 };
	char manifest[GARITA_DIGEST_SIZE];
	char index[GARITA_DIGEST_SIZE];
	int failed = garita_cs_check_blobs(dir, record, manifest, index,
					   &diff_ids, err);

	if (failed < 0)
		return failed;
	garita_trail_step(trail, "manifest", manifest,
			  "its bytes have this digest, and name the config");
	garita_trail_step(trail, "config", search->image,
			  "its bytes have this digest, and name %zu layer%s",
			  diff_ids.count, diff_ids.count == 1 ? "" : "s");
	failed = garita_cs_check_layers(&search->stores, search->layer, record,
					&diff_ids, err);
	if (failed < 0)
		return failed;
	garita_trail_step(trail, "layers", search->layer,
			  "link by link its overlay is what the config names");
	if (search->place->query->want_material)
		failed = garita_cs_collect(dir, record, &ret->material, err);
	if (failed < 0)
		return failed;
	memcpy(ret->manifest, manifest, sizeof(ret->manifest));
	memcpy(ret->index, index, sizeof(ret->index));
	snprintf(ret->config, sizeof(ret->config), "sha256:%s", search->image);
	take_names(record, ret);
	ret->sure = GARITA_IMAGE_VERIFIED;
	return 0;
}

/* The image's record in one store; -ENOENT when it is not there. */
static int read_record(const struct search *search,
		       const struct garita_cs_store *store,
		       struct garita_json_doc **ret, struct garita_error *err)
{
	auto_cs_files files = { 0 };
	int failed = garita_cs_open(store->dir, "overlay-images", "images.json",
				    NULL, &files, err);

	if (failed == 0)
		failed = garita_records_by_id(&files.records, search->image,
					      ret, err);
	if (failed < 0)
		garita_fail_in(err, "images.json");
	return failed;
}

/* The first store that has the image is the one that podman means. */
static int find_record(struct search *search, size_t *ret_store,
		       struct garita_json_doc **ret, struct garita_error *err)
{
	struct garita_cs_stores *stores = &search->stores;
	size_t i = 0;

	do {
		for (; i < stores->count; i++) {
			int failed =
				read_record(search, &stores->all[i], ret, err);

			if (failed == 0)
				*ret_store = i;
			if (failed != -ENOENT)
				return failed;
		}
	} while (garita_cs_stores_more(stores));
	return garita_fail(
		err, ENOENT,
		"image %s is not in images.json, nor in an additional"
		" image store that is known here%s",
		search->image, stores->skipped);
}

static int find_image(struct search *search, struct garita_image *ret,
		      struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	char path[GARITA_STORE_ID_SIZE + 16];
	auto_fd int dir = -1;
	size_t store = 0;
	int failed = find_record(search, &store, &doc, err);

	if (failed < 0)
		return failed;
	garita_trail_step(search->place->query->trail, "image", search->image,
			  "named by the container's record, in the store %s",
			  search->stores.all[store].path);
	/* The directory of images was looked at with its records, and the id is
	 * one plain name. */
	snprintf(path, sizeof(path), "overlay-images/%s", search->image);
	dir = garita_tree_dir_below(search->stores.all[store].dir, path, err);
	if (dir < 0)
		return garita_fail_in(err, "image");
	return check_image(search, dir, garita_json_root(doc), ret, err);
}

static int identify(const struct garita_place *place, struct garita_image *ret,
		    struct garita_error *err)
{
	auto_search search = { .place = place, .store = -1 };
	int failed = locate(&search, err);

	if (failed == 0)
		failed = check_place(&search, err);
	if (failed == 0)
		failed = check_mount(&search, err);
	if (failed == 0)
		garita_trail_step(place->query->trail, "root", place->real,
				  "an overlay of %s, every directory down to"
				  " there is root's",
				  search.layer);
	if (failed == 0)
		failed = find_container(&search, ret, err);
	return failed < 0 ? failed : find_image(&search, ret, err);
}

const struct garita_store garita_store_containers_storage = {
	.name = "containers-storage",
	.identify = identify,
};
