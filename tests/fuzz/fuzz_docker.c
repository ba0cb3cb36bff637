/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A data root of docker's with anything in it: the answer is an image whose
 * config is there with the digest that is told, or words why none can be told;
 * and it is the same twice. The mount is a, below /var/lib/docker.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/text.h"
#include "hook/store/docker.h"
#include "hook/store/store.h"
#include "tests/fuzz/sysroot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_image(const struct garita_image *image)
{
	must(image->sure != GARITA_IMAGE_VERIFIED && image->why_not[0] != '\0');
	must(image->manifest[0] == '\0' && image->index[0] == '\0');
	if (image->sure == GARITA_IMAGE_UNKNOWN)
		must(image->config[0] == '\0' && image->name_count == 0 &&
		     image->repo_digest_count == 0);
}

/* `id` and `bundle`: those of the container that is started, or NULL. */
static void identify(const char *sysroot, const char *id, const char *bundle,
		     struct garita_text *words)
{
	char root_path[128], mount[65];
	auto_trail trail = { 0 };
	auto_image image = { 0 };
	const struct garita_store_query query = {
		.sysroot = sysroot,
		.root_path = root_path,
		.bundle = bundle,
		.id = id,
		.trail = &trail,
	};

	snprintf(root_path, sizeof(root_path),
		 "/var/lib/docker/overlay2/%s/merged", fuzz_id('a', mount));
	garita_store_identify(&query, &image);
	check_image(&image);
	if (image.sure == GARITA_IMAGE_CONFIG) {
		must(!image.imageless && fuzz_sysroot_has(image.config));
		must(id == NULL || strcmp(image.container, id) == 0);
	}
	for (size_t i = 0; i < trail.layer_count; i++)
		must(garita_digest_well_formed(trail.layers[i].diff_id));
	garita_text_printf(words, "%s %s %zu %zu %s",
			   image.store ? image.store : "-", image.config,
			   image.name_count, image.repo_digest_count,
			   image.why_not);
}

/* An image that no container runs, by its name. */
static void look_up(const char *sysroot)
{
	struct garita_error err = { 0 };
	auto_image image = { 0 };
	int failed = garita_docker_image(sysroot, "app", &image, &err);

	must(failed == 0 || failed == -ENOENT || err.text[0] != '\0');
	if (failed == 0)
		must(garita_digest_well_formed(image.config) &&
		     image.sure == GARITA_IMAGE_CONFIG);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *sysroot = fuzz_sysroot(data, size);
	auto_text words = { 0 }, again = { 0 }, bundle = { 0 };
	char container[65];

	identify(sysroot, NULL, NULL, &words);
	identify(sysroot, NULL, NULL, &again);
	must(strcmp(words.data, again.data) == 0);
	fuzz_id('c', container);
	garita_text_printf(&bundle, "/run/%s", container);
	identify(sysroot, container, bundle.data, &again);
	look_up(sysroot);
	return 0;
}
