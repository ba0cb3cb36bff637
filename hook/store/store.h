/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store - which image is this, asked of the engine's own records.
 *
 * One file a store. Each answers only for root file systems that lie in it.
 * To add one: copy containers_storage.c's `struct garita_store` row and put
 * it in the table in store.c.
 */
#ifndef GARITA_HOOK_STORE_H
#define GARITA_HOOK_STORE_H

#include <stdbool.h>

#include "garita/image.h"
#include "hook/store/trail.h"

/* What a store is asked. All borrowed. */
struct garita_store_query {
	const char *sysroot;   /* "" or a directory every path is below */
	const char *root_path; /* cleaned absolute root.path of the config */
	const char *bundle;    /* absolute bundle path, or NULL */
	const char *id;        /* container id on the command line, or NULL */
	bool want_material;    /* fill image.material too */
	struct garita_trail *trail; /* write the way down; NULL: nobody reads */
};

struct garita_store {
	const char *name;
	/* True when the root file system lies in this store; then *ret says
	 * what it is, or why that cannot be told (sure stays UNKNOWN and
	 * why_not has the sentence). */
	bool (*identify)(const struct garita_store_query *query,
			 struct garita_image *ret);
};

extern const struct garita_store garita_store_containerd;
extern const struct garita_store garita_store_containers_storage;
extern const struct garita_store garita_store_docker;

/* 64 lower case hex digits: how engines name containers, layers, images. */
bool garita_store_is_id(const char *text);

/* Asks every store; *ret is always filled. */
void garita_store_identify(const struct garita_store_query *query,
			   struct garita_image *ret);

#endif
