/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec - what a process started in a running container may have beyond it:
 * nothing.
 *
 * Engines write an exec's process from the config that they wrote themselves,
 * not from the one that garita repaired. So a container that was repaired gets
 * its execs with what was taken from it, and putting them right is a repair.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"
#include "policy/rules/capability_sets.h"

/* A label of the process that a program of the container has, too. */
static const struct {
	const char *member, *pointer, *wanted;
} labels[] = {
	{ "apparmorProfile", "/process/apparmorProfile",
	  "the container's AppArmor profile" },
	{ "selinuxLabel", "/process/selinuxLabel",
	  "the container's SELinux label" },
};

static const char *label_of(const struct garita_spec *spec, size_t i)
{
	const char *label = garita_json_string(
		garita_json_at(spec->root, labels[i].pointer));

	return label ? label : "";
}

static bool has_other_label(const struct garita_case *of, size_t i)
{
	const char *mine = label_of(of->container, i);

	return *mine != '\0' && strcmp(mine, label_of(of->spec, i)) != 0;
}

static void check_exec_privileged(const struct garita_case *of,
				  struct garita_report *out)
{
	const struct garita_spec *spec = of->spec;
	/* With a bounding set of more than is effective, a program of another
	 * user of the container gains the rest. */
	garita_caps has = garita_caps_anywhere(of->container);
	garita_caps more = garita_caps_anywhere(spec) & ~has;

	if (more != 0) {
		auto_text found = { 0 }, wanted = { 0 };

		garita_caps_words(more, &found);
		garita_text_puts(&wanted, "at most the container's: ");
		garita_caps_words(has, &wanted);
		garita_report(out, "/process/capabilities", wanted.data,
			      "%s, which the container has not", found.data);
	}
	if (of->container->no_new_privileges && !spec->no_new_privileges)
		garita_report(out, "/process/noNewPrivileges",
			      "true, as in the container", "not true");
	for (size_t i = 0; i < GARITA_COUNT(labels); i++)
		if (has_other_label(of, i))
			garita_report(out, labels[i].pointer, labels[i].wanted,
				      "\"%s\" instead of \"%s\"",
				      label_of(spec, i),
				      label_of(of->container, i));
}

static int fix_exec_privileged(const struct garita_case *of,
			       struct garita_json_doc *config,
			       struct garita_error *err)
{
	struct garita_json *process =
		garita_json_get(garita_json_root(config), "process");

	(void)err;
	garita_caps_keep(config, garita_caps_anywhere(of->container));
	if (of->container->no_new_privileges)
		garita_json_put_bool(config, process, "noNewPrivileges", true);
	for (size_t i = 0; i < GARITA_COUNT(labels); i++)
		if (has_other_label(of, i))
			garita_json_put_string(config, process,
					       labels[i].member,
					       label_of(of->container, i));
	return 0;
}

static bool is_root(const struct garita_spec *spec)
{
	return garita_spec_user(spec) != GARITA_USER_ORDINARY;
}

static void check_exec_root(const struct garita_case *of,
			    struct garita_report *out)
{
	auto_text wanted = { 0 };

	if (!is_root(of->spec) || is_root(of->container))
		return;
	garita_text_printf(&wanted, "uid %u, the container's, or another one",
			   of->container->uid);
	if (of->spec->has_uid)
		garita_report(out, "/process/user/uid", wanted.data, "uid %u",
			      of->spec->uid);
	else
		garita_report(out, "/process/user/uid", wanted.data,
			      "no uid, which means uid 0");
}

static int fix_exec_root(const struct garita_case *of,
			 struct garita_json_doc *config,
			 struct garita_error *err)
{
	struct garita_json *process =
		garita_json_get(garita_json_root(config), "process");
	struct garita_json *user = garita_json_new_object(config);

	(void)err;
	garita_json_put_u64(config, user, "uid", of->container->uid);
	garita_json_put_u64(config, user, "gid", of->container->gid);
	garita_json_put(config, process, "user", user);
	return 0;
}

static const char privileged_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.23",
	"CVE-2022-29162",
	"",
};

static const char root_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.24",
	"",
};

const struct garita_rule garita_rules_exec[] = {
	{
		.id = "exec-privileged",
		.summary = "an exec has no more power than its container",
		.why = "an exec with more capabilities or without the "
		       "container's confinement is a way out of it",
		.remedy = "exec without --privileged, --cap and label options; "
			  "give the container itself what it needs",
		.scope = GARITA_SCOPE_EXEC,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = privileged_references,
		.check = check_exec_privileged,
		.fix = fix_exec_privileged,
	},
	{
		.id = "exec-root",
		.summary = "an exec is root only where its container is",
		.why = "root in a container that was made to run without it "
		       "undoes what running without it was for",
		.remedy = "exec as the container's user: without --user 0",
		.scope = GARITA_SCOPE_EXEC,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = root_references,
		.check = check_exec_root,
		.fix = fix_exec_root,
	},
	{ .id = NULL },
};
