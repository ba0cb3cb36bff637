/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_read - a linux.seccomp object as the rules that each call has.
 *
 * It is read as the runtimes read it. A rule that answers what the default
 * answers is left out by them, so it never stops another rule (an ERRNO among
 * ALLOWs for one call looks like a ban and is none). Two conditions on one
 * argument are "or" for runc and an error for crun: such a rule is doubtful.
 * The native architecture is always in, whether the list names it or not.
 */
#include "policy/seccomp_profile.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/json_tree.h"
#include "policy/seccomp_lookup.h"

/* Rows of characters: pointers would be relocated at each start. */
static const char arch_names[GARITA_ARCH_END][24] = {
	[GARITA_ARCH_X86_64] = "SCMP_ARCH_X86_64",
	[GARITA_ARCH_AARCH64] = "SCMP_ARCH_AARCH64",
	[GARITA_ARCH_RISCV64] = "SCMP_ARCH_RISCV64",
	[GARITA_ARCH_S390X] = "SCMP_ARCH_S390X",
	[GARITA_ARCH_PPC64LE] = "SCMP_ARCH_PPC64LE",
	[GARITA_ARCH_ARM] = "SCMP_ARCH_ARM",
	[GARITA_ARCH_X86] = "SCMP_ARCH_X86",
	[GARITA_ARCH_X32] = "SCMP_ARCH_X32",
	[GARITA_ARCH_S390] = "SCMP_ARCH_S390",
	[GARITA_ARCH_OTHER] = "SCMP_ARCH_PPC64",
	"SCMP_ARCH_PPC",
	"SCMP_ARCH_MIPS",
	"SCMP_ARCH_MIPS64",
	"SCMP_ARCH_MIPS64N32",
	"SCMP_ARCH_MIPSEL",
	"SCMP_ARCH_MIPSEL64",
	"SCMP_ARCH_MIPSEL64N32",
	"SCMP_ARCH_PARISC",
	"SCMP_ARCH_PARISC64",
	"SCMP_ARCH_LOONGARCH64",
	"SCMP_ARCH_M68K",
	"SCMP_ARCH_SH",
	"SCMP_ARCH_SHEB",
};

/* Their filters look at the lower half of an argument only. */
enum {
	NARROW = 1 << GARITA_ARCH_ARM | 1 << GARITA_ARCH_X86 |
		 1 << GARITA_ARCH_S390,
};

const char *garita_seccomp_arch_name(unsigned arch)
{
	return arch_names[arch];
}

/* The bit of a name, 0 when libseccomp has no such architecture. */
static unsigned arch_bit(const char *name)
{
	for (unsigned i = 0; name && i < GARITA_ARCH_END; i++) {
		if (strcmp(arch_names[i], name) == 0)
			return 1u << i;
	}
	return 0;
}

/* ---- JSON ---- */
/* Keys are compared with their NUL, of fixed lengths that a key of a tree can
 * be read for: an object is walked once, with a few comparisons a member. */
#define IS(key, name) (memcmp(key, name, sizeof(name)) == 0)
_Static_assert(sizeof("errnoRet") <= GARITA_JSON_STEP, "a key can be read");

/* Words of the runtime-spec begin alike, so that their tenth byte is looked at
 * first. A text of a tree can be read that far. */
static bool is_word(const char *text, const char *word)
{
	return text[9] == word[9] && strcmp(text, word) == 0;
}

/* An action, with the errno beside it: EPERM when there is none. */
static int read_answer(const struct garita_json *action,
		       const struct garita_json *number,
		       struct garita_seccomp_answer *ret,
		       struct garita_error *err)
{
	static const struct {
		char name[24];
		enum garita_seccomp_kind kind;
	} actions[] = {
		{ "SCMP_ACT_ALLOW", GARITA_SECCOMP_ALLOW },
		{ "SCMP_ACT_ERRNO", GARITA_SECCOMP_ERRNO },
		{ "SCMP_ACT_KILL", GARITA_SECCOMP_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", GARITA_SECCOMP_KILL_PROCESS },
		{ "SCMP_ACT_KILL_THREAD", GARITA_SECCOMP_KILL_THREAD },
		{ "SCMP_ACT_LOG", GARITA_SECCOMP_LOG },
		{ "SCMP_ACT_NOTIFY", GARITA_SECCOMP_NOTIFY },
		{ "SCMP_ACT_TRACE", GARITA_SECCOMP_TRACE },
		{ "SCMP_ACT_TRAP", GARITA_SECCOMP_TRAP },
	};
	const char *name = garita_json_string(action);
	uint64_t errno_ret = EPERM;

	if (!garita_json_absent(number) &&
	    (garita_json_u64(number, &errno_ret) < 0 || errno_ret > UINT16_MAX))
		return garita_fail(err, EINVAL, "seccomp: an errno is none");
	for (size_t i = 0; name && i < GARITA_COUNT(actions); i++) {
		enum garita_seccomp_kind kind = actions[i].kind;
		bool numbered = kind == GARITA_SECCOMP_ERRNO ||
				kind == GARITA_SECCOMP_TRACE;

		if (!is_word(name, actions[i].name))
			continue;
		*ret = (struct garita_seccomp_answer){
			kind, numbered ? (uint16_t)errno_ret : (uint16_t)0
		};
		return 0;
	}
	return garita_fail(err, EINVAL, "seccomp: unknown action %s",
			   name ? name : "(none)");
}

static int read_op(const char *name, enum garita_seccomp_op *ret,
		   struct garita_error *err)
{
	static const char ops[][24] = {
		[GARITA_SECCOMP_NE] = "SCMP_CMP_NE",
		[GARITA_SECCOMP_LT] = "SCMP_CMP_LT",
		[GARITA_SECCOMP_LE] = "SCMP_CMP_LE",
		[GARITA_SECCOMP_EQ] = "SCMP_CMP_EQ",
		[GARITA_SECCOMP_GE] = "SCMP_CMP_GE",
		[GARITA_SECCOMP_GT] = "SCMP_CMP_GT",
		[GARITA_SECCOMP_MASKED] = "SCMP_CMP_MASKED_EQ",
	};

	for (size_t i = 0; name && i < GARITA_COUNT(ops); i++) {
		if (!is_word(name, ops[i]))
			continue;
		*ret = (enum garita_seccomp_op)i;
		return 0;
	}
	return garita_fail(err, EINVAL, "seccomp: unknown comparison %s",
			   name ? name : "(none)");
}

/* The members of one condition, each NULL when it is not there. */
struct condition_members {
	const struct garita_json *index, *value, *value_two, *op;
};

static struct condition_members members_of_condition(
	const struct garita_json *node)
{
	struct condition_members ret = { .index = NULL };

	if (!garita_json_is(node, GARITA_JSON_OBJECT))
		return ret;
	for (uint32_t i = 0; i < node->count; i++) {
		const struct garita_json_member *at = &node->list->members[i];

		if (IS(at->key, "index"))
			ret.index = at->value;
		else if (IS(at->key, "value"))
			ret.value = at->value;
		else if (IS(at->key, "valueTwo"))
			ret.value_two = at->value;
		else if (IS(at->key, "op"))
			ret.op = at->value;
	}
	return ret;
}

static int read_condition(const struct garita_json *node,
			  struct garita_seccomp_condition *ret,
			  struct garita_error *err)
{
	struct condition_members members = members_of_condition(node);
	struct garita_seccomp_condition read = { 0 };
	uint64_t index;
	int rc;

	if (garita_json_u64(members.index, &index) < 0 ||
	    index >= GARITA_SECCOMP_ARGS)
		return garita_fail(
			err, EINVAL,
			"seccomp: an argument's index is not 0 to 5");
	read.arg = (unsigned)index;
	if (garita_json_u64(members.value, &read.value) < 0 ||
	    (!garita_json_absent(members.value_two) &&
	     garita_json_u64(members.value_two, &read.rest) < 0))
		return garita_fail(err, EINVAL,
				   "seccomp: an argument's value is no number");
	rc = read_op(garita_json_string(members.op), &read.op, err);
	if (rc < 0)
		return rc;
	if (read.op == GARITA_SECCOMP_MASKED && read.value == UINT64_MAX) {
		read.op = GARITA_SECCOMP_EQ;
		read.value = read.rest;
	}
	if (read.op != GARITA_SECCOMP_MASKED)
		read.rest = 0;
	*ret = read;
	return 0;
}

/* The conditions of one rule. */
struct conditions {
	size_t from;
	unsigned count;
	bool repeated; /* two on one argument */
	bool doubtful; /* one that readers may read differently */
	bool blurred;  /* one that half of the argument may satisfy */
};

static int read_conditions(const struct garita_json *args,
			   struct garita_seccomp *profile,
			   struct conditions *ret, struct garita_error *err)
{
	struct conditions read = { .from = profile->condition_count };
	unsigned seen = 0;

	if (!garita_json_absent(args) &&
	    garita_json_type(args) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL, "seccomp: args is no array");
	if (garita_json_count(args) > 32) /* fits a case's count */
		return garita_fail(err, E2BIG,
				   "seccomp: a rule with %zu conditions",
				   garita_json_count(args));
	for (size_t i = 0; i < garita_json_count(args); i++) {
		struct garita_seccomp_condition condition = { 0 };
		int rc = read_condition(garita_json_item(args, i), &condition,
					err);

		if (rc < 0)
			return rc;
		if (condition.op == GARITA_SECCOMP_MASKED &&
		    (condition.value == 0 ||
		     (condition.rest & ~condition.value))) {
			condition.rest &= condition.value;
			read.doubtful = true;
		}
		if ((profile->arches & NARROW) &&
		    (condition.value > UINT32_MAX ||
		     condition.rest > UINT32_MAX))
			read.blurred = true;
		read.repeated |= (seen & 1u << condition.arg) != 0;
		seen |= 1u << condition.arg;
		garita_seccomp_add_condition(profile, &condition);
		read.count++;
	}
	*ret = read;
	return 0;
}

static void add_rule(struct garita_seccomp *profile, size_t call,
		     struct garita_seccomp_answer answer,
		     const struct conditions *of)
{
	if (of->blurred) {
		garita_seccomp_add(profile, call, answer, true, 0, 0);
	} else if (of->repeated) {
		for (unsigned i = 0; i < of->count; i++)
			garita_seccomp_add(profile, call, answer, true,
					   of->from + i, 1);
	} else {
		garita_seccomp_add(profile, call, answer, of->doubtful,
				   of->from, of->count);
	}
}

static void add_rules(struct garita_seccomp *profile,
		      const struct garita_seccomp_set *calls,
		      struct garita_seccomp_answer answer,
		      const struct conditions *of)
{
	if (of->count == 0) {
		garita_seccomp_add_set(profile, calls, answer);
		return;
	}
	GARITA_SECCOMP_EACH(call, calls)
	add_rule(profile, call, answer, of);
}

/* The names of a rule, which is most of what is read: of a tree of ours, so
 * that each can be read in steps. */
static int read_names(const struct garita_json *names,
		      struct garita_seccomp *profile,
		      struct garita_seccomp_set *ret, struct garita_error *err)
{
	for (uint32_t i = 0; i < names->count; i++) {
		const struct garita_json *name = names->list->members[i].value;
		int call;

		if (name->type != GARITA_JSON_STRING || name->count == 0)
			return garita_fail(err, EINVAL,
					   "seccomp: a call without a name");
		call = garita_seccomp_call_in_steps(name->text, name->count);
		if (call < 0)
			call = garita_seccomp_index(profile, name->text,
						    GARITA_SECCOMP_UNKNOWN);
		if (call < 0)
			return garita_fail(
				err, E2BIG,
				"seccomp: more than %d unknown calls",
				GARITA_SECCOMP_UNKNOWN);
		garita_seccomp_put(ret, (size_t)call);
	}
	return 0;
}

struct rule_members {
	const struct garita_json *names, *action, *errno_ret, *args;
};

static struct rule_members members_of_rule(const struct garita_json *rule)
{
	struct rule_members ret = { .names = NULL };

	if (!garita_json_is(rule, GARITA_JSON_OBJECT))
		return ret;
	for (uint32_t i = 0; i < rule->count; i++) {
		const struct garita_json_member *at = &rule->list->members[i];

		if (IS(at->key, "names"))
			ret.names = at->value;
		else if (IS(at->key, "action"))
			ret.action = at->value;
		else if (IS(at->key, "errnoRet"))
			ret.errno_ret = at->value;
		else if (IS(at->key, "args"))
			ret.args = at->value;
	}
	return ret;
}

static int read_rule(const struct garita_json *rule,
		     struct garita_seccomp *profile, size_t *left,
		     struct garita_error *err)
{
	struct rule_members members = members_of_rule(rule);
	struct garita_seccomp_answer answer = { .number = 0 };
	struct conditions conditions = { 0 };
	struct garita_seccomp_set calls = { { 0 } };
	size_t cost;
	int rc = read_answer(members.action, members.errno_ret, &answer, err);

	if (rc == 0)
		rc = read_conditions(members.args, profile, &conditions, err);
	if (rc < 0)
		return rc;
	if (!garita_json_is(members.names, GARITA_JSON_ARRAY))
		return garita_fail(err, EINVAL,
				   "seccomp: a rule without names");
	/* Of at most 4 MiB of text: no overflow. */
	cost = garita_json_count(members.names) * (conditions.count + 1);
	if (*left < cost)
		return garita_fail(err, E2BIG, "seccomp: more than %d rules",
				   GARITA_SECCOMP_CASES);
	*left -= cost;
	if (!garita_seccomp_lets(answer) && garita_json_count(members.names))
		profile->confines = true;
	rc = read_names(members.names, profile, &calls, err);
	if (rc == 0)
		add_rules(profile, &calls, answer, &conditions);
	return rc;
}

static int read_arches(const struct garita_json *list, unsigned *ret,
		       struct garita_error *err)
{
	unsigned arches = 0;

	if (!garita_json_absent(list) &&
	    garita_json_type(list) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL,
				   "seccomp: architectures is no array");
	for (size_t i = 0; i < garita_json_count(list); i++) {
		const char *name =
			garita_json_string(garita_json_item(list, i));
		unsigned bit = arch_bit(name);

		if (!bit)
			return garita_fail(err, EINVAL,
					   "seccomp: unknown architecture %s",
					   name ? name : "(none)");
		arches |= bit;
	}
	*ret = arches;
	return 0;
}

int garita_seccomp_read(const struct garita_json *seccomp, const char *machine,
			struct garita_seccomp **ret, struct garita_error *err)
{
	const struct garita_json *rules = garita_json_get(seccomp, "syscalls");
	unsigned native = arch_bit(garita_seccomp_arch(machine));
	auto_seccomp struct garita_seccomp *profile = NULL;
	struct garita_seccomp_answer other = { .number = 0 };
	size_t left = GARITA_SECCOMP_CASES;
	unsigned arches = 0;
	int rc = read_answer(garita_json_get(seccomp, "defaultAction"),
			     garita_json_get(seccomp, "defaultErrnoRet"),
			     &other, err);

	if (rc == 0)
		rc = read_arches(garita_json_get(seccomp, "architectures"),
				 &arches, err);
	if (rc < 0)
		return rc;
	if (!native)
		return garita_fail(err, ENOTSUP,
				   "seccomp: unknown machine \"%s\"",
				   machine ? machine : "");
	if (!garita_json_absent(rules) &&
	    garita_json_type(rules) != GARITA_JSON_ARRAY)
		return garita_fail(err, EINVAL,
				   "seccomp: syscalls is no array");
	profile = garita_seccomp_new(other, native, arches);
	profile->confines = !garita_seccomp_lets(other);
	for (size_t i = 0; rc == 0 && i < garita_json_count(rules); i++)
		rc = read_rule(garita_json_item(rules, i), profile, &left, err);
	if (rc < 0)
		return rc;
	*ret = garita_take_ptr(&profile);
	return 0;
}
