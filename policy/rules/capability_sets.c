/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * capability_sets - see the header.
 */
#include "policy/rules/capability_sets.h"

#include "garita/policy.h"

garita_caps garita_caps_allowed(const struct garita_case *of, garita_caps base)
{
	for (size_t i = 0; i < of->setting->allow_count; i++) {
		int number = garita_cap_number(of->setting->allow[i]);

		if (number >= 0)
			base |= GARITA_CAP((unsigned)number);
	}
	return base;
}

garita_caps garita_caps_anywhere(const struct garita_spec *spec)
{
	garita_caps all = 0;

	for (size_t set = 0; set < GARITA_CAPS_SETS; set++)
		all |= spec->caps[set];
	return all;
}

static struct garita_json *set_node(struct garita_json_doc *doc, size_t set)
{
	struct garita_json *caps =
		garita_json_at(garita_json_root(doc), "/process/capabilities");

	return garita_json_get(caps,
			       garita_cap_set_name((enum garita_cap_set)set));
}

/* Which names may stay in a set. */
struct keep {
	garita_caps known;
	bool unknown;
};

static bool may_stay(const char *key, const struct garita_json *name,
		     const void *data)
{
	const struct keep *keep = data;
	int number = garita_cap_number(garita_json_string(name));

	(void)key;
	return number < 0 ? keep->unknown
			  : keep->known & GARITA_CAP((unsigned)number);
}

void garita_caps_keep_in(struct garita_json_doc *doc, size_t set,
			 garita_caps known, bool unknown)
{
	const struct keep keep = { known, unknown };

	garita_json_filter(doc, set_node(doc, set), may_stay, &keep);
}

int garita_caps_keep(struct garita_json_doc *doc, garita_caps keep)
{
	for (size_t set = 0; set < GARITA_CAPS_SETS; set++)
		garita_caps_keep_in(doc, set, keep, true);
	return 0;
}
