/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rules - the registry: every family's table in one order.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/memory.h"
#include "policy/nearest.h"

static const struct garita_rule *const families[] = {
	garita_rules_privileged,     garita_rules_user,
	garita_rules_user_namespace, garita_rules_dangerous,
	garita_rules_capabilities,   garita_rules_seccomp,
	garita_rules_seccomp_flags,  garita_rules_namespaces,
	garita_rules_mounts,         garita_rules_joined,
	garita_rules_mount_form,     garita_rules_mount_target,
	garita_rules_volumes,        garita_rules_rootfs,
	garita_rules_upper,          garita_rules_cgroups,
	garita_rules_paths,          garita_rules_devices,
	garita_rules_process,        garita_rules_programs,
	garita_rules_environment,    garita_rules_lsm,
	garita_rules_sysctls,        garita_rules_resources,
	garita_rules_limits,         garita_rules_places,
	garita_rules_network,        garita_rules_hooks,
	garita_rules_annotations,    garita_rules_schema,
	garita_rules_image,          garita_rules_signatures,
	garita_rules_attestations,   garita_rules_exec,
	garita_rules_update,         garita_rules_host_facts,
	garita_rules_host_kernel,    garita_rules_host_advisories,
	garita_rules_host_modules,   garita_rules_host_hardening,
	garita_rules_host_storage,   garita_rules_host_engines,
	garita_rules_host_access,
};

size_t garita_rule_count(void)
{
	size_t count = 0;

	for (size_t f = 0; f < GARITA_COUNT(families); f++)
		for (const struct garita_rule *r = families[f]; r->id; r++)
			count++;
	return count;
}

const struct garita_rule *garita_rule_at(size_t i)
{
	for (size_t f = 0; f < GARITA_COUNT(families); f++)
		for (const struct garita_rule *r = families[f]; r->id; r++)
			if (i-- == 0)
				return r;
	return NULL;
}

bool garita_rule_next(struct garita_rule_walk *walk)
{
	const struct garita_rule *next = walk->rule ? walk->rule + 1 : NULL;

	/* No family is empty. */
	if (next == NULL || next->id == NULL) {
		if (walk->families == GARITA_COUNT(families))
			return false;
		next = families[walk->families++];
	}
	walk->i += walk->rule != NULL;
	walk->rule = next;
	return true;
}

int garita_rule_find(const char *id)
{
	int i = 0;

	for (size_t f = 0; f < GARITA_COUNT(families); f++)
		for (const struct garita_rule *r = families[f]; r->id; r++, i++)
			if (*r->id == *id && strcmp(r->id, id) == 0)
				return i;
	return -1;
}

const char *garita_rule_nearest(const char *id)
{
	struct garita_nearest best = garita_nearest_to(id);

	for (size_t f = 0; f < GARITA_COUNT(families); f++)
		for (const struct garita_rule *r = families[f]; r->id; r++)
			garita_nearest_try(&best, r->id);
	return best.word;
}
