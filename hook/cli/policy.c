/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - `garita policy`: look at a policy before it decides anything.
 */
#include "hook/cli/policy.h"

static int print_schema(const struct garita_cli *cli)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_text schema = { 0 }, out = { 0 };
	struct garita_error error = { 0 };

	if (cli->argc > 1) {
		garita_cli_complain(cli, "takes no words");
		return GARITA_EXIT_ERROR;
	}
	garita_policy_schema(&schema);
	if (garita_json_parse(schema.data, schema.len, GARITA_JSON_STRICT, &doc,
			      &error) < 0)
		return garita_cli_fail(cli, &error);
	garita_json_print_pretty(garita_json_root(doc), &out);
	garita_text_putc(&out, '\n');
	garita_cli_print(&out);
	return 0;
}

static const struct garita_cli_verb schema = {
	.name = "policy schema",
	.summary = "the JSON Schema of the policy file",
	.usage = "policy schema",
	.help = "Prints the JSON Schema of the policy file.\n",
	.run = print_schema,
};

static const struct garita_cli_verb *const forms[] = {
	&garita_policy_check,
	&garita_policy_show,
	&garita_policy_test,
	&garita_policy_diff,
	&garita_policy_suggest,
	&schema,
	NULL,
};

const struct garita_cli_verb garita_cli_policy = {
	.name = "policy",
	.summary = "check, show, test and compare policies",
	.forms = forms,
};
