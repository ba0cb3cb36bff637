/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * resources - how much of the machine the container's cgroup may take.
 *
 * A limit that nobody asked for is set only where a wide one harms nobody:
 * the number of processes. How much memory a program needs its author knows,
 * so for memory and processor garita speaks and invents nothing.
 */
#include "policy/rules/families.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "garita/policy.h"
#include "policy/report.h"

/* The number at a pointer; `otherwise` where there is none. */
static int64_t number_at(const struct garita_case *of, const char *pointer,
			 int64_t otherwise)
{
	int64_t value = otherwise;

	(void)garita_json_i64(garita_json_at(of->spec->root, pointer), &value);
	return value;
}

/* No limit, in an update: that a container loses its own is what
 * update-resources says, and one that never had any was admitted so. */
static bool is_unchanged(const struct garita_case *of, int64_t limit)
{
	return of->container != NULL && limit <= 0;
}

/* ---- pids-limit ---- */

static const struct garita_param pids_params[] = {
	{
		.name = "max",
		.kind = GARITA_PARAM_NUMBER,
		.holds = "the highest limit that may be asked for, in "
			 "processes and threads",
		.least = 1,
		.most = 4194304,
		.otherwise = 32768,
	},
	{
		.name = "set",
		.kind = GARITA_PARAM_NUMBER,
		.holds = "the limit that a repair sets where there is none",
		.least = 1,
		.most = 4194304,
		.otherwise = 4096,
	},
	{ .name = "" },
};

static void check_pids(const struct garita_case *of, struct garita_report *out)
{
	static const char at[] = "/linux/resources/pids/limit";
	int64_t limit = number_at(of, at, 0);
	int64_t max = garita_param_number(of, "max");
	auto_text wanted = { 0 };

	if ((limit > 0 && limit <= max) || is_unchanged(of, limit))
		return;
	garita_text_printf(&wanted, "a limit from 1 to %" PRId64, max);
	if (limit > 0)
		garita_report(out, at, wanted.data, "a limit of %" PRId64,
			      limit);
	else if (of->host->rootless && !of->setting->set)
		/* A user's engine leaves it out where it may not set one, and
		 * one that is added then keeps the container from starting. */
		garita_report_warning(out, at, wanted.data, "no limit");
	else
		garita_report(out, at, wanted.data, "no limit");
}

static int fix_pids(const struct garita_case *of,
		    struct garita_json_doc *config, struct garita_error *err)
{
	struct garita_json *pids =
		garita_json_make_object(config, "/linux/resources/pids");
	int64_t limit = number_at(of, "/linux/resources/pids/limit", 0);
	int64_t max = garita_param_number(of, "max");
	int64_t set = garita_param_number(of, "set");

	if (pids == NULL)
		return garita_fail(err, EINVAL,
				   "linux.resources.pids is not an object");
	if (limit > 0 || set > max)
		set = max;
	garita_json_put(config, pids, "limit",
			garita_json_new_i64(config, set));
	return 0;
}

/* ---- memory-limit ---- */

static const struct garita_param memory_params[] = {
	{
		.name = "max",
		.kind = GARITA_PARAM_NUMBER,
		.holds = "the highest limit that may be asked for, in bytes",
		.least = 1,
		.most = INT64_MAX,
		.otherwise = INT64_MAX,
	},
	{ .name = "" },
};

static void check_memory(const struct garita_case *of,
			 struct garita_report *out)
{
	static const char at[] = "/linux/resources/memory/limit";
	static const char swap_at[] = "/linux/resources/memory/swap";
	static const char oom_at[] = "/linux/resources/memory/disableOOMKiller";
	int64_t limit = number_at(of, at, 0);
	int64_t max = garita_param_number(of, "max");

	if (limit <= 0 && !is_unchanged(of, limit))
		garita_report(out, at, "a memory limit", "no limit");
	if (limit > max)
		garita_report(out, at, "a smaller memory limit",
			      "%" PRId64 " bytes, over the policy's %" PRId64,
			      limit, max);
	if (limit > 0 && number_at(of, swap_at, 0) < 0)
		garita_report(out, swap_at, "a limit of memory and swap",
			      "as much swap as the host has");
	if (garita_json_bool(garita_json_at(of->spec->root, oom_at)))
		garita_report(out, oom_at, "false",
			      "the out-of-memory killer is off");
}

/* ---- cpu-limit ---- */

static void check_cpu(const struct garita_case *of, struct garita_report *out)
{
	const char *cpus = garita_json_string(
		garita_json_at(of->spec->root, "/linux/resources/cpu/cpus"));

	if (number_at(of, "/linux/resources/cpu/quota", 0) > 0 ||
	    number_at(of, "/linux/resources/cpu/shares", 0) > 0 ||
	    (cpus != NULL && *cpus != '\0'))
		return;
	garita_report(out, "/linux/resources/cpu",
		      "a share or a quota of processor time",
		      "neither quota, shares nor cpus");
}

/* ---- cgroup-unified ---- */

/* Keys that take something away, or change only what the container itself
 * feels; the kubelet writes the first ones. */
static const char harmless[][17] = {
	"memory.oom.group", "memory.swap.max",  "memory.high",
	"memory.min",       "memory.swap.high", "memory.zswap.max",
	"cpu.weight",       "cpu.weight.nice",  "cpu.idle",
	"cpu.max.burst",    "io.max",           "io.weight",
	"io.bfq.weight",    "hugetlb.*.max",    "misc.max",
	"rdma.max",         "cpuset.cpus",      "cpuset.mems",
};

/* Keys that say again what another member says. A runtime writes `unified`
 * last, so the key wins. */
static const struct {
	const char *key, *pointer;
} again[] = {
	{ "pids.max", "/linux/resources/pids/limit" },
	{ "memory.max", "/linux/resources/memory/limit" },
	{ "cpu.max", "/linux/resources/cpu/quota" },
};

/* "hugetlb.2MB.max" for "hugetlb.*.max". */
static bool is_key(const char *pattern, const char *key)
{
	size_t head = strcspn(pattern, "*");
	const char *tail = pattern + head + 1;
	size_t len = strlen(key);

	if (pattern[head] == '\0')
		return strcmp(pattern, key) == 0;
	return len > head + strlen(tail) && strncmp(pattern, key, head) == 0 &&
	       strcmp(key + len - strlen(tail), tail) == 0;
}

/* Does the key leave the limit as it is, or lower? "max" is no number. */
static bool is_no_more(const struct garita_case *of, const char *pointer,
		       const char *value)
{
	int64_t limit = number_at(of, pointer, 0);
	size_t digits = strspn(value, "0123456789");
	auto_free char *first = garita_xstrndup(value, digits);
	uint64_t number;

	if (limit <= 0)
		return true; /* nothing to undo: the limit's own rule sees it */
	return (value[digits] == '\0' || value[digits] == '\n') &&
	       garita_parse_u64(first, &number) == 0 &&
	       number <= (uint64_t)limit;
}

/* NULL: the key may be written. */
static const char *key_problem(const struct garita_case *of, const char *key,
			       const struct garita_json *value)
{
	const char *text = garita_json_string(value);

	if (garita_setting_allows(of->setting, key))
		return NULL;
	for (size_t i = 0; i < GARITA_COUNT(again); i++)
		if (strcmp(again[i].key, key) == 0)
			return text != NULL && is_no_more(of, again[i].pointer,
							  text)
				       ? NULL
				       : "which undoes the limit that stands "
					 "beside it";
	for (size_t i = 0; i < GARITA_COUNT(harmless); i++)
		if (is_key(harmless[i], key))
			return NULL;
	return "which is not known to be a limit";
}

static void check_unified(const struct garita_case *of,
			  struct garita_report *out)
{
	const struct garita_json *all =
		garita_json_at(of->spec->root, "/linux/resources/unified");

	for (size_t i = 0; i < garita_json_count(all); i++) {
		const char *key = garita_json_key(all, i);
		const char *problem =
			key_problem(of, key, garita_json_item(all, i));
		auto_text at = { 0 };

		if (problem == NULL)
			continue;
		garita_text_puts(&at, "/linux/resources/unified");
		garita_json_pointer_add(&at, key);
		garita_report(out, at.data, "keys that only limit", "%s, %s",
			      key, problem);
	}
}

static bool may_stay(const char *key, const struct garita_json *value,
		     const void *of)
{
	return key_problem(of, key, value) == NULL;
}

static int fix_unified(const struct garita_case *of,
		       struct garita_json_doc *config, struct garita_error *err)
{
	(void)err;
	garita_json_filter(config,
			   garita_json_at(garita_json_root(config),
					  "/linux/resources/unified"),
			   may_stay, of);
	return 0;
}

/* ---- intel-rdt ---- */

static bool is_class_name(const char *name)
{
	return *name != '\0' && *name != '.' && strchr(name, '/') == NULL;
}

/* A class the administrator has made is fine by its name; what it is given
 * of the cache is not the container's to write. */
static void check_rdt(const struct garita_case *of, struct garita_report *out)
{
	static const char free_form[][14] = {
		"schemata",
		"l3CacheSchema",
		"memBwSchema",
	};
	static const char wanted[] = "no class, or one of the policy by name";
	const struct garita_json *rdt =
		garita_json_at(of->spec->root, "/linux/intelRdt");
	const struct garita_json *class = garita_json_get(rdt, "closID");
	const char *name = garita_json_string(class);

	if (garita_json_count(rdt) == 0)
		return;
	for (size_t i = 0; i < GARITA_COUNT(free_form); i++) {
		const struct garita_json *value =
			garita_json_get(rdt, free_form[i]);
		auto_text at = { 0 };

		if (garita_json_type(value) == GARITA_JSON_NULL)
			continue;
		garita_text_printf(&at, "/linux/intelRdt/%s", free_form[i]);
		garita_report(out, at.data, wanted,
			      "the container divides the cache itself");
	}
	if (name != NULL && !is_class_name(name))
		garita_report(out, "/linux/intelRdt/closID", wanted,
			      "\"%s\", which is no plain name", name);
	else if (name != NULL && of->setting->allow_count > 0 &&
		 !garita_setting_allows(of->setting, name))
		garita_report(out, "/linux/intelRdt/closID", wanted,
			      "\"%s\", which the policy does not list", name);
}

static int fix_rdt(const struct garita_case *of, struct garita_json_doc *config,
		   struct garita_error *err)
{
	(void)of;
	(void)err;
	garita_json_remove(garita_json_at(garita_json_root(config), "/linux"),
			   "intelRdt");
	return 0;
}

static const char pids_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.29",
	"OCI runtime-spec: config-linux.md, PIDs",
	"",
};
static const char memory_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.11",
	"NIST SP 800-190: 4.4.3",
	"",
};
static const char cpu_references[][GARITA_REFERENCE] = {
	"CIS Docker 1.6.0: 5.12",
	"",
};
static const char unified_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, Unified",
	"",
};
static const char rdt_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, IntelRdt",
	"",
};

const struct garita_rule garita_rules_resources[] = {
	{
		.id = "pids-limit",
		.summary = "the number of processes has a limit",
		.why = "without it a fork bomb takes every process number of "
		       "the host",
		.remedy = "give a limit (--pids-limit), or another \"max\" for "
			  "this rule in the policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_UPDATE,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_FIX,
		.strict = GARITA_FIX,
		.params = pids_params,
		.references = pids_references,
		.check = check_pids,
		.fix = fix_pids,
	},
	{
		.id = "memory-limit",
		.summary = "memory has a limit",
		.why = "without it one container takes the memory of all, and "
		       "the kernel kills others for it",
		.remedy = "give a limit (--memory, resources.limits.memory)",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_UPDATE,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.params = memory_params,
		.references = memory_references,
		.check = check_memory,
	},
	{
		.id = "cpu-limit",
		.summary = "processor time is shared or has a limit",
		.why = "without it one container slows down every other",
		.remedy = "give a share or a limit (--cpu-shares, --cpus, "
			  "resources.requests.cpu)",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_LINUX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.references = cpu_references,
		.check = check_cpu,
	},
	{
		.id = "cgroup-unified",
		.summary = "no cgroup key undoes a limit",
		.why = "runtimes write these keys last and as they are: they "
		       "take limits back or control the cgroup itself",
		.remedy = "remove the key, or allow it for this rule in the "
			  "policy",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX |
			 GARITA_SCOPE_UPDATE,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "keys of linux.resources.unified",
		.references = unified_references,
		.check = check_unified,
		.fix = fix_unified,
	},
	{
		.id = "intel-rdt",
		.summary = "the processor's cache is divided by the host",
		.why = "a class of cache and memory bandwidth taken here is "
		       "missing to the other containers",
		.remedy = "leave out schemata and name a class that the host's "
			  "administrator has made",
		.scope = GARITA_SCOPE_CONTAINER | GARITA_SCOPE_SANDBOX,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_WARN,
		.restricted = GARITA_DENY,
		.strict = GARITA_DENY,
		.allows = "names of classes; empty: any plain name",
		.references = rdt_references,
		.check = check_rdt,
		.fix = fix_rdt,
	},
	{ .id = NULL },
};
