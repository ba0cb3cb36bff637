/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_images - an image that no container has to run, and its layers.
 *
 * The same chain as of a container (containers_layers.c) but for the mount:
 * the image's record, its blobs by sha256, and the layers' records from the
 * top down, each of which must be what the config names at that place.
 */
#include "hook/store/containers_storage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "hook/file.h"

/* What is being looked for, and the best so far. */
struct hunt {
	const char *word;
	struct garita_json_doc *record;
	int dir;    /* of the store that it is in */
	bool whole; /* the id or a name is the word */
	bool twice;
};

/* "registry/app:v1" is called that, "app:v1", and without a tag latest. */
static bool is_name(const char *name, const char *word)
{
	auto_text latest = { 0 };
	size_t len = strlen(name);

	garita_text_printf(&latest, "%s:latest", word);
	for (int i = 0; i < 2; i++) {
		const char *wanted = i == 0 ? word : latest.data;
		size_t n = strlen(wanted);

		if (n <= len && strcmp(name + len - n, wanted) == 0 &&
		    (n == len || name[len - n - 1] == '/'))
			return true;
	}
	return false;
}

static bool is_called(const struct garita_json *record, const char *word)
{
	const struct garita_json *names = garita_json_get(record, "names");

	for (size_t i = 0; i < garita_json_count(names); i++) {
		const char *name =
			garita_json_string(garita_json_item(names, i));

		if (name != NULL && is_name(name, word))
			return true;
	}
	return false;
}

/* Takes the record if it fits better than what there is. */
static void weigh(struct hunt *hunt, struct garita_cs_store *store,
		  struct garita_json_doc **doc)
{
	const struct garita_json *record = garita_json_root(*doc);
	const char *id = garita_cs_text(record, "id");
	bool whole =
		strcmp(id, hunt->word) == 0 || is_called(record, hunt->word);

	if (!garita_store_is_id(id) ||
	    (!whole && !garita_starts_with(id, hunt->word)) ||
	    (hunt->whole && !whole))
		return;
	/* The same image in two stores is one image: the first counts. */
	if (hunt->record != NULL && hunt->whole == whole) {
		const char *other =
			garita_cs_text(garita_json_root(hunt->record), "id");

		hunt->twice |= strcmp(id, other) != 0;
		return;
	}
	garita_json_free(hunt->record);
	hunt->record = garita_take_ptr(doc);
	hunt->dir = store->dir;
	hunt->whole = whole;
	hunt->twice = false;
}

static int search(struct hunt *hunt, struct garita_cs_store *store,
		  struct garita_error *err)
{
	auto_cs_files files = { 0 };
	int failed = garita_cs_open(store->dir, "overlay-images", "images.json",
				    NULL, &files, err);

	for (size_t i = 0; failed == 0 && i < files.records.count; i++) {
		const struct garita_record *at = &files.records.all[i];
		auto_free char *id = garita_xstrndup(at->id, at->id_len);
		auto_json struct garita_json_doc *doc = NULL;

		if (garita_records_by_id(&files.records, id, &doc, err) == 0)
			weigh(hunt, store, &doc);
	}
	return failed;
}

static int find(struct garita_cs_stores *stores, struct hunt *hunt,
		struct garita_error *err)
{
	(void)garita_cs_stores_more(stores);
	for (size_t i = 0; i < stores->count; i++) {
		int failed = search(hunt, &stores->all[i], err);

		if (failed < 0)
			return failed;
	}
	if (hunt->record == NULL)
		return garita_fail(err, ENOENT, "no image %s", hunt->word);
	if (hunt->twice)
		return garita_fail(err, EEXIST,
				   "several images are called %s: give the"
				   " whole id, or the whole name",
				   hunt->word);
	return 0;
}

/* A layer's record, in the first store that has it. */
static int find_layer(struct garita_cs_stores *stores, const char *id,
		      struct garita_cs_store **ret_store,
		      struct garita_json_doc **ret, struct garita_error *err)
{
	for (size_t i = 0; i < stores->count; i++) {
		const struct garita_records *layers;
		int failed =
			garita_cs_store_layers(&stores->all[i], &layers, err);

		if (failed == 0)
			failed = garita_records_by_id(layers, id, ret, err);
		if (failed == 0)
			*ret_store = &stores->all[i];
		if (failed != -ENOENT)
			return failed;
	}
	return garita_fail(err, ENOENT, "layers.json has no layer %s", id);
}

static int add_layer(struct garita_cs_stores *stores,
		     char id[GARITA_STORE_ID_SIZE], const char *diff_id,
		     struct garita_trail *trail, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_cs_store *store = NULL;
	const struct garita_json *record;
	int failed;

	if (!garita_store_is_id(id))
		return garita_fail(err, EBADMSG,
				   "the config of the image has more layers"
				   " than its record");
	failed = find_layer(stores, id, &store, &doc, err);
	if (failed < 0)
		return failed;
	record = garita_json_root(doc);
	if (strcmp(garita_cs_text(record, "diff-digest"), diff_id) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: layer %s is not %s, as the"
				   " config of the image says",
				   id, diff_id);
	garita_cs_trail_layer(trail, store, id, diff_id);
	snprintf(id, GARITA_STORE_ID_SIZE, "%s",
		 garita_cs_text(record, "parent"));
	return 0;
}

static int add_layers(struct garita_cs_stores *stores, int store,
		      const struct garita_json *record,
		      struct garita_trail *trail, struct garita_error *err)
{
	struct garita_diff_ids diff_ids = { 0 };
	auto_free char(*ids)[GARITA_DIGEST_SIZE] = NULL;
	char manifest[GARITA_DIGEST_SIZE], index[GARITA_DIGEST_SIZE];
	char id[GARITA_STORE_ID_SIZE];
	auto_fd int images = garita_tree_dir(store, "overlay-images", err);
	auto_fd int dir = -1;
	int failed;

	if (images < 0)
		return images;
	dir = garita_tree_dir(images, garita_cs_text(record, "id"), err);
	failed = dir < 0 ? dir
			 : garita_cs_check_blobs(dir, record, manifest, index,
						 &diff_ids, err);
	if (failed < 0)
		return failed == -ENOENT ? -EIO : failed;
	ids = diff_ids.ids;
	snprintf(id, sizeof(id), "%s", garita_cs_text(record, "layer"));
	for (size_t i = diff_ids.count; failed == 0 && i > 0; i--)
		failed = add_layer(stores, id, ids[i - 1], trail, err);
	return failed == -ENOENT ? -EIO : failed;
}

static int open_store(const struct garita_place *place, const char *path,
		      struct garita_cs_stores *ret, struct garita_error *err)
{
	auto_fd int dir =
		garita_tree_resolve(place->sysroot, path, O_PATH | O_DIRECTORY);
	int failed;

	if (dir < 0)
		return garita_fail(err, -dir, "cannot open %s: %s", path,
				   strerror(-dir));
	failed = garita_file_check_chain(dir, err);
	return failed < 0 ? failed
			  : garita_cs_stores_open(place, &dir, path, ret, err);
}

static void take_names(const struct garita_json *record,
		       struct garita_image *ret)
{
	const struct garita_json *names = garita_json_get(record, "names");

	ret->names =
		garita_xcalloc(garita_json_count(names), sizeof(*ret->names));
	for (size_t i = 0; i < garita_json_count(names); i++) {
		const char *name =
			garita_json_string(garita_json_item(names, i));

		if (name != NULL)
			ret->names[ret->name_count++] = garita_xstrdup(name);
	}
}

static int read_image(int store, const struct garita_json *record,
		      struct garita_image *ret, struct garita_error *err)
{
	struct garita_diff_ids diff_ids = { 0 };
	auto_fd int images = garita_tree_dir(store, "overlay-images", err);
	auto_fd int dir = -1;
	int failed;

	if (images < 0)
		return images;
	dir = garita_tree_dir(images, garita_cs_text(record, "id"), err);
	failed = dir < 0 ? dir
			 : garita_cs_check_blobs(dir, record, ret->manifest,
						 ret->index, &diff_ids, err);
	free(diff_ids.ids);
	if (failed < 0)
		return failed == -ENOENT ? -EIO : failed;
	snprintf(ret->config, sizeof(ret->config), "sha256:%s",
		 garita_cs_text(record, "id"));
	take_names(record, ret);
	failed = garita_cs_collect(dir, record, &ret->material, err);
	if (failed < 0)
		return failed;
	ret->store = garita_store_containers_storage.name;
	ret->sure = GARITA_IMAGE_VERIFIED;
	return 0;
}

int garita_cs_image(const char *sysroot, const char *path, const char *word,
		    struct garita_image *ret, struct garita_error *err)
{
	const struct garita_store_query query = { .sysroot = sysroot };
	auto_place place = {
		.query = &query,
		.sysroot = garita_tree_sysroot(sysroot),
		.root = -1,
	};
	struct garita_cs_stores stores = { 0 };
	struct hunt hunt = { .word = word, .dir = -1 };
	int failed = open_store(&place, path, &stores, err);

	if (failed == 0)
		failed = find(&stores, &hunt, err);
	if (failed == 0)
		failed = read_image(hunt.dir, garita_json_root(hunt.record),
				    ret, err);
	garita_json_free(hunt.record);
	garita_cs_stores_close(&stores);
	return failed;
}

int garita_cs_image_layers(const char *sysroot, const char *path,
			   const char *word, struct garita_trail *trail,
			   char **ret, struct garita_error *err)
{
	const struct garita_store_query query = { .sysroot = sysroot };
	auto_place place = {
		.query = &query,
		.sysroot = garita_tree_sysroot(sysroot),
		.root = -1,
	};
	struct garita_cs_stores stores = { 0 };
	struct hunt hunt = { .word = word, .dir = -1 };
	int failed = open_store(&place, path, &stores, err);

	if (failed == 0)
		failed = find(&stores, &hunt, err);
	if (failed == 0)
		failed = add_layers(&stores, hunt.dir,
				    garita_json_root(hunt.record), trail, err);
	if (failed == 0)
		*ret = garita_xstrdup(
			garita_cs_text(garita_json_root(hunt.record), "id"));
	garita_json_free(hunt.record);
	garita_cs_stores_close(&stores);
	return failed;
}
