/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * maker - which runtime made a container, so that what is done to it later
 * (start, exec, kill, delete) goes to the same one, whatever the policy says
 * by then, and also when it can no longer be read.
 */
#ifndef GARITA_HOOK_MAKER_H
#define GARITA_HOOK_MAKER_H

#include "garita/policy.h"
#include "hook/argv.h"
#include "hook/runtime.h"

/* Does this policy choose a runtime? Without a choice nothing is recorded. */
bool garita_maker_is_chosen(const struct garita_policy *policy);
/* Does it depend on the container? */
bool garita_maker_is_scoped(const struct garita_policy *policy);
/* The runtime of the policy's scope of that name (or NULL); NULL: the policy's
 * own. Borrowed. */
const char *garita_maker_of_scope(const struct garita_policy *policy,
				  const char *scope);

/* Notes that a policy without a choice uses this one, once and for all. */
int garita_maker_note_used(const struct garita_runtime *runtime,
			   struct garita_error *err);
/* Records that `runtime` is about to make the container of `command`, and
 * forgets records of containers that are gone. */
int garita_maker_remember(const struct garita_runtime *runtime,
			  const struct garita_command *command,
			  char *const envp[], struct garita_error *err);
/* Opens the runtime that made the container of `command`. -ENOENT: nobody did
 * that we know of, or it was `standard`. Where there is no record, by what the
 * runtimes themselves keep: then one of that kind, of the policy's (or NULL)
 * or of the usual places. */
int garita_maker_open(const struct garita_policy *policy,
		      const struct garita_runtime *standard,
		      const struct garita_command *command, char *const envp[],
		      struct garita_runtime *ret, struct garita_error *err);

#endif
