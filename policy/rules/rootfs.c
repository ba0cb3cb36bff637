/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rootfs - the tree that becomes the container's root.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/policy.h"
#include "policy/rules/shapes.h"
#include "policy/rules/sources.h"

/* Where engines put the root file systems of containers, in directories that
 * are otherwise the host's own business. */
static const char engine_roots[][47] = {
	"/run/containerd/*/*/*/rootfs",
	"/run/docker/containerd/*/*/*/rootfs",
	"/run/k3s/containerd/*/*/*/rootfs",
	"/var/lib/containers/storage/*/*/merged",
	"/var/lib/containers/storage/btrfs/subvolumes/*",
	"/var/lib/containers/storage/vfs/dir/*",
	"/var/lib/containers/storage/zfs/graph/*",
	"/var/lib/docker/*/*/merged",
	"/var/lib/docker/btrfs/subvolumes/*",
	"/var/lib/docker/buildkit/executor/*/rootfs",
	"/var/lib/docker/rootfs/*/*",
	"/var/lib/docker/vfs/dir/*",
	"/var/lib/docker/zfs/graph/*",
};

static void check_readonly(const struct garita_case *of,
			   struct garita_report *out)
{
	if (!of->spec->root_read_only)
		garita_report(out, "/root/readonly",
			      "a root file system that is read-only",
			      "a root file system that can be written to");
}

static bool is_mounted(const struct garita_spec *spec, const char *clean)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (strcmp(spec->mounts[i].clean, clean) == 0)
			return true;
	return false;
}

static void add_tmpfs(struct garita_json_doc *config,
		      struct garita_json *mounts, const char *destination)
{
	static const char words[][10] = { "nosuid", "nodev", "mode=1777" };
	struct garita_json *mount = garita_json_new_object(config);
	struct garita_json *options = garita_json_new_array(config);

	garita_json_put_string(config, mount, "destination", destination);
	garita_json_put_string(config, mount, "type", "tmpfs");
	garita_json_put_string(config, mount, "source", "tmpfs");
	for (size_t i = 0; i < GARITA_COUNT(words); i++)
		garita_json_append(config, options,
				   garita_json_new_string(config, words[i]));
	garita_json_put(config, mount, "options", options);
	garita_json_append(config, mounts, mount);
}

static int fix_readonly(const struct garita_case *of,
			struct garita_json_doc *config,
			struct garita_error *err)
{
	struct garita_json *tree = garita_json_root(config);
	size_t count;
	char *const *paths = garita_param_strings(of, "tmpfs", &count);

	for (size_t i = 0; i < count; i++) {
		auto_free char *clean = garita_path_clean(paths[i]);

		if (strcmp(clean, "/") == 0)
			return garita_fail(err, EINVAL,
					   "a tmpfs on / would hide the image");
		if (is_mounted(of->spec, clean))
			continue;
		add_tmpfs(config,
			  garita_json_make_array(config, tree, "mounts"),
			  clean);
	}
	garita_json_put_bool(config, garita_json_get(tree, "root"), "readonly",
			     true);
	return 0;
}

static bool is_engines(const struct garita_case *of, const char *root)
{
	const char *bundle = of->host->bundle;

	for (size_t i = 0; i < GARITA_COUNT(engine_roots); i++)
		if (garita_path_match(engine_roots[i], root))
			return true;
	return bundle != NULL && garita_path_within(root, bundle) &&
	       strcmp(root, bundle) != 0 && strcmp(bundle, "/") != 0;
}

static void check_path(const struct garita_case *of, struct garita_report *out)
{
	static const char wanted[] = "a directory made for this container";
	auto_free char *root = garita_shape_root(of);
	const char *place = garita_source_sensitive(root);

	if (place == NULL || is_engines(of, root) ||
	    garita_setting_allows_path(of->setting, root))
		return;
	if (strcmp(root, place) == 0)
		garita_report(out, "/root/path", wanted,
			      "%s, a directory of the host", root);
	else
		garita_report(
			out, "/root/path", wanted, "%s, which %s %s", root,
			garita_path_within(place, root) ? "contains" : "is in",
			place);
}

static const char readonly_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.13",
	"NSA/CISA Kubernetes Hardening Guide 1.2: immutable file systems",
	"",
};
static const char path_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config.md, Root",
	"",
};
static const struct garita_param readonly_params[] = {
	{
		.name = "tmpfs",
		.kind = GARITA_PARAM_STRINGS,
		.holds = "directories that a repair makes writable by a tmpfs "
			 "(/tmp, /run)",
	},
	{ .name = "" },
};

const struct garita_rule garita_rules_rootfs[] = {
	{
		.id = "readonly-rootfs",
		.summary = "the root file system is read-only",
		.why = "who can write to the programs of a container can stay "
		       "in "
		       "it",
		.remedy =
			"run with --read-only (readOnlyRootFilesystem: true), "
			"and a tmpfs or volume where files are written",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_ROOT,
		.writes = GARITA_PART_ROOT | GARITA_PART_MOUNTS,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_FIX,
		.params = readonly_params,
		.references = readonly_references,
		.check = check_readonly,
		.fix = fix_readonly,
	},
	{
		.id = "rootfs-path",
		.summary = "the root file system is no directory of the host",
		.why = "a container whose root is the host's has the whole "
		       "host "
		       "mounted",
		.remedy = "let the engine make the root file system from an "
			  "image",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_ROOT,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "paths",
		.references = path_references,
		.check = check_path,
	},
	{ .id = NULL },
};
