/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * called - see the header.
 */
#include "policy/trust/called.h"

#include <string.h>

#include "garita/digests.h"
#include "garita/reference.h"

/* Does it say its registry, so that every engine reads it alike? */
static bool is_full(const char *reference)
{
	struct garita_reference parsed;
	const char *slash = strchr(reference, '/');

	/* What normalisation leaves as it is began with a domain. */
	return slash != NULL &&
	       garita_reference_parse(reference, &parsed, NULL) == 0 &&
	       parsed.domain_len == (size_t)(slash - reference) &&
	       strncmp(parsed.repository, reference, parsed.domain_len) == 0;
}

static bool same_name(const struct garita_reference *a, const char *name)
{
	struct garita_reference b;

	return garita_reference_pulled(name, &b, NULL) == 0 &&
	       strcmp(a->repository, b.repository) == 0 &&
	       strcmp(a->tag, b.tag) == 0 && strcmp(a->digest, b.digest) == 0;
}

static bool store_has(const struct garita_image *image)
{
	struct garita_reference made;

	/* An id; as a name it would be a tag of docker.io/library/sha256. */
	if (garita_digest_well_formed(image->reference) ||
	    garita_reference_pulled(image->reference, &made, NULL) < 0)
		return false;
	for (size_t i = 0; i < image->name_count; i++)
		if (same_name(&made, image->names[i]))
			return true;
	return false;
}

struct garita_called garita_called(const struct garita_image *image)
{
	if (image->reference != NULL &&
	    (is_full(image->reference) || store_has(image)))
		return (struct garita_called){ &image->reference, 1 };
	return (struct garita_called){ image->names, image->name_count };
}

const char *garita_called_words(const struct garita_image *image)
{
	struct garita_called called = garita_called(image);

	return called.count > 0 ? called.names[0] : "an image without a name";
}
