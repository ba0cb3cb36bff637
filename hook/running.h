/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * running - a container that was started, by the config that garita printed.
 */
#ifndef GARITA_HOOK_RUNNING_H
#define GARITA_HOOK_RUNNING_H

#include <stdbool.h>

#include "garita/spec.h"
#include "hook/argv.h"
#include "hook/bundle.h"
#include "hook/runtime.h"

struct garita_running {
	struct garita_bundle bundle;
	struct garita_json_doc *config;
	struct garita_spec spec; /* of config */
};

/* Finds the container that `command` names by asking the runtime, and reads
 * the config in its bundle. With `printed`, that must be the bytes that garita
 * printed; without, nothing of the question is seen by others. */
int garita_running_open(const struct garita_runtime *runtime,
			const struct garita_command *command,
			char *const envp[], bool printed,
			struct garita_running *ret, struct garita_error *err);
void garita_running_close(struct garita_running *running);
#define auto_running                                                           \
	__attribute__((cleanup(garita_running_close))) struct garita_running

/* The container's config with another process. */
int garita_running_with_process(const struct garita_running *running,
				const struct garita_json *process,
				struct garita_json_doc **ret,
				struct garita_error *err);
/* The container's config with these members of /linux/resources put over its
 * own. */
int garita_running_with_resources(const struct garita_running *running,
				  const struct garita_json *resources,
				  struct garita_json_doc **ret,
				  struct garita_error *err);
/* A copy of a node of any document as a new one of `doc`; NULL for null. */
struct garita_json *garita_running_copy(struct garita_json_doc *doc,
					const struct garita_json *node);
/* Gives the runtime `text` as a file that nobody can change: a descriptor
 * that stays open, and its path in *ret_path, which the caller frees. */
int garita_running_give(struct garita_command *command, char *const envp[],
			const struct garita_text *text, char **ret_path,
			struct garita_error *err);

#endif
