/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_images - an image that no container has to run, by its name.
 *
 * A name counts in every namespace: Kubernetes' is k8s.io, docker's moby. Where
 * two of them give it to different images, nobody is asked which was meant.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/reference.h"
#include "garita/text.h"
#include "hook/store/containerd.h"
#include "hook/store/tree.h"

enum {
	NAME_MAX_BYTES = 4096,
	NAMES_MAX = 64,
	SHORT_ID = 12, /* digits of an id, as crictl shows it */
};

static const char *const roots[] = {
	"/var/lib/containerd",
	"/var/lib/docker/containerd/daemon",
	"/var/lib/rancher/k3s/agent/containerd",
	"/var/lib/rancher/rke2/agent/containerd",
	"/var/snap/microk8s/common/var/lib/containerd",
};

/* One name of one image. */
struct named {
	char *name;
	char target[GARITA_DIGEST_SIZE];
};

struct hunt {
	struct garita_bolt *bolt;
	const char *word;
	bool has_reference;
	char reference[GARITA_REFERENCE_SIZE]; /* the word's, as it is pulled */
	/* What was found: where the word leads, and then all that leads there.
	 */
	char target[GARITA_DIGEST_SIZE];
	bool several;
	struct named *names;
	size_t count;
};

static void forget(struct hunt *hunt)
{
	for (size_t i = 0; i < hunt->count; i++)
		free(hunt->names[i].name);
	free(hunt->names);
	hunt->names = NULL;
	hunt->count = 0;
	hunt->target[0] = '\0';
	hunt->several = false;
}

/* The CRI service also calls an image by the digest of its config. */
static bool is_called(const struct hunt *hunt, const char *name)
{
	char words[GARITA_REFERENCE_SIZE];
	struct garita_reference reference;

	if (strcmp(name, hunt->word) == 0)
		return true;
	if (garita_digest_well_formed(name))
		return strlen(hunt->word) >= SHORT_ID &&
		       garita_starts_with(name + strlen("sha256:"), hunt->word);
	return hunt->has_reference &&
	       garita_reference_pulled(name, &reference, NULL) == 0 &&
	       strcmp(garita_reference_words(&reference, words),
		      hunt->reference) == 0;
}

static int see_image(const struct garita_bolt_bytes *key,
		     const struct garita_bolt_bytes *value,
		     const struct garita_bolt_bucket *bucket, void *data,
		     struct garita_error *err)
{
	struct hunt *hunt = data;
	auto_free char *name = NULL;
	char target[GARITA_DIGEST_SIZE];

	(void)value;
	(void)err;
	if (bucket == NULL || key->len == 0 || key->len > NAME_MAX_BYTES ||
	    memchr(key->data, '\0', key->len) != NULL)
		return 0;
	garita_ctd_target(hunt->bolt, bucket, target);
	if (target[0] == '\0')
		return 0;
	name = garita_xstrndup(key->data, key->len);
	if (is_called(hunt, name)) {
		hunt->several |= hunt->target[0] != '\0' &&
				 strcmp(hunt->target, target) != 0;
		memcpy(hunt->target, target, sizeof(hunt->target));
	}
	hunt->names = garita_xresize(hunt->names, hunt->count + 1,
				     sizeof(*hunt->names));
	hunt->names[hunt->count].name = garita_take_ptr(&name);
	memcpy(hunt->names[hunt->count++].target, target, sizeof(target));
	return 0;
}

static int see_namespace(const struct garita_bolt_bytes *key,
			 const struct garita_bolt_bytes *value,
			 const struct garita_bolt_bucket *bucket, void *data,
			 struct garita_error *err)
{
	struct hunt *hunt = data;
	struct garita_bolt_bucket images;
	int failed;

	(void)key;
	(void)value;
	if (bucket == NULL)
		return 0;
	failed =
		garita_bolt_bucket(hunt->bolt, bucket, "images", &images, NULL);
	if (failed == -ENOENT)
		return 0;
	if (failed < 0)
		return garita_fail(err, -failed,
				   "the images of a namespace cannot be read");
	return garita_bolt_each(hunt->bolt, &images, see_image, hunt, err);
}

static int read_names(struct garita_bolt *bolt, void *data,
		      struct garita_error *err)
{
	static const char *const path[] = { "v1", NULL };
	struct hunt *hunt = data;
	struct garita_bolt_bucket all;
	int failed;

	forget(hunt);
	hunt->bolt = bolt;
	failed = garita_ctd_enter(bolt, path, &all, err);
	if (failed < 0)
		return failed == -ENOENT ? 0 : failed;
	return garita_bolt_each(bolt, &all, see_namespace, hunt, err);
}

static void add_name(char ***names, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp((*names)[i], name) == 0)
			return;
	if (*count == NAMES_MAX)
		return;
	*names = garita_xresize(*names, *count + 1, sizeof(**names));
	(*names)[(*count)++] = garita_xstrdup(name);
}

static void take_names(const struct hunt *hunt, struct garita_image *ret)
{
	for (size_t i = 0; i < hunt->count; i++) {
		const char *name = hunt->names[i].name;
		const char *at = strchr(name, '@');

		if (strcmp(hunt->names[i].target, hunt->target) != 0 ||
		    garita_digest_well_formed(name))
			continue;
		if (at != NULL && strcmp(at + 1, hunt->target) == 0)
			add_name(&ret->repo_digests, &ret->repo_digest_count,
				 name);
		else
			add_name(&ret->names, &ret->name_count, name);
	}
}

/* -ENOENT is that no image is called so, and nothing else. */
static int take_image(int root, const struct hunt *hunt,
		      struct garita_image *ret, struct garita_error *err)
{
	const struct garita_ctd_wanted wanted = { .target = hunt->target };
	auto_fd int blobs = -1;
	int failed;

	if (hunt->several)
		return garita_fail(err, EEXIST,
				   "containerd has several images called %s: "
				   "give the digest, or all of the name",
				   hunt->word);
	blobs = garita_tree_dir(root, GARITA_CTD_BLOBS, err);
	failed = blobs < 0 ? blobs
			   : garita_ctd_find_image(blobs, &wanted, true, ret,
						   err);
	if (failed < 0)
		return failed == -ENOENT ? -ESTALE : failed;
	take_names(hunt, ret);
	ret->store = "containerd";
	ret->sure = GARITA_IMAGE_VERIFIED;
	return 0;
}

static int look_in(int sysroot, const char *path, struct hunt *hunt,
		   struct garita_image *ret, struct garita_error *err)
{
	auto_fd int root =
		garita_tree_resolve(sysroot, path, O_PATH | O_DIRECTORY);
	int failed;

	if (root == -ENOENT || root == -ENOTDIR)
		return -ENOENT;
	if (root < 0)
		return garita_fail(err, -root, "cannot open %s: %s", path,
				   strerror(-root));
	failed = garita_ctd_database(root, GARITA_CTD_META, read_names, hunt,
				     err);
	if (failed == 0)
		failed = hunt->target[0] == '\0'
				 ? -ENOENT
				 : take_image(root, hunt, ret, err);
	return failed;
}

int garita_ctd_image(const char *sysroot, const char *word,
		     struct garita_image *ret, struct garita_error *err)
{
	auto_fd int at = garita_tree_sysroot(sysroot);
	struct hunt hunt = { .word = word };
	struct garita_reference reference;
	int failed = -ENOENT;

	hunt.has_reference =
		garita_reference_pulled(word, &reference, NULL) == 0;
	if (hunt.has_reference)
		garita_reference_words(&reference, hunt.reference);
	for (size_t i = 0; i < GARITA_COUNT(roots) && failed == -ENOENT; i++)
		failed = look_in(at, roots[i], &hunt, ret, err);
	forget(&hunt);
	return failed;
}
