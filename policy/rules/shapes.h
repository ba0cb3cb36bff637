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
/* Is the bind source a file that the engine made for this purpose (hosts,
 * resolv.conf, shm, a volume it manages)? `path` is resolved and cleaned. */
bool garita_shape_engine_managed(const struct garita_spec *spec,
				 const char *path);

#endif
