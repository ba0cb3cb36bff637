/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - turns the built-in table into a linux.seccomp of the runtime-spec.
 *
 * What depends on the container is decided here and not left to the runtime:
 * which capabilities it may ever have, which machine and kernel it runs on. So
 * the result has only what every runtime reads alike: a default, one
 * architecture, and rules with at most one condition.
 *
 * A call of another architecture never reaches these rules. libseccomp
 * answers it by killing the thread, and neither runc nor crun changes that.
 */
#include <errno.h>
#include <string.h>

#include "policy/seccomp_profile.h"
#include "policy/seccomp_table.h"

#include "garita/memory.h"
#include "garita/seccomp.h"

struct machine {
	const char *name; /* uname(2) */
	const char *arch; /* SCMP_ARCH_* of the runtime-spec */
	enum garita_seccomp_machine bit;
};

/* 32-bit x86 is not here: its C libraries open every socket by socketcall, so
 * closed socket families and a working network exclude each other. */
static const struct machine machines[] = {
	{ "x86_64", "SCMP_ARCH_X86_64", GARITA_ON_X86_64 },
	{ "aarch64", "SCMP_ARCH_AARCH64", GARITA_ON_AARCH64 },
	{ "riscv64", "SCMP_ARCH_RISCV64", GARITA_ON_RISCV64 },
	{ "s390x", "SCMP_ARCH_S390X", GARITA_ON_S390X },
	{ "ppc64le", "SCMP_ARCH_PPC64LE", GARITA_ON_PPC64LE },
	{ "armv6l", "SCMP_ARCH_ARM", GARITA_ON_ARM },
	{ "armv7l", "SCMP_ARCH_ARM", GARITA_ON_ARM },
};

static const struct machine *find_machine(const char *name)
{
	for (size_t i = 0; name && i < GARITA_COUNT(machines); i++) {
		if (strcmp(machines[i].name, name) == 0)
			return &machines[i];
	}
	return NULL;
}

const char *garita_seccomp_arch(const char *machine)
{
	const struct machine *found = find_machine(machine);

	return found ? found->arch : NULL;
}

struct target {
	garita_caps bounding;
	unsigned machine;
	unsigned kernel_major, kernel_minor;
};

static bool row_applies(const struct garita_seccomp_row *row,
			const struct target *target)
{
	if (!(row->machines & target->machine))
		return false;
	if (row->need && !(row->need & target->bounding))
		return false;
	if (row->without & target->bounding)
		return false;
	/* An unknown kernel is 0.0: older than any that a row asks for. */
	if (target->kernel_major != row->kernel_major)
		return target->kernel_major > row->kernel_major;
	return target->kernel_minor >= row->kernel_minor;
}

static struct garita_json *make_names(struct garita_json_doc *doc,
				      const char *names)
{
	struct garita_json *array = garita_json_new_array(doc);

	for (const char *at = names; *at;) {
		size_t len = strcspn(at, " ");
		auto_free char *name = garita_xstrndup(at, len);

		garita_json_append(doc, array,
				   garita_json_new_string(doc, name));
		at += len + (at[len] == ' ');
	}
	return array;
}

/* A rule without its condition. */
static struct garita_json *make_rule(struct garita_json_doc *doc,
				     const struct garita_seccomp_row *row)
{
	struct garita_json *rule = garita_json_new_object(doc);

	garita_json_put(doc, rule, "names", make_names(doc, row->names));
	garita_json_put_string(doc, rule, "action",
			       row->refuse ? "SCMP_ACT_ERRNO"
					   : "SCMP_ACT_ALLOW");
	if (row->refuse)
		garita_json_put_u64(doc, rule, "errnoRet",
				    (uint64_t)row->refuse);
	return rule;
}

static void put_condition(struct garita_json_doc *doc, struct garita_json *rule,
			  const struct garita_seccomp_row *row, uint64_t value)
{
	struct garita_json *args = garita_json_new_array(doc);
	struct garita_json *arg = garita_json_new_object(doc);

	garita_json_put_u64(doc, arg, "index", row->arg);
	garita_json_put_u64(doc, arg, "value", value);
	switch (row->test) {
	case GARITA_ARG_ANY:
		break;
	case GARITA_ARG_IS:
		garita_json_put_string(doc, arg, "op", "SCMP_CMP_EQ");
		break;
	case GARITA_ARG_NO_BIT:
		/* value is the mask, valueTwo what must be left of it */
		garita_json_put_u64(doc, arg, "valueTwo", 0);
		garita_json_put_string(doc, arg, "op", "SCMP_CMP_MASKED_EQ");
		break;
	}
	garita_json_append(doc, args, arg);
	garita_json_put(doc, rule, "args", args);
}

static void append_row(struct garita_json_doc *doc,
		       struct garita_json *syscalls,
		       const struct garita_seccomp_row *row)
{
	struct garita_json *rule;

	switch (row->test) {
	case GARITA_ARG_ANY:
		garita_json_append(doc, syscalls, make_rule(doc, row));
		break;
	case GARITA_ARG_IS:
	case GARITA_ARG_NO_BIT:
		for (size_t i = 0; i < row->value_count; i++) {
			rule = make_rule(doc, row);
			put_condition(doc, rule, row, row->values[i]);
			garita_json_append(doc, syscalls, rule);
		}
		break;
	}
}

struct garita_json *garita_seccomp_default(struct garita_json_doc *doc,
					   garita_caps bounding,
					   const char *machine,
					   unsigned kernel_major,
					   unsigned kernel_minor)
{
	const struct machine *found = find_machine(machine);
	struct garita_json *profile, *arches, *syscalls;
	struct target target;

	if (!found)
		return NULL;
	target.bounding = bounding;
	target.machine = found->bit;
	target.kernel_major = kernel_major;
	target.kernel_minor = kernel_minor;

	profile = garita_json_new_object(doc);
	arches = garita_json_new_array(doc);
	syscalls = garita_json_new_array(doc);
	garita_json_put_string(doc, profile, "defaultAction", "SCMP_ACT_ERRNO");
	garita_json_put_u64(doc, profile, "defaultErrnoRet", EPERM);
	garita_json_append(doc, arches,
			   garita_json_new_string(doc, found->arch));
	garita_json_put(doc, profile, "architectures", arches);
	for (size_t i = 0; i < garita_seccomp_row_count; i++) {
		if (row_applies(&garita_seccomp_rows[i], &target))
			append_row(doc, syscalls, &garita_seccomp_rows[i]);
	}
	garita_json_put(doc, profile, "syscalls", syscalls);
	return profile;
}

/* ---- the same, without a tree between: for a comparison at every start ----
 */
static void add_name(struct garita_seccomp *profile,
		     const struct garita_seccomp_row *row, size_t call,
		     size_t from)
{
	struct garita_seccomp_answer answer = {
		row->refuse ? GARITA_SECCOMP_ERRNO : GARITA_SECCOMP_ALLOW,
		(uint16_t)row->refuse,
	};

	switch (row->test) {
	case GARITA_ARG_ANY:
		garita_seccomp_add(profile, call, answer, false, 0, 0);
		break;
	case GARITA_ARG_IS:
	case GARITA_ARG_NO_BIT:
		for (size_t i = 0; i < row->value_count; i++)
			garita_seccomp_add(profile, call, answer, false,
					   from + i, 1);
		break;
	}
}

static void add_row(struct garita_seccomp *profile,
		    const struct garita_seccomp_row *row, const uint16_t *calls)
{
	size_t from = profile->condition_count;

	for (size_t i = 0; i < row->value_count; i++) {
		const struct garita_seccomp_condition condition = {
			.arg = row->arg,
			.op = row->test == GARITA_ARG_IS
				      ? GARITA_SECCOMP_EQ
				      : GARITA_SECCOMP_MASKED,
			.value = row->values[i],
		};

		garita_seccomp_add_condition(profile, &condition);
	}
	for (; *calls != GARITA_SECCOMP_ROW_END; calls++)
		add_name(profile, row, *calls, from);
}

struct garita_seccomp *garita_seccomp_builtin(
	const struct garita_seccomp_target *of)
{
	static const struct garita_seccomp_answer refuse = {
		GARITA_SECCOMP_ERRNO, EPERM
	};
	const struct machine *found = find_machine(of->machine);
	const uint16_t *calls = garita_seccomp_numbers;
	struct garita_seccomp *profile;
	struct target target;

	if (!found)
		return NULL;
	target.bounding = of->bounding;
	target.machine = found->bit;
	target.kernel_major = of->kernel_major;
	target.kernel_minor = of->kernel_minor;
	profile = garita_seccomp_new(refuse,
				     garita_seccomp_arch_bit(found->arch), 0);
	for (size_t i = 0; i < garita_seccomp_row_count; i++) {
		if (row_applies(&garita_seccomp_rows[i], &target))
			add_row(profile, &garita_seccomp_rows[i], calls);
		while (*calls++ != GARITA_SECCOMP_ROW_END)
			;
	}
	return profile;
}

enum effect {
	EFFECT_UNKNOWN, /* no action we know, or no string */
	EFFECT_LETS,    /* the call is made, or may be made by a third party */
	EFFECT_STOPS,
};

/* A tracer or a listener decides for itself and may be the container's own, so
 * TRACE and NOTIFY stop nothing. Exact names only: crun also takes "ALLOW". */
static enum effect action_effect(const struct garita_json *action)
{
	static const char *const stops[] = {
		"SCMP_ACT_KILL",        "SCMP_ACT_KILL_PROCESS",
		"SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
		"SCMP_ACT_ERRNO",
	};
	static const char *const lets[] = {
		"SCMP_ACT_ALLOW",
		"SCMP_ACT_LOG",
		"SCMP_ACT_TRACE",
		"SCMP_ACT_NOTIFY",
	};
	const char *name = garita_json_string(action);

	for (size_t i = 0; name && i < GARITA_COUNT(stops); i++) {
		if (strcmp(name, stops[i]) == 0)
			return EFFECT_STOPS;
	}
	for (size_t i = 0; name && i < GARITA_COUNT(lets); i++) {
		if (strcmp(name, lets[i]) == 0)
			return EFFECT_LETS;
	}
	return EFFECT_UNKNOWN;
}

static bool absent(const struct garita_json *node)
{
	return !node || garita_json_type(node) == GARITA_JSON_NULL;
}

/* Reads one rule; false when a runtime could not read it as we do. Sets
 * *stops when it names a call and stops it. */
static bool read_rule(const struct garita_json *rule, bool *stops)
{
	const struct garita_json *names = garita_json_get(rule, "names");
	enum effect effect = action_effect(garita_json_get(rule, "action"));

	if (effect == EFFECT_UNKNOWN)
		return false;
	if (garita_json_type(names) != GARITA_JSON_ARRAY)
		return false;
	for (size_t i = 0; i < garita_json_count(names); i++) {
		const char *name =
			garita_json_string(garita_json_item(names, i));

		if (!name || !*name)
			return false;
	}
	if (effect == EFFECT_STOPS && garita_json_count(names) > 0)
		*stops = true;
	return true;
}

bool garita_seccomp_confines(const struct garita_json *seccomp)
{
	const struct garita_json *rules = garita_json_get(seccomp, "syscalls");
	bool stops = false;

	switch (action_effect(garita_json_get(seccomp, "defaultAction"))) {
	case EFFECT_UNKNOWN:
		return false;
	case EFFECT_STOPS:
		stops = true;
		break;
	case EFFECT_LETS:
		break;
	}
	if (absent(rules))
		return stops;
	if (garita_json_type(rules) != GARITA_JSON_ARRAY)
		return false;
	for (size_t i = 0; i < garita_json_count(rules); i++) {
		if (!read_rule(garita_json_item(rules, i), &stops))
			return false;
	}
	return stops;
}
