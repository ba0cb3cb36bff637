/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec - the process that an exec would start, read from a file or from the
 * command line.
 */
#ifndef GARITA_HOOK_EXEC_H
#define GARITA_HOOK_EXEC_H

#include <stdbool.h>

#include "hook/argv.h"
#include "hook/running.h"

struct garita_exec {
	/* The container's config with the process of the exec. */
	struct garita_json_doc *config;
	/* Options asked for more than the container's own process has: what a
	 * person said is refused or done, not quietly done otherwise. */
	bool asked;
};

/* -EINVAL with a reason where the process cannot be told. */
int garita_exec_read(enum garita_runtime_kind kind,
		     const struct garita_command *command,
		     const struct garita_running *running,
		     struct garita_exec *ret, struct garita_error *err);
/* Rewrites the command so that the runtime starts the process in ret->config,
 * as it was judged. */
int garita_exec_give(const struct garita_exec *exec,
		     struct garita_command *command, char *const envp[],
		     struct garita_error *err);

void garita_exec_free(struct garita_exec *exec);
#define auto_exec __attribute__((cleanup(garita_exec_free))) struct garita_exec

#endif
