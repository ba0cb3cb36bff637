/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_write - a profile as a linux.seccomp object.
 *
 * A start writes one, of 350 names, so nodes are made at their right size and
 * lend the texts of our tables instead of copying them.
 */
#include <string.h>

#include "policy/json_tree.h"
#include "policy/seccomp_lookup.h"

/* Words of the runtime-spec, each in a row that can be read in steps. */
enum word {
	NAMES,
	ACTION,
	ERRNO_RET,
	ARGS,
	INDEX,
	VALUE,
	VALUE_TWO,
	OP,
	FIRST_ACTION, /* enum garita_seccomp_kind on it */
	FIRST_OP = FIRST_ACTION + GARITA_SECCOMP_ALLOW + 1,
	END = FIRST_OP + GARITA_SECCOMP_MASKED + 1,
};
static const char words[END][2 * GARITA_JSON_STEP] = {
	[NAMES] = "names",
	[ACTION] = "action",
	[ERRNO_RET] = "errnoRet",
	[ARGS] = "args",
	[INDEX] = "index",
	[VALUE] = "value",
	[VALUE_TWO] = "valueTwo",
	[OP] = "op",
	[FIRST_ACTION + GARITA_SECCOMP_KILL_PROCESS] = "SCMP_ACT_KILL_PROCESS",
	[FIRST_ACTION + GARITA_SECCOMP_KILL_THREAD] = "SCMP_ACT_KILL",
	[FIRST_ACTION + GARITA_SECCOMP_TRAP] = "SCMP_ACT_TRAP",
	[FIRST_ACTION + GARITA_SECCOMP_ERRNO] = "SCMP_ACT_ERRNO",
	[FIRST_ACTION + GARITA_SECCOMP_NOTIFY] = "SCMP_ACT_NOTIFY",
	[FIRST_ACTION + GARITA_SECCOMP_TRACE] = "SCMP_ACT_TRACE",
	[FIRST_ACTION + GARITA_SECCOMP_LOG] = "SCMP_ACT_LOG",
	[FIRST_ACTION + GARITA_SECCOMP_ALLOW] = "SCMP_ACT_ALLOW",
	[FIRST_OP + GARITA_SECCOMP_NE] = "SCMP_CMP_NE",
	[FIRST_OP + GARITA_SECCOMP_LT] = "SCMP_CMP_LT",
	[FIRST_OP + GARITA_SECCOMP_LE] = "SCMP_CMP_LE",
	[FIRST_OP + GARITA_SECCOMP_EQ] = "SCMP_CMP_EQ",
	[FIRST_OP + GARITA_SECCOMP_GE] = "SCMP_CMP_GE",
	[FIRST_OP + GARITA_SECCOMP_GT] = "SCMP_CMP_GT",
	[FIRST_OP + GARITA_SECCOMP_MASKED] = "SCMP_CMP_MASKED_EQ",
};

struct output {
	const struct garita_seccomp *of;
	struct garita_json_doc *doc;
	struct garita_json *rules;
};

/* For that many members, which are then added; an object's are in no index. */
static struct garita_json *new_list(struct garita_json_doc *doc,
				    enum garita_json_type type, size_t room)
{
	struct garita_json *node =
		garita_json_node(doc, type, GARITA_JSON_NOWHERE);

	if (room > 0)
		node->list = garita_json_take_list(doc, (uint32_t)room);
	return node;
}

static void add(struct garita_json *list, const char *key,
		struct garita_json *value)
{
	list->list->members[list->count++] =
		(struct garita_json_member){ key, value };
}

/* A string whose text stays longer than any document. */
static struct garita_json lent(const char *row)
{
	return (struct garita_json){ .text = row,
				     .count = (uint32_t)garita_seccomp_length(
					     row),
				     .offset = GARITA_JSON_NOWHERE,
				     .type = GARITA_JSON_STRING };
}

static struct garita_json *word(struct garita_json_doc *doc, size_t which)
{
	struct garita_json *node =
		garita_json_node(doc, GARITA_JSON_STRING, GARITA_JSON_NOWHERE);

	*node = lent(words[which]);
	return node;
}

static bool has_number(struct garita_seccomp_answer answer)
{
	return answer.kind == GARITA_SECCOMP_ERRNO ||
	       answer.kind == GARITA_SECCOMP_TRACE;
}

/* `args`: NULL or a rule's conditions. Returns the names. */
static struct garita_json *add_rule(struct output *out,
				    struct garita_seccomp_answer answer,
				    struct garita_json *names,
				    struct garita_json *args)
{
	struct garita_json *rule = new_list(out->doc, GARITA_JSON_OBJECT, 4);

	add(rule, words[NAMES], names);
	add(rule, words[ACTION], word(out->doc, FIRST_ACTION + answer.kind));
	if (has_number(answer))
		add(rule, words[ERRNO_RET],
		    garita_json_new_u64(out->doc, answer.number));
	if (args)
		add(rule, words[ARGS], args);
	garita_json_append(out->doc, out->rules, rule);
	return names;
}

static struct garita_json name_of(const struct output *out, size_t call)
{
	const char *name = garita_seccomp_name(out->of, call);

	return call < GARITA_SECCOMP_CALLS
		       ? lent(name)
		       : *garita_json_new_string(out->doc, name);
}

static void add_name(struct output *out, struct garita_json *names, size_t call)
{
	struct garita_json *node = garita_json_node(
		out->doc, GARITA_JSON_STRING, GARITA_JSON_NOWHERE);

	*node = name_of(out, call);
	add(names, NULL, node);
}

/* Bit by bit: to count them at once is a call to a library of the compiler,
 * where not every processor has it. */
static size_t size_of(const struct garita_seccomp_set *set)
{
	size_t count = 0;

	for (size_t i = 0; i < GARITA_SECCOMP_WORDS; i++)
		for (uint64_t left = set->words[i]; left; left &= left - 1)
			count++;
	return count;
}

static void add_group(struct output *out,
		      const struct garita_seccomp_group *group, size_t count)
{
	struct garita_json *names =
		add_rule(out, group->rule.answer,
			 new_list(out->doc, GARITA_JSON_ARRAY, count), NULL);

	GARITA_SECCOMP_EACH(call, &group->calls)
	add_name(out, names, call);
}

/* The same, with the names written over those of a list that is to go. */
static void add_group_over(struct output *out,
			   const struct garita_seccomp_group *group,
			   struct garita_json *old)
{
	struct garita_json_member *at = old->list->members;

	add_rule(out, group->rule.answer, old, NULL);
	GARITA_SECCOMP_EACH(call, &group->calls)
	*at++->value = name_of(out, call);
	old->count = (uint32_t)(at - old->list->members);
}

/* The names of a rule, if they are more than `best` has. */
static struct garita_json *longer(const struct garita_json *rule,
				  struct garita_json *best)
{
	for (size_t i = 0; i < garita_json_count(rule); i++) {
		const struct garita_json_member *at = &rule->list->members[i];

		if (garita_json_is(at->value, GARITA_JSON_ARRAY) &&
		    at->value->count > garita_json_count(best) && at->key &&
		    strcmp(at->key, words[NAMES]) == 0)
			best = at->value;
	}
	return best;
}

/* The longest list of names of the object, or NULL. */
static struct garita_json *longest(const struct garita_json *seccomp)
{
	const struct garita_json *rules = garita_json_get(seccomp, "syscalls");
	struct garita_json *best = NULL;

	for (size_t i = 0; i < garita_json_count(rules); i++)
		best = longer(garita_json_item(rules, i), best);
	return best;
}

/* `old`: what can be written over. A page that is touched for the first time
 * costs as much as sixty names, and the usual repair leaves most of them. */
static void add_groups(struct output *out, struct garita_json *old)
{
	for (size_t i = 0; i < out->of->group_count; i++) {
		const struct garita_seccomp_group *group = &out->of->groups[i];
		size_t count = size_of(&group->calls),
		       left = garita_json_count(old);

		if (old && count > left / 2 && count <= left) {
			add_group_over(out, group, old);
			old = NULL;
		} else if (count > 0) {
			add_group(out, group, count);
		}
	}
}

static struct garita_json *condition(struct garita_json_doc *doc,
				     const struct garita_seccomp_condition *c)
{
	struct garita_json *made = new_list(doc, GARITA_JSON_OBJECT, 4);

	add(made, words[INDEX], garita_json_new_u64(doc, c->arg));
	add(made, words[VALUE], garita_json_new_u64(doc, c->value));
	if (c->op == GARITA_SECCOMP_MASKED)
		add(made, words[VALUE_TWO], garita_json_new_u64(doc, c->rest));
	add(made, words[OP], word(doc, FIRST_OP + c->op));
	return made;
}

static void add_case(struct output *out, size_t call,
		     const struct garita_seccomp_case *c)
{
	struct garita_json *args = NULL;

	if (c->count > 0)
		args = new_list(out->doc, GARITA_JSON_ARRAY, c->count);
	for (size_t i = c->from; i < c->from + c->count; i++)
		add(args, NULL, condition(out->doc, &out->of->conditions[i]));
	add_name(out,
		 add_rule(out, c->answer,
			  new_list(out->doc, GARITA_JSON_ARRAY, 1), args),
		 call);
}

/* The native one first, as everybody writes it. */
static struct garita_json *arches(const struct garita_seccomp *of,
				  struct garita_json_doc *doc)
{
	struct garita_json *list = garita_json_new_array(doc);
	unsigned native = (unsigned)__builtin_ctz(of->native);

	for (unsigned i = 0; i < GARITA_ARCH_END; i++) {
		unsigned arch = i == 0 ? native : i <= native ? i - 1 : i;

		if (of->arches >> arch & 1)
			garita_json_append(
				doc, list,
				garita_json_new_string(
					doc, garita_seccomp_arch_name(arch)));
	}
	return list;
}

void garita_seccomp_write(const struct garita_seccomp *profile,
			  struct garita_json_doc *doc, struct garita_json *ret)
{
	struct output out = { .of = profile,
			      .doc = doc,
			      .rules = garita_json_new_array(doc) };

	add_groups(&out, longest(ret));
	GARITA_SECCOMP_EACH(call, &profile->listed)
	for (const struct garita_seccomp_case *c =
		     garita_seccomp_first(profile, (int)call);
	     c; c = garita_seccomp_next(profile, c))
		add_case(&out, call, c);
	garita_json_put(doc, ret, "defaultAction",
			word(doc, FIRST_ACTION + profile->otherwise.kind));
	garita_json_remove(ret, "defaultErrnoRet");
	if (has_number(profile->otherwise))
		garita_json_put_u64(doc, ret, "defaultErrnoRet",
				    profile->otherwise.number);
	garita_json_put(doc, ret, "architectures", arches(profile, doc));
	garita_json_put(doc, ret, "syscalls", out.rules);
}
