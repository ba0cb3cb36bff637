/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reference - image names as the distribution grammar has them.
 *
 *	[domain/]path[:tag][@digest]
 *
 * "busybox" is docker.io/library/busybox; the first component is a domain
 * when it has a dot or a colon, is "localhost" or has an upper case letter
 * (distribution/reference, normalised names). No default tag is added: whether
 * a name without one means :latest is the asker's business. Pure text.
 */
#ifndef GARITA_REFERENCE_H
#define GARITA_REFERENCE_H

#include <stddef.h>

#include "garita/error.h"
#include "garita/image.h"

enum {
	GARITA_REPOSITORY_MAX = 255, /* domain and path, as distribution has */
	GARITA_TAG_MAX = 128,
};

/* Normalised; all in place. */
struct garita_reference {
	char repository[GARITA_REPOSITORY_MAX + 1]; /* domain/path */
	size_t domain_len;                          /* of repository */
	char tag[GARITA_TAG_MAX + 1];               /* "" when there is none */
	char digest[GARITA_DIGEST_SIZE];            /* sha256 only; or "" */
};

/* -EINVAL with the reason for everything the grammar has not: upper case in
 * the path, an empty component, a digest of another algorithm or length, a
 * name of 64 hex digits (an id), bytes after the end. */
int garita_reference_parse(const char *text, struct garita_reference *ret,
			   struct garita_error *err);

/* The same as an engine pulls it: ":latest" where there is neither tag nor
 * digest, and no tag beside a digest, which alone decides. */
int garita_reference_pulled(const char *text, struct garita_reference *ret,
			    struct garita_error *err);

/* repository[:tag][@digest] */
enum {
	GARITA_REFERENCE_SIZE = GARITA_REPOSITORY_MAX + 1 + GARITA_TAG_MAX + 1 +
				GARITA_DIGEST_SIZE
};
const char *garita_reference_words(const struct garita_reference *reference,
				   char ret[GARITA_REFERENCE_SIZE]);

#endif
