/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * findings - what decide.c asks of the findings of a look, and does to them;
 * in verdict.c.
 */
#ifndef GARITA_FINDINGS_H
#define GARITA_FINDINGS_H

#include "garita/verdict.h"

/* A repair that is off or does not exist is a refusal. */
void garita_findings_settle(struct garita_verdict *verdict, bool may_fix);
/* Ten findings that together mean "privileged" become one for a person. */
void garita_findings_cover(struct garita_verdict *verdict);

/* Any with this action; any of this rule with it. */
bool garita_findings_have(const struct garita_verdict *verdict,
			  enum garita_action action);
bool garita_findings_of(const struct garita_verdict *verdict,
			const struct garita_rule *rule,
			enum garita_action action);
/* Did the rule say all that there is to say of what no repair touched? */
bool garita_findings_done(const struct garita_verdict *verdict,
			  const struct garita_rule *rule);
/* Does it refuse whatever other rules repair? */
bool garita_findings_refuse_for_good(const struct garita_verdict *verdict);

/* What the rule was to repair refuses, and why. */
void garita_findings_refuse(struct garita_verdict *verdict,
			    const struct garita_rule *rule,
			    const char *problem);
/* What a repair may have ended is for the second look to find again. */
void garita_findings_forget_curable(struct garita_verdict *verdict);
/* Moves the findings of the second look into the verdict: a warning that is
 * still true replaces the first look's; anything else means a repair failed. */
void garita_findings_compare(struct garita_verdict *first,
			     struct garita_verdict *second);
/* Sets ->denied and its kin. */
void garita_findings_count(struct garita_verdict *verdict);

#endif
