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

/* A pattern, what matches it, and which of its components, counted from 0,
 * name the owner and the volume type; -1: none. */
struct row {
	char pattern[54];
	enum garita_shape_kind kind;
	int owner, plugin;
};

/* Below a containers-storage root, and below its run root in /run. */
static const struct row containers_storage[] = {
	{ "/overlay-containers/*/userdata/shm", GARITA_SHAPE_SHM, 1, -1 },
	{ "/overlay-containers/*/userdata/hosts", GARITA_SHAPE_FILE, 1, -1 },
	{ "/overlay-containers/*/userdata/hostname", GARITA_SHAPE_FILE, 1, -1 },
	{ "/overlay-containers/*/userdata/resolv.conf", GARITA_SHAPE_FILE, 1,
	  -1 },
	{ "/overlay-containers/*/userdata/.containerenv", GARITA_SHAPE_FILE, 1,
	  -1 },
	{ "/overlay-containers/*/userdata/passwd", GARITA_SHAPE_FILE, 1, -1 },
	{ "/overlay-containers/*/userdata/group", GARITA_SHAPE_FILE, 1, -1 },
	{ "/overlay-containers/*/userdata/secrets/**", GARITA_SHAPE_SECRET, 1,
	  -1 },
	{ "/overlay-containers/*/userdata/run/secrets/**", GARITA_SHAPE_SECRET,
	  1, -1 },
	{ "/volumes/*/_data", GARITA_SHAPE_VOLUME, 1, -1 },
	{ "/volumes/*/_data/**", GARITA_SHAPE_VOLUME, 1, -1 },
	{ "", GARITA_SHAPE_NONE, -1, -1 },
};

/* Below docker's data root. */
static const struct row docker[] = {
	{ "/containers/*/hosts", GARITA_SHAPE_FILE, 1, -1 },
	{ "/containers/*/hostname", GARITA_SHAPE_FILE, 1, -1 },
	{ "/containers/*/resolv.conf", GARITA_SHAPE_FILE, 1, -1 },
	{ "/containers/*/mounts/shm", GARITA_SHAPE_SHM, 1, -1 },
	{ "/containers/*/mounts/secrets/**", GARITA_SHAPE_SECRET, 1, -1 },
	{ "/volumes/*/_data", GARITA_SHAPE_VOLUME, 1, -1 },
	{ "/volumes/*/_data/**", GARITA_SHAPE_VOLUME, 1, -1 },
	{ "", GARITA_SHAPE_NONE, -1, -1 },
};

/* Below BuildKit's root, which is the buildkit in docker's. */
static const struct row buildkit[] = {
	{ "/executor/hosts", GARITA_SHAPE_COMMON, -1, -1 },
	{ "/executor/resolv.conf", GARITA_SHAPE_COMMON, -1, -1 },
	{ "/executor/hosts.*", GARITA_SHAPE_COMMON, -1, -1 },
	{ "/executor/resolv.conf.*", GARITA_SHAPE_COMMON, -1, -1 },
	{ "", GARITA_SHAPE_NONE, -1, -1 },
};

/* Below the root and the state directory of a containerd that serves CRI. */
static const struct row containerd[] = {
	{ "/io.containerd.grpc.v1.cri/sandboxes/*/hosts", GARITA_SHAPE_FILE, 2,
	  -1 },
	{ "/io.containerd.grpc.v1.cri/sandboxes/*/hostname", GARITA_SHAPE_FILE,
	  2, -1 },
	{ "/io.containerd.grpc.v1.cri/sandboxes/*/resolv.conf",
	  GARITA_SHAPE_FILE, 2, -1 },
	{ "/io.containerd.grpc.v1.cri/sandboxes/*/shm", GARITA_SHAPE_SHM, 2,
	  -1 },
	{ "", GARITA_SHAPE_NONE, -1, -1 },
};

/* Below kubelet's root. */
static const struct row kubelet[] = {
	{ "/pods/*/etc-hosts", GARITA_SHAPE_POD, 1, -1 },
	{ "/pods/*/containers/*/*", GARITA_SHAPE_POD, 1, -1 },
	{ "/pods/*/volumes/*/**", GARITA_SHAPE_POD, 1, 3 },
	{ "/pods/*/volume-subpaths/**", GARITA_SHAPE_POD, 1, -1 },
	{ "", GARITA_SHAPE_NONE, -1, -1 },
};

static const struct row buildah[] = {
	{ "/buildah*/hosts", GARITA_SHAPE_COMMON, -1, -1 },
	{ "/buildah*/hostname", GARITA_SHAPE_COMMON, -1, -1 },
	{ "/buildah*/resolv.conf", GARITA_SHAPE_COMMON, -1, -1 },
	{ "/buildah*/run/.containerenv", GARITA_SHAPE_COMMON, -1, -1 },
	{ "", GARITA_SHAPE_NONE, -1, -1 },
};

static const struct {
	const char *base;
	const struct row *rows;
} places[] = {
	{ "/var/lib/docker", docker },
	{ "/var/lib/docker/buildkit", buildkit },
	{ "/var/lib/containers/storage", containers_storage },
	{ "/run/containers/storage", containers_storage },
	{ "/var/lib/containerd", containerd },
	{ "/run/containerd", containerd },
	{ "/var/lib/kubelet", kubelet },
	{ "/var/lib/rancher/k3s/agent/containerd", containerd },
	{ "/run/k3s/containerd", containerd },
	{ "/var/lib/k0s/containerd", containerd },
	{ "/run/k0s/containerd", containerd },
	{ "/var/lib/k0s/kubelet", kubelet },
	{ "/var/tmp", buildah },
};

/* Where the engine's root is when the root file system has one of its forms:
 * three components behind it. */
static const struct {
	const char *root;
	const struct row *rows;
} stores[] = {
	{ "/overlay/*/merged", containers_storage },
	{ "/overlay2/*/merged", docker },
	{ "/rootfs/overlayfs/*", docker },
	{ "/executor/*/rootfs", buildkit },
};

static const char *component(const char *path, int index, size_t *ret_len)
{
	const char *at = path + 1;

	for (; index > 0; index--)
		at = strchr(at, '/') + 1; /* the pattern has that many */
	*ret_len = strcspn(at, "/");
	return at;
}

/* `below` is the path behind its base. */
static struct garita_shape match_rows(const struct row *rows, const char *below)
{
	struct garita_shape shape = { 0 };

	while (rows->pattern[0] != '\0' &&
	       !garita_path_match(rows->pattern, below))
		rows++;
	shape.kind = rows->kind;
	if (rows->owner >= 0)
		shape.owner = component(below, rows->owner, &shape.owner_len);
	if (rows->plugin >= 0)
		shape.plugin =
			component(below, rows->plugin, &shape.plugin_len);
	return shape;
}

/* Ends the root path behind the engine's root, and says what is kept there;
 * NULL: the path has another form, or nothing before it. */
static const struct row *cut_to_store(char *root)
{
	char *at = root + strlen(root);

	for (int i = 0; i < 3 && at != NULL; i++) {
		at = memrchr(root, '/', (size_t)(at - root));
		if (at == root)
			return NULL;
	}
	if (at == NULL)
		return NULL;
	for (size_t i = 0; i < GARITA_COUNT(stores); i++) {
		if (!garita_path_match(stores[i].root, at))
			continue;
		*at = '\0';
		return stores[i].rows;
	}
	return NULL;
}

static const char containers_dir[] = "/overlay-containers/";

/* Podman may keep its state anywhere (--runroot). Its bundle is
 * <store>/overlay-containers/<id>/userdata, and the state of one container has
 * that tail too: with this container's id nobody else can have named it
 * before. Of a container whose network is joined only the single files. */
static struct garita_shape match_state(const struct garita_case *of,
				       const char *path)
{
	const struct garita_namespace *network =
		&of->spec->namespaces[GARITA_NS_NETWORK];
	const char *bundle = of->host->bundle;
	const char *own = bundle ? strstr(bundle, containers_dir) : NULL;
	const char *below = strstr(path, containers_dir);
	struct garita_shape shape = { 0 };

	if (own == NULL || below == NULL)
		return shape;
	shape = match_rows(containers_storage, below);
	own += sizeof(containers_dir) - 1;
	if (shape.kind != GARITA_SHAPE_NONE &&
	    strncmp(own, shape.owner, shape.owner_len) == 0 &&
	    strcmp(own + shape.owner_len, "/userdata") == 0)
		return shape;
	if (shape.kind == GARITA_SHAPE_FILE && network->path != NULL)
		return shape;
	return (struct garita_shape){ 0 };
}

char *garita_shape_root(const struct garita_case *of)
{
	if (of->host->root != NULL)
		return garita_path_clean(of->host->root);
	return garita_path_clean_from(of->host->bundle ? of->host->bundle : "/",
				      of->spec->root_path);
}

struct garita_shape garita_shape_of(const struct garita_case *of,
				    const char *path)
{
	auto_free char *own = NULL;
	const struct row *rows;

	for (size_t i = 0; i < GARITA_COUNT(places); i++) {
		struct garita_shape shape;

		if (!garita_path_within(path, places[i].base))
			continue;
		shape = match_rows(places[i].rows,
				   path + strlen(places[i].base));
		if (shape.kind != GARITA_SHAPE_NONE)
			return shape;
	}
	own = garita_shape_root(of);
	rows = cut_to_store(own);
	if (rows != NULL && garita_path_within(path, own)) {
		struct garita_shape shape =
			match_rows(rows, path + strlen(own));

		if (shape.kind != GARITA_SHAPE_NONE)
			return shape;
	}
	return match_state(of, path);
}
