/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * repositories - what docker calls an image, from its repositories.json.
 *
 *	{"Repositories":{"<repository>":{"<repository>:<tag>":"<image id>",
 *	"<repository>@<digest>":"<image id>", ...}, ...}}
 *
 * A host with thousands of images has a file of that many entries, read at
 * every start, and of those a handful matters. So it is not made a tree of: it
 * is gone through once, quote by quote, and as strictly as one can be about a
 * file of this one shape. Nothing in it needs an escape, so a backslash is
 * refused and each string ends at the next quote. Keys must come in bytewise
 * order, as docker writes them: so none is there twice, and which of two
 * entries counts is never a question. Pure text.
 */
#ifndef GARITA_HOOK_STORE_REPOSITORIES_H
#define GARITA_HOOK_STORE_REPOSITORIES_H

#include <stddef.h>

#include "garita/error.h"
#include "garita/image.h"

/* Adds what names the image with the config digest `id`: tags to ret->names,
 * digests to ret->repo_digests. -EINVAL for any other shape of text. */
int garita_repositories_find(const char *text, size_t len, const char *id,
			     struct garita_image *ret,
			     struct garita_error *err);

#endif
