/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_profile - a profile as the list of rules that each call has.
 *
 * Internal to seccomp_*.c. Rules that a
 * runtime leaves out, because they answer what the default answers, are not
 * here. Where runtimes or versions of libseccomp may answer differently a rule
 * is "doubtful": it may hold and may not.
 */
#ifndef GARITA_POLICY_SECCOMP_PROFILE_H
#define GARITA_POLICY_SECCOMP_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "garita/seccomp.h"

enum {
	GARITA_SECCOMP_CALLS = 505,   /* names in our table */
	GARITA_SECCOMP_UNKNOWN = 64,  /* names in no table; more: no reading */
	GARITA_SECCOMP_CASES = 32768, /* rules times calls; the same */
	GARITA_SECCOMP_ARGS = 6,
	/* Calls of a profile: those of the table, and unknown names, of which
	 * one that was made of two profiles has those of both. */
	GARITA_SECCOMP_INDICES =
		GARITA_SECCOMP_CALLS + 2 * GARITA_SECCOMP_UNKNOWN,
	GARITA_SECCOMP_WORDS = (GARITA_SECCOMP_INDICES + 63) / 64,
	GARITA_SECCOMP_GROUPS = 4,
};

/* Calls by their index. */
struct garita_seccomp_set {
	uint64_t words[GARITA_SECCOMP_WORDS];
};
static inline bool garita_seccomp_has(const struct garita_seccomp_set *set,
				      size_t call)
{
	return set->words[call / 64] >> call % 64 & 1;
}
static inline void garita_seccomp_put(struct garita_seccomp_set *set,
				      size_t call)
{
	set->words[call / 64] |= UINT64_C(1) << call % 64;
}
/* The first call of the set from this one on; GARITA_SECCOMP_INDICES or more:
 * none. */
static inline size_t garita_seccomp_from(const struct garita_seccomp_set *set,
					 size_t call)
{
	size_t i = call / 64;
	uint64_t left = i < GARITA_SECCOMP_WORDS
				? set->words[i] & UINT64_MAX << call % 64
				: 0;

	while (left == 0 && ++i < GARITA_SECCOMP_WORDS)
		left = set->words[i];
	return left != 0 ? i * 64 + (size_t)__builtin_ctzll(left)
			 : GARITA_SECCOMP_INDICES;
}
#define GARITA_SECCOMP_EACH(call, set)                                         \
	for (size_t call = garita_seccomp_from(set, 0);                        \
	     call < GARITA_SECCOMP_INDICES;                                    \
	     call = garita_seccomp_from(set, call + 1))

enum garita_seccomp_architecture {
	GARITA_ARCH_X86_64,
	GARITA_ARCH_AARCH64,
	GARITA_ARCH_RISCV64,
	GARITA_ARCH_S390X,
	GARITA_ARCH_PPC64LE,
	GARITA_ARCH_ARM,
	GARITA_ARCH_X86,
	GARITA_ARCH_X32,
	GARITA_ARCH_S390,
	GARITA_ARCH_OTHER, /* here and beyond: no names are known */
	GARITA_ARCH_END = 23,
};

/* "SCMP_ARCH_X86_64", ... */
const char *garita_seccomp_arch_name(unsigned arch);

/* Index of a call's name, or -1; and back. */
int garita_seccomp_call(const char *name, size_t len);
struct garita_seccomp_name {
	char name[30]; /* may be read in steps, too */
	uint16_t on;   /* bits of the architectures that have the call */
};
extern const struct garita_seccomp_name
	garita_seccomp_names[GARITA_SECCOMP_CALLS];
static inline const char *garita_seccomp_call_name(size_t call)
{
	return garita_seccomp_names[call].name;
}
static inline unsigned garita_seccomp_call_on(size_t call)
{
	return garita_seccomp_names[call].on;
}
/* Calls that any of these architectures has: all, where one is beyond the
 * table. */
struct garita_seccomp_set garita_seccomp_calls_on(unsigned arches);

enum __attribute__((packed)) garita_seccomp_kind {
	GARITA_SECCOMP_KILL_PROCESS,
	GARITA_SECCOMP_KILL_THREAD,
	GARITA_SECCOMP_TRAP,
	GARITA_SECCOMP_ERRNO, /* up to here the call is not made */
	GARITA_SECCOMP_NOTIFY,
	GARITA_SECCOMP_TRACE,
	GARITA_SECCOMP_LOG,
	GARITA_SECCOMP_ALLOW,
};

struct garita_seccomp_answer {
	enum garita_seccomp_kind kind;
	uint16_t number; /* of ERRNO and TRACE; else 0 */
};

/* Does the call get made, or may a third party make it? */
static inline bool garita_seccomp_lets(struct garita_seccomp_answer answer)
{
	return answer.kind > GARITA_SECCOMP_ERRNO;
}
static inline bool garita_seccomp_same(struct garita_seccomp_answer a,
				       struct garita_seccomp_answer b)
{
	return a.kind == b.kind && a.number == b.number;
}

enum garita_seccomp_op {
	GARITA_SECCOMP_NE,
	GARITA_SECCOMP_LT,
	GARITA_SECCOMP_LE,
	GARITA_SECCOMP_EQ,
	GARITA_SECCOMP_GE,
	GARITA_SECCOMP_GT,
	GARITA_SECCOMP_MASKED, /* (argument & value) == rest */
};

struct garita_seccomp_condition {
	unsigned arg; /* below GARITA_SECCOMP_ARGS */
	enum garita_seccomp_op op;
	uint64_t value, rest;
};
bool garita_seccomp_holds(const struct garita_seccomp_condition *condition,
			  uint64_t arg);

/* One rule for one call. */
struct garita_seccomp_case {
	struct garita_seccomp_answer answer;
	bool doubtful; /* without conditions: may hold for any arguments */
	uint8_t count; /* conditions; all must hold */
	uint16_t next; /* of the same call; 0: the last */
	uint16_t last; /* of the same call, in its first one */
	uint32_t from; /* the first condition in the profile's list */
};

/* Nearly all calls of a profile have one rule, it has no condition, and there
 * are two or three answers: calls with the same one are a set, and what is to
 * be known of all of them is a few words' work. A start reads and compares a
 * thousand names, and a page that is touched for the first time costs as much
 * as a hundred of them. */
struct garita_seccomp_group {
	struct garita_seccomp_case rule;
	struct garita_seccomp_set calls;
};

struct garita_seccomp {
	struct garita_seccomp_answer otherwise;
	unsigned arches; /* bits, with the native one */
	unsigned native; /* its bit */
	bool confines;   /* the default or a rule with a name stops */
	/* Calls that have rules: in `listed`, or else in one of the groups. */
	struct garita_seccomp_set named, listed;
	struct garita_seccomp_group groups[GARITA_SECCOMP_GROUPS];
	size_t group_count;
	struct garita_seccomp_case *cases; /* the first is none */
	size_t case_count, case_room;
	struct garita_seccomp_condition *conditions;
	size_t condition_count, condition_room;
	/* Of listed calls: the first case. GARITA_SECCOMP_CALLS + i is the i-th
	 * unknown name. */
	uint16_t first[GARITA_SECCOMP_INDICES];
	const char **unknown; /* names are borrowed */
	size_t unknown_count;
};

struct garita_seccomp *garita_seccomp_new(struct garita_seccomp_answer other,
					  unsigned native, unsigned arches);
/* Adds a rule for a call with `count` conditions of the profile's list. One
 * that answers as the default does is left out. */
void garita_seccomp_add(struct garita_seccomp *profile, size_t call,
			struct garita_seccomp_answer answer, bool doubtful,
			size_t from, unsigned count);
/* Adds one without conditions for all of these. */
void garita_seccomp_add_set(struct garita_seccomp *profile,
			    const struct garita_seccomp_set *calls,
			    struct garita_seccomp_answer answer);
size_t garita_seccomp_add_condition(
	struct garita_seccomp *profile,
	const struct garita_seccomp_condition *condition);
/* Index of a known or unknown name in this profile, or -1. */
int garita_seccomp_find(const struct garita_seccomp *profile, const char *name,
			size_t len);
/* The same; a new one is given an index, unless there are `most` already. */
int garita_seccomp_index(struct garita_seccomp *profile, const char *name,
			 size_t most);
/* "calls[call]" has a name. */
static inline const char *garita_seccomp_name(
	const struct garita_seccomp *profile, size_t call)
{
	return call < GARITA_SECCOMP_CALLS
		       ? garita_seccomp_call_name(call)
		       : profile->unknown[call - GARITA_SECCOMP_CALLS];
}

/* The first rule of a call, and the one after: NULL behind the last. */
static inline const struct garita_seccomp_case *garita_seccomp_first(
	const struct garita_seccomp *profile, int call)
{
	size_t at = (size_t)call;

	if (call < 0 || !garita_seccomp_has(&profile->named, at))
		return NULL;
	if (garita_seccomp_has(&profile->listed, at))
		return &profile->cases[profile->first[at]];
	for (size_t i = 0; i < profile->group_count; i++)
		if (garita_seccomp_has(&profile->groups[i].calls, at))
			return &profile->groups[i].rule;
	return NULL;
}
static inline const struct garita_seccomp_case *garita_seccomp_next(
	const struct garita_seccomp *profile,
	const struct garita_seccomp_case *at)
{
	return at->next == 0 ? NULL : &profile->cases[at->next];
}

/* What becomes of calls whatever their arguments: each is in one of the sets,
 * but for listed ones. */
struct garita_seccomp_sorted {
	struct garita_seccomp_set let, stopped;
};
struct garita_seccomp_sorted garita_seccomp_sort(
	const struct garita_seccomp *profile);

/* The same of one call, by its rules. */
enum garita_seccomp_plain {
	GARITA_SECCOMP_BY_ARGUMENTS, /* or doubtful, or several rules */
	GARITA_SECCOMP_STOPPED,
	GARITA_SECCOMP_LET,
};
static inline enum garita_seccomp_plain garita_seccomp_plainly(
	const struct garita_seccomp *profile, int call,
	struct garita_seccomp_answer *ret)
{
	const struct garita_seccomp_case *c =
		garita_seccomp_first(profile, call);

	if (c != NULL && (c->next != 0 || c->count > 0 || c->doubtful))
		return GARITA_SECCOMP_BY_ARGUMENTS;
	*ret = c != NULL ? c->answer : profile->otherwise;
	return garita_seccomp_lets(*ret) ? GARITA_SECCOMP_LET
					 : GARITA_SECCOMP_STOPPED;
}

/* What is known of one call with these arguments. */
struct garita_seccomp_effect {
	bool may;  /* can be let through */
	bool must; /* is let through, whoever reads the profile */
};
/* `call`: index in this profile, or -1 for one it does not name. */
struct garita_seccomp_effect garita_seccomp_ask(
	const struct garita_seccomp *profile, int call,
	const uint64_t args[GARITA_SECCOMP_ARGS]);

/* Has the call the same rules in both, but for how they let through and stop,
 * and the same default? Then they are read alike, whoever reads them. */
bool garita_seccomp_same_rules(const struct garita_seccomp *a, int call_a,
			       const struct garita_seccomp *b, int call_b);

/* As garita_seccomp_may(), by index. */
bool garita_seccomp_may_call(const struct garita_seccomp *profile, int call,
			     int arg, uint64_t value);

/* "allowed", "EPERM", "killed", ... */
void garita_seccomp_answer_words(struct garita_seccomp_answer answer,
				 char into[GARITA_SECCOMP_ANSWER]);
/* Sets the default action, the architectures and the rules of `ret`, a
 * linux.seccomp object of `doc`, writing over nodes of the rules that were
 * there; other members stay. Doubts are not kept: the profile has none. */
void garita_seccomp_write(const struct garita_seccomp *profile,
			  struct garita_json_doc *doc, struct garita_json *ret);
/* Its name, or NULL. */
const char *garita_seccomp_errno_name(uint32_t number);

/* Calls that a multiplexer also makes: socketcall, ipc. NULL: none. */
const char *garita_seccomp_behind(const char *name);
/* Architectures that have multiplexers. */
unsigned garita_seccomp_multiplexed(void);

#endif
