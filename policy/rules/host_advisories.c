/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_advisories - does what runs have the fixes for what is known? The table
 * of advisories was compared with the machine when the facts were gathered
 * (policy/advisories.c); here is decided what follows.
 *
 * A hole in the kernel may also be out of reach of a container: its seccomp
 * profile refuses the call that leads there. That is asked of the profile that
 * the container has after repairs.
 */
#include <string.h>

#include "garita/seccomp.h"
#include "policy/memo.h"
#include "policy/rules/families.h"
#include "policy/rules/host_facts.h"
#include "policy/rules/word_list.h"

/* ---- the container's profile ---- */

/* "socket:38": the call with that first argument; "unshare": any. */
static bool may_call(const struct garita_seccomp *profile, const char *call)
{
	const char *colon = strchr(call, ':');
	auto_free char *name = garita_xstrndup(
		call, colon ? (size_t)(colon - call) : strlen(call));
	uint32_t value = 0;

	if (colon == NULL)
		return garita_seccomp_may(profile, name, -1, 0);
	return garita_parse_u32(colon + 1, 0, UINT32_MAX, &value) < 0 ||
	       garita_seccomp_may(profile, name, 0, value);
}

/* Does the container's profile refuse every call that leads to the hole? False
 * when there is no container, or no way to tell. */
static bool is_out_of_reach(const struct garita_case *of,
			    const struct garita_json *calls)
{
	const struct garita_json *seccomp = of->spec->seccomp;
	const struct garita_seccomp *profile = of->memo->own;
	auto_seccomp struct garita_seccomp *read = NULL;

	if (garita_json_count(calls) == 0 || seccomp == NULL)
		return false;
	if (profile == NULL &&
	    garita_seccomp_read(seccomp, of->host->machine, &read, NULL) < 0)
		return false;
	if (profile == NULL)
		profile = read;
	for (size_t i = 0; i < garita_json_count(calls); i++) {
		const char *call =
			garita_json_string(garita_json_item(calls, i));

		if (call == NULL || may_call(profile, call))
			return false;
	}
	return true;
}

/* ---- the advisories of one program ---- */

struct sorted {
	struct garita_word_list open, curable, unknown;
};

static void sort(const struct garita_case *of, const char *about,
		 const struct garita_json *advisories, struct sorted *ret)
{
	for (size_t i = 0; i < garita_json_count(advisories); i++) {
		const struct garita_json *entry =
			garita_json_item(advisories, i);
		const struct garita_json *state =
			garita_json_get(entry, "state");
		const struct garita_json *calls =
			garita_json_get(entry, "calls");
		const char *id =
			garita_json_string(garita_json_get(entry, "id"));
		const char *words =
			garita_json_string(garita_json_get(entry, "words"));

		if (!garita_is_text(garita_json_get(entry, "about"), about) ||
		    garita_is_text(state, "fixed"))
			continue;
		if (id == NULL || garita_setting_allows(of->setting, id) ||
		    is_out_of_reach(of, calls))
			continue;
		if (!garita_is_text(state, "open"))
			garita_word_list_add(&ret->unknown, words ? words : id);
		else if (garita_json_count(calls) > 0)
			garita_word_list_add(&ret->curable, words ? words : id);
		else
			garita_word_list_add(&ret->open, words ? words : id);
	}
}

static void free_sorted(struct sorted *sorted)
{
	garita_word_list_free(&sorted->open);
	garita_word_list_free(&sorted->curable);
	garita_word_list_free(&sorted->unknown);
}
#define auto_sorted __attribute__((cleanup(free_sorted))) struct sorted

static void report(const struct garita_question *q, const char *pointer,
		   const char *who, struct sorted *sorted)
{
	const char *open = garita_word_list_end(&sorted->open);
	const char *curable = garita_word_list_end(&sorted->curable);
	const char *unknown = garita_word_list_end(&sorted->unknown);

	if (open != NULL)
		garita_report(q->out, pointer, q->wanted, "%s with %s", who,
			      open);
	if (curable != NULL)
		garita_report_curable(q->out, pointer, q->wanted,
				      "%s with %s, which the container's "
				      "seccomp profile leaves in reach",
				      who, curable);
	if (unknown != NULL)
		garita_report_unknown(q->out, pointer, q->wanted,
				      "%s of which is not known whether it has "
				      "%s",
				      who, unknown);
}

static void check_kernel(const struct garita_case *of,
			 struct garita_report *out)
{
	const struct garita_question q = { of, out,
					   "none that a container can reach" };
	const struct garita_json *advisories =
		garita_fact(&q, "/advisories", GARITA_JSON_ARRAY);
	const char *release = garita_json_string(
		garita_fact_quietly(&q, "/kernel/release", GARITA_JSON_STRING));
	auto_sorted sorted = { 0 };
	auto_text who = { 0 };

	if (advisories == NULL)
		return;
	garita_text_printf(&who, "Linux %s", release ? release : "");
	sort(of, "kernel", advisories, &sorted);
	report(&q, "/advisories", who.data, &sorted);
}

/* "runc-version" is about runc. */
static void check_program(const struct garita_case *of,
			  struct garita_report *out)
{
	const struct garita_question q = { of, out,
					   "a release, or a distribution's "
					   "package, with the fixes" };
	auto_free char *name = garita_xstrndup(
		of->rule->id, strlen(of->rule->id) - strlen("-version"));
	const struct garita_json *program, *advisories;
	auto_sorted sorted = { 0 };
	auto_text pointer = { 0 }, who = { 0 };
	const char *version;

	garita_text_printf(&pointer, "/programs/%s", name);
	program = garita_fact(&q, pointer.data, GARITA_JSON_OBJECT);
	if (program == NULL ||
	    garita_json_bool(garita_json_get(program, "absent")))
		return;
	advisories = garita_fact(&q, "/advisories", GARITA_JSON_ARRAY);
	if (advisories == NULL)
		return;
	version = garita_json_string(garita_json_get(program, "version"));
	garita_text_printf(&who, "%s %s", name,
			   version ? version : "of unknown version");
	sort(of, name, advisories, &sorted);
	report(&q, pointer.data, who.data, &sorted);
}

static const char kernel_references[][GARITA_REFERENCE] = {
	"CVE-2026-31431", "CVE-2026-43284",         "CVE-2024-1086",
	"CVE-2022-0847",  "NIST SP 800-190: 4.5.2", "",
};

static const char program_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.4.1",
	"CIS Docker 1.6.0: 1.2.2",
	"",
};

#define VERSION_RULE(name)                                                     \
	.id = name "-version",                                                 \
	.summary = name " has the fixes for its known holes",                  \
	.why = "what starts containers is root on the host: a hole in it is "  \
	       "a "                                                            \
	       "way out before the container even runs",                       \
	.remedy = "update " name ", or allow an advisory's id for this rule",  \
	.scope = GARITA_SCOPE_HOST, .baseline = GARITA_WARN,                   \
	.restricted = GARITA_WARN, .strict = GARITA_DENY,                      \
	.allows = "ids of advisories (CVE-...) that do not matter here",       \
	.part_of = "host-facts", .references = program_references,             \
	.check = check_program

const struct garita_rule garita_rules_host_advisories[] = {
	{
		.id = "kernel-cve-mitigated",
		.summary = "no known way from a container into the kernel is "
			   "open",
		.why = "these holes have been used to leave containers, and a "
		       "version number alone does not tell whether one is open",
		.remedy = "update and reboot, apply live patches, keep the "
			  "module out with \"install NAME /bin/false\" in "
			  "/etc/modprobe.d, or close the call in the seccomp "
			  "profile",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "ids of advisories (CVE-...) that do not matter here",
		.part_of = "host-facts",
		.references = kernel_references,
		.check = check_kernel,
	},
	{ VERSION_RULE("runc") },
	{ VERSION_RULE("crun") },
	{ VERSION_RULE("containerd") },
	{ VERSION_RULE("docker") },
	{ .id = NULL },
};
