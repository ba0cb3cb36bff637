/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * regexp_read - from an expression to a machine of states (Thompson). Repeats
 * are copies, and the states are counted.
 *
 * The parser builds the machine from the left, one fragment after the other: a
 * fragment begins at one state, and every way out of it leads to one state
 * that is not written yet. "Nothing" states (EMPTY) keep that simple.
 */
#include "policy/regexp_machine.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"

enum { REPEAT_MAX = 64, NOWHERE = 0xffff };

/* From `start` to `end`, an EMPTY state whose next is open. */
struct fragment {
	uint16_t start, end;
};

struct parser {
	const char *text, *at;
	struct garita_regexp *into;
	unsigned depth;
	bool alternatives; /* a "|" in no group was read */
	struct garita_error *err;
};

static int wrong(struct parser *p, const char *what)
{
	garita_fail(p->err, EINVAL, "the expression is wrong: %s", what);
	if (p->err != NULL)
		p->err->column = (unsigned)(p->at - p->text) + 1;
	return -EINVAL;
}

static int add(struct parser *p, enum garita_regexp_op op, uint16_t *ret)
{
	struct garita_regexp *into = p->into;

	if (into->count == GARITA_REGEXP_STATES_MAX)
		return wrong(p, "it is too large");
	*ret = (uint16_t)into->count;
	into->states[into->count++] = (struct garita_regexp_state){
		.op = op,
		.next = NOWHERE,
		.other = NOWHERE,
	};
	return 0;
}

/* ---- sets ---- */

static void put(uint32_t set[8], unsigned from, unsigned to)
{
	for (unsigned c = from; c <= to; c++)
		set[c / 32] |= 1U << c % 32;
}

/* A backslash and what follows, at the backslash; false when it means
 * nothing. */
static bool put_escape(char c, uint32_t set[8])
{
	switch (c) {
	case 'd':
		put(set, '0', '9');
		return true;
	case 'w':
		put(set, '0', '9');
		put(set, 'A', 'Z');
		put(set, 'a', 'z');
		put(set, '_', '_');
		return true;
	case 's':
		put(set, ' ', ' ');
		put(set, '\t', '\n');
		put(set, '\f', '\r');
		return true;
	default:
		if (c == '\0' || strchr("\\.+*?()|[]{}^$/-", c) == NULL)
			return false;
		put(set, (unsigned char)c, (unsigned char)c);
		return true;
	}
}

static bool is_class(char c)
{
	return c == 'd' || c == 'w' || c == 's';
}

/* One end of a range, or what stands for itself. */
static int take_member(struct parser *p, unsigned *ret)
{
	unsigned char c = (unsigned char)*p->at;

	if (c == '\0')
		return wrong(p, "a [ without its ]");
	if (c == '[')
		return wrong(p, "a [ in a set; write \\[");
	if (c == '\\') {
		uint32_t none[8] = { 0 };

		if (is_class(p->at[1]) || !put_escape(p->at[1], none))
			return wrong(p, "a backslash that means nothing here");
		p->at++;
		c = (unsigned char)*p->at;
	}
	p->at++;
	*ret = c;
	return 0;
}

static int take_range(struct parser *p, uint32_t set[8])
{
	unsigned from, to;
	int r;

	if (p->at[0] == '\\' && is_class(p->at[1])) {
		put_escape(p->at[1], set);
		p->at += 2;
		return 0;
	}
	r = take_member(p, &from);
	if (r < 0)
		return r;
	to = from;
	if (p->at[0] == '-' && p->at[1] != ']') {
		p->at++;
		r = take_member(p, &to);
		if (r < 0)
			return r;
	}
	if (to < from)
		return wrong(p, "a range that ends before it begins");
	if (from >= 0x80 || to >= 0x80)
		return wrong(p, "a set of other characters than ASCII");
	put(set, from, to);
	return 0;
}

/* After the [. */
static int take_set(struct parser *p, uint32_t set[8])
{
	bool negated = *p->at == '^';
	bool first = true;

	p->at += negated;
	for (; first || *p->at != ']'; first = false) {
		int r;

		if (first && *p->at == ']')
			return wrong(p, "an empty set; write \\]");
		r = take_range(p, set);
		if (r < 0)
			return r;
	}
	p->at++;
	for (size_t i = 0; negated && i < 8; i++)
		set[i] = ~set[i];
	return 0;
}

/* ---- fragments ---- */

/* The state that a fragment begins with, and the empty one that it ends with.
 */
static int add_both(struct parser *p, enum garita_regexp_op kind,
		    uint16_t *ret_start, uint16_t *ret_end)
{
	int r = add(p, kind, ret_start);

	return r < 0 ? r : add(p, GARITA_REGEXP_EMPTY, ret_end);
}

static int fragment(struct parser *p, const uint32_t set[8],
		    struct fragment *ret)
{
	uint16_t start = 0, end = 0;
	int r = add_both(p, GARITA_REGEXP_SET, &start, &end);

	if (r < 0)
		return r;
	memcpy(p->into->states[start].set, set,
	       sizeof(p->into->states[start].set));
	p->into->states[start].next = end;
	*ret = (struct fragment){ start, end };
	return 0;
}

static int nothing(struct parser *p, struct fragment *ret)
{
	uint16_t at = 0;
	int r = add(p, GARITA_REGEXP_EMPTY, &at);

	*ret = (struct fragment){ at, at };
	return r;
}

static void join(struct parser *p, struct fragment *first,
		 struct fragment second)
{
	p->into->states[first->end].next = second.start;
	first->end = second.end;
}

/* Either; or with `second` NULL, the fragment or nothing. */
static int either(struct parser *p, struct fragment *first,
		  const struct fragment *second)
{
	struct garita_regexp_state *states = p->into->states;
	uint16_t split = 0, end = 0;
	int r = add_both(p, GARITA_REGEXP_SPLIT, &split, &end);

	if (r < 0)
		return r;
	states[split].next = first->start;
	states[split].other = second ? second->start : end;
	states[first->end].next = end;
	if (second != NULL)
		states[second->end].next = end;
	*first = (struct fragment){ split, end };
	return 0;
}

/* Any number of times, none included. */
static int loop(struct parser *p, struct fragment *one)
{
	struct garita_regexp_state *states = p->into->states;
	uint16_t split = 0, end = 0;
	int r = add_both(p, GARITA_REGEXP_SPLIT, &split, &end);

	if (r < 0)
		return r;
	states[split].next = one->start;
	states[split].other = end;
	states[one->end].next = split;
	*one = (struct fragment){ split, end };
	return 0;
}

/* The states of a fragment that was built from `first` on, once more. */
static int copy(struct parser *p, size_t first, size_t last,
		struct fragment one, struct fragment *ret)
{
	uint16_t shift;

	if (p->into->count + (last - first) > GARITA_REGEXP_STATES_MAX)
		return wrong(p, "it is too large");
	shift = (uint16_t)(p->into->count - first);
	for (size_t i = first; i < last; i++) {
		struct garita_regexp_state state = p->into->states[i];

		if (state.next != NOWHERE)
			state.next = (uint16_t)(state.next + shift);
		if (state.other != NOWHERE)
			state.other = (uint16_t)(state.other + shift);
		p->into->states[p->into->count++] = state;
	}
	*ret = (struct fragment){ (uint16_t)(one.start + shift),
				  (uint16_t)(one.end + shift) };
	return 0;
}

/* ---- the grammar ---- */

static int take_number(struct parser *p, unsigned *ret)
{
	unsigned value = 0;

	if (!garita_is_digit(*p->at))
		return wrong(p, "a { that is no repeat; write \\{");
	while (garita_is_digit(*p->at)) {
		value = value * 10 + (unsigned)(*p->at - '0');
		if (value > REPEAT_MAX)
			return wrong(p, "more than 64 repeats");
		p->at++;
	}
	*ret = value;
	return 0;
}

/* *ret_most 0: without end. */
static int take_repeat(struct parser *p, unsigned *ret_least,
		       unsigned *ret_most)
{
	int r;

	*ret_least = *p->at == '+';
	*ret_most = *p->at == '?';
	if (*p->at++ != '{')
		return 0;
	r = take_number(p, ret_least);
	if (r < 0)
		return r;
	*ret_most = *ret_least;
	if (*p->at == ',') {
		p->at++;
		*ret_most = 0;
		if (*p->at != '}')
			r = take_number(p, ret_most);
		if (r == 0 && p->at[-1] != ',' && *ret_most < *ret_least)
			return wrong(p, "a repeat that ends before it begins");
	}
	if (r < 0)
		return r;
	if (*p->at != '}')
		return wrong(p, "a { without its }");
	if (p->at[-1] != ',' && *ret_most == 0)
		return wrong(p, "a repeat of nothing");
	p->at++;
	return 0;
}

/* The fragment was built by the states from `first` on. */
static int repeat(struct parser *p, size_t first, unsigned least, unsigned most,
		  struct fragment *one)
{
	size_t last = p->into->count;
	struct fragment all = { 0, 0 }, next = { 0, 0 };
	unsigned times = most > 0 ? most : least + 1;
	int r = nothing(p, &all);

	/* The first copies have to be there, the others may; without an end
	 * the last is a loop. */
	for (unsigned i = 0; r == 0 && i < times; i++) {
		r = copy(p, first, last, *one, &next);
		if (r == 0 && i >= least)
			r = most > 0 ? either(p, &next, NULL) : loop(p, &next);
		if (r == 0)
			join(p, &all, next);
	}
	*one = all;
	return r;
}

static int take_either(struct parser *p, struct fragment *ret);

static int take_group(struct parser *p, struct fragment *ret)
{
	int r;

	if (p->depth == GARITA_REGEXP_DEPTH_MAX)
		return wrong(p, "groups too deep");
	if (*p->at == '?')
		return wrong(p, "(?...) is not known");
	p->depth++;
	r = take_either(p, ret);
	p->depth--;
	if (r < 0)
		return r;
	if (*p->at != ')')
		return wrong(p, "a ( without its )");
	p->at++;
	return 0;
}

static int take_atom(struct parser *p, struct fragment *ret)
{
	uint32_t set[8] = { 0 };
	char c = *p->at++;
	int r = 0;

	switch (c) {
	case '(':
		return take_group(p, ret);
	case '[':
		r = take_set(p, set);
		break;
	case '.':
		put(set, 0, 0xff);
		set['\n' / 32] &= ~(1U << '\n');
		break;
	case '\\':
		if (!put_escape(*p->at, set))
			return wrong(p, "a backslash that means nothing here");
		p->at++;
		break;
	case '*':
	case '+':
	case '?':
	case '{':
	case '}':
	case ']':
		p->at--;
		return wrong(p, "nothing to repeat, or no beginning; write a "
				"backslash before it");
	case '^':
	case '$':
		p->at--;
		return wrong(p, "^ and $ stand only at the ends, where they "
				"are implied");
	default:
		put(set, (unsigned char)c, (unsigned char)c);
		break;
	}
	return r < 0 ? r : fragment(p, set, ret);
}

static bool is_repeat(char c)
{
	return c == '*' || c == '+' || c == '?' || c == '{';
}

static int take_piece(struct parser *p, struct fragment *ret)
{
	size_t first = p->into->count;
	unsigned least, most;
	int r = take_atom(p, ret);

	if (r < 0 || !is_repeat(*p->at))
		return r;
	r = take_repeat(p, &least, &most);
	if (r < 0)
		return r;
	if (is_repeat(*p->at))
		return wrong(p, "a repeat of a repeat");
	return repeat(p, first, least, most, ret);
}

static bool is_end(const struct parser *p)
{
	return *p->at == '\0' || *p->at == '|' || *p->at == ')' ||
	       (p->at[0] == '$' && p->at[1] == '\0' && p->depth == 0);
}

static int take_row(struct parser *p, struct fragment *ret)
{
	int r = nothing(p, ret);

	while (r == 0 && !is_end(p)) {
		struct fragment next = { 0, 0 };

		r = take_piece(p, &next);
		if (r == 0)
			join(p, ret, next);
	}
	return r;
}

static int take_either(struct parser *p, struct fragment *ret)
{
	int r = take_row(p, ret);

	while (r == 0 && *p->at == '|') {
		struct fragment next = { 0, 0 };

		p->alternatives = p->alternatives || p->depth == 0;
		p->at++;
		r = take_row(p, &next);
		if (r == 0)
			r = either(p, ret, &next);
	}
	return r;
}

static int read_all(struct parser *p)
{
	struct fragment all = { 0, 0 };
	uint16_t done = 0;
	bool anchored = *p->at == '^';
	int r;

	p->at += anchored;
	r = take_either(p, &all);
	if (r < 0)
		return r;
	anchored = anchored || *p->at == '$';
	p->at += *p->at == '$';
	if (*p->at == ')')
		return wrong(p, "a ) without its (");
	if (*p->at != '\0')
		return wrong(p, "$ stands only at the end");
	/* "^a|b$" anchors one side of each alternative; nobody means that. */
	if (anchored && p->alternatives)
		return wrong(p, "^ or $ beside a |: put the alternatives in a "
				"group");
	r = add(p, GARITA_REGEXP_DONE, &done);
	if (r < 0)
		return r;
	p->into->states[all.end].next = done;
	p->into->start = all.start;
	return 0;
}

int garita_regexp_read(const char *text, struct garita_regexp **ret,
		       struct garita_error *err)
{
	auto_regexp struct garita_regexp *made = garita_xalloc(sizeof(*made));
	struct parser p = {
		.text = text, .at = text, .into = made, .err = err
	};
	int r;

	if (*text == '\0' || strlen(text) > GARITA_REGEXP_TEXT_MAX)
		return wrong(&p,
			     *text == '\0' ? "it is empty" : "it is too long");
	made->states =
		garita_xcalloc(GARITA_REGEXP_STATES_MAX, sizeof(*made->states));
	r = read_all(&p);
	if (r < 0)
		return r;
	*ret = made;
	made = NULL;
	return 0;
}
