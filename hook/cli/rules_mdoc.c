/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rules_mdoc - garita-rules(7) out of the tables, when garita is built: the
 * manual knows every rule, and no other.
 */
#include <inttypes.h>
#include <string.h>

#include "garita/rule.h"
#include "hook/cli/cli.h"

/* A line of text: nothing in it is a request, an escape or a macro. */
static void put_line(struct garita_text *out, const char *text)
{
	if (*text == '.' || *text == '\'')
		garita_text_puts(out, "\\&");
	for (; *text != '\0'; text++) {
		if (*text == '\\')
			garita_text_puts(out, "\\e");
		else if (*text == '-')
			garita_text_puts(out, "\\-");
		else if (*text == '\n')
			garita_text_putc(out, ' ');
		else
			garita_text_putc(out, *text);
	}
	garita_text_putc(out, '\n');
}

static void put_item(struct garita_text *out, const char *title,
		     const char *text)
{
	garita_text_printf(out, ".It %s\n", title);
	put_line(out, text);
}

static void put_params(struct garita_text *out, const struct garita_rule *rule)
{
	for (size_t i = 0; i < garita_rule_param_count(rule); i++) {
		const struct garita_param *param = &rule->params[i];

		garita_text_printf(out, ".It Cm %s\n", param->name);
		put_line(out, param->holds);
		switch (param->kind) {
		case GARITA_PARAM_STRINGS:
			garita_text_puts(out, "(an array of strings).\n");
			break;
		case GARITA_PARAM_NUMBER:
			garita_text_printf(out,
					   "(%" PRId64 " to %" PRId64
					   ", else %" PRId64 ").\n",
					   param->least, param->most,
					   param->otherwise);
			break;
		}
	}
}

static void put_rule(struct garita_text *out, const struct garita_rule *rule)
{
	auto_text profiles = { 0 };

	garita_text_printf(out, ".Ss %s\n", rule->id);
	garita_text_puts(out, "Requires that:\n");
	put_line(out, rule->summary);
	garita_text_puts(out, ".Bl -tag -width Ds -compact\n");
	put_item(out, "Why", rule->why);
	put_item(out, "To pass", rule->remedy);
	garita_text_printf(&profiles, "baseline %s, restricted %s, strict %s",
			   garita_action_name(rule->baseline),
			   garita_action_name(rule->restricted),
			   garita_action_name(rule->strict));
	put_item(out, "Profiles", profiles.data);
	put_item(out, "Repair",
		 rule->fix != NULL ? "possible" : "none, it can only refuse");
	if (rule->allows != NULL)
		put_item(out, "Cm allow", rule->allows);
	put_params(out, rule);
	if (rule->references[0][0] != '\0')
		garita_text_puts(out, ".It See\n");
	for (size_t i = 0; rule->references[i][0] != '\0'; i++) {
		if (i > 0)
			garita_text_puts(out, ".br\n");
		put_line(out, rule->references[i]);
	}
	garita_text_puts(out, ".El\n");
}

static const char head[] =
	".\\\" SPDX-License-Identifier: LGPL-2.1-or-later\n"
	".\\\" Made by `garita rules --format mdoc` from the tables.\n"
	".Dd November 21, 2026\n"
	".Dt GARITA-RULES 7\n"
	".Os\n"
	".Sh NAME\n"
	".Nm garita-rules\n"
	".Nd what garita asks of a container\n"
	".Sh DESCRIPTION\n"
	"A rule looks at one thing in the config of a container.\n"
	"What follows from what it finds is its action:\n"
	".Cm off\n"
	"(it is not asked),\n"
	".Cm warn\n"
	"(said, and admitted),\n"
	".Cm fix\n"
	"(repaired before the start; refused where repairs are off)\n"
	"or\n"
	".Cm deny .\n"
	"A profile gives every rule an action, and the policy can give it\n"
	"another, with the parameters that are named here; see\n"
	".Xr garita-policy.json 5 .\n"
	"Rules are asked, and repair, in this order.\n"
	".Sh RULES\n";

static const char tail[] = ".Sh SEE ALSO\n"
			   ".Xr garita 1 ,\n"
			   ".Xr garita-policy.json 5 ,\n"
			   ".Xr garita-hook 8 ,\n"
			   ".Xr garita-runtime 8\n";

void garita_cli_print_mdoc(void)
{
	auto_text out = { 0 };

	garita_text_puts(&out, head);
	for (size_t i = 0; i < garita_rule_count(); i++)
		put_rule(&out, garita_rule_at(i));
	garita_text_puts(&out, tail);
	garita_cli_print(&out);
}
