/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_schema - the JSON Schema (2020-12) of the policy file, printed from
 * the tables that read it and from the rows of the catalogue, so that it knows
 * exactly the members and rules that this garita knows.
 */
#include "garita/policy.h"
#include "policy/policy_reader.h"

static void put_table(struct garita_text *out,
		      const struct garita_policy_table *table)
{
	const struct garita_policy_member *m;
	bool first = true;

	garita_text_puts(out, "{\"type\":\"object\",\"additionalProperties\":"
			      "false,\"properties\":{");
	for (size_t i = 0; (m = garita_policy_member_at(table, i)) != NULL;
	     i++) {
		garita_text_printf(out, "%s\"%s\":", i ? "," : "", m->name);
		if (m->array)
			garita_text_puts(out, "{\"type\":\"array\",\"items\":");
		if (m->table != NULL)
			put_table(out, m->table);
		else
			garita_text_puts(out, m->schema);
		if (m->array)
			garita_text_putc(out, '}');
	}
	garita_text_puts(out, "},\"required\":[");
	for (size_t i = 0; (m = garita_policy_member_at(table, i)) != NULL;
	     i++) {
		if (!m->required)
			continue;
		garita_text_printf(out, "%s\"%s\"", first ? "" : ",", m->name);
		first = false;
	}
	garita_text_puts(out, "]}");
}

static void put_param(struct garita_text *out, const struct garita_param *param)
{
	garita_text_printf(out, ",\"%s\":", param->name);
	switch (param->kind) {
	case GARITA_PARAM_STRINGS:
		garita_text_puts(out, "{\"$ref\":\"#/$defs/strings\"}");
		break;
	case GARITA_PARAM_NUMBER:
		garita_text_printf(out,
				   "{\"type\":\"integer\",\"minimum\":%lld,"
				   "\"maximum\":%lld}",
				   (long long)param->least,
				   (long long)param->most);
		break;
	}
}

/* An action, or an object of an action and the rule's own parameters. */
static void put_rule(struct garita_text *out, const struct garita_rule *rule)
{
	const char *action = rule->fix ? "{\"$ref\":\"#/$defs/action\"}"
				       : "{\"$ref\":\"#/$defs/actionNoFix\"}";

	garita_text_printf(out,
			   "\"%s\":{\"anyOf\":[%s,{\"type\":\"object\","
			   "\"additionalProperties\":false,\"properties\":"
			   "{\"action\":%s",
			   rule->id, action, action);
	if (rule->allows != NULL)
		garita_text_puts(out,
				 ",\"allow\":{\"$ref\":\"#/$defs/strings\"}");
	for (size_t i = 0; i < garita_rule_param_count(rule); i++)
		put_param(out, &rule->params[i]);
	garita_text_puts(out, "}}]}");
}

static void put_definitions(struct garita_text *out)
{
	garita_text_puts(
		out,
		"\"action\":{\"enum\":[\"off\",\"warn\",\"fix\",\"deny\"]},"
		"\"actionNoFix\":{\"enum\":[\"off\",\"warn\",\"deny\"]},"
		"\"profile\":{\"enum\":[\"off\",\"baseline\",\"restricted\","
		"\"strict\",\"off@1\",\"baseline@1\",\"restricted@1\","
		"\"strict@1\"]},"
		"\"strings\":{\"type\":\"array\",\"items\":{\"type\":"
		"\"string\",\"minLength\":1}},"
		"\"patterns\":{\"anyOf\":[{\"type\":\"string\",\"minLength\":"
		"1},{\"type\":\"array\",\"minItems\":1,\"items\":{\"type\":"
		"\"string\",\"minLength\":1}}]},"
		"\"digest\":{\"type\":\"string\",\"pattern\":"
		"\"^sha256:[0-9a-f]{64}$\"},"
		"\"digests\":{\"anyOf\":[{\"$ref\":\"#/$defs/digest\"},"
		"{\"type\":\"array\",\"minItems\":1,\"items\":"
		"{\"$ref\":\"#/$defs/digest\"}}]},"
		"\"uid\":{\"anyOf\":[{\"type\":\"integer\",\"minimum\":0,"
		"\"maximum\":2147483647},{\"type\":\"string\",\"pattern\":"
		"\"^[0-9]+-[0-9]+$\"}]},"
		"\"uids\":{\"anyOf\":[{\"$ref\":\"#/$defs/uid\"},{\"type\":"
		"\"array\",\"minItems\":1,\"items\":{\"$ref\":"
		"\"#/$defs/uid\"}}]},\"rule\":{\"enum\":[");
	for (size_t i = 0; i < garita_rule_count(); i++)
		garita_text_printf(out, "%s\"%s\"", i ? "," : "",
				   garita_rule_at(i)->id);
	garita_text_puts(out, "]},\"rules\":{\"type\":\"object\","
			      "\"additionalProperties\":false,"
			      "\"properties\":{");
	for (size_t i = 0; i < garita_rule_count(); i++) {
		garita_text_puts(out, i ? "," : "");
		put_rule(out, garita_rule_at(i));
	}
	garita_text_puts(out, "}}");
}

void garita_policy_schema(struct garita_text *out)
{
	garita_text_puts(out,
			 "{\"$schema\":"
			 "\"https://json-schema.org/draft/2020-12/schema\","
			 "\"title\":\"garita-policy.json(5)\",\"$defs\":{");
	put_definitions(out);
	garita_text_puts(out, "},\"allOf\":[");
	put_table(out, &garita_policy_root_table);
	garita_text_puts(out, "]}\n");
}
