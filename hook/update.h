/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * update - the limits that an update would give a running container.
 */
#ifndef GARITA_HOOK_UPDATE_H
#define GARITA_HOOK_UPDATE_H

#include "hook/argv.h"
#include "hook/running.h"

struct garita_update {
	/* The container's config with the new limits in it. */
	struct garita_json_doc *config;
	/* What was given with --resources; NULL: single options. */
	struct garita_json_doc *resources;
};

/* Reads --resources (a file, or standard input, which the runtime finds as it
 * was) or the single options. */
int garita_update_read(const struct garita_command *command,
		       const struct garita_running *running,
		       struct garita_update *ret, struct garita_error *err);
/* Rewrites the command so that the runtime reads the limits that were judged,
 * and nothing about devices. Single options are handed on as they are. */
int garita_update_give(const struct garita_update *update,
		       struct garita_command *command, char *const envp[],
		       struct garita_error *err);

void garita_update_free(struct garita_update *update);
#define auto_update                                                            \
	__attribute__((cleanup(garita_update_free))) struct garita_update

#endif
