/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * names_table - every object of the OCI runtime-spec 1.3 config as data.
 *
 * For the name check (names.c) only. An object is its members; a member has a
 * kind, and for the kinds that hold objects, which one.
 */
#ifndef GARITA_NAMES_TABLE_H
#define GARITA_NAMES_TABLE_H

#include <stddef.h>

#include "garita/memory.h"

enum garita_names_kind {
	GARITA_NAMES_BOOL,
	GARITA_NAMES_STRING,
	GARITA_NAMES_ID, /* 0 .. 2147483647 */
	GARITA_NAMES_U8,
	GARITA_NAMES_U16,
	GARITA_NAMES_U32,
	GARITA_NAMES_U64,
	GARITA_NAMES_I32,
	GARITA_NAMES_I64,
	/* Of a device, as wide as the kernel's: it cuts off what is more. */
	GARITA_NAMES_MAJOR,
	GARITA_NAMES_MINOR,
	GARITA_NAMES_MAJOR_OR_ANY, /* -1: any */
	GARITA_NAMES_MINOR_OR_ANY,
	GARITA_NAMES_STRINGS,    /* array of strings */
	GARITA_NAMES_IDS,        /* array of ids */
	GARITA_NAMES_U32S,       /* array of U32 */
	GARITA_NAMES_OBJECT,     /* of `child` */
	GARITA_NAMES_OBJECTS,    /* array of `child` objects */
	GARITA_NAMES_MAP_STRING, /* any key, string */
	GARITA_NAMES_MAP_OBJECT, /* any key, `child` object */
	GARITA_NAMES_ANY, /* not ours to read: only its numbers are checked */
};

/* Which object: one of this table, or of the other systems. */
enum garita_names_which {
	GARITA_NAMES_OF_NOTHING,
	GARITA_NAMES_OF_ID_MAP,
	GARITA_NAMES_OF_MOUNT,
	GARITA_NAMES_OF_ROOT,
	GARITA_NAMES_OF_HOOK,
	GARITA_NAMES_OF_HOOKS,
	GARITA_NAMES_OF_CONSOLE_SIZE,
	GARITA_NAMES_OF_USER,
	GARITA_NAMES_OF_CAPABILITIES,
	GARITA_NAMES_OF_RLIMIT,
	GARITA_NAMES_OF_SCHEDULER,
	GARITA_NAMES_OF_IO_PRIORITY,
	GARITA_NAMES_OF_CPU_AFFINITY,
	GARITA_NAMES_OF_PROCESS,
	GARITA_NAMES_OF_NAMESPACE,
	GARITA_NAMES_OF_TIME_OFFSET,
	GARITA_NAMES_OF_DEVICE,
	GARITA_NAMES_OF_NET_DEVICE,
	GARITA_NAMES_OF_DEVICE_RULE,
	GARITA_NAMES_OF_MEMORY,
	GARITA_NAMES_OF_CPU,
	GARITA_NAMES_OF_PIDS,
	GARITA_NAMES_OF_WEIGHT_DEVICE,
	GARITA_NAMES_OF_THROTTLE_DEVICE,
	GARITA_NAMES_OF_BLOCK_IO,
	GARITA_NAMES_OF_HUGEPAGE_LIMIT,
	GARITA_NAMES_OF_INTERFACE_PRIORITY,
	GARITA_NAMES_OF_NETWORK,
	GARITA_NAMES_OF_RDMA,
	GARITA_NAMES_OF_RESOURCES,
	GARITA_NAMES_OF_SYSCALL_ARG,
	GARITA_NAMES_OF_SECCOMP_RULE,
	GARITA_NAMES_OF_SECCOMP,
	GARITA_NAMES_OF_INTEL_RDT,
	GARITA_NAMES_OF_MEMORY_POLICY,
	GARITA_NAMES_OF_PERSONALITY,
	GARITA_NAMES_OF_LINUX_PART,
	GARITA_NAMES_OF_CONFIG,
	/* names_other.c */
	GARITA_NAMES_OTHERS,
	GARITA_NAMES_OF_SOLARIS_ANET = GARITA_NAMES_OTHERS,
	GARITA_NAMES_OF_SOLARIS_CPU,
	GARITA_NAMES_OF_SOLARIS_MEMORY,
	GARITA_NAMES_OF_SOLARIS,
	GARITA_NAMES_OF_WINDOWS_DEVICE,
	GARITA_NAMES_OF_WINDOWS_MEMORY,
	GARITA_NAMES_OF_WINDOWS_AFFINITY,
	GARITA_NAMES_OF_WINDOWS_CPU,
	GARITA_NAMES_OF_WINDOWS_STORAGE,
	GARITA_NAMES_OF_WINDOWS_RESOURCES,
	GARITA_NAMES_OF_WINDOWS_NETWORK,
	GARITA_NAMES_OF_WINDOWS_HYPERV,
	GARITA_NAMES_OF_WINDOWS,
	GARITA_NAMES_OF_VM_HYPERVISOR,
	GARITA_NAMES_OF_VM_KERNEL,
	GARITA_NAMES_OF_VM_IMAGE,
	GARITA_NAMES_OF_VM_IOMEM,
	GARITA_NAMES_OF_VM_HW_CONFIG,
	GARITA_NAMES_OF_VM,
	GARITA_NAMES_OF_ZOS_NAMESPACE,
	GARITA_NAMES_OF_ZOS,
	GARITA_NAMES_OF_FREEBSD_DEVICE,
	GARITA_NAMES_OF_FREEBSD_ALLOW,
	GARITA_NAMES_OF_FREEBSD_JAIL,
	GARITA_NAMES_OF_FREEBSD,
};

struct garita_names_member {
	char name[30];
	enum garita_names_kind kind : 8;
	enum garita_names_which child : 8; /* NOTHING: the kind has none */
};

struct garita_names_object {
	const struct garita_names_member *members;
	size_t count;
};

/* How the tables are written. */
#define PLAIN(name, kind)                                                      \
	{                                                                      \
		name, GARITA_NAMES_##kind, GARITA_NAMES_OF_NOTHING             \
	}
#define CHILD(name, kind, child)                                               \
	{                                                                      \
		name, GARITA_NAMES_##kind, GARITA_NAMES_OF_##child             \
	}
#define MEMBERS(array)                                                         \
	{                                                                      \
		array, GARITA_COUNT(array)                                     \
	}

extern const struct garita_names_object garita_names_objects[],
	garita_names_others[];

/* NULL for NOTHING. A config.json is CONFIG, a process.json (exec) PROCESS. */
static inline const struct garita_names_object *garita_names_object(
	enum garita_names_which which)
{
	if (which == GARITA_NAMES_OF_NOTHING)
		return NULL;
	return which < GARITA_NAMES_OTHERS
		       ? &garita_names_objects[which]
		       : &garita_names_others[which - GARITA_NAMES_OTHERS];
}

/* The member of this name; NULL: it has none, or there is no object. Engines
 * write members in the spec's order, as the table has them: so the one behind
 * the last that was found (*hint) is looked at first. */
const struct garita_names_member *garita_names_find(
	const struct garita_names_object *object, const char *key,
	size_t *hint);

#endif
