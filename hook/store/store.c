/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store - asks each engine's store in turn which image this is.
 *
 * The first store that has the root file system answers, also when its answer
 * is that it cannot tell: no other store knows better about a directory that
 * is not its own.
 */
#include "hook/store/store.h"

#include <stdio.h>
#include <string.h>

#include "garita/memory.h"

static const struct garita_store *const stores[] = {
	&garita_store_containers_storage,
	&garita_store_docker,
	&garita_store_containerd,
};

bool garita_store_is_id(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

void garita_store_identify(const struct garita_store_query *query,
			   struct garita_image *ret)
{
	for (size_t i = 0; i < GARITA_COUNT(stores); i++)
		if (stores[i]->identify(query, ret))
			return;
	*ret = (struct garita_image){ .sure = GARITA_IMAGE_UNKNOWN };
	snprintf(ret->why_not, sizeof(ret->why_not),
		 "the root file system lies in no image store that garita can"
		 " read");
}
