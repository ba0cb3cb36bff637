/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_kernel - is the kernel that runs one that was kept up to date, by a
 * reboot or in place, and did nobody weaken it?
 */
#include <inttypes.h>
#include <string.h>

#include "garita/version.h"
#include "policy/rules/families.h"
#include "policy/rules/host_facts.h"

/* ---- kernel-min-version ---- */

static const struct garita_param oldest_params[] = {
	{
		.name = "oldest",
		.kind = GARITA_PARAM_STRINGS,
		.holds = "the oldest kernels to run: of each branch a release "
			 "of kernel.org (\"6.1.76\"), or the package of a "
			 "distribution (\"debian 6.1.76-1\"); else those of "
			 "the table of advisories",
	},
	{ .name = "" },
};

/* What runs: its own number, or that of the live patches in it. */
static const char *kernel_number(const struct garita_question *q)
{
	static const char *const pointers[] = { "/kernel/effective",
						"/kernel/number" };
	const char *number = NULL;

	for (size_t i = 0; number == NULL && i < GARITA_COUNT(pointers); i++)
		number = garita_json_string(garita_fact_quietly(
			q, pointers[i], GARITA_JSON_STRING));
	return number;
}

/* "debian 6.1.76-1" of the distribution whose kernel it is; its version. */
static const char *package_entry(const char *entry, const char *distribution)
{
	size_t len = strlen(distribution);

	return strncmp(entry, distribution, len) == 0 && entry[len] == ' '
		       ? entry + len + 1
		       : NULL;
}

static int compare_packages(const char *format, const char *a, const char *b)
{
	return strcmp(format, "rpm") == 0 ? garita_version_compare_rpm(a, b)
					  : garita_version_compare_deb(a, b);
}

/* What the distribution's own entry says: 1 new enough, 0 not, -1 there is no
 * such entry or no such package. */
static int by_package(const struct garita_question *q,
		      const char *const *oldest, size_t count)
{
	const struct garita_json *package =
		garita_fact_quietly(q, "/kernel/package", GARITA_JSON_OBJECT);
	const char *of =
		garita_json_string(garita_json_get(package, "distribution"));
	const char *version =
		garita_json_string(garita_json_get(package, "version"));
	const char *format =
		garita_json_string(garita_json_get(package, "format"));

	for (size_t i = 0; of && version && format && i < count; i++) {
		const char *least = package_entry(oldest[i], of);

		if (least != NULL)
			return compare_packages(format, version, least) >= 0;
	}
	return -1;
}

static bool by_number(const char *number, const char *const *oldest,
		      size_t count)
{
	auto_free const char **numbers =
		garita_xcalloc(count, sizeof(*numbers));
	struct garita_version version;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (strchr(oldest[i], ' ') == NULL)
			numbers[kept++] = oldest[i];
	return garita_version_read(number, &version) &&
	       garita_version_has_fix(&version, numbers, kept);
}

static void judge_version(const struct garita_question *q,
			  const char *const *oldest, size_t count)
{
	const char *number = kernel_number(q);
	int packaged = by_package(q, oldest, count);

	if (packaged > 0)
		return;
	if (packaged < 0 && number == NULL) {
		garita_fact_unknown(q, "/kernel/number");
		return;
	}
	if (packaged == 0 || !by_number(number, oldest, count))
		garita_report(q->out, "/kernel/number", q->wanted, "%s",
			      number ? number : "an older package");
}

static void check_version(const struct garita_case *of,
			  struct garita_report *out)
{
	const struct garita_question q = {
		of, out,
		"a kernel that its branch still "
		"repairs, of that release or later"
	};
	const struct garita_json *table;
	auto_free const char **oldest = NULL;
	char *const *given;
	size_t count;

	given = garita_param_strings(of, "oldest", &count);
	if (count > 0) {
		judge_version(&q, (const char *const *)given, count);
		return;
	}
	table = garita_fact(&q, "/kernel/oldest", GARITA_JSON_ARRAY);
	if (table == NULL)
		return;
	oldest = garita_xcalloc(garita_json_count(table), sizeof(*oldest));
	for (size_t i = 0; i < garita_json_count(table); i++) {
		const char *entry =
			garita_json_string(garita_json_item(table, i));

		if (entry != NULL)
			oldest[count++] = entry;
	}
	judge_version(&q, oldest, count);
}

/* ---- live patches ---- */

/* One that the kernel itself shows: in force, and not still on its way. */
static bool is_patched_by_kernel(const struct garita_question *q)
{
	const struct garita_json *patches = garita_fact_quietly(
		q, "/kernel/live-patch/kernel", GARITA_JSON_ARRAY);

	for (size_t i = 0; i < garita_json_count(patches); i++) {
		const struct garita_json *patch = garita_json_item(patches, i);

		if (garita_json_bool(garita_json_get(patch, "enabled")) &&
		    !garita_json_bool(garita_json_get(patch, "transition")))
			return true;
	}
	return false;
}

static bool is_patched(const struct garita_question *q)
{
	return is_patched_by_kernel(q) ||
	       garita_json_bool(garita_fact_quietly(
		       q, "/kernel/live-patch/active", GARITA_JSON_BOOL));
}

static void check_live_patch(const struct garita_case *of,
			     struct garita_report *out)
{
	const struct garita_question q = {
		of, out, "live patches that are applied and in force"
	};
	const struct garita_json *patches;

	if (is_patched(&q))
		return;
	/* Without the other tools' word, "none" would be a guess. */
	if (garita_fact(&q, "/kernel/live-patch/active", GARITA_JSON_BOOL) ==
	    NULL)
		return;
	patches = garita_fact_quietly(&q, "/kernel/live-patch/kernel",
				      GARITA_JSON_ARRAY);
	if (patches == NULL)
		garita_report(out, "/kernel/live-patch", q.wanted,
			      "a kernel that cannot be patched while it runs, "
			      "and no other tool that does it");
	else
		garita_report(out, "/kernel/live-patch", q.wanted,
			      garita_json_count(patches) > 0
				      ? "a live patch that is not in force"
				      : "no live patch");
}

static void check_reboot(const struct garita_case *of,
			 struct garita_report *out)
{
	const struct garita_question q = {
		of, out,
		"the newest kernel that is installed "
		"running, and no reboot waited for"
	};
	const struct garita_json *wanted =
		garita_fact(&q, "/kernel/reboot-required", GARITA_JSON_BOOL);
	const struct garita_json *release =
		garita_fact(&q, "/kernel/release", GARITA_JSON_STRING);
	const char *newest;

	if (wanted == NULL || release == NULL)
		return;
	if (garita_json_bool(wanted)) {
		garita_report(out, "/kernel/reboot-required", q.wanted,
			      "an update that waits for a reboot");
		return;
	}
	/* A container's image of a system has no kernel; then there is none. */
	newest = garita_json_string(
		garita_fact_quietly(&q, "/kernel/newest", GARITA_JSON_STRING));
	if (newest != NULL && !garita_is_text(release, newest) &&
	    !is_patched(&q))
		garita_report(out, "/kernel/newest", q.wanted,
			      "%s running, and %s installed",
			      garita_json_string(release), newest);
}

/* ---- kernel-tainted, kernel-lockdown ---- */

/* Documentation/admin-guide/tainted-kernels.rst. What is not listed says
 * nothing about trust: a warning was printed, a machine check, a live patch. */
static const struct {
	unsigned bit;
	char letter;
	char words[40];
} taints[] = {
	{ 0, 'P', "a proprietary module" },
	{ 1, 'F', "a module that was loaded by force" },
	{ 3, 'R', "a module that was removed by force" },
	{ 5, 'B', "a bad page" },
	{ 6, 'U', "a taint that a program asked for" },
	{ 7, 'D', "a kernel that died once (oops or BUG)" },
	{ 8, 'A', "an ACPI table that was overridden" },
	{ 10, 'C', "a staging driver" },
	{ 12, 'O', "a module built out of the kernel's tree" },
	{ 13, 'E', "an unsigned module" },
	{ 18, 'N', "a test in the kernel" },
};

static void check_tainted(const struct garita_case *of,
			  struct garita_report *out)
{
	const struct garita_question q = { of, out,
					   "no taint but by live patches" };
	const struct garita_json *fact =
		garita_fact(&q, "/kernel/tainted", GARITA_JSON_NUMBER);
	uint64_t bits = 0;

	if (fact == NULL)
		return;
	if (garita_json_u64(fact, &bits) < 0) {
		garita_fact_unknown(&q, "/kernel/tainted");
		return;
	}
	for (size_t i = 0; i < GARITA_COUNT(taints); i++) {
		const char letter[] = { taints[i].letter, '\0' };

		if ((bits >> taints[i].bit & 1) != 0 &&
		    !garita_setting_allows(of->setting, letter))
			garita_report(out, "/kernel/tainted", q.wanted,
				      "%s (%c)", taints[i].words,
				      taints[i].letter);
	}
}

static void check_lockdown(const struct garita_case *of,
			   struct garita_report *out)
{
	const struct garita_question q = { of, out,
					   "integrity or "
					   "confidentiality" };
	const struct garita_json *fact =
		garita_fact(&q, "/kernel/lockdown", GARITA_JSON_STRING);

	if (fact == NULL || garita_is_text(fact, "integrity") ||
	    garita_is_text(fact, "confidentiality"))
		return;
	garita_report(out, "/kernel/lockdown", q.wanted, "%s",
		      garita_is_text(fact, "absent")
			      ? "a kernel without lockdown, or no securityfs"
			      : garita_json_string(fact));
}

static const char patch_references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.5.2",
	"CIS Docker 1.6.0: 1.2.1",
	"",
};

static const char strength_references[][GARITA_REFERENCE] = {
	"kernel_lockdown(7)",
	"",
};

static const char taint_references[][GARITA_REFERENCE] = {
	"Linux: admin-guide/tainted-kernels",
	"",
};

const struct garita_rule garita_rules_host_kernel[] = {
	{
		.id = "kernel-min-version",
		.summary = "the kernel is not older than the fixes it needs",
		.why = "all containers share one kernel: a hole in it is a way "
		       "out of each of them",
		.remedy = "update the kernel and reboot, or apply live "
			  "patches; a distribution's own numbers go into "
			  "\"oldest\"",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.params = oldest_params,
		.part_of = "host-facts",
		.references = patch_references,
		.check = check_version,
	},
	{
		.id = "kernel-reboot-required",
		.summary = "no update waits for a reboot",
		.why = "a fix that is on disk closes nothing until the kernel "
		       "that runs is the one that has it",
		.remedy = "reboot, or apply live patches",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.part_of = "host-facts",
		.references = patch_references,
		.check = check_reboot,
	},
	{
		.id = "livepatch-active",
		.summary = "live patches are in force",
		.why = "between the day a hole is known and the next reboot "
		       "only a live patch closes it",
		.remedy = "use the distribution's live patches, KernelCare, "
			  "kpatch or Canonical Livepatch",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.part_of = "host-facts",
		.references = patch_references,
		.check = check_live_patch,
	},
	{
		.id = "kernel-tainted",
		.summary = "nobody put strange code into the kernel",
		.why = "forced, unsigned and foreign modules are code in the "
		       "kernel that its makers never saw",
		.remedy = "unload the module and reboot, or allow the letter "
			  "of the taint for this rule",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "letters of taints that are known and wanted: "
			  "\"P\", \"O\", \"E\"",
		.part_of = "host-facts",
		.references = taint_references,
		.check = check_tainted,
	},
	{
		.id = "kernel-lockdown",
		.summary = "the kernel is locked against root",
		.why = "without lockdown whoever is root, out of a container "
		       "too, can write into the kernel that runs",
		.remedy = "boot with lockdown=integrity, or with Secure Boot",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.part_of = "host-facts",
		.references = strength_references,
		.check = check_lockdown,
	},
	{ .id = NULL },
};
