/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_insert - adds items to an array of a policy's text, and leaves all
 * else of it, comments too, as it is.
 */
#ifndef GARITA_HOOK_CLI_POLICY_INSERT_H
#define GARITA_HOOK_CLI_POLICY_INSERT_H

#include "garita/error.h"
#include "garita/text.h"

/* `items` are printed values, commas between them and each line indented by
 * four. They go behind those of the root's array `key`, which is made last in
 * the root when it is not there. The text must be one that was read as a
 * policy. */
int garita_policy_insert(const char *text, size_t len, const char *key,
			 const struct garita_text *items,
			 struct garita_text *ret, struct garita_error *err);

#endif
