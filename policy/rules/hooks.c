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
#include "policy/rules/environment.h"
#include "policy/rules/guard.h"
#include "policy/rules/shapes.h"

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
	auto_free char *root = garita_shape_root(of);

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

/* ---- hook-environment ---- */

/* runc starts this stage's hooks, programs of the host with root's powers, in
 * a process that already has the container's environment: LD_PRELOAD of the
 * image decides what they do. A list of their own, also an empty one, takes
 * its place (both ways seen with runc 1.1.5). */
static bool takes_environment(const struct garita_hook *hook)
{
	return hook->stage == GARITA_HOOK_CREATE_CONTAINER && hook->env == NULL;
}

static const char usual_path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";

/* Where a script looks for its programs: directories that root alone fills. */
static bool is_system_path(const char *list)
{
	static const char dirs[][6] = { "/usr", "/bin", "/sbin", "/opt" };

	for (;;) {
		size_t len = strcspn(list, ":");
		auto_free char *folder = garita_xstrndup(list, len);
		bool fine = false;

		for (size_t i = 0; i < GARITA_COUNT(dirs); i++)
			fine = fine || garita_path_within(folder, dirs[i]);
		if (!fine || garita_path_climbs(folder))
			return false;
		if (list[len] == '\0')
			return true;
		list += len + 1;
	}
}

/* By names that begin so the loader, interpreters and libraries are told what
 * else to load. The container's own environment may have most of them. */
static const char loaders[][10] = {
	"BASH", "ENV=",      "GCONV_",    "JAVA_TOOL", "JDK_JAVA_", "LD_",
	"LUA_", "NODE_OPT",  "NODE_PATH", "OPENSSL_",  "PERL",      "PYTHON",
	"RUBY", "SHELLOPTS", "XTABLES",   "_JAVA_OPT",
};

/* What a hook's list holds was written by whoever wrote the bundle; that the
 * program may run says nothing of it. */
static bool is_variable_fine(const struct garita_case *of, const char *entry)
{
	if (entry == NULL)
		return false;
	for (size_t i = 0; i < of->setting->allow_count; i++)
		if (garita_env_is(entry, of->setting->allow[i]))
			return true;
	if (garita_env_is(entry, "PATH"))
		return is_system_path(strchr(entry, '=') + 1);
	for (size_t i = 0; i < GARITA_COUNT(loaders); i++)
		if (garita_starts_with(entry, loaders[i]))
			return false;
	return !garita_env_loads(entry);
}

/* One of the container, with its powers, may have what the container has. */
static const struct garita_json *variables_of(const struct garita_hook *hook)
{
	return hook->stage == GARITA_HOOK_START_CONTAINER ? NULL : hook->env;
}

static bool may_stay(const char *key, const struct garita_json *value,
		     const void *of)
{
	(void)key;
	return is_variable_fine(of, garita_json_string(value));
}

static void check_variables(const struct garita_case *of,
			    const struct garita_hook *hook,
			    struct garita_report *out)
{
	const struct garita_json *env = variables_of(hook);

	for (size_t i = 0; i < garita_json_count(env); i++) {
		const char *entry =
			garita_json_string(garita_json_item(env, i));
		auto_text at = { 0 };

		if (is_variable_fine(of, entry))
			continue;
		garita_text_printf(&at, "/hooks/%s/%zu/env/%zu",
				   garita_hook_stage_name(hook->stage),
				   hook->index, i);
		garita_report(out, at.data,
			      "no variable that chooses what is run",
			      "%s runs with %s", hook->path,
			      entry != NULL && garita_env_is(entry, "PATH")
				      ? "a PATH that leaves the system"
				      : "a variable that loads code");
	}
}

static void check_environment(const struct garita_case *of,
			      struct garita_report *out)
{
	for (size_t i = 0; i < of->spec->hook_count; i++) {
		const struct garita_hook *hook = &of->spec->hooks[i];
		auto_text at = { 0 };

		check_variables(of, hook, out);
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
		struct garita_json *node = garita_json_item(
			garita_json_get(hooks,
					garita_hook_stage_name(hook->stage)),
			hook->index);
		struct garita_json *env = NULL;

		if (variables_of(hook) != NULL)
			garita_json_filter(config, garita_json_get(node, "env"),
					   may_stay, of);
		if (!takes_environment(hook))
			continue;
		env = garita_json_new_array(config);
		garita_json_append(config, env,
				   garita_json_new_string(config, usual_path));
		garita_json_put(config, node, "env", env);
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
		.summary = "neither the image nor the bundle chooses what a "
			   "hook loads",
		.why = "a hook runs as root on the host, and with another's "
		       "LD_PRELOAD or PATH it is another's program",
		.remedy = "give a createContainer hook an \"env\" where it is "
			  "configured, an empty one will do; leave out of any "
			  "what loads code, or allow the variable's name for "
			  "this rule",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_HOOKS,
		.writes = GARITA_PART_HOOKS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.allows = "names of variables",
		.references = references,
		.check = check_environment,
		.fix = fix_environment,
	},
	{ .id = NULL },
};
