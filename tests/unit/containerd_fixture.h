/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * containerd_fixture - what containerd keeps of one container, built for a
 * test below a temporary directory that serves as the sysroot.
 *
 * There are the images "app" and "twin" with the same layers and "other" with
 * its own; one container of "app". The databases are trees that a test may
 * edit; ctd_write() then puts them into files.
 */
#ifndef GARITA_TESTS_CONTAINERD_FIXTURE_H
#define GARITA_TESTS_CONTAINERD_FIXTURE_H

#include "hook/store/store.h"
#include "tests/unit/bolt_make.h"
#include "tests/unit/store_fixture.h"

#define CTD_ROOT  "/var/lib/containerd"
#define CTD_BLOBS CTD_ROOT "/io.containerd.content.v1.content/blobs/sha256"
#define CTD_TASKS "/run/containerd/io.containerd.runtime.v2.task"
#define CTD_DATA  "/var/lib/docker"
#define APP_NAME  "registry.example.com/app:v1"
#define TWIN_NAME "registry.example.com/twin:v1"

enum ctd_maker {
	MADE_BY_CTR,
	MADE_BY_CRI,
	MADE_BY_DOCKER,
};

struct ctd_fixture {
	struct store_fixture fx; /* dir, root_path and images */
	enum ctd_maker maker;
	const char *namespace, *id;
	struct bolt_node *meta, *metadata;
	/* Parts of them. */
	struct bolt_node *container, *images, *snapshots;
	char own[64];    /* the container's snapshot in metadata.db */
	unsigned number; /* its directory */
	char *lower;     /* lowerdir= in mountinfo */
	size_t page_size;
};

/* An "app" of so many layers, all of it written; and away with it. */
void ctd_start(struct ctd_fixture *ctd, enum ctd_maker maker, size_t layers);
void ctd_end(struct ctd_fixture *ctd);
/* Writes databases and mountinfo as they are now. */
void ctd_write(const struct ctd_fixture *ctd);

void ctd_set_time(struct bolt_node *in, const char *key, unsigned seconds,
		  unsigned nanoseconds);
/* An image name that leads to a digest since `seconds`. */
void ctd_name(struct ctd_fixture *ctd, const char *name, const char *digest,
	      unsigned seconds);
/* Adds a blob; its digest. */
void ctd_blob(const struct ctd_fixture *ctd, const char *text,
	      char ret[GARITA_DIGEST_SIZE]);
void ctd_drop_blob(const struct ctd_fixture *ctd, const char *digest);
/* The CRI record of the container: the JSON in it, or any bytes. */
void ctd_cri(struct ctd_fixture *ctd, const char *json);
void ctd_cri_bytes(struct ctd_fixture *ctd, const void *bytes, size_t len);

void ctd_ask(const struct ctd_fixture *ctd, struct garita_image *ret);
void ctd_expect(const struct ctd_fixture *ctd, const char *why,
		enum image_name image);
/* Unknown, nothing else claimed, and why_not has these words. */
void ctd_expect_unknown(const struct ctd_fixture *ctd, const char *why,
			const char *words);

#endif
