/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_facts - is anything known of the machine, and is it fresh? Facts that
 * are too old, of another boot, or that nobody gathered are unknown to every
 * rule that needs them; this one says so once.
 */
#include "policy/rules/host_facts.h"

#include "policy/rules/families.h"

static const struct garita_json *look_up(const struct garita_case *of,
					 const char *pointer)
{
	return of->host->facts ? garita_facts_at(of->host->facts, pointer)
			       : NULL;
}

void garita_fact_unknown(const struct garita_question *q, const char *pointer)
{
	const struct garita_facts *facts = q->of->host->facts;
	const char *why = "it could not be found out";

	if (facts == NULL)
		why = "nobody looked";
	else if (*facts->why_not != '\0')
		why = facts->why_not;
	garita_report_unknown(q->out, pointer, q->wanted, "not known: %s", why);
}

const struct garita_json *garita_fact_quietly(const struct garita_question *q,
					      const char *pointer,
					      enum garita_json_type type)
{
	const struct garita_json *node = look_up(q->of, pointer);

	return node != NULL && garita_json_type(node) == type ? node : NULL;
}

const struct garita_json *garita_fact(const struct garita_question *q,
				      const char *pointer,
				      enum garita_json_type type)
{
	const struct garita_json *node = garita_fact_quietly(q, pointer, type);

	if (node == NULL)
		garita_fact_unknown(q, pointer);
	return node;
}

static void check_facts(const struct garita_case *of, struct garita_report *out)
{
	const struct garita_question q = {
		of, out,
		"facts that were gathered since the last boot, and "
		"not long ago"
	};

	if (of->host->facts == NULL || *of->host->facts->why_not != '\0')
		garita_fact_unknown(&q, "/gathered");
}

static const char references[][GARITA_REFERENCE] = {
	"NIST SP 800-190: 4.5",
	"",
};

const struct garita_rule garita_rules_host_facts[] = {
	{
		.id = "host-facts",
		.summary = "what is known of the machine is known freshly",
		.why = "a rule about the machine is worth what the facts are "
		       "that it looks at",
		.remedy = "run garita host --refresh as root, and let it run "
			  "by itself: systemctl enable --now "
			  "garita-host.service garita-host.timer; host.max-age "
			  "in the policy says "
			  "how old facts may be",
		.scope = GARITA_SCOPE_HOST,
		.baseline = GARITA_WARN,
		.restricted = GARITA_WARN,
		.strict = GARITA_DENY,
		.references = references,
		.check = check_facts,
	},
	{ .id = NULL },
};
