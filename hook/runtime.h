/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtime - the real runc or crun: found by absolute path, checked and run by
 * descriptor, with an environment and descriptors we chose.
 */
#ifndef GARITA_HOOK_RUNTIME_H
#define GARITA_HOOK_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "hook/argv.h"

struct garita_runtime {
	int fd;     /* of the binary; closed on exec */
	char *path; /* as configured: becomes argv[0] */
	enum garita_runtime_kind kind;
};

/* Opens the runtime at `path` (absolute), or with NULL the first of the usual
 * places that is not garita itself; where garita stands in a runtime's own
 * place, the diverted NAME.real beside it. The kind is told by the name
 * (runc..., crun...). Refuses when the file, or any directory or symbolic link
 * on the way to it, can be changed by others than root and us, when it is no
 * executable ELF file (a script cannot be run by descriptor), and when it is
 * garita. */
int garita_runtime_open(const char *path, struct garita_runtime *ret,
			struct garita_error *err);
/* The first in the usual places that is of that kind. */
int garita_runtime_search(enum garita_runtime_kind kind,
			  struct garita_runtime *ret, struct garita_error *err);
/* A zeroed one is fine. */
void garita_runtime_close(struct garita_runtime *runtime);
#define auto_runtime                                                           \
	__attribute__((cleanup(garita_runtime_close))) struct garita_runtime

/* ---- runtime_exec.c ---- */

/* Becomes the runtime: environment rebuilt from an allow list (facts in
 * runtime_exec.c), every descriptor above 2 closed on exec but --preserve-fds
 * and LISTEN_FDS, `caller_umask` put back; signals are as we got them, because
 * garita changes none. Returns only on failure. */
int garita_runtime_exec(const struct garita_runtime *runtime,
			struct garita_command *command, char *const envp[],
			mode_t caller_umask, struct garita_error *err);

/* The first descriptor above those that the runtime is given. */
uint32_t garita_runtime_first_free(const struct garita_command *command,
				   char *const envp[]);
/* Runs the runtime as a child and returns what it printed, NUL after it; the
 * caller frees. Its standard input is empty; its errors go where ours go, or
 * with `quiet` nowhere.
 * -EIO when it did not end well. */
int garita_runtime_capture(const struct garita_runtime *runtime,
			   struct garita_command *command, char *const envp[],
			   bool quiet, size_t max_bytes, char **ret,
			   size_t *ret_len, struct garita_error *err);

#endif
