/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_cells - what profiles answer to a call, and which arguments are
 * enough to try.
 *
 * The constants in the conditions on an argument cut its 2^64 values into
 * cells, in each of which every condition holds or does not. One value of each
 * cell decides exactly:
 *
 *  - without "less than" and its kin a condition is a pattern of bits (EQ is
 *    one over all 64). Bits that the same conditions look at go together; of
 *    such a group only the patterns written in a condition matter, and one
 *    that is in none.
 *  - with them, cells are intervals between constants, times the patterns of
 *    the masked bits. The least value of an interval with a pattern is in the
 *    cell, if any is; but then each bit counts by itself, and more than
 *    MOST_BITS are too many to try.
 */
#include "policy/seccomp_cells.h"

#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"

enum {
	MOST_BITS = 10,
	MOST_VALUES = 8192,
	MOST_CONDITIONS = 256, /* on one argument of one call */
};

bool garita_seccomp_holds(const struct garita_seccomp_condition *condition,
			  uint64_t arg)
{
	switch (condition->op) {
	case GARITA_SECCOMP_NE:
		return arg != condition->value;
	case GARITA_SECCOMP_LT:
		return arg < condition->value;
	case GARITA_SECCOMP_LE:
		return arg <= condition->value;
	case GARITA_SECCOMP_EQ:
		return arg == condition->value;
	case GARITA_SECCOMP_GE:
		return arg >= condition->value;
	case GARITA_SECCOMP_GT:
		return arg > condition->value;
	case GARITA_SECCOMP_MASKED:
		return (arg & condition->value) == condition->rest;
	}
	return false;
}

static bool case_holds(const struct garita_seccomp *profile,
		       const struct garita_seccomp_case *one,
		       const uint64_t args[GARITA_SECCOMP_ARGS])
{
	for (size_t i = one->from; i < one->from + one->count; i++) {
		const struct garita_seccomp_condition *c =
			&profile->conditions[i];

		if (!garita_seccomp_holds(c, args[c->arg]))
			return false;
	}
	return true;
}

/* A rule without conditions replaces all others of its call, in whatever order
 * they come; of rules with conditions it is not written down which one wins
 * where several hold. */
struct garita_seccomp_effect garita_seccomp_ask(
	const struct garita_seccomp *profile, int call,
	const uint64_t args[GARITA_SECCOMP_ARGS])
{
	const struct garita_seccomp_case *c;
	bool other = garita_seccomp_lets(profile->otherwise);
	/* [0] for rules that hold, [1] for those that perhaps do */
	bool lets[2] = { false }, stops[2] = { false }, all = false;

	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		bool always = c->count == 0 && !c->doubtful;

		if (all && !always)
			continue;
		if (always && !all) {
			all = true;
			lets[0] = lets[1] = stops[0] = stops[1] = false;
		}
		if (!case_holds(profile, c, args))
			continue;
		if (garita_seccomp_lets(c->answer))
			lets[c->doubtful] = true;
		else
			stops[c->doubtful] = true;
	}
	/* The default answers when no rule surely holds. */
	if (!lets[0] && !stops[0]) {
		lets[0] = other;
		stops[0] = !other;
	}
	return (struct garita_seccomp_effect){
		.may = lets[0] || lets[1],
		.must = lets[0] && !stops[0] && !stops[1],
	};
}

/* ---- values to try for one argument ---- */
struct patterns {
	const struct garita_seccomp_condition *list[MOST_CONDITIONS];
	size_t count;
	bool ordered; /* one of LT, LE, GE, GT is among them */
};

static void append(struct garita_values *values, uint64_t value)
{
	if (values->count == values->room) {
		values->room = values->room * 2 + 16;
		values->list = garita_xresize(values->list, values->room,
					      sizeof(*values->list));
	}
	values->list[values->count++] = value;
}

static void add_value(struct garita_values *values, uint64_t value)
{
	for (size_t i = 0; i < values->count; i++) {
		if (values->list[i] == value)
			return;
	}
	append(values, value);
}

static void sort(struct garita_values *values)
{
	for (size_t i = 1; i < values->count; i++) {
		uint64_t value = values->list[i];
		size_t at = i;

		for (; at > 0 && values->list[at - 1] > value; at--)
			values->list[at] = values->list[at - 1];
		values->list[at] = value;
	}
}

static uint64_t mask_of(const struct garita_seccomp_condition *condition)
{
	return condition->op == GARITA_SECCOMP_MASKED ? condition->value
						      : UINT64_MAX;
}

static uint64_t bits_of(const struct garita_seccomp_condition *condition)
{
	return condition->op == GARITA_SECCOMP_MASKED ? condition->rest
						      : condition->value;
}

/* Adds each value with each pattern of these bits; false: too many. */
static bool times_group(const struct patterns *of, uint64_t group,
			struct garita_values *values)
{
	auto_values struct garita_values seen = { 0 };
	size_t before = values->count;
	uint64_t other = 0;

	for (size_t i = 0; i < of->count; i++) {
		if (mask_of(of->list[i]) & group)
			add_value(&seen, bits_of(of->list[i]) & group);
	}
	/* The first pattern that is in no condition: (x - group) & group
	 * counts through the subsets of a mask. */
	for (size_t n = 0; n <= seen.count; n++) {
		size_t i = 0;

		while (i < seen.count && seen.list[i] != other)
			i++;
		if (i == seen.count)
			break;
		other = (other - group) & group;
	}
	add_value(&seen, other);
	if (before * seen.count > MOST_VALUES)
		return false;
	for (size_t v = 0; v < before; v++) {
		uint64_t rest = values->list[v] & ~group;

		for (size_t i = 0; i < seen.count; i++)
			if ((rest | seen.list[i]) != values->list[v])
				append(values, rest | seen.list[i]);
	}
	return true;
}

/* Only patterns of bits. */
static bool pattern_values(const struct patterns *of,
			   struct garita_values *values)
{
	uint64_t left = UINT64_MAX;

	add_value(values, 0);
	while (left) {
		uint64_t bit = left & -left, group = left;

		for (size_t i = 0; i < of->count; i++) {
			uint64_t mask = mask_of(of->list[i]);

			group &= mask & bit ? mask : ~mask;
		}
		left &= ~group;
		if (!times_group(of, group, values))
			return false;
	}
	return true;
}

/* The least value from `low` on whose masked bits are `bits`; false: none. */
static bool least(uint64_t low, uint64_t mask, uint64_t bits, uint64_t *ret)
{
	uint64_t value = (low & ~mask) | bits;

	if (value >= low) {
		/* Lower free bits can go: below the highest bit in which
		 * value exceeds low, all free ones become 0. */
		uint64_t above = value ^ low;

		if (above) {
			int top = 63 - __builtin_clzll(above);
			uint64_t below = ((uint64_t)1 << top) - 1;

			value &= ~(below & ~mask);
		}
		*ret = value;
		return true;
	}
	/* Too small: count the free bits up above the place where it fell
	 * short. */
	for (int at = 64 - __builtin_clzll(value ^ low); at < 64; at++) {
		uint64_t bit = (uint64_t)1 << at;

		if ((mask | value) & bit)
			continue;
		value = (value | bit) & ~((bit - 1) & ~mask);
		*ret = value;
		return true;
	}
	return false;
}

/* Intervals, times the patterns of the masked bits. */
static bool interval_values(const struct patterns *of,
			    struct garita_values *values)
{
	auto_values struct garita_values lows = { 0 };
	uint64_t mask = 0, bits = 0;

	add_value(&lows, 0);
	for (size_t i = 0; i < of->count; i++) {
		if (of->list[i]->op == GARITA_SECCOMP_MASKED) {
			mask |= of->list[i]->value;
			continue;
		}
		add_value(&lows, of->list[i]->value);
		if (of->list[i]->value < UINT64_MAX)
			add_value(&lows, of->list[i]->value + 1);
	}
	if (__builtin_popcountll(mask) > MOST_BITS ||
	    lows.count << __builtin_popcountll(mask) > MOST_VALUES)
		return false;
	sort(&lows);
	do {
		for (size_t i = 0; i < lows.count; i++) {
			bool last = i + 1 == lows.count;
			uint64_t value;

			if (least(lows.list[i], mask, bits, &value) &&
			    (last || value < lows.list[i + 1]))
				append(values, value);
		}
		bits = (bits - mask) & mask;
	} while (bits);
	return true;
}

static bool collect(const struct garita_seccomp *profile, int call,
		    unsigned arg, struct patterns *of)
{
	const struct garita_seccomp_case *c;

	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		for (size_t i = c->from; i < c->from + c->count; i++) {
			const struct garita_seccomp_condition *one =
				&profile->conditions[i];

			if (one->arg != arg)
				continue;
			if (of->count == MOST_CONDITIONS)
				return false;
			of->list[of->count++] = one;
			of->ordered |= one->op != GARITA_SECCOMP_EQ &&
				       one->op != GARITA_SECCOMP_NE &&
				       one->op != GARITA_SECCOMP_MASKED;
		}
	}
	return true;
}

bool garita_seccomp_values(const struct garita_seccomp *a, int call_a,
			   const struct garita_seccomp *b, int call_b,
			   unsigned arg, struct garita_values *ret)
{
	struct patterns of = { .count = 0 };

	ret->count = 0;
	if (!collect(a, call_a, arg, &of) ||
	    (b && !collect(b, call_b, arg, &of)))
		return false;
	return of.ordered ? interval_values(&of, ret)
			  : pattern_values(&of, ret);
}

unsigned garita_seccomp_used(const struct garita_seccomp *profile, int call)
{
	const struct garita_seccomp_case *c;
	unsigned used = 0;

	for (c = garita_seccomp_first(profile, call); c;
	     c = garita_seccomp_next(profile, c)) {
		for (size_t i = c->from; i < c->from + c->count; i++)
			used |= 1u << profile->conditions[i].arg;
	}
	return used;
}

void garita_values_free(struct garita_values *values)
{
	free(values->list);
	*values = (struct garita_values){ 0 };
}
