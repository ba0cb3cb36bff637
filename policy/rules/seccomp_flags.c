/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_flags - what leads around a filter whose rules are good: the calls
 * of a second architecture, and flags and listeners that take from it.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"
#include "garita/seccomp.h"
#include "policy/memo.h"
#include "policy/rules/word_list.h"

static bool is_foreign(const struct garita_case *of, const char *arch)
{
	const char *native = garita_seccomp_arch(of->host->machine);

	return arch == NULL || ((native == NULL || strcmp(arch, native) != 0) &&
				!garita_setting_allows(of->setting, arch));
}

static void check_arch(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_json *list =
		garita_json_get(of->spec->seccomp, "architectures");
	auto_word_list words = { .count = 0 };
	const char *foreign;

	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *arch =
			garita_json_string(garita_json_item(list, i));

		if (is_foreign(of, arch))
			garita_word_list_add(&words,
					     arch != NULL ? arch : "(none)");
	}
	foreign = garita_word_list_end(&words);
	if (foreign != NULL)
		garita_report(out, "/linux/seccomp/architectures",
			      "the architecture of this machine alone", "%s",
			      foreign);
}

static bool is_native(const char *key, const struct garita_json *value,
		      const void *of)
{
	(void)key;
	return !is_foreign(of, garita_json_string(value));
}

/* An empty list is the native architecture, as is none. */
static int fix_arch(const struct garita_case *of,
		    struct garita_json_doc *config, struct garita_error *err)
{
	(void)err;
	garita_json_filter(config,
			   garita_json_at(garita_json_root(config),
					  "/linux/seccomp/architectures"),
			   is_native, of);
	garita_memo_forget(of->memo);
	return 0;
}

static const char spec_allow[] = "SECCOMP_FILTER_FLAG_SPEC_ALLOW";

static void check_flags(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_json *seccomp = of->spec->seccomp;
	const struct garita_json *flags = garita_json_get(seccomp, "flags");
	const char *listener =
		garita_json_string(garita_json_get(seccomp, "listenerPath"));

	for (size_t i = 0; i < garita_json_count(flags); i++) {
		const char *flag =
			garita_json_string(garita_json_item(flags, i));

		if (flag != NULL && strcmp(flag, spec_allow) == 0 &&
		    !garita_setting_allows(of->setting, flag)) {
			garita_report(out, "/linux/seccomp/flags",
				      "no flag that takes protection away",
				      "%s", flag);
			break;
		}
	}
	if (listener != NULL && *listener &&
	    !garita_setting_allows(of->setting, listener))
		garita_report(out, "/linux/seccomp/listenerPath",
			      "a listener that the policy allows, or none",
			      "%s", listener);
}

static bool is_kept_flag(const char *key, const struct garita_json *value,
			 const void *of)
{
	const struct garita_case *at = of;
	const char *flag = garita_json_string(value);

	(void)key;
	return flag == NULL || strcmp(flag, spec_allow) != 0 ||
	       garita_setting_allows(at->setting, flag);
}

/* The list stays, if empty: without one runc takes this very flag. A listener
 * stays too: to take it away would break the calls that wait for it, and that
 * is for a person to decide. */
static int fix_flags(const struct garita_case *of,
		     struct garita_json_doc *config, struct garita_error *err)
{
	(void)err;
	garita_json_filter(config,
			   garita_json_at(garita_json_root(config),
					  "/linux/seccomp/flags"),
			   is_kept_flag, of);
	garita_memo_forget(of->memo);
	return 0;
}

static const char arch_references[][GARITA_REFERENCE] = {
	"moby/profiles: 8521de2",
	"seccomp(2): x32",
	"",
};

static const char flags_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, seccomp",
	"seccomp(2): SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	"",
};

const struct garita_rule garita_rules_seccomp_flags[] = {
	{
		.id = "seccomp-arch",
		.summary = "the profile admits the machine's own architecture "
			   "alone",
		.why = "a second table of calls leads around the first: the "
		       "i386 call socketcall hides the socket family from a "
		       "filter",
		.remedy = "remove the architecture from the profile, or allow "
			  "it for this rule where 32-bit programs must run",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_SECCOMP,
		.writes = GARITA_PART_SECCOMP,
		.baseline = GARITA_OFF,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.allows = "architectures beside the machine's own: "
			  "SCMP_ARCH_X86",
		.references = arch_references,
		.check = check_arch,
		.fix = fix_arch,
	},
	{
		.id = "seccomp-flags",
		.summary = "no flag or listener weakens the filter",
		.why = "SPEC_ALLOW turns off a protection of the processor, "
		       "and whoever listens decides instead of the filter",
		.remedy = "remove the flag or the listener, or allow it for "
			  "this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_SECCOMP,
		.writes = GARITA_PART_SECCOMP,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.allows = "paths of listeners, and "
			  "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
		.references = flags_references,
		.check = check_flags,
		.fix = fix_flags,
	},
	{ .id = NULL },
};
