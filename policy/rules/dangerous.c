/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dangerous - single capabilities that have a name of their own among
 * attackers. capabilities.c has the rules about sets of them.
 */
#include "policy/rules/families.h"

#include "garita/policy.h"
#include "policy/rules/capability_sets.h"

/* Each is a way to the host by itself, and people know them by name. */
static const struct {
	unsigned number;
	char gives[56];
} dangerous[] = {
	{ 2, "opens any file of the host by its handle" },
	{ 12, "rules the network: routes, firewall, interfaces" },
	{ 16, "loads code into the kernel" },
	{ 17, "reaches memory, ports and disks past the kernel" },
	{ 19, "reads and changes other processes" },
	{ 21, "mounts, makes namespaces, and most of what root can do" },
	{ 22, "restarts the host, or another kernel" },
	{ 32, "overrides the mandatory access control" },
	{ 33, "changes the mandatory access control" },
	{ 34, "reads the kernel's log and its addresses" },
	{ 38, "watches every process through perf events" },
	{ 39, "loads BPF programs that see all of the kernel" },
	{ 40, "sets process ids and reads other processes' memory maps" },
};

garita_caps garita_caps_dangerous(void)
{
	garita_caps all = 0;

	for (size_t i = 0; i < GARITA_COUNT(dangerous); i++)
		all |= GARITA_CAP(dangerous[i].number);
	return all;
}

/* What the operator allows as "beyond the usual" is allowed here as well: one
 * sentence in the policy must do. */
static garita_caps dangerous_excess(const struct garita_case *of)
{
	garita_caps excess =
		garita_caps_anywhere(of->spec) & garita_caps_dangerous();
	struct garita_case other = *of;

	if (excess == 0)
		return 0;
	other.setting = garita_setting_of(of, "capabilities-baseline");
	return excess & ~garita_caps_allowed(of, 0) &
	       ~garita_caps_allowed(&other, 0);
}

static void check_dangerous(const struct garita_case *of,
			    struct garita_report *out)
{
	garita_caps excess = dangerous_excess(of);

	for (size_t i = 0; i < GARITA_COUNT(dangerous) && excess != 0; i++)
		if (excess & GARITA_CAP(dangerous[i].number))
			garita_report(out, "/process/capabilities",
				      "a container without it", "%s, which %s",
				      garita_cap_name(dangerous[i].number),
				      dangerous[i].gives);
}

static int fix_dangerous(const struct garita_case *of,
			 struct garita_json_doc *config,
			 struct garita_error *err)
{
	(void)err;
	return garita_caps_keep(config, ~dangerous_excess(of));
}

enum { NET_RAW = 13 };

/* Where only NET_BIND_SERVICE may stay, that rule says it, with its own list
 * of what is allowed. */
static void check_net_raw(const struct garita_case *of,
			  struct garita_report *out)
{
	if ((garita_caps_anywhere(of->spec) & GARITA_CAP(NET_RAW)) &&
	    !garita_said_by(of, "capabilities-restricted"))
		garita_report(out, "/process/capabilities", "no CAP_NET_RAW",
			      "CAP_NET_RAW, which forges packets of others");
}

static int fix_net_raw(const struct garita_case *of,
		       struct garita_json_doc *config, struct garita_error *err)
{
	(void)of;
	(void)err;
	return garita_caps_keep(config, ~GARITA_CAP(NET_RAW));
}

static const char dangerous_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.4",
	"capabilities(7)",
	"",
};
static const char net_raw_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.4, 5.30",
	"CVE-2020-14386",
	"",
};

const struct garita_rule garita_rules_dangerous[] = {
	{
		.id = "dangerous-capability",
		.summary = "no capability that alone is a way to the host",
		.why = "with one of these a process in the container can "
		       "become root on the host",
		.remedy = "drop the --cap-add, or allow the capability for "
			  "this rule or capabilities-baseline in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_EXEC,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_DENY,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "capability names",
		.part_of = "privileged",
		.references = dangerous_references,
		.check = check_dangerous,
		.fix = fix_dangerous,
	},
	{
		.id = "drop-net-raw",
		.summary = "no CAP_NET_RAW",
		.why = "raw sockets forge the packets of neighbours on the "
		       "same bridge",
		.remedy = "run with --cap-drop NET_RAW; ping works without "
			  "it where net.ipv4.ping_group_range allows",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_PROCESS,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.part_of = "privileged",
		.references = net_raw_references,
		.check = check_net_raw,
		.fix = fix_net_raw,
	},
	{ .id = NULL },
};
