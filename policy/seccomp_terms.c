/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_terms - "and" and "not" for conditions on arguments.
 *
 * Two conditions on one argument rarely make one: more than 3 and less than 9
 * has no operator. What has none is written as single values when they are
 * few, and else left out: the result is never wider than what was asked for.
 */
#include "policy/seccomp_terms.h"

#include <stdlib.h>

#include "garita/memory.h"

enum { FEW = 16 };

/* Alternatives for one argument. */
struct choices {
	struct garita_seccomp_condition list[FEW + 2];
	size_t count;
};

static void choose(struct choices *of, unsigned arg, enum garita_seccomp_op op,
		   uint64_t value, uint64_t rest)
{
	if (of->count < GARITA_COUNT(of->list))
		of->list[of->count++] =
			(struct garita_seccomp_condition){ arg, op, value,
							   rest };
}

/* From low to high, both in. */
static void choose_range(struct choices *of, unsigned arg, uint64_t low,
			 uint64_t high)
{
	if (low > high)
		return;
	if (low == high) {
		choose(of, arg, GARITA_SECCOMP_EQ, low, 0);
	} else if (low == 0) {
		choose(of, arg, GARITA_SECCOMP_LE, high, 0);
	} else if (high == UINT64_MAX) {
		choose(of, arg, GARITA_SECCOMP_GE, low, 0);
	} else if (high - low < FEW) {
		for (uint64_t v = low; v <= high; v++)
			choose(of, arg, GARITA_SECCOMP_EQ, v, 0);
	}
}

/* The one interval of a condition; false for NE and masks. */
static bool range(const struct garita_seccomp_condition *c, uint64_t *low,
		  uint64_t *high)
{
	*low = 0;
	*high = UINT64_MAX;
	switch (c->op) {
	case GARITA_SECCOMP_NE:
	case GARITA_SECCOMP_MASKED:
		return false;
	case GARITA_SECCOMP_EQ:
		*low = *high = c->value;
		return true;
	case GARITA_SECCOMP_LE:
		*high = c->value;
		return true;
	case GARITA_SECCOMP_GE:
		*low = c->value;
		return true;
	case GARITA_SECCOMP_LT: /* below 0: the empty one */
		*low = c->value == 0;
		*high = c->value == 0 ? 0 : c->value - 1;
		return true;
	case GARITA_SECCOMP_GT:
		*low = c->value == UINT64_MAX ? UINT64_MAX : c->value + 1;
		*high = c->value == UINT64_MAX ? 0 : UINT64_MAX;
		return true;
	}
	return false;
}

/* `c` is NE or a mask; low to high is an interval. */
static void and_range(const struct garita_seccomp_condition *c, uint64_t low,
		      uint64_t high, struct choices *ret)
{
	if (low > high)
		return;
	if (low == 0 && high == UINT64_MAX) {
		ret->list[ret->count++] = *c;
	} else if (c->op == GARITA_SECCOMP_NE &&
		   (c->value < low || c->value > high)) {
		choose_range(ret, c->arg, low, high);
	} else if (c->op == GARITA_SECCOMP_NE) {
		if (c->value > low)
			choose_range(ret, c->arg, low, c->value - 1);
		if (c->value < high)
			choose_range(ret, c->arg, c->value + 1, high);
	} else if (high - low < FEW) {
		for (uint64_t v = low; v - low <= high - low; v++) {
			if (garita_seccomp_holds(c, v))
				choose(ret, c->arg, GARITA_SECCOMP_EQ, v, 0);
			if (v == high)
				break;
		}
	}
}

static void and_masks(const struct garita_seccomp_condition *a,
		      const struct garita_seccomp_condition *b,
		      struct choices *ret)
{
	uint64_t shared = a->value & b->value;

	if ((a->rest & shared) == (b->rest & shared))
		choose(ret, a->arg, GARITA_SECCOMP_MASKED, a->value | b->value,
		       a->rest | b->rest);
}

/* Both are NE or a mask. */
static void and_patterns(const struct garita_seccomp_condition *a,
			 const struct garita_seccomp_condition *b,
			 struct choices *ret)
{
	uint64_t low, high;

	if (a->op == b->op && a->value == b->value && a->rest == b->rest) {
		ret->list[ret->count++] = *a;
	} else if (a->op == GARITA_SECCOMP_MASKED &&
		   b->op == GARITA_SECCOMP_MASKED) {
		and_masks(a, b, ret);
	} else if (a->op == GARITA_SECCOMP_NE && b->op == GARITA_SECCOMP_NE) {
		low = a->value < b->value ? a->value : b->value;
		high = a->value < b->value ? b->value : a->value;
		if (low > 0)
			choose_range(ret, a->arg, 0, low - 1);
		choose_range(ret, a->arg, low + 1, high - 1);
		if (high < UINT64_MAX)
			choose_range(ret, a->arg, high + 1, UINT64_MAX);
	} else {
		const struct garita_seccomp_condition *mask =
			a->op == GARITA_SECCOMP_MASKED ? a : b;
		const struct garita_seccomp_condition *other =
			mask == a ? b : a;

		/* What the mask asks for never has the value; else there is no
		 * form for it. */
		if (!garita_seccomp_holds(mask, other->value))
			ret->list[ret->count++] = *mask;
	}
}

static void and_conditions(const struct garita_seccomp_condition *a,
			   const struct garita_seccomp_condition *b,
			   struct choices *ret)
{
	uint64_t low_a, high_a, low_b, high_b;
	bool is_a = range(a, &low_a, &high_a), is_b = range(b, &low_b, &high_b);

	ret->count = 0;
	if (is_a && is_b)
		choose_range(ret, a->arg, low_a > low_b ? low_a : low_b,
			     high_a < high_b ? high_a : high_b);
	else if (is_a)
		and_range(b, low_a, high_a, ret);
	else if (is_b)
		and_range(a, low_b, high_b, ret);
	else
		and_patterns(a, b, ret);
}

static void not_condition(const struct garita_seccomp_condition *c,
			  struct choices *ret)
{
	static const enum garita_seccomp_op opposite[] = {
		[GARITA_SECCOMP_NE] = GARITA_SECCOMP_EQ,
		[GARITA_SECCOMP_LT] = GARITA_SECCOMP_GE,
		[GARITA_SECCOMP_LE] = GARITA_SECCOMP_GT,
		[GARITA_SECCOMP_EQ] = GARITA_SECCOMP_NE,
		[GARITA_SECCOMP_GE] = GARITA_SECCOMP_LT,
		[GARITA_SECCOMP_GT] = GARITA_SECCOMP_LE,
	};

	ret->count = 0;
	if (c->op != GARITA_SECCOMP_MASKED) {
		choose(ret, c->arg, opposite[c->op], c->value, 0);
		return;
	}
	/* One of the masked bits is another. */
	if (__builtin_popcountll(c->value) > FEW)
		return;
	for (uint64_t left = c->value; left; left &= left - 1) {
		uint64_t bit = left & -left;

		choose(ret, c->arg, GARITA_SECCOMP_MASKED, bit, ~c->rest & bit);
	}
}

/* Does b hold wherever a holds, plainly? */
static bool within(const struct garita_term *a, const struct garita_term *b)
{
	if (b->used & ~a->used || a->answer.kind != b->answer.kind)
		return false;
	for (size_t i = 0; i < GARITA_SECCOMP_ARGS; i++) {
		const struct garita_seccomp_condition *c = &a->condition[i];
		const struct garita_seccomp_condition *d = &b->condition[i];

		if (!(b->used & 1u << i))
			continue;
		if (c->op == GARITA_SECCOMP_EQ &&
		    garita_seccomp_holds(d, c->value))
			continue;
		if (c->op != d->op || c->value != d->value ||
		    c->rest != d->rest)
			return false;
	}
	return true;
}

void garita_terms_free(struct garita_terms *terms)
{
	free(terms->list);
	*terms = (struct garita_terms){ 0 };
}

static void add_term(struct garita_terms *terms, const struct garita_term *term)
{
	size_t kept = 0;

	for (size_t i = 0; i < terms->count; i++) {
		if (within(term, &terms->list[i]))
			return;
	}
	for (size_t i = 0; i < terms->count; i++) {
		if (!within(&terms->list[i], term))
			terms->list[kept++] = terms->list[i];
	}
	terms->count = kept;
	if (terms->count == GARITA_TERMS_MAX)
		return;
	if (terms->count == terms->room) {
		terms->room = terms->room * 2 + 4;
		terms->list = garita_xresize(terms->list, terms->room,
					     sizeof(*terms->list));
	}
	terms->list[terms->count++] = *term;
}

/* Adds what is left of a term when one more condition must hold. */
static void add_narrowed(const struct garita_term *term,
			 const struct garita_seccomp_condition *condition,
			 struct garita_terms *ret)
{
	struct garita_term made = *term;
	struct choices choices;
	unsigned arg = condition->arg;

	if (!(term->used & 1u << arg)) {
		made.used |= 1u << arg;
		made.condition[arg] = *condition;
		add_term(ret, &made);
		return;
	}
	and_conditions(&term->condition[arg], condition, &choices);
	for (size_t i = 0; i < choices.count; i++) {
		made.condition[arg] = choices.list[i];
		add_term(ret, &made);
	}
}

static void term_of(const struct garita_seccomp *profile,
		    const struct garita_seccomp_case *c,
		    struct garita_term *ret)
{
	*ret = (struct garita_term){ .answer = c->answer };
	for (size_t i = c->from; i < c->from + c->count; i++) {
		const struct garita_seccomp_condition *one =
			&profile->conditions[i];

		ret->used |= 1u << one->arg;
		ret->condition[one->arg] = *one;
	}
}

static void swap(struct garita_terms *a, struct garita_terms *b)
{
	struct garita_terms old = *a;

	*a = *b;
	*b = old;
}

/* Takes out what a rule stops: any of its conditions fails. */
static void subtract(const struct garita_seccomp *profile,
		     const struct garita_seccomp_case *c,
		     struct garita_terms *terms)
{
	auto_terms left = { 0 };

	for (size_t i = c->from; i < c->from + c->count; i++) {
		struct choices choices;

		not_condition(&profile->conditions[i], &choices);
		for (size_t n = 0; n < choices.count; n++)
			for (size_t t = 0; t < terms->count; t++)
				add_narrowed(&terms->list[t], &choices.list[n],
					     &left);
	}
	swap(terms, &left);
}

/* Does the rule take away from what a default or another rule lets through?
 * A listener's rule does, where the default would not have asked it. */
static bool takes(const struct garita_seccomp *profile,
		  const struct garita_seccomp_case *c)
{
	return !garita_seccomp_lets(c->answer) ||
	       garita_seccomp_lets(profile->otherwise);
}

void garita_terms_of(const struct garita_seccomp *profile, int call,
		     struct garita_terms *ret)
{
	const struct garita_seccomp_case *c, *all = NULL;
	struct garita_term term = { .answer = profile->otherwise };

	ret->count = 0;
	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		if (c->count > 0 || c->doubtful)
			continue;
		if (all && garita_seccomp_lets(all->answer) !=
				   garita_seccomp_lets(c->answer))
			return;
		if (!all || c->answer.kind < all->answer.kind)
			all = c;
	}
	if (all) {
		term.answer = all->answer;
		if (garita_seccomp_lets(all->answer))
			add_term(ret, &term);
		return;
	}
	if (garita_seccomp_lets(profile->otherwise))
		add_term(ret, &term);
	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		if (takes(profile, c) || c->doubtful)
			continue;
		term_of(profile, c, &term);
		add_term(ret, &term);
	}
	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		if (takes(profile, c))
			subtract(profile, c, ret);
	}
}

/* Do they ask for different values of one argument? */
static bool exclude(const struct garita_term *a, const struct garita_term *b)
{
	for (size_t i = 0; i < GARITA_SECCOMP_ARGS; i++) {
		const struct garita_seccomp_condition *c = &a->condition[i];
		const struct garita_seccomp_condition *d = &b->condition[i];

		if ((a->used & b->used & 1u << i) &&
		    c->op == GARITA_SECCOMP_EQ && d->op == GARITA_SECCOMP_EQ &&
		    c->value != d->value)
			return true;
	}
	return false;
}

/* One term of each: what is left of the first under the conditions of the
 * second. */
static void both_terms(const struct garita_term *a, const struct garita_term *b,
		       struct garita_terms work[2], struct garita_terms *ret)
{
	struct garita_terms *left = &work[0], *next = &work[1];
	struct garita_term start = *a;

	if (b->answer.kind < start.answer.kind)
		start.answer = b->answer;
	left->count = 0;
	add_term(left, &start);
	for (size_t arg = 0; arg < GARITA_SECCOMP_ARGS; arg++) {
		if (!(b->used & 1u << arg))
			continue;
		next->count = 0;
		for (size_t t = 0; t < left->count; t++)
			add_narrowed(&left->list[t], &b->condition[arg], next);
		swap(left, next);
	}
	for (size_t t = 0; t < left->count; t++)
		add_term(ret, &left->list[t]);
}

void garita_terms_both(const struct garita_terms *a,
		       const struct garita_terms *b, struct garita_terms *ret)
{
	struct garita_terms work[2] = { { 0 } };

	ret->count = 0;
	for (size_t i = 0; i < a->count; i++)
		for (size_t n = 0; n < b->count; n++)
			if (!exclude(&a->list[i], &b->list[n]))
				both_terms(&a->list[i], &b->list[n], work, ret);
	garita_terms_free(&work[0]);
	garita_terms_free(&work[1]);
}
