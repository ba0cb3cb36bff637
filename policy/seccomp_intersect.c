/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_intersect - the profile that lets through what both let through.
 *
 * What is refused is answered as A answers it, since programs were tried
 * under A: an ENOSYS sends a C library another way, an EPERM does not. Only
 * where A lets a call through does B's answer count.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/seccomp_terms.h"

enum { MOST_GROUPS = 16 };

struct output {
	const struct garita_seccomp *a, *b;
	garita_seccomp_concerns *concerns;
	const void *concerns_data;
	struct garita_json_doc *doc;
	struct garita_seccomp_answer otherwise;
	unsigned arches, shared;
	struct garita_json *plain; /* rules without conditions, ... */
	struct garita_json *conditional;
	struct {
		struct garita_seccomp_answer answer;
		struct garita_json *names; /* ... one for each answer */
	} groups[MOST_GROUPS];
	size_t group_count;
	struct garita_terms terms[3]; /* to work with */
};

static bool concerns(const struct output *out, const char *name)
{
	return !out->concerns || out->concerns(name, out->concerns_data);
}

static void put_answer(struct garita_json_doc *doc, struct garita_json *into,
		       const char *key, const char *number_key,
		       struct garita_seccomp_answer answer)
{
	static const char *const names[] = {
		[GARITA_SECCOMP_KILL_PROCESS] = "SCMP_ACT_KILL_PROCESS",
		[GARITA_SECCOMP_KILL_THREAD] = "SCMP_ACT_KILL",
		[GARITA_SECCOMP_TRAP] = "SCMP_ACT_TRAP",
		[GARITA_SECCOMP_ERRNO] = "SCMP_ACT_ERRNO",
		[GARITA_SECCOMP_NOTIFY] = "SCMP_ACT_NOTIFY",
		[GARITA_SECCOMP_TRACE] = "SCMP_ACT_TRACE",
		[GARITA_SECCOMP_LOG] = "SCMP_ACT_LOG",
		[GARITA_SECCOMP_ALLOW] = "SCMP_ACT_ALLOW",
	};

	garita_json_put_string(doc, into, key, names[answer.kind]);
	if (answer.kind == GARITA_SECCOMP_ERRNO ||
	    answer.kind == GARITA_SECCOMP_TRACE)
		garita_json_put_u64(doc, into, number_key, answer.number);
}

static struct garita_json *add_rule(struct output *out,
				    struct garita_json *rules,
				    struct garita_seccomp_answer answer)
{
	struct garita_json *rule = garita_json_new_object(out->doc);
	struct garita_json *names = garita_json_new_array(out->doc);

	garita_json_put(out->doc, rule, "names", names);
	put_answer(out->doc, rule, "action", "errnoRet", answer);
	garita_json_append(out->doc, rules, rule);
	return rule;
}

static void add_plain(struct output *out, const char *name,
		      struct garita_seccomp_answer answer)
{
	struct garita_json *names = NULL;

	if (garita_seccomp_same(answer, out->otherwise))
		return;
	for (size_t i = 0; i < out->group_count && !names; i++) {
		if (garita_seccomp_same(out->groups[i].answer, answer))
			names = out->groups[i].names;
	}
	if (!names) {
		names = garita_json_get(add_rule(out, out->plain, answer),
					"names");
		if (out->group_count < MOST_GROUPS) {
			out->groups[out->group_count].answer = answer;
			out->groups[out->group_count++].names = names;
		}
	}
	garita_json_append(out->doc, names,
			   garita_json_new_string(out->doc, name));
}

static void put_condition(struct output *out, struct garita_json *args,
			  const struct garita_seccomp_condition *c)
{
	static const char *const ops[] = {
		[GARITA_SECCOMP_NE] = "SCMP_CMP_NE",
		[GARITA_SECCOMP_LT] = "SCMP_CMP_LT",
		[GARITA_SECCOMP_LE] = "SCMP_CMP_LE",
		[GARITA_SECCOMP_EQ] = "SCMP_CMP_EQ",
		[GARITA_SECCOMP_GE] = "SCMP_CMP_GE",
		[GARITA_SECCOMP_GT] = "SCMP_CMP_GT",
		[GARITA_SECCOMP_MASKED] = "SCMP_CMP_MASKED_EQ",
	};
	struct garita_json *arg = garita_json_new_object(out->doc);

	garita_json_put_u64(out->doc, arg, "index", c->arg);
	garita_json_put_u64(out->doc, arg, "value", c->value);
	if (c->op == GARITA_SECCOMP_MASKED)
		garita_json_put_u64(out->doc, arg, "valueTwo", c->rest);
	garita_json_put_string(out->doc, arg, "op", ops[c->op]);
	garita_json_append(out->doc, args, arg);
}

static struct garita_json *add_conditional(struct output *out, const char *name,
					   struct garita_seccomp_answer answer)
{
	struct garita_json *rule = add_rule(out, out->conditional, answer);
	struct garita_json *args = garita_json_new_array(out->doc);

	garita_json_append(out->doc, garita_json_get(rule, "names"),
			   garita_json_new_string(out->doc, name));
	garita_json_put(out->doc, rule, "args", args);
	return args;
}

static void add_term(struct output *out, const char *name,
		     const struct garita_term *term)
{
	struct garita_json *args;

	if (!term->used) {
		add_plain(out, name, term->answer);
		return;
	}
	args = add_conditional(out, name, term->answer);
	for (size_t i = 0; i < GARITA_SECCOMP_ARGS; i++) {
		if (term->used & 1u << i)
			put_condition(out, args, &term->condition[i]);
	}
}

/* A rule as the profile has it. */
static void add_case(struct output *out, const char *name,
		     const struct garita_seccomp *profile,
		     const struct garita_seccomp_case *c)
{
	struct garita_json *args;

	if (c->count == 0) {
		add_plain(out, name, c->answer);
		return;
	}
	if (garita_seccomp_same(c->answer, out->otherwise))
		return;
	args = add_conditional(out, name, c->answer);
	for (size_t i = c->from; i < c->from + c->count; i++)
		put_condition(out, args, &profile->conditions[i]);
}

/* The rule without conditions, if there is one. */
static const struct garita_seccomp_case *plain_case(
	const struct garita_seccomp *profile, int call)
{
	const struct garita_seccomp_case *c =
		garita_seccomp_first(profile, call);

	while (c && (c->count > 0 || c->doubtful))
		c = garita_seccomp_next(profile, c);
	return c;
}

/* Rules that stop some arguments, as they are. One that may hold for any is
 * one that does. */
static void add_stops(struct output *out, const char *name,
		      const struct garita_seccomp *profile, int call)
{
	const struct garita_seccomp_case *c;

	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		if (!garita_seccomp_lets(c->answer))
			add_case(out, name, profile, c);
	}
}

/* What A has, whatever B has. */
static void keep(struct output *out, const char *name, int call)
{
	const struct garita_seccomp_case *c =
		garita_seccomp_first(out->a, call);

	if (!c)
		add_plain(out, name, out->a->otherwise);
	for (; c; c = garita_seccomp_next(out->a, c)) {
		if (c->count > 0 || !c->doubtful)
			add_case(out, name, out->a, c);
	}
}

/* The answer to a call that is never let through. */
static struct garita_seccomp_answer stop_answer(const struct output *out,
						int call_a, int call_b)
{
	const struct garita_seccomp_case *a = plain_case(out->a, call_a);
	const struct garita_seccomp_case *b = plain_case(out->b, call_b);
	struct garita_seccomp_answer otherwise = {
		GARITA_SECCOMP_ERRNO,
		EPERM,
	};

	if (a && !garita_seccomp_lets(a->answer))
		return a->answer;
	if (!a && !garita_seccomp_first(out->a, call_a) &&
	    !garita_seccomp_lets(out->a->otherwise))
		return out->a->otherwise;
	if (b && !garita_seccomp_lets(b->answer))
		return b->answer;
	if (!garita_seccomp_lets(out->b->otherwise))
		return out->b->otherwise;
	return otherwise;
}

/* A rule that answers as the default does is left out by the runtimes, and
 * then libseccomp opens the multiplexer: so this answer must be another. */
static void add_stop(struct output *out, const char *name, int call_a,
		     int call_b)
{
	struct garita_seccomp_answer answer = stop_answer(out, call_a, call_b);
	bool door = strcmp(name, "socketcall") == 0 || strcmp(name, "ipc") == 0;

	if (door && (out->arches & garita_seccomp_multiplexed()) &&
	    garita_seccomp_same(answer, out->otherwise)) {
		answer.number = answer.number == ENOSYS ? EPERM : ENOSYS;
		answer.kind = GARITA_SECCOMP_ERRNO;
	}
	add_plain(out, name, answer);
}

/* Both let through by default: what either stops is stopped. */
static void add_either(struct output *out, const char *name, int call_a,
		       int call_b)
{
	const struct garita_seccomp_case *a = plain_case(out->a, call_a);
	const struct garita_seccomp_case *b = plain_case(out->b, call_b);

	if ((a && !garita_seccomp_lets(a->answer)) ||
	    (b && !garita_seccomp_lets(b->answer))) {
		add_stop(out, name, call_a, call_b);
		return;
	}
	if (!a)
		add_stops(out, name, out->a, call_a);
	if (!b)
		add_stops(out, name, out->b, call_b);
}

/* A call that is let through, or stopped, whatever its arguments: what the
 * terms of add_call() come to, without them. */
static bool add_plainly(struct output *out, const char *name, int call_a,
			int call_b)
{
	struct garita_seccomp_answer in_a, in_b;
	enum garita_seccomp_plain a =
		garita_seccomp_plainly(out->a, call_a, &in_a);
	enum garita_seccomp_plain b =
		garita_seccomp_plainly(out->b, call_b, &in_b);

	if (a == GARITA_SECCOMP_STOPPED || b == GARITA_SECCOMP_STOPPED)
		add_stop(out, name, call_a, call_b);
	else if (a == GARITA_SECCOMP_LET && b == GARITA_SECCOMP_LET)
		add_plain(out, name, in_b.kind < in_a.kind ? in_b : in_a);
	else
		return false;
	return true;
}

static void add_call(struct output *out, const char *name, int call_a,
		     int call_b)
{
	struct garita_terms *a = &out->terms[0], *b = &out->terms[1];
	struct garita_terms *both = &out->terms[2];

	if (!concerns(out, name)) {
		keep(out, name, call_a);
		return;
	}
	if (garita_seccomp_lets(out->otherwise)) {
		add_either(out, name, call_a, call_b);
		return;
	}
	if (add_plainly(out, name, call_a, call_b))
		return;
	garita_terms_of(out->a, call_a, a);
	garita_terms_of(out->b, call_b, b);
	garita_terms_both(a, b, both);
	for (size_t i = 0; i < both->count; i++)
		add_term(out, name, &both->list[i]);
	if (both->count == 0)
		add_stop(out, name, call_a, call_b);
	else if (both->list[0].used)
		add_stops(out, name, out->a, call_a);
}

static void add_calls(struct output *out)
{
	bool all_names = out->arches >> GARITA_ARCH_OTHER;

	for (int call = 0; call < GARITA_SECCOMP_CALLS; call++) {
		const char *name = garita_seccomp_call_name((size_t)call);
		unsigned on = garita_seccomp_call_on((size_t)call);

		if (!all_names && !(on & out->arches))
			continue;
		/* Only on an architecture of A's that is to stay. */
		if (!all_names && !(on & out->shared))
			keep(out, name, call);
		else
			add_call(out, name, call, call);
	}
	for (size_t i = 0; i < out->a->unknown_count; i++) {
		const char *name = out->a->unknown[i];

		add_call(out, name, (int)(GARITA_SECCOMP_CALLS + i),
			 garita_seccomp_find(out->b, name, strlen(name)));
	}
	for (size_t i = 0; i < out->b->unknown_count; i++) {
		const char *name = out->b->unknown[i];

		if (garita_seccomp_find(out->a, name, strlen(name)) < 0)
			add_call(out, name, -1,
				 (int)(GARITA_SECCOMP_CALLS + i));
	}
}

static unsigned kept_arches(const struct output *out)
{
	unsigned arches = out->a->arches & out->b->arches;

	for (unsigned i = 0; i < GARITA_ARCH_END; i++) {
		unsigned bit = 1u << i;

		if ((out->a->arches & bit) && !(arches & bit) &&
		    !concerns(out, garita_seccomp_arch_name(i)))
			arches |= bit;
	}
	return arches;
}

static void finish(struct output *out, struct garita_json *ret)
{
	struct garita_json *arches = garita_json_new_array(out->doc);

	garita_json_remove(ret, "defaultErrnoRet");
	put_answer(out->doc, ret, "defaultAction", "defaultErrnoRet",
		   out->otherwise);
	/* The native one first, as everybody writes it. */
	garita_json_append(out->doc, arches,
			   garita_json_new_string(
				   out->doc, garita_seccomp_arch_name(
						     (unsigned)__builtin_ctz(
							     out->a->native))));
	for (unsigned i = 0; i < GARITA_ARCH_END; i++) {
		if (out->arches & ~out->a->native & 1u << i)
			garita_json_append(
				out->doc, arches,
				garita_json_new_string(
					out->doc, garita_seccomp_arch_name(i)));
	}
	garita_json_put(out->doc, ret, "architectures", arches);
	for (size_t i = 0; i < garita_json_count(out->conditional); i++)
		garita_json_append(out->doc, out->plain,
				   garita_json_item(out->conditional, i));
	garita_json_put(out->doc, ret, "syscalls", out->plain);
}

int garita_seccomp_intersect(const struct garita_seccomp *a,
			     const struct garita_seccomp *b,
			     garita_seccomp_concerns *about,
			     const void *about_data,
			     struct garita_json_doc *doc,
			     struct garita_json *ret, struct garita_error *err)
{
	auto_free struct output *out = garita_xresize(NULL, 1, sizeof(*out));

	if (about && garita_seccomp_lets(a->otherwise) &&
	    !garita_seccomp_lets(b->otherwise) && !about(NULL, about_data))
		return garita_fail(err, ENOTSUP,
				   "the profile lets through by default what "
				   "no rule names");
	out->a = a;
	out->b = b;
	out->concerns = about;
	out->concerns_data = about_data;
	out->doc = doc;
	out->otherwise =
		garita_seccomp_lets(a->otherwise) ? b->otherwise : a->otherwise;
	out->shared = a->arches & b->arches;
	out->arches = kept_arches(out);
	out->plain = garita_json_new_array(doc);
	out->conditional = garita_json_new_array(doc);
	out->group_count = 0; /* the rest is room to work in */
	add_calls(out);
	finish(out, ret);
	return 0;
}
