/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skopeo - runs skopeo, which knows registries, credentials and mirrors.
 */
#ifndef GARITA_HOOK_TRUST_SKOPEO_H
#define GARITA_HOOK_TRUST_SKOPEO_H

#include <signal.h>
#include <stddef.h>

#include "garita/error.h"

/* Runs it; what it prints goes to `out`. -EIO with its last complaint; -EINTR
 * when we were told to end: it has ended then. */
int garita_skopeo(char *const *envp, const char *const argv[], int out,
		  struct garita_error *err);
/* What it printed; -E2BIG when that is more than `max` bytes. */
int garita_skopeo_read(char *const *envp, const char *const argv[], size_t max,
		       char **ret, size_t *ret_len, struct garita_error *err);

/* A directory for it to write to. From its making to garita_skopeo_leave(),
 * which removes it with all that is in it, signals do not end us. */
struct garita_skopeo_place {
	char path[32];
	sigset_t before;
};
int garita_skopeo_place(struct garita_skopeo_place *ret,
			struct garita_error *err);
void garita_skopeo_leave(struct garita_skopeo_place *place);

#endif
