/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * identity - may a signature that names S speak for an image that is called I?
 *
 * The six forms of containers-policy.json(5) "signedIdentity" and two of our
 * own. Everything is compared after normalisation and nothing is added to S:
 * a signature that names no tag does not speak for one.
 */
#ifndef GARITA_POLICY_TRUST_IDENTITY_H
#define GARITA_POLICY_TRUST_IDENTITY_H

#include <stdbool.h>

#include "garita/json.h"
#include "garita/reference.h"
#include "garita/trust.h"

/* Reads such an object; `pointer` is where it stands in `doc`. With `own`,
 * {"type": "any"} and {"type": "ifSigned"} too. -EINVAL with the place. */
int garita_identity_read(struct garita_json_doc *doc,
			 const struct garita_json *node, const char *pointer,
			 bool own, struct garita_identity *ret,
			 struct garita_error *err);
/* `image` is NULL when it has no name; `signed_name` when the signature has
 * none. What cannot be compared does not match. */
bool garita_identity_matches(const struct garita_identity *identity,
			     const struct garita_reference *image,
			     const char *signed_name);
/* "matchRepository", for messages. */
const char *garita_identity_words(enum garita_identity_kind kind);
void garita_identity_free(struct garita_identity *identity);

#endif
