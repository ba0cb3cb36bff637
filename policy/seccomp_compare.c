/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_compare - does A let through anything that B does not?
 *
 * Call by call, and one argument of each cell (seccomp_cells.c). What A may
 * let through B must let through; where only that "may" and "must" fail to
 * meet, the answer is that one cannot tell. All calls that neither profile
 * names are one more call, which the defaults answer.
 *
 * Names that no shared architecture has are not asked about. Those with a
 * multiplexer have one more way: libseccomp opens socketcall(SYS_SOCKET) as
 * soon as any rule lets any socket through, whatever the rule says of it.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/seccomp_cells.h"

enum {
	MOST_CELLS = 65536,
	MOST_STEPS = 1 << 23, /* cells times rules, of all calls */
	ANY = (1 << GARITA_SECCOMP_ARGS) - 1, /* bits of all arguments */
};

struct comparison {
	const struct garita_seccomp *a, *b;
	garita_seccomp_concerns *concerns;
	const void *concerns_data;
	garita_seccomp_tell *tell;
	void *tell_data;
	enum garita_seccomp_relation relation;
	size_t steps_left;
};

static bool concerns(const struct comparison *of, const char *name)
{
	return !of->concerns || of->concerns(name, of->concerns_data);
}

static void tell(struct comparison *of,
		 const struct garita_seccomp_witness *witness)
{
	enum garita_seccomp_relation relation =
		witness->sure ? GARITA_SECCOMP_LOOSER
			      : GARITA_SECCOMP_CANNOT_TELL;

	if (of->relation < relation)
		of->relation = relation;
	if (of->tell)
		of->tell(witness, of->tell_data);
}

/* The answer that a person reads. With several that could be it, the first. */
static void answer_words(const struct garita_seccomp *profile, int call,
			 const struct garita_seccomp_witness *witness,
			 bool lets, char *into)
{
	struct garita_seccomp_answer answer = profile->otherwise;
	const struct garita_seccomp_case *c;

	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		bool holds = garita_seccomp_lets(c->answer) == lets;

		for (size_t i = c->from; i < c->from + c->count; i++) {
			const struct garita_seccomp_condition *one =
				&profile->conditions[i];

			holds = holds && garita_seccomp_holds(
						 one, witness->args[one->arg]);
		}
		if (!holds)
			continue;
		answer = c->answer;
		break;
	}
	garita_seccomp_answer_words(answer, into);
}

static void tell_call(struct comparison *of, int call_a, int call_b,
		      struct garita_seccomp_witness *witness)
{
	answer_words(of->a, call_a, witness, true, witness->a);
	answer_words(of->b, call_b, witness, false, witness->b);
	tell(of, witness);
}

/* Too many cells to try. */
static void tell_too_many(struct comparison *of, const char *name)
{
	struct garita_seccomp_witness witness = { .name = name };

	snprintf(witness.a, sizeof(witness.a), "too many cases");
	snprintf(witness.b, sizeof(witness.b), "too many cases");
	tell(of, &witness);
}

static size_t rules_of(const struct garita_seccomp *profile, int call)
{
	size_t rules = 1;
	const struct garita_seccomp_case *c;

	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c))
		rules++;
	return rules;
}

struct grid {
	struct garita_values values[GARITA_SECCOMP_ARGS];
	unsigned used;
	size_t cells;
};

static void grid_free(struct grid *grid)
{
	for (size_t i = 0; i < GARITA_SECCOMP_ARGS; i++)
		if (grid->used & 1u << i)
			garita_values_free(&grid->values[i]);
}
#define auto_grid __attribute__((cleanup(grid_free))) struct grid

/* Families one wants to read about first, where a witness may be any. */
static void prefer(struct garita_values *values, const char *name)
{
	static const uint64_t alg = 38;

	if (values->count == 0 || strcmp(name, "socket") != 0)
		return;
	values->list = garita_xresize(values->list, values->count + 1,
				      sizeof(*values->list));
	values->room = ++values->count;
	memmove(values->list + 1, values->list,
		(values->count - 1) * sizeof(*values->list));
	values->list[0] = alg;
}

static bool take_steps(struct comparison *of, size_t steps)
{
	if (steps > of->steps_left)
		return false;
	of->steps_left -= steps;
	return true;
}

/* Of the arguments in `about`. */
static bool make_grid(struct comparison *of, int call_a, int call_b,
		      const char *name, unsigned about, struct grid *grid)
{
	size_t steps = rules_of(of->a, call_a) + rules_of(of->b, call_b);

	grid->used = about & (garita_seccomp_used(of->a, call_a) |
			      garita_seccomp_used(of->b, call_b));
	grid->cells = 1;
	for (unsigned i = 0; i < GARITA_SECCOMP_ARGS; i++) {
		if (!(grid->used & 1u << i))
			continue;
		if (!garita_seccomp_values(of->a, call_a, of->b, call_b, i,
					   &grid->values[i]) ||
		    !take_steps(of, grid->values[i].count))
			return false;
		if (i == 0)
			prefer(&grid->values[i], name);
		grid->cells *= grid->values[i].count;
		if (grid->cells > MOST_CELLS)
			return false;
	}
	return take_steps(of, grid->cells * steps);
}

/* Equal lists are read equally, doubts and all. */
bool garita_seccomp_same_rules(const struct garita_seccomp *a, int call_a,
			       const struct garita_seccomp *b, int call_b)
{
	const struct garita_seccomp_case *x = garita_seccomp_first(a, call_a);
	const struct garita_seccomp_case *y = garita_seccomp_first(b, call_b);

	if (garita_seccomp_lets(a->otherwise) !=
	    garita_seccomp_lets(b->otherwise))
		return false;
	for (; x && y;
	     x = garita_seccomp_next(a, x), y = garita_seccomp_next(b, y)) {
		if (garita_seccomp_lets(x->answer) !=
			    garita_seccomp_lets(y->answer) ||
		    x->doubtful != y->doubtful || x->count != y->count)
			return false;
		for (size_t i = 0; i < x->count; i++) {
			const struct garita_seccomp_condition *c =
				&a->conditions[x->from + i];
			const struct garita_seccomp_condition *d =
				&b->conditions[y->from + i];

			if (c->arg != d->arg || c->op != d->op ||
			    c->value != d->value || c->rest != d->rest)
				return false;
		}
	}
	return !x && !y;
}

/* The arguments of the n-th cell. */
static void cell(const struct grid *grid, size_t n, uint64_t *args)
{
	for (unsigned i = 0; i < GARITA_SECCOMP_ARGS; i++) {
		if (!(grid->used & 1u << i))
			continue;
		args[i] = grid->values[i].list[n % grid->values[i].count];
		n /= grid->values[i].count;
	}
}

static void compare_cells(struct comparison *of, int call_a, int call_b,
			  const char *name)
{
	struct garita_seccomp_witness unsure = { .name = name };
	auto_grid grid = { .cells = 0 };
	bool doubt = false;

	if (!make_grid(of, call_a, call_b, name, ANY, &grid)) {
		tell_too_many(of, name);
		return;
	}
	for (size_t n = 0; n < grid.cells; n++) {
		struct garita_seccomp_witness witness = { .name = name,
							  .used = grid.used };
		struct garita_seccomp_effect a, b;

		cell(&grid, n, witness.args);
		a = garita_seccomp_ask(of->a, call_a, witness.args);
		b = garita_seccomp_ask(of->b, call_b, witness.args);
		if (!a.may || b.must)
			continue;
		witness.sure = a.must && !b.may;
		if (witness.sure) {
			tell_call(of, call_a, call_b, &witness);
			return;
		}
		if (!doubt)
			unsure = witness;
		doubt = true;
	}
	if (doubt)
		tell_call(of, call_a, call_b, &unsure);
}

/* A call that A lets through and B stops, whatever its arguments. */
static void tell_plainly(struct comparison *of, const char *name,
			 struct garita_seccomp_answer a,
			 struct garita_seccomp_answer b)
{
	struct garita_seccomp_witness witness = { .sure = true, .name = name };

	garita_seccomp_answer_words(a, witness.a);
	garita_seccomp_answer_words(b, witness.b);
	tell(of, &witness);
}

static void compare_call(struct comparison *of, int call_a, int call_b,
			 const char *name)
{
	struct garita_seccomp_answer in_a, in_b;
	enum garita_seccomp_plain a =
		garita_seccomp_plainly(of->a, call_a, &in_a);
	enum garita_seccomp_plain b =
		garita_seccomp_plainly(of->b, call_b, &in_b);

	if (a == GARITA_SECCOMP_STOPPED || b == GARITA_SECCOMP_LET)
		return;
	if (a == GARITA_SECCOMP_LET && b == GARITA_SECCOMP_STOPPED)
		tell_plainly(of, name, in_a, in_b);
	else if (!garita_seccomp_same_rules(of->a, call_a, of->b, call_b))
		compare_cells(of, call_a, call_b, name);
}

/* ---- calls behind calls ---- */
static int always(const struct garita_seccomp *profile, int call)
{
	const struct garita_seccomp_case *c;
	int answer = -1;

	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		if (c->count == 0 && !c->doubtful)
			answer = garita_seccomp_lets(c->answer);
	}
	return answer;
}

/* A opens the multiplexer through one of the calls behind it, unless a rule of
 * its own stops it whatever the arguments; does B? */
static void compare_behind(struct comparison *of, const char *name)
{
	const char *door = garita_seccomp_behind(name);
	struct garita_seccomp_witness witness = { .name = door };
	int call;

	if (!door || !concerns(of, door) ||
	    garita_seccomp_lets(of->a->otherwise))
		return;
	call = garita_seccomp_call(door, strlen(door));
	if (always(of->a, call) >= 0 || always(of->b, call) == 1 ||
	    !garita_seccomp_may(of->a, name, -1, 0))
		return;
	if (always(of->b, call) < 0 && garita_seccomp_may(of->b, name, -1, 0))
		return;
	snprintf(witness.a, sizeof(witness.a), "opened by %.12s", name);
	snprintf(witness.b, sizeof(witness.b), "not opened");
	tell(of, &witness);
}

static void compare_arches(struct comparison *of)
{
	unsigned more = of->a->arches & ~of->b->arches;

	for (unsigned i = 0; i < GARITA_ARCH_END; i++) {
		struct garita_seccomp_witness witness = {
			.sure = true,
			.is_arch = true,
			.name = garita_seccomp_arch_name(i),
		};

		if (!(more & 1u << i) || !concerns(of, witness.name))
			continue;
		snprintf(witness.a, sizeof(witness.a), "admitted");
		snprintf(witness.b, sizeof(witness.b), "killed");
		tell(of, &witness);
	}
}

static void compare_unknown(struct comparison *of)
{
	for (size_t i = 0; i < of->a->unknown_count; i++) {
		const char *name = of->a->unknown[i];

		if (concerns(of, name))
			compare_call(
				of, (int)(GARITA_SECCOMP_CALLS + i),
				garita_seccomp_find(of->b, name, strlen(name)),
				name);
	}
	for (size_t i = 0; i < of->b->unknown_count; i++) {
		const char *name = of->b->unknown[i];

		if (garita_seccomp_find(of->a, name, strlen(name)) < 0 &&
		    concerns(of, name))
			compare_call(of, -1, (int)(GARITA_SECCOMP_CALLS + i),
				     name);
	}
}

/* Calls of the table that either profile names, on an architecture that both
 * have: few are left of them where no arguments matter. */
static void compare_known(struct comparison *of)
{
	unsigned shared = of->a->arches & of->b->arches;
	struct garita_seccomp_set on = garita_seccomp_calls_on(shared);
	struct garita_seccomp_set behind =
		garita_seccomp_calls_on(shared & garita_seccomp_multiplexed());
	struct garita_seccomp_sorted a = garita_seccomp_sort(of->a);
	struct garita_seccomp_sorted b = garita_seccomp_sort(of->b);

	for (size_t i = 0; i < GARITA_SECCOMP_WORDS; i++)
		on.words[i] &= (of->a->named.words[i] | of->b->named.words[i]) &
			       ((~a.stopped.words[i] & ~b.let.words[i]) |
				behind.words[i]);
	GARITA_SECCOMP_EACH(call, &on)
	{
		const char *name = garita_seccomp_call_name(call);

		if (concerns(of, name))
			compare_call(of, (int)call, (int)call, name);
		if (garita_seccomp_has(&behind, call))
			compare_behind(of, name);
	}
}

enum garita_seccomp_relation garita_seccomp_compare(
	const struct garita_seccomp *a, const struct garita_seccomp *b,
	garita_seccomp_concerns *about, const void *about_data,
	garita_seccomp_tell *told, void *told_data)
{
	struct comparison of = {
		.a = a,
		.b = b,
		.concerns = about,
		.concerns_data = about_data,
		.tell = told,
		.tell_data = told_data,
		.relation = GARITA_SECCOMP_NO_LOOSER,
		.steps_left = MOST_STEPS,
	};

	compare_arches(&of);
	if (garita_seccomp_lets(a->otherwise) &&
	    !garita_seccomp_lets(b->otherwise) && concerns(&of, NULL)) {
		struct garita_seccomp_witness witness = { .sure = true };

		tell_call(&of, -1, -1, &witness);
	}
	compare_known(&of);
	compare_unknown(&of);
	return of.relation;
}

bool garita_seccomp_may(const struct garita_seccomp *profile, const char *name,
			int arg, uint64_t value)
{
	return garita_seccomp_may_call(
		profile, garita_seccomp_find(profile, name, strlen(name)), arg,
		value);
}

/* The same where it depends on the arguments. */
static bool may_by_arguments(const struct garita_seccomp *profile, int call,
			     int arg, uint64_t value)
{
	struct comparison of = { .a = profile,
				 .b = profile,
				 .steps_left = MOST_STEPS };
	auto_grid grid = { .cells = 0 };

	/* Which cell the one argument is in is known. */
	if (!make_grid(&of, call, call, "", arg < 0 ? ANY : ANY & ~(1u << arg),
		       &grid))
		return true;
	for (size_t n = 0; n < grid.cells; n++) {
		uint64_t args[GARITA_SECCOMP_ARGS] = { 0 };

		cell(&grid, n, args);
		if (arg >= 0)
			args[arg] = value;
		if (garita_seccomp_ask(profile, call, args).may)
			return true;
	}
	return false;
}

bool garita_seccomp_may_call(const struct garita_seccomp *profile, int call,
			     int arg, uint64_t value)
{
	struct garita_seccomp_answer answer;
	enum garita_seccomp_plain plain =
		garita_seccomp_plainly(profile, call, &answer);

	if (plain != GARITA_SECCOMP_BY_ARGUMENTS)
		return plain == GARITA_SECCOMP_LET;
	return may_by_arguments(profile, call, arg, value);
}
