/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shapes - what several rules recognise in a config: kernel file systems, an
 * open device cgroup, a path that the engine itself put there.
 */
#ifndef GARITA_RULES_SHAPES_H
#define GARITA_RULES_SHAPES_H

#include <stdbool.h>

#include "garita/rule.h"

/* Is this file system mounted? Not by a bind mount, whatever type it says:
 * with the option "bind" runtimes and the kernel ignore the type. */
bool garita_shape_is(const struct garita_mount *mount, const char *type);
/* A mount of sysfs or a cgroup file system: writable, it controls the host. */
bool garita_shape_kernel_files(const struct garita_mount *mount);
/* Index of the device rule that lets the container use any device and is not
 * taken back by a later one; -1: none. An absent or empty list, or one that
 * does not begin with "deny all", is index 0. */
int garita_shape_devices_open(const struct garita_spec *spec);
/* What an engine keeps on the host for containers, told by its path. */
enum garita_shape_kind {
	GARITA_SHAPE_NONE,
	GARITA_SHAPE_FILE,   /* hosts, hostname, ... of a container, sandbox */
	GARITA_SHAPE_SHM,    /* the shared memory of one */
	GARITA_SHAPE_SECRET, /* the secrets of one */
	GARITA_SHAPE_COMMON, /* a file for every container of a build */
	GARITA_SHAPE_VOLUME, /* a volume that the engine manages */
	GARITA_SHAPE_POD,    /* kubelet's, for one pod */
};

struct garita_shape {
	enum garita_shape_kind kind;
	const char *owner;  /* borrowed from the path: id of the container or */
	size_t owner_len;   /* sandbox, uid of the pod, name of the volume */
	const char *plugin; /* kubelet's name of the volume type, or NULL */
	size_t plugin_len;
};

/* Where the root file system is, links followed where they are known. The
 * caller frees. */
char *garita_shape_root(const struct garita_case *of);
/* `path` is resolved and cleaned, and lives longer than the answer. */
struct garita_shape garita_shape_of(const struct garita_case *of,
				    const char *path);

#endif
