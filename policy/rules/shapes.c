/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * shapes - see the header. The path patterns were read off real engines
 * (tests/samples/engines), not guessed.
 */
#include "policy/rules/shapes.h"

#include <string.h>

#include "garita/path.h"

bool garita_shape_is(const struct garita_mount *mount, const char *type)
{
	return !mount->bind && mount->type != NULL &&
	       strcmp(mount->type, type) == 0;
}

bool garita_shape_kernel_files(const struct garita_mount *mount)
{
	return garita_shape_is(mount, "sysfs") ||
	       garita_shape_is(mount, "cgroup") ||
	       garita_shape_is(mount, "cgroup2");
}

/* Of type 'a' the kernel's cgroup v1 reads nothing but the letter, and runc
 * does the same on v2: access "m" and numbers open every device. Of the
 * others, mknod alone (access "m") opens nothing; no access means all. */
static bool opens_all(const struct garita_device_rule *rule)
{
	if (!rule->allow)
		return false;
	if (rule->type == 'a')
		return true;
	return rule->major < 0 &&
	       (rule->access == NULL || strpbrk(rule->access, "rw") != NULL);
}

/* crun on v2 does look at the access and the numbers of type 'a', so a rule
 * denies all only when these say all too. */
static bool denies_all(const struct garita_device_rule *rule)
{
	return !rule->allow && rule->type == 'a' && rule->major < 0 &&
	       rule->minor < 0 &&
	       (rule->access == NULL || (strchr(rule->access, 'r') != NULL &&
					 strchr(rule->access, 'w') != NULL));
}

int garita_shape_devices_open(const struct garita_spec *spec)
{
	int open = 0; /* until a rule denies all, nothing is denied */

	for (size_t i = 0; i < spec->device_rule_count; i++) {
		const struct garita_device_rule *rule = &spec->device_rules[i];

		if (opens_all(rule))
			open = (int)i;
		else if (denies_all(rule))
			open = -1;
	}
	return open;
}

/* Below a containers-storage root, and below its run root in /run. */
static const char *const containers_storage[] = {
	"/overlay-containers/*/userdata/shm",
	"/overlay-containers/*/userdata/hosts",
	"/overlay-containers/*/userdata/hostname",
	"/overlay-containers/*/userdata/resolv.conf",
	"/overlay-containers/*/userdata/.containerenv",
	"/overlay-containers/*/userdata/passwd",
	"/overlay-containers/*/userdata/group",
	"/overlay-containers/*/userdata/secrets/**",
	"/overlay-containers/*/userdata/run/secrets/**",
	"/volumes/*/_data",
	"/volumes/*/_data/**",
	NULL,
};

static const char *const managed[] = {
	"/var/lib/docker/containers/*/hosts",
	"/var/lib/docker/containers/*/hostname",
	"/var/lib/docker/containers/*/resolv.conf",
	"/var/lib/docker/containers/*/mounts/shm",
	"/var/lib/docker/containers/*/mounts/secrets/**",
	"/var/lib/docker/volumes/*/_data",
	"/var/lib/docker/volumes/*/_data/**",
	"/var/lib/docker/buildkit/executor/hosts",
	"/var/lib/docker/buildkit/executor/resolv.conf",
	"/var/lib/docker/buildkit/executor/hosts.*",
	"/var/lib/docker/buildkit/executor/resolv.conf.*",
	"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/*/hosts",
	"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/*/hostname",
	"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/*/resolv.conf",
	"/run/containerd/io.containerd.grpc.v1.cri/sandboxes/*/shm",
	"/var/lib/kubelet/pods/*/etc-hosts",
	"/var/lib/kubelet/pods/*/containers/*/*",
	"/var/lib/kubelet/pods/*/volumes/*/**",
	"/var/lib/kubelet/pods/*/volume-subpaths/**",
	NULL,
};

/* "<S>/overlay/<layer>/merged": ends the root path behind S, which may itself
 * have such a name in it. False when the path has another form. */
static bool cut_to_store(char *root)
{
	char *merged = strrchr(root, '/');
	char *layer, *overlay;

	if (merged == NULL || strcmp(merged, "/merged") != 0)
		return false;
	*merged = '\0';
	layer = strrchr(root, '/');
	if (layer == NULL)
		return false;
	*layer = '\0';
	overlay = strrchr(root, '/');
	if (overlay == NULL || overlay == root ||
	    strcmp(overlay, "/overlay") != 0)
		return false;
	*overlay = '\0';
	return true;
}

static bool matches_any(const char *const *patterns, const char *path)
{
	for (size_t i = 0; patterns[i] != NULL; i++)
		if (garita_path_match(patterns[i], path))
			return true;
	return false;
}

/* One of the files that a containers-storage keeps for its containers? */
static bool is_store_file(const char *store, const char *path)
{
	return garita_path_within(path, store) &&
	       matches_any(containers_storage, path + strlen(store));
}

bool garita_shape_engine_managed(const struct garita_spec *spec,
				 const char *path)
{
	auto_free char *own = NULL;

	if (matches_any(managed, path) ||
	    is_store_file("/var/lib/containers/storage", path) ||
	    is_store_file("/run/containers/storage", path))
		return true;
	own = garita_path_clean(spec->root_path);
	return cut_to_store(own) && is_store_file(own, path);
}
