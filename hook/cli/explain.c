/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * explain - one rule in full.
 */
#include <inttypes.h>

#include "garita/rule.h"
#include "hook/cli/cli.h"

static void put_params(struct garita_text *out, const struct garita_rule *rule)
{
	for (size_t i = 0; i < garita_rule_param_count(rule); i++) {
		const struct garita_param *param = &rule->params[i];

		garita_text_printf(out, "  %-10s %s", param->name,
				   param->holds);
		if (param->kind == GARITA_PARAM_NUMBER)
			garita_text_printf(out,
					   " (%" PRId64 " to %" PRId64
					   ", else %" PRId64 ")",
					   param->least, param->most,
					   param->otherwise);
		garita_text_putc(out, '\n');
	}
}

static void print_rule(const struct garita_rule *rule)
{
	auto_text out = { 0 };

	garita_text_printf(&out, "%s: %s\n\n", rule->id, rule->summary);
	garita_text_printf(&out, "  why        %s\n", rule->why);
	garita_text_printf(&out, "  to pass    %s\n", rule->remedy);
	garita_text_printf(&out,
			   "  profiles   baseline %s, restricted %s, "
			   "strict %s\n",
			   garita_action_name(rule->baseline),
			   garita_action_name(rule->restricted),
			   garita_action_name(rule->strict));
	garita_text_printf(&out, "  repair     %s\n",
			   rule->fix ? "possible: action \"fix\""
				     : "none: only a refusal is honest");
	if (rule->allows != NULL)
		garita_text_printf(&out, "  allow      %s\n", rule->allows);
	put_params(&out, rule);
	for (size_t i = 0; rule->references[i][0] != '\0'; i++)
		garita_text_printf(&out, "  %-11s%s\n", i ? "" : "see",
				   rule->references[i]);
	garita_text_printf(
		&out,
		"\nIn the policy file:\n  \"rules\": { \"%s\": ", rule->id);
	if (rule->allows != NULL)
		garita_text_printf(&out,
				   "{ \"action\": \"%s\", \"allow\": [] } }\n",
				   garita_action_name(rule->restricted));
	else
		garita_text_printf(&out, "\"%s\" }\n",
				   garita_action_name(rule->restricted));
	garita_cli_print(&out);
}

static int run(const struct garita_cli *cli)
{
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	const char *near;
	size_t count;
	int index;

	if (garita_cli_options(cli, NULL, 0, words, &count) < 0)
		return GARITA_EXIT_ERROR;
	if (count != 1) {
		garita_cli_complain(cli, "give one rule id; see garita rules");
		return GARITA_EXIT_ERROR;
	}
	index = garita_rule_find(words[0]);
	if (index >= 0) {
		print_rule(garita_rule_at((size_t)index));
		return 0;
	}
	near = garita_rule_nearest(words[0]);
	if (near != NULL)
		garita_cli_complain(cli, "unknown rule %s; did you mean %s?",
				    words[0], near);
	else
		garita_cli_complain(cli, "unknown rule %s; see garita rules",
				    words[0]);
	return GARITA_EXIT_ERROR;
}

const struct garita_cli_verb garita_cli_explain = {
	.name = "explain",
	.summary = "say what one rule wants, why, and how to satisfy it",
	.usage = "explain RULE",
	.help = "Rule ids are listed by `garita rules`.\n",
	.run = run,
};
