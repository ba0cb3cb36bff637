/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lsm - the labels by which AppArmor and SELinux confine a container, and the
 * personality that weakens what the kernel does of itself.
 *
 * A label matters where its module is on, which only the host can say. A host
 * of which that is not known counts as one where it is on.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/match.h"
#include "policy/report.h"

static const char *string_at(const struct garita_case *of, const char *pointer)
{
	const char *text =
		garita_json_string(garita_json_at(of->spec->root, pointer));

	return text != NULL ? text : "";
}

/* An engine that was not asked for a label writes none, and Pod Security's
 * baseline takes that; who sets the rule's action wants it to count. */
static bool is_tolerated(const struct garita_case *of)
{
	return of->applied->profile == GARITA_PROFILE_BASELINE &&
	       !of->setting->set;
}

static void report_absent(const struct garita_case *of,
			  struct garita_report *out, const char *at,
			  const char *wanted, const char *found)
{
	if (is_tolerated(of))
		garita_report_warning(out, at, wanted, "%s", found);
	else
		garita_report(out, at, wanted, "%s", found);
}

/* ---- apparmor-override ---- */

static const struct garita_param apparmor_params[] = {
	{
		.name = "profiles",
		.kind = GARITA_PARAM_STRINGS,
		.holds = "the only AppArmor profiles that may be set; empty: "
			 "any that confines",
	},
	{ .name = "" },
};

static bool is_profile_listed(const struct garita_case *of, const char *profile)
{
	size_t count;

	(void)garita_param_strings(of, "profiles", &count);
	return count == 0 || garita_param_has(of, "profiles", profile);
}

static void check_apparmor(const struct garita_case *of,
			   struct garita_report *out)
{
	static const char at[] = "/process/apparmorProfile";
	static const char wanted[] = "an AppArmor profile that confines";
	const char *profile = string_at(of, at);

	/* None is the same as "unconfined". */
	if (of->host->apparmor == GARITA_LSM_OFF ||
	    garita_setting_allows(of->setting,
				  *profile ? profile : "unconfined"))
		return;
	if (*profile == '\0') {
		/* A user's engine cannot set any. */
		if (!of->host->rootless)
			report_absent(of, out, at, wanted, "no profile");
	} else if (!garita_lsm_confines(profile)) {
		garita_report(out, at, wanted, "%s", profile);
	} else if (!is_profile_listed(of, profile)) {
		garita_report(out, at, "a profile that the policy lists", "%s",
			      profile);
	}
}

/* ---- selinux-options, mount-label ---- */

/* "system_u:object_r:container_file_t:s0:c1,c2", borrowed from the label; the
 * level may hold colons. */
struct label {
	const char *user, *role, *type, *level;
	size_t user_len, role_len, type_len;
};

/* False when a part is missing. */
static bool read_label(const char *text, struct label *ret)
{
	struct label label = { .user = text };

	label.user_len = strcspn(text, ":");
	if (text[label.user_len] == '\0')
		return false;
	label.role = text + label.user_len + 1;
	label.role_len = strcspn(label.role, ":");
	if (label.role[label.role_len] == '\0')
		return false;
	label.type = label.role + label.role_len + 1;
	label.type_len = strcspn(label.type, ":");
	label.level = label.type + label.type_len;
	label.level += *label.level == ':';
	*ret = label;
	return label.user_len > 0 && label.role_len > 0 && label.type_len > 0;
}

static bool is_word(const char *part, size_t len, const char *word)
{
	return strlen(word) == len && strncmp(part, word, len) == 0;
}

static bool is_type(const struct garita_case *of, const struct label *label,
		    const char *const *types)
{
	for (size_t i = 0; types[i] != NULL; i++)
		if (is_word(label->type, label->type_len, types[i]))
			return true;
	for (size_t i = 0; i < of->setting->allow_count; i++)
		if (is_word(label->type, label->type_len,
			    of->setting->allow[i]))
			return true;
	return false;
}

/* NULL: the label confines. */
static const char *selinux_problem(const struct garita_case *of,
				   const char *text)
{
	static const char *const types[] = {
		"container_t",
		"container_init_t",
		"container_kvm_t",
		"container_engine_t",
		NULL,
	};
	struct label label;

	if (!read_label(text, &label))
		return "which is no user:role:type:level";
	if (!is_word(label.user, label.user_len, "system_u"))
		return "whose user is not system_u";
	if (!is_word(label.role, label.role_len, "system_r"))
		return "whose role is not system_r";
	if (!is_type(of, &label, types))
		return "whose type does not confine containers";
	if (strchr(label.level, 'c') == NULL)
		return "which has no category that tells it from other "
		       "containers";
	if (strpbrk(label.level, "-.") != NULL)
		return "which spans the categories of other containers";
	return NULL;
}

static void check_selinux(const struct garita_case *of,
			  struct garita_report *out)
{
	static const char at[] = "/process/selinuxLabel";
	static const char wanted[] =
		"system_u:system_r:container_t:s0 with two categories";
	const char *label = string_at(of, at);
	const char *problem;

	if (of->host->selinux == GARITA_LSM_OFF)
		return;
	if (*label == '\0') {
		report_absent(of, out, at, wanted, "no label");
		return;
	}
	problem = selinux_problem(of, label);
	if (problem != NULL)
		garita_report(out, at, wanted, "%s, %s", label, problem);
}

static void check_mount_label(const struct garita_case *of,
			      struct garita_report *out)
{
	static const char *const types[] = {
		"container_file_t",
		"container_ro_file_t",
		NULL,
	};
	static const char at[] = "/linux/mountLabel";
	const char *text = string_at(of, at);
	struct label label, process;

	if (of->host->selinux == GARITA_LSM_OFF || *text == '\0')
		return;
	if (!read_label(text, &label) || !is_type(of, &label, types))
		garita_report(out, at, "a label of type container_file_t", "%s",
			      text);
	else if (read_label(string_at(of, "/process/selinuxLabel"), &process) &&
		 strcmp(process.level, label.level) != 0)
		garita_report(out, at, "the categories of the process",
			      "%s, while the process has %s", text,
			      process.level);
}

/* ---- personality ---- */

static bool is_plain_domain(const char *domain)
{
	return strcmp(domain, "LINUX") == 0 || strcmp(domain, "LINUX32") == 0;
}

static void check_personality(const struct garita_case *of,
			      struct garita_report *out)
{
	static const char domain_at[] = "/linux/personality/domain";
	static const char flags_at[] = "/linux/personality/flags";
	const char *domain = string_at(of, domain_at);
	const struct garita_json *flags =
		garita_json_at(of->spec->root, flags_at);

	if (*domain != '\0' && !is_plain_domain(domain))
		garita_report(out, domain_at, "LINUX or LINUX32", "%s", domain);
	if (garita_json_count(flags) > 0)
		garita_report(out, flags_at, "no flags", "%s",
			      garita_json_string(garita_json_item(flags, 0)));
}

static int fix_personality(const struct garita_case *of,
			   struct garita_json_doc *config,
			   struct garita_error *err)
{
	struct garita_json *os =
		garita_json_get(garita_json_root(config), "linux");
	struct garita_json *personality = garita_json_get(os, "personality");
	const char *domain = string_at(of, "/linux/personality/domain");

	(void)err;
	garita_json_remove(personality, "flags");
	if (!is_plain_domain(domain))
		garita_json_remove(os, "personality");
	return 0;
}

static const char apparmor_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: appArmorProfile",
	"CIS Docker 1.6.0: 5.2",
	"",
};
static const char selinux_references[][GARITA_REFERENCE] = {
	"Pod Security Standards: seLinuxOptions",
	"CIS Docker 1.6.0: 5.3",
	"",
};
static const char mount_label_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.3",
	"OCI runtime-spec: config-linux.md, Mount Label",
	"",
};
static const char personality_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, Personality",
	"",
};

const struct garita_rule garita_rules_lsm[] = {
	{
		.id = "apparmor-override",
		.summary = "an AppArmor profile confines the container",
		.why = "the profile is what still keeps root of the container "
		       "from files of the kernel when a mount lets it there",
		.remedy = "leave out --security-opt apparmor=unconfined, and "
			  "have the engine set its profile",
		/* containerd gives none to the sandbox of a pod. */
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_PROCESS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "names of profiles that need not confine; "
			  "\"unconfined\" also stands for none",
		.params = apparmor_params,
		.references = apparmor_references,
		.check = check_apparmor,
	},
	{
		.id = "selinux-options",
		.summary = "an SELinux label confines the container",
		.why = "with a label of the host's programs, or without "
		       "categories of its own, a container reaches files of "
		       "the host and of other containers",
		.remedy = "leave out --security-opt label=disable and "
			  "label=type:..., and turn SELinux on in the engine",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_PROCESS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "further SELinux types of processes",
		.references = selinux_references,
		.check = check_selinux,
	},
	{
		.id = "mount-label",
		.summary = "the container's files have its own SELinux label",
		.why = "files labelled for others can be read by others",
		.remedy = "leave the mount label to the engine",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_PROCESS | GARITA_PART_LINUX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "further SELinux types of files",
		.references = mount_label_references,
		.check = check_mount_label,
	},
	{
		.id = "personality",
		.summary = "the kernel's own protections of memory stay on",
		.why = "flags of the personality turn off random addresses and "
		       "make data executable",
		.remedy = "remove linux.personality.flags",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.references = personality_references,
		.check = check_personality,
		.fix = fix_personality,
	},
	{ .id = NULL },
};
