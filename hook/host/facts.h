/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * facts - what is known of the machine: gathered, kept, and looked at again.
 */
#ifndef GARITA_HOOK_HOST_FACTS_H
#define GARITA_HOOK_HOST_FACTS_H

#include "garita/facts.h"
#include "garita/policy.h"

/* Below GARITA_STATE_DIR. */
#define GARITA_FACTS_DIRECTORY "host"
#define GARITA_FACTS_FILE      "facts.json"
/* What is known since garita was built, and what the operator adds. */
#define GARITA_ADVISORIES_SHIPPED GARITA_DATA_DIR "/advisories.json"
#define GARITA_ADVISORIES_OWN     GARITA_SYSCONF_DIR "/advisories.json"

/* For a start: what was kept, where it counts, and a new look at what is
 * cheap. Always answers; garita_facts_free() and free(3) end it. `sysroot`:
 * NULL or "" for this machine. */
struct garita_facts *garita_facts_observe(const char *sysroot, time_t now,
					  uint32_t max_age_h);

/* All of it, now. Programs are run, when this is the machine itself. `policy`
 * says which modules to look for, beside the usual ones. Only a table of
 * advisories that is not in order is a failure: what cannot be found out is
 * left out, which is unknown. */
int garita_facts_gather(const char *sysroot, const struct garita_policy *policy,
			time_t now, struct garita_facts *ret,
			struct garita_error *err);
/* Keeps it: whole, or what was kept before. Takes what a start does not need
 * out of the facts. */
int garita_facts_keep(const char *sysroot, struct garita_facts *facts,
		      struct garita_error *err);
/* Where, from the sysroot; the caller frees. */
char *garita_facts_path(const char *sysroot);

#endif
