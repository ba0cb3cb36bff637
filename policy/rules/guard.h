/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * guard - the hook by which garita guards a container's network, as the judge
 * puts it into a config and finds it there (network.c).
 */
#ifndef GARITA_RULES_GUARD_H
#define GARITA_RULES_GUARD_H

#include "garita/rule.h"

/* Is this our program? Then whether it is called as the policy asks is for
 * the network rules to say, if any guard is asked for. */
bool garita_guard_is_ours(const struct garita_case *of,
			  const struct garita_hook *hook);
bool garita_guard_is_asked(const struct garita_case *of);

#endif
