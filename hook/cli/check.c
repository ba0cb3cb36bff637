/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check - judge a config as the gate would, and say why.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hook/cli/cli.h"
#include "hook/file.h"
#include "hook/gate.h"
#include "hook/report/report.h"

struct options {
	const char *policy, *profile, *sysroot, *format, *fail_on, *only;
	bool no_fix, print_config, diff, explain;
	garita_report_format *write;
	struct garita_report_options report;
};

/* What is judged: bytes, what to call them, and the bundle they lie in. */
struct input {
	char *text;
	size_t len;
	char *name;
	char *bundle; /* absolute, or NULL: standard input */
	/* What became of it. */
	bool judged;
	struct garita_decision decision;
	struct garita_error error;
	struct garita_text before, after; /* for --diff, --print-config */
};

static void input_free(struct input *input)
{
	free(input->text);
	free(input->name);
	free(input->bundle);
	garita_text_free(&input->before);
	garita_text_free(&input->after);
	if (input->judged)
		garita_decision_free(&input->decision);
}

static int read_regular(int dir, const char *name, struct input *input,
			struct garita_error *err)
{
	return garita_file_read_given(dir, name, GARITA_JSON_MAX_BYTES,
				      &input->text, &input->len, err);
}

/* A bundle directory, or the config itself. */
static int read_path(const char *path, struct input *input,
		     struct garita_error *err)
{
	auto_fd int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	auto_text name = { 0 };
	char *slash;

	if (dir >= 0) {
		input->bundle = realpath(path, NULL);
		garita_text_printf(&name, "%s%sconfig.json", path,
				   path[strlen(path) - 1] == '/' ? "" : "/");
		input->name = garita_text_take(&name);
		return read_regular(dir, "config.json", input, err);
	}
	input->name = garita_xstrdup(path);
	input->bundle = realpath(path, NULL);
	if (input->bundle != NULL) {
		slash = strrchr(input->bundle, '/');
		slash[slash == input->bundle] = '\0';
	}
	return read_regular(AT_FDCWD, path, input, err);
}

static int read_input(const char *path, struct input *input,
		      struct garita_error *err)
{
	if (strcmp(path, "-") != 0)
		return read_path(path, input, err);
	input->name = garita_xstrdup("standard input");
	return garita_file_read(STDIN_FILENO, GARITA_JSON_MAX_BYTES,
				&input->text, &input->len, err);
}

static int judge(const struct garita_gate *gate, const struct options *options,
		 struct input *input)
{
	unsigned flags = options->no_fix ? GARITA_DECIDE_NO_FIX : 0;
	auto_json struct garita_json_doc *doc = NULL;
	int rc = garita_config_parse(input->text, input->len, &doc,
				     &input->error);

	if (rc < 0)
		return rc;
	if (options->diff)
		garita_report_put_tree(garita_json_root(doc), &input->before);
	rc = garita_gate_judge(gate, doc, input->bundle, NULL, flags,
			       &input->decision, &input->error);
	if (rc < 0)
		return rc;
	input->judged = true;
	/* After a refusal the document may be half repaired. */
	if (input->decision.verdict.outcome != GARITA_REFUSE &&
	    (options->diff || options->print_config))
		garita_report_put_tree(garita_json_root(doc), &input->after);
	return 0;
}

/* Whatever happens is in `input` then. */
static void read_and_judge(const struct garita_gate *gate,
			   const struct options *options, const char *path,
			   struct input *input)
{
	int rc = read_input(path, input, &input->error);

	if (rc == 0)
		rc = judge(gate, options, input);
	if (rc < 0)
		garita_fail_in(&input->error, input->name);
}

static int exit_code(const struct options *options, const struct input *input)
{
	if (!input->judged)
		return GARITA_EXIT_ERROR;
	if (input->decision.verdict.outcome == GARITA_REFUSE)
		return GARITA_EXIT_REFUSED;
	if (options->report.warnings_bad && input->decision.verdict.warned > 0)
		return GARITA_EXIT_REFUSED;
	return GARITA_EXIT_ADMITTED;
}

/* The config itself, or what changed in it: nothing else on standard output,
 * so that it can go where a config or a patch is wanted. */
static void print_config(const struct garita_cli *cli,
			 const struct options *options,
			 const struct input *input)
{
	auto_text out = { 0 };

	if (!input->judged)
		return;
	if (input->decision.verdict.outcome == GARITA_REFUSE) {
		garita_report_line(&input->decision, &out);
		garita_cli_complain(cli, "%s", out.data);
	} else if (options->diff) {
		garita_report_diff(input->name, &input->before, &input->after,
				   &out);
		garita_cli_print(&out);
	} else {
		garita_cli_print(&input->after);
	}
}

static void report(const struct garita_cli *cli, const struct options *options,
		   const struct garita_policy *policy,
		   const struct input *inputs, size_t count)
{
	bool raw = options->print_config || options->diff;
	auto_free struct garita_report_about *abouts =
		garita_xcalloc(count, sizeof(*abouts));
	auto_text out = { 0 };

	for (size_t i = 0; i < count; i++) {
		const struct input *input = &inputs[i];
		char words[1024];

		abouts[i] = (struct garita_report_about){
			.source = input->name,
			.policy = policy,
			.decision = input->judged ? &input->decision : NULL,
			.error = &input->error,
			.text = input->text,
			.len = input->len,
		};
		if (!input->judged &&
		    (raw || options->write == garita_report_text)) {
			garita_error_words(&input->error, words, sizeof(words));
			garita_cli_complain(cli, "could not judge: %s", words);
		}
		if (raw)
			print_config(cli, options, input);
	}
	if (raw)
		return;
	options->write(abouts, count, &options->report, &out);
	garita_cli_print(&out);
}

static const struct {
	const char *name;
	garita_report_format *write;
} formats[] = {
	{ "text", garita_report_text },
	{ "json", garita_report_json },
	{ "sarif", garita_report_sarif },
	{ "junit", garita_report_junit },
};

static bool find_format(const struct garita_cli *cli, struct options *options)
{
	const char *name = options->format ? options->format : "text";

	for (size_t i = 0; i < GARITA_COUNT(formats); i++)
		if (strcmp(name, formats[i].name) == 0)
			options->write = formats[i].write;
	if (options->write == NULL)
		garita_cli_complain(cli,
				    "unknown format %s; there are text, json, "
				    "sarif and junit",
				    name);
	return options->write != NULL;
}

static bool are_sound(const struct garita_cli *cli, struct options *options,
		      const char *const *words, size_t count)
{
	struct garita_error error = { 0 };
	size_t stdins = 0;

	for (size_t i = 0; i < count; i++)
		stdins += strcmp(words[i], "-") == 0;
	if (!find_format(cli, options))
		return false;
	if (count == 0)
		garita_cli_complain(cli, "give a BUNDLE, config.json or -");
	else if (stdins > 1)
		garita_cli_complain(cli, "- is given twice");
	else if (options->fail_on != NULL &&
		 strcmp(options->fail_on, "warn") != 0)
		garita_cli_complain(cli, "--fail-on takes warn");
	else if (options->print_config && count > 1)
		garita_cli_complain(cli, "--print-config takes one config");
	else if (options->print_config && options->diff)
		garita_cli_complain(cli,
				    "give --print-config or --diff, not both");
	else if (options->only != NULL &&
		 garita_report_only_parse(options->only, &options->report.only,
					  &error) < 0)
		garita_cli_complain(cli, "%s", error.text);
	else
		return true;
	return false;
}

static int check(const struct garita_cli *cli, const struct options *options,
		 const char *const *words, size_t count)
{
	const struct garita_gate_options gate_options = {
		.sysroot = options->sysroot,
		.policy = options->policy,
		.profile = options->profile,
	};
	auto_free struct input *inputs = garita_xcalloc(count, sizeof(*inputs));
	struct garita_error error = { 0 };
	auto_gate gate = { 0 };
	int rc = garita_gate_open(&gate_options, &gate, &error);
	int worst = GARITA_EXIT_ADMITTED;

	for (size_t i = 0; i < count; i++) {
		if (rc < 0) {
			inputs[i].name = garita_xstrdup(words[i]);
			inputs[i].error = error;
		} else {
			read_and_judge(&gate, options, words[i], &inputs[i]);
		}
		if (exit_code(options, &inputs[i]) > worst)
			worst = exit_code(options, &inputs[i]);
	}
	report(cli, options, gate.policy, inputs, count);
	for (size_t i = 0; i < count; i++)
		input_free(&inputs[i]);
	return worst;
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
		{ "--no-fix", NULL, &options.no_fix, NULL },
		{ "--explain", NULL, &options.explain, NULL },
		{ "--print-config", NULL, &options.print_config, NULL },
		{ "--diff", NULL, &options.diff, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count;
	int code;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
		    0 ||
	    !are_sound(cli, &options, words, count))
		return GARITA_EXIT_ERROR;
	options.report.colour = cli->colour;
	options.report.explain = options.explain;
	options.report.warnings_bad = options.fail_on != NULL;
	code = check(cli, &options, words, count);
	garita_report_only_free(&options.report.only);
	return code;
}

const struct garita_cli_verb garita_cli_check = {
	.name = "check",
	.summary = "judge a config.json as the gate would, and say why",
	.usage = "check [--policy F] [--profile "
		 "off|baseline|restricted|strict]\n"
		 "                    [--no-fix] [--sysroot DIR]\n"
		 "                    [--format text|json|sarif|junit]\n"
		 "                    [--only "
		 "denied|fixed|warned|excepted|RULE]\n"
		 "                    [--fail-on warn] [--explain] "
		 "[--print-config] [--diff]\n"
		 "                    BUNDLE|config.json|- ...",
	.help = "  --policy F      this policy file instead "
		"of " GARITA_POLICY_FILE "\n"
		"  --profile P     off, baseline, restricted or strict\n"
		"  --no-fix        what could be repaired is refused\n"
		"  --sysroot DIR   read every fact about the host below DIR\n"
		"  --format F      text, json, sarif (2.1.0) or junit\n"
		"  --only WORDS    show only what was denied, fixed, warned "
		"about or excepted, or\n"
		"                  these rules: denied,RULE,...; the verdict "
		"stays\n"
		"  --fail-on warn  warnings count as a refusal\n"
		"  --explain       every rule: pass, fail, fixed, or why it "
		"was not asked\n"
		"  --print-config  print the config that would run\n"
		"  --diff          print what repairs change, for patch(1)\n"
		"\n"
		"Exits 0 admitted (perhaps after repairs), 1 refused, 2 could "
		"not judge; of\n"
		"several inputs the worst counts. Nothing is changed: the "
		"repaired config is\n"
		"only printed.\n",
	.run = run,
};
