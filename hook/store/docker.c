/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker - which image a container of docker's overlay2 store runs, from the
 * records of dockerd.
 *
 * root.path D/overlay2/<mount-id>/merged names the data root D and what is
 * mounted; the record of the container's mount and its config.v2.json name the
 * image, whose config is read and hashed (docker_image.c); from there on every
 * layer is checked against it (docker_layers.c). One record alone is never
 * believed. Which D counts is not where it lies, but that only root could have
 * made it, as with containers_storage.c; under userns-remap the directories are
 * root's too, and only what containers see of them is the mapped root's.
 *
 * Docker keeps no manifest. So the config digest is certain and the manifest's
 * is not: what repositories.json calls it is docker's word from when it was
 * pulled, and is handed on as that.
 */
#include "hook/store/docker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/directory.h"
#include "hook/store/place.h"
#include "hook/store/store.h"
#include "hook/store/tree.h"

#define FOREIGN                                                                \
	"the root file system does not belong to the container being started," \
	" says the store"

/* One question, and the descriptors it is answered from. */
struct search {
	const struct garita_place *place;
	struct garita_docker_mount mount;
};

static void end_search(struct search *search)
{
	garita_cleanup_fd(&search->mount.data);
	garita_cleanup_fd(&search->mount.image);
	free(search->mount.path);
}

#define auto_search __attribute__((cleanup(end_search))) struct search

/* Finds the data root around root.path. */
static int locate(struct search *search, struct garita_error *err)
{
	static const char *const has[] = { "image/overlay2", NULL };
	struct garita_docker_mount *mount = &search->mount;

	mount->trail = search->place->query->trail;
	mount->path = garita_xstrdup(garita_place_path(search->place));
	if (!garita_place_split(mount->path, "/overlay2/", mount->id))
		return -GARITA_STORE_ELSEWHERE;
	mount->data = garita_place_store(search->place, mount->path, has, err);
	return mount->data < 0 ? mount->data : 0;
}

/* Is `upper`, as mountinfo has it, D/overlay2/<mount-id>/diff? With so many
 * layers that their names fill a page, docker goes to D/overlay2 and mounts
 * with names that count from there. */
static bool is_upper(const struct search *search, const char *upper)
{
	const struct garita_docker_mount *mount = &search->mount;
	auto_text name = { 0 };
	auto_text full = { 0 };

	garita_text_printf(&name, "overlay2/%s/diff", mount->id);
	garita_text_printf(&full, "%s/%s", mount->path, name.data);
	if (upper[0] != '/')
		return strcmp(upper, name.data + strlen("overlay2/")) == 0;
	/* D's own path has no links. */
	return strcmp(upper, full.data) == 0 ||
	       garita_place_is(search->place, upper, mount->data, name.data);
}

static int check_mount(const struct search *search, struct garita_error *err)
{
	const struct garita_docker_mount *mount = &search->mount;
	struct garita_overlay found = { 0 };
	auto_free char *upper = NULL;
	int failed = garita_place_overlay(search->place, &found, err);

	if (failed < 0)
		return failed;
	upper = found.upper;
	if (!is_upper(search, upper))
		return garita_fail(err, EBADMSG,
				   "tampered with: the overlay at the root file"
				   " system does not belong to mount %s",
				   mount->id);
	garita_trail_step(mount->trail, "root", search->place->real,
			  "an overlay of %s, every directory down to there is"
			  " root's",
			  mount->id);
	return 0;
}

/* Is this directory of layerdb/mounts about our mount? 1, 0 or -errno. */
static int is_owner(int dir, const char *mount_id, struct garita_error *err)
{
	char found[GARITA_DOCKER_WORD_SIZE];
	int failed = garita_docker_word(dir, "mount-id", found, err);

	return failed < 0 ? failed : strcmp(found, mount_id) == 0;
}

/* The next container's id; NULL behind the last. */
static int next_container(DIR *all, const char **ret)
{
	int failed;

	do
		failed = garita_directory_next(all, ret);
	while (failed == 0 && *ret != NULL && !garita_store_is_id(*ret));
	return failed;
}

/* Looks through all containers: only when nobody said which one it is. */
static int find_owner(int mounts, const char *mount_id,
		      char ret[GARITA_STORE_ID_SIZE], struct garita_error *err)
{
	auto_directory *all = garita_directory_list(mounts);
	char found[GARITA_STORE_ID_SIZE] = "";
	const char *id = NULL;
	int failed;

	if (all == NULL)
		return garita_fail(err, EIO, "cannot read layerdb/mounts");
	while ((failed = next_container(all, &id)) == 0 && id != NULL) {
		auto_fd int dir = garita_tree_dir(mounts, id, err);
		int owner = dir < 0 ? dir : is_owner(dir, mount_id, err);

		if (owner < 0 && dir != -ENOENT) /* removed just now */
			return owner;
		if (owner <= 0)
			continue;
		if (found[0] != '\0')
			return garita_fail(err, EEXIST,
					   "the containers %s and %s have the"
					   " same root file system",
					   found, id);
		snprintf(found, sizeof(found), "%.64s", id);
	}
	if (failed < 0)
		return garita_fail(err, EIO, "cannot read layerdb/mounts");
	if (found[0] == '\0')
		return garita_fail(err, GARITA_STORE_NO_IMAGE,
				   "no container of the store has mount %s: its"
				   " root file system is a step of a build, or"
				   " somebody's own",
				   mount_id);
	memcpy(ret, found, sizeof(found));
	return 0;
}

/* The container's id as the bundle has it, or NULL: docker's bundles are
 * called by it. */
static const char *id_of_bundle(const char *bundle)
{
	const char *name = bundle == NULL ? NULL : strrchr(bundle, '/');

	return name != NULL && garita_store_is_id(name + 1) ? name + 1 : NULL;
}

/* Which container is being started? It must be the one that the mount is of:
 * that of another has that one's changes in it. */
static int find_container(const struct search *search, int mounts,
			  char ret[GARITA_STORE_ID_SIZE],
			  struct garita_error *err)
{
	const char *named = id_of_bundle(search->place->query->bundle);
	const char *id = search->place->query->id;

	if (id == NULL)
		id = named;
	if (id == NULL)
		return find_owner(mounts, search->mount.id, ret, err);
	if (named != NULL && strcmp(id, named) != 0)
		return garita_fail(err, EPERM,
				   "the bundle is of container %s, not of the"
				   " one being started",
				   named);
	if (!garita_store_is_id(id)) /* a step of a build */
		return garita_fail(err, GARITA_STORE_NO_IMAGE, FOREIGN);
	memcpy(ret, id, GARITA_STORE_ID_SIZE);
	return 0;
}

/* What the mount is made of: layerdb/mounts/<container>, its descriptor. */
static int read_words(struct garita_docker_mount *mount, int dir,
		      struct garita_error *err)
{
	char init[GARITA_DOCKER_WORD_SIZE + 8];
	int failed = garita_docker_word(dir, "init-id", mount->init, err);

	if (failed < 0)
		return failed;
	snprintf(init, sizeof(init), "%s-init", mount->id);
	if (strcmp(mount->init, init) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: the container's own base"
				   " layer is %s",
				   mount->init);
	failed = garita_docker_word(dir, "parent", mount->top, err);
	if (failed == -ENOENT)
		mount->top[0] = '\0'; /* an image without layers */
	return failed == -ENOENT ? 0 : failed;
}

static int read_mount(struct search *search, struct garita_image *ret,
		      struct garita_error *err)
{
	struct garita_docker_mount *mount = &search->mount;
	char id[GARITA_STORE_ID_SIZE];
	auto_fd int mounts =
		garita_tree_dir(mount->image, "layerdb/mounts", err);
	auto_fd int dir = -1;
	int failed =
		mounts < 0 ? mounts : find_container(search, mounts, id, err);

	if (failed < 0)
		return failed;
	dir = garita_tree_dir(mounts, id, err);
	if (dir == -ENOENT)
		return garita_fail(err, GARITA_STORE_NO_IMAGE, FOREIGN);
	failed = dir < 0 ? dir : is_owner(dir, mount->id, err);
	if (failed <= 0)
		return failed < 0 ? failed : garita_fail(err, EPERM, FOREIGN);
	ret->container = garita_xstrdup(id);
	failed = read_words(mount, dir, err);
	if (failed < 0)
		return failed;
	garita_trail_step(mount->trail, "container", id,
			  "the record of its mount says %s", mount->id);
	return 0;
}

/* Fills `ret` as far as it comes. */
static int look(struct search *search, struct garita_image *ret,
		struct garita_error *err)
{
	struct garita_docker_mount *mount = &search->mount;
	int failed = garita_place_check(search->place, mount->data, mount->path,
					err);

	if (failed == 0)
		failed = mount->image =
			garita_tree_dir(mount->data, "image/overlay2", err);
	if (failed >= 0)
		failed = check_mount(search, err);
	if (failed == 0)
		failed = read_mount(search, ret, err);
	return failed < 0 ? failed : garita_docker_find_image(mount, ret, err);
}

static int identify(const struct garita_place *place, struct garita_image *ret,
		    struct garita_error *err)
{
	auto_search search = {
		.place = place,
		.mount = { .data = -1, .image = -1 },
	};
	int failed = locate(&search, err);

	if (failed == 0)
		failed = look(&search, ret, err);
	if (failed < 0) {
		ret->config[0] = '\0'; /* named by a record, not proven */
		return failed;
	}
	ret->sure = GARITA_IMAGE_CONFIG;
	snprintf(ret->why_not, sizeof(ret->why_not),
		 "docker keeps no manifest: the digest of the config is"
		 " certain, that of the manifest is not");
	return 0;
}

const struct garita_store garita_store_docker = {
	.name = "docker",
	.identify = identify,
};
