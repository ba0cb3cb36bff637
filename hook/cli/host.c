/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host - the machine that containers run on: gather facts about it, judge them
 * by the policy's rules, and keep them for the gate.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hook/cli/cli.h"
#include "hook/gate.h"
#include "hook/host/facts.h"
#include "hook/report/report.h"

struct options {
	const char *policy, *profile, *sysroot, *format, *fail_on, *only;
	bool refresh, saved, facts;
	struct garita_report_options report;
};

typedef void write_fn(const struct garita_report_machine *about,
		      const struct garita_report_options *options,
		      struct garita_text *out);

/* The formats of checks take the machine as one more input. */
static void as_input(const struct garita_report_machine *about,
		     garita_report_format *format,
		     const struct garita_report_options *options,
		     struct garita_text *out)
{
	const struct garita_report_about input = {
		.source = GARITA_STATE_DIR "/" GARITA_FACTS_DIRECTORY
					   "/" GARITA_FACTS_FILE,
		.policy = about->policy,
		.decision = about->decision,
	};

	format(&input, 1, options, out);
}

static void write_sarif(const struct garita_report_machine *about,
			const struct garita_report_options *options,
			struct garita_text *out)
{
	as_input(about, garita_report_sarif, options, out);
}

static void write_junit(const struct garita_report_machine *about,
			const struct garita_report_options *options,
			struct garita_text *out)
{
	as_input(about, garita_report_junit, options, out);
}

static const struct {
	const char *name;
	write_fn *write;
} formats[] = {
	{ "text", garita_report_machine_text },
	{ "json", garita_report_machine_json },
	{ "sarif", write_sarif },
	{ "junit", write_junit },
};

static write_fn *find_format(const struct garita_cli *cli, const char *name)
{
	for (size_t i = 0; i < GARITA_COUNT(formats); i++)
		if (strcmp(name ? name : "text", formats[i].name) == 0)
			return formats[i].write;
	garita_cli_complain(cli,
			    "unknown format %s; there are text, json, sarif "
			    "and junit",
			    name);
	return NULL;
}

static bool are_sound(const struct garita_cli *cli, struct options *options,
		      size_t words)
{
	bool shows = options->format != NULL || options->fail_on != NULL ||
		     options->only != NULL;
	struct garita_error error = { 0 };

	if (words > 0)
		garita_cli_complain(cli, "takes no words");
	else if (options->fail_on != NULL &&
		 strcmp(options->fail_on, "warn") != 0)
		garita_cli_complain(cli, "--fail-on takes warn");
	else if (options->refresh && (options->saved || options->facts))
		garita_cli_complain(cli,
				    "--refresh gathers and keeps; it goes with "
				    "neither --saved nor --facts");
	else if (shows && (options->refresh || options->facts))
		garita_cli_complain(cli,
				    "--refresh and --facts judge nothing: "
				    "leave --format, --only and --fail-on out");
	else if (options->only != NULL &&
		 garita_report_only_parse(options->only, &options->report.only,
					  &error) < 0)
		garita_cli_complain(cli, "%s", error.text);
	else
		return true;
	return false;
}

/* What a start would see, or all of it now. */
static int get_facts(const struct options *options,
		     const struct garita_gate *gate, struct garita_facts *ret,
		     struct garita_error *err)
{
	time_t now = time(NULL);
	struct garita_facts *observed;

	if (!options->saved)
		return garita_facts_gather(gate->sysroot, gate->policy, now,
					   ret, err);
	observed = garita_facts_observe(gate->sysroot, now,
					gate->policy->host_max_age_h);
	*ret = *observed;
	free(observed);
	return 0;
}

static int refresh(const struct garita_cli *cli, const struct options *options,
		   struct garita_facts *facts)
{
	auto_free char *path = garita_facts_path(options->sysroot);
	struct garita_error error = { 0 };

	if (garita_facts_keep(options->sysroot, facts, &error) < 0)
		return garita_cli_fail(cli, &error);
	printf("facts kept in %s%s\n", options->sysroot ? options->sysroot : "",
	       path);
	return 0;
}

static int exit_code(const struct options *options,
		     const struct garita_verdict *verdict)
{
	bool warned = options->fail_on != NULL && verdict->warned > 0;

	return verdict->outcome == GARITA_REFUSE || warned
		       ? GARITA_EXIT_REFUSED
		       : GARITA_EXIT_ADMITTED;
}

static int judge(const struct garita_cli *cli, const struct options *options,
		 const struct garita_gate *gate, struct garita_facts *facts,
		 write_fn *write)
{
	auto_decision decision = { 0 };
	struct garita_error error = { 0 };
	const struct garita_report_machine about = {
		.policy = gate->policy,
		.decision = &decision,
		.facts = facts,
	};
	auto_text out = { 0 };

	if (garita_gate_judge_machine(gate, facts, &decision, &error) < 0)
		return garita_cli_fail(cli, &error);
	write(&about, &options->report, &out);
	garita_cli_print(&out);
	return exit_code(options, &decision.verdict);
}

static int look(const struct garita_cli *cli, const struct options *options,
		write_fn *write)
{
	const struct garita_gate_options gate_options = {
		.sysroot = options->sysroot,
		.policy = options->policy,
		.profile = options->profile,
	};
	struct garita_error error = { 0 };
	auto_gate gate = { 0 };
	auto_facts facts = { 0 };
	auto_text out = { 0 };

	if (garita_gate_open(&gate_options, &gate, &error) < 0 ||
	    get_facts(options, &gate, &facts, &error) < 0)
		return garita_cli_fail(cli, &error);
	if (options->refresh)
		return refresh(cli, options, &facts);
	if (!options->facts)
		return judge(cli, options, &gate, &facts, write);
	garita_report_put_tree(garita_json_root(facts.doc), &out);
	garita_cli_print(&out);
	return 0;
}

static int run(const struct garita_cli *cli)
{
	struct options options = { 0 };
	const struct garita_cli_option table[] = {
		{ "--policy", &options.policy, NULL, NULL },
		{ "--profile", &options.profile, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
		{ "--format", &options.format, NULL, NULL },
		{ "--only", &options.only, NULL, NULL },
		{ "--fail-on", &options.fail_on, NULL, NULL },
		{ "--refresh", NULL, &options.refresh, NULL },
		{ "--saved", NULL, &options.saved, NULL },
		{ "--facts", NULL, &options.facts, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	write_fn *write;
	size_t count;
	int code = GARITA_EXIT_ERROR;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	/* Whoever started us may have us ignore children; helpers are waited
	 * for. */
	signal(SIGCHLD, SIG_DFL);
	write = find_format(cli, options.format);
	options.report.colour = cli->colour;
	options.report.warnings_bad = options.fail_on != NULL;
	if (write != NULL && are_sound(cli, &options, count))
		code = look(cli, &options, write);
	garita_report_only_free(&options.report.only);
	return code;
}

const struct garita_cli_verb garita_cli_host = {
	.name = "host",
	.summary = "judge the machine: kernel, modules, engines, ways round",
	.usage = "host [--policy F] [--profile "
		 "off|baseline|restricted|strict]\n"
		 "                   [--sysroot DIR] "
		 "[--format text|json|sarif|junit]\n"
		 "                   [--only "
		 "denied|warned|unknown|excepted|RULE]\n"
		 "                   [--fail-on warn] [--saved]\n"
		 "       garita host --facts [--saved] [--sysroot DIR]\n"
		 "       garita host --refresh [--sysroot DIR]",
	.help = "  --policy F      this policy file instead "
		"of " GARITA_POLICY_FILE "\n"
		"  --profile P     off, baseline, restricted or strict\n"
		"  --sysroot DIR   the machine below DIR; no program of it is "
		"run\n"
		"  --format F      text, json, sarif (2.1.0) or junit\n"
		"  --only WORDS    show only these rules, or results: "
		"denied,RULE,...\n"
		"  --fail-on warn  warnings count as a refusal\n"
		"  --saved         judge what a start would see: the facts "
		"that were kept\n"
		"  --facts         print the facts instead of judging them\n"
		"  --refresh       gather the facts and keep them for the "
		"gate, as\n"
		"                  garita-host.timer does\n"
		"\n"
		"Run it as root: what cannot be read is unknown, and does not "
		"pass.\n"
		"\n"
		"Exits 0 when nothing refuses, 1 when a rule does that the "
		"policy denies by, 2\n"
		"when it could not judge.\n",
	.run = run,
};
