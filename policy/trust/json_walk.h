/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * json_walk - where a reader of somebody's policy file stands, so that a
 * complaint names the place.
 */
#ifndef GARITA_POLICY_TRUST_JSON_WALK_H
#define GARITA_POLICY_TRUST_JSON_WALK_H

#include "garita/json.h"

struct garita_walk {
	struct garita_json_doc *doc;
	struct garita_error *err;
	struct garita_text at; /* JSON pointer of the value in hand */
};

/* Complains about the value in hand; returns -EINVAL. */
int garita_walk_wrong(struct garita_walk *walk, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Steps into a member or an item; garita_walk_out() takes what they return. */
size_t garita_walk_in(struct garita_walk *walk, const char *key);
size_t garita_walk_to(struct garita_walk *walk, size_t index);
void garita_walk_out(struct garita_walk *walk, size_t before);

#endif
