/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attest - do the attestations that were verified say what is wanted?
 */
#ifndef GARITA_POLICY_TRUST_ATTEST_H
#define GARITA_POLICY_TRUST_ATTEST_H

#include "policy/trust/format.h"

enum {
	/* Seconds that clocks may be apart. */
	GARITA_ATTEST_SKEW = 300,
};

struct garita_attest_case {
	const struct garita_attestation *wanted;
	/* Of the signers that are wanted, about the image, with a statement of
	 * a type that is wanted. */
	const struct garita_claim *const *claims;
	size_t count;
	/* The digests that stand for the image. */
	const char *const *digests;
	size_t digest_count;
	time_t now;
};

/* True with one sentence and, in *ret_until, until when it is true (0: for
 * good); false, and every reason is a note in `notes`. */
bool garita_attest_judge(const struct garita_attest_case *of,
			 struct garita_claims *notes, char *ret_words,
			 size_t size, time_t *ret_until);
/* The same of a scanner's findings (attest_scan.c). */
bool garita_attest_scan(const struct garita_attest_case *of,
			struct garita_claims *notes, char *ret_words,
			size_t size, time_t *ret_until);

/* Shared by the two. */
const struct garita_json *garita_attest_predicate(
	const struct garita_claim *claim);
void garita_attest_note(struct garita_claims *notes,
			const struct garita_claim *claim, enum garita_step step,
			const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* That it counts, for whom notes are made: the words, and how old it is. */
void garita_attest_counts(const struct garita_attest_case *of,
			  const struct garita_claim *claim,
			  struct garita_claims *notes, const char *words,
			  time_t when);
/* The earlier of two moments of which 0 is none. */
time_t garita_attest_earlier(time_t a, time_t b);
/* "2026-11-20T10:00:05Z" */
enum { GARITA_ATTEST_TIME_SIZE = 80 };
const char *garita_attest_time_words(time_t when, char *into);
/* "51 days" */
const char *garita_attest_age_words(time_t age, char *into);
/* False with a note for what is older than it may be, of the future, or does
 * not say (which is fine where any age is). *ret_when: 0 when it does not say.
 * *ret_until: when the answer changes. */
bool garita_attest_age(const struct garita_attest_case *of,
		       const struct garita_claim *claim,
		       struct garita_claims *notes, time_t *ret_when,
		       time_t *ret_until);

#endif
