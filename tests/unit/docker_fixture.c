/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker_fixture - a docker data root built for a test. It has what dockerd
 * writes, file by file, with layers that have no files: nothing here looks
 * inside one.
 */
#include "tests/unit/docker_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "garita/text.h"
#include "hook/store/store.h"

/* A file of one word, below a directory that is made for it. */
static void put(const struct docker_fixture *docker, const char *dir,
		const char *name, const char *word)
{
	auto_free char *at = docker_expand(docker, dir);
	auto_free char *text = docker_expand(docker, word);
	char path[3 * PATH];

	store_make_dirs(&docker->fx, at);
	snprintf(path, sizeof(path), "%s/%s", at, name);
	store_write_file(&docker->fx, path, text);
}

static void link_directory(const struct docker_fixture *docker, size_t number,
			   const char *directory)
{
	char target[PATH], path[2 * PATH];

	snprintf(path, sizeof(path), DATA "/overlay2/%s/diff", directory);
	store_make_dirs(&docker->fx, path);
	snprintf(target, sizeof(target), "../%s/diff", directory);
	snprintf(path, sizeof(path),
		 "%s" DATA "/overlay2/l/GARITATESTLINKNUMBER%06zu",
		 docker->fx.dir, number);
	assert_int_equal(symlink(target, path), 0);
}

/* The layer `i` of the store, on top of the one before it unless it is the
 * first of its image. */
static void write_layer(struct docker_fixture *docker, size_t i, bool first)
{
	char diff[ID], text[2 * GARITA_DIGEST_SIZE + 16], dir[PATH], cache[ID];

	store_make_id("diff", i, diff);
	store_make_id("layer", i, cache);
	if (first) {
		snprintf(docker->chains[i], GARITA_DIGEST_SIZE, "sha256:%s",
			 diff);
	} else {
		snprintf(text, sizeof(text), "%s sha256:%s",
			 docker->chains[i - 1], diff);
		garita_sha256_digest(text, strlen(text), docker->chains[i]);
	}
	snprintf(dir, sizeof(dir), LAYERDB "/sha256/%s",
		 docker->chains[i] + strlen("sha256:"));
	snprintf(text, sizeof(text), "sha256:%s", diff);
	put(docker, dir, "diff", text);
	put(docker, dir, "cache-id", cache);
	if (!first)
		put(docker, dir, "parent", docker->chains[i - 1]);
	link_directory(docker, i, cache);
}

static void write_container(const struct docker_fixture *docker)
{
	auto_text lower = { 0 };
	char init[ID + 8];

	snprintf(init, sizeof(init), "%s-init", docker->fx.layer);
	link_directory(docker, 999999, init);
	link_directory(docker, 999998, docker->fx.layer);
	garita_text_puts(&lower, "l/GARITATESTLINKNUMBER999999");
	for (size_t i = docker->layers; i > 0; i--)
		garita_text_printf(&lower, ":l/GARITATESTLINKNUMBER%06zu",
				   i - 1);
	put(docker, OVER, "lower", lower.data);
	put(docker, OVER "/merged", ".keep", "");
	put(docker, MOUNT, "mount-id", "{L}");
	put(docker, MOUNT, "init-id", "{L}-init");
	put(docker, MOUNT, "parent", "sha256:{top}");
	put(docker, DATA "/containers/{C}", "config.v2.json",
	    "{\"StreamConfig\":{},\"State\":{\"Pid\":0},\"ID\":\"{C}\","
	    "\"Args\":"
	    "[\"Image\"],\"Config\":{\"Image\":\"app\",\"Labels\":{\"Image\":"
	    "\"sha256:{J}\"}},\"Image\":\"sha256:{I}\",\"Name\":\"/c1\"}");
}

static void write_images(const struct docker_fixture *docker)
{
	for (size_t i = 0; i < IMAGES; i++)
		put(docker, CONTENT, docker->fx.images[i].id,
		    docker->fx.images[i].config);
	put(docker, DATA "/image/overlay2", "repositories.json",
	    "{\"Repositories\":{\"app\":{\"app:v1\":\"sha256:{I}\","
	    "\"app@{D}\":\"sha256:{I}\"},\"other\":{\"other:v1\":\"sha256:{K}"
	    "\"},\"twin\":{\"twin:v1\":\"sha256:{J}\"}}}");
}

static void write_mountinfo(const struct docker_fixture *docker)
{
	put(docker, "/proc/self", "mountinfo",
	    "22 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
	    "68 57 0:42 / " OVER "/merged rw,relatime shared:3 - overlay "
	    "overlay rw,lowerdir=l/X:l/Y,upperdir=" OVER "/diff,workdir=" OVER
	    "/work\n");
}

void docker_start(struct docker_fixture *docker, size_t layers)
{
	struct store_fixture *fx = &docker->fx;

	*docker = (struct docker_fixture){ .layers = layers };
	docker->chains =
		garita_xcalloc(layers + LAYERS, sizeof(*docker->chains));
	temporary_make("docker", fx->dir);
	store_make_id("mount", 0, fx->layer);
	store_make_id("container", 0, fx->container);
	snprintf(fx->root_path, sizeof(fx->root_path),
		 DATA "/overlay2/%s/merged", fx->layer);
	store_make_image(&fx->images[APP], "app", 0, layers);
	store_make_image(&fx->images[TWIN], "twin", 0, layers);
	store_make_image(&fx->images[OTHER], "other", layers, LAYERS);
	store_make_dirs(fx, DATA "/overlay2/l");
	store_make_dirs(fx, LAYERDB "/sha256");
	for (size_t i = 0; i < layers + LAYERS; i++)
		write_layer(docker, i, i == 0 || i == layers);
	write_container(docker);
	write_images(docker);
	write_mountinfo(docker);
}

void docker_end(struct docker_fixture *docker)
{
	free(docker->chains);
	store_end(&docker->fx);
}

char *docker_expand(const struct docker_fixture *docker, const char *text)
{
	static const char *const words[] = { "{top}", "{mid}", "{base}" };
	auto_text out = { 0 };

	garita_text_puts(&out, "");
	while (*text != '\0') {
		size_t i = 0;

		while (i < 3 && !garita_starts_with(text, words[i]))
			i++;
		if (i == 3) {
			garita_text_putc(&out, *text++);
			continue;
		}
		if (docker->layers > i)
			garita_text_puts(
				&out, docker->chains[docker->layers - 1 - i] +
					      strlen("sha256:"));
		text += strlen(words[i]);
	}
	return store_expand(&docker->fx, out.data);
}

void docker_change(const struct docker_fixture *docker, const char *path,
		   const char *old, const char *new)
{
	auto_free char *at = docker_expand(docker, path);
	auto_free char *from = docker_expand(docker, old);
	auto_free char *to = docker_expand(docker, new);

	store_change(&docker->fx, at, from, to);
}

void docker_expect_app(const struct docker_fixture *docker, const char *why)
{
	const struct store_fixture *fx = &docker->fx;
	char digest[GARITA_DIGEST_SIZE + 64];
	auto_image image = { 0 };

	store_ask(fx, &image);
	if (image.sure != GARITA_IMAGE_CONFIG)
		fail_msg("%s: not known: %s", why, image.why_not);
	assert_string_equal(image.store, "docker");
	assert_string_equal(image.config + strlen("sha256:"),
			    fx->images[APP].id);
	assert_string_equal(image.manifest, "");
	assert_string_equal(image.index, "");
	assert_int_equal(image.name_count, 1);
	assert_string_equal(image.names[0], "docker.io/library/app:v1");
	assert_int_equal(image.repo_digest_count, 1);
	snprintf(digest, sizeof(digest), "docker.io/library/app@%s",
		 fx->images[APP].digest);
	assert_string_equal(image.repo_digests[0], digest);
	assert_string_equal(image.reference, "app");
	assert_string_equal(image.container, fx->container);
	assert_non_null(strstr(image.why_not, "keeps no manifest"));
}

void docker_expect_unknown(const struct docker_fixture *docker, const char *why,
			   const char *words)
{
	auto_free char *wanted = docker_expand(docker, words);
	auto_image image = { 0 };

	store_ask(&docker->fx, &image);
	if (image.sure != GARITA_IMAGE_UNKNOWN)
		fail_msg("%s: believed", why);
	if (strstr(image.why_not, wanted) == NULL)
		fail_msg("%s: says \"%s\", not \"%s\"", why, image.why_not,
			 wanted);
	if (image.imageless != store_says_none(image.why_not))
		fail_msg("%s: of no image, and \"%s\"", why, image.why_not);
	assert_string_equal(image.manifest, "");
	assert_string_equal(image.config, "");
	assert_int_equal(image.name_count, 0);
	assert_int_equal(image.repo_digest_count, 0);
}
