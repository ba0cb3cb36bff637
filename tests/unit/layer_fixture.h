/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * layer_fixture - a layer that was unpacked below a temporary directory, with
 * its tar-split: files of every kind, capabilities, and what takes files of
 * lower layers away. A test makes it, changes a thing, and looks.
 */
#ifndef GARITA_TESTS_LAYER_FIXTURE_H
#define GARITA_TESTS_LAYER_FIXTURE_H

#include <stddef.h>
#include <sys/types.h>

#include "garita/text.h"
#include "hook/store/trail.h"
#include "tests/unit/temporary.h"

/* A layer below a directory that serves as the sysroot. */
struct layer_fixture {
	char dir[TEMPORARY_SIZE];
	struct garita_trail_layer layer;
	struct garita_text tar, split;
	size_t kept; /* of tar: already in split */
};

/* A value of security.capability, 20 bytes. */
extern const char layer_caps[20];

void layer_start(struct layer_fixture *fx);
void layer_end(struct layer_fixture *fx);
/* The path on disk of a name in the layer. */
void layer_path_of(const struct layer_fixture *fx, const char *name,
		   char into[256]);
void layer_write_file(const struct layer_fixture *fx, const char *name,
		      const char *text, mode_t mode);

#endif
