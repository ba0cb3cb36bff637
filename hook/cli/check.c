/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check - judge a config as the gate would, and say why.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hook/cli/cli.h"
#include "hook/file.h"
#include "hook/gate.h"
#include "hook/report/report.h"

struct options {
	const char *policy, *profile, *sysroot, *format, *fail_on;
	bool no_fix, print_config;
};

/* What is judged: bytes, what to call them, and the bundle they lie in. */
struct input {
	char *text;
	size_t len;
	char *name;
	char *bundle; /* absolute, or NULL: standard input */
};

static void input_free(struct input *input)
{
	free(input->text);
	free(input->name);
	free(input->bundle);
}

static int read_regular(int dir, const char *name, struct input *input,
			struct garita_error *err)
{
	auto_fd int fd =
		openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return garita_fail(err, errno, "cannot open: %s",
				   strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return garita_fail(err, EINVAL, "not a regular file");
	return garita_file_read(fd, GARITA_JSON_MAX_BYTES, &input->text,
				&input->len, err);
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
		garita_text_printf(&name, "%s/config.json", path);
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

static int complain(const struct garita_cli *cli, const struct options *options,
		    const char *source, const struct garita_error *error)
{
	char words[1024];

	if (strcmp(options->format, "json") == 0) {
		auto_text out = { 0 };

		garita_report_json_error(source, error, &out);
		garita_cli_print(&out);
	} else {
		garita_error_words(error, words, sizeof(words));
		garita_cli_complain(cli, "could not judge: %s", words);
	}
	return GARITA_EXIT_ERROR;
}

static int exit_code(const struct options *options,
		     const struct garita_verdict *verdict)
{
	if (verdict->outcome == GARITA_REFUSE)
		return GARITA_EXIT_REFUSED;
	if (options->fail_on != NULL && verdict->warned > 0)
		return GARITA_EXIT_REFUSED;
	return GARITA_EXIT_ADMITTED;
}

static void report(const struct garita_cli *cli, const struct options *options,
		   const struct garita_report_about *about)
{
	auto_text out = { 0 };

	if (strcmp(options->format, "json") == 0)
		garita_report_json(about, &out);
	else
		garita_report_text(about, cli->colour, &out);
	garita_cli_print(&out);
}

static int judge(const struct garita_cli *cli, const struct options *options,
		 const struct input *input)
{
	const struct garita_gate_options gate_options = {
		.sysroot = options->sysroot,
		.policy = options->policy,
		.profile = options->profile,
	};
	unsigned flags = options->no_fix ? GARITA_DECIDE_NO_FIX : 0;
	auto_json struct garita_json_doc *doc = NULL;
	auto_decision decision = { 0 };
	struct garita_error error = { 0 };
	auto_gate gate = { 0 };
	struct garita_report_about about;
	int rc = garita_gate_open(&gate_options, &gate, &error);

	if (rc < 0)
		return complain(cli, options, input->name, &error);
	rc = garita_config_parse(input->text, input->len, &doc, &error);
	if (rc == 0)
		rc = garita_gate_judge(&gate, doc, input->bundle, NULL, flags,
				       &decision, &error);
	if (rc < 0) {
		garita_fail_in(&error, input->name);
		return complain(cli, options, input->name, &error);
	}
	about = (struct garita_report_about){ input->name, gate.policy,
					      &decision };
	if (!options->print_config) {
		report(cli, options, &about);
	} else if (decision.verdict.outcome != GARITA_REFUSE) {
		auto_text out = { 0 };

		garita_json_print_pretty(garita_json_root(doc), &out);
		garita_text_putc(&out, '\n');
		garita_cli_print(&out);
	} else {
		auto_text line = { 0 };

		garita_report_line(&decision, &line);
		garita_cli_complain(cli, "%s", line.data);
	}
	return exit_code(options, &decision.verdict);
}

static bool are_sound(const struct garita_cli *cli, struct options *options,
		      size_t inputs)
{
	if (options->format == NULL)
		options->format = "text";
	if (inputs != 1)
		garita_cli_complain(cli, "give one BUNDLE, config.json or -");
	else if (strcmp(options->format, "text") != 0 &&
		 strcmp(options->format, "json") != 0)
		garita_cli_complain(cli,
				    "unknown format %s; there are text "
				    "and json",
				    options->format);
	else if (options->fail_on != NULL &&
		 strcmp(options->fail_on, "warn") != 0)
		garita_cli_complain(cli, "--fail-on takes warn");
	else
		return true;
	return false;
}

static int run(const struct garita_cli *cli)
{
	struct options options = { 0 };
	const struct garita_cli_option table[] = {
		{ "--policy", &options.policy, NULL },
		{ "--profile", &options.profile, NULL },
		{ "--sysroot", &options.sysroot, NULL },
		{ "--format", &options.format, NULL },
		{ "--fail-on", &options.fail_on, NULL },
		{ "--no-fix", NULL, &options.no_fix },
		{ "--print-config", NULL, &options.print_config },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	struct input input = { 0 };
	struct garita_error error = { 0 };
	size_t count;
	int code;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
		    0 ||
	    !are_sound(cli, &options, count))
		return GARITA_EXIT_ERROR;
	if (read_input(words[0], &input, &error) < 0) {
		garita_fail_in(&error, input.name);
		code = complain(cli, &options, input.name, &error);
	} else {
		code = judge(cli, &options, &input);
	}
	input_free(&input);
	return code;
}

const struct garita_cli_verb garita_cli_check = {
	.name = "check",
	.summary = "judge a config.json as the gate would, and say why",
	.usage = "check [--policy F] [--profile P] [--no-fix] [--sysroot DIR]\n"
		 "                    [--format text|json] [--fail-on warn]\n"
		 "                    [--print-config] "
		 "BUNDLE|config.json|-",
	.help = "  --policy F      this policy file instead "
		"of " GARITA_POLICY_FILE "\n"
		"  --profile P     off, baseline, restricted or strict\n"
		"  --no-fix        what could be repaired is refused\n"
		"  --sysroot DIR   read every fact about the host below DIR\n"
		"  --format F      text or json\n"
		"  --fail-on warn  warnings count as a refusal\n"
		"  --print-config  print the config that would run\n"
		"\n"
		"Exits 0 admitted (perhaps after repairs), 1 refused, 2 could "
		"not judge.\n"
		"Nothing is changed: the repaired config is only printed.\n",
	.run = run,
};
