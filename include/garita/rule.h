/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rule - one row of the catalogue.
 *
 * A rule is a row in a table of policy/rules/<family>.c: what it is called,
 * what each profile does with it, the words a person reads, and two functions.
 * `check` looks at the facts and reports findings; it never edits and never
 * fails. `fix` edits the tree so that `check` is quiet, or is NULL where only
 * a refusal is honest.
 *
 * To add a rule: copy a neighbour's row, write its check, add golden pairs in
 * tests/rules/<id>/. To add a family: a new file, one line in rules.c and one
 * in Makefile.am.
 */
#ifndef GARITA_RULE_H
#define GARITA_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "garita/host.h"
#include "garita/image.h"
#include "garita/spec.h"

struct garita_policy;
struct garita_setting;
struct garita_value;
struct garita_report;
struct garita_memo;
struct garita_applied;

/* Ordered from nothing to most. */
enum garita_action {
	GARITA_OFF,
	GARITA_WARN, /* say so, admit */
	GARITA_FIX,  /* repair; refuse where that is off or impossible */
	GARITA_DENY,
	GARITA_ACTIONS,
};
/* "off", "warn", "fix", "deny" */
const char *garita_action_name(enum garita_action action);

enum garita_scope {
	GARITA_SCOPE_CONTAINER = 1 << 0,
	GARITA_SCOPE_SANDBOX = 1 << 1,
	GARITA_SCOPE_EXEC = 1 << 2,
	GARITA_SCOPE_IMAGE = 1 << 3,
	GARITA_SCOPE_UPDATE = 1 << 4, /* new limits for a container */
	GARITA_SCOPE_HOST = 1 << 5,   /* the machine, asked at a start, too */
};

/* GARITA_SCOPE_SANDBOX for the pause program of a pod, else
 * GARITA_SCOPE_CONTAINER. Never believes an annotation alone. */
enum garita_scope garita_spec_subject(const struct garita_spec *spec);

/* A parameter that a rule takes in the policy file beside "allow". */
enum garita_param_kind {
	GARITA_PARAM_STRINGS, /* an array of strings; empty when not given */
	GARITA_PARAM_NUMBER,
};

struct garita_param {
	char name[16]; /* "max", "forbid"; "" ends a table */
	enum garita_param_kind kind;
	char holds[176]; /* words for help and manual, with unit */
	int64_t least, most, otherwise; /* of a number: range and default */
};

/* Everything a check may look at. All borrowed. */
struct garita_case {
	const struct garita_rule *rule; /* the one that is asked */
	const struct garita_spec *spec;
	/* Of an exec or an update, the config that the container was started
	 * with, while `spec` has the new process or limits; else NULL. */
	const struct garita_spec *container;
	const struct garita_image *image;
	const struct garita_host *host;
	const struct garita_policy *policy;
	const struct garita_setting *setting; /* of the rule that is asked */
	const struct garita_applied *applied; /* of all of them (match.h) */
	time_t now;
	struct garita_memo *memo; /* what rules share (policy/memo.h) */
};

/* Room for one reference. Names and lists are arrays of characters wherever a
 * start has them: a pointer to each would have to be relocated at every start,
 * and its page be copied for it (docs/linking.md). */
enum { GARITA_REFERENCE = 72 };

struct garita_rule {
	const char *id;      /* stable; users write it */
	const char *summary; /* what is required, a line for `garita rules` */
	const char *why;     /* one sentence: what goes wrong otherwise */
	const char *remedy;  /* the change that would pass */
	uint16_t scope;      /* enum garita_scope, or-ed */
	/* What of the config `check` looks at and `fix` edits (enum
	 * garita_part, or-ed; 0: all of it). What a repair left alone is not
	 * judged again by rules that look at nothing else. */
	uint16_t reads, writes;
	enum garita_action baseline : 8, restricted : 8, strict : 8;
	const char *allows; /* what an "allow" list holds; NULL: takes none */
	const struct garita_param *params; /* further ones; NULL: none */
	const char *part_of; /* id whose finding covers this rule's; or NULL */
	const char (*references)[GARITA_REFERENCE]; /* ends in "" */
	void (*check)(const struct garita_case *of, struct garita_report *out);
	/* NULL: cannot be repaired. Returns 0 or -errno (then: a refusal). */
	int (*fix)(const struct garita_case *of, struct garita_json_doc *config,
		   struct garita_error *err);
};

/* All rules in one order, which is also the order of repair. */
size_t garita_rule_count(void) __attribute__((const));
const struct garita_rule *garita_rule_at(size_t i) __attribute__((const));
/* The same one after the other, for the start path: garita_rule_at() counts
 * from the first one. Begin with zeros; false behind the last. */
struct garita_rule_walk {
	const struct garita_rule *rule;
	size_t i;
	size_t families; /* begun */
};
bool garita_rule_next(struct garita_rule_walk *walk);
/* Index of an id, or -1. */
int garita_rule_find(const char *id);
/* The id nearest to a misspelt one, or NULL when none is near. */
const char *garita_rule_nearest(const char *id);

/* For checks: adds a finding at a JSON pointer. `found` and `wanted` are what
 * the person reads ("uid 0", "a uid other than 0"). Never put a value of
 * process.env there. */
void garita_report(struct garita_report *out, const char *pointer,
		   const char *wanted, const char *found_fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));
/* As garita_report(), for a fact that is not known: it does not pass. */
void garita_report_unknown(struct garita_report *out, const char *pointer,
			   const char *wanted, const char *found_fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));
/* Rows of the rule's parameter table. */
size_t garita_rule_param_count(const struct garita_rule *rule);
/* For checks: a parameter of the rule that is asked, which must have it. */
int64_t garita_param_number(const struct garita_case *of, const char *name);
bool garita_param_has(const struct garita_case *of, const char *name,
		      const char *value);
/* The strings of a parameter; *ret_count may be 0. */
char *const *garita_param_strings(const struct garita_case *of,
				  const char *name, size_t *ret_count);
/* The i-th row of the rule's parameters as the setting has it. */
const struct garita_value *garita_setting_value(
	const struct garita_setting *setting, size_t i);
/* What the policy says of another rule with this container. */
const struct garita_setting *garita_setting_of(const struct garita_case *of,
					       const char *id);
/* What comes of a finding of another rule: its action, or off where an
 * exception holds for this container. */
enum garita_action garita_action_of(const struct garita_case *of,
				    const char *id);
/* Does another rule act at least as strictly, so that what both would find is
 * said once? */
bool garita_said_by(const struct garita_case *of, const char *id);
/* Is `value` one of the setting's allow list? */
bool garita_setting_allows(const struct garita_setting *setting,
			   const char *value);
/* Does a path pattern of it (path.h) match? */
bool garita_setting_allows_path(const struct garita_setting *setting,
				const char *path);

#endif
