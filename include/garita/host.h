/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host - facts about the machine, gathered by hook/host before the judge runs.
 *
 * A fact is looked up by the path text that the config has. One that was not
 * gathered is unknown, and a rule that needs an unknown fact does not pass.
 */
#ifndef GARITA_HOST_H
#define GARITA_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "garita/facts.h"
#include "garita/spec.h"
#include "garita/upper.h"

/* What stat(2) said about a path, all links followed. */
struct garita_path_fact {
	char *path;  /* as asked for */
	char *real;  /* resolved path on the host, or NULL */
	int failure; /* errno of looking; 0: it is there */
	dev_t device;
	ino_t inode;
	mode_t mode;
	uid_t uid;
	int64_t major, minor; /* of a device node; else 0 */
	/* Of /proc/PID/ns/TYPE: the control group of that process, else NULL.
	 */
	char *cgroup;
};

/* Is a security module of the kernel on? */
enum garita_lsm {
	GARITA_LSM_UNKNOWN, /* not asked, or no answer */
	GARITA_LSM_OFF,
	GARITA_LSM_ON,
};

struct garita_host {
	/* What "the host's namespace" means: that of pid 1, and the one that
	 * garita, and so the runtime, was started in. */
	struct garita_namespace_fact {
		bool known;
		dev_t device;
		ino_t inode;
	} init_ns[GARITA_NS_TYPES], own_ns[GARITA_NS_TYPES];
	struct garita_path_fact *paths; /* sorted by path, each once */
	size_t path_count;
	/* Where root.path really is, or NULL when that cannot be told. */
	char *root;
	/* Mount destinations (cleaned) that are not plain in the root file
	 * system as it is before any mount: a symbolic link is on the way, and
	 * `real` is where it leads inside, or NULL where that is not there; or
	 * `failure` says why they cannot be looked at. Sorted, each once. */
	struct garita_path_fact *targets;
	size_t target_count;
	char machine[65]; /* uname(2): "x86_64"; "" when unknown */
	char name[65];    /* uname(2): how this machine is called */
	unsigned kernel_major, kernel_minor;
	char *bundle; /* absolute path of the bundle, or NULL */
	/* process.cwd inside the root file system: its resolved path, or NULL
	 * with the reason: 0 not looked at, ENOENT plainly not there, ELOOP
	 * through a link that leads elsewhere once all is mounted: to nothing
	 * in the image, in a bind mount, or in an image with its own /proc. */
	char *cwd;
	int cwd_failure;
	/* Where garita-net is, the program that guards a network; NULL: nowhere
	 * that only root can change, or no policy asked. */
	char *guard;
	/* What the container's own layer holds; NULL: no rule asked. */
	struct garita_upper *upper;
	/* About the machine itself; NULL: no rule asked. */
	struct garita_facts *facts;
	uid_t owner;   /* who we are: effective uid */
	bool rootless; /* no root on the host, perhaps of a user namespace */
	/* Asked only where the config has no label that confines by itself. */
	enum garita_lsm apparmor, selinux;
};

/* NULL when it was not gathered. */
const struct garita_path_fact *garita_host_path(const struct garita_host *host,
						const char *path);

/* Likewise of a mount's cleaned destination; NULL: nothing special. */
const struct garita_path_fact *garita_host_target(
	const struct garita_host *host, const char *clean);

/* The file that is there where control groups are version 2; gathered where
 * the config lists no cgroup namespace. */
#define GARITA_HOST_CGROUP2 "/sys/fs/cgroup/cgroup.controllers"

/* Paths every judgement may ask about, besides those in the config: the
 * sockets of the container engines and the paths that should be masked.
 * Ends in "". */
enum { GARITA_HOST_KNOWN_PATH = 40 };
extern const char garita_host_known_paths[][GARITA_HOST_KNOWN_PATH];

/* Does the name of an AppArmor profile say that it confines? */
bool garita_lsm_confines(const char *profile);

void garita_host_free(struct garita_host *host);
#define auto_host __attribute__((cleanup(garita_host_free))) struct garita_host

#endif
