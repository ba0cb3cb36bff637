/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_profile - a profile as the list of rules that each call has.
 *
 * Internal to seccomp_{read,cells,compare,terms,intersect}.c. Rules that a
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
};

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
/* The bit of a name, 0 when libseccomp has no such architecture. */
unsigned garita_seccomp_arch_bit(const char *name);

/* Index of a call's name, or -1; and back. */
int garita_seccomp_call(const char *name, size_t len);
/* The same, looking first just behind the row that was found last: profiles
 * list their names in order. */
int garita_seccomp_call_near(const char *name, int last);
const char *garita_seccomp_call_name(size_t call);
/* Bits of the architectures that have the call. */
unsigned garita_seccomp_call_on(size_t call);

/* Small: a start holds a thousand of them, and a page that is touched for the
 * first time costs as much as reading a hundred names. */
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
	int16_t next;  /* of the same call; -1: the last */
	uint32_t from; /* the first condition in the profile's list */
};

struct garita_seccomp {
	struct garita_seccomp_answer otherwise;
	unsigned arches; /* bits, with the native one */
	unsigned native; /* its bit */
	struct garita_seccomp_case *cases;
	size_t case_count, case_room;
	struct garita_seccomp_condition *conditions;
	size_t condition_count, condition_room;
	/* By call: GARITA_SECCOMP_CALLS + i is the i-th unknown name. */
	struct {
		int16_t first, last;
	} calls[GARITA_SECCOMP_CALLS + GARITA_SECCOMP_UNKNOWN];
	const char *unknown[GARITA_SECCOMP_UNKNOWN]; /* borrowed */
	size_t unknown_count;
	int last; /* row of the name that was read last */
};

struct garita_seccomp *garita_seccomp_new(struct garita_seccomp_answer other,
					  unsigned native, unsigned arches);
/* Adds a rule for a call with the `count` conditions that were added last. */
void garita_seccomp_add(struct garita_seccomp *profile, size_t call,
			struct garita_seccomp_answer answer, bool doubtful,
			size_t from, unsigned count);
size_t garita_seccomp_add_condition(
	struct garita_seccomp *profile,
	const struct garita_seccomp_condition *condition);
/* Index of a known or unknown name in this profile, or -1. */
int garita_seccomp_find(const struct garita_seccomp *profile, const char *name,
			size_t len);
/* "calls[call]" has a name. */
const char *garita_seccomp_name(const struct garita_seccomp *profile,
				size_t call);

/* The first rule of a call, and the one after: NULL behind the last. */
static inline const struct garita_seccomp_case *garita_seccomp_first(
	const struct garita_seccomp *profile, int call)
{
	int first = call < 0 ? -1 : profile->calls[call].first;

	return first < 0 ? NULL : &profile->cases[first];
}
static inline const struct garita_seccomp_case *garita_seccomp_next(
	const struct garita_seccomp *profile,
	const struct garita_seccomp_case *at)
{
	return at->next < 0 ? NULL : &profile->cases[at->next];
}

/* What becomes of a call whatever its arguments. Most calls have one rule and
 * no condition, or none: no cell has to be tried for those. */
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

	if (c != NULL && (c->next >= 0 || c->count > 0 || c->doubtful))
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

/* As garita_seccomp_may(), by index. */
bool garita_seccomp_may_call(const struct garita_seccomp *profile, int call,
			     int arg, uint64_t value);

/* "allowed", "EPERM", "killed", ... */
void garita_seccomp_answer_words(struct garita_seccomp_answer answer,
				 char *into, size_t size);
/* Its name, or NULL. */
const char *garita_seccomp_errno_name(uint32_t number);

/* Calls that a multiplexer also makes: socketcall, ipc. NULL: none. */
const char *garita_seccomp_behind(const char *name);
/* Architectures that have multiplexers. */
unsigned garita_seccomp_multiplexed(void);

#endif
