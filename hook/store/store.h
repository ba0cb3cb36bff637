/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * store - which image is this, asked of the engine's own records.
 *
 * One file a store. Each answers only for root file systems that lie in it.
 * To add one: copy containers_storage.c's `struct garita_store` row and put
 * it in the table in store.c.
 *
 * There are three answers: this image; none, the stores were looked at and
 * have none; and that it could not be looked at. The third is the one of every
 * failure that does not say otherwise.
 */
#ifndef GARITA_HOOK_STORE_H
#define GARITA_HOOK_STORE_H

#include <errno.h>
#include <stdbool.h>

#include "garita/error.h"
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

/* Answers, in the place of an errno that no system call fails with. */
enum {
	/* The root file system does not lie in this store. */
	GARITA_STORE_ELSEWHERE = ENOMEDIUM,
	/* It does, the store could be read, and it is of no image. */
	GARITA_STORE_NO_IMAGE = ENOMSG,
};

struct garita_place;

struct garita_store {
	const char *name;
	/* Fills *ret as far as it comes. A failure is one of the answers above
	 * or says why it cannot be told which image it is. */
	int (*identify)(const struct garita_place *place,
			struct garita_image *ret, struct garita_error *err);
};

extern const struct garita_store garita_store_containerd;
extern const struct garita_store garita_store_containers_storage;
extern const struct garita_store garita_store_docker;

enum { GARITA_STORE_ID_SIZE = 65 }; /* with its NUL */
/* 64 lower case hex digits: how engines name containers, layers, images. */
bool garita_store_is_id(const char *text);

/* Asks every store; *ret is always filled. */
void garita_store_identify(const struct garita_store_query *query,
			   struct garita_image *ret);

#endif
