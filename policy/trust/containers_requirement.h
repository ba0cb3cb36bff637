/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containers_requirement - one requirement of containers-policy.json(5), read
 * as strictly as its own readers do: exactly the members of its type, exactly
 * one source of keys.
 */
#ifndef GARITA_POLICY_TRUST_CONTAINERS_REQUIREMENT_H
#define GARITA_POLICY_TRUST_CONTAINERS_REQUIREMENT_H

#include "garita/json.h"
#include "garita/trust.h"

/* Adds it to `ret`; `pointer` is where it stands. -EINVAL with the place. */
int garita_containers_requirement(struct garita_json_doc *doc,
				  const struct garita_json *node,
				  const char *pointer,
				  struct garita_requirements *ret,
				  struct garita_error *err);

#endif
