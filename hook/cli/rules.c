/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rules - the catalogue as a table: what each profile does with each rule.
 */
#include <stdio.h>
#include <string.h>

#include "garita/json.h"
#include "garita/rule.h"
#include "hook/cli/cli.h"

static void put_scopes(struct garita_json_doc *doc, struct garita_json *node,
		       unsigned scope)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {
		{ GARITA_SCOPE_CONTAINER, "container" },
		{ GARITA_SCOPE_SANDBOX, "sandbox" },
		{ GARITA_SCOPE_EXEC, "exec" },
		{ GARITA_SCOPE_IMAGE, "image" },
		{ GARITA_SCOPE_UPDATE, "update" },
		{ GARITA_SCOPE_HOST, "host" },
	};
	struct garita_json *list = garita_json_new_array(doc);

	for (size_t i = 0; i < GARITA_COUNT(names); i++)
		if (scope & names[i].bit)
			garita_json_append(
				doc, list,
				garita_json_new_string(doc, names[i].name));
	garita_json_put(doc, node, "scope", list);
}

static void put_params(struct garita_json_doc *doc, struct garita_json *node,
		       const struct garita_rule *rule)
{
	struct garita_json *list = garita_json_new_array(doc);

	for (size_t i = 0; i < garita_rule_param_count(rule); i++) {
		const struct garita_param *param = &rule->params[i];
		struct garita_json *row = garita_json_new_object(doc);

		garita_json_put_string(doc, row, "name", param->name);
		garita_json_put_string(doc, row, "holds", param->holds);
		if (param->kind == GARITA_PARAM_NUMBER) {
			garita_json_put(doc, row, "least",
					garita_json_new_i64(doc, param->least));
			garita_json_put(doc, row, "most",
					garita_json_new_i64(doc, param->most));
			garita_json_put(
				doc, row, "default",
				garita_json_new_i64(doc, param->otherwise));
		}
		garita_json_append(doc, list, row);
	}
	garita_json_put(doc, node, "params", list);
}

static void print_json(void)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_json *list = garita_json_new_array(doc);
	auto_text out = { 0 };

	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);
		struct garita_json *node = garita_json_new_object(doc);

		garita_json_put_string(doc, node, "id", rule->id);
		garita_json_put_string(doc, node, "summary", rule->summary);
		put_scopes(doc, node, rule->scope);
		garita_json_put_string(doc, node, "baseline",
				       garita_action_name(rule->baseline));
		garita_json_put_string(doc, node, "restricted",
				       garita_action_name(rule->restricted));
		garita_json_put_string(doc, node, "strict",
				       garita_action_name(rule->strict));
		garita_json_put_bool(doc, node, "repairs", rule->fix != NULL);
		garita_json_put_string(doc, node, "allows", rule->allows);
		put_params(doc, node, rule);
		garita_json_append(doc, list, node);
	}
	garita_json_put_u64(doc, garita_json_root(doc), "version", 1);
	garita_json_put(doc, garita_json_root(doc), "rules", list);
	garita_json_print_pretty(garita_json_root(doc), &out);
	garita_text_putc(&out, '\n');
	garita_cli_print(&out);
}

static void print_text(void)
{
	auto_text out = { 0 };

	garita_text_printf(&out, "%-28s%-10s%-12s%-8s%s\n", "RULE", "BASELINE",
			   "RESTRICTED", "STRICT", "REQUIRES THAT");
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);

		garita_text_printf(&out, "%-28s%-10s%-12s%-8s%s\n", rule->id,
				   garita_action_name(rule->baseline),
				   garita_action_name(rule->restricted),
				   garita_action_name(rule->strict),
				   rule->summary);
	}
	garita_cli_print(&out);
}

static int run(const struct garita_cli *cli)
{
	const char *format = NULL;
	const struct garita_cli_option table[] = {
		{ "--format", &format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count > 0) {
		garita_cli_complain(cli, "takes no words; see garita explain");
		return GARITA_EXIT_ERROR;
	}
	if (format == NULL || strcmp(format, "text") == 0) {
		print_text();
	} else if (strcmp(format, "json") == 0) {
		print_json();
	} else if (strcmp(format, "mdoc") == 0) {
		garita_cli_print_mdoc();
	} else {
		garita_cli_complain(cli,
				    "unknown format %s; there are text, json "
				    "and mdoc",
				    format);
		return GARITA_EXIT_ERROR;
	}
	return 0;
}

const struct garita_cli_verb garita_cli_rules = {
	.name = "rules",
	.summary = "list the rules and what each profile does with them",
	.usage = "rules [--format text|json|mdoc]",
	.help = "  off   not looked at\n"
		"  warn  reported, admitted\n"
		"  fix   repaired before the container starts\n"
		"  deny  refused\n",
	.run = run,
};
