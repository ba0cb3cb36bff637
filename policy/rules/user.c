/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * user - who the container's first process is.
 */
#include "policy/rules/families.h"

#include <errno.h>

#include "garita/policy.h"
#include "policy/rules/id_maps.h"

static void check_run_as_non_root(const struct garita_case *of,
				  struct garita_report *out)
{
	static const char wanted[] = "a uid other than 0, or a user namespace "
				     "that maps it to an ordinary id";
	enum garita_user user = garita_spec_user(of->spec);

	if (of->spec->username != NULL)
		garita_report(out, "/process/user/username", "a numeric uid",
			      "user name \"%s\", which no Linux runtime "
			      "resolves",
			      of->spec->username);
	if (user == GARITA_USER_ORDINARY)
		return;
	if (user == GARITA_USER_NOT_MAPPED)
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

/* ---- groups ---- */

/* Does this group have the rights of root's group on the host? One that no
 * mapping knows is what crun makes of it: its caller's, for 0. */
static bool is_root_group(const struct garita_spec *spec, uint64_t gid)
{
	const struct garita_namespace *user = &spec->namespaces[GARITA_NS_USER];
	const struct garita_json *maps =
		garita_json_at(spec->root, "/linux/gidMappings");

	if (!user->present || user->path != NULL)
		return gid == 0;
	for (size_t i = 0; i < garita_json_count(maps); i++) {
		struct garita_id_line line = garita_id_line_at(maps, i);

		if (gid >= line.container && gid - line.container < line.size)
			return line.host + (gid - line.container) == 0;
	}
	return gid == 0;
}

static uint64_t number_at(const struct garita_spec *spec, const char *pointer)
{
	uint64_t number = 0;

	return garita_json_u64(garita_json_at(spec->root, pointer), &number) < 0
		       ? 0
		       : number;
}

static const struct garita_json *groups_of(const struct garita_spec *spec)
{
	return garita_json_at(spec->root, "/process/user/additionalGids");
}

static uint64_t group_at(const struct garita_json *groups, size_t i)
{
	uint64_t gid = 0;

	return garita_json_u64(garita_json_item(groups, i), &gid) < 0 ? 0 : gid;
}

static bool has_root_group(const struct garita_spec *spec)
{
	const struct garita_json *groups = groups_of(spec);

	for (size_t i = 0; i < garita_json_count(groups); i++)
		if (is_root_group(spec, group_at(groups, i)))
			return true;
	return is_root_group(spec, number_at(spec, "/process/user/gid"));
}

/* A process that is root has all of this anyway, and another rule says so. What
 * the container has, an exec may have. */
static void check_non_root_group(const struct garita_case *of,
				 struct garita_report *out)
{
	static const char wanted[] = "a group other than 0";
	const struct garita_json *groups = groups_of(of->spec);
	uint64_t gid = number_at(of->spec, "/process/user/gid");

	if (garita_spec_user(of->spec) != GARITA_USER_ORDINARY ||
	    (of->container != NULL && has_root_group(of->container)))
		return;
	if (is_root_group(of->spec, gid)) {
		/* Engines repeat it among the additional ones. */
		garita_report(out, "/process/user/gid", wanted,
			      gid == 0 ? "gid %llu"
				       : "gid %llu, mapped to group 0 of the "
					 "host",
			      (unsigned long long)gid);
		return;
	}
	for (size_t i = 0; i < garita_json_count(groups); i++) {
		auto_text at = { 0 };

		if (!is_root_group(of->spec, group_at(groups, i)))
			continue;
		garita_text_printf(&at, "/process/user/additionalGids/%zu", i);
		garita_report(out, at.data, wanted, "additional group %llu",
			      (unsigned long long)group_at(groups, i));
		return;
	}
}

static bool is_ordinary_group(const char *key, const struct garita_json *value,
			      const void *data)
{
	uint64_t gid = 0;

	(void)key;
	return garita_json_u64(value, &gid) == 0 && !is_root_group(data, gid);
}

static int fix_non_root_group(const struct garita_case *of,
			      struct garita_json_doc *config,
			      struct garita_error *err)
{
	struct garita_json *groups = garita_json_at(
		garita_json_root(config), "/process/user/additionalGids");

	if (is_root_group(of->spec, number_at(of->spec, "/process/user/gid")))
		return garita_fail(err, EINVAL,
				   "only who runs it knows which group "
				   "instead of 0");
	garita_json_filter(config, groups, is_ordinary_group, of->spec);
	return 0;
}

/* ---- ranges ---- */

static bool is_outside(const struct garita_case *of, uint64_t id,
		       const char *least, const char *most)
{
	return (int64_t)id < garita_param_number(of, least) ||
	       (int64_t)id > garita_param_number(of, most);
}

static void report_range(const struct garita_case *of,
			 struct garita_report *out, const char *pointer,
			 const char *what, uint64_t id)
{
	bool user = *what == 'u';
	auto_text wanted = { 0 };

	garita_text_printf(&wanted, "%lld to %lld",
			   (long long)garita_param_number(of, user ? "min-uid"
								   : "min-gid"),
			   (long long)garita_param_number(
				   of, user ? "max-uid" : "max-gid"));
	garita_report(out, pointer, wanted.data, "%s %llu", what,
		      (unsigned long long)id);
}

static void check_uid_range(const struct garita_case *of,
			    struct garita_report *out)
{
	const struct garita_json *groups = groups_of(of->spec);
	uint64_t gid = number_at(of->spec, "/process/user/gid");

	if (is_outside(of, of->spec->uid, "min-uid", "max-uid"))
		report_range(of, out, "/process/user/uid", "uid",
			     of->spec->uid);
	if (is_outside(of, gid, "min-gid", "max-gid"))
		report_range(of, out, "/process/user/gid", "gid", gid);
	for (size_t i = 0; i < garita_json_count(groups); i++) {
		uint64_t group = group_at(groups, i);
		auto_text at = { 0 };

		if (group == gid ||
		    !is_outside(of, group, "min-gid", "max-gid"))
			continue;
		garita_text_printf(&at, "/process/user/additionalGids/%zu", i);
		report_range(of, out, at.data, "group", group);
		return;
	}
}

/* NOLINTBEGIN(bugprone-macro-parentheses): words of arrays take none */
#define ID_PARAM(param, words, usual)                                          \
	{                                                                      \
		.name = param, .kind = GARITA_PARAM_NUMBER, .holds = words,    \
		.least = 0, .most = GARITA_ID_MAX, .otherwise = (usual)        \
	}
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct garita_param range_params[] = {
	ID_PARAM("min-uid", "lowest uid", 0),
	ID_PARAM("max-uid", "highest uid", GARITA_ID_MAX),
	ID_PARAM("min-gid", "lowest gid, additional groups too", 0),
	ID_PARAM("max-gid", "highest gid, additional groups too",
		 GARITA_ID_MAX),
	{ .name = "" },
};

static const char group_references[][GARITA_REFERENCE] = {
	"CVE-2023-25173",
	"",
};
static const char range_references[][GARITA_REFERENCE] = {
	"CVE-2024-40635",
	"CVE-2026-46680",
	"",
};
static const char non_root_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: runAsNonRoot",
	"CIS Docker 1.6.0: 4.1",
	"NIST SP 800-190: 4.1.2",
	"",
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
		.reads = GARITA_PART_PROCESS | GARITA_PART_LINUX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = non_root_references,
		.check = check_run_as_non_root,
	},
	{
		.id = "non-root-group",
		.summary = "a process that is not root is not in root's group",
		.why = "files of root that its group may read or write are "
		       "open to the process then",
		.remedy = "run with a group too: --user 1000:1000, runAsGroup",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS | GARITA_PART_LINUX,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.references = group_references,
		.check = check_non_root_group,
		.fix = fix_non_root_group,
	},
	{
		.id = "uid-range",
		.summary = "uid and gids are in the range of the policy",
		.why = "an id outside the range that was set aside belongs to "
		       "somebody else, and too large a one has meant root",
		.remedy = "run with a uid and gid of the range, or set the "
			  "range of this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.params = range_params,
		.references = range_references,
		.check = check_uid_range,
	},
	{ .id = NULL },
};
