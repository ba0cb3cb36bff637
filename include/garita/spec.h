/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec - what a config.json says, as typed facts.
 *
 * garita_config_parse() is the only way text becomes a config: strict JSON,
 * then the name table (names.h), then the spellings that runc and crun read
 * differently (capability names, mount options). garita_spec_read() turns the
 * tree into the struct the rules look at. It only reads: where the config is
 * silent the fact says so (`has_...`), and no default is filled in.
 *
 * A spec borrows every string and node from the document it was read from and
 * is void once that document is edited or freed: read it again after a fix, or
 * the parts of it that the fix wrote.
 *
 * Source: OCI runtime-spec 1.3, config.md and config-linux.md.
 */
#ifndef GARITA_SPEC_H
#define GARITA_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/caps.h"
#include "garita/json.h"

enum { GARITA_ID_MAX = 2147483647 }; /* uid, gid: runc's limit */

enum garita_namespace_type {
	GARITA_NS_PID,
	GARITA_NS_NETWORK,
	GARITA_NS_MOUNT,
	GARITA_NS_IPC,
	GARITA_NS_UTS,
	GARITA_NS_USER,
	GARITA_NS_CGROUP,
	GARITA_NS_TIME,
	GARITA_NS_TYPES,
};

/* "pid", "network", ... as the spec writes them. */
const char *garita_namespace_name(enum garita_namespace_type type);
/* "pid", "net", "mnt", ...: the name below /proc/PID/ns. */
const char *garita_namespace_proc_name(enum garita_namespace_type type);

struct garita_namespace {
	bool present;
	const char *path; /* joins this one; NULL: a new namespace */
	size_t index;     /* in /linux/namespaces */
};

struct garita_id_map {
	uint32_t container_id, host_id, size;
};

struct garita_mount {
	const char *destination;           /* as written, never NULL */
	char *clean;                       /* cleaned destination (path.h) */
	const char *type;                  /* NULL: none */
	const char *source;                /* NULL: none; a bind has one */
	const struct garita_json *options; /* array of strings or NULL */
	bool bind;                         /* type bind, or option bind/rbind */
	bool read_only;                    /* garita_mount_keeps() ro */
	bool recursive;                    /* rbind; "ro" is of its top, then */
	bool all_read_only;                /* rro: of all of it */
};

/* Has a mount this flag when it is made? Of `on` and `off` ("ro", "rw") the
 * last word counts. The recursive form of `on` ("rro") is set behind them,
 * wherever it stands, by mount_setattr(2); that of `off` makes no spec. */
bool garita_mount_keeps(const struct garita_mount *mount, const char *on,
			const char *off);

struct garita_device {
	const char *path;
	const char *type;
	int64_t major, minor; /* -1: absent */
};

struct garita_device_rule {
	bool allow;
	char type;            /* 'a', 'b', 'c'; 'a' when absent */
	int64_t major, minor; /* -1: any */
	const char *access;   /* NULL: absent */
};

enum garita_hook_stage {
	GARITA_HOOK_PRESTART,
	GARITA_HOOK_CREATE_RUNTIME,
	GARITA_HOOK_CREATE_CONTAINER,
	GARITA_HOOK_START_CONTAINER,
	GARITA_HOOK_POSTSTART,
	GARITA_HOOK_POSTSTOP,
	GARITA_HOOK_STAGES,
};

/* "prestart", "createRuntime", ...: the member of /hooks. */
const char *garita_hook_stage_name(enum garita_hook_stage stage);

struct garita_hook {
	enum garita_hook_stage stage;
	size_t index;                   /* in its stage's array */
	const char *path;               /* "" when absent */
	const struct garita_json *args; /* or NULL */
	const struct garita_json *env;  /* an array, or NULL: none of its own */
};

/* Parts of a config, by which rules say what they read and repairs what they
 * write. */
enum garita_part {
	GARITA_PART_PROCESS = 1 << 0,
	GARITA_PART_ROOT = 1 << 1,
	GARITA_PART_MOUNTS = 1 << 2,
	GARITA_PART_HOOKS = 1 << 3,
	GARITA_PART_ANNOTATIONS = 1 << 4,
	GARITA_PART_SECCOMP = 1 << 5, /* linux.seccomp */
	GARITA_PART_COVERS = 1 << 6,  /* linux.maskedPaths and readonlyPaths */
	GARITA_PART_LINUX = 1 << 7,   /* the rest of linux */
	GARITA_PART_OTHER = 1 << 8,   /* whatever else there is */
	GARITA_PARTS_ALL = (1 << 9) - 1,
};

struct garita_spec {
	struct garita_json *root;

	bool has_process; /* false: an image config or an empty bundle */
	bool has_uid, has_gid;
	uint32_t uid, gid;
	const char *username; /* NULL: absent */
	const char *cwd;
	const struct garita_json *args;
	bool no_new_privileges;
	bool has_caps; /* /process/capabilities is an object */
	garita_caps caps[GARITA_CAPS_SETS];
	/* Well-formed names that no table knows, as nodes to point at. */
	const struct garita_json *unknown_cap[GARITA_CAPS_SETS];

	const char *root_path; /* NULL: absent */
	bool root_read_only;

	struct garita_mount *mounts; /* index = index in /mounts */
	size_t mount_count;

	bool has_linux;
	struct garita_namespace namespaces[GARITA_NS_TYPES];
	struct garita_id_map *uid_maps;
	size_t uid_map_count;
	struct garita_device *devices;
	size_t device_count;
	struct garita_device_rule *device_rules;
	size_t device_rule_count;
	const struct garita_json *masked_paths;   /* array or NULL */
	const struct garita_json *readonly_paths; /* array or NULL */
	const struct garita_json *seccomp;        /* object or NULL */

	struct garita_hook *hooks;
	size_t hook_count;

	const struct garita_json *annotations; /* object or NULL */
};

/* Text to a config that every runtime reads alike. Errors as
 * garita_json_parse() and garita_names_check(). */
int garita_config_parse(const char *text, size_t len,
			struct garita_json_doc **ret, struct garita_error *err);
/* The same of a text that is given away, as garita_json_parse_given(). */
int garita_config_parse_given(char **text, size_t len,
			      struct garita_json_doc **ret,
			      struct garita_error *err);

/* Fills *ret, which garita_spec_free() empties again. -EINVAL with the place
 * when the config contradicts itself (two namespaces of one type, a mount
 * without destination). */
int garita_spec_read(struct garita_json_doc *doc, struct garita_spec *ret,
		     struct garita_error *err);
/* The same once more, where `parts` (enum garita_part, or-ed) have been edited
 * since. After an error the spec is empty. */
int garita_spec_read_again(struct garita_json_doc *doc, unsigned parts,
			   struct garita_spec *spec, struct garita_error *err);
void garita_spec_free(struct garita_spec *spec);

#define auto_spec __attribute__((cleanup(garita_spec_free))) struct garita_spec

/* The mounts by destination and, where that is the same, in their order; all
 * of one array, so addresses tell the order. The caller frees. */
const struct garita_mount **garita_spec_by_destination(
	const struct garita_spec *spec);
/* Host id that a container's uid maps to; false when it maps to none. Without
 * a user namespace of its own every id maps to itself. */
bool garita_spec_host_uid(const struct garita_spec *spec, uint32_t uid,
			  uint32_t *ret);
/* Who the process is on the host. */
enum garita_user {
	GARITA_USER_ORDINARY,
	GARITA_USER_HOST_ROOT,
	GARITA_USER_NOT_MAPPED, /* crun maps it to its caller: root */
};
enum garita_user garita_spec_user(const struct garita_spec *spec);

#endif
