/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sharing - is a namespace of the container the host's? (namespaces.c)
 */
#ifndef GARITA_RULES_SHARING_H
#define GARITA_RULES_SHARING_H

#include "garita/rule.h"

enum garita_sharing {
	GARITA_SHARES_NOTHING, /* its own, or another container's */
	GARITA_SHARES_ABSENT,  /* not listed: the host's */
	GARITA_SHARES_HOST,    /* joined by a path, and the host's */
	GARITA_SHARES_UNKNOWN, /* a path of which nothing can be told */
};

enum garita_sharing garita_sharing_of(const struct garita_case *of,
				      enum garita_namespace_type type);

#endif
