/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sources - where on the host a bind mount's source is, and whose that is.
 */
#ifndef GARITA_RULES_SOURCES_H
#define GARITA_RULES_SOURCES_H

#include <stdbool.h>

#include "garita/policy.h"
#include "garita/rule.h"
#include "policy/rules/shapes.h"

/* The source of one of the config's bind mounts, as the kernel will find it.
 * Borrowed until the config is read anew. NULL: no source, or no bind mount. */
const char *garita_source_real(const struct garita_case *of,
			       const struct garita_mount *mount);
/* What an engine keeps there. */
struct garita_shape garita_source_shape(const struct garita_case *of,
					const struct garita_mount *mount);
/* Can nothing of it be written to? With "rbind" the option "ro" is about the
 * first mount, and the kernel's files are mounts in mounts. */
bool garita_source_read_only(const struct garita_mount *mount,
			     const char *path);
/* Is the path, a source, on an allow list? An entry is a path pattern (path.h),
 * with ":ro" when only read-only mounts are meant. */
bool garita_source_allowed(const struct garita_setting *setting,
			   const struct garita_mount *mount, const char *path);
/* The same of the mount's destination. */
bool garita_destination_allowed(const struct garita_setting *setting,
				const struct garita_mount *mount);
/* Pod Security's baseline denies host paths only where writable ones would do
 * harm: the profile tolerates reading, unless the operator set the rule, and
 * where "ro" stops nobody: sockets answer, and devices are written to. */
bool garita_source_tolerated(const struct garita_case *of,
			     const struct garita_setting *setting,
			     const struct garita_mount *mount,
			     const char *path);
/* The directory of the host itself that `path` is, lies in, or contains;
 * NULL: none. */
const char *garita_source_sensitive(const char *path);
/* In such a directory, but what the engine put there for containers, or
 * nothing that could do harm as it is mounted. */
bool garita_source_harmless(const struct garita_case *of,
			    const struct garita_mount *mount);

#endif
