/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * capabilities - which pieces of root's power the container has.
 *
 * Rules look at the union of the five sets: a capability in any of them can
 * come back (capabilities(7)). Repairs drop from all five.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <string.h>

#include "garita/policy.h"
#include "policy/rules/capability_sets.h"

/* What docker and containerd give by default, and so what most images were
 * tested with. Pod Security Standards: the same without NET_RAW. */
static const garita_caps baseline_caps = GARITA_CAP(0) |  /* CHOWN */
					 GARITA_CAP(1) |  /* DAC_OVERRIDE */
					 GARITA_CAP(3) |  /* FOWNER */
					 GARITA_CAP(4) |  /* FSETID */
					 GARITA_CAP(5) |  /* KILL */
					 GARITA_CAP(6) |  /* SETGID */
					 GARITA_CAP(7) |  /* SETUID */
					 GARITA_CAP(8) |  /* SETPCAP */
					 GARITA_CAP(10) | /* NET_BIND_SERVICE */
					 GARITA_CAP(13) | /* NET_RAW */
					 GARITA_CAP(18) | /* SYS_CHROOT */
					 GARITA_CAP(27) | /* MKNOD */
					 GARITA_CAP(29) | /* AUDIT_WRITE */
					 GARITA_CAP(31);  /* SETFCAP */

static const garita_caps restricted_caps =
	GARITA_CAP(10); /* NET_BIND_SERVICE */

static void report_excess(struct garita_report *out, garita_caps keep,
			  garita_caps excess)
{
	auto_text found = { 0 }, wanted = { 0 };

	if (excess == 0)
		return;
	garita_caps_words(excess, &found);
	garita_text_puts(&wanted, "at most ");
	garita_caps_words(keep, &wanted);
	garita_report(out, "/process/capabilities", wanted.data, "%s",
		      found.data);
}

static void check_baseline(const struct garita_case *of,
			   struct garita_report *out)
{
	garita_caps keep = garita_caps_allowed(of, baseline_caps);
	garita_caps excess = garita_caps_anywhere(of->spec) & ~keep;

	/* Those have a rule that says what each of them gives. */
	if (excess != 0 && garita_said_by(of, "dangerous-capability"))
		excess &= ~garita_caps_dangerous();
	report_excess(out, keep, excess);
}

static int fix_baseline(const struct garita_case *of,
			struct garita_json_doc *config,
			struct garita_error *err)
{
	(void)err;
	return garita_caps_keep(config, garita_caps_allowed(of, baseline_caps));
}

static void check_restricted(const struct garita_case *of,
			     struct garita_report *out)
{
	garita_caps keep = garita_caps_allowed(of, restricted_caps);

	report_excess(out, keep, garita_caps_anywhere(of->spec) & ~keep);
}

static int fix_restricted(const struct garita_case *of,
			  struct garita_json_doc *config,
			  struct garita_error *err)
{
	(void)err;
	return garita_caps_keep(config,
				garita_caps_allowed(of, restricted_caps));
}

static void check_unknown(const struct garita_case *of,
			  struct garita_report *out)
{
	for (size_t set = 0; set < GARITA_CAPS_SETS; set++) {
		const struct garita_json *node = of->spec->unknown_cap[set];
		auto_text at = { 0 };

		if (node == NULL)
			continue;
		garita_text_printf(
			&at, "/process/capabilities/%s",
			garita_cap_set_name((enum garita_cap_set)set));
		garita_report(out, at.data,
			      "names of capabilities(7) up to "
			      "CAP_CHECKPOINT_RESTORE",
			      "\"%s\"", garita_json_string(node));
	}
}

static int fix_unknown(const struct garita_case *of,
		       struct garita_json_doc *config, struct garita_error *err)
{
	(void)of;
	(void)err;
	for (size_t set = 0; set < GARITA_CAPS_SETS; set++)
		garita_caps_keep_in(config, set, GARITA_CAPS_ALL, false);
	return 0;
}

/* One set that should be empty but for what the operator allows. */
static void report_set(const struct garita_case *of, struct garita_report *out,
		       enum garita_cap_set set)
{
	garita_caps excess = of->spec->caps[set] & ~garita_caps_allowed(of, 0);
	auto_text at = { 0 }, found = { 0 };

	if (excess == 0)
		return;
	garita_text_printf(&at, "/process/capabilities/%s",
			   garita_cap_set_name(set));
	garita_caps_words(excess, &found);
	garita_report(out, at.data, "an empty set", "%s", found.data);
}

static void check_ambient(const struct garita_case *of,
			  struct garita_report *out)
{
	report_set(of, out, GARITA_CAPS_AMBIENT);
}

static int fix_ambient(const struct garita_case *of,
		       struct garita_json_doc *config, struct garita_error *err)
{
	(void)err;
	garita_caps_keep_in(config, GARITA_CAPS_AMBIENT,
			    garita_caps_allowed(of, 0), true);
	return 0;
}

static void check_inheritable(const struct garita_case *of,
			      struct garita_report *out)
{
	report_set(of, out, GARITA_CAPS_INHERITABLE);
}

static int fix_inheritable(const struct garita_case *of,
			   struct garita_json_doc *config,
			   struct garita_error *err)
{
	(void)err;
	garita_caps_keep_in(config, GARITA_CAPS_INHERITABLE,
			    garita_caps_allowed(of, 0), true);
	return 0;
}

/* What each set may hold at most, given the others (capabilities(7)). The
 * permitted set of a process may exceed its bounding set, but a container's
 * that does was written by mistake or to mislead. */
static garita_caps ceiling(const struct garita_spec *spec,
			   enum garita_cap_set set)
{
	garita_caps permitted = spec->caps[GARITA_CAPS_PERMITTED] &
				spec->caps[GARITA_CAPS_BOUNDING];

	switch (set) {
	case GARITA_CAPS_PERMITTED:
		return spec->caps[GARITA_CAPS_BOUNDING];
	case GARITA_CAPS_EFFECTIVE:
		return permitted;
	case GARITA_CAPS_AMBIENT:
		return permitted & spec->caps[GARITA_CAPS_INHERITABLE];
	case GARITA_CAPS_BOUNDING:
	case GARITA_CAPS_INHERITABLE:
	case GARITA_CAPS_SETS:
		break;
	}
	return GARITA_CAPS_ALL;
}

static void check_consistent(const struct garita_case *of,
			     struct garita_report *out)
{
	static const char wanted[GARITA_CAPS_SETS][43] = {
		[GARITA_CAPS_PERMITTED] = "a subset of bounding",
		[GARITA_CAPS_EFFECTIVE] = "a subset of permitted",
		[GARITA_CAPS_AMBIENT] =
			"a subset of both permitted and inheritable",
	};

	for (enum garita_cap_set set = 0; set < GARITA_CAPS_SETS; set++) {
		garita_caps excess =
			of->spec->caps[set] & ~ceiling(of->spec, set);
		auto_text at = { 0 }, found = { 0 };

		if (excess == 0)
			continue;
		garita_text_printf(&at, "/process/capabilities/%s",
				   garita_cap_set_name(set));
		garita_caps_words(excess, &found);
		garita_report(out, at.data, wanted[set], "%s beyond that",
			      found.data);
	}
}

static int fix_consistent(const struct garita_case *of,
			  struct garita_json_doc *config,
			  struct garita_error *err)
{
	(void)err;
	for (enum garita_cap_set set = 0; set < GARITA_CAPS_SETS; set++)
		garita_caps_keep_in(config, set, ceiling(of->spec, set), true);
	return 0;
}

static void check_no_new_privs(const struct garita_case *of,
			       struct garita_report *out)
{
	if (!of->spec->no_new_privileges)
		garita_report(out, "/process/noNewPrivileges", "true",
			      "not set");
}

static int fix_no_new_privs(const struct garita_case *of,
			    struct garita_json_doc *config,
			    struct garita_error *err)
{
	struct garita_json *process =
		garita_json_get(garita_json_root(config), "process");

	(void)of;
	(void)err;
	garita_json_put_bool(config, process, "noNewPrivileges", true);
	return 0;
}

static const char baseline_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: capabilities (baseline)",
	"CIS Docker 1.6.0: 5.4",
	"",
};
static const char restricted_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: capabilities (restricted)",
	"",
};
static const char unknown_references[][GARITA_REFERENCE] = {
	"capabilities(7)",
	"",
};
static const char inheritable_references[][GARITA_REFERENCE] = {
	"CVE-2022-29162",
	"CVE-2022-24769",
	"CVE-2022-27650",
	"",
};
static const char nnp_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: allowPrivilegeEscalation",
	"CIS Docker 1.6.0: 5.26",
	"PR_SET_NO_NEW_PRIVS(2const)",
	"",
};

const struct garita_rule garita_rules_capabilities[] = {
	{
		.id = "capabilities-baseline",
		.summary = "no capability beyond the usual default of fourteen",
		.why = "each further capability is a known way from the "
		       "container to the host",
		.remedy = "drop the --cap-add, or allow the capability for "
			  "this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "capability names",
		.part_of = "privileged",
		.references = baseline_references,
		.check = check_baseline,
		.fix = fix_baseline,
	},
	{
		.id = "capabilities-restricted",
		.summary = "no capability but CAP_NET_BIND_SERVICE",
		.why = "a program that needs no capability cannot lose one to "
		       "an attacker",
		.remedy = "run with --cap-drop ALL, or allow what the program "
			  "needs for this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_OFF,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.allows = "capability names",
		.part_of = "privileged",
		.references = restricted_references,
		.check = check_restricted,
		.fix = fix_restricted,
	},
	{
		.id = "unknown-capability",
		.summary = "capability names are known ones",
		.why = "a name that only a newer runtime knows would be "
		       "granted by an upgrade",
		.remedy = "remove the name or spell it as capabilities(7) does",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = unknown_references,
		.check = check_unknown,
		.fix = fix_unknown,
	},
	{
		.id = "ambient-capabilities",
		.summary = "the ambient set is empty",
		.why = "ambient capabilities survive execve(2) for a process "
		       "that is not root",
		.remedy = "leave ambient out, or allow what the program needs "
			  "for this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.allows = "capability names",
		.references = unknown_references,
		.check = check_ambient,
		.fix = fix_ambient,
	},
	{
		.id = "inheritable-capabilities",
		.summary = "the inheritable set is empty",
		.why = "inheritable capabilities let a file with its own "
		       "capabilities raise them",
		.remedy = "leave inheritable out, or allow what the program "
			  "needs for this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.allows = "capability names",
		.references = inheritable_references,
		.check = check_inheritable,
		.fix = fix_inheritable,
	},
	{
		.id = "capability-sets-consistent",
		.summary = "effective within permitted, permitted within "
			   "bounding",
		.why = "sets that contradict each other are resolved "
		       "differently by runtimes",
		.remedy = "give each capability in every set or in none",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_FIX,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = unknown_references,
		.check = check_consistent,
		.fix = fix_consistent,
	},
	{
		.id = "no-new-privileges",
		.summary = "process.noNewPrivileges is set",
		.why = "without it a setuid program in the image gives back "
		       "what was taken away",
		.remedy = "run with --security-opt no-new-privileges, or "
			  "allowPrivilegeEscalation: false",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.references = nnp_references,
		.check = check_no_new_privs,
		.fix = fix_no_new_privs,
	},
	{ .id = NULL },
};
