/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * user - who the container's first process is.
 */
#include "policy/rules/families.h"

#include "garita/policy.h"

enum user { ORDINARY, HOST_ROOT, NOT_MAPPED };

/* Root of a user namespace that maps it to an ordinary id is not root on the
 * host. A joined user namespace has a mapping we were not told. Where the
 * mappings say nothing about the uid, crun makes one up: to its caller, and
 * that is root. */
static enum user user_of(const struct garita_spec *spec)
{
	const struct garita_namespace *user = &spec->namespaces[GARITA_NS_USER];
	uint32_t host_uid;

	if (user->present && user->path != NULL)
		return spec->uid == 0 ? HOST_ROOT : ORDINARY;
	if (!garita_spec_host_uid(spec, spec->uid, &host_uid))
		return NOT_MAPPED;
	return host_uid == 0 ? HOST_ROOT : ORDINARY;
}

static void check_run_as_non_root(const struct garita_case *of,
				  struct garita_report *out)
{
	static const char wanted[] = "a uid other than 0, or a user namespace "
				     "that maps it to an ordinary id";
	enum user user = user_of(of->spec);

	if (of->spec->username != NULL)
		garita_report(out, "/process/user/username", "a numeric uid",
			      "user name \"%s\", which no Linux runtime "
			      "resolves",
			      of->spec->username);
	if (user == ORDINARY)
		return;
	if (user == NOT_MAPPED)
		garita_report(out, "/process/user/uid", wanted,
			      "uid %u, which its user namespace maps to "
			      "nothing known",
			      of->spec->uid);
	else if (!of->spec->has_uid)
		garita_report(out, "/process/user/uid", wanted,
			      "no uid, which means uid 0");
	else if (of->spec->uid == 0)
		garita_report(out, "/process/user/uid", wanted, "uid 0");
	else
		garita_report(out, "/process/user/uid", wanted,
			      "uid %u, mapped to uid 0 of the host",
			      of->spec->uid);
}

static const char *const non_root_references[] = {
	"Pod Security Standards: runAsNonRoot",
	"CIS Docker 1.6.0: 4.1",
	"NIST SP 800-190: 4.1.2",
	NULL,
};

const struct garita_rule garita_rules_user[] = {
	{
		.id = "run-as-non-root",
		.summary = "the process does not run as root",
		.why = "root in a container is root on the kernel that all "
		       "containers share",
		.remedy = "set a user in the image (USER 1000) or run with "
			  "--user 1000",
		/* A sandbox's uid is not 0, or it is none; what its user
		 * namespace makes of that uid is seen here. */
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = non_root_references,
		.check = check_run_as_non_root,
	},
	{ .id = NULL },
};
