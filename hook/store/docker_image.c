/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker_image - the image that the record of a container names, and what it
 * is called.
 *
 * config.v2.json is written by dockerd, with words of whoever asked for the
 * container in it; the image's config by whoever built it. What holds is that
 * an image is named by the sha256 of its config, which has the diff_ids that
 * the layers are compared with: so a record that was given another image's
 * name does not hang together, unless that image has the very same layers.
 */
#include "hook/store/docker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/json.h"
#include "garita/memory.h"
#include "garita/reference.h"
#include "garita/sha256.h"
#include "hook/store/repositories.h"
#include "hook/store/tree.h"

enum {
	/* The names of a host with some 100 000 of them. */
	NAMES_MAX = 64 * 1024 * 1024,
	SHORT_ID = 12, /* digits of an id, as docker shows it */
};

static const char *text_at(struct garita_json_doc *doc, const char *pointer)
{
	return garita_json_string(
		garita_json_at(garita_json_root(doc), pointer));
}

static int parse_record(const struct garita_docker_mount *mount,
			const char *container, struct garita_json_doc **ret,
			struct garita_error *err)
{
	auto_free char *text = NULL;
	char name[128];
	size_t len = 0;
	int failed;

	snprintf(name, sizeof(name), "containers/%s/config.v2.json", container);
	failed = garita_tree_read(mount->data, name, GARITA_JSON_MAX_BYTES,
				  &text, &len, err);
	if (failed == 0)
		failed = garita_json_parse(text, len, GARITA_JSON_STRICT, ret,
					   err);
	if (failed < 0)
		garita_fail_in(err, "the container's record");
	return failed;
}

/* containers/<id>/config.v2.json: which image, and by which name. */
static int read_record(const struct garita_docker_mount *mount,
		       struct garita_image *ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const char *image;
	const char *id;
	int failed = parse_record(mount, ret->container, &doc, err);

	if (failed < 0)
		return failed;
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
	garita_trail_step(mount->trail, "image", image,
			  "named by the container's config.v2.json");
	if (text_at(doc, "/Config/Image") != NULL)
		ret->reference = garita_xstrdup(text_at(doc, "/Config/Image"));
	return 0;
}

/* imagedb/content/sha256/<hex>: the config that the image is named after. */
static int read_config(int image, const char *config,
		       struct garita_diff_ids *ret, struct garita_error *err)
{
	char name[128];
	char digest[GARITA_DIGEST_SIZE];
	auto_free char *text = NULL;
	size_t len = 0;
	int failed;

	snprintf(name, sizeof(name), "imagedb/content/sha256/%s",
		 config + strlen("sha256:"));
	failed = garita_tree_read(image, name, GARITA_JSON_MAX_BYTES, &text,
				  &len, err);
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
	auto_map map = { 0 };
	int failed = garita_tree_map_below(image, "repositories.json",
					   NAMES_MAX, &map, err);

	if (failed == -ENOENT) /* until the first image gets a name */
		return 0;
	if (failed < 0)
		return failed;
	failed = garita_repositories_find(map.bytes, map.len, ret->config, ret,
					  err);
	if (failed < 0) {
		garita_fail_in(err, "repositories.json");
		return failed;
	}
	complete(ret->names, ret->name_count);
	complete(ret->repo_digests, ret->repo_digest_count);
	return 0;
}

/* From the image that the record names down to its layers. */
static int check_image(const struct garita_docker_mount *mount,
		       const char *config, struct garita_error *err)
{
	struct garita_diff_ids diff_ids = { 0 };
	int failed = read_config(mount->image, config, &diff_ids, err);

	if (failed < 0)
		return failed;
	garita_trail_step(mount->trail, "config", config,
			  "its bytes have this digest, and name %zu layer%s",
			  diff_ids.count, diff_ids.count == 1 ? "" : "s");
	failed = garita_docker_check_layers(mount, &diff_ids, err);
	free(diff_ids.ids);
	if (failed < 0)
		return failed;
	garita_trail_step(mount->trail, "layers", mount->top,
			  "link by link its overlay is what the config names");
	return 0;
}

int garita_docker_find_image(const struct garita_docker_mount *mount,
			     struct garita_image *ret, struct garita_error *err)
{
	int failed = read_record(mount, ret, err);

	if (failed == 0)
		failed = check_image(mount, ret->config, err);
	return failed < 0 ? failed : read_names(mount->image, ret, err);
}

/* ---- an image that no container has to run ---- */

static bool is_called(const char *key, const char *id, const char *word)
{
	char words[GARITA_REFERENCE_SIZE], wanted[GARITA_REFERENCE_SIZE];
	struct garita_reference name, other;

	if (strlen(word) >= SHORT_ID &&
	    garita_starts_with(id + strlen("sha256:"), word))
		return true;
	return garita_reference_pulled(key, &name, NULL) == 0 &&
	       garita_reference_pulled(word, &other, NULL) == 0 &&
	       strcmp(garita_reference_words(&name, words),
		      garita_reference_words(&other, wanted)) == 0;
}

/* The config's digest; NULL when there is no such image. */
static const char *find_id(const struct garita_json *root, const char *word)
{
	const struct garita_json *all = garita_json_get(root, "Repositories");

	for (size_t r = 0; r < garita_json_count(all); r++) {
		const struct garita_json *one = garita_json_item(all, r);

		for (size_t i = 0; i < garita_json_count(one); i++) {
			const char *id =
				garita_json_string(garita_json_item(one, i));

			if (id != NULL && garita_digest_well_formed(id) &&
			    is_called(garita_json_key(one, i), id, word))
				return id;
		}
	}
	return NULL;
}

int garita_docker_image(const char *sysroot, const char *word,
			struct garita_image *ret, struct garita_error *err)
{
	static const char path[] = "/var/lib/docker/image/overlay2";
	auto_fd int root = garita_tree_sysroot(sysroot);
	auto_fd int dir = garita_tree_resolve(root, path, O_PATH | O_DIRECTORY);
	auto_json struct garita_json_doc *doc = NULL;
	auto_map map = { 0 };
	const char *id;
	int failed;

	if (dir < 0)
		return dir == -ENOENT
			       ? dir
			       : garita_fail(err, -dir, "cannot open %s: %s",
					     path, strerror(-dir));
	failed = garita_tree_map_below(dir, "repositories.json", NAMES_MAX,
				       &map, err);
	if (failed == 0)
		failed = garita_json_parse(map.bytes, map.len,
					   GARITA_JSON_STRICT, &doc, err);
	if (failed < 0)
		return failed;
	id = find_id(garita_json_root(doc), word);
	if (id == NULL)
		return -ENOENT;
	snprintf(ret->config, sizeof(ret->config), "%s", id);
	failed = read_names(dir, ret, err);
	if (failed < 0)
		return failed;
	ret->store = "docker";
	ret->sure = GARITA_IMAGE_CONFIG;
	snprintf(ret->why_not, sizeof(ret->why_not),
		 "docker keeps no manifest; its config is all that is certain");
	return 0;
}
