/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * places - on which processors and memory nodes a container runs, beyond what
 * its cgroup says.
 *
 * The cgroup's cpuset wins in the end; a request outside it is a mistake or a
 * try, and runtimes differ in whether it fails. Without a cpuset in the config
 * there is nothing to compare with.
 */
#include "policy/rules/families.h"

#include <string.h>

#include "garita/policy.h"

enum { MOST_NUMBER = 8191 }; /* the kernel's CONFIG_NR_CPUS goes so far */

struct number_set {
	unsigned char bits[(MOST_NUMBER + 1) / 8];
};

/* Digits up to a character that is none; -1: none, or too large. */
static int read_number(const char **text)
{
	int value = 0;

	if (!garita_is_digit(**text))
		return -1;
	while (garita_is_digit(**text)) {
		value = value * 10 + (*(*text)++ - '0');
		if (value > MOST_NUMBER)
			return -1;
	}
	return value;
}

/* "0-3,7" as the kernel reads it; false: not of this form. */
static bool read_set(const char *text, struct number_set *ret)
{
	struct number_set set = { { 0 } };

	for (;;) {
		int first = read_number(&text);
		int last = first;

		if (first >= 0 && *text == '-') {
			text++;
			last = read_number(&text);
		}
		if (first < 0 || last < first)
			return false;
		for (int i = first; i <= last; i++)
			set.bits[i / 8] |= (unsigned char)(1u << (i % 8));
		if (*text == '\0')
			break;
		if (*text++ != ',')
			return false;
	}
	*ret = set;
	return true;
}

static const char *string_at(const struct garita_case *of, const char *pointer)
{
	const char *text =
		garita_json_string(garita_json_at(of->spec->root, pointer));

	return text != NULL && *text != '\0' ? text : NULL;
}

/* Does the one ask for a number that the cgroup does not have? */
static bool is_outside(const struct garita_case *of, const char *asked_at,
		       const char *has_at)
{
	const char *asked = string_at(of, asked_at);
	const char *has = string_at(of, has_at);
	struct number_set wants, may;

	if (asked == NULL || has == NULL)
		return false;
	if (!read_set(asked, &wants) || !read_set(has, &may))
		return true;
	for (size_t i = 0; i < sizeof(may.bits); i++)
		if (wants.bits[i] & ~may.bits[i])
			return true;
	return false;
}

static void check_affinity(const struct garita_case *of,
			   struct garita_report *out)
{
	static const char asked[][33] = {
		"/process/execCPUAffinity/initial",
		"/process/execCPUAffinity/final",
	};
	static const char cpus[] = "/linux/resources/cpu/cpus";

	for (size_t i = 0; i < GARITA_COUNT(asked); i++)
		if (is_outside(of, asked[i], cpus))
			garita_report(out, asked[i],
				      "processors of linux.resources.cpu.cpus",
				      "%s", string_at(of, asked[i]));
}

static int fix_affinity(const struct garita_case *of,
			struct garita_json_doc *config,
			struct garita_error *err)
{
	(void)of;
	(void)err;
	garita_json_remove(garita_json_get(garita_json_root(config), "process"),
			   "execCPUAffinity");
	return 0;
}

static void check_memory_policy(const struct garita_case *of,
				struct garita_report *out)
{
	static const char nodes[] = "/linux/memoryPolicy/nodes";

	if (is_outside(of, nodes, "/linux/resources/cpu/mems"))
		garita_report(out, nodes, "nodes of linux.resources.cpu.mems",
			      "%s", string_at(of, nodes));
}

static int fix_memory_policy(const struct garita_case *of,
			     struct garita_json_doc *config,
			     struct garita_error *err)
{
	(void)of;
	(void)err;
	garita_json_remove(garita_json_get(garita_json_root(config), "linux"),
			   "memoryPolicy");
	return 0;
}

static const char affinity_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config.md, Linux process, execCPUAffinity",
	"",
};
static const char memory_references[][GARITA_REFERENCE] = {
	"OCI runtime-spec: config-linux.md, Memory policy",
	"",
};

const struct garita_rule garita_rules_places[] = {
	{
		.id = "cpu-affinity",
		.summary = "exec runs on the container's own processors",
		.why = "work outside the cpuset disturbs those whom the other "
		       "processors were promised to",
		.remedy = "name processors of linux.resources.cpu.cpus in "
			  "process.execCPUAffinity, or leave it out",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_PROCESS | GARITA_PART_LINUX,
		.writes = GARITA_PART_PROCESS,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.references = affinity_references,
		.check = check_affinity,
		.fix = fix_affinity,
	},
	{
		.id = "memory-policy",
		.summary = "memory comes from the container's own nodes",
		.why = "memory of other nodes is missing to those whom it was "
		       "promised to",
		.remedy = "name nodes of linux.resources.cpu.mems in "
			  "linux.memoryPolicy, or leave it out",
		.scope = GARITA_SCOPE_CONTAINER,
		.reads = GARITA_PART_LINUX,
		.writes = GARITA_PART_LINUX,
		.baseline = GARITA_OFF,
		.restricted = GARITA_WARN,
		.strict = GARITA_WARN,
		.references = memory_references,
		.check = check_memory_policy,
		.fix = fix_memory_policy,
	},
	{ .id = NULL },
};
