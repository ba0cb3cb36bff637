/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_layers - does the container mount the layers of its image?
 *
 * Three descriptions of one stack must agree, from the top: what the overlay
 * of the container is made of (S/overlay/<layer>/lower, links to directories),
 * what layers.json says each layer is (parent, diff-digest), and what the
 * image's config says (diff_ids). The walk takes at most as many steps as the
 * config has diff_ids, so parents in a circle end it like any other mismatch.
 */
#include "hook/store/containers_storage.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "hook/store/tree.h"

enum {
	LINK_LEN = 26, /* containers-storage makes them of A-Z and 0-9 */
	/* "l/", the link and ":" for each layer, with room for longer. */
	LOWER_MAX = 64 * 1024,
};

/* Where each step of the walk stands. */
struct walk {
	struct garita_cs_stores *stores;
	char *lower;                   /* what is left of the lower file */
	char id[GARITA_STORE_ID_SIZE]; /* the layer due next; "": none */
};

static int get_layer(struct garita_cs_store *store, const char *id,
		     struct garita_json_doc **ret, struct garita_error *err)
{
	const struct garita_records *layers;
	int failed = garita_cs_store_layers(store, &layers, err);

	if (failed < 0)
		return failed;
	failed = garita_records_by_id(layers, id, ret, err);
	if (failed < 0)
		garita_fail_in(err, "layers.json");
	return failed;
}

/* Takes the parent of a layer's record as the next layer. */
static int go_to_parent(struct walk *walk, struct garita_json_doc *record,
			struct garita_error *err)
{
	const char *parent = garita_cs_text(garita_json_root(record), "parent");

	if (parent[0] != '\0' && !garita_store_is_id(parent))
		return garita_fail(err, EINVAL,
				   "layers.json: a layer has a parent that is"
				   " no id");
	snprintf(walk->id, sizeof(walk->id), "%s", parent);
	return 0;
}

/* The next link of the overlay, "l/" and its name; NULL when something else
 * comes next. */
static const char *next_link(struct walk *walk)
{
	const char *entry = strsep(&walk->lower, ":");

	if (entry == NULL || strncmp(entry, "l/", 2) != 0 ||
	    strlen(entry) != LINK_LEN + 2 ||
	    strspn(entry + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") !=
		    LINK_LEN)
		return NULL;
	return entry;
}

/* The first store that has the link, and where it leads. -ENOENT: none. */
static int find_link(struct garita_cs_stores *stores, const char *link,
		     char target[PATH_MAX], struct garita_cs_store **ret,
		     struct garita_error *err)
{
	size_t i = 0;

	do {
		for (; i < stores->count; i++) {
			int failed = garita_cs_store_link(&stores->all[i], link,
							  target, err);

			if (failed == -ENOLINK)
				continue;
			*ret = &stores->all[i];
			return failed;
		}
	} while (garita_cs_stores_more(stores));
	return garita_fail(err, ENOENT,
			   "overlay/%s is neither in the store nor in an"
			   " additional image store that is known here%s",
			   link, stores->skipped);
}

/* Is the layer that the link leads to the one that is due? */
static int check_target(const struct walk *walk, const char *target,
			struct garita_error *err)
{
	char wanted[GARITA_STORE_ID_SIZE + 16];

	snprintf(wanted, sizeof(wanted), "../%s/diff", walk->id);
	if (strcmp(target, wanted) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: the container mounts %s"
				   " where its image has layer %s",
				   target, walk->id);
	return 0;
}

void garita_cs_trail_layer(struct garita_trail *trail,
			   const struct garita_cs_store *store, const char *id,
			   const char *diff_id)
{
	auto_text diff = { 0 }, split = { 0 };

	if (trail == NULL)
		return;
	garita_text_printf(&diff, "%s/overlay/%s/diff", store->path, id);
	garita_text_printf(&split, "%s/overlay-layers/%s.tar-split.gz",
			   store->path, id);
	garita_trail_layer(trail, diff_id, garita_text_take(&diff),
			   garita_text_take(&split));
}

static int check_record(struct walk *walk, struct garita_cs_store *store,
			const char *target, const char *diff_id,
			struct garita_error *err)
{
	auto_json struct garita_json_doc *record = NULL;
	const char *diff;
	int failed = get_layer(store, walk->id, &record, err);

	if (failed < 0)
		return failed;
	diff = garita_cs_text(garita_json_root(record), "diff-digest");
	if (strcmp(diff, diff_id) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: layer %s is %s, the config"
				   " says %s",
				   walk->id, diff[0] == '\0' ? "unknown" : diff,
				   diff_id);
	failed = check_target(walk, target, err);
	if (failed < 0)
		return failed;
	garita_cs_trail_layer(walk->stores->place->query->trail, store,
			      walk->id, diff_id);
	return go_to_parent(walk, record, err);
}

static int check_layer(struct walk *walk, const char *diff_id,
		       struct garita_error *err)
{
	struct garita_cs_store *store = NULL;
	char target[PATH_MAX];
	const char *link;
	int failed;

	if (walk->id[0] == '\0')
		return garita_fail(err, EBADMSG,
				   "tampered with: the config has more layers"
				   " than the image");
	link = next_link(walk);
	if (link == NULL)
		return garita_fail(err, EBADMSG,
				   "the container does not mount layer %s of"
				   " its image",
				   walk->id);
	failed = find_link(walk->stores, link, target, &store, err);
	return failed < 0 ? failed
			  : check_record(walk, store, target, diff_id, err);
}

/* Is this layer the top of the image? Under a user namespace without
 * id-mapped mounts the engine makes copies of the top layer with the ids
 * shifted, and lists them in the image's record. */
static bool is_top(const struct garita_json *image, const char *id)
{
	const struct garita_json *mapped =
		garita_json_get(image, "mapped-layers");

	if (strcmp(garita_cs_text(image, "layer"), id) == 0)
		return true;
	for (size_t i = 0; id[0] != '\0' && i < garita_json_count(mapped);
	     i++) {
		const char *one =
			garita_json_string(garita_json_item(mapped, i));

		if (one != NULL && strcmp(one, id) == 0)
			return true;
	}
	return false;
}

/* From the container's own layer to the top layer of the image. */
static int enter(struct walk *walk, const char *layer,
		 const struct garita_json *image, struct garita_error *err)
{
	auto_json struct garita_json_doc *record = NULL;
	int failed = get_layer(&walk->stores->all[0], layer, &record, err);

	if (failed == 0)
		failed = go_to_parent(walk, record, err);
	if (failed < 0)
		return failed;
	if (!is_top(image, walk->id))
		return garita_fail(err, EBADMSG,
				   "tampered with: the container's layer is not"
				   " on top of its image");
	return 0;
}

static int walk_down(struct walk *walk, const struct garita_diff_ids *diff_ids,
		     struct garita_error *err)
{
	for (size_t i = diff_ids->count; i > 0; i--) {
		int failed = check_layer(walk, diff_ids->ids[i - 1], err);

		if (failed < 0)
			return failed;
	}
	if (walk->id[0] != '\0')
		return garita_fail(err, EBADMSG,
				   "tampered with: the image has more layers"
				   " than its config");
	if (walk->lower != NULL && walk->lower[0] != '\0')
		return garita_fail(err, EBADMSG,
				   "tampered with: the container mounts more"
				   " layers than its image has");
	return 0;
}

/* The overlay's own list of layers; "" when the container has none below. The
 * layer's directory was looked at with its mount. */
static int read_lower(int store, const char *layer, char **ret,
		      struct garita_error *err)
{
	char path[GARITA_STORE_ID_SIZE + 32];
	auto_free char *lower = NULL;
	size_t len = 0;
	int failed;

	snprintf(path, sizeof(path), "overlay/%s/lower", layer);
	failed = garita_tree_read_below(store, path, LOWER_MAX, &lower, &len,
					err);
	if (failed == -ENOENT)
		lower = garita_xstrdup("");
	else if (failed < 0)
		return failed;
	lower[strcspn(lower, "\n")] = '\0';
	*ret = garita_take_ptr(&lower);
	return 0;
}

int garita_cs_check_layers(struct garita_cs_stores *stores, const char *layer,
			   const struct garita_json *image,
			   const struct garita_diff_ids *diff_ids,
			   struct garita_error *err)
{
	auto_free char *lower = NULL;
	struct walk walk = { .stores = stores };
	int failed = read_lower(stores->all[0].dir, layer, &lower, err);

	walk.lower = lower;
	if (failed == 0)
		failed = enter(&walk, layer, image, err);
	return failed < 0 ? failed : walk_down(&walk, diff_ids, err);
}
