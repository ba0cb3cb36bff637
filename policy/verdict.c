/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * verdict - the findings of one look and what follows from them, and the two
 * looks of one decision compared. decide.c has the order.
 */
#include "garita/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "policy/findings.h"
#include "policy/report.h"

static const char *const outcomes[] = {
	[GARITA_ADMIT] = "admit",
	[GARITA_REPAIR] = "repair",
	[GARITA_REFUSE] = "refuse",
};

const char *garita_outcome_name(enum garita_outcome outcome)
{
	return outcomes[outcome];
}

bool garita_findings_done(const struct garita_verdict *verdict,
			  const struct garita_rule *rule)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule &&
		    (verdict->findings[i].action > GARITA_WARN ||
		     verdict->findings[i].curable))
			return false;
	return true;
}

void garita_findings_settle(struct garita_verdict *verdict, bool may_fix)
{
	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *f = &verdict->findings[i];

		if (f->action != GARITA_FIX)
			continue;
		if (f->rule->fix == NULL || !may_fix)
			f->action = GARITA_DENY;
		if (f->rule->fix != NULL && !may_fix)
			f->problem = garita_xstrdup(
				"could be repaired, but repairs are off");
	}
}

static bool refuses(const struct garita_verdict *verdict, const char *id)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].action == GARITA_DENY &&
		    strcmp(verdict->findings[i].rule->id, id) == 0)
			return true;
	return false;
}

/* Ten findings that together mean "privileged" are one for a person. Only a
 * refusal covers: a warning must never hide something that refuses. */
void garita_findings_cover(struct garita_verdict *verdict)
{
	const struct garita_rule *last = NULL; /* findings are by rule */
	bool refused = false;

	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *part = &verdict->findings[i];

		if (part->rule->part_of == NULL)
			continue;
		if (part->rule != last)
			refused = refuses(verdict, part->rule->part_of);
		last = part->rule;
		/* What is known to be wrong is never "nobody knows". */
		part->covered =
			part->covered ||
			(refused && (part->unknown ||
				     part->rule->scope != GARITA_SCOPE_HOST));
	}
}

bool garita_findings_have(const struct garita_verdict *verdict,
			  enum garita_action action)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].action == action)
			return true;
	return false;
}

bool garita_findings_refuse_for_good(const struct garita_verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].action == GARITA_DENY &&
		    !verdict->findings[i].curable)
			return true;
	return false;
}

static void free_finding(struct garita_finding *f)
{
	free(f->pointer);
	free(f->found);
	free(f->wanted);
	free(f->problem);
	free(f->exception);
}

void garita_findings_forget_curable(struct garita_verdict *verdict)
{
	size_t kept = 0;

	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *f = &verdict->findings[i];

		if (f->curable)
			free_finding(f);
		else
			verdict->findings[kept++] = *f;
	}
	verdict->count = kept;
}

bool garita_findings_of(const struct garita_verdict *verdict,
			const struct garita_rule *rule,
			enum garita_action action)
{
	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].rule == rule &&
		    verdict->findings[i].action == action)
			return true;
	return false;
}

struct garita_finding *garita_verdict_add(struct garita_verdict *verdict)
{
	size_t count = verdict->count;

	/* Doubled whenever it is full, which is at powers of two. */
	if ((count & (count - 1)) == 0)
		verdict->findings =
			garita_xresize(verdict->findings, count ? count * 2 : 1,
				       sizeof(*verdict->findings));
	return &verdict->findings[verdict->count++];
}

void garita_findings_refuse(struct garita_verdict *verdict,
			    const struct garita_rule *rule, const char *problem)
{
	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *f = &verdict->findings[i];

		if (f->rule != rule || f->action != GARITA_FIX)
			continue;
		f->action = GARITA_DENY;
		f->fixed = false;
		free(f->problem);
		f->problem = garita_xstrdup(problem);
	}
}

/* What makes two findings one; the texts are the verdicts' own. */
struct identity {
	const struct garita_rule *rule;
	const char *pointer, *found;
};

static struct identity identity_of(const struct garita_finding *f)
{
	return (struct identity){ f->rule, f->pointer, f->found };
}

static int by_identity(const void *a, const void *b)
{
	const struct identity *x = a, *y = b;
	int order = strcmp(x->rule->id, y->rule->id);

	if (order == 0)
		order = strcmp(x->pointer, y->pointer);
	return order != 0 ? order : strcmp(x->found, y->found);
}

/* The findings that the verdict refuses for, sorted: a repair that fails can
 * leave a hundred thousand of them. The caller frees. */
static struct identity *list_refused(const struct garita_verdict *verdict,
				     size_t *ret_count)
{
	struct identity *list = garita_xcalloc(verdict->count, sizeof(*list));
	size_t count = 0;

	for (size_t i = 0; i < verdict->count; i++)
		if (verdict->findings[i].action == GARITA_DENY)
			list[count++] = identity_of(&verdict->findings[i]);
	qsort(list, count, sizeof(*list), by_identity);
	*ret_count = count;
	return list;
}

/* What a rule still finds after the repair was not repaired: all that it found
 * at first refuses. Findings come rule by rule. */
static void refuse_unrepaired(struct garita_verdict *first,
			      const struct garita_verdict *second)
{
	const struct garita_rule *last = NULL;

	for (size_t i = 0; i < second->count; i++) {
		const struct garita_finding *f = &second->findings[i];

		if (f->action < GARITA_FIX || f->rule == last)
			continue;
		last = f->rule;
		garita_findings_refuse(first, last,
				       "still there after the repair");
	}
}

/* Is it to be said beside what the first look said? A warning that is still
 * true was said then, and so was what `refused` has. */
static bool is_new(const struct garita_finding *f,
		   const struct identity *refused, size_t count,
		   const bool warned[GARITA_ACTIONS])
{
	const struct identity identity = identity_of(f);

	if (f->action < GARITA_FIX)
		return !warned[f->action];
	return bsearch(&identity, refused, count, sizeof(*refused),
		       by_identity) == NULL;
}

void garita_findings_compare(struct garita_verdict *first,
			     struct garita_verdict *second)
{
	const struct garita_rule *last = NULL;
	bool warned[GARITA_ACTIONS] = { false };
	auto_free struct identity *refused = NULL;
	size_t count;

	for (size_t i = 0; i < first->count; i++)
		if (first->findings[i].action == GARITA_FIX)
			first->findings[i].fixed = true;
	refuse_unrepaired(first, second);
	refused = list_refused(first, &count);

	for (size_t i = 0; i < second->count; i++) {
		struct garita_finding *f = &second->findings[i];

		for (enum garita_action a = GARITA_OFF;
		     f->rule != last && a < GARITA_ACTIONS; a++)
			warned[a] = garita_findings_of(first, f->rule, a);
		last = f->rule;
		if (!is_new(f, refused, count, warned))
			continue;
		if (f->action >= GARITA_FIX) {
			f->action = GARITA_DENY;
			free(f->problem);
			f->problem =
				garita_xstrdup("still there after the repair");
		}
		*garita_verdict_add(first) = *f;
		*f = (struct garita_finding){ 0 };
	}
}

void garita_findings_count(struct garita_verdict *verdict)
{
	verdict->denied = verdict->fixed = verdict->warned = 0;
	verdict->excepted = 0;
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (f->covered)
			continue;
		if (f->fixed)
			verdict->fixed++;
		else if (f->action == GARITA_OFF)
			verdict->excepted++;
		else if (f->action == GARITA_WARN)
			verdict->warned++;
		else if (f->action == GARITA_DENY)
			verdict->denied++;
	}
}

void garita_verdict_free(struct garita_verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		free_finding(&verdict->findings[i]);
	free(verdict->findings);
	free(verdict->asked);
	free(verdict->scope);
	*verdict = (struct garita_verdict){ 0 };
}
