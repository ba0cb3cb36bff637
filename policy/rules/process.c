/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * process - how the first process is started.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "garita/path.h"
#include "garita/policy.h"

/* What a path is on its way through, at each of its components: the text of
 * "/proc/self/cwd/.." cleans to "/proc/self", the kernel follows the link. */
static const char *stop_problem(const char *cwd)
{
	for (const char *end = cwd; *end != '\0';) {
		auto_free char *part = NULL;
		auto_free char *clean = NULL;

		end += strspn(end, "/");
		end += strcspn(end, "/");
		part = garita_xstrndup(cwd, (size_t)(end - cwd));
		clean = garita_path_clean(part);
		if (garita_path_within(clean, "/proc"))
			return "in /proc, where links lead out of the "
			       "container";
		if (garita_path_within(clean, "/dev/fd") ||
		    garita_starts_with(clean, "/dev/std"))
			return "a descriptor of the runtime";
	}
	return NULL;
}

/* A working directory that is a descriptor of the runtime is a directory of
 * the host (CVE-2024-21626). */
static const char *cwd_problem(const struct garita_case *of)
{
	const char *cwd = of->spec->cwd;
	const char *problem;

	if (cwd == NULL || *cwd == '\0')
		return "missing";
	if (*cwd != '/')
		return "relative";
	if (strlen(cwd) >= PATH_MAX)
		return "longer than the kernel takes";
	problem = stop_problem(cwd);
	if (problem != NULL)
		return problem;
	if (of->host->cwd_failure == ELOOP)
		return "a link in the image that leads to nothing in the image";
	if (of->host->cwd != NULL && stop_problem(of->host->cwd) != NULL)
		return "a link in the image that leads into /proc";
	return NULL;
}

static void check_cwd(const struct garita_case *of, struct garita_report *out)
{
	const char *problem = cwd_problem(of);

	if (problem == NULL)
		return;
	garita_report(out, "/process/cwd",
		      "an absolute path of the container, outside /proc",
		      "\"%s\": %s", of->spec->cwd ? of->spec->cwd : "",
		      problem);
}

static int fix_cwd(const struct garita_case *of, struct garita_json_doc *config,
		   struct garita_error *err)
{
	struct garita_json *process =
		garita_json_get(garita_json_root(config), "process");

	(void)of;
	(void)err;
	garita_json_put_string(config, process, "cwd", "/");
	return 0;
}

static const char *const cwd_references[] = {
	"CVE-2024-21626",
	"OCI runtime-spec: config.md, Process",
	NULL,
};

const struct garita_rule garita_rules_process[] = {
	{
		.id = "process-cwd",
		.summary = "the working directory is in the container",
		.why = "a working directory in /proc can be an open directory "
		       "of the host",
		.remedy = "set WORKDIR (or --workdir) to a directory of the "
			  "image",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = cwd_references,
		.check = check_cwd,
		.fix = fix_cwd,
	},
	{ .id = NULL },
};
