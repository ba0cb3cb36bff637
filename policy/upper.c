/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * upper - what a container's own layer holds; here only how such an answer
 * ends.
 */
#include "garita/upper.h"

#include <stdlib.h>

void garita_upper_free(struct garita_upper *upper)
{
	if (upper == NULL)
		return;
	for (size_t i = 0; i < upper->count; i++) {
		free(upper->all[i].path);
		free(upper->all[i].link);
	}
	free(upper->all);
	free(upper);
}
