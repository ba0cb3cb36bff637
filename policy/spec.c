/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * spec - the tree of a config.json turned into the facts that rules look at.
 *
 * The name table (names.c) has already refused members of the wrong type, so
 * reading here is by exact name and a missing member is simply not there.
 */
#include "garita/spec.h"

#include <errno.h>
#include <string.h>

#include "policy/spec_mounts.h"

static const struct {
	char spec[8], proc[8];
} namespaces[GARITA_NS_TYPES] = {
	[GARITA_NS_PID] = { "pid", "pid" },
	[GARITA_NS_NETWORK] = { "network", "net" },
	[GARITA_NS_MOUNT] = { "mount", "mnt" },
	[GARITA_NS_IPC] = { "ipc", "ipc" },
	[GARITA_NS_UTS] = { "uts", "uts" },
	[GARITA_NS_USER] = { "user", "user" },
	[GARITA_NS_CGROUP] = { "cgroup", "cgroup" },
	[GARITA_NS_TIME] = { "time", "time" },
};

static const char hook_stages[GARITA_HOOK_STAGES][16] = {
	[GARITA_HOOK_PRESTART] = "prestart",
	[GARITA_HOOK_CREATE_RUNTIME] = "createRuntime",
	[GARITA_HOOK_CREATE_CONTAINER] = "createContainer",
	[GARITA_HOOK_START_CONTAINER] = "startContainer",
	[GARITA_HOOK_POSTSTART] = "poststart",
	[GARITA_HOOK_POSTSTOP] = "poststop",
};

const char *garita_namespace_name(enum garita_namespace_type type)
{
	return namespaces[type].spec;
}

const char *garita_namespace_proc_name(enum garita_namespace_type type)
{
	return namespaces[type].proc;
}

const char *garita_hook_stage_name(enum garita_hook_stage stage)
{
	return hook_stages[stage];
}

static bool fits_u32(const struct garita_json *node, uint32_t *ret)
{
	uint64_t value;

	if (garita_json_u64(node, &value) < 0 || value > UINT32_MAX)
		return false;
	*ret = (uint32_t)value;
	return true;
}

static int64_t number_or(const struct garita_json *node, int64_t otherwise)
{
	int64_t value;

	return garita_json_i64(node, &value) == 0 ? value : otherwise;
}

/* One capability name. A spelling that only some readers take ("cap_chown",
 * "21") is refused; a well-formed unknown one is ignored by all of them and
 * is left to the rule unknown-capability. */
static int read_cap(struct garita_json_doc *doc, struct garita_spec *spec,
		    enum garita_cap_set set, const struct garita_json *node,
		    size_t i, struct garita_error *err)
{
	const char *name = garita_json_string(node);
	int number;

	if (name == NULL || !garita_cap_well_formed(name)) {
		auto_text at = { 0 };

		garita_text_printf(&at, "/process/capabilities/%s/%zu",
				   garita_cap_set_name(set), i);
		return garita_json_fail(
			err, doc, at.data, EINVAL,
			"capability name \"%s\" is read as a capability by "
			"some runtimes and ignored by others; write it exactly "
			"(CAP_NET_BIND_SERVICE) or remove it",
			name ? name : "");
	}

	number = garita_cap_number(name);
	if (number >= 0)
		spec->caps[set] |= GARITA_CAP((unsigned)number);
	else if (spec->unknown_cap[set] == NULL)
		spec->unknown_cap[set] = node;
	return 0;
}

static int read_caps(struct garita_json_doc *doc,
		     const struct garita_json *process,
		     struct garita_spec *spec, struct garita_error *err)
{
	const struct garita_json *caps =
		garita_json_get(process, "capabilities");

	spec->has_caps = garita_json_type(caps) == GARITA_JSON_OBJECT;
	for (enum garita_cap_set set = 0; set < GARITA_CAPS_SETS; set++) {
		const struct garita_json *names =
			garita_json_get(caps, garita_cap_set_name(set));

		for (size_t i = 0; i < garita_json_count(names); i++) {
			int rc = read_cap(doc, spec, set,
					  garita_json_item(names, i), i, err);

			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

static int read_process(struct garita_json_doc *doc, struct garita_spec *spec,
			struct garita_error *err)
{
	const struct garita_json *process =
		garita_json_get(spec->root, "process");
	const struct garita_json *user = garita_json_get(process, "user");

	if (garita_json_type(process) != GARITA_JSON_OBJECT)
		return garita_json_fail(err, doc, "/process", EINVAL,
					"process is missing: there is nothing "
					"that could be judged");
	spec->has_process = true;
	spec->has_uid = fits_u32(garita_json_get(user, "uid"), &spec->uid);
	spec->has_gid = fits_u32(garita_json_get(user, "gid"), &spec->gid);
	spec->username = garita_json_string(garita_json_get(user, "username"));
	spec->cwd = garita_json_string(garita_json_get(process, "cwd"));
	spec->args = garita_json_get(process, "args");
	spec->no_new_privileges =
		garita_json_bool(garita_json_get(process, "noNewPrivileges"));
	return read_caps(doc, process, spec, err);
}

static int fail_namespace(struct garita_json_doc *doc, size_t i,
			  const char *problem, const char *name,
			  struct garita_error *err)
{
	auto_text at = { 0 };

	garita_text_printf(&at, "/linux/namespaces/%zu", i);
	return garita_json_fail(err, doc, at.data, EINVAL,
				"namespace type \"%s\" %s", name ? name : "",
				problem);
}

static int read_namespaces(struct garita_json_doc *doc,
			   const struct garita_json *os,
			   struct garita_spec *spec, struct garita_error *err)
{
	const struct garita_json *list = garita_json_get(os, "namespaces");

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const struct garita_json *node = garita_json_item(list, i);
		const char *name =
			garita_json_string(garita_json_get(node, "type"));
		enum garita_namespace_type type = 0;
		const char *path;

		while (type < GARITA_NS_TYPES &&
		       (name == NULL ||
			strcmp(name, namespaces[type].spec) != 0))
			type++;
		if (type == GARITA_NS_TYPES)
			return fail_namespace(doc, i, "does not exist", name,
					      err);
		if (spec->namespaces[type].present)
			return fail_namespace(doc, i, "is listed twice", name,
					      err);
		path = garita_json_string(garita_json_get(node, "path"));
		spec->namespaces[type] = (struct garita_namespace){
			.present = true,
			.path = path && *path ? path : NULL,
			.index = i,
		};
	}
	return 0;
}

static void read_uid_maps(const struct garita_json *os,
			  struct garita_spec *spec)
{
	const struct garita_json *list = garita_json_get(os, "uidMappings");

	spec->uid_map_count = garita_json_count(list);
	spec->uid_maps =
		garita_xcalloc(spec->uid_map_count, sizeof(*spec->uid_maps));
	for (size_t i = 0; i < spec->uid_map_count; i++) {
		const struct garita_json *node = garita_json_item(list, i);
		struct garita_id_map *map = &spec->uid_maps[i];

		fits_u32(garita_json_get(node, "containerID"),
			 &map->container_id);
		fits_u32(garita_json_get(node, "hostID"), &map->host_id);
		fits_u32(garita_json_get(node, "size"), &map->size);
	}
}

static void read_devices(const struct garita_json *os, struct garita_spec *spec)
{
	const struct garita_json *list = garita_json_get(os, "devices");

	spec->device_count = garita_json_count(list);
	spec->devices =
		garita_xcalloc(spec->device_count, sizeof(*spec->devices));
	for (size_t i = 0; i < spec->device_count; i++) {
		const struct garita_json *node = garita_json_item(list, i);
		struct garita_device *device = &spec->devices[i];

		device->path =
			garita_json_string(garita_json_get(node, "path"));
		device->type =
			garita_json_string(garita_json_get(node, "type"));
		device->major = number_or(garita_json_get(node, "major"), -1);
		device->minor = number_or(garita_json_get(node, "minor"), -1);
	}
}

static void read_device_rules(const struct garita_json *os,
			      struct garita_spec *spec)
{
	const struct garita_json *list =
		garita_json_get(garita_json_get(os, "resources"), "devices");

	spec->device_rule_count = garita_json_count(list);
	spec->device_rules = garita_xcalloc(spec->device_rule_count,
					    sizeof(*spec->device_rules));
	for (size_t i = 0; i < spec->device_rule_count; i++) {
		const struct garita_json *node = garita_json_item(list, i);
		struct garita_device_rule *rule = &spec->device_rules[i];
		const char *type =
			garita_json_string(garita_json_get(node, "type"));

		rule->allow = garita_json_bool(garita_json_get(node, "allow"));
		rule->type = (char)(type && *type ? *type : 'a');
		rule->major = number_or(garita_json_get(node, "major"), -1);
		rule->minor = number_or(garita_json_get(node, "minor"), -1);
		rule->access =
			garita_json_string(garita_json_get(node, "access"));
	}
}

/* What is no more than a node. */
static void read_linux_nodes(const struct garita_json *os,
			     struct garita_spec *spec)
{
	const struct garita_json *seccomp = garita_json_get(os, "seccomp");

	spec->has_linux = garita_json_type(os) == GARITA_JSON_OBJECT;
	spec->masked_paths = garita_json_get(os, "maskedPaths");
	spec->readonly_paths = garita_json_get(os, "readonlyPaths");
	spec->seccomp = garita_json_type(seccomp) == GARITA_JSON_OBJECT
				? seccomp
				: NULL;
}

static int read_linux(struct garita_json_doc *doc, struct garita_spec *spec,
		      struct garita_error *err)
{
	const struct garita_json *os = garita_json_get(spec->root, "linux");

	read_linux_nodes(os, spec);
	read_uid_maps(os, spec);
	read_devices(os, spec);
	read_device_rules(os, spec);
	return read_namespaces(doc, os, spec, err);
}

static void read_hooks(struct garita_spec *spec)
{
	const struct garita_json *hooks = garita_json_get(spec->root, "hooks");
	size_t total = 0;

	for (size_t s = 0; s < GARITA_HOOK_STAGES; s++)
		total += garita_json_count(
			garita_json_get(hooks, hook_stages[s]));
	spec->hooks = garita_xcalloc(total, sizeof(*spec->hooks));

	for (enum garita_hook_stage s = 0; s < GARITA_HOOK_STAGES; s++) {
		const struct garita_json *list =
			garita_json_get(hooks, hook_stages[s]);

		for (size_t i = 0; i < garita_json_count(list); i++) {
			const struct garita_json *node =
				garita_json_item(list, i);
			const char *path = garita_json_string(
				garita_json_get(node, "path"));
			const struct garita_json *env =
				garita_json_get(node, "env");

			spec->hooks[spec->hook_count++] = (struct garita_hook){
				.stage = s,
				.index = i,
				.path = path ? path : "",
				.args = garita_json_get(node, "args"),
				.env = garita_json_type(env) ==
						       GARITA_JSON_ARRAY
					       ? env
					       : NULL,
			};
		}
	}
}

static int read_root(struct garita_json_doc *doc, struct garita_spec *spec,
		     struct garita_error *err)
{
	const struct garita_json *root = garita_json_get(spec->root, "root");

	spec->root_path = garita_json_string(garita_json_get(root, "path"));
	spec->root_read_only =
		garita_json_bool(garita_json_get(root, "readonly"));
	if (spec->root_path == NULL || *spec->root_path == '\0')
		return garita_json_fail(err, doc, "/root/path", EINVAL,
					"root.path is missing");
	return 0;
}

int garita_spec_read(struct garita_json_doc *doc, struct garita_spec *ret,
		     struct garita_error *err)
{
	auto_spec spec = { .root = garita_json_root(doc) };
	int rc;

	rc = read_process(doc, &spec, err);
	if (rc == 0)
		rc = read_root(doc, &spec, err);
	if (rc == 0)
		rc = garita_spec_read_mounts(doc, &spec, err);
	if (rc == 0)
		rc = read_linux(doc, &spec, err);
	if (rc < 0)
		return rc;
	read_hooks(&spec);
	spec.annotations = garita_json_get(spec.root, "annotations");

	*ret = spec;
	spec = (struct garita_spec){ 0 };
	return 0;
}

int garita_spec_read_again(struct garita_json_doc *doc, unsigned parts,
			   struct garita_spec *spec, struct garita_error *err)
{
	const unsigned nodes = GARITA_PART_SECCOMP | GARITA_PART_COVERS;

	if ((parts & ~nodes) == 0) {
		read_linux_nodes(garita_json_get(spec->root, "linux"), spec);
		return 0;
	}
	garita_spec_free(spec);
	return garita_spec_read(doc, spec, err);
}

void garita_spec_free(struct garita_spec *spec)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		free(spec->mounts[i].clean);
	free(spec->mounts);
	free(spec->uid_maps);
	free(spec->devices);
	free(spec->device_rules);
	free(spec->hooks);
	*spec = (struct garita_spec){ 0 };
}
