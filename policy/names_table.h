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
	GARITA_NAMES_STRINGS,    /* array of strings */
	GARITA_NAMES_IDS,        /* array of ids */
	GARITA_NAMES_U32S,       /* array of U32 */
	GARITA_NAMES_OBJECT,     /* of `child` */
	GARITA_NAMES_OBJECTS,    /* array of `child` objects */
	GARITA_NAMES_MAP_STRING, /* any key, string */
	GARITA_NAMES_MAP_OBJECT, /* any key, `child` object */
	GARITA_NAMES_ANY, /* not ours to read: only its numbers are checked */
};

struct garita_names_object;

struct garita_names_member {
	const char *name;
	enum garita_names_kind kind;
	const struct garita_names_object *child; /* NULL: the kind has none */
};

struct garita_names_object {
	const struct garita_names_member *members;
	size_t count;
};

/* How the tables are written. */
#define PLAIN(name, kind)                                                      \
	{                                                                      \
		name, GARITA_NAMES_##kind, NULL                                \
	}
#define CHILD(name, kind, child)                                               \
	{                                                                      \
		name, GARITA_NAMES_##kind, &child                              \
	}
#define MEMBERS(array)                                                         \
	{                                                                      \
		array, GARITA_COUNT(array)                                     \
	}

extern const struct garita_names_object garita_names_config; /* a config.json */
extern const struct garita_names_object
	garita_names_process; /* a process.json (exec) */

extern const struct garita_names_object garita_names_solaris,
	garita_names_windows, garita_names_vm, garita_names_zos,
	garita_names_freebsd;

#endif
