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
		return "through a link whose end is not certain before "
		       "/proc and the volumes are mounted";
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

/* runc refuses to start nothing, and crun too; later, and with the container
 * half made. */
static void check_args(const struct garita_case *of, struct garita_report *out)
{
	const char *program =
		garita_json_string(garita_json_item(of->spec->args, 0));

	if (program == NULL)
		garita_report(out, "/process/args", "a program", "none");
	else if (*program == '\0')
		garita_report(out, "/process/args/0", "a program",
			      "an empty name");
}

/* What both runtimes set where the config is silent. */
enum { USUAL_UMASK = 022 };

static uint64_t umask_of(const struct garita_case *of)
{
	uint64_t umask = USUAL_UMASK;

	if (garita_json_u64(
		    garita_json_at(of->spec->root, "/process/user/umask"),
		    &umask) < 0)
		return USUAL_UMASK;
	return umask;
}

static void check_umask(const struct garita_case *of, struct garita_report *out)
{
	uint64_t umask = umask_of(of);

	if ((umask & USUAL_UMASK) != USUAL_UMASK)
		garita_report(out, "/process/user/umask",
			      "022 or more: others do not write",
			      "%03llo (%llu)", (unsigned long long)umask,
			      (unsigned long long)umask);
}

static int fix_umask(const struct garita_case *of,
		     struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *user =
		garita_json_at(garita_json_root(config), "/process/user");

	(void)err;
	garita_json_put_u64(config, user, "umask", umask_of(of) | USUAL_UMASK);
	return 0;
}

static const char args_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config.md, Process",
	"",
};
static const char umask_references[][GARITA_REFERENCE] = {
	"umask(2)",
	"",
};
static const char cwd_references[][GARITA_REFERENCE] = {
	"CVE-2024-21626",
	"OCI runtime-spec: config.md, Process",
	"",
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
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = cwd_references,
		.check = check_cwd,
		.fix = fix_cwd,
	},
	{
		.id = "args-empty",
		.summary = "there is a program to start",
		.why = "a container without a program fails only after its "
		       "namespaces and mounts were made",
		.remedy = "name the program in the image (CMD) or behind the "
			  "image on the command line",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = args_references,
		.check = check_args,
	},
	{
		.id = "umask",
		.summary = "new files are not writable for group and others",
		.why = "a file that others may write is theirs to change, on "
		       "every volume it is kept on",
		.remedy = "leave out --umask, or set one of 022 or more",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.references = umask_references,
		.check = check_umask,
		.fix = fix_umask,
	},
	{ .id = NULL },
};
