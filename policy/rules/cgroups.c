/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cgroups - in whose control group the container is put.
 *
 * The group decides what limits hold and who is killed with whom. The forms
 * are those that engines write (tests/samples/engines): a path for cgroupfs,
 * SLICE:PREFIX:NAME for systemd. An operator's own parents are allowed by
 * pattern.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/policy.h"

/* Where engines put containers when nobody says otherwise. */
static const char *const usual_paths[] = {
	"/buildkit/*",
	"/crio/**",
	"/default/*", /* containerd's namespaces */
	"/docker/*",
	"/docker/*/docker/*", /* docker in docker */
	"/docker/buildkit/*",
	"/k8s.io/*",
	"/kubelet/kubepods/**",
	"/kubepods/**",
	"/libpod_parent/**",
	"/machine.slice/libpod-*.scope",
	"/machine.slice/libpod-*.scope/*",
	"/moby/*",
	"/system.slice/*.service/libpod-payload-*", /* podman --cgroups=split */
	"/user.slice/**",
};
/* With a slash before, as path patterns want it. */
static const char *const usual_slices[] = {
	"/kubelet-kubepods*.slice",
	"/kubepods*.slice",
	"/machine*.slice",
	"/system.slice",
	"/user*.slice",
};

/* Slice, prefix, name. The slice may be left out. */
static const char *slice_problem(const struct garita_case *of, const char *text)
{
	size_t len = strcspn(text, ":");
	auto_text slice = { 0 };

	if (strchr(text, '/') != NULL || strstr(text, "..") != NULL)
		return "a name that is a path";
	if (len == 0)
		return NULL;
	garita_text_puts(&slice, "/");
	garita_text_add(&slice, text, len);
	if (garita_setting_allows_path(of->setting, slice.data) ||
	    garita_path_match_any(usual_slices, GARITA_COUNT(usual_slices),
				  slice.data))
		return NULL;
	return "a slice that no engine uses unasked";
}

static const char *problem_of(const struct garita_case *of, const char *text)
{
	auto_free char *clean = NULL;

	if (text[0] != '/')
		return strchr(text, ':') != NULL
			       ? slice_problem(of, text)
			       : "relative: where it is depends on the runtime";
	clean = garita_path_clean(text);
	if (strcmp(clean, "/") == 0)
		return "the root of all control groups";
	if (strcmp(clean, text) != 0)
		return "not written plainly";
	if (garita_setting_allows_path(of->setting, clean) ||
	    garita_path_match_any(usual_paths, GARITA_COUNT(usual_paths),
				  clean))
		return NULL;
	return "outside the groups that engines use unasked";
}

static void check_parent(const struct garita_case *of,
			 struct garita_report *out)
{
	static const char pointer[] = "/linux/cgroupsPath";
	const char *text =
		garita_json_string(garita_json_at(of->spec->root, pointer));
	const char *problem;

	if (text == NULL || *text == '\0')
		return; /* the runtime takes its own default */
	problem = problem_of(of, text);
	if (problem != NULL)
		garita_report(out, pointer,
			      "a control group below the engine's own",
			      "%s: %s", text, problem);
}

static const char parent_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.25",
	"OCI runtime-spec: config-linux.md, Control groups",
	"",
};

const struct garita_rule garita_rules_cgroups[] = {
	{
		.id = "cgroup-parent",
		.summary = "the control group is one of the engine's",
		.why = "in another's group a container escapes the limits that "
		       "were set for it, or shares those of a host service",
		.remedy =
			"run without --cgroup-parent, or allow the parent for "
			"this rule",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows =
			"path patterns of groups (/web/*), slices with a slash "
			"before (/web.slice)",
		.references = parent_references,
		.check = check_parent,
	},
	{ .id = NULL },
};
