/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * namespaces - what the container shares with the host.
 *
 * A namespace that is not listed is inherited from the runtime: the host's. A
 * listed one with a path joins whatever that path is, and container engines
 * write such paths for every container of a pod; only the inode tells whether
 * it is the host's (the namespace of pid 1).
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>

#include "garita/policy.h"
#include "policy/rules/sharing.h"

static bool is_same(const struct garita_namespace_fact *ns,
		    const struct garita_path_fact *fact)
{
	return ns->known && ns->device == fact->device &&
	       ns->inode == fact->inode;
}

enum garita_sharing garita_sharing_of(const struct garita_case *of,
				      enum garita_namespace_type type)
{
	const struct garita_namespace *ns = &of->spec->namespaces[type];
	const struct garita_namespace_fact *init = &of->host->init_ns[type];
	const struct garita_namespace_fact *own = &of->host->own_ns[type];
	const struct garita_path_fact *fact;

	if (!ns->present)
		return GARITA_SHARES_ABSENT;
	if (ns->path == NULL)
		return GARITA_SHARES_NOTHING;
	fact = garita_host_path(of->host, ns->path);
	if (fact == NULL || fact->failure != 0)
		return GARITA_SHARES_UNKNOWN;
	if (is_same(init, fact) || is_same(own, fact))
		return GARITA_SHARES_HOST;
	return init->known ? GARITA_SHARES_NOTHING : GARITA_SHARES_UNKNOWN;
}

static void check_namespace(const struct garita_case *of,
			    struct garita_report *out,
			    enum garita_namespace_type type)
{
	const struct garita_namespace *ns = &of->spec->namespaces[type];
	const char *name = garita_namespace_name(type);
	enum garita_sharing sharing = garita_sharing_of(of, type);
	auto_text at = { 0 }, wanted = { 0 };

	if (sharing == GARITA_SHARES_NOTHING)
		return;
	garita_text_printf(&wanted, "its own %s namespace", name);
	if (ns->present)
		garita_text_printf(&at, "/linux/namespaces/%zu/path",
				   ns->index);
	switch (sharing) {
	case GARITA_SHARES_NOTHING:
		break;
	case GARITA_SHARES_ABSENT:
		garita_report(out, "/linux/namespaces", wanted.data,
			      "no %s namespace: the host's", name);
		break;
	case GARITA_SHARES_HOST:
		garita_report(out, at.data, wanted.data,
			      "%s, which is the host's %s namespace", ns->path,
			      name);
		break;
	case GARITA_SHARES_UNKNOWN:
		garita_report(out, at.data, wanted.data,
			      "%s, and whose namespace that is cannot be told "
			      "from here",
			      ns->path);
		break;
	}
}

/* Adds a namespace of its own in place of the host's. */
static int own_namespace(const struct garita_case *of,
			 struct garita_json_doc *config,
			 enum garita_namespace_type type,
			 struct garita_error *err)
{
	const struct garita_namespace *ns = &of->spec->namespaces[type];
	struct garita_json *os = garita_json_make_object(config, "/linux");
	struct garita_json *list, *entry;

	if (os == NULL)
		return garita_fail(err, EINVAL, "linux is not an object");
	list = garita_json_make_array(config, os, "namespaces");
	if (ns->present) {
		garita_json_remove(garita_json_item(list, ns->index), "path");
		return 0;
	}
	entry = garita_json_new_object(config);
	garita_json_put_string(config, entry, "type",
			       garita_namespace_name(type));
	garita_json_append(config, list, entry);
	return 0;
}

static void check_pid(const struct garita_case *of, struct garita_report *out)
{
	check_namespace(of, out, GARITA_NS_PID);
}

static void check_network(const struct garita_case *of,
			  struct garita_report *out)
{
	check_namespace(of, out, GARITA_NS_NETWORK);
}

static void check_ipc(const struct garita_case *of, struct garita_report *out)
{
	check_namespace(of, out, GARITA_NS_IPC);
}

static int fix_ipc(const struct garita_case *of, struct garita_json_doc *config,
		   struct garita_error *err)
{
	return own_namespace(of, config, GARITA_NS_IPC, err);
}

static void check_uts(const struct garita_case *of, struct garita_report *out)
{
	check_namespace(of, out, GARITA_NS_UTS);
}

static int fix_uts(const struct garita_case *of, struct garita_json_doc *config,
		   struct garita_error *err)
{
	return own_namespace(of, config, GARITA_NS_UTS, err);
}

static void check_mount(const struct garita_case *of, struct garita_report *out)
{
	check_namespace(of, out, GARITA_NS_MOUNT);
}

static int fix_mount(const struct garita_case *of,
		     struct garita_json_doc *config, struct garita_error *err)
{
	return own_namespace(of, config, GARITA_NS_MOUNT, err);
}

/* Where control groups are of version 1, a container without a namespace sees
 * no more than its own mounts of them, and runtimes mount those otherwise in
 * one: nothing to ask for there. */
static bool has_cgroup1(const struct garita_case *of)
{
	const struct garita_path_fact *fact =
		garita_host_path(of->host, GARITA_HOST_CGROUP2);

	return fact != NULL &&
	       (fact->failure == ENOENT || fact->failure == ENOTDIR);
}

static void check_cgroup(const struct garita_case *of,
			 struct garita_report *out)
{
	if (of->spec->namespaces[GARITA_NS_CGROUP].present || !has_cgroup1(of))
		check_namespace(of, out, GARITA_NS_CGROUP);
}

static int fix_cgroup(const struct garita_case *of,
		      struct garita_json_doc *config, struct garita_error *err)
{
	return own_namespace(of, config, GARITA_NS_CGROUP, err);
}

static const char time_offsets[] = "/linux/timeOffsets";

static void check_time(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_json *clocks =
		garita_json_at(of->spec->root, time_offsets);
	const struct garita_namespace *ns =
		&of->spec->namespaces[GARITA_NS_TIME];
	int64_t most = garita_param_number(of, "max-seconds");

	if (garita_json_count(clocks) == 0)
		return;
	if (!ns->present || ns->path != NULL)
		garita_report(out, time_offsets,
			      "offsets only in a time namespace of its own",
			      "offsets without one");
	for (size_t i = 0; i < garita_json_count(clocks); i++) {
		const struct garita_json *node =
			garita_json_get(garita_json_item(clocks, i), "secs");
		const char *clock = garita_json_key(clocks, i);
		auto_text at = { 0 }, wanted = { 0 };
		int64_t seconds = 0;

		if (node == NULL || (garita_json_i64(node, &seconds) == 0 &&
				     seconds <= most && seconds >= -most))
			continue;
		garita_text_puts(&at, time_offsets);
		garita_json_pointer_add(&at, clock);
		garita_text_printf(&wanted, "at most %lld seconds",
				   (long long)most);
		garita_report(out, at.data, wanted.data, "%s is %s seconds off",
			      clock, garita_json_number_text(node));
	}
}

static int fix_time(const struct garita_case *of,
		    struct garita_json_doc *config, struct garita_error *err)
{
	(void)of;
	(void)err;
	garita_json_remove(garita_json_get(garita_json_root(config), "linux"),
			   "timeOffsets");
	return 0;
}

static const char pid_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: hostNamespaces",
	"CIS Docker 1.6.0: 5.16",
	"",
};
static const char network_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: hostNamespaces",
	"CIS Docker 1.6.0: 5.10",
	"",
};
static const char ipc_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: hostNamespaces",
	"CIS Docker 1.6.0: 5.17",
	"",
};
static const char uts_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.21",
	"",
};
static const char cgroup_references[][GARITA_REFERENCE] = {
	"cgroup_namespaces(7)",
	"",
};
static const char time_references[][GARITA_REFERENCE] = {
	"time_namespaces(7)",
	"",
};
static const struct garita_param time_params[] = {
	{
		.name = "max-seconds",
		.kind = GARITA_PARAM_NUMBER,
		.holds = "how far a clock may be off, in seconds",
		.least = 0,
		.most = INT32_MAX,
		.otherwise = 315360000, /* ten years */
	},
	{ .name = "" },
};
static const char mount_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, Namespaces",
	"",
};

const struct garita_rule garita_rules_namespaces[] = {
	{
		.id = "host-pid",
		.summary = "the process tree of the host is out of sight",
		.why = "a process that sees the host's processes can signal, "
		       "trace and read them",
		.remedy = "run without --pid host (hostPID: false)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = pid_references,
		.check = check_pid,
	},
	{
		.id = "host-network",
		.summary = "the network of the host is out of reach",
		.why = "on the host's network a container reaches every local "
		       "service and listens for the host",
		.remedy = "run without --network host (hostNetwork: false) and "
			  "publish the ports that are needed",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = network_references,
		.check = check_network,
	},
	{
		.id = "host-ipc",
		.summary = "the shared memory of the host is out of reach",
		.why = "shared memory and semaphores of host programs can be "
		       "read and changed",
		.remedy = "run without --ipc host (hostIPC: false)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = ipc_references,
		.check = check_ipc,
		.fix = fix_ipc,
	},
	{
		.id = "host-uts",
		.summary = "the host's name is its own",
		.why = "with CAP_SYS_ADMIN the host's name can be changed, and "
		       "logs and TLS with it",
		.remedy = "run without --uts host",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = uts_references,
		.check = check_uts,
		.fix = fix_uts,
	},
	{
		.id = "host-mount-ns",
		.summary = "the mounts of the host are out of reach",
		.why = "in the host's mount namespace a container's mounts are "
		       "the host's",
		.remedy = "list {\"type\": \"mount\"} in linux.namespaces",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = mount_references,
		.check = check_mount,
		.fix = fix_mount,
	},
	{
		.id = "host-cgroupns",
		.summary = "the host's control groups are out of sight",
		.why = "their paths tell what else runs on the host and who "
		       "manages it",
		.remedy = "run without --cgroupns host",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = cgroup_references,
		.check = check_cgroup,
		.fix = fix_cgroup,
	},
	{
		.id = "time-namespace",
		.summary = "clocks are moved only in a time namespace, and "
			   "not far",
		.why = "timeouts and records of a program on a moved clock "
		       "mean something else",
		.remedy = "remove linux.timeOffsets",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.params = time_params,
		.references = time_references,
		.check = check_time,
		.fix = fix_time,
	},
	{ .id = NULL },
};
