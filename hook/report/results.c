/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * results - what a verdict comes to for each rule and for each input, and
 * which part of it a reader asked for.
 */
#include <errno.h>
#include <string.h>

#include "hook/report/report.h"
#include "policy/nearest.h"

static const char *const results[] = {
	[GARITA_RESULT_SKIPPED] = "skipped",
	[GARITA_RESULT_PASS] = "pass",
	[GARITA_RESULT_EXCEPTED] = "excepted",
	[GARITA_RESULT_WARNED] = "warned",
	[GARITA_RESULT_FIXED] = "fixed",
	[GARITA_RESULT_FIXABLE] = "fixable",
	[GARITA_RESULT_FAIL] = "fail",
};

const char *garita_result_name(enum garita_result result)
{
	return results[result];
}

static enum garita_result result_of(const struct garita_finding *f)
{
	switch (f->action) {
	case GARITA_DENY:
		return GARITA_RESULT_FAIL;
	case GARITA_FIX:
		return f->fixed ? GARITA_RESULT_FIXED : GARITA_RESULT_FIXABLE;
	case GARITA_WARN:
		return GARITA_RESULT_WARNED;
	case GARITA_OFF: /* only an exception leaves such a finding */
	case GARITA_ACTIONS:
		break;
	}
	return GARITA_RESULT_EXCEPTED;
}

/* Findings of a rule follow each other, so this looks up few of them. */
enum garita_result *garita_report_results(const struct garita_verdict *verdict)
{
	size_t count = garita_rule_count(), index = 0;
	enum garita_result *ret = garita_xcalloc(count, sizeof(*ret));
	const struct garita_rule *last = NULL;

	for (size_t i = 0; i < count; i++)
		if (verdict->asked[i] == GARITA_ASKED)
			ret[i] = GARITA_RESULT_PASS;
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (f->rule != last)
			index = (size_t)garita_rule_find(f->rule->id);
		last = f->rule;
		if (result_of(f) > ret[index])
			ret[index] = result_of(f);
	}
	return ret;
}

static const char *not_asked_of(enum garita_scope subject)
{
	switch (subject) {
	case GARITA_SCOPE_CONTAINER:
		return "not asked of a container";
	case GARITA_SCOPE_SANDBOX:
		return "not asked of a pod's sandbox";
	case GARITA_SCOPE_EXEC:
		return "not asked of an exec";
	case GARITA_SCOPE_UPDATE:
		return "not asked of an update";
	case GARITA_SCOPE_IMAGE:
		return "not asked of an image";
	case GARITA_SCOPE_HOST:
		return "not asked of a host";
	}
	return "not asked here";
}

const char *garita_report_skipped(const struct garita_verdict *verdict,
				  size_t rule)
{
	switch (verdict->asked[rule]) {
	case GARITA_ASKED_OFF:
		return "off in this policy";
	case GARITA_ASKED_OTHER_SUBJECT:
		return not_asked_of(verdict->subject);
	case GARITA_ASKED:
		break;
	}
	return NULL;
}

static bool has_rule(const struct garita_report_only *only,
		     const struct garita_rule *rule)
{
	for (size_t i = 0; i < only->rule_count; i++)
		if (only->rules[i] == rule)
			return true;
	return only->rule_count == 0;
}

static bool has_result(const struct garita_report_only *only,
		       enum garita_result result)
{
	switch (result) {
	case GARITA_RESULT_FAIL:
		return only->denied;
	case GARITA_RESULT_FIXED:
	case GARITA_RESULT_FIXABLE:
		return only->fixed;
	case GARITA_RESULT_WARNED:
		return only->warned;
	case GARITA_RESULT_EXCEPTED:
		return only->excepted;
	case GARITA_RESULT_SKIPPED:
	case GARITA_RESULT_PASS:
		break;
	}
	return false;
}

bool garita_report_wants_rule(const struct garita_report_only *only,
			      const struct garita_rule *rule,
			      enum garita_result result)
{
	bool any = !only->denied && !only->fixed && !only->warned &&
		   !only->excepted && !only->unknown;

	return has_rule(only, rule) && (any || has_result(only, result));
}

bool garita_report_wants(const struct garita_report_only *only,
			 const struct garita_finding *finding)
{
	if (only->unknown && finding->unknown)
		return has_rule(only, finding->rule);
	return garita_report_wants_rule(only, finding->rule,
					result_of(finding));
}

static int add_word(struct garita_report_only *only, const char *word,
		    struct garita_error *err)
{
	const struct {
		const char *name;
		bool *flag;
	} kinds[] = {
		{ "denied", &only->denied },   { "fixed", &only->fixed },
		{ "warned", &only->warned },   { "excepted", &only->excepted },
		{ "unknown", &only->unknown },
	};
	struct garita_nearest near = garita_nearest_to(word);
	int rule = garita_rule_find(word);

	for (size_t i = 0; i < GARITA_COUNT(kinds); i++) {
		if (strcmp(kinds[i].name, word) == 0) {
			*kinds[i].flag = true;
			return 0;
		}
		garita_nearest_try(&near, kinds[i].name);
	}
	if (rule >= 0) {
		only->rules =
			garita_xresize(only->rules, only->rule_count + 1,
				       sizeof(const struct garita_rule *));
		only->rules[only->rule_count++] = garita_rule_at((size_t)rule);
		return 0;
	}
	for (size_t i = 0; i < garita_rule_count(); i++)
		garita_nearest_try(&near, garita_rule_at(i)->id);
	if (near.word != NULL)
		return garita_fail(err, EINVAL,
				   "--only knows no %s; did you mean %s?", word,
				   near.word);
	return garita_fail(err, EINVAL,
			   "--only takes denied, fixed, warned, excepted, "
			   "unknown and rule ids, not %s",
			   word);
}

int garita_report_only_parse(const char *words, struct garita_report_only *ret,
			     struct garita_error *err)
{
	struct garita_report_only only = { 0 };
	int rc = 0;

	for (;;) {
		size_t len = strcspn(words, ",");
		auto_free char *word = garita_xstrndup(words, len);

		rc = add_word(&only, word, err);
		if (rc < 0 || words[len] == '\0')
			break;
		words += len + 1;
	}
	if (rc < 0) {
		garita_report_only_free(&only);
		return rc;
	}
	*ret = only;
	return 0;
}

void garita_report_only_free(struct garita_report_only *only)
{
	free(only->rules);
	*only = (struct garita_report_only){ 0 };
}

struct garita_report_tally garita_report_tally(
	const struct garita_report_about *abouts, size_t count)
{
	struct garita_report_tally tally = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (abouts[i].decision == NULL) {
			tally.errors++;
			continue;
		}
		switch (abouts[i].decision->verdict.outcome) {
		case GARITA_ADMIT:
			tally.admitted++;
			break;
		case GARITA_REPAIR:
			tally.repaired++;
			break;
		case GARITA_REFUSE:
			tally.refused++;
			break;
		}
	}
	return tally;
}

const char *garita_report_worst(const struct garita_report_tally *tally)
{
	if (tally->errors > 0)
		return "error";
	if (tally->refused > 0)
		return garita_outcome_name(GARITA_REFUSE);
	return garita_outcome_name(tally->repaired > 0 ? GARITA_REPAIR
						       : GARITA_ADMIT);
}
