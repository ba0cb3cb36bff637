/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd - which image a container of containerd runs (ctr, nerdctl, CRI,
 * docker with containerd's store), with its overlayfs snapshotter.
 *
 * root.path tells namespace and container, the mount there tells containerd's
 * root R: its upper directory is R/.../snapshots/<N>/fs. The container's record
 * must be of that very snapshot, and the directories mounted below it those of
 * the snapshot's parents. Committed snapshots are called by the chain id of
 * their layers; the image is the one whose config, reached by sha256 from a
 * digest in the records, has that chain.
 *
 * Which digest? A container made through CRI or by dockerd has one in its
 * record. One made by ctr has a name, which may have been given to another
 * image since: then the answer is that we do not know, also when the layers
 * agree, because another image can have the same layers.
 *
 * What lies in the directories of the layers is containerd's word: it has no
 * record to compare them with.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/text.h"
#include "hook/store/containerd.h"
#include "hook/store/place.h"
#include "hook/store/store.h"
#include "hook/store/tree.h"

#define TASKS "/io.containerd.runtime.v2.task/"

/* One question, and what is known so far. */
struct search {
	const struct garita_place *place;
	char *base; /* root.path, cut to pieces that the next ones are in */
	struct garita_ctd_container container;
	int data; /* docker's data directory; negative: it is not docker's */
	struct garita_ctd_mount mount;
	struct garita_ctd_docker docker;
	struct garita_ctd_record record;
};

static void end_search(struct search *search)
{
	garita_cleanup_fd(&search->data);
	garita_ctd_mount_close(&search->mount);
	garita_ctd_record_free(&search->record);
	free(search->docker.typed);
	free(search->base);
}

#define auto_search __attribute__((cleanup(end_search))) struct search

/* "<state>/io.containerd.runtime.v2.task/<namespace>/<id>/rootfs" */
static bool split_task(struct search *search)
{
	char *path = search->base;
	const char *last = garita_ctd_cut_last(path);
	const char *id = garita_ctd_cut_last(path);
	const char *namespace = garita_ctd_cut_last(path);
	const char *task = garita_ctd_cut_last(path);

	search->container.namespace = namespace;
	search->container.id = id;
	return last != NULL && id != NULL && namespace != NULL &&
	       task != NULL && strcmp(last, "rootfs") == 0 &&
	       strcmp(task, "io.containerd.runtime.v2.task") == 0;
}

/* The namespace that dockerd uses, if the bundle tells another than the usual:
 * "<...>/io.containerd.runtime.v2.task/<namespace>/<id>". */
static char *namespace_of(const char *bundle)
{
	const char *task = bundle == NULL ? NULL : strstr(bundle, TASKS);

	if (task == NULL)
		return garita_xstrdup("moby");
	task += strlen(TASKS);
	return garita_xstrndup(task, strcspn(task, "/"));
}

/* "<docker's data directory>/rootfs/overlayfs/<id>" */
static int split_docker(struct search *search, struct garita_error *err)
{
	static const char *const has[] = { "containers", NULL };
	char *path = search->base;
	const char *id = garita_ctd_cut_last(path);
	const char *driver = garita_ctd_cut_last(path);
	const char *last = garita_ctd_cut_last(path);

	if (id == NULL || driver == NULL || last == NULL ||
	    strcmp(driver, "overlayfs") != 0 || strcmp(last, "rootfs") != 0)
		return -GARITA_STORE_ELSEWHERE;
	search->data = garita_place_store(search->place, path, has, err);
	search->container.id = id;
	search->container.docker = true;
	return search->data < 0 ? search->data : 0;
}

static int locate(struct search *search, struct garita_error *err)
{
	search->base = garita_xstrdup(garita_place_path(search->place));
	if (split_task(search))
		return 0;
	free(search->base);
	search->base = garita_xstrdup(garita_place_path(search->place));
	return split_docker(search, err);
}

/* Does the runtime start the container that the root file system is of? That
 * of another has that one's changes in it, and may be another image. */
static int check_container(const struct search *search,
			   struct garita_error *err)
{
	const struct garita_ctd_container *container = &search->container;
	const char *bundle = search->place->query->bundle;
	const char *id = search->place->query->id;
	auto_text tail = { 0 };

	if (id != NULL && strcmp(id, container->id) != 0)
		return garita_fail(err, EPERM,
				   "the root file system belongs to container"
				   " %s, not to the one being started",
				   container->id);
	if (bundle == NULL)
		return 0;
	garita_text_printf(&tail, "%s%s/%s", TASKS, container->namespace,
			   container->id);
	if (strlen(bundle) < tail.len ||
	    strcmp(bundle + strlen(bundle) - tail.len, tail.data) != 0)
		return garita_fail(err, EPERM,
				   "the root file system belongs to container"
				   " %s of namespace %s, not to the one of this"
				   " bundle",
				   container->id, container->namespace);
	return 0;
}

/* Could only root have made the way that leads to the mount? */
static int check_place(struct search *search, struct garita_error *err)
{
	auto_free char *above =
		garita_xstrdup(garita_place_path(search->place));
	auto_fd int dir = -1;

	(void)garita_ctd_cut_last(above);
	dir = garita_tree_resolve(search->place->sysroot,
				  *above == '\0' ? "/" : above,
				  O_PATH | O_DIRECTORY);
	if (dir < 0)
		return garita_fail(err, ENOENT,
				   "the root file system is not mounted");
	return garita_place_check(search->place, dir, above, err);
}

static int read_records(struct search *search, struct garita_image *ret,
			struct garita_error *err)
{
	struct garita_ctd_record *record = &search->record;
	struct garita_trail *trail = search->place->query->trail;
	int failed = 0;

	if (search->container.docker)
		failed = garita_ctd_read_docker(search->data,
						search->container.id,
						&search->docker, err);
	if (failed < 0)
		return failed;
	memcpy(record->targets[GARITA_CTD_GIVEN], search->docker.target,
	       GARITA_DIGEST_SIZE);
	failed = garita_ctd_read(search->mount.root, &search->container,
				 trail != NULL, record, err);
	if (failed < 0)
		return failed;
	failed = garita_ctd_mount_check(&search->mount, record, err);
	if (failed < 0)
		return failed;
	ret->container = garita_xstrdup(search->container.id);
	garita_trail_step(trail, "container", ret->container,
			  "the record in namespace %s is of this snapshot",
			  search->container.namespace);
	garita_trail_step(trail, "snapshot", record->snapshot,
			  "its %zu parents are what is mounted",
			  record->layer_count - 1);
	return 0;
}

/* The name by which the container was made, as far as is known. */
static const char *typed_name(const struct search *search)
{
	if (search->docker.typed != NULL)
		return search->docker.typed;
	return search->record.typed != NULL ? search->record.typed
					    : search->record.image;
}

static void add_name(char ***names, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*names)[i], name) == 0)
			return;
	*names = garita_xresize(*names, *count + 1, sizeof(**names));
	(*names)[(*count)++] = garita_xstrdup(name);
}

/* containerd keeps "repository@digest" as a name like any other; the CRI
 * service also calls each image by the digest of its config. */
static void take_name(const char *name, const char *target,
		      struct garita_image *ret)
{
	const char *at = strchr(name, '@');

	if (garita_digest_well_formed(name))
		return;
	if (at != NULL && strcmp(at + 1, target) == 0)
		add_name(&ret->repo_digests, &ret->repo_digest_count, name);
	else
		add_name(&ret->names, &ret->name_count, name);
}

/* The name that the container was made by, when it still leads there; and all
 * others, when they were read. */
static void take_names(const struct search *search, const char *target,
		       struct garita_image *ret)
{
	const struct garita_ctd_record *record = &search->record;

	if (record->image != NULL &&
	    strcmp(record->targets[GARITA_CTD_NAME], target) == 0)
		take_name(record->image, target, ret);
	for (size_t i = 0; i < record->name_count; i++)
		if (strcmp(record->names[i].target, target) == 0)
			take_name(record->names[i].name, target, ret);
}

/* Why there is no digest to begin with, or why it cannot be trusted. */
static int no_way(const struct garita_ctd_record *record,
		  struct garita_error *err)
{
	if (record->config != NULL)
		return garita_fail(err, ENOENT,
				   "no image in containerd has the config %s"
				   " any more",
				   record->config);
	if (record->image == NULL)
		return garita_fail(err, GARITA_STORE_NO_IMAGE,
				   "the container was made from no image");
	if (record->moved)
		return garita_fail(err, ESTALE,
				   "the name %s was given anew after the"
				   " container was made: it may mean another"
				   " image now",
				   record->image);
	return garita_fail(err, ENOENT, "no image is called %s any more",
			   record->image);
}

/* How many of the layers are not the image's: the container's own and, of
 * docker, one below for /etc/hosts and the like. */
static size_t own_layers(const struct search *search)
{
	const struct garita_ctd_record *record = &search->record;
	auto_text init = { 0 };

	garita_text_printf(&init, "%s-init", search->container.id);
	return search->container.docker && record->layer_count > 1 &&
			       strcmp(record->layers[1].key, init.data) == 0
		       ? 2
		       : 1;
}

/* Follows one way down. -ESTALE: it leads to an image with other layers. */
static int follow(const struct search *search, int blobs,
		  enum garita_ctd_way way, struct garita_image *ret,
		  struct garita_error *err)
{
	const struct garita_ctd_record *record = &search->record;
	struct garita_trail *trail = search->place->query->trail;
	size_t skip = own_layers(search);
	struct garita_ctd_wanted wanted = {
		.target = record->targets[way],
		.config = record->config,
	};
	int failed;

	if (search->docker.manifest[0] != '\0')
		wanted.manifest = search->docker.manifest;
	wanted.layers = record->layers + skip;
	wanted.layer_count = record->layer_count - skip;
	failed = garita_ctd_find_image(
		blobs, &wanted, search->place->query->want_material, ret, err);
	if (failed < 0)
		return failed;
	take_names(search, record->targets[way], ret);
	if (ret->index[0] != '\0')
		garita_trail_step(trail, "index", ret->index,
				  "its bytes have this digest, and name the"
				  " manifest");
	garita_trail_step(trail, "manifest", ret->manifest,
			  "its bytes have this digest, and name the config");
	garita_trail_step(trail, "config", ret->config,
			  "its bytes have this digest, and the chain of its"
			  " %zu layers names the parents of the snapshot",
			  wanted.layer_count);
	return 0;
}

static int find_image(const struct search *search, struct garita_image *ret,
		      struct garita_error *err)
{
	const struct garita_ctd_record *record = &search->record;
	auto_fd int blobs =
		garita_tree_dir(search->mount.root, GARITA_CTD_BLOBS, err);
	bool tried = false;
	int failed = -ENOENT;

	if (blobs < 0)
		return blobs;
	for (enum garita_ctd_way way = 0; way < GARITA_CTD_WAYS; way++) {
		/* A name that may have moved is good enough where the record
		 * says which config it has to lead to. */
		if (record->targets[way][0] == '\0' ||
		    (way == GARITA_CTD_NAME && record->moved &&
		     record->config == NULL) ||
		    (way != GARITA_CTD_GIVEN && search->container.docker))
			continue;
		tried = true;
		failed = follow(search, blobs, way, ret, err);
		if (failed != -ESTALE && failed != -ENOENT)
			return failed;
	}
	return tried ? failed : no_way(record, err);
}

static int identify(const struct garita_place *place, struct garita_image *ret,
		    struct garita_error *err)
{
	auto_search search = {
		.place = place,
		.data = -1,
		.mount.root = -1,
	};
	auto_free char *namespace = NULL;
	int failed = locate(&search, err);

	if (failed == 0 && search.container.docker) {
		namespace = namespace_of(place->query->bundle);
		search.container.namespace = namespace;
	}
	if (failed == 0)
		failed = check_container(&search, err);
	if (failed == 0)
		failed = check_place(&search, err);
	if (failed == 0)
		failed = garita_ctd_mount_open(place, &search.mount, err);
	if (failed == 0)
		failed = read_records(&search, ret, err);
	if (failed < 0)
		return failed;
	if (typed_name(&search) != NULL)
		ret->reference = garita_xstrdup(typed_name(&search));
	failed = find_image(&search, ret, err);
	if (failed == 0)
		ret->sure = GARITA_IMAGE_VERIFIED;
	return failed;
}

const struct garita_store garita_store_containerd = {
	.name = "containerd",
	.identify = identify,
};
