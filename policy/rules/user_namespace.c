/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * user_namespace - whose ids the ids of the container are on the host.
 */
#include "policy/rules/families.h"

#include "garita/policy.h"
#include "policy/rules/id_maps.h"

struct garita_id_line garita_id_line_at(const struct garita_json *maps,
					size_t i)
{
	const struct garita_json *line = garita_json_item(maps, i);
	struct garita_id_line ret = { 0 };

	/* The name table has let 32 bits through, and nothing else. */
	if (garita_json_u64(garita_json_get(line, "containerID"),
			    &ret.container) < 0)
		ret.container = 0;
	if (garita_json_u64(garita_json_get(line, "hostID"), &ret.host) < 0)
		ret.host = 0;
	if (garita_json_u64(garita_json_get(line, "size"), &ret.size) < 0)
		ret.size = 0;
	return ret;
}

static void check_user_namespace(const struct garita_case *of,
				 struct garita_report *out)
{
	if (!of->spec->namespaces[GARITA_NS_USER].present)
		garita_report(out, "/linux/namespaces", "a user namespace",
			      "none: ids in the container are ids of the host");
}

/* What is wrong with one line, in words, or NULL. */
static const char *line_problem(const struct garita_case *of,
				const struct garita_id_line *line)
{
	if (line->size == 0)
		return NULL;
	if (line->host == 0)
		return "root of the host among them";
	if (line->host == line->container)
		return "the same ids, which separates nothing";
	if ((int64_t)line->host < garita_param_number(of, "min-host-id"))
		return "which users of the host have";
	return NULL;
}

static void report_line(struct garita_report *out, const char *pointer,
			const char *wanted, const struct garita_id_line *line,
			const char *problem)
{
	garita_report(out, pointer, wanted,
		      "ids %llu to %llu are %llu to %llu of the host, %s",
		      (unsigned long long)line->container,
		      (unsigned long long)(line->container + line->size - 1),
		      (unsigned long long)line->host,
		      (unsigned long long)(line->host + line->size - 1),
		      problem);
}

static void check_maps(const struct garita_case *of, struct garita_report *out,
		       const char *pointer)
{
	const struct garita_json *maps =
		garita_json_at(of->spec->root, pointer);
	int64_t most = garita_param_number(of, "max-size"), total = 0;
	auto_text wanted = { 0 };

	garita_text_printf(&wanted,
			   "ids of the host from %lld on, at most %lld",
			   (long long)garita_param_number(of, "min-host-id"),
			   (long long)most);
	if (garita_json_count(maps) == 0)
		garita_report(out, pointer, wanted.data,
			      "none, and crun then maps root to who calls it");
	for (size_t i = 0; i < garita_json_count(maps); i++) {
		struct garita_id_line line = garita_id_line_at(maps, i);
		const char *problem = line_problem(of, &line);
		bool fitted = total <= most;
		auto_text at = { 0 };

		garita_text_printf(&at, "%s/%zu", pointer, i);
		total += (int64_t)line.size;
		if (problem == NULL && fitted && total > most)
			problem = "more than a container needs";
		if (problem != NULL)
			report_line(out, at.data, wanted.data, &line, problem);
	}
}

/* Where a namespace is joined, its mappings are not in this config. */
static void check_userns_mapping(const struct garita_case *of,
				 struct garita_report *out)
{
	const struct garita_namespace *user =
		&of->spec->namespaces[GARITA_NS_USER];

	if (!user->present || user->path != NULL)
		return;
	check_maps(of, out, "/linux/uidMappings");
	check_maps(of, out, "/linux/gidMappings");
}

static const struct garita_param mapping_params[] = {
	{ .name = "min-host-id",
	  .kind = GARITA_PARAM_NUMBER,
	  .holds = "lowest uid and gid of the host that may be mapped",
	  .least = 1,
	  .most = 4294967295,
	  .otherwise = 65536 },
	{ .name = "max-size",
	  .kind = GARITA_PARAM_NUMBER,
	  .holds = "how many ids all lines together may map",
	  .least = 1,
	  .most = 4294967296,
	  .otherwise = 16777216 },
	{ .name = "" },
};

static const char namespace_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 2.9, 5.31",
	"NIST SP 800-190: 4.4.3",
	"user_namespaces(7)",
	"",
};

const struct garita_rule garita_rules_user_namespace[] = {
	{
		.id = "user-namespace",
		.summary = "the container has a user namespace",
		.why = "without one, who breaks out of the container has on "
		       "the host the ids of the container",
		.remedy = "podman run --userns=auto, docker's userns-remap, "
			  "or hostUsers: false in Kubernetes",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_OFF,
		.strict = GARITA_DENY,
		.references = namespace_references,
		.check = check_user_namespace,
	},
	{
		.id = "userns-mapping",
		.summary =
			"a user namespace maps to ids nobody on the host has",
		.why = "ids that the container shares with root or with users "
		       "of the host are no separation from them",
		.remedy = "map to a range of /etc/subuid, or set "
			  "\"min-host-id\" of this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.params = mapping_params,
		.references = namespace_references,
		.check = check_userns_mapping,
	},
	{ .id = NULL },
};
