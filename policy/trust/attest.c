/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attest - attestations of which any will do: provenance by a builder and from
 * a source that the policy names, a list of contents, a statement of some
 * other type. Of scans only the newest will do: attest_scan.c.
 */
#include "policy/trust/attest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/glob.h"
#include "policy/trust/predicate.h"

const struct garita_json *garita_attest_predicate(
	const struct garita_claim *claim)
{
	return garita_json_get(garita_json_root(claim->statement), "predicate");
}

void garita_attest_note(struct garita_claims *notes,
			const struct garita_claim *claim, enum garita_step step,
			const char *fmt, ...)
{
	const struct garita_blob from = { .name = claim->from };
	char words[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	garita_claims_note_at(notes, step, claim->format, &from, "%s", words);
}

time_t garita_attest_earlier(time_t a, time_t b)
{
	if (a == 0 || b == 0)
		return a == 0 ? b : a;
	return a < b ? a : b;
}

const char *garita_attest_time_words(time_t when, char *into)
{
	struct tm tm = { 0 };

	gmtime_r(&when, &tm);
	snprintf(into, GARITA_ATTEST_TIME_SIZE,
		 "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900,
		 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return into;
}

const char *garita_attest_age_words(time_t age, char *into)
{
	static const struct {
		const char *unit;
		time_t seconds;
	} units[] = { { "days", 86400 }, { "hours", 3600 }, { "minutes", 60 } };

	for (size_t i = 0; i < GARITA_COUNT(units); i++) {
		if (age < 2 * units[i].seconds)
			continue;
		snprintf(into, GARITA_ATTEST_TIME_SIZE, "%lld %s",
			 (long long)(age / units[i].seconds), units[i].unit);
		return into;
	}
	snprintf(into, GARITA_ATTEST_TIME_SIZE, "%lld seconds", (long long)age);
	return into;
}

void garita_attest_counts(const struct garita_attest_case *of,
			  const struct garita_claim *claim,
			  struct garita_claims *notes, const char *words,
			  time_t when)
{
	char age[GARITA_ATTEST_TIME_SIZE];
	auto_text line = { 0 };

	garita_text_puts(&line, words);
	if (when != 0)
		garita_text_printf(
			&line, "; %s old",
			garita_attest_age_words(
				when < of->now ? of->now - when : 0, age));
	garita_claims_put(notes->notes, GARITA_NOTE_YES, claim->from,
			  claim->format, line.data);
}

bool garita_attest_age(const struct garita_attest_case *of,
		       const struct garita_claim *claim,
		       struct garita_claims *notes, time_t *ret_when,
		       time_t *ret_until)
{
	char when[GARITA_ATTEST_TIME_SIZE], age[GARITA_ATTEST_TIME_SIZE],
		most[GARITA_ATTEST_TIME_SIZE];
	time_t max_age = (time_t)of->wanted->max_age, at;
	struct garita_error err = { 0 };
	int rc = garita_predicate_time(claim->predicate_type,
				       garita_attest_predicate(claim), &at,
				       &err);

	*ret_when = 0;
	*ret_until = 0;
	if (rc == -ENOENT && max_age == 0)
		return true;
	if (rc < 0) {
		garita_attest_note(notes, claim, GARITA_STEP_AGE, "age: %s",
				   err.text);
		return false;
	}
	*ret_when = at;
	if (at > of->now + GARITA_ATTEST_SKEW) {
		*ret_until = at - GARITA_ATTEST_SKEW;
		garita_attest_note(notes, claim, GARITA_STEP_AGE,
				   "age: it is of %s, which is still to come",
				   garita_attest_time_words(at, when));
		return false;
	}
	if (max_age > 0 && of->now - at >= max_age) {
		garita_attest_note(
			notes, claim, GARITA_STEP_AGE,
			"age: it is of %s, %s ago, and %s are allowed",
			garita_attest_time_words(at, when),
			garita_attest_age_words(of->now - at, age),
			garita_attest_age_words(max_age, most));
		return false;
	}
	if (max_age > 0)
		*ret_until = at + max_age;
	return true;
}

/* ---- provenance ---- */

static bool has(const struct garita_words *words, const char *text)
{
	for (size_t i = 0; i < words->count; i++)
		if (text != NULL && strcmp(words->all[i], text) == 0)
			return true;
	return words->count == 0;
}

static bool fits(const struct garita_words *patterns, const char *text)
{
	for (size_t i = 0; i < patterns->count; i++)
		if (text != NULL && garita_glob(patterns->all[i], text))
			return true;
	return patterns->count == 0;
}

static bool is_built_so(const struct garita_attest_case *of,
			const struct garita_claim *claim,
			struct garita_claims *notes,
			struct garita_provenance *ret)
{
	const struct garita_attestation *wanted = of->wanted;
	struct garita_error err = { 0 };
	const char *what = NULL, *found = NULL;

	if (garita_predicate_provenance(claim->predicate_type,
					garita_attest_predicate(claim), ret,
					&err) < 0) {
		garita_attest_note(notes, claim, GARITA_STEP_PREDICATE,
				   "predicate: %s", err.text);
		return false;
	}
	if (!has(&wanted->builders, ret->builder)) {
		what = "builder";
		found = ret->builder;
	} else if (!fits(&wanted->sources, ret->source)) {
		what = "source";
		found = ret->source;
	} else if (!has(&wanted->build_types, ret->build_type)) {
		what = "build type";
		found = ret->build_type;
	}
	if (what == NULL)
		return true;
	garita_attest_note(notes, claim, GARITA_STEP_CONTENT,
			   "predicate: the %s %.200s is none that the policy "
			   "lists",
			   what, found ? found : "that it does not name");
	return false;
}

static bool is_document(const struct garita_claim *claim,
			struct garita_claims *notes)
{
	struct garita_error err = { 0 };

	if (garita_predicate_shape(claim->predicate_type,
				   garita_attest_predicate(claim), &err) == 0)
		return true;
	garita_attest_note(notes, claim, GARITA_STEP_PREDICATE, "predicate: %s",
			   err.text);
	return false;
}

/* ---- any ---- */

/* Of one claim: true with words when it is what is wanted. */
static bool judge_one(const struct garita_attest_case *of,
		      const struct garita_claim *claim,
		      struct garita_claims *notes, char *ret_words, size_t size,
		      time_t *ret_until)
{
	struct garita_provenance built = { 0 };
	char at[GARITA_ATTEST_TIME_SIZE] = "";
	time_t when;

	if (of->wanted->type == GARITA_ATTEST_PROVENANCE
		    ? !is_built_so(of, claim, notes, &built)
		    : !is_document(claim, notes))
		return false;
	if (!garita_attest_age(of, claim, notes, &when, ret_until))
		return false;
	*ret_until = garita_attest_earlier(*ret_until, claim->until);
	if (when != 0)
		garita_attest_time_words(when, at);
	if (of->wanted->type == GARITA_ATTEST_PROVENANCE)
		snprintf(ret_words, size,
			 "built by %.120s%s%.120s%s%s, says %.160s",
			 built.builder, built.source ? " from " : "",
			 built.source ? built.source : "", *at ? ", " : "", at,
			 claim->signer);
	else
		snprintf(ret_words, size, "%.120s%s%s, signed by %.200s",
			 claim->predicate_type, *at ? " of " : "", at,
			 claim->signer);
	garita_attest_counts(of, claim, notes, ret_words, when);
	return true;
}

static bool longer(time_t one, time_t other)
{
	return other != 0 && (one == 0 || one > other);
}

bool garita_attest_judge(const struct garita_attest_case *of,
			 struct garita_claims *notes, char *ret_words,
			 size_t size, time_t *ret_until)
{
	bool found = false;

	if (of->wanted->type == GARITA_ATTEST_VULN)
		return garita_attest_scan(of, notes, ret_words, size,
					  ret_until);
	/* The one that holds longest. */
	for (size_t i = 0; i < of->count; i++) {
		char words[512];
		time_t until;

		if (!judge_one(of, of->claims[i], notes, words, sizeof(words),
			       &until) ||
		    (found && !longer(until, *ret_until)))
			continue;
		snprintf(ret_words, size, "%s", words);
		*ret_until = until;
		found = true;
	}
	return found;
}
