/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blobs - a bag of byte strings; found again by what they hash to.
 */
#include "garita/blobs.h"

#include <errno.h>
#include <string.h>

#include "garita/image.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "policy/step.h"

static bool has_room(const struct garita_blobs *bag, size_t len)
{
	return len <= GARITA_BLOB_MAX && bag->count < GARITA_BLOBS_MAX &&
	       len <= GARITA_BLOBS_BYTES - bag->total;
}

static void put(struct garita_blobs *bag, struct garita_blob blob)
{
	if (!blob.lent)
		garita_sha256(blob.bytes, blob.len, blob.sha256);
	bag->all = garita_xresize(bag->all, bag->count + 1, sizeof(*bag->all));
	bag->all[bag->count++] = blob;
	bag->total += blob.len;
}

int garita_blobs_add(struct garita_blobs *bag, const char *name,
		     const void *bytes, size_t len)
{
	struct garita_blob blob = { .len = len };

	if (!has_room(bag, len))
		return -E2BIG;
	blob.name = garita_xstrdup(name);
	blob.bytes = garita_xalloc(len + 1);
	if (len > 0)
		memcpy(blob.bytes, bytes, len);
	put(bag, blob);
	return 0;
}

int garita_blobs_take(struct garita_blobs *bag, const char *name, char **bytes,
		      size_t len)
{
	if (!has_room(bag, len))
		return -E2BIG;
	put(bag, (struct garita_blob){ .name = garita_xstrdup(name),
				       .bytes = garita_take_ptr(bytes),
				       .len = len });
	return 0;
}

int garita_blobs_lend(struct garita_blobs *bag, const char *name,
		      const char *bytes, size_t len,
		      const unsigned char sha256[GARITA_SHA256_SIZE])
{
	struct garita_blob blob = {
		.bytes = (char *)bytes,
		.len = len,
		.lent = true,
	};

	if (!has_room(bag, len))
		return -E2BIG;
	blob.name = garita_xstrdup(name);
	memcpy(blob.sha256, sha256, sizeof(blob.sha256));
	put(bag, blob);
	return 0;
}

const struct garita_blob *garita_blobs_find(const struct garita_blobs *bag,
					    const char *digest)
{
	char found[GARITA_DIGEST_SIZE];

	for (size_t i = 0; i < bag->count; i++) {
		garita_sha256_words(bag->all[i].sha256, found);
		if (strcmp(found, digest) == 0)
			return &bag->all[i];
	}
	return NULL;
}

/* A scan is megabytes, and asked about several words: so where the first and
 * the last byte of one are, sixteen places at a time. */
bool garita_blob_has(const struct garita_blob *blob, const char *word)
{
	const char *at = blob->bytes, *end = at + blob->len;
	size_t len = strlen(word);
	garita_step first = { 0 }, last = { 0 };

	if (len < 2)
		return memmem(at, blob->len, word, len) != NULL;
	first += (signed char)word[0];
	last += (signed char)word[len - 1];
	while ((size_t)(end - at) >= len - 1 + GARITA_STEP) {
		size_t place = garita_step_first(
			(garita_step_at(at) == first) &
			(garita_step_at(at + len - 1) == last));

		if (place == GARITA_STEP) {
			at += GARITA_STEP;
			continue;
		}
		at += place;
		if (memcmp(at, word, len) == 0)
			return true;
		at++;
	}
	return memmem(at, (size_t)(end - at), word, len) != NULL;
}

bool garita_blobs_have(const struct garita_blobs *bag, const void *bytes,
		       size_t len)
{
	for (size_t i = 0; i < bag->count; i++)
		if (bag->all[i].len == len &&
		    memcmp(bag->all[i].bytes, bytes, len) == 0)
			return true;
	return false;
}

void garita_blobs_free(struct garita_blobs *bag)
{
	for (size_t i = 0; i < bag->count; i++) {
		free(bag->all[i].name);
		if (!bag->all[i].lent)
			free(bag->all[i].bytes);
	}
	free(bag->all);
	*bag = (struct garita_blobs){ 0 };
}
