/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_hardening - does the kernel use what it has against attacks: repairs of
 * the processor's faults, sysctls, a security module?
 */
#include "policy/rules/host_hardening.h"

#include <string.h>

#include "policy/rules/families.h"
#include "policy/rules/host_facts.h"
#include "policy/rules/word_list.h"

/* ---- cpu-vulnerabilities ---- */

/* Words of the kernel (admin-guide/hw-vuln); one of them is of KVM alone. What
 * it may say one day is not taken for a repair. */
static bool is_repaired(const char *says)
{
	static const char good[][16] = { "Not affected", "Mitigation",
					 "KVM: Mitigation" };

	for (size_t i = 0; i < GARITA_COUNT(good); i++)
		if (garita_starts_with(says, good[i]))
			return true;
	return false;
}

static void check_cpu(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_question q = {
		of, out, "\"Not affected\" or \"Mitigation\""
	};
	const struct garita_json *all =
		garita_fact(&q, "/cpu-vulnerabilities", GARITA_JSON_OBJECT);
	auto_word_list open = { .count = 0 }, unknown = { .count = 0 };
	const char *words;

	for (size_t i = 0; i < garita_json_count(all); i++) {
		const char *name = garita_json_key(all, i);
		const char *says = garita_json_string(garita_json_item(all, i));

		if (garita_setting_allows(of->setting, name))
			continue;
		if (says != NULL && is_repaired(says))
			continue;
		/* "Vulnerable: ...", "KVM: Vulnerable" */
		if (says != NULL && strstr(says, "ulnerable") != NULL)
			garita_word_list_add(&open, name);
		else
			garita_word_list_add(&unknown, name);
	}
	words = garita_word_list_end(&open);
	if (words != NULL)
		garita_report(out, "/cpu-vulnerabilities", q.wanted,
			      "vulnerable to %s", words);
	words = garita_word_list_end(&unknown);
	if (words != NULL)
		garita_report_unknown(out, "/cpu-vulnerabilities", q.wanted,
				      "the kernel cannot tell of %s", words);
	if (garita_json_bool(garita_fact_quietly(&q, "/kernel/mitigations-off",
						 GARITA_JSON_BOOL)))
		garita_report(out, "/kernel/mitigations-off",
			      "a kernel that repairs what it can",
			      "mitigations=off on the kernel's command line");
}

/* ---- host-sysctls ---- */

/* Is the number one of those: "1", "1-" (at least), "0,2"? */
static bool number_fits(const char *wanted, uint32_t number)
{
	for (;;) {
		size_t len = strcspn(wanted, ",");
		bool at_least = len > 1 && wanted[len - 1] == '-';
		auto_free char *word =
			garita_xstrndup(wanted, at_least ? len - 1 : len);
		uint32_t value;

		if (garita_parse_u32(word, 0, UINT32_MAX, &value) == 0 &&
		    (at_least ? number >= value : number == value))
			return true;
		if (wanted[len] == '\0')
			return false;
		wanted += len + 1;
	}
}

/* Sync, read-only and reboot harm nobody's secrets: bits of 176. */
static bool is_sysrq_safe(const char *value)
{
	uint32_t bits;

	return garita_parse_u32(value, 0, UINT32_MAX, &bits) == 0 &&
	       bits != 1 && (bits & ~176U) == 0;
}

/* A name without a path is written to where the crashed program was. */
static bool is_core_pattern_safe(const char *value)
{
	return *value == '/' || garita_starts_with(value, "|/");
}

static const struct {
	char name[40];
	char wanted[4]; /* of a number, see number_fits() */
	enum { NUMBER, SYSRQ, CORE_PATTERN } what;
	bool absent_is_unsafe; /* not having it is not having its protection */
	char words[36];        /* when `wanted` needs them */
} sysctls[] = {
	{ "kernel.kptr_restrict", "1-", NUMBER, true, "" },
	{ "kernel.dmesg_restrict", "1", NUMBER, true, "" },
	{ "kernel.unprivileged_bpf_disabled", "1-", NUMBER, false, "" },
	{ "kernel.perf_event_paranoid", "2-", NUMBER, false, "" },
	{ "kernel.yama.ptrace_scope", "1-", NUMBER, true, "" },
	{ "kernel.kexec_load_disabled", "1", NUMBER, false, "" },
	{ "kernel.io_uring_disabled", "1-", NUMBER, false, "" },
	{ "kernel.sysrq", "", SYSRQ, false, "0, or bits of 176" },
	{ "kernel.randomize_va_space", "2", NUMBER, true, "" },
	{ "kernel.core_pattern", "", CORE_PATTERN, false,
	  "a path or a program by its path" },
	{ "fs.protected_hardlinks", "1", NUMBER, true, "" },
	{ "fs.protected_symlinks", "1", NUMBER, true, "" },
	{ "fs.protected_fifos", "1-", NUMBER, true, "" },
	{ "fs.protected_regular", "1-", NUMBER, true, "" },
	{ "fs.suid_dumpable", "0,2", NUMBER, false, "" },
	{ "net.core.bpf_jit_harden", "1-", NUMBER, false, "" },
	{ GARITA_SYSCTL_ROUTE_LOCALNET, "0", NUMBER, false, "" },
};

/* Any one of these closes user namespaces to programs without privilege. */
static const struct {
	char name[46], wanted[2];
} user_namespaces[] = {
	{ "user.max_user_namespaces", "0" },
	{ "kernel.unprivileged_userns_clone", "0" },
	{ "kernel.apparmor_restrict_unprivileged_userns", "1" },
};

const char *garita_host_sysctl(size_t i)
{
	if (i < GARITA_COUNT(sysctls))
		return sysctls[i].name;
	i -= GARITA_COUNT(sysctls);
	return i < GARITA_COUNT(user_namespaces) ? user_namespaces[i].name
						 : NULL;
}

static bool is_safe(size_t i, const char *value)
{
	uint32_t number;

	if (strcmp(value, GARITA_SYSCTL_ABSENT) == 0)
		return !sysctls[i].absent_is_unsafe;
	switch (sysctls[i].what) {
	case SYSRQ:
		return is_sysrq_safe(value);
	case CORE_PATTERN:
		return is_core_pattern_safe(value);
	case NUMBER:
		break;
	}
	return garita_parse_u32(value, 0, UINT32_MAX, &number) == 0 &&
	       number_fits(sysctls[i].wanted, number);
}

/* "kernel.sysrq is 1 (wanted: 0, or bits of 176)" */
static void say_unsafe(const struct garita_question *q, size_t i,
		       const char *value)
{
	const char *words =
		*sysctls[i].words ? sysctls[i].words : sysctls[i].wanted;
	size_t len = strlen(words);
	bool at_least = words[len - 1] == '-';
	auto_text wanted = { 0 };

	if (at_least)
		garita_text_printf(&wanted, "at least %.*s", (int)(len - 1),
				   words);
	else
		garita_text_puts(&wanted, words);
	garita_report(q->out, "/sysctls", wanted.data, "%s is %s",
		      sysctls[i].name, value);
}

static void check_user_namespaces(const struct garita_question *q,
				  const struct garita_json *all)
{
	static const char name[] = "user.max_user_namespaces";

	if (garita_setting_allows(q->of->setting, name))
		return;
	for (size_t i = 0; i < GARITA_COUNT(user_namespaces); i++)
		if (garita_is_text(
			    garita_json_get(all, user_namespaces[i].name),
			    user_namespaces[i].wanted))
			return;
	if (garita_json_get(all, name) == NULL)
		garita_fact_unknown(q, "/sysctls");
	else if (!garita_is_text(garita_json_get(all, name),
				 GARITA_SYSCTL_ABSENT))
		garita_report(q->out, "/sysctls",
			      "user namespaces for root alone: "
			      "kernel.apparmor_restrict_unprivileged_userns 1, "
			      "kernel.unprivileged_userns_clone 0 or "
			      "user.max_user_namespaces 0",
			      "everybody may make user namespaces");
}

static void check_sysctls(const struct garita_case *of,
			  struct garita_report *out)
{
	const struct garita_question q = { of, out, "known sysctls" };
	const struct garita_json *all =
		garita_fact(&q, "/sysctls", GARITA_JSON_OBJECT);
	auto_word_list unknown = { .count = 0 };
	const char *words;

	if (all == NULL)
		return;
	for (size_t i = 0; i < GARITA_COUNT(sysctls); i++) {
		const char *value = garita_json_string(
			garita_json_get(all, sysctls[i].name));

		if (garita_setting_allows(of->setting, sysctls[i].name))
			continue;
		if (value == NULL)
			garita_word_list_add(&unknown, sysctls[i].name);
		else if (!is_safe(i, value))
			say_unsafe(&q, i, value);
	}
	check_user_namespaces(&q, all);
	words = garita_word_list_end(&unknown);
	if (words != NULL)
		garita_report_unknown(out, "/sysctls", q.wanted,
				      "cannot be read: %s", words);
}

/* ---- lsm-enabled ---- */

static void check_lsm(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_question q = { of, out,
					   "AppArmor, or SELinux enforcing" };
	const struct garita_json *apparmor =
		garita_fact(&q, "/security/apparmor", GARITA_JSON_STRING);
	const struct garita_json *selinux =
		garita_fact(&q, "/security/selinux", GARITA_JSON_STRING);

	if (garita_is_text(apparmor, "on") ||
	    garita_is_text(selinux, "enforcing"))
		return;
	if (apparmor != NULL && selinux != NULL)
		garita_report(out, "/security", q.wanted,
			      garita_is_text(selinux, "permissive")
				      ? "SELinux permissive: it only takes "
					"notes"
				      : "neither");
}

static const char sysctl_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 1.2.1",
	"CVE-2020-8558",
	"Linux: admin-guide/sysctl",
	"",
};

static const char cpu_references[][GARITA_REFERENCE] = {
	"Linux: admin-guide/hw-vuln",
	"",
};

static const char lsm_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.2, 5.3",
	"NIST SP 800-190: 4.5.1",
	"",
};

const struct garita_rule garita_rules_host_hardening[] = {
	{
		.id = "cpu-vulnerabilities",
		.summary = "the processor's known faults are repaired",
		.why = "with Meltdown, MDS and their kin a container reads "
		       "the memory of its neighbours",
		.remedy = "update the kernel and the microcode, and boot "
			  "without mitigations=off",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "names in /sys/devices/system/cpu/vulnerabilities "
			  "that may be vulnerable",
		.part_of = "host-facts",
		.references = cpu_references,
		.check = check_cpu,
	},
	{
		.id = "host-sysctls",
		.summary = "the kernel's own switches against attacks are on",
		.why = "each closes a way that attackers inside a container "
		       "use once they can run code",
		.remedy = "set it in /etc/sysctl.d, or allow its name for "
			  "this rule",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.allows = "names of sysctls that may be as they are",
		.part_of = "host-facts",
		.references = sysctl_references,
		.check = check_sysctls,
	},
	{
		.id = "lsm-enabled",
		.summary = "AppArmor or SELinux confines containers",
		.why = "without one, every hole in a runtime or in a mount is "
		       "a way to all of the host's files",
		.remedy = "boot with AppArmor (security=apparmor) or set "
			  "SELinux to enforcing",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.part_of = "host-facts",
		.references = lsm_references,
		.check = check_lsm,
	},
	{ .id = NULL },
};
