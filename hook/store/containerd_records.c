/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_records - what containerd's two databases say about a container.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/text.h"
#include "hook/store/bolt.h"
#include "hook/store/containerd.h"
#include "hook/store/tree.h"

enum {
	TEXT_MAX = 4096,
	NAMES_SEEN = 1024, /* image records looked at for names */
	NAMES_MAX = 64,    /* names kept */
	/* Docker has a layer of its own, the container one. */
	LAYERS_MAX = GARITA_LAYERS_MAX + 2,
	KIND_ACTIVE = 2,
	KIND_COMMITTED = 3,
	TIME_MIN = 15, /* version, seconds, nanoseconds, zone */
	TIME_SINCE = 1,
	TIME_LEN = 12,
};

/* One reading of one database. */
struct view {
	struct garita_bolt *bolt;
	const struct garita_ctd_container *container;
	bool all_names;
	struct garita_ctd_record *record;
};

/* ---- meta.db ---- */

/* A time as Go writes it, cut to what can be compared byte by byte; false when
 * it is not there. */
static bool get_time(struct view *view, const struct garita_bolt_bucket *in,
		     const char *key, char ret[TIME_LEN])
{
	struct garita_bolt_bytes value = { 0 };

	if (garita_bolt_value(view->bolt, in, key, &value, NULL) < 0 ||
	    value.len < TIME_MIN)
		return false;
	memcpy(ret, value.data + TIME_SINCE, TIME_LEN);
	return true;
}

/* Where a name leads now. Was it made or changed after the container? Then
 * nothing says that the container is of what it means today. */
static int look_up(struct view *view, const struct garita_bolt_bucket *images,
		   const char *name, const char *made, enum garita_ctd_way way,
		   struct garita_error *err)
{
	struct garita_ctd_record *record = view->record;
	struct garita_bolt_bucket image;
	char changed[TIME_LEN];
	int failed = garita_bolt_bucket(view->bolt, images, name, &image, err);

	if (failed < 0)
		return failed == -ENOENT ? 0 : failed;
	garita_ctd_target(view->bolt, &image, record->targets[way]);
	if (way == GARITA_CTD_NAME)
		record->moved = made == NULL ||
				!get_time(view, &image, "updatedat", changed) ||
				memcmp(changed, made, TIME_LEN) > 0;
	return 0;
}

/* What the walk through all image names carries along. */
struct names {
	struct view *view;
	size_t seen;
};

static int see_name(const struct garita_bolt_bytes *key,
		    const struct garita_bolt_bytes *value,
		    const struct garita_bolt_bucket *bucket, void *data,
		    struct garita_error *err)
{
	struct names *names = data;
	struct garita_ctd_record *record = names->view->record;
	struct garita_ctd_name *name;
	char target[GARITA_DIGEST_SIZE];
	bool ours = false;

	(void)value;
	(void)err;
	if (++names->seen > NAMES_SEEN || record->name_count == NAMES_MAX)
		return 1;
	if (bucket == NULL || key->len == 0 || key->len > TEXT_MAX ||
	    memchr(key->data, '\0', key->len) != NULL)
		return 0;
	garita_ctd_target(names->view->bolt, bucket, target);
	for (size_t i = 0; i < GARITA_CTD_WAYS && target[0] != '\0'; i++)
		ours = ours || strcmp(target, record->targets[i]) == 0;
	if (!ours)
		return 0;
	record->names = garita_xresize(record->names, record->name_count + 1,
				       sizeof(*record->names));
	name = &record->names[record->name_count++];
	name->name = garita_xstrndup(key->data, key->len);
	memcpy(name->target, target, sizeof(name->target));
	return 0;
}

static int read_images(struct view *view, const char *made,
		       struct garita_error *err)
{
	const char *const path[] = { "v1", view->container->namespace, "images",
				     NULL };
	struct garita_ctd_record *record = view->record;
	struct names names = { .view = view };
	struct garita_bolt_bucket images;
	int failed = garita_ctd_enter(view->bolt, path, &images, err);

	if (failed < 0)
		return failed == -ENOENT ? 0 : failed;
	if (record->image != NULL)
		failed = look_up(view, &images, record->image, made,
				 GARITA_CTD_NAME, err);
	if (failed == 0 && record->config != NULL)
		failed = look_up(view, &images, record->config, made,
				 GARITA_CTD_CRI, err);
	if (failed == 0 && view->all_names)
		failed = garita_bolt_each(view->bolt, &images, see_name, &names,
					  err);
	return failed < 0 ? failed : 0;
}

/* The record that the CRI service adds to its containers (not to sandboxes). */
static int read_extension(struct view *view,
			  const struct garita_bolt_bucket *container,
			  struct garita_error *err)
{
	struct garita_bolt_bucket extensions;
	struct garita_bolt_bytes value = { 0 };
	int failed = garita_bolt_bucket(view->bolt, container, "extensions",
					&extensions, err);

	if (failed == 0)
		failed = garita_bolt_value(
			view->bolt, &extensions,
			"io.cri-containerd.container.metadata", &value, err);
	if (failed < 0)
		return failed == -ENOENT ? 0 : failed;
	failed = garita_ctd_read_cri(value.data, value.len, view->record, err);
	if (failed < 0)
		garita_fail_in(err, "the CRI record of the container");
	return failed;
}

/* The snapshot of the container, by the name that metadata.db has for it. */
static int read_snapshot(struct view *view,
			 const struct garita_bolt_bucket *container,
			 struct garita_error *err)
{
	auto_free char *driver = NULL;
	auto_free char *key = NULL;
	struct garita_bolt_bucket snapshot;
	int failed = garita_ctd_text(view->bolt, container, "snapshotter",
				     &driver, err);

	if (failed == 0)
		failed = garita_ctd_text(view->bolt, container, "snapshotKey",
					 &key, err);
	if (failed != 0)
		return failed;
	/* A step of a build: its maker keeps the snapshots. */
	if (!view->container->docker && *driver == '\0' && *key == '\0' &&
	    view->record->image == NULL && view->record->config == NULL)
		return garita_fail(err, GARITA_STORE_NO_IMAGE,
				   "the container was made from no image");
	if (view->container->docker && *key == '\0') {
		free(key);
		key = garita_xstrdup(view->container->id);
	}
	if (strcmp(driver, "overlayfs") != 0 &&
	    !(view->container->docker && *driver == '\0'))
		return garita_fail(err, ENOTSUP,
				   "the container is of the snapshotter \"%s\","
				   " which garita cannot read",
				   driver);
	const char *const path[] = { "v1",        view->container->namespace,
				     "snapshots", "overlayfs",
				     key,         NULL };
	failed = garita_ctd_enter(view->bolt, path, &snapshot, err);
	if (failed < 0 && failed != -ENOENT)
		return failed;
	if (failed == 0)
		failed = garita_ctd_text(view->bolt, &snapshot, "name",
					 &view->record->snapshot, err);
	if (failed == -ENOENT ||
	    (failed == 0 && *view->record->snapshot == '\0'))
		return garita_fail(err, ENOENT,
				   "the container has no snapshot");
	return failed;
}

static void forget(struct garita_ctd_record *record)
{
	char given[GARITA_DIGEST_SIZE];

	memcpy(given, record->targets[GARITA_CTD_GIVEN], sizeof(given));
	garita_ctd_record_free(record);
	memcpy(record->targets[GARITA_CTD_GIVEN], given, sizeof(given));
}

static int read_meta(struct garita_bolt *bolt, void *data,
		     struct garita_error *err)
{
	struct view *view = data;
	const char *const path[] = { "v1", view->container->namespace,
				     "containers", view->container->id, NULL };
	struct garita_bolt_bucket container;
	char made[TIME_LEN];
	bool has_time;
	int failed;

	view->bolt = bolt;
	forget(view->record);
	failed = garita_ctd_enter(view->bolt, path, &container, err);
	if (failed == -ENOENT)
		return garita_fail(
			err, ENOENT, "namespace %s has no container %s",
			view->container->namespace, view->container->id);
	if (failed == 0)
		failed = garita_ctd_text(view->bolt, &container, "image",
					 &view->record->image, err);
	if (failed == 0 && *view->record->image == '\0') {
		free(view->record->image);
		view->record->image = NULL;
	}
	if (failed == 0)
		failed = read_extension(view, &container, err);
	if (failed == 0)
		failed = read_snapshot(view, &container, err);
	if (failed < 0)
		return failed;
	has_time = get_time(view, &container, "createdat", made);
	return read_images(view, has_time ? made : NULL, err);
}

/* ---- metadata.db ---- */

/* The client's part of "<namespace>/<number>/<key>"; NULL when the snapshot is
 * of another namespace. */
static const char *key_of(const char *name, const char *namespace)
{
	size_t len = strlen(namespace);
	const char *digits = name + len + 1;
	size_t count;

	if (strncmp(name, namespace, len) != 0 || name[len] != '/')
		return NULL;
	count = strspn(digits, "0123456789");
	return count > 0 && digits[count] == '/' ? digits + count + 1 : NULL;
}

/* A number as Go's binary.PutUvarint() has it. */
static int get_number(struct view *view, const struct garita_bolt_bucket *in,
		      const char *key, uint64_t *ret, struct garita_error *err)
{
	struct garita_bolt_bytes value = { 0 };
	uint64_t number = 0;
	int failed = garita_bolt_value(view->bolt, in, key, &value, err);

	if (failed < 0)
		return failed;
	for (size_t i = 0; i < value.len && i < 9; i++) {
		unsigned char byte = (unsigned char)value.data[i];

		number |= (uint64_t)(byte & 0x7f) << (7 * i);
		if (byte >= 0x80)
			continue;
		if (i + 1 < value.len)
			break;
		*ret = number;
		return 0;
	}
	return garita_fail(err, EINVAL, "%s is no number", key);
}

/* Adds the snapshot `*name`; its parent becomes *name, "" when it has none. */
static int add_layer(struct view *view, char **name, struct garita_error *err)
{
	struct garita_ctd_record *record = view->record;
	const char *const path[] = { "v1", "snapshots", *name, NULL };
	const char *key = key_of(*name, view->container->namespace);
	size_t above = record->layer_count;
	struct garita_bolt_bucket snapshot;
	struct garita_bolt_bytes kind = { 0 };
	uint64_t number = 0;
	int failed;

	if (key == NULL)
		return garita_fail(err, EBADMSG,
				   "tampered with: the snapshot %s is of"
				   " another namespace",
				   *name);
	failed = garita_ctd_enter(view->bolt, path, &snapshot, err);
	if (failed == 0)
		failed = get_number(view, &snapshot, "id", &number, err);
	if (failed == 0)
		failed = garita_bolt_value(view->bolt, &snapshot, "kind", &kind,
					   err);
	if (failed < 0)
		return failed;
	if (kind.len != 1 ||
	    *kind.data != (above == 0 ? KIND_ACTIVE : KIND_COMMITTED))
		return garita_fail(
			err, EBADMSG, "the snapshot %s is not %s", *name,
			above == 0 ? "one that is written to" : "finished");
	record->layers = garita_xresize(record->layers, above + 1,
					sizeof(*record->layers));
	record->layers[above].number = number;
	record->layers[above].key = garita_xstrdup(key);
	record->layer_count++;
	return garita_ctd_text(view->bolt, &snapshot, "parent", name, err);
}

static void forget_layers(struct garita_ctd_record *record)
{
	for (size_t i = 0; i < record->layer_count; i++)
		free(record->layers[i].key);
	free(record->layers);
	record->layers = NULL;
	record->layer_count = 0;
}

static int read_metadata(struct garita_bolt *bolt, void *data,
			 struct garita_error *err)
{
	struct view *view = data;
	auto_free char *name = garita_xstrdup(view->record->snapshot);

	view->bolt = bolt;
	forget_layers(view->record);
	while (*name != '\0') {
		int failed;

		/* Parents in a circle end here, too. */
		if (view->record->layer_count == LAYERS_MAX)
			return garita_fail(err, E2BIG,
					   "the container has more than %d"
					   " layers",
					   LAYERS_MAX);
		failed = add_layer(view, &name, err);
		if (failed < 0)
			return failed;
	}
	return 0;
}

int garita_ctd_read(int root, const struct garita_ctd_container *container,
		    bool all_names, struct garita_ctd_record *ret,
		    struct garita_error *err)
{
	struct view view = {
		.container = container,
		.all_names = all_names,
		.record = ret,
	};
	int failed = garita_ctd_database(root, GARITA_CTD_META, read_meta,
					 &view, err);

	if (failed == 0)
		failed = garita_ctd_database(root, GARITA_CTD_METADATA,
					     read_metadata, &view, err);
	return failed;
}

void garita_ctd_record_free(struct garita_ctd_record *record)
{
	forget_layers(record);
	for (size_t i = 0; i < record->name_count; i++)
		free(record->names[i].name);
	free(record->names);
	free(record->image);
	free(record->config);
	free(record->typed);
	free(record->snapshot);
	*record = (struct garita_ctd_record){ 0 };
}
