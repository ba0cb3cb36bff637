/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * signatures - how a rule reads what was found out about signed words.
 */
#ifndef GARITA_RULES_SIGNATURES_H
#define GARITA_RULES_SIGNATURES_H

#include "garita/rule.h"

/* Reports unless the answer on that topic is yes. `what` ("signatures") is what
 * nobody looked at where there is no answer. */
void garita_trust_report(const struct garita_case *of, enum garita_topic topic,
			 const char *what, const char *wanted,
			 struct garita_report *out);

#endif
