/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * wrapper - one call of garita-runtime, and which runtime it goes to.
 */
#ifndef GARITA_HOOK_WRAPPER_H
#define GARITA_HOOK_WRAPPER_H

#include <stdint.h>
#include <sys/types.h>

#include "hook/argv.h"
#include "hook/gate.h"
#include "hook/runtime.h"

struct garita_call {
	int argc;
	char **argv, **envp;
	mode_t umask;
	uint64_t started_us;
	struct garita_gate gate; /* without a policy: it is unreadable */
	struct garita_runtime runtime;
	struct garita_command command;
};

/* wrapper_runtime.c */

/* Reads the words as the runtime at hand does. Where another one made the
 * container that is meant, goes on with that. */
int garita_call_read_words(struct garita_call *call, struct garita_error *err);
/* Goes on with the runtime of the scope, for a container that is to be made. */
int garita_call_choose_runtime(struct garita_call *call,
			       const struct garita_decision *decision,
			       struct garita_error *err);
/* What this runtime is about to make, it must be found to have made. */
int garita_call_remember(const struct garita_call *call,
			 struct garita_error *err);
bool garita_call_asks_version(const struct garita_call *call);
/* Prints the runtime's words and ours; -errno: nothing was printed. */
int garita_call_say_version(struct garita_call *call);

#endif
