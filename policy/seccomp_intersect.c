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

struct output {
	const struct garita_seccomp *a, *b;
	garita_seccomp_concerns *concerns;
	const void *concerns_data;
	struct garita_seccomp *made;
	unsigned arches, shared;
	struct garita_seccomp_set doors; /* multiplexers that are there */
	struct garita_terms terms[3];    /* to work with */
};

static bool concerns(const struct output *out, const char *name)
{
	return !out->concerns || out->concerns(name, out->concerns_data);
}

static void add_plain(struct output *out, size_t call,
		      struct garita_seccomp_answer answer)
{
	garita_seccomp_add(out->made, call, answer, false, 0, 0);
}

static void add_term(struct output *out, size_t call,
		     const struct garita_term *term)
{
	size_t from = out->made->condition_count;

	for (size_t i = 0; i < GARITA_SECCOMP_ARGS; i++) {
		if (term->used & 1u << i)
			garita_seccomp_add_condition(out->made,
						     &term->condition[i]);
	}
	garita_seccomp_add(out->made, call, term->answer, false, from,
			   (unsigned)(out->made->condition_count - from));
}

/* A rule as the profile has it. */
static void add_case(struct output *out, size_t call,
		     const struct garita_seccomp *profile,
		     const struct garita_seccomp_case *c)
{
	size_t from = out->made->condition_count;

	for (size_t i = c->from; i < c->from + c->count; i++)
		garita_seccomp_add_condition(out->made,
					     &profile->conditions[i]);
	garita_seccomp_add(out->made, call, c->answer, false, from, c->count);
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

/* One call: where it is in each profile, or -1. */
struct call {
	size_t made;
	int a, b;
};

/* Rules that stop some arguments, as they are. One that may hold for any is
 * one that does. */
static void add_stops(struct output *out, size_t made,
		      const struct garita_seccomp *profile, int call)
{
	const struct garita_seccomp_case *c;

	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		if (!garita_seccomp_lets(c->answer))
			add_case(out, made, profile, c);
	}
}

/* What A has, whatever B has. */
static void keep(struct output *out, const struct call *of)
{
	const struct garita_seccomp_case *c =
		garita_seccomp_first(out->a, of->a);

	if (!c)
		add_plain(out, of->made, out->a->otherwise);
	for (; c; c = garita_seccomp_next(out->a, c)) {
		if (c->count > 0 || !c->doubtful)
			add_case(out, of->made, out->a, c);
	}
}

/* The answer to a call that is never let through. */
static struct garita_seccomp_answer stop_answer(const struct output *out,
						const struct call *of)
{
	const struct garita_seccomp_case *a = plain_case(out->a, of->a);
	const struct garita_seccomp_case *b = plain_case(out->b, of->b);
	struct garita_seccomp_answer otherwise = {
		GARITA_SECCOMP_ERRNO,
		EPERM,
	};

	if (a && !garita_seccomp_lets(a->answer))
		return a->answer;
	if (!a && !garita_seccomp_first(out->a, of->a) &&
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
static void add_stop(struct output *out, const struct call *of)
{
	struct garita_seccomp_answer answer = stop_answer(out, of);

	if (garita_seccomp_has(&out->doors, of->made) &&
	    garita_seccomp_same(answer, out->made->otherwise)) {
		answer.number = answer.number == ENOSYS ? EPERM : ENOSYS;
		answer.kind = GARITA_SECCOMP_ERRNO;
	}
	add_plain(out, of->made, answer);
}

/* Both let through by default: what either stops is stopped. */
static void add_either(struct output *out, const struct call *of)
{
	const struct garita_seccomp_case *a = plain_case(out->a, of->a);
	const struct garita_seccomp_case *b = plain_case(out->b, of->b);

	if ((a && !garita_seccomp_lets(a->answer)) ||
	    (b && !garita_seccomp_lets(b->answer))) {
		add_stop(out, of);
		return;
	}
	if (!a)
		add_stops(out, of->made, out->a, of->a);
	if (!b)
		add_stops(out, of->made, out->b, of->b);
}

static struct garita_seccomp_answer stricter(struct garita_seccomp_answer a,
					     struct garita_seccomp_answer b)
{
	return b.kind < a.kind ? b : a;
}

/* A call that is let through, or stopped, whatever its arguments: what the
 * terms of add_call() come to, without them. */
static bool add_plainly(struct output *out, const struct call *of)
{
	struct garita_seccomp_answer in_a = { 0 }, in_b = { 0 };
	enum garita_seccomp_plain a =
		garita_seccomp_plainly(out->a, of->a, &in_a);
	enum garita_seccomp_plain b =
		garita_seccomp_plainly(out->b, of->b, &in_b);

	if (a == GARITA_SECCOMP_STOPPED || b == GARITA_SECCOMP_STOPPED)
		add_stop(out, of);
	else if (a == GARITA_SECCOMP_LET && b == GARITA_SECCOMP_LET)
		add_plain(out, of->made, stricter(in_a, in_b));
	else
		return false;
	return true;
}

/* Rules that are the same in both, let through and leave no doubt stay. */
static bool keep_same(struct output *out, const struct call *of)
{
	const struct garita_seccomp_case *x =
		garita_seccomp_first(out->a, of->a);
	const struct garita_seccomp_case *y =
		garita_seccomp_first(out->b, of->b);

	if (!garita_seccomp_same_rules(out->a, of->a, out->b, of->b))
		return false;
	for (; x && y; x = garita_seccomp_next(out->a, x),
		       y = garita_seccomp_next(out->b, y)) {
		if (x->doubtful || !garita_seccomp_lets(x->answer) ||
		    !garita_seccomp_same(x->answer, y->answer))
			return false;
	}
	keep(out, of);
	return true;
}

static void add_call(struct output *out, const struct call *of)
{
	struct garita_terms *a = &out->terms[0], *b = &out->terms[1];
	struct garita_terms *both = &out->terms[2];

	if (!concerns(out, garita_seccomp_name(out->made, of->made))) {
		keep(out, of);
		return;
	}
	if (garita_seccomp_lets(out->made->otherwise)) {
		add_either(out, of);
		return;
	}
	if (add_plainly(out, of) || keep_same(out, of))
		return;
	garita_terms_of(out->a, of->a, a);
	garita_terms_of(out->b, of->b, b);
	garita_terms_both(a, b, both);
	for (size_t i = 0; i < both->count; i++)
		add_term(out, of->made, &both->list[i]);
	if (both->count == 0)
		add_stop(out, of);
	else if (both->list[0].used)
		add_stops(out, of->made, out->a, of->a);
}

/* Adds one group of A, of those calls; which B must not have listed. */
static void add_group(struct output *out,
		      const struct garita_seccomp_group *group,
		      const struct garita_seccomp_set *of)
{
	const struct garita_seccomp *b = out->b;
	struct garita_seccomp_answer answer = group->rule.answer;
	struct garita_seccomp_set both = { { 0 } };

	for (size_t n = 0; n < b->group_count; n++) {
		for (size_t i = 0; i < GARITA_SECCOMP_WORDS; i++)
			both.words[i] = of->words[i] & group->calls.words[i] &
					b->groups[n].calls.words[i];
		garita_seccomp_add_set(
			out->made, &both,
			garita_seccomp_lets(answer)
				? stricter(answer, b->groups[n].rule.answer)
				: answer);
	}
	for (size_t i = 0; i < GARITA_SECCOMP_WORDS; i++)
		both.words[i] = of->words[i] & group->calls.words[i] &
				~b->named.words[i];
	garita_seccomp_add_set(out->made, &both,
			       garita_seccomp_lets(answer) ? b->otherwise
							   : answer);
}

/* Takes calls out of the set: those that both have in a group, or by their
 * defaults. It comes to the same as add_plainly(), for most calls at once. */
static void add_groups(struct output *out, struct garita_seccomp_set *of)
{
	const struct garita_seccomp *a = out->a, *b = out->b;
	struct garita_seccomp_set at_once = { { 0 } };

	/* Where all are stopped by default, those that A does not name are. */
	if (out->concerns || garita_seccomp_lets(a->otherwise) ||
	    garita_seccomp_lets(b->otherwise))
		return;
	for (size_t i = 0; i < GARITA_SECCOMP_WORDS; i++)
		at_once.words[i] = of->words[i] & ~out->doors.words[i] &
				   ~a->listed.words[i] & ~b->listed.words[i];
	for (size_t i = 0; i < a->group_count; i++)
		add_group(out, &a->groups[i], &at_once);
	for (size_t i = 0; i < GARITA_SECCOMP_WORDS; i++)
		of->words[i] &= ~at_once.words[i];
}

static void add_known(struct output *out)
{
	bool all_names = out->arches >> GARITA_ARCH_OTHER;
	struct garita_seccomp_set on = garita_seccomp_calls_on(out->arches);
	/* Others are only on an architecture of A's that is to stay. */
	struct garita_seccomp_set shared =
		garita_seccomp_calls_on(all_names ? out->arches : out->shared);

	add_groups(out, &on);
	GARITA_SECCOMP_EACH(call, &on)
	{
		const struct call of = { call, (int)call, (int)call };

		if (garita_seccomp_has(&shared, call))
			add_call(out, &of);
		else
			keep(out, &of);
	}
}

static void find_doors(struct output *out)
{
	static const char doors[][12] = { "socketcall", "ipc" };

	for (size_t i = 0; (out->arches & garita_seccomp_multiplexed()) &&
			   i < GARITA_COUNT(doors);
	     i++)
		garita_seccomp_put(&out->doors,
				   (size_t)garita_seccomp_call(
					   doors[i], strlen(doors[i])));
}

static void add_unknown(struct output *out)
{
	struct call call;

	for (size_t i = 0; i < out->a->unknown_count; i++) {
		const char *name = out->a->unknown[i];

		call.made =
			(size_t)garita_seccomp_index(out->made, name, SIZE_MAX);
		call.a = (int)(GARITA_SECCOMP_CALLS + i);
		call.b = garita_seccomp_find(out->b, name, strlen(name));
		add_call(out, &call);
	}
	for (size_t i = 0; i < out->b->unknown_count; i++) {
		const char *name = out->b->unknown[i];

		call.a = garita_seccomp_find(out->a, name, strlen(name));
		if (call.a >= 0)
			continue;
		call.made =
			(size_t)garita_seccomp_index(out->made, name, SIZE_MAX);
		call.b = (int)(GARITA_SECCOMP_CALLS + i);
		add_call(out, &call);
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

int garita_seccomp_intersect(const struct garita_seccomp *a,
			     const struct garita_seccomp *b,
			     garita_seccomp_concerns *about,
			     const void *about_data,
			     struct garita_json_doc *doc,
			     struct garita_json *ret, struct garita_error *err)
{
	struct output out = { .a = a,
			      .b = b,
			      .concerns = about,
			      .concerns_data = about_data,
			      .shared = a->arches & b->arches };
	auto_seccomp struct garita_seccomp *made = NULL;

	if (about && garita_seccomp_lets(a->otherwise) &&
	    !garita_seccomp_lets(b->otherwise) && !about(NULL, about_data))
		return garita_fail(err, ENOTSUP,
				   "the profile lets through by default what "
				   "no rule names");
	out.arches = kept_arches(&out);
	made = garita_seccomp_new(
		garita_seccomp_lets(a->otherwise) ? b->otherwise : a->otherwise,
		a->native, out.arches);
	out.made = made;
	find_doors(&out);
	add_known(&out);
	add_unknown(&out);
	garita_seccomp_write(made, doc, ret);
	for (size_t i = 0; i < GARITA_COUNT(out.terms); i++)
		garita_terms_free(&out.terms[i]);
	return 0;
}
