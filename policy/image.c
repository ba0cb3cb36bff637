/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * image - which image a bundle's root file system really is; here only how
 * such an answer ends.
 */
#include "garita/image.h"

#include <stdlib.h>

void garita_image_free(struct garita_image *image)
{
	if (image == NULL)
		return;
	for (size_t i = 0; i < image->name_count; i++)
		free(image->names[i]);
	free(image->names);
	for (size_t i = 0; i < image->repo_digest_count; i++)
		free(image->repo_digests[i]);
	free(image->repo_digests);
	free(image->reference);
	garita_blobs_free(&image->material);
	free(image->container);
	*image = (struct garita_image){ .sure = GARITA_IMAGE_UNKNOWN };
}
