/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * seccomp_terms - the arguments for which a call is let through, as a list of
 * terms: any of them, each with at most one condition on an argument, which is
 * the one form that runc, crun and libseccomp all read alike.
 */
#ifndef GARITA_POLICY_SECCOMP_TERMS_H
#define GARITA_POLICY_SECCOMP_TERMS_H

#include "policy/seccomp_profile.h"

enum { GARITA_TERMS_MAX = 64 };

struct garita_term {
	struct garita_seccomp_answer answer; /* it lets through */
	unsigned used; /* bit n: condition[n]; 0: for any arguments */
	struct garita_seccomp_condition condition[GARITA_SECCOMP_ARGS];
};

struct garita_terms {
	struct garita_term *list;
	size_t count, room; /* at most GARITA_TERMS_MAX */
};
void garita_terms_free(struct garita_terms *terms);
#define auto_terms                                                             \
	__attribute__((cleanup(garita_terms_free))) struct garita_terms

/* What the profile surely lets through of a call (-1: one it does not name).
 * Where that has no exact form, or too many terms, it is less. */
void garita_terms_of(const struct garita_seccomp *profile, int call,
		     struct garita_terms *ret);
/* What both have, with the stricter answer; the same holds. */
void garita_terms_both(const struct garita_terms *a,
		       const struct garita_terms *b, struct garita_terms *ret);

#endif
