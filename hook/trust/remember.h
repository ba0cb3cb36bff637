/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * remember - acceptances that were given before, by the question.
 *
 * A record is named by the hash of the whole question (request.h): the image's
 * digests and name, who is wanted, the bytes of every key, all material, the
 * version of garita. So nothing has to be thrown away when one of them
 * changes: the next start asks another question. Only yes is remembered, and
 * not longer than it is true. Records lie in a directory that only root can
 * change; whoever can forge one is root already.
 */
#ifndef GARITA_HOOK_TRUST_REMEMBER_H
#define GARITA_HOOK_TRUST_REMEMBER_H

#include <stdbool.h>
#include <time.h>

#include "garita/image.h"

enum {
	GARITA_REMEMBER_MAX = 4096, /* records; the oldest quarter goes then */
};

/* False for a record that is missing, torn, foreign, over, or of a time that
 * is still to come. */
bool garita_remembered(const char *sysroot, const char *name, time_t now,
		       struct garita_trust *ret);
/* Failing to is fine: the question is asked again. */
void garita_remember(const char *sysroot, const char *name, time_t now,
		     const struct garita_trust *trust);

#endif
