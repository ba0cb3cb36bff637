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
#include "hook/store/place.h"

static const struct garita_store *const stores[] = {
	&garita_store_containers_storage,
	&garita_store_docker,
	&garita_store_containerd,
};

bool garita_store_is_id(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static int ask(const struct garita_place *place, struct garita_image *ret,
	       struct garita_error *err)
{
	for (size_t i = 0; i < GARITA_COUNT(stores); i++) {
		int failed = stores[i]->identify(place, ret, err);

		if (failed == -GARITA_STORE_ELSEWHERE)
			continue;
		ret->store = stores[i]->name;
		return failed;
	}
	return garita_fail(err, GARITA_STORE_NO_IMAGE,
			   "the root file system lies in no image store that"
			   " garita can read");
}

void garita_store_identify(const struct garita_store_query *query,
			   struct garita_image *ret)
{
	auto_place place = { 0 };
	struct garita_image image = { .sure = GARITA_IMAGE_UNKNOWN };
	struct garita_error err = { 0 };
	int failed = garita_place_open(query, &place, &err);

	if (failed == 0)
		failed = ask(&place, &image, &err);
	if (failed < 0) {
		garita_error_words(&err, image.why_not, sizeof(image.why_not));
		image.imageless = failed == -GARITA_STORE_NO_IMAGE;
	}
	*ret = image;
}
