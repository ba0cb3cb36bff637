/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * devices - device nodes in the container, what its device cgroup lets it
 * open, and network devices that it takes from the host.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/path.h"
#include "garita/policy.h"
#include "policy/report.h"
#include "policy/rules/shapes.h"

/* The devices the runtime makes in every container (runtime-spec
 * config-linux.md, Default Devices); numbers as in the kernel's devices.txt.
 * The numbers count: a disk under the name /dev/null is a disk. */
static const struct {
	char path[14];
	int major, minor; /* minor -1: any */
} usual[] = {
	{ "/dev/null", 1, 3 },     { "/dev/zero", 1, 5 },
	{ "/dev/full", 1, 7 },     { "/dev/random", 1, 8 },
	{ "/dev/urandom", 1, 9 },  { "/dev/tty", 5, 0 },
	{ "/dev/console", 5, 1 },  { "/dev/ptmx", 5, 2 },
	{ "/dev/pts/*", 136, -1 },
};

static bool is_usual_number(int64_t major, int64_t minor)
{
	for (size_t i = 0; i < GARITA_COUNT(usual); i++)
		if (major == usual[i].major &&
		    (minor == usual[i].minor || usual[i].minor < 0))
			return true;
	return false;
}

static bool is_character(const struct garita_device *device)
{
	return device->type != NULL && (strcmp(device->type, "c") == 0 ||
					strcmp(device->type, "u") == 0);
}

static bool is_usual_device(const struct garita_device *device,
			    const char *path)
{
	for (size_t i = 0; i < GARITA_COUNT(usual); i++)
		if (is_character(device) &&
		    garita_path_match(usual[i].path, path) &&
		    device->major == usual[i].major &&
		    (device->minor == usual[i].minor || usual[i].minor < 0))
			return true;
	return false;
}

/* Is it the node that the host has under this path? Whoever starts the
 * container chooses its path freely: --device /dev/sda:/dev/fuse. */
static bool is_of_host(const struct garita_case *of,
		       const struct garita_device *device)
{
	const struct garita_path_fact *node =
		garita_host_path(of->host, device->path);

	return node != NULL && node->failure == 0 &&
	       (is_character(device) ? S_ISCHR(node->mode)
				     : S_ISBLK(node->mode)) &&
	       node->major == device->major && node->minor == device->minor;
}

/* "c 10:229" names a device whatever its path is. */
static bool is_number(const char *allowed, const struct garita_device *device)
{
	char words[64];

	snprintf(words, sizeof(words), "%c %lld:%lld",
		 is_character(device) ? 'c' : 'b', (long long)device->major,
		 (long long)device->minor);
	return strcmp(allowed, words) == 0;
}

static bool is_allowed(const struct garita_case *of,
		       const struct garita_device *device, const char *path)
{
	for (size_t i = 0; i < of->setting->allow_count; i++) {
		const char *allowed = of->setting->allow[i];

		if (is_number(allowed, device) ||
		    (garita_path_match(allowed, path) &&
		     is_of_host(of, device)))
			return true;
	}
	return false;
}

static bool is_device_fine(const struct garita_case *of,
			   const struct garita_device *device)
{
	auto_free char *path =
		garita_path_clean(device->path ? device->path : "/");

	/* A fifo is no device of the host. */
	if (device->type != NULL && strcmp(device->type, "p") == 0)
		return true;
	return is_usual_device(device, path) || is_allowed(of, device, path);
}

/* May the container open this one device? Only when it is a usual one or a
 * device node of an allowed path has its numbers. */
static bool is_rule_fine(const struct garita_case *of,
			 const struct garita_device_rule *rule)
{
	bool opens = rule->access == NULL || strpbrk(rule->access, "rw");

	if (!rule->allow || !opens || rule->type == 'a' || rule->major < 0)
		return true; /* the whole-class case is another rule's */
	if (rule->type == 'c' && is_usual_number(rule->major, rule->minor))
		return true;
	for (size_t i = 0; i < of->spec->device_count; i++) {
		const struct garita_device *device = &of->spec->devices[i];

		if (device->major == rule->major &&
		    device->minor == rule->minor && device->type != NULL &&
		    device->type[0] == rule->type && is_device_fine(of, device))
			return true;
	}
	return false;
}

static void check_host_devices(const struct garita_case *of,
			       struct garita_report *out)
{
	static const char wanted[] = "only the devices every container has";

	for (size_t i = 0; i < of->spec->device_count; i++) {
		const struct garita_device *device = &of->spec->devices[i];
		auto_text at = { 0 };

		if (is_device_fine(of, device))
			continue;
		garita_text_printf(&at, "/linux/devices/%zu", i);
		garita_report(out, at.data, wanted, "%s (%s %lld:%lld)",
			      device->path ? device->path : "no path",
			      device->type ? device->type : "?",
			      (long long)device->major,
			      (long long)device->minor);
	}
	for (size_t i = 0; i < of->spec->device_rule_count; i++) {
		const struct garita_device_rule *rule =
			&of->spec->device_rules[i];
		auto_text at = { 0 };

		if (is_rule_fine(of, rule))
			continue;
		garita_text_printf(&at, "/linux/resources/devices/%zu", i);
		garita_report(out, at.data, wanted,
			      "access \"%s\" to device %c %lld:%lld",
			      rule->access ? rule->access : "rwm", rule->type,
			      (long long)rule->major, (long long)rule->minor);
	}
}

static int fix_host_devices(const struct garita_case *of,
			    struct garita_json_doc *config,
			    struct garita_error *err)
{
	struct garita_json *root = garita_json_root(config);
	struct garita_json *devices = garita_json_at(root, "/linux/devices");
	struct garita_json *rules =
		garita_json_at(root, "/linux/resources/devices");

	(void)err;
	/* Rules first: whether one is fine depends on the devices. */
	for (size_t i = of->spec->device_rule_count; i-- > 0;)
		if (!is_rule_fine(of, &of->spec->device_rules[i]))
			garita_json_remove_item(rules, i);
	for (size_t i = of->spec->device_count; i-- > 0;)
		if (!is_device_fine(of, &of->spec->devices[i]))
			garita_json_remove_item(devices, i);
	return 0;
}

static void check_allow_all(const struct garita_case *of,
			    struct garita_report *out)
{
	static const char wanted[] = "a first rule that denies every device, "
				     "and exceptions for single ones";
	static const char none[] = "no rule that denies every device";
	int open = garita_shape_devices_open(of->spec);
	auto_text at = { 0 };

	if (open < 0)
		return;
	if ((size_t)open >= of->spec->device_rule_count ||
	    !of->spec->device_rules[open].allow) {
		/* A user's engine may not write any, and no user can make a
		 * node: added, it keeps the container from starting. */
		if (of->host->rootless && !of->setting->set)
			garita_report_warning(out, "/linux/resources/devices",
					      wanted, "%s", none);
		else
			garita_report(out, "/linux/resources/devices", wanted,
				      "%s", none);
		return;
	}
	garita_text_printf(&at, "/linux/resources/devices/%d", open);
	garita_report(out, at.data, wanted,
		      "every device of type '%c' may be opened",
		      of->spec->device_rules[open].type);
}

/* One rule that denies all: runtimes add the usual devices themselves. */
static int fix_allow_all(const struct garita_case *of,
			 struct garita_json_doc *config,
			 struct garita_error *err)
{
	struct garita_json *resources =
		garita_json_make_object(config, "/linux/resources");
	struct garita_json *list = garita_json_new_array(config);
	struct garita_json *deny = garita_json_new_object(config);

	(void)of;
	if (resources == NULL)
		return garita_fail(err, EINVAL,
				   "linux.resources is not an object");
	garita_json_put_bool(config, deny, "allow", false);
	garita_json_put_string(config, deny, "access", "rwm");
	garita_json_append(config, list, deny);
	garita_json_put(config, resources, "devices", list);
	return 0;
}

/* ---- device-mknod ---- */

/* Does the rule about capabilities take the capability away, or refuse it? It
 * says so itself then. */
static bool loses_mknod(const struct garita_case *of)
{
	static const char other[] = "capabilities-restricted";

	return garita_action_of(of, other) >= GARITA_FIX &&
	       !garita_setting_allows(garita_setting_of(of, other),
				      "CAP_MKNOD");
}

/* May a node of a disk be made by this rule? Engines allow every container
 * the making of nodes that it cannot open; a disk's node can be opened by
 * another process, and from a volume also outside. */
static bool makes_disks(const struct garita_device_rule *rule)
{
	return rule->allow && (rule->type == 'b' || rule->type == 'a') &&
	       (rule->access == NULL || strchr(rule->access, 'm') != NULL);
}

static bool may_make_nodes(const struct garita_case *of)
{
	int mknod_cap = garita_cap_number("CAP_MKNOD");

	for (size_t set = 0; set < GARITA_CAPS_SETS; set++)
		if (of->spec->caps[set] & GARITA_CAP(mknod_cap))
			return !loses_mknod(of);
	return false;
}

static void check_mknod(const struct garita_case *of, struct garita_report *out)
{
	if (!may_make_nodes(of))
		return;
	for (size_t i = 0; i < of->spec->device_rule_count; i++) {
		const struct garita_device_rule *rule =
			&of->spec->device_rules[i];
		auto_text at = { 0 };

		if (!makes_disks(rule))
			continue;
		garita_text_printf(&at, "/linux/resources/devices/%zu", i);
		garita_report(out, at.data,
			      "no CAP_MKNOD, or no access \"m\" to disks",
			      "access \"%s\" to device type %c, and CAP_MKNOD",
			      rule->access ? rule->access : "rwm", rule->type);
	}
}

/* "m" goes, "r" and "w" stay as they were; a rule of nothing else goes. */
static int fix_mknod(const struct garita_case *of,
		     struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *rules = garita_json_at(garita_json_root(config),
						   "/linux/resources/devices");

	(void)err;
	if (!may_make_nodes(of))
		return 0;
	for (size_t i = of->spec->device_rule_count; i-- > 0;) {
		const struct garita_device_rule *rule =
			&of->spec->device_rules[i];
		const char *access = rule->access ? rule->access : "rwm";
		bool reads = strchr(access, 'r') != NULL;
		bool writes = strchr(access, 'w') != NULL;

		if (!makes_disks(rule))
			continue;
		if (!reads && !writes)
			garita_json_remove_item(rules, i);
		else
			garita_json_put_string(
				config, garita_json_item(rules, i), "access",
				!writes ? "r"
				: reads ? "rw"
					: "w");
	}
	return 0;
}

/* ---- net-devices ---- */

static bool is_net_allowed(const char *name, const struct garita_json *value,
			   const void *data)
{
	const struct garita_case *of = data;

	(void)value;
	return garita_setting_allows(of->setting, name);
}

static void check_net_devices(const struct garita_case *of,
			      struct garita_report *out)
{
	const struct garita_json *all =
		garita_json_at(of->spec->root, "/linux/netDevices");

	for (size_t i = 0; i < garita_json_count(all); i++) {
		const char *name = garita_json_key(all, i);
		auto_text at = { 0 };

		if (is_net_allowed(name, NULL, of))
			continue;
		garita_text_puts(&at, "/linux/netDevices");
		garita_json_pointer_add(&at, name);
		garita_report(out, at.data, "no network device of the host",
			      "%s", name);
	}
}

static int fix_net_devices(const struct garita_case *of,
			   struct garita_json_doc *config,
			   struct garita_error *err)
{
	(void)err;
	garita_json_filter(
		config,
		garita_json_at(garita_json_root(config), "/linux/netDevices"),
		is_net_allowed, of);
	return 0;
}

static const char device_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.18",
	"OCI runtime-spec: config-linux.md, Default Devices",
	"",
};
static const char cgroup_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, Allowed Device list",
	"",
};

static const char mknod_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.18",
	"",
};
static const char net_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, Network Devices",
	"",
};

const struct garita_rule garita_rules_devices[] = {
	{
		.id = "host-devices",
		.summary = "no device of the host is given to the container",
		.why = "a disk, kernel memory or a raw network device is the "
		       "host itself",
		.remedy = "remove the --device, or allow its path for this "
			  "rule in the policy (a node counts as that path's "
			  "only with the numbers it has on the host)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "paths of the host's device nodes, or \"c 10:229\"",
		.part_of = "privileged",
		.references = device_references,
		.check = check_host_devices,
		.fix = fix_host_devices,
	},
	{
		.id = "device-cgroup-allow-all",
		.summary = "the device cgroup denies what it does not list",
		.why = "with mknod any device of the host can be opened "
		       "unless its cgroup forbids it",
		.remedy = "begin linux.resources.devices with {\"allow\": "
			  "false, \"access\": \"rwm\"}",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.part_of = "privileged",
		.references = cgroup_references,
		.check = check_allow_all,
		.fix = fix_allow_all,
	},
	{
		.id = "device-mknod",
		.summary = "the container makes no device nodes of disks",
		.why = "a node of a disk that is made here can be opened "
		       "wherever its file can be reached without this cgroup",
		.remedy = "drop CAP_MKNOD (--cap-drop MKNOD)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_PROCESS | GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.references = mknod_references,
		.check = check_mknod,
		.fix = fix_mknod,
	},
	{
		.id = "net-devices",
		.summary = "no network device of the host is moved into the "
			   "container",
		.why = "the host loses the device, and the container sees and "
		       "sends whatever is on its wire",
		.remedy = "leave out linux.netDevices, or allow the device's "
			  "name for this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "names of network devices of the host",
		.references = net_references,
		.check = check_net_devices,
		.fix = fix_net_devices,
	},
	{ .id = NULL },
};
