/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp - turns the built-in table into a profile for one container.
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
	char name[8]; /* uname(2) */
	/* Bits, also of the architecture's number. */
	uint8_t bit, arch;
};

/* 32-bit x86 is not here: its C libraries open every socket by socketcall, so
 * closed socket families and a working network exclude each other. */
static const struct machine machines[] = {
	{ "x86_64", GARITA_ON_X86_64, GARITA_ARCH_X86_64 },
	{ "aarch64", GARITA_ON_AARCH64, GARITA_ARCH_AARCH64 },
	{ "riscv64", GARITA_ON_RISCV64, GARITA_ARCH_RISCV64 },
	{ "s390x", GARITA_ON_S390X, GARITA_ARCH_S390X },
	{ "ppc64le", GARITA_ON_PPC64LE, GARITA_ARCH_PPC64LE },
	{ "armv6l", GARITA_ON_ARM, GARITA_ARCH_ARM },
	{ "armv7l", GARITA_ON_ARM, GARITA_ARCH_ARM },
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

	return found ? garita_seccomp_arch_name(found->arch) : NULL;
}

static bool applies(const struct garita_seccomp_coded *row, unsigned machine,
		    const struct garita_seccomp_target *of)
{
	if (!(row->machines & machine))
		return false;
	if (row->need && !(row->need & of->bounding))
		return false;
	if (row->without & of->bounding)
		return false;
	/* An unknown kernel is 0.0: older than any that a row asks for. */
	if (of->kernel_major != row->kernel_major)
		return of->kernel_major > row->kernel_major;
	return of->kernel_minor >= row->kernel_minor;
}

static void add_call(struct garita_seccomp *profile,
		     const struct garita_seccomp_coded *row, size_t call,
		     size_t from)
{
	const struct garita_seccomp_answer answer = {
		row->refuse ? GARITA_SECCOMP_ERRNO : GARITA_SECCOMP_ALLOW,
		row->refuse,
	};

	if (row->test == GARITA_ARG_ANY)
		garita_seccomp_add(profile, call, answer, false, 0, 0);
	for (size_t i = 0; i < row->values; i++)
		garita_seccomp_add(profile, call, answer, false, from + i, 1);
}

static void add_row(struct garita_seccomp *profile,
		    const struct garita_seccomp_coded *row,
		    const uint64_t *values, const uint16_t *calls)
{
	size_t from = profile->condition_count;

	for (size_t i = 0; i < row->values; i++) {
		const struct garita_seccomp_condition condition = {
			.arg = row->arg,
			.op = row->test == GARITA_ARG_IS
				      ? GARITA_SECCOMP_EQ
				      : GARITA_SECCOMP_MASKED,
			.value = values[i], /* of a mask: none of its bits */
		};

		garita_seccomp_add_condition(profile, &condition);
	}
	for (size_t i = 0; i < row->calls; i++)
		add_call(profile, row, calls[i], from);
}

struct garita_seccomp *garita_seccomp_builtin(
	const struct garita_seccomp_target *of)
{
	static const struct garita_seccomp_answer
		refuse = { GARITA_SECCOMP_ERRNO, EPERM },
		allow = { GARITA_SECCOMP_ALLOW, 0 };
	const struct machine *found = find_machine(of->machine);
	const uint64_t *values = garita_seccomp_constants;
	const uint16_t *calls = garita_seccomp_numbers;
	struct garita_seccomp_set always = { { 0 } };
	struct garita_seccomp *profile;

	if (!found)
		return NULL;
	memcpy(always.words, garita_seccomp_always[__builtin_ctz(found->bit)],
	       sizeof(garita_seccomp_always[0]));
	profile = garita_seccomp_new(refuse, 1u << found->arch, 0);
	profile->confines = true;
	garita_seccomp_add_set(profile, &always, allow);
	for (size_t i = 0; i < garita_seccomp_coded_count; i++) {
		const struct garita_seccomp_coded *row =
			&garita_seccomp_coded[i];

		if (applies(row, found->bit, of))
			add_row(profile, row, values, calls);
		values += row->values;
		calls += row->calls;
	}
	return profile;
}

struct garita_json *garita_seccomp_default(struct garita_json_doc *doc,
					   garita_caps bounding,
					   const char *machine,
					   unsigned kernel_major,
					   unsigned kernel_minor)
{
	const struct garita_seccomp_target of = {
		.bounding = bounding,
		.machine = machine,
		.kernel_major = kernel_major,
		.kernel_minor = kernel_minor,
	};
	auto_seccomp struct garita_seccomp *profile =
		garita_seccomp_builtin(&of);
	struct garita_json *made;

	if (!profile)
		return NULL;
	made = garita_json_new_object(doc);
	garita_seccomp_write(profile, doc, made);
	return made;
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
	static const char stops[][24] = {
		"SCMP_ACT_KILL",        "SCMP_ACT_KILL_PROCESS",
		"SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
		"SCMP_ACT_ERRNO",
	};
	static const char lets[][24] = {
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
	if (garita_json_absent(rules))
		return stops;
	if (garita_json_type(rules) != GARITA_JSON_ARRAY)
		return false;
	for (size_t i = 0; i < garita_json_count(rules); i++) {
		if (!read_rule(garita_json_item(rules, i), &stops))
			return false;
	}
	return stops;
}
