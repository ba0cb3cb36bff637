/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * regexp - does an expression fit? Its machine (regexp_read.c) is in several
 * states at once, so there is nothing to go back to: no expression and no text
 * takes long, which is why this is not regcomp(3), that in the C library can
 * take a second and gigabytes for a line.
 */
#include "garita/regexp.h"

#include <string.h>

#include "garita/memory.h"
#include "policy/regexp_machine.h"

void garita_regexp_free(struct garita_regexp *one)
{
	if (one == NULL)
		return;
	free(one->states);
	free(one);
}

/* States in which the machine is, each once. */
struct crowd {
	uint16_t *at;
	size_t count;
	uint8_t *in; /* bits: is it in `at`? */
};

static void crowd_put(struct crowd *crowd, uint16_t state)
{
	if (crowd->in[state / 8] & (1U << state % 8))
		return;
	crowd->in[state / 8] |= (uint8_t)(1U << state % 8);
	crowd->at[crowd->count++] = state;
}

/* Everywhere one can get without taking a byte. */
static void spread(const struct garita_regexp *of, struct crowd *crowd)
{
	for (size_t i = 0; i < crowd->count; i++) {
		const struct garita_regexp_state *state =
			&of->states[crowd->at[i]];

		if (state->op == GARITA_REGEXP_EMPTY ||
		    state->op == GARITA_REGEXP_SPLIT)
			crowd_put(crowd, state->next);
		if (state->op == GARITA_REGEXP_SPLIT)
			crowd_put(crowd, state->other);
	}
}

static void step(const struct garita_regexp *of, const struct crowd *from,
		 unsigned char c, struct crowd *to)
{
	memset(to->in, 0, GARITA_REGEXP_STATES_MAX / 8);
	to->count = 0;
	for (size_t i = 0; i < from->count; i++) {
		const struct garita_regexp_state *state =
			&of->states[from->at[i]];

		if (state->op == GARITA_REGEXP_SET &&
		    (state->set[c / 32] & (1U << c % 32)))
			crowd_put(to, state->next);
	}
	spread(of, to);
}

bool garita_regexp_fits(const struct garita_regexp *of, const char *text,
			size_t len)
{
	auto_free uint16_t *room = garita_xcalloc(
		(size_t)2 * GARITA_REGEXP_STATES_MAX, sizeof(*room));
	uint8_t in[2][GARITA_REGEXP_STATES_MAX / 8] = { 0 };
	struct crowd here = { .at = room, .in = in[0] };
	struct crowd next = { .at = room + GARITA_REGEXP_STATES_MAX,
			      .in = in[1] };

	crowd_put(&here, of->start);
	spread(of, &here);
	for (size_t i = 0; i < len && here.count > 0; i++) {
		struct crowd kept = here;

		step(of, &here, (unsigned char)text[i], &next);
		here = next;
		next = kept;
	}
	for (size_t i = 0; i < here.count; i++)
		if (of->states[here.at[i]].op == GARITA_REGEXP_DONE)
			return true;
	return false;
}
