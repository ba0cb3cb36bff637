/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker_layers - does the container mount the layers of its image?
 *
 * Three descriptions of one stack must agree, from the top: what the overlay
 * of the container is made of (D/overlay2/<mount-id>/lower, links to
 * directories), what layerdb says each layer is (diff, parent, cache-id), and
 * what the image's config says (diff_ids). A layer's name is the hash of its
 * diff and of the name below it, so the first two files of a layer are checked
 * by its name; only cache-id is docker's word alone. Between the container and
 * its image lies a layer that docker makes for each container: mount points
 * such as /etc/hosts, and /.dockerenv.
 *
 * The walk takes at most as many steps as the config has diff_ids, so parents
 * in a circle end it like any other mismatch.
 */
#include "hook/store/docker.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/store/store.h"
#include "hook/store/tree.h"

enum {
	LINK_LEN = 26, /* docker makes them of A-Z and 2-7 */
	/* "l/", the link and ":" for each layer, with room for longer. */
	LOWER_MAX = 64 * 1024,
};

/* Where each step of the walk stands. */
struct walk {
	const struct garita_docker_mount *mount;
	int layers;  /* layerdb/sha256 */
	int links;   /* D/overlay2/l */
	char *lower; /* what is left of the lower file */
	char chain[GARITA_DOCKER_WORD_SIZE]; /* the layer due next; "": none */
};

/* The record of one layer. */
struct layer {
	char diff[GARITA_DOCKER_WORD_SIZE];
	char parent[GARITA_DOCKER_WORD_SIZE]; /* "" for a base layer */
	char cache[GARITA_DOCKER_WORD_SIZE];
};

int garita_docker_word(int dir, const char *name,
		       char ret[GARITA_DOCKER_WORD_SIZE],
		       struct garita_error *err)
{
	char word[GARITA_DOCKER_WORD_SIZE];
	size_t len = 0;
	int failed = garita_tree_read_small(dir, name, word, sizeof(word), &len,
					    err);

	if (failed < 0)
		return failed;
	if (len == 0 || strlen(word) != len)
		return garita_fail(err, EINVAL, "%s does not hold one word",
				   name);
	memcpy(ret, word, len + 1);
	return 0;
}

/* Does the next link of the overlay lead to D/overlay2/<directory>/diff? */
static int check_link(struct walk *walk, const char *directory,
		      const char *what, struct garita_error *err)
{
	char target[PATH_MAX];
	char wanted[GARITA_DOCKER_WORD_SIZE + 16];
	const char *entry = strsep(&walk->lower, ":");
	ssize_t len;

	if (entry == NULL || strncmp(entry, "l/", 2) != 0 ||
	    strlen(entry) != LINK_LEN + 2 ||
	    strspn(entry + 2, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") !=
		    LINK_LEN)
		return garita_fail(err, EBADMSG,
				   "tampered with: the container does not mount"
				   " %s",
				   what);
	len = readlinkat(walk->links, entry + 2, target, sizeof(target) - 1);
	if (len < 0)
		return garita_fail(err, EBADMSG,
				   "overlay2/%s, where %s should be, cannot be"
				   " read: %s",
				   entry, what, strerror(errno));
	target[len] = '\0';
	snprintf(wanted, sizeof(wanted), "../%s/diff", directory);
	if (strcmp(target, wanted) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: the container mounts %s in"
				   " the place of %s",
				   target, what);
	return 0;
}

static int read_layer(const struct walk *walk, struct layer *ret,
		      struct garita_error *err)
{
	auto_fd int dir = -1;
	int failed;

	if (!garita_digest_well_formed(walk->chain))
		return garita_fail(err, EINVAL,
				   "the chain below a layer is no digest");
	dir = garita_tree_dir(walk->layers, walk->chain + strlen("sha256:"),
			      err);
	if (dir < 0)
		return dir;
	failed = garita_docker_word(dir, "diff", ret->diff, err);
	if (failed == 0)
		failed = garita_docker_word(dir, "cache-id", ret->cache, err);
	if (failed < 0)
		return failed;
	if (!garita_digest_well_formed(ret->diff) ||
	    !garita_store_is_id(ret->cache))
		return garita_fail(err, EINVAL,
				   "diff or cache-id is not what docker"
				   " writes there");
	ret->parent[0] = '\0';
	failed = garita_docker_word(dir, "parent", ret->parent, err);
	return failed == -ENOENT ? 0 : failed;
}

/* Is the layer the one that its name is the hash of? */
static bool is_named_right(const struct layer *layer, const char *chain)
{
	char both[2 * GARITA_DOCKER_WORD_SIZE];
	char digest[GARITA_DIGEST_SIZE];

	if (layer->parent[0] == '\0')
		return strcmp(layer->diff, chain) == 0;
	snprintf(both, sizeof(both), "%s %s", layer->parent, layer->diff);
	garita_sha256_digest(both, strlen(both), digest);
	return strcmp(digest, chain) == 0;
}

/* Writes the layer down for who wants to look at its files. */
static void leave_trail(const struct walk *walk, const struct layer *layer)
{
	const char *data = walk->mount->path;
	auto_text diff = { 0 };
	auto_text split = { 0 };

	if (walk->mount->trail == NULL)
		return;
	garita_text_printf(&diff, "%s/overlay2/%s/diff", data, layer->cache);
	garita_text_printf(&split,
			   "%s/image/overlay2/layerdb/sha256/%s/"
			   "tar-split.json.gz",
			   data, walk->chain + strlen("sha256:"));
	garita_trail_layer(walk->mount->trail, layer->diff,
			   garita_text_take(&diff), garita_text_take(&split));
}

static int check_layer(struct walk *walk, const char *diff_id,
		       struct garita_error *err)
{
	struct layer layer = { 0 };
	int failed;

	if (walk->chain[0] == '\0')
		return garita_fail(err, EBADMSG,
				   "tampered with: the config of the image has"
				   " more layers than the container");
	failed = read_layer(walk, &layer, err);
	if (failed < 0) {
		garita_fail_in(err, walk->chain);
		garita_fail_in(err, "layerdb");
		return failed;
	}
	if (!is_named_right(&layer, walk->chain))
		return garita_fail(err, EBADMSG,
				   "tampered with: layer %s is not made of what"
				   " its record says",
				   walk->chain);
	if (strcmp(layer.diff, diff_id) != 0)
		return garita_fail(err, EBADMSG,
				   "tampered with: a layer of the container is"
				   " %s, the config of its image says %s",
				   layer.diff, diff_id);
	failed = check_link(walk, layer.cache, walk->chain, err);
	if (failed < 0)
		return failed;
	leave_trail(walk, &layer);
	memcpy(walk->chain, layer.parent, sizeof(walk->chain));
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
	if (walk->chain[0] != '\0')
		return garita_fail(err, EBADMSG,
				   "tampered with: the container has more"
				   " layers than the config of its image");
	if (walk->lower != NULL)
		return garita_fail(err, EBADMSG,
				   "tampered with: the container mounts more"
				   " layers than its image has");
	return 0;
}

static int read_lower(const struct garita_docker_mount *mount, char **ret,
		      struct garita_error *err)
{
	char name[GARITA_DOCKER_WORD_SIZE + 32];
	auto_free char *lower = NULL;
	size_t len = 0;
	int failed;

	snprintf(name, sizeof(name), "overlay2/%s/lower", mount->id);
	failed = garita_tree_read(mount->data, name, LOWER_MAX, &lower, &len,
				  err);
	if (failed < 0)
		return failed;
	if (strlen(lower) != len)
		return garita_fail(err, EINVAL, "lower has a NUL in it");
	*ret = garita_take_ptr(&lower);
	return 0;
}

int garita_docker_check_layers(const struct garita_docker_mount *mount,
			       const struct garita_diff_ids *diff_ids,
			       struct garita_error *err)
{
	auto_free char *lower = NULL;
	auto_fd int links = garita_tree_dir(mount->data, "overlay2/l", err);
	auto_fd int layers = -1;
	struct walk walk = { .mount = mount, .links = links };
	int failed = links < 0 ? links : read_lower(mount, &lower, err);

	if (failed < 0)
		return failed;
	layers = garita_tree_dir(mount->image, "layerdb/sha256", err);
	/* An image without layers may have left no directory for them. */
	if (layers < 0 && (layers != -ENOENT || diff_ids->count > 0))
		return layers;
	walk.layers = layers;
	walk.lower = lower;
	memcpy(walk.chain, mount->top, sizeof(walk.chain));
	failed = check_link(&walk, mount->init, "its own base layer", err);
	return failed < 0 ? failed : walk_down(&walk, diff_ids, err);
}
