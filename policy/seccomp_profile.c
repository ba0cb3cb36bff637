/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_profile - making a profile of rules, and what it knows of calls.
 */
#include "policy/seccomp_profile.h"

#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"

struct garita_seccomp *garita_seccomp_new(struct garita_seccomp_answer other,
					  unsigned native, unsigned arches)
{
	struct garita_seccomp *profile = garita_xalloc(sizeof(*profile));

	profile->otherwise = other;
	profile->native = native;
	profile->arches = arches | native;
	return profile;
}

void garita_seccomp_free(struct garita_seccomp *profile)
{
	if (!profile)
		return;
	free(profile->cases);
	free(profile->conditions);
	free(profile->unknown);
	free(profile);
}

size_t garita_seccomp_add_condition(
	struct garita_seccomp *profile,
	const struct garita_seccomp_condition *condition)
{
	if (profile->condition_count == profile->condition_room) {
		profile->condition_room = profile->condition_room * 2 + 16;
		profile->conditions = garita_xresize(
			profile->conditions, profile->condition_room,
			sizeof(*profile->conditions));
	}
	profile->conditions[profile->condition_count] = *condition;
	return profile->condition_count++;
}

/* ---- rules ---- */
static uint16_t add_case(struct garita_seccomp *profile,
			 const struct garita_seccomp_case *one)
{
	if (profile->case_count == profile->case_room) {
		profile->case_room = profile->case_room * 2 + 32;
		profile->cases =
			garita_xresize(profile->cases, profile->case_room,
				       sizeof(*profile->cases));
	}
	if (profile->case_count == 0) /* which stands for none */
		profile->cases[profile->case_count++] =
			(struct garita_seccomp_case){ .next = 0 };
	/* Readers stop at GARITA_SECCOMP_CASES, so this is never so. */
	if (profile->case_count > UINT16_MAX)
		garita_out_of_memory();
	profile->cases[profile->case_count] = *one;
	return (uint16_t)profile->case_count++;
}

/* The calls with one rule, without conditions and with this answer; NULL when
 * there are too many answers. */
static struct garita_seccomp_set *group_of(struct garita_seccomp *profile,
					   struct garita_seccomp_answer answer)
{
	struct garita_seccomp_group *groups = profile->groups;

	for (size_t i = 0; i < profile->group_count; i++) {
		if (garita_seccomp_same(groups[i].rule.answer, answer))
			return &groups[i].calls;
	}
	if (profile->group_count == GARITA_SECCOMP_GROUPS)
		return NULL;
	groups[profile->group_count].rule.answer = answer;
	return &groups[profile->group_count++].calls;
}

/* A rule for a call that has none. */
static void add_first(struct garita_seccomp *profile, size_t call,
		      const struct garita_seccomp_case *one)
{
	struct garita_seccomp_set *group = NULL;
	uint16_t at;

	if (one->count == 0 && !one->doubtful)
		group = group_of(profile, one->answer);
	garita_seccomp_put(&profile->named, call);
	if (group) {
		garita_seccomp_put(group, call);
		return;
	}
	at = add_case(profile, one);
	profile->cases[at].last = at;
	profile->first[call] = at;
	garita_seccomp_put(&profile->listed, call);
}

/* A second rule takes a call out of its group. */
static void leave_group(struct garita_seccomp *profile, size_t call)
{
	for (size_t i = 0; i < profile->group_count; i++) {
		struct garita_seccomp_group *group = &profile->groups[i];
		uint16_t at;

		if (!garita_seccomp_has(&group->calls, call))
			continue;
		group->calls.words[call / 64] &= ~(UINT64_C(1) << call % 64);
		at = add_case(profile, &group->rule);
		profile->cases[at].last = at;
		profile->first[call] = at;
		garita_seccomp_put(&profile->listed, call);
	}
}

static void add_next(struct garita_seccomp *profile, size_t call,
		     const struct garita_seccomp_case *one)
{
	struct garita_seccomp_case *first;
	uint16_t at;

	if (!garita_seccomp_has(&profile->listed, call))
		leave_group(profile, call);
	at = add_case(profile, one);
	first = &profile->cases[profile->first[call]];
	profile->cases[first->last].next = at;
	first->last = at;
}

void garita_seccomp_add(struct garita_seccomp *profile, size_t call,
			struct garita_seccomp_answer answer, bool doubtful,
			size_t from, unsigned count)
{
	const struct garita_seccomp_case one = {
		.answer = answer,
		.doubtful = doubtful,
		.count = (uint8_t)count,
		.from = (uint32_t)from,
	};

	if (garita_seccomp_same(answer, profile->otherwise))
		return;
	if (garita_seccomp_has(&profile->named, call))
		add_next(profile, call, &one);
	else
		add_first(profile, call, &one);
}

void garita_seccomp_add_set(struct garita_seccomp *profile,
			    const struct garita_seccomp_set *calls,
			    struct garita_seccomp_answer answer)
{
	struct garita_seccomp_set left = *calls, *group;

	if (garita_seccomp_same(answer, profile->otherwise))
		return;
	group = group_of(profile, answer);
	for (size_t i = 0; group && i < GARITA_SECCOMP_WORDS; i++) {
		uint64_t new = left.words[i] & ~profile->named.words[i];

		group->words[i] |= new;
		profile->named.words[i] |= new;
		left.words[i] &= ~new;
	}
	GARITA_SECCOMP_EACH(call, &left)
	garita_seccomp_add(profile, call, answer, false, 0, 0);
}

struct garita_seccomp_sorted garita_seccomp_sort(
	const struct garita_seccomp *profile)
{
	bool other = garita_seccomp_lets(profile->otherwise);
	struct garita_seccomp_sorted sorted = { 0 };
	struct garita_seccomp_set *rest = other ? &sorted.let : &sorted.stopped;

	for (size_t i = 0; i < GARITA_SECCOMP_WORDS; i++)
		rest->words[i] = ~profile->named.words[i];
	for (size_t g = 0; g < profile->group_count; g++) {
		const struct garita_seccomp_group *group = &profile->groups[g];
		struct garita_seccomp_set *of =
			garita_seccomp_lets(group->rule.answer)
				? &sorted.let
				: &sorted.stopped;

		for (size_t i = 0; i < GARITA_SECCOMP_WORDS; i++)
			of->words[i] |= group->calls.words[i];
	}
	return sorted;
}

/* ---- names ---- */
int garita_seccomp_find(const struct garita_seccomp *profile, const char *name,
			size_t len)
{
	int known = garita_seccomp_call(name, len);

	if (known >= 0)
		return known;
	for (size_t i = 0; i < profile->unknown_count; i++) {
		if (strncmp(profile->unknown[i], name, len) == 0 &&
		    profile->unknown[i][len] == '\0')
			return (int)(GARITA_SECCOMP_CALLS + i);
	}
	return -1;
}

int garita_seccomp_index(struct garita_seccomp *profile, const char *name,
			 size_t most)
{
	int call = garita_seccomp_find(profile, name, strlen(name));

	if (call >= 0 || profile->unknown_count == most)
		return call;
	if (profile->unknown == NULL)
		profile->unknown = garita_xcalloc(GARITA_SECCOMP_INDICES -
							  GARITA_SECCOMP_CALLS,
						  sizeof(*profile->unknown));
	profile->unknown[profile->unknown_count] = name;
	return (int)(GARITA_SECCOMP_CALLS + profile->unknown_count++);
}
