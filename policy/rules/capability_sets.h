/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * capability_sets - the five sets of a config for the rules that look at
 * them. A capability in any of them can come back (capabilities(7)), so rules
 * look at the union and repairs drop from all five.
 */
#ifndef GARITA_RULES_CAPABILITY_SETS_H
#define GARITA_RULES_CAPABILITY_SETS_H

#include "garita/rule.h"

/* In at least one of the sets. */
garita_caps garita_caps_anywhere(const struct garita_spec *spec);
/* `base` and what the operator allows for the rule. */
garita_caps garita_caps_allowed(const struct garita_case *of, garita_caps base);

/* Repairs: drops from one set, or from all, what is not in `keep`; names that
 * no table knows stay where `unknown` says so, and in all sets. */
void garita_caps_keep_in(struct garita_json_doc *doc, size_t set,
			 garita_caps keep, bool unknown);
int garita_caps_keep(struct garita_json_doc *doc, garita_caps keep);

/* Those that alone are a way to the host (dangerous.c). */
garita_caps garita_caps_dangerous(void);

#endif
