/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sysctls - settings of the kernel that the container brings with it.
 *
 * Few settings belong to a namespace alone and harm nobody beside it; those
 * are listed. Such a one is still the host's where the namespace is: a runtime
 * that does not look writes it for the whole machine. A pod's settings are in
 * its sandbox, so that is asked too.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"
#include "policy/rules/sharing.h"

/* Pod Security Standards 1.37, check "sysctls", in the dotted form: the
 * other one, "net/ipv4/...", runtimes take too, but no engine writes it. */
static const char safe[][36] = {
	"kernel.shm_rmid_forced",
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_notsent_lowat",
	"net.ipv4.tcp_rmem",
	"net.ipv4.tcp_slow_start_after_idle",
	"net.ipv4.tcp_syncookies",
	"net.ipv4.tcp_wmem",
	/* Not of theirs: docker's --domainname. A container's own name is its
	 * own, as is the hostname that the config has a member for. */
	"kernel.domainname",
};

/* Which namespace a setting is of; GARITA_NS_TYPES: none, it is the host's.
 * As runc and crun sort them. */
static enum garita_namespace_type namespace_of(const char *key)
{
	static const char ipc[][23] = {
		"kernel.msgmax", "kernel.msgmnb",          "kernel.msgmni",
		"kernel.sem",    "kernel.shmall",          "kernel.shmmax",
		"kernel.shmmni", "kernel.shm_rmid_forced",
	};

	for (size_t i = 0; i < GARITA_COUNT(ipc); i++)
		if (strcmp(key, ipc[i]) == 0)
			return GARITA_NS_IPC;
	if (garita_starts_with(key, "fs.mqueue."))
		return GARITA_NS_IPC;
	if (garita_starts_with(key, "net."))
		return GARITA_NS_NETWORK;
	if (strcmp(key, "kernel.domainname") == 0 ||
	    strcmp(key, "kernel.hostname") == 0)
		return GARITA_NS_UTS;
	return GARITA_NS_TYPES;
}

static bool is_safe(const char *key)
{
	for (size_t i = 0; i < GARITA_COUNT(safe); i++)
		if (strcmp(key, safe[i]) == 0)
			return true;
	return false;
}

/* Of the allow list: a key, or the beginning of keys with a dot at its end. */
static bool is_allowed(const struct garita_case *of, const char *key)
{
	for (size_t i = 0; i < of->setting->allow_count; i++) {
		const char *allowed = of->setting->allow[i];
		size_t len = strlen(allowed);
		bool many = len > 0 && allowed[len - 1] == '.';

		if (strcmp(allowed, key) == 0 ||
		    (many && strncmp(allowed, key, len) == 0 &&
		     strchr(key, '/') == NULL))
			return true;
	}
	return false;
}

/* NULL: the setting may be made. */
static const char *problem(const struct garita_case *of, const char *key)
{
	enum garita_namespace_type type;

	if (is_allowed(of, key))
		return NULL;
	type = namespace_of(key);
	if (type == GARITA_NS_TYPES)
		return "which no namespace has of its own: it is the host's";
	/* So too where it cannot be told whose namespace the path leads to. */
	if (garita_sharing_of(of, type) != GARITA_SHARES_NOTHING)
		return "of the host, whose namespace this container is in";
	return is_safe(key) ? NULL : "which is not one of the safe ones";
}

static void check_sysctls(const struct garita_case *of,
			  struct garita_report *out)
{
	const struct garita_json *all =
		garita_json_at(of->spec->root, "/linux/sysctl");

	for (size_t i = 0; i < garita_json_count(all); i++) {
		const char *key = garita_json_key(all, i);
		const char *wrong = problem(of, key);
		auto_text at = { 0 };

		if (wrong == NULL)
			continue;
		garita_text_puts(&at, "/linux/sysctl");
		garita_json_pointer_add(&at, key);
		garita_report(out, at.data,
			      "settings that are safe and the container's own",
			      "%s, %s", key, wrong);
	}
}

static bool may_stay(const char *key, const struct garita_json *value,
		     const void *of)
{
	(void)value;
	return problem(of, key) == NULL;
}

static int fix_sysctls(const struct garita_case *of,
		       struct garita_json_doc *config, struct garita_error *err)
{
	(void)err;
	garita_json_filter(
		config,
		garita_json_at(garita_json_root(config), "/linux/sysctl"),
		may_stay, of);
	return 0;
}

static const char references[][GARITA_REFERENCE] = {
	"Pod Security Standards: sysctls",
	"OCI runtime-spec: config-linux.md, Sysctl",
	"",
};

const struct garita_rule garita_rules_sysctls[] = {
	{
		.id = "sysctls-safe",
		.summary = "only settings of the kernel that are the "
			   "container's own",
		.why = "other settings change the kernel for the whole host or "
		       "take its memory",
		.remedy = "remove the --sysctl, or allow its name for this "
			  "rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "names of sysctls; one ending in \".\" allows all "
			  "that begin so",
		.references = references,
		.check = check_sysctls,
		.fix = fix_sysctls,
	},
	{ .id = NULL },
};
