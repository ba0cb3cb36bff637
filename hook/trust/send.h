/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * send - a question on its way to who answers it, through a pipe.
 */
#ifndef GARITA_HOOK_TRUST_SEND_H
#define GARITA_HOOK_TRUST_SEND_H

#include <stdint.h>

#include "garita/blobs.h"
#include "garita/error.h"
#include "garita/text.h"

/* A pipe for a question of what was written (request.h) and this material:
 * ret[0] is for who answers, ret[1] for garita_send(). */
int garita_send_open(const struct garita_text *written,
		     const struct garita_blobs *material, int ret[2],
		     struct garita_error *err);
/* All of it, until `deadline_us` (clock.h). 0 too when the other end is closed:
 * what it says is the better reason. Nothing of it may change before the other
 * process has ended. SIGPIPE is ignored, or else ends us. */
int garita_send(int fd, const struct garita_text *written,
		const struct garita_blobs *material, uint64_t deadline_us,
		struct garita_error *err);

#endif
