/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker - which image a container of docker's overlay2 store runs, from the
 * records of dockerd.
 *
 * root.path D/overlay2/<mount-id>/merged names the data root D and what is
 * mounted; the record of the container's mount and its config.v2.json name the
 * image, whose config is read and hashed; from there on every layer is checked
 * against it (docker_layers.c). One record alone is never believed. Which D
 * counts is not where it lies, but that only root could have made it, as with
 * containers_storage.c; under userns-remap the directories are root's too, and
 * only what containers see of them is the mapped root's.
 *
 * Docker keeps no manifest. So the config digest is certain and the manifest's
 * is not: what repositories.json calls it is docker's word from when it was
 * pulled, and is handed on as that.
 */
#include "hook/store/docker.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/json.h"
#include "garita/memory.h"
#include "garita/reference.h"
#include "garita/sha256.h"
#include "hook/store/place.h"
#include "hook/store/repositories.h"
#include "hook/store/store.h"
#include "hook/store/tree.h"

/* One question, and the descriptors it is answered from. */
struct search {
	struct garita_place place;
	int data;  /* D */
	int image; /* D/image/overlay2 */
	struct garita_docker_mount mount;
};

static void end_search(struct search *search)
{
	garita_place_close(&search->place);
	garita_cleanup_fd(&search->data);
	garita_cleanup_fd(&search->image);
	garita_cleanup_fd(&search->mount.overlay);
	garita_cleanup_fd(&search->mount.layers);
	free(search->mount.data);
}

#define auto_search __attribute__((cleanup(end_search))) struct search

/* Is `path` "D/overlay2/<mount-id>/merged"? Cuts it after D. */
static bool split_path(char *path, char *mount_id)
{
	static const char above[] = "/overlay2/";
	static const char below[] = "/merged";
	const size_t tail = strlen(above) + 64 + strlen(below);
	size_t len = strlen(path);
	char *at;

	if (len <= tail)
		return false;
	at = path + len - tail;
	if (strncmp(at, above, strlen(above)) != 0 ||
	    strcmp(path + len - strlen(below), below) != 0)
		return false;
	path[len - strlen(below)] = '\0';
	if (!garita_store_is_id(at + strlen(above)))
		return false;
	memcpy(mount_id, at + strlen(above), 65);
	*at = '\0';
	return true;
}

/* Finds the data root around root.path; false when there is none. */
static bool locate(struct search *search)
{
	struct garita_docker_mount *mount = &search->mount;
	struct stat st;

	mount->trail = search->place.query->trail;
	mount->data = garita_xstrdup(garita_place_path(&search->place));
	if (!split_path(mount->data, mount->id))
		return false;
	search->data =
		garita_tree_resolve(search->place.sysroot, mount->data, O_PATH);
	return search->data >= 0 && fstatat(search->data, "image/overlay2", &st,
					    AT_SYMLINK_NOFOLLOW) == 0;
}

static int open_directories(struct search *search, struct garita_error *err)
{
	auto_fd int images = -1;

	search->mount.overlay = garita_tree_dir(search->data, "overlay2", err);
	if (search->mount.overlay < 0)
		return search->mount.overlay;
	images = garita_tree_dir(search->data, "image", err);
	if (images < 0)
		return images;
	search->image = garita_tree_dir(images, "overlay2", err);
	if (search->image < 0)
		return search->image;
	search->mount.layers = garita_tree_dir(search->image, "layerdb", err);
	return search->mount.layers < 0 ? search->mount.layers : 0;
}

/* Is what is mounted the overlay over D/overlay2/<mount-id>/diff? With so many
 * layers that their names fill a page, docker goes to D/overlay2 and mounts
 * with names that count from there. */
static int check_mount(const struct search *search, struct garita_error *err)
{
	struct garita_overlay found = { 0 };
	char relative[GARITA_DOCKER_WORD_SIZE + 16];
	auto_free char *upper = NULL;
	auto_fd int dir = -1;
	bool right;
	int failed = garita_place_overlay(&search->place, &found, err);

	if (failed < 0)
		return failed;
	upper = found.upper;
	dir = garita_tree_dir(search->mount.overlay, search->mount.id, err);
	if (dir < 0)
		return dir;
	snprintf(relative, sizeof(relative), "%s/diff", search->mount.id);
	if (upper[0] == '/')
		right = garita_place_is(&search->place, upper, dir, "diff");
	else
		right = strcmp(upper, relative) == 0;
	if (!right)
		return garita_fail(err, EBADMSG,
				   "tampered with: the overlay at the root file"
				   " system does not belong to mount %s",
				   search->mount.id);
	garita_trail_step(search->mount.trail, "root", search->place.real,
			  "an overlay of %s, every directory down to there is"
			  " root's",
			  search->mount.id);
	return 0;
}

/* Is this directory of layerdb/mounts about our mount? */
static bool is_owner(int mounts, const char *container, const char *mount_id)
{
	char found[GARITA_DOCKER_WORD_SIZE];
	auto_fd int dir = garita_tree_dir(mounts, container, NULL);

	return dir >= 0 &&
	       garita_docker_word(dir, "mount-id", found, NULL) == 0 &&
	       strcmp(found, mount_id) == 0;
}

static void close_dir(DIR **at)
{
	if (*at != NULL)
		closedir(*at);
}

/* Looks through all containers: only when nobody said which one it is. */
static int find_owner(int mounts, const char *mount_id, char ret[65],
		      struct garita_error *err)
{
	int fd = openat(mounts, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	__attribute__((cleanup(close_dir))) DIR *all =
		fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	char found[65] = "";

	if (all == NULL) {
		garita_cleanup_fd(&fd);
		return garita_fail(err, EIO, "cannot read layerdb/mounts");
	}
	while ((entry = readdir(all)) != NULL) {
		if (!garita_store_is_id(entry->d_name) ||
		    !is_owner(mounts, entry->d_name, mount_id))
			continue;
		if (found[0] != '\0')
			return garita_fail(err, EEXIST,
					   "the containers %s and %s have the"
					   " same root file system",
					   found, entry->d_name);
		memcpy(found, entry->d_name, sizeof(found));
	}
	if (found[0] == '\0')
		return garita_fail(err, ENOENT,
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
static int find_container(struct search *search, int mounts, char ret[65],
			  struct garita_error *err)
{
	const char *named = id_of_bundle(search->place.query->bundle);
	const char *id = search->place.query->id;

	if (id == NULL)
		id = named;
	if (id == NULL)
		return find_owner(mounts, search->mount.id, ret, err);
	if (named != NULL && strcmp(id, named) != 0)
		return garita_fail(err, EPERM,
				   "the bundle is of container %s, not of the"
				   " one being started",
				   named);
	if (!garita_store_is_id(id) || !is_owner(mounts, id, search->mount.id))
		return garita_fail(err, EPERM,
				   "the root file system does not belong to the"
				   " container being started, says the store");
	memcpy(ret, id, 65);
	return 0;
}

/* What the container's mount is made of: layerdb/mounts/<container>. */
static int read_mount(struct search *search, struct garita_image *ret,
		      struct garita_error *err)
{
	struct garita_docker_mount *mount = &search->mount;
	char init[GARITA_DOCKER_WORD_SIZE + 8];
	char id[65];
	auto_fd int mounts = garita_tree_dir(mount->layers, "mounts", err);
	auto_fd int dir = -1;
	int failed =
		mounts < 0 ? mounts : find_container(search, mounts, id, err);

	if (failed < 0)
		return failed;
	ret->container = garita_xstrdup(id);
	dir = garita_tree_dir(mounts, id, err);
	failed = dir < 0 ? dir
			 : garita_docker_word(dir, "init-id", mount->init, err);
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
	else if (failed < 0)
		return failed;
	garita_trail_step(mount->trail, "container", id,
			  "the record of its mount says %s", mount->id);
	return 0;
}

static const char *text_at(struct garita_json_doc *doc, const char *pointer)
{
	return garita_json_string(
		garita_json_at(garita_json_root(doc), pointer));
}

/* containers/<id>/config.v2.json: which image, and by which name. */
static int read_container(const struct search *search, struct garita_image *ret,
			  struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_free char *text = NULL;
	auto_fd int all = garita_tree_dir(search->data, "containers", err);
	auto_fd int dir = -1;
	const char *image;
	const char *id;
	size_t len = 0;
	int failed = all;

	if (all >= 0)
		failed = dir = garita_tree_dir(all, ret->container, err);
	if (dir >= 0)
		failed = garita_tree_read(dir, "config.v2.json",
					  GARITA_JSON_MAX_BYTES, &text, &len,
					  err);
	if (failed >= 0)
		failed = garita_json_parse(text, len, GARITA_JSON_STRICT, &doc,
					   err);
	if (failed < 0) {
		garita_fail_in(err, "the container's record");
		return failed;
	}
	id = text_at(doc, "/ID");
	image = text_at(doc, "/Image");
	if (id == NULL || strcmp(id, ret->container) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: the record of container %s"
				   " is that of another",
				   ret->container);
	if (image == NULL || !garita_digest_well_formed(image))
		return garita_fail(err, EINVAL,
				   "the record of container %s names no image",
				   ret->container);
	memcpy(ret->config, image, sizeof(ret->config));
	garita_trail_step(search->mount.trail, "image", image,
			  "named by the container's config.v2.json");
	if (text_at(doc, "/Config/Image") != NULL)
		ret->reference = garita_xstrdup(text_at(doc, "/Config/Image"));
	return 0;
}

/* imagedb/content/sha256/<hex>: the config that the image is named after. */
static int read_config(int image, const char *config,
		       struct garita_diff_ids *ret, struct garita_error *err)
{
	char digest[GARITA_DIGEST_SIZE];
	auto_free char *text = NULL;
	auto_fd int db = garita_tree_dir(image, "imagedb", err);
	auto_fd int content = -1;
	auto_fd int blobs = -1;
	size_t len = 0;
	int failed = db;

	if (db >= 0)
		failed = content = garita_tree_dir(db, "content", err);
	if (content >= 0)
		failed = blobs = garita_tree_dir(content, "sha256", err);
	if (blobs >= 0)
		failed = garita_tree_read(blobs, config + strlen("sha256:"),
					  GARITA_JSON_MAX_BYTES, &text, &len,
					  err);
	if (failed == -ENOENT)
		return garita_fail(err, ENOENT,
				   "the image of the container, %s, was"
				   " removed from the store",
				   config);
	if (failed < 0)
		return failed;
	garita_sha256_digest(text, len, digest);
	if (strcmp(digest, config) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: the bytes stored as %s have"
				   " the digest %s",
				   config, digest);
	failed = garita_manifest_diff_ids(text, len, ret, err);
	if (failed < 0)
		garita_fail_in(err, "its config");
	return failed;
}

/* Docker leaves out "docker.io/library/", which no other store does: so that a
 * policy has one name for an image, it is put back. */
static void complete(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct garita_reference name;
		char words[GARITA_REFERENCE_SIZE];

		if (garita_reference_parse(names[i], &name, NULL) < 0)
			continue;
		free(names[i]);
		names[i] = garita_xstrdup(garita_reference_words(&name, words));
	}
}

static int read_names(int image, struct garita_image *ret,
		      struct garita_error *err)
{
	static const char name[] = "repositories.json";
	auto_map map = { 0 };
	int failed = garita_tree_map(image, name, GARITA_DOCKER_NAMES_MAX, &map,
				     err);

	if (failed == -ENOENT) /* until the first image gets a name */
		return 0;
	if (failed < 0)
		return failed;
	failed = garita_repositories_find(map.bytes, map.len, ret->config, ret,
					  err);
	if (failed < 0) {
		garita_fail_in(err, name);
		return failed;
	}
	complete(ret->names, ret->name_count);
	complete(ret->repo_digests, ret->repo_digest_count);
	return 0;
}

/* Fills `ret` as far as it comes. */
static int check_image(const struct search *search, struct garita_image *ret,
		       struct garita_error *err)
{
	struct garita_trail *trail = search->mount.trail;
	struct garita_diff_ids diff_ids = { 0 };
	auto_free char(*ids)[GARITA_DIGEST_SIZE] = NULL;
	int failed = read_config(search->image, ret->config, &diff_ids, err);

	if (failed < 0)
		return failed;
	ids = diff_ids.ids;
	garita_trail_step(trail, "config", ret->config,
			  "its bytes have this digest, and name %zu layer%s",
			  diff_ids.count, diff_ids.count == 1 ? "" : "s");
	failed = garita_docker_check_layers(&search->mount, &diff_ids, err);
	if (failed < 0)
		return failed;
	garita_trail_step(trail, "layers", search->mount.top,
			  "link by link its overlay is what the config names");
	return read_names(search->image, ret, err);
}

/* Fills `ret` as far as it comes. */
static int look(struct search *search, struct garita_image *ret,
		struct garita_error *err)
{
	int failed = garita_place_check(&search->place, search->data, err);

	if (failed == 0)
		failed = open_directories(search, err);
	if (failed == 0)
		failed = check_mount(search, err);
	if (failed == 0)
		failed = read_mount(search, ret, err);
	if (failed == 0)
		failed = read_container(search, ret, err);
	return failed < 0 ? failed : check_image(search, ret, err);
}

static bool identify(const struct garita_store_query *query,
		     struct garita_image *ret)
{
	auto_search search = {
		.data = -1,
		.image = -1,
		.mount = { .overlay = -1, .layers = -1 },
	};
	struct garita_image image = {
		.sure = GARITA_IMAGE_UNKNOWN,
		.store = garita_store_docker.name,
	};
	struct garita_error err = { 0 };

	if (!garita_place_open(query, &search.place) || !locate(&search))
		return false;
	if (look(&search, &image, &err) == 0) {
		image.sure = GARITA_IMAGE_CONFIG;
		snprintf(image.why_not, sizeof(image.why_not),
			 "docker keeps no manifest: the digest of the config is"
			 " certain, that of the manifest is not");
	} else {
		image.config[0] = '\0'; /* named by a record, not proven */
		garita_error_words(&err, image.why_not, sizeof(image.why_not));
	}
	*ret = image;
	return true;
}

const struct garita_store garita_store_docker = {
	.name = "docker",
	.identify = identify,
};
