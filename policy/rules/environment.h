/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * environment - process.env for the rules that look at it.
 */
#ifndef GARITA_RULES_ENVIRONMENT_H
#define GARITA_RULES_ENVIRONMENT_H

#include "garita/rule.h"
#include "garita/text.h"

/* The array, or NULL. */
const struct garita_json *garita_env_of(const struct garita_case *of);
/* "NAME=value" as it is there; "" when it is no string. */
const char *garita_env_entry(const struct garita_json *env, size_t i);
/* Is it the variable of this name? */
bool garita_env_is(const char *entry, const char *name);
/* Adds the pointer of an entry. */
void garita_env_pointer(size_t i, struct garita_text *ret);
/* Adds what a person may see of it: its name, or only which one it is, when
 * what stands for a name could be a secret. */
void garita_env_name(const char *entry, size_t i, struct garita_text *ret);

/* What secret an entry of `len` bytes holds, in words ("an AWS access key"), or
 * NULL. */
const char *garita_env_secret(const char *entry, size_t len);

#endif
