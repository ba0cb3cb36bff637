/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * place - the root file system of a container as it is mounted now.
 *
 * Every store begins here: root.path is opened once, and what is mounted there
 * is asked of mountinfo and of that descriptor. A container that runs as root
 * can write the records of a whole store into its volume, but it cannot mount
 * an overlay in our mount namespace; so without a mount there is no answer,
 * and of a stopped container nobody can say what will be mounted.
 */
#ifndef GARITA_HOOK_STORE_PLACE_H
#define GARITA_HOOK_STORE_PLACE_H

#include <stdbool.h>

#include "garita/error.h"
#include "hook/store/mounts.h"
#include "hook/store/store.h"

struct garita_place {
	const struct garita_store_query *query; /* borrowed */
	int sysroot;
	int root;   /* root.path, O_PATH; or -errno */
	char *real; /* root.path without links, from the sysroot; or NULL */
};

/* Opens what the query is about, be it a container that is gone; the caller
 * closes *ret in either case. */
int garita_place_open(const struct garita_store_query *query,
		      struct garita_place *ret, struct garita_error *err);
void garita_place_close(struct garita_place *place);
#define auto_place                                                             \
	__attribute__((cleanup(garita_place_close))) struct garita_place

/* The real path when there is one, else the one that was asked for. */
const char *garita_place_path(const struct garita_place *place);
/* Is `path` "S<above><64 hex digits>/merged", as stores with an overlay for
 * each container have it? Cuts it after S, and copies the digits and a NUL. */
bool garita_place_split(char *path, const char *above,
			char ret[GARITA_STORE_ID_SIZE]);
/* The directory `path` around the root file system, if it is a store: one has
 * all of `has`, which NULL ends. Returns a descriptor or -errno,
 * -GARITA_STORE_ELSEWHERE when it has none of them. */
int garita_place_store(const struct garita_place *place, const char *path,
		       const char *const *has, struct garita_error *err);
/* Is the root file system there, and could only root have made the directory
 * `store` (a descriptor, opened by `path`) and the way that root.path goes? */
int garita_place_check(const struct garita_place *place, int store,
		       const char *path, struct garita_error *err);
/* The overlay that is mounted at the root file system, which is one, whole and
 * not hidden below another mount. The caller frees ret->upper. */
int garita_place_overlay(const struct garita_place *place,
			 struct garita_overlay *ret, struct garita_error *err);
/* The same, with its lowerdir= from one reading of mountinfo. */
int garita_place_overlay_over(const struct garita_place *place,
			      struct garita_overlay *ret, char **ret_lower,
			      struct garita_error *err);
/* The lowerdir= of the same overlay, as it was given to mount(2) but for its
 * escapes; engines have written all kinds of things there. The caller frees. */
int garita_place_lower(const struct garita_place *place, char **ret);
/* Is `path`, as mountinfo has it, the directory `name` in `parent`? Its owner
 * and mode are those of the container's "/", so they say nothing. */
bool garita_place_is(const struct garita_place *place, const char *path,
		     int parent, const char *name);

#endif
