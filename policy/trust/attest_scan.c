/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * attest_scan - was the image scanned, how bad was it, and how old is that?
 *
 * The newest scan counts and no other: an older one that found nothing does
 * not outweigh it, nor does one whose findings cannot be read fall back to the
 * one before. What is dated to the future is no scan yet; the answer ends when
 * it becomes one. One that does not say when might be the newest: it says
 * nothing good of the image, but what it says against it counts.
 */
#include "policy/trust/attest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/predicate.h"

enum { IDS_SHOWN = 8 };

/* OpenVEX documents that may excuse, the newest first. */
struct excuse {
	const struct garita_claim *claim;
	time_t when;
};

/* What the findings of one scan come to. */
struct tally {
	const struct garita_attest_case *of;
	const struct excuse *excuses;
	size_t excuse_count;
	size_t total, ignored, excused, unfixable, bad;
	struct garita_text ids; /* of the first that are too bad */
	time_t until;
};

/* ---- one finding ---- */

static bool is_ignored(struct tally *tally,
		       const struct garita_finding *finding)
{
	const struct garita_attestation *wanted = tally->of->wanted;

	for (size_t i = 0; i < wanted->ignored_count; i++) {
		const struct garita_ignored *one = &wanted->ignored[i];

		if (tally->of->now >= one->ends ||
		    strcmp(one->id, finding->id) != 0)
			continue;
		tally->until = garita_attest_earlier(tally->until, one->ends);
		return true;
	}
	return false;
}

/* The newest document that says anything about it decides. */
static bool is_excused(struct tally *tally,
		       const struct garita_finding *finding)
{
	for (size_t i = 0; i < tally->excuse_count; i++) {
		const struct garita_claim *claim = tally->excuses[i].claim;

		for (size_t d = 0; d < tally->of->digest_count; d++) {
			bool said = false;
			bool excused = garita_vex_excuses(
				garita_attest_predicate(claim),
				tally->of->digests[d], finding, &said);

			if (!said)
				continue;
			if (excused)
				tally->until = garita_attest_earlier(
					tally->until, claim->until);
			return excused;
		}
	}
	return false;
}

static void count(void *data, const struct garita_finding *finding)
{
	struct tally *tally = data;
	const struct garita_attestation *wanted = tally->of->wanted;
	enum garita_severity severity =
		finding->unknown ? wanted->unknown : finding->severity;

	tally->total++;
	if (severity <= wanted->most)
		return;
	if (wanted->fixable_only && !finding->fixable) {
		tally->unfixable++;
	} else if (is_ignored(tally, finding)) {
		tally->ignored++;
	} else if (is_excused(tally, finding)) {
		tally->excused++;
	} else {
		tally->bad++;
		if (tally->bad <= IDS_SHOWN)
			garita_text_printf(
				&tally->ids, "%s%.40s (%s)",
				tally->bad > 1 ? ", " : "", finding->id,
				finding->unknown
					? "of unknown severity"
					: garita_severity_word(severity));
	}
}

/* ---- one scan ---- */

static void put_count(struct garita_text *out, size_t n, const char *what)
{
	if (n > 0)
		garita_text_printf(out, ", %zu %s", n, what);
}

static const char *scanner_of(const struct garita_claim *claim)
{
	const char *uri = garita_json_string(garita_json_get(
		garita_json_get(garita_attest_predicate(claim), "scanner"),
		"uri"));

	return uri ? uri : "a scanner without a name";
}

static void put_words(const struct tally *tally,
		      const struct garita_claim *claim, time_t when,
		      char *ret_words, size_t size)
{
	enum garita_severity most = tally->of->wanted->most;
	char at[GARITA_ATTEST_TIME_SIZE];
	auto_text words = { 0 };

	garita_text_printf(&words, "scanned %s by %.100s: %zu findings",
			   garita_attest_time_words(when, at),
			   scanner_of(claim), tally->total);
	if (most < GARITA_SEVERITY_CRITICAL)
		garita_text_printf(&words, ", none%s%s that counts",
				   most == GARITA_SEVERITY_NONE ? ""
								: " above ",
				   most == GARITA_SEVERITY_NONE
					   ? ""
					   : garita_severity_word(most));
	put_count(&words, tally->unfixable, "without a fix");
	put_count(&words, tally->ignored, "ignored");
	put_count(&words, tally->excused, "not affected (OpenVEX)");
	garita_text_printf(&words, "; signed by %.200s", claim->signer);
	snprintf(ret_words, size, "%s", words.data);
}

static bool judge(struct tally *tally, const struct garita_claim *claim,
		  struct garita_claims *notes)
{
	enum garita_severity most = tally->of->wanted->most;
	struct garita_error err = { 0 };
	size_t more;

	if (garita_predicate_findings(claim->predicate_type,
				      garita_attest_predicate(claim), count,
				      tally, &err) < 0) {
		garita_attest_note(notes, claim, GARITA_STEP_CONTENT,
				   "predicate: %s", err.text);
		return false;
	}
	if (tally->bad == 0)
		return true;
	more = tally->bad > IDS_SHOWN ? tally->bad - IDS_SHOWN : 0;
	garita_attest_note(
		notes, claim, GARITA_STEP_CONTENT,
		"severity: %zu finding%s%s%s: %s%s", tally->bad,
		tally->bad > 1 ? "s" : "",
		most == GARITA_SEVERITY_NONE ? "" : " above ",
		most == GARITA_SEVERITY_NONE ? "" : garita_severity_word(most),
		tally->ids.data, more > 0 ? " and others" : "");
	return false;
}

/* ---- which of them ---- */

/* The time of every scan and document that has one and is not still to come;
 * what is to come ends the answer. */
static bool time_of(const struct garita_attest_case *of,
		    const struct garita_claim *claim,
		    struct garita_claims *notes, time_t *ret, time_t *until)
{
	const struct garita_attestation any = { .max_age = 0 };
	const struct garita_attest_case at_any_age = { .wanted = &any,
						       .now = of->now };
	time_t ends = 0;
	bool good = garita_attest_age(&at_any_age, claim, notes, ret, &ends);

	*until = garita_attest_earlier(*until, ends);
	if (good && *ret == 0)
		garita_attest_note(notes, claim, GARITA_STEP_AGE,
				   "age: it does not say when");
	return good && *ret != 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct excuse *one = a, *other = b;

	return (one->when < other->when) - (one->when > other->when);
}

static time_t newest_scan(const struct garita_attest_case *of,
			  struct garita_claims *notes, time_t *until)
{
	time_t newest = 0;

	for (size_t i = 0; i < of->count; i++) {
		time_t when = 0;

		if (!garita_predicate_is_vex(of->claims[i]->predicate_type) &&
		    time_of(of, of->claims[i], notes, &when, until) &&
		    when > newest)
			newest = when;
	}
	return newest;
}

static size_t find_excuses(const struct garita_attest_case *of,
			   struct garita_claims *notes, struct excuse *ret,
			   time_t *until)
{
	size_t found = 0;

	for (size_t i = 0; i < of->count; i++) {
		time_t when = 0;

		if (!garita_predicate_is_vex(of->claims[i]->predicate_type) ||
		    !time_of(of, of->claims[i], notes, &when, until))
			continue;
		ret[found++] = (struct excuse){ of->claims[i], when };
	}
	if (found > 0)
		qsort(ret, found, sizeof(*ret), newest_first);
	return found;
}

/* One of the newest; there may be two of the same second, and both count. */
static bool judge_newest(struct tally tally, const struct garita_claim *claim,
			 struct garita_claims *notes, char *ret_words,
			 size_t size, time_t *until)
{
	time_t when = 0, ends = 0;
	bool good = garita_attest_age(tally.of, claim, notes, &when, &ends) &&
		    judge(&tally, claim, notes);

	*until = garita_attest_earlier(*until, ends);
	*until = garita_attest_earlier(*until, tally.until);
	*until = garita_attest_earlier(*until, claim->until);
	if (good) {
		put_words(&tally, claim, when, ret_words, size);
		garita_attest_counts(tally.of, claim, notes, ret_words, when);
	}
	garita_text_free(&tally.ids);
	return good;
}

static bool judge_undated(struct tally tally, const struct garita_claim *claim,
			  struct garita_claims *notes, time_t *until)
{
	bool good = judge(&tally, claim, notes);

	*until = garita_attest_earlier(*until, tally.until);
	garita_text_free(&tally.ids);
	return good;
}

bool garita_attest_scan(const struct garita_attest_case *of,
			struct garita_claims *notes, char *ret_words,
			size_t size, time_t *ret_until)
{
	auto_free struct excuse *excuses =
		garita_xcalloc(of->count, sizeof(*excuses));
	time_t until = 0, newest = newest_scan(of, notes, &until);
	/* Each scan is counted for itself. */
	const struct tally none = {
		.of = of,
		.excuses = excuses,
		.excuse_count = find_excuses(of, notes, excuses, &until),
	};
	bool good = newest != 0;

	for (size_t i = 0; i < of->count; i++) {
		const struct garita_claim *claim = of->claims[i];
		time_t when = 0;

		if (garita_predicate_is_vex(claim->predicate_type))
			continue;
		if (garita_predicate_time(claim->predicate_type,
					  garita_attest_predicate(claim), &when,
					  NULL) < 0)
			good &= newest == 0 ||
				judge_undated(none, claim, notes, &until);
		else if (when == newest)
			good &= judge_newest(none, claim, notes, ret_words,
					     size, &until);
		else if (when < newest)
			garita_attest_note(notes, claim, GARITA_STEP_SUBJECT,
					   "age: there is a newer scan");
	}
	*ret_until = until;
	return good;
}
