/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * docker_fixture - a docker data root built for a test.
 *
 * It lies below a temporary directory that serves as the sysroot, as the store
 * of store_fixture.h does, whose helpers it uses: the images "app" and "twin"
 * with the same layers, "other" with its own, and one container of "app".
 */
#ifndef GARITA_TESTS_DOCKER_FIXTURE_H
#define GARITA_TESTS_DOCKER_FIXTURE_H

#include "tests/unit/store_fixture.h"

#define DATA    "/var/lib/docker"
#define LAYERDB DATA "/image/overlay2/layerdb"
#define CONTENT DATA "/image/overlay2/imagedb/content/sha256"
#define RECORD  DATA "/containers/{C}/config.v2.json"
#define NAMES   DATA "/image/overlay2/repositories.json"
#define MOUNT   LAYERDB "/mounts/{C}"
#define OVER    DATA "/overlay2/{L}"

struct docker_fixture {
	struct store_fixture fx;
	size_t layers; /* of app and twin */
	/* Names of layers: of app's, from the base up; then of other's. */
	char (*chains)[GARITA_DIGEST_SIZE];
};

/* A data root with an "app" of so many layers; and away with it. */
void docker_start(struct docker_fixture *docker, size_t layers);
void docker_end(struct docker_fixture *docker);

/* store_change() where {top}, {mid} and {base} also stand for the hex digits
 * of the names of app's layers, top first. */
void docker_change(const struct docker_fixture *docker, const char *path,
		   const char *old, const char *new);
/* Such a text, expanded; the caller frees. */
char *docker_expand(const struct docker_fixture *docker, const char *text);

void docker_expect_app(const struct docker_fixture *docker, const char *why);
/* Unknown, nothing else claimed, and why_not has these words. */
void docker_expect_unknown(const struct docker_fixture *docker, const char *why,
			   const char *words);

#endif
