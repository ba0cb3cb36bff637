/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A store of podman's with anything in it: whatever lies where, the answer is
 * an image whose manifest and config are there with the digests that are told,
 * or words why none can be told; and it is the same twice. The store is /s, its
 * container is mounted by layer a.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"
#include "garita/text.h"
#include "hook/store/containers_storage.h"
#include "tests/fuzz/sysroot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_material(const struct garita_blobs *material)
{
	for (size_t i = 0; i < material->count; i++) {
		const struct garita_blob *blob = &material->all[i];
		char digest[GARITA_DIGEST_SIZE];

		garita_sha256_digest(blob->bytes, blob->len, digest);
		if (!garita_starts_with(blob->name, "signature "))
			must(strcmp(blob->name, digest) == 0);
	}
}

static void check_image(const struct garita_image *image)
{
	must((image->sure == GARITA_IMAGE_VERIFIED) ==
	     (image->why_not[0] == '\0'));
	must(image->sure != GARITA_IMAGE_CONFIG);
	if (image->sure == GARITA_IMAGE_UNKNOWN) {
		must(image->manifest[0] == '\0' && image->index[0] == '\0' &&
		     image->config[0] == '\0');
		return;
	}
	must(!image->imageless);
	must(fuzz_sysroot_has(image->manifest));
	must(fuzz_sysroot_has(image->config));
	must(image->index[0] == '\0' || fuzz_sysroot_has(image->index));
	check_material(&image->material);
}

static void check_trail(const struct garita_trail *trail)
{
	for (size_t i = 0; i < trail->layer_count; i++)
		must(garita_digest_well_formed(trail->layers[i].diff_id) &&
		     trail->layers[i].diff[0] == '/' &&
		     trail->layers[i].split[0] == '/');
}

/* `id`: the container that is started, or NULL. */
static void identify(const char *sysroot, const char *id,
		     struct garita_text *words)
{
	char root_path[128], layer[65];
	auto_trail trail = { 0 };
	auto_image image = { 0 };
	const struct garita_store_query query = {
		.sysroot = sysroot,
		.root_path = root_path,
		.id = id,
		.want_material = true,
		.trail = &trail,
	};

	snprintf(root_path, sizeof(root_path), "/s/overlay/%s/merged",
		 fuzz_id('a', layer));
	garita_store_identify(&query, &image);
	check_image(&image);
	check_trail(&trail);
	if (id != NULL && image.sure == GARITA_IMAGE_VERIFIED)
		must(strcmp(image.container, id) == 0);
	garita_text_printf(words, "%s %s %s %zu %zu %s",
			   image.store ? image.store : "-", image.manifest,
			   image.index, image.name_count, image.material.count,
			   image.why_not);
}

/* An image that no container runs, by its name. */
static void look_up(const char *sysroot)
{
	struct garita_error err = { 0 };
	auto_image image = { 0 };
	auto_trail trail = { 0 };
	auto_free char *id = NULL;

	if (garita_cs_image(sysroot, "/s", "app", &image, &err) == 0)
		check_image(&image);
	else
		must(err.text[0] != '\0');
	err = (struct garita_error){ 0 };
	if (garita_cs_image_layers(sysroot, "/s", "app", &trail, &id, &err) ==
	    0)
		must(garita_store_is_id(id));
	else
		must(err.text[0] != '\0');
	check_trail(&trail);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *sysroot = fuzz_sysroot(data, size);
	auto_text words = { 0 }, again = { 0 };
	char container[65];

	identify(sysroot, NULL, &words);
	identify(sysroot, NULL, &again);
	must(strcmp(words.data, again.data) == 0);
	identify(sysroot, fuzz_id('c', container), &again);
	look_up(sysroot);
	return 0;
}
