/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memo - what several rules of one decision would each work out again: the
 * container's seccomp profile as it was read, and the built-in one for its
 * capabilities; and where the sources of mounts are. Kept by the judge, filled
 * by the rules that need it.
 */
#ifndef GARITA_MEMO_H
#define GARITA_MEMO_H

#include "garita/caps.h"
#include "garita/error.h"
#include "garita/seccomp.h"
#include "policy/rules/shapes.h"

/* Of one mount of the config that is looked at (policy/rules/sources.h). */
struct garita_memo_source {
	bool known, shaped;
	char *real; /* NULL: no source */
	struct garita_shape shape;
};

struct garita_memo {
	bool is_read; /* the next four are of this config */
	bool confines;
	bool intersected; /* with the built-in one, in all it is about */
	struct garita_seccomp *own; /* NULL: `error` says why */
	struct garita_error error;

	garita_caps built_for;
	struct garita_seccomp *built_in; /* NULL: not built yet */

	struct garita_memo_source *sources; /* one a mount; NULL: none yet */
	size_t source_count;
};

/* To be called at each look, and by whoever edits linux.seccomp. */
void garita_memo_forget(struct garita_memo *memo);
/* The config was read anew. */
void garita_memo_forget_sources(struct garita_memo *memo);
void garita_memo_free(struct garita_memo *memo);
#define auto_memo __attribute__((cleanup(garita_memo_free))) struct garita_memo

#endif
