/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * subject - the digests that stand for the image, each with a reason to be
 * among them: the manifest that the store verified; a manifest among the
 * material that hashes to its digest and names the config that is running; of
 * a store that keeps no manifest, the digest under which the engine's own
 * record says it pulled the image; and, where the operator accepts it, the
 * index that the store verified, or one among the material that lists one of
 * those manifests.
 */
#include "policy/trust/subject.h"

#include <string.h>

#include "garita/manifest.h"
#include "garita/memory.h"
#include "garita/sha256.h"

static void add(struct garita_subject *subject, const char *digest,
		bool manifest, bool index)
{
	struct garita_stand_in *one;

	for (size_t i = 0; i < subject->count; i++) {
		one = &subject->all[i];
		if (strcmp(one->digest, digest) != 0)
			continue;
		one->manifest |= manifest;
		one->index &= index;
		return;
	}
	subject->all = garita_xresize(subject->all, subject->count + 1,
				      sizeof(*subject->all));
	one = &subject->all[subject->count++];
	*one = (struct garita_stand_in){ .manifest = manifest, .index = index };
	memcpy(one->digest, digest, sizeof(one->digest));
}

/* A manifest among the material that names the running config. */
static void add_manifests(struct garita_subject *subject,
			  const struct garita_image *image,
			  const struct garita_blobs *material)
{
	for (size_t i = 0; i < material->count && *image->config; i++) {
		const struct garita_blob *blob = &material->all[i];
		char config[GARITA_DIGEST_SIZE], digest[GARITA_DIGEST_SIZE];

		if (!garita_blob_has(blob, image->config) ||
		    garita_manifest_config(blob->bytes, blob->len, config,
					   NULL) < 0 ||
		    strcmp(config, image->config) != 0)
			continue;
		garita_sha256_words(blob->sha256, digest);
		add(subject, digest, true, false);
	}
}

static bool is_manifest(const char *digest, const void *data)
{
	const struct garita_subject *subject = data;

	for (size_t i = 0; i < subject->count; i++)
		if (subject->all[i].manifest &&
		    strcmp(subject->all[i].digest, digest) == 0)
			return true;
	return false;
}

static void add_indexes(struct garita_subject *subject,
			const struct garita_blobs *material)
{
	for (size_t i = 0; i < material->count; i++) {
		const struct garita_blob *blob = &material->all[i];
		char digest[GARITA_DIGEST_SIZE];

		/* Each is read once: strangers can bring many of both. */
		if (!garita_blob_has(blob, "\"manifests\"") ||
		    !garita_manifest_index_any(blob->bytes, blob->len,
					       is_manifest, subject))
			continue;
		garita_sha256_words(blob->sha256, digest);
		add(subject, digest, false, true);
	}
}

static void add_repo_digests(struct garita_subject *subject,
			     const struct garita_image *image)
{
	for (size_t i = 0; i < image->repo_digest_count; i++) {
		struct garita_reference pulled;

		if (garita_reference_parse(image->repo_digests[i], &pulled,
					   NULL) == 0 &&
		    *pulled.digest != '\0')
			add(subject, pulled.digest, false, false);
	}
}

void garita_subject_find(const struct garita_trust_case *of,
			 struct garita_subject *ret)
{
	const struct garita_image *image = of->image;

	if (image->sure == GARITA_IMAGE_VERIFIED)
		add(ret, image->manifest, true, false);
	add_manifests(ret, image, of->material);
	if (image->sure == GARITA_IMAGE_VERIFIED && *image->index != '\0')
		add(ret, image->index, false, true);
	add_indexes(ret, of->material);
	/* Where the store proves what was pulled, an index is known to be one,
	 * by whichever name it was asked for. */
	if (image->sure != GARITA_IMAGE_VERIFIED)
		add_repo_digests(ret, image);
	ret->has_name = image->reference != NULL &&
			garita_reference_pulled(image->reference, &ret->name,
						NULL) == 0;
}

bool garita_subject_is_of(const struct garita_subject *subject,
			  const struct garita_claim *claim, bool index)
{
	for (size_t i = 0; i < claim->digest_count; i++)
		for (size_t s = 0; s < subject->count; s++)
			if ((index || !subject->all[s].index) &&
			    strcmp(claim->digests[i], subject->all[s].digest) ==
				    0)
				return true;
	return false;
}

void garita_subject_free(struct garita_subject *subject)
{
	free(subject->all);
	*subject = (struct garita_subject){ 0 };
}
