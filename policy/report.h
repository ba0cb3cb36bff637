/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * report - where checks put their findings; filled by verdict.c.
 */
#ifndef GARITA_REPORT_H
#define GARITA_REPORT_H

#include "garita/verdict.h"

struct garita_report {
	struct garita_verdict *verdict;
	struct garita_json_doc *doc;
	const struct garita_rule *rule; /* the one that is asked now */
	enum garita_action action;      /* what the policy does for it */
};

/* Room for one more finding, not set to anything. */
struct garita_finding *garita_verdict_add(struct garita_verdict *verdict);

/* As garita_report(), but the finding is at most a warning: for the one shape
 * of a rule that a profile tolerates. */
void garita_report_warning(struct garita_report *out, const char *pointer,
			   const char *wanted, const char *found_fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));

/* As garita_report(), of what a repair by other rules may end: it is judged
 * after the repair, and refuses where there is none. */
void garita_report_curable(struct garita_report *out, const char *pointer,
			   const char *wanted, const char *found_fmt, ...)
	__attribute__((cold, format(printf, 4, 5)));

#endif
