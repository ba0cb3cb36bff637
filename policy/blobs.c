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

static bool has_room(const struct garita_blobs *bag, size_t len)
{
	return len <= GARITA_BLOB_MAX && bag->count < GARITA_BLOBS_MAX &&
	       len <= GARITA_BLOBS_BYTES - bag->total;
}

static void put(struct garita_blobs *bag, struct garita_blob blob)
{
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
		      const char *bytes, size_t len)
{
	if (!has_room(bag, len))
		return -E2BIG;
	put(bag, (struct garita_blob){ .name = garita_xstrdup(name),
				       .bytes = (char *)bytes,
				       .len = len,
				       .lent = true });
	return 0;
}

const struct garita_blob *garita_blobs_find(const struct garita_blobs *bag,
					    const char *digest)
{
	char found[GARITA_DIGEST_SIZE];

	for (size_t i = 0; i < bag->count; i++) {
		garita_sha256_digest(bag->all[i].bytes, bag->all[i].len, found);
		if (strcmp(found, digest) == 0)
			return &bag->all[i];
	}
	return NULL;
}

bool garita_blob_has(const struct garita_blob *blob, const char *word)
{
	return memmem(blob->bytes, blob->len, word, strlen(word)) != NULL;
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
