/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mounts - what of the host is put into the container.
 *
 * A bind mount is judged by where its source really is (links resolved by
 * hook/host), falling back to the cleaned text when nothing is there yet.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/path.h"
#include "policy/report.h"
#include "policy/rules/mount_option.h"
#include "policy/rules/shapes.h"
#include "policy/rules/sources.h"

/* Where the engines listen; with the links that lead there. */
static const char sockets[][36] = {
	"/run/docker.sock",
	"/run/containerd/containerd.sock",
	"/run/crio/crio.sock",
	"/run/podman/podman.sock",
	"/run/cri-dockerd.sock",
	"/run/nri/nri.sock",
	"/run/buildkit/buildkitd.sock",
	"/run/k3s/containerd/containerd.sock",
};

/* Wherever it lies: "docker.sock" is one. */
static bool has_socket_name(const char *path)
{
	const char *name = strrchr(path, '/');

	for (size_t i = 0; name != NULL && i < GARITA_COUNT(sockets); i++)
		if (strcmp(name, strrchr(sockets[i], '/')) == 0)
			return true;
	return false;
}

/* The engine socket that this source is or contains, or NULL. Also told by
 * inode: a hard link or another mount of a socket has another name. */
static const char *engine_socket(const struct garita_case *of,
				 const struct garita_mount *mount,
				 const char *path)
{
	const struct garita_path_fact *source =
		garita_host_path(of->host, mount->source);

	if (has_socket_name(path))
		return path;
	for (size_t i = 0; i < GARITA_COUNT(sockets); i++) {
		const struct garita_path_fact *socket =
			garita_host_path(of->host, sockets[i]);
		bool there = socket != NULL && socket->failure == 0;

		if (there && source != NULL && source->failure == 0 &&
		    S_ISSOCK(source->mode) && S_ISSOCK(socket->mode) &&
		    source->device == socket->device &&
		    source->inode == socket->inode)
			return sockets[i];
		if (there && garita_path_within(sockets[i], path))
			return sockets[i];
		if (there && socket->real != NULL &&
		    garita_path_within(socket->real, path))
			return sockets[i];
	}
	return NULL;
}

static void check_runtime_socket(const struct garita_case *of,
				 struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *path = garita_source_real(of, mount);
		const char *socket;
		auto_text at = { 0 };

		if (path == NULL ||
		    garita_source_allowed(of->setting, mount, path))
			continue;
		socket = engine_socket(of, mount, path);
		if (socket == NULL)
			continue;
		garita_text_printf(&at, "/mounts/%zu/source", i);
		if (strcmp(socket, path) == 0)
			garita_report(out, at.data,
				      "no socket of a container engine", "%s",
				      path);
		else
			garita_report(out, at.data,
				      "no socket of a container engine",
				      "%s, through which %s is reached", path,
				      socket);
	}
}

static int fix_runtime_socket(const struct garita_case *of,
			      struct garita_json_doc *config,
			      struct garita_error *err)
{
	struct garita_json *mounts =
		garita_json_get(garita_json_root(config), "mounts");

	(void)err;
	for (size_t i = of->spec->mount_count; i-- > 0;) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *path = garita_source_real(of, mount);

		if (path != NULL &&
		    !garita_source_allowed(of->setting, mount, path) &&
		    engine_socket(of, mount, path) != NULL)
			garita_json_remove_item(mounts, i);
	}
	return 0;
}

static void report_sensitive(const struct garita_case *of,
			     struct garita_report *out, const char *at,
			     const struct garita_mount *mount, const char *path,
			     const char *place)
{
	static const char wanted[] = "nothing of the host's own directories";
	const char *how = garita_source_read_only(mount, path) ? "read-only"
			  : mount->read_only ? "read-only, but for mounts in it"
					     : "writable";
	const char *why = strcmp(path, place) == 0 ? ""
			  : garita_path_within(place, path)
				  ? ", which contains "
				  : ", which is in ";
	const char *what = *why ? place : "";

	if (garita_source_tolerated(of, of->setting, mount, path))
		garita_report_warning(out, at, wanted, "%s (%s)%s%s", path, how,
				      why, what);
	else
		garita_report(out, at, wanted, "%s (%s)%s%s", path, how, why,
			      what);
}

static void check_sensitive(const struct garita_case *of,
			    struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *path = garita_source_real(of, mount);
		const char *place;
		auto_text at = { 0 };

		if (path == NULL ||
		    garita_source_allowed(of->setting, mount, path) ||
		    garita_source_harmless(of, mount))
			continue;
		place = garita_source_sensitive(path);
		if (place == NULL)
			continue;
		garita_text_printf(&at, "/mounts/%zu/source", i);
		report_sensitive(of, out, at.data, mount, path, place);
	}
}

/* What is wrong with a mount that touches /proc or /sys; NULL: nothing. A
 * writable sysfs or cgroup is the one case that can be repaired. */
static const char *kernel_mount_problem(const struct garita_mount *mount)
{
	bool proc = garita_shape_is(mount, "proc");
	bool sysfs = garita_shape_is(mount, "sysfs");
	bool cgroup = garita_shape_kernel_files(mount) && !sysfs;
	bool inside = garita_path_within(mount->clean, "/proc") ||
		      garita_path_within(mount->clean, "/sys");

	if (proc && strcmp(mount->clean, "/proc") != 0)
		return "a second proc, which no mask covers";
	if (sysfs && strcmp(mount->clean, "/sys") != 0)
		return "a second sysfs, which no mask covers";
	if (strcmp(mount->clean, "/proc") == 0 && !proc)
		return "something other than proc on /proc";
	if (strcmp(mount->clean, "/sys") == 0 && !sysfs)
		return "something other than sysfs on /sys";
	if ((sysfs || cgroup) && !mount->read_only)
		return "writable kernel files";
	if (strcmp(mount->clean, "/sys/fs/cgroup") == 0 &&
	    garita_shape_is(mount, "tmpfs"))
		return NULL;
	if (inside && !proc && !sysfs && !cgroup)
		return "a mount over files of the kernel, which undoes masks";
	return NULL;
}

static bool is_kernel_mount_allowed(const struct garita_case *of,
				    const struct garita_mount *mount)
{
	return garita_destination_allowed(of->setting, mount);
}

static void check_proc_sys(const struct garita_case *of,
			   struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *problem = kernel_mount_problem(mount);
		auto_text at = { 0 };

		if (problem == NULL || is_kernel_mount_allowed(of, mount))
			continue;
		garita_text_printf(&at, "/mounts/%zu", i);
		garita_report(out, at.data,
			      "proc on /proc, read-only sysfs on /sys, "
			      "read-only cgroup below it",
			      "%s: %s", mount->clean, problem);
	}
}

static int fix_proc_sys(const struct garita_case *of,
			struct garita_json_doc *config,
			struct garita_error *err)
{
	static const char *const words[] = { "rw" };
	static const struct garita_option_words writable = { words, 1 };

	for (size_t i = 0; i < of->spec->mount_count; i++) {
		const struct garita_mount *mount = &of->spec->mounts[i];
		const char *problem = kernel_mount_problem(mount);

		if (problem == NULL || is_kernel_mount_allowed(of, mount))
			continue;
		if (!garita_shape_kernel_files(mount) || mount->read_only)
			return garita_fail(err, ENOTSUP,
					   "only a writable sysfs or cgroup "
					   "can be repaired");
		garita_mount_set_option(config, i, &writable, "ro");
	}
	return 0;
}

static const char socket_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.32",
	"",
};
static const char sensitive_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: hostPathVolumes",
	"CIS Docker 1.6.0: 5.6",
	"NIST SP 800-190: 4.5.5",
	"",
};
static const char proc_sys_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, Default Filesystems",
	"Pod Security Standards: procMount",
	"",
};

const struct garita_rule garita_rules_mounts[] = {
	{
		.id = "runtime-socket-mount",
		.summary = "no socket of a container engine is mounted",
		.why = "who can talk to the engine starts a privileged "
		       "container and owns the host",
		.remedy = "remove the mount; give the program its own, "
			  "restricted API instead",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_MOUNTS,
		.writes = GARITA_PART_MOUNTS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "source paths",
		.references = socket_references,
		.check = check_runtime_socket,
		.fix = fix_runtime_socket,
	},
	{
		.id = "sensitive-host-mount",
		.summary = "no directory of the host itself is mounted",
		.why = "files of the host are its accounts, keys, programs and "
		       "logs",
		.remedy = "mount a volume or a directory made for the "
			  "container, or allow the path for this rule; to be "
			  "read-only with what is mounted in it, it takes rro",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_ROOT | GARITA_PART_MOUNTS |
			 GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "source paths, with :ro for read-only mounts only",
		.references = sensitive_references,
		.check = check_sensitive,
	},
	{
		.id = "proc-sys-mount",
		.summary = "proc and sysfs are where they belong, and "
			   "read-only where they control the host",
		.why = "writable kernel files, or a second copy of them, turn "
		       "the masks off",
		.remedy = "keep the engine's mounts of /proc, /sys and "
			  "/sys/fs/cgroup (ro)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_MOUNTS,
		.writes = GARITA_PART_MOUNTS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "destinations",
		.part_of = "privileged",
		.references = proc_sys_references,
		.check = check_proc_sys,
		.fix = fix_proc_sys,
	},
	{ .id = NULL },
};
