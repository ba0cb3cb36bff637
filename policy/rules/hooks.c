/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * hooks - programs that the runtime runs as root on the host for this
 * container.
 */
#include "policy/rules/families.h"

#include <string.h>
#include <sys/stat.h>

#include "garita/path.h"
#include "garita/policy.h"
#include "policy/rules/guard.h"

/* Programs that the engines themselves put into /hooks. A hook is recognised
 * by the file it really is: docker writes /proc/<pid>/exe for itself. */
static const struct {
	const char *real;
	const char *first_arg; /* NULL: any */
} known[] = {
	{ "/usr/sbin/dockerd", "libnetwork-setkey" },
	{ "/usr/bin/dockerd", "libnetwork-setkey" },
	{ "/usr/local/bin/dockerd", "libnetwork-setkey" },
	{ GARITA_LIBEXEC_DIR "/garita-hook", "garita-hook" },
};

static const char *first_arg(const struct garita_hook *hook)
{
	const char *arg = garita_json_string(garita_json_item(hook->args, 0));

	return arg ? arg : "";
}

static bool is_known(const struct garita_hook *hook, const char *real)
{
	for (size_t i = 0; i < GARITA_COUNT(known); i++)
		if (strcmp(known[i].real, real) == 0 &&
		    (known[i].first_arg == NULL ||
		     strcmp(known[i].first_arg, first_arg(hook)) == 0))
			return true;
	return false;
}

static bool is_in_rootfs(const struct garita_case *of, const char *real)
{
	const char *base = of->host->bundle ? of->host->bundle : "/";
	auto_free char *root =
		garita_path_clean_from(base, of->spec->root_path);

	return strcmp(root, "/") != 0 && garita_path_within(real, root);
}

/* What is wrong with a hook, whoever allows it; NULL: nothing. */
static const char *file_problem(const struct garita_case *of,
				const struct garita_path_fact *fact)
{
	if (fact == NULL || fact->failure != 0 || fact->real == NULL)
		return "which cannot be looked at";
	if (fact->uid != 0 && fact->uid != of->host->owner)
		return "which does not belong to root";
	if (fact->mode & (S_IWGRP | S_IWOTH))
		return "which others than its owner can change";
	if (is_in_rootfs(of, fact->real))
		return "which is a file of the image";
	return NULL;
}

/* NULL: the hook may run. */
static const char *hook_problem(const struct garita_case *of,
				const struct garita_hook *hook)
{
	const struct garita_path_fact *fact =
		garita_host_path(of->host, hook->path);
	const char *problem;

	if (garita_guard_is_ours(of, hook))
		return garita_guard_is_asked(of)
			       ? NULL
			       : "a network guard that the policy does not ask "
				 "for";
	/* Runs inside the container, on its files, with its powers. */
	if (hook->stage == GARITA_HOOK_START_CONTAINER)
		return garita_setting_allows(of->setting, hook->path)
			       ? NULL
			       : "which is not on the list of allowed hooks";
	problem = file_problem(of, fact);
	if (problem != NULL)
		return problem;
	if (garita_setting_allows(of->setting, hook->path) ||
	    garita_setting_allows(of->setting, fact->real) ||
	    is_known(hook, fact->real))
		return NULL;
	return "which is not on the list of allowed hooks";
}

static void check_hooks(const struct garita_case *of, struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->hook_count; i++) {
		const struct garita_hook *hook = &of->spec->hooks[i];
		const char *problem = hook_problem(of, hook);
		const char *stage = garita_hook_stage_name(hook->stage);
		auto_text at = { 0 };

		if (problem == NULL)
			continue;
		garita_text_printf(&at, "/hooks/%s/%zu/path", stage,
				   hook->index);
		garita_report(out, at.data, "no hook, or one that is allowed",
			      "%s, %s", *hook->path ? hook->path : "no path",
			      problem);
	}
}

static int fix_hooks(const struct garita_case *of,
		     struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *hooks =
		garita_json_get(garita_json_root(config), "hooks");

	(void)err;
	for (size_t i = of->spec->hook_count; i-- > 0;) {
		const struct garita_hook *hook = &of->spec->hooks[i];

		if (hook_problem(of, hook) != NULL)
			garita_json_remove_item(
				garita_json_get(hooks, garita_hook_stage_name(
							       hook->stage)),
				hook->index);
	}
	return 0;
}

/* runc starts this stage's hooks, programs of the host with root's powers, in
 * a process that already has the container's environment: LD_PRELOAD of the
 * image decides what they do. A list of their own, also an empty one, takes
 * its place (both ways seen with runc 1.1.5). */
static bool takes_environment(const struct garita_hook *hook)
{
	return hook->stage == GARITA_HOOK_CREATE_CONTAINER && !hook->has_env;
}

static void check_environment(const struct garita_case *of,
			      struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->hook_count; i++) {
		const struct garita_hook *hook = &of->spec->hooks[i];
		auto_text at = { 0 };

		if (!takes_environment(hook))
			continue;
		garita_text_printf(&at, "/hooks/%s/%zu/env",
				   garita_hook_stage_name(hook->stage),
				   hook->index);
		garita_report(out, at.data, "an environment of its own",
			      "%s runs with the environment of the image",
			      hook->path);
	}
}

static int fix_environment(const struct garita_case *of,
			   struct garita_json_doc *config,
			   struct garita_error *err)
{
	struct garita_json *hooks =
		garita_json_get(garita_json_root(config), "hooks");

	(void)err;
	for (size_t i = 0; i < of->spec->hook_count; i++) {
		const struct garita_hook *hook = &of->spec->hooks[i];
		struct garita_json *env;

		if (!takes_environment(hook))
			continue;
		env = garita_json_new_array(config);
		garita_json_append(
			config, env,
			garita_json_new_string(
				config, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
		garita_json_put(
			config,
			garita_json_item(
				garita_json_get(hooks, garita_hook_stage_name(
							       hook->stage)),
				hook->index),
			"env", env);
	}
	return 0;
}

static const char references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config.md, POSIX-platform Hooks",
	"CVE-2025-23266",
	"",
};

const struct garita_rule garita_rules_hooks[] = {
	{
		.id = "bundle-hooks",
		.summary = "only allowed programs run as hooks on the host",
		.why = "a hook runs as root on the host: whoever can add one "
		       "to a bundle has left the container",
		.remedy = "remove the hook, or allow its path for this rule in "
			  "the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_ROOT | GARITA_PART_HOOKS,
		.writes = GARITA_PART_HOOKS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "paths of hook programs",
		.references = references,
		.check = check_hooks,
		.fix = fix_hooks,
	},
	{
		.id = "hook-environment",
		.summary = "a createContainer hook has an environment of its "
			   "own",
		.why = "without one it runs, as root on the host, with the "
		       "image's LD_PRELOAD and PATH",
		.remedy = "give the hook an \"env\" where it is configured; an "
			  "empty one will do",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_HOOKS,
		.writes = GARITA_PART_HOOKS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = references,
		.check = check_environment,
		.fix = fix_environment,
	},
	{ .id = NULL },
};
