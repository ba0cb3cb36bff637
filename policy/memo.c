/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memo - see the header.
 */
#include "policy/memo.h"

#include <stdlib.h>

void garita_memo_forget(struct garita_memo *memo)
{
	garita_seccomp_free(memo->own);
	memo->own = NULL;
	memo->is_read = memo->confines = memo->intersected = false;
	memo->error = (struct garita_error){ 0 };
}

void garita_memo_forget_sources(struct garita_memo *memo)
{
	for (size_t i = 0; i < memo->source_count; i++)
		free(memo->sources[i].real);
	free(memo->sources);
	memo->sources = NULL;
	memo->source_count = 0;
}

void garita_memo_free(struct garita_memo *memo)
{
	garita_memo_forget(memo);
	garita_memo_forget_sources(memo);
	garita_seccomp_free(memo->built_in);
	memo->built_in = NULL;
}
