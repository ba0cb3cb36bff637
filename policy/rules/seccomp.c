/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - a filter between the container and the kernel's system calls.
 */
#include "policy/rules/families.h"

#include <errno.h>

#include "garita/policy.h"
#include "garita/seccomp.h"

static void check_required(const struct garita_case *of,
			   struct garita_report *out)
{
	static const char wanted[] = "a profile that refuses system calls";
	const struct garita_json *seccomp = of->spec->seccomp;
	const char *action;

	if (seccomp == NULL) {
		garita_report(out, "/linux/seccomp", wanted, "no profile");
		return;
	}
	if (garita_seccomp_confines(seccomp))
		return;
	action = garita_json_string(garita_json_get(seccomp, "defaultAction"));
	garita_report(out, "/linux/seccomp/defaultAction", wanted,
		      "%s and no rule that refuses",
		      action ? action : "no default action");
}

static int fix_required(const struct garita_case *of,
			struct garita_json_doc *config,
			struct garita_error *err)
{
	struct garita_json *profile = garita_seccomp_default(
		config, of->spec->caps[GARITA_CAPS_BOUNDING], of->host->machine,
		of->host->kernel_major, of->host->kernel_minor);
	struct garita_json *os = garita_json_make_object(config, "/linux");

	if (profile == NULL)
		return garita_fail(err, ENOTSUP,
				   "there is no built-in seccomp profile for "
				   "machine \"%s\"",
				   of->host->machine);
	if (os == NULL)
		return garita_fail(err, EINVAL, "linux is not an object");
	garita_json_put(config, os, "seccomp", profile);
	return 0;
}

static const char *const required_references[] = {
	"Pod Security Standards: seccompProfile",
	"CIS Docker 1.6.0: 5.22",
	"NIST SP 800-190: 4.4.3",
	NULL,
};

const struct garita_rule garita_rules_seccomp[] = {
	{
		.id = "seccomp-required",
		.summary = "a seccomp profile is in force",
		.why = "every system call a container does not need is kernel "
		       "code an attacker can still reach",
		.remedy = "leave the engine's default profile on (no "
			  "seccomp=unconfined)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.references = required_references,
		.check = check_required,
		.fix = fix_required,
	},
	{ .id = NULL },
};
