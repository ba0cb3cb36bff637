/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * privileged - the whole of "--privileged" as one finding: nearly all
 * capabilities, and nothing that would hold them.
 *
 * Rules whose row says part_of "privileged" are not reported beside it.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"
#include "policy/rules/shapes.h"

/* Engines write every capability they and the kernel know: 37 to 41. */
enum { NEARLY_ALL = 30 };

static bool has_nearly_all(const struct garita_spec *spec)
{
	return __builtin_popcountll(spec->caps[GARITA_CAPS_BOUNDING]) >=
	       NEARLY_ALL;
}

static bool has_writable_kernel_files(const struct garita_spec *spec)
{
	for (size_t i = 0; i < spec->mount_count; i++) {
		const struct garita_mount *mount = &spec->mounts[i];

		if (garita_shape_kernel_files(mount) && !mount->read_only)
			return true;
	}
	return false;
}

static void check_privileged(const struct garita_case *of,
			     struct garita_report *out)
{
	const struct garita_spec *spec = of->spec;
	bool unmasked = garita_json_count(spec->masked_paths) == 0;
	bool any_device = garita_shape_devices_open(spec) >= 0;
	bool writable = has_writable_kernel_files(spec);
	auto_text found = { 0 };

	if (!(unmasked || any_device || writable) || !has_nearly_all(spec))
		return;
	garita_text_printf(
		&found, "%d capabilities",
		__builtin_popcountll(spec->caps[GARITA_CAPS_BOUNDING]));
	if (unmasked)
		garita_text_puts(&found, ", no masked paths");
	if (any_device)
		garita_text_puts(&found, ", every device");
	if (writable)
		garita_text_puts(&found, ", writable kernel files in /sys");
	garita_report(out, "/process/capabilities",
		      "a container that is not privileged", "%s", found.data);
}

static const char references[][GARITA_REFERENCE] = {
	"Pod Security Standards: privileged",
	"CIS Docker 1.6.0: 5.5",
	"NIST SP 800-190: 4.4.3",
	"",
};

const struct garita_rule garita_rules_privileged[] = {
	{
		.id = "privileged",
		.summary = "the container is not privileged",
		.why = "a privileged container is root on the host with extra "
		       "steps",
		.remedy = "run without --privileged and add only what is "
			  "needed: --cap-add, --device",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_PROCESS | GARITA_PART_MOUNTS |
			 GARITA_PART_COVERS | GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = references,
		.check = check_privileged,
	},
	{ .id = NULL },
};
