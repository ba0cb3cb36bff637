/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - the built-in default profile, resolved for one container.
 *
 * The profile is a table of ours (policy/seccomp_default.c), at least as
 * strict as the default that docker and containerd ship today. What a
 * capability opens (mount with CAP_SYS_ADMIN, ...) is decided when resolving,
 * so the result is a plain linux.seccomp of the runtime-spec.
 */
#ifndef GARITA_SECCOMP_H
#define GARITA_SECCOMP_H

#include <stdbool.h>

#include "garita/caps.h"
#include "garita/json.h"

/* The SCMP_ARCH_* name for a uname machine ("x86_64"), or NULL. */
const char *garita_seccomp_arch(const char *machine);

/* A new linux.seccomp object in `doc` for a container with this bounding set
 * on this machine, or NULL when the machine is not in the table. Only the
 * native architecture is admitted: with x86's socketcall a 32-bit program
 * could open the socket families that the profile closes. */
struct garita_json *garita_seccomp_default(struct garita_json_doc *doc,
					   garita_caps bounding,
					   const char *machine,
					   unsigned kernel_major,
					   unsigned kernel_minor);

/* Does this linux.seccomp object refuse anything at all? False for a default
 * action that lets calls through with no rule that stops one. */
bool garita_seccomp_confines(const struct garita_json *seccomp);

#endif
