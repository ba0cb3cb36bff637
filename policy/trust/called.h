/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * called - by which names an image is judged.
 *
 * Rules about registries and signers ask for a name. The name by which this
 * container was made counts, alone, where it is a full one or is one of those
 * that the store has. Where there is none, or an id or a short name that an
 * engine may have read in its own way, all names of the store count, and each
 * has to pass: no choice among them makes a container better.
 */
#ifndef GARITA_POLICY_TRUST_CALLED_H
#define GARITA_POLICY_TRUST_CALLED_H

#include <stdbool.h>

#include "garita/image.h"

/* Borrowed from the image; may be empty. */
struct garita_called {
	char *const *names;
	size_t count;
};

struct garita_called garita_called(const struct garita_image *image);
/* For messages: the first name, or "an image without a name". */
const char *garita_called_words(const struct garita_image *image);

#endif
