/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_facts - what the rules about the machine share: asking for a fact, and
 * saying that it is not known.
 */
#ifndef GARITA_RULES_HOST_FACTS_H
#define GARITA_RULES_HOST_FACTS_H

#include "garita/facts.h"
#include "garita/policy.h"
#include "policy/report.h"

/* What a rule asks with. */
struct garita_question {
	const struct garita_case *of;
	struct garita_report *out;
	const char *wanted;
};

/* The fact, or NULL after a finding that it is not known, or not of `type`. */
const struct garita_json *garita_fact(const struct garita_question *q,
				      const char *pointer,
				      enum garita_json_type type);
/* The same without a finding. */
const struct garita_json *garita_fact_quietly(const struct garita_question *q,
					      const char *pointer,
					      enum garita_json_type type);
/* A finding that what `pointer` leads to is not known. */
void garita_fact_unknown(const struct garita_question *q, const char *pointer)
	__attribute__((cold));

static inline bool garita_is_text(const struct garita_json *node,
				  const char *text)
{
	const char *string = garita_json_string(node);

	return string != NULL && __builtin_strcmp(string, text) == 0;
}

#endif
