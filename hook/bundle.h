/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle - a bundle directory and its config.json, held by descriptor.
 *
 * Opened once; every later step uses the descriptor, so nobody can put
 * another directory in its place between the verdict and the start. The
 * config is replaced by writing a new file in the bundle and renaming it over
 * the old one: a killed process leaves the old or the new config, never half.
 */
#ifndef GARITA_HOOK_BUNDLE_H
#define GARITA_HOOK_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "garita/error.h"
#include "garita/json.h"

struct garita_bundle {
	int fd;       /* O_PATH-free directory descriptor */
	char *path;   /* absolute, without symbolic links */
	char *config; /* the bytes of config.json, NUL after them */
	size_t config_len;
	mode_t mode;  /* of config.json, kept on replace */
	dev_t device; /* of the config.json that was read */
	ino_t inode;
	struct timespec changed; /* its ctime: any later write shows */
	/* Of the one that was put in its place; and its mtime. */
	dev_t printed_device;
	ino_t printed_inode;
	struct timespec printed;
};

/* Opens the bundle (NULL: the current directory) and reads config.json.
 * Refuses (-EPERM and a reason) when config.json is no regular file, is a
 * symbolic or hard link, is larger than GARITA_JSON_MAX_BYTES, or when it, the
 * bundle or any directory above belongs to neither root nor us, or can be
 * written by others (a sticky directory of root is fine as a parent). Never
 * blocks on a fifo. */
int garita_bundle_open(const char *path, struct garita_bundle *ret,
		       struct garita_error *err);
/* Prints the tree in the place of config.json, atomically, same owner and mode.
 * Refuses when config.json is no longer the file that was read, or was written
 * since. On failure the bundle is as it was. Removes what a killed garita left
 * in the bundle before. The bundle still describes the old file afterwards:
 * open it again to replace it again. */
int garita_bundle_replace(struct garita_bundle *bundle,
			  const struct garita_json *root,
			  struct garita_error *err);
/* Does the bundle's path still lead to what was put there? -ESTALE when not.
 * The runtime goes by that path: what moves it afterwards must be root. */
int garita_bundle_check_printed(const struct garita_bundle *bundle,
				struct garita_error *err);
/* Is config.json the one spelling of `doc`, which was parsed from it? What
 * another wrote after us is not. */
bool garita_bundle_is_printed(const struct garita_bundle *bundle,
			      struct garita_json_doc *doc);
void garita_bundle_close(struct garita_bundle *bundle);
#define auto_bundle                                                            \
	__attribute__((cleanup(garita_bundle_close))) struct garita_bundle

#endif
