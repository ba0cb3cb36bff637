/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec_subject - is this the sandbox of a pod, or a container?
 *
 * A sandbox is the program "pause" that keeps the namespaces of a pod; rules
 * about what an application may do are not asked of it. An annotation says
 * which it is, but whoever starts a container writes its annotations. So the
 * annotation is believed only of a config that has nothing a container would
 * want: it runs /pause and nothing else, not as root, on a read-only root,
 * with no way to more privileges, no device, no more capabilities than engines
 * give, no mount of the host but the files an engine keeps for sandboxes, and
 * in a network that was there before it. Whatever else says "sandbox" is a
 * container.
 */
#include "garita/spec.h"

#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/rule.h"

static const struct {
	const char *key, *value;
} says_sandbox[] = {
	{ "io.kubernetes.cri.container-type", "sandbox" },  /* containerd */
	{ "io.kubernetes.cri-o.ContainerType", "sandbox" }, /* CRI-O */
};

/* What containerd and CRI-O keep for a sandbox and mount into it. */
static const char sandbox_files[][72] = {
	"/run/containerd/io.containerd.grpc.v1.cri/sandboxes/*/shm",
	"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/*/hostname",
	"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/*/hosts",
	"/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/*/resolv.conf",
	"/run/containers/storage/overlay-containers/*/userdata/shm",
	"/run/containers/storage/overlay-containers/*/userdata/hostname",
	"/run/containers/storage/overlay-containers/*/userdata/resolv.conf",
	("/var/lib/containers/storage/overlay-containers/*/userdata/"
	 ".containerenv"),
};

/* The fourteen capabilities that containerd gives where nobody asked: the bits
 * of CAP_CHOWN .. CAP_SETFCAP as in the rule capabilities-baseline. */
static const garita_caps usual_caps =
	GARITA_CAP(0) | GARITA_CAP(1) | GARITA_CAP(3) | GARITA_CAP(4) |
	GARITA_CAP(5) | GARITA_CAP(6) | GARITA_CAP(7) | GARITA_CAP(8) |
	GARITA_CAP(10) | GARITA_CAP(13) | GARITA_CAP(18) | GARITA_CAP(27) |
	GARITA_CAP(29) | GARITA_CAP(31);

static bool is_called_sandbox(const struct garita_spec *spec)
{
	for (size_t i = 0; i < GARITA_COUNT(says_sandbox); i++) {
		const char *value = garita_json_string(garita_json_get(
			spec->annotations, says_sandbox[i].key));

		if (value != NULL && strcmp(value, says_sandbox[i].value) == 0)
			return true;
	}
	return false;
}

static bool runs_pause(const struct garita_spec *spec)
{
	const char *program =
		garita_json_string(garita_json_item(spec->args, 0));

	return garita_json_count(spec->args) == 1 && program != NULL &&
	       strcmp(program, "/pause") == 0;
}

static bool has_few_powers(const struct garita_spec *spec)
{
	for (size_t set = 0; set < GARITA_CAPS_SETS; set++)
		if ((spec->caps[set] & ~usual_caps) != 0)
			return false;
	return spec->root_read_only && spec->no_new_privileges &&
	       spec->has_uid && spec->uid != 0 && spec->username == NULL &&
	       spec->device_count == 0;
}

static bool is_sandbox_file(const char *source)
{
	auto_free char *path = garita_path_clean(source);

	for (size_t i = 0; i < GARITA_COUNT(sandbox_files); i++)
		if (garita_path_match(sandbox_files[i], path))
			return true;
	return false;
}

static bool mounts_own_files(const struct garita_spec *spec)
{
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct garita_mount *mount = &spec->mounts[i];

		if (mount->bind && !is_sandbox_file(mount->source))
			return false;
	}
	return true;
}

/* A sandbox brings no guard of the network, its containers do. Engines make a
 * pod's network first, and give the sandbox its path (or none: the host's);
 * into a new one somebody connects this program alone. */
static bool joins_network(const struct garita_spec *spec)
{
	const struct garita_namespace *network =
		&spec->namespaces[GARITA_NS_NETWORK];

	return !network->present || network->path != NULL;
}

enum garita_scope garita_spec_subject(const struct garita_spec *spec)
{
	return is_called_sandbox(spec) && runs_pause(spec) &&
			       has_few_powers(spec) && mounts_own_files(spec) &&
			       joins_network(spec)
		       ? GARITA_SCOPE_SANDBOX
		       : GARITA_SCOPE_CONTAINER;
}
