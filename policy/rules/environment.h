/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * environment - what environment.c asks environment_secrets.c, and the other
 * way.
 */
#ifndef GARITA_RULES_ENVIRONMENT_H
#define GARITA_RULES_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>

/* Is it the variable of this name? */
bool garita_env_is(const char *entry, const char *name);

/* Does the variable make programs load code that is not theirs, or may it, as
 * an entry that is no variable? */
bool garita_env_loads(const char *entry);

/* What secret an entry of `len` bytes holds, in words ("an AWS access key"), or
 * NULL. */
const char *garita_env_secret(const char *entry, size_t len);

#endif
