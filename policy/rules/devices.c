/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * devices - device nodes in the container, and what its device cgroup lets it
 * open.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>

#include "garita/path.h"
#include "garita/policy.h"
#include "policy/rules/shapes.h"

/* The devices the runtime makes in every container (runtime-spec
 * config-linux.md, Default Devices); numbers as in the kernel's devices.txt.
 * The numbers count: a disk under the name /dev/null is a disk. */
static const struct {
	const char *path;
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

static bool is_usual_device(const struct garita_device *device,
			    const char *path)
{
	bool character =
		device->type != NULL && (strcmp(device->type, "c") == 0 ||
					 strcmp(device->type, "u") == 0);

	for (size_t i = 0; i < GARITA_COUNT(usual); i++)
		if (character && garita_path_match(usual[i].path, path) &&
		    device->major == usual[i].major &&
		    (device->minor == usual[i].minor || usual[i].minor < 0))
			return true;
	return false;
}

static bool is_allowed_path(const struct garita_case *of, const char *path)
{
	for (size_t i = 0; i < of->setting->allow_count; i++)
		if (garita_path_match(of->setting->allow[i], path))
			return true;
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
	return is_usual_device(device, path) || is_allowed_path(of, path);
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
	int open = garita_shape_devices_open(of->spec);
	auto_text at = { 0 };

	if (open < 0)
		return;
	if ((size_t)open >= of->spec->device_rule_count ||
	    !of->spec->device_rules[open].allow) {
		garita_report(out, "/linux/resources/devices", wanted,
			      "no rule that denies every device");
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

static const char *const device_references[] = {
	"CIS Docker 1.6.0: 5.18",
	"OCI runtime-spec: config-linux.md, Default Devices",
	NULL,
};
static const char *const cgroup_references[] = {
	"OCI runtime-spec: config-linux.md, Allowed Device list",
	NULL,
};

const struct garita_rule garita_rules_devices[] = {
	{
		.id = "host-devices",
		.summary = "no device of the host is given to the container",
		.why = "a disk, kernel memory or a raw network device is the "
		       "host itself",
		.remedy = "remove the --device, or allow its path for this "
			  "rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "device paths",
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
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.part_of = "privileged",
		.references = cgroup_references,
		.check = check_allow_all,
		.fix = fix_allow_all,
	},
	{ .id = NULL },
};
