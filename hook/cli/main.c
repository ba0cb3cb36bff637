/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * main - garita: the command for people. One file a verb; this one finds it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hook/cli/cli.h"
#include "hook/settle.h"
#include "policy/nearest.h"

static const struct garita_cli_verb *const verbs[] = {
	&garita_cli_check,         &garita_cli_rules,     &garita_cli_explain,
	&garita_cli_seccomp,       &garita_cli_policy,    &garita_cli_image,
	&garita_cli_install,       &garita_cli_uninstall, &garita_cli_status,
	&garita_cli_doctor,        &garita_cli_log,       &garita_cli_net,
	&garita_cli_verify_bundle, &garita_cli_host,      NULL,
};

static void print_summaries(const struct garita_cli_verb *const *table,
			    FILE *out)
{
	for (; *table != NULL; table++)
		fprintf(out, "  %-15s%s\n", garita_cli_word(*table),
			(*table)->summary);
}

static void print_overview(FILE *out)
{
	fputs("garita judges containers before they start.\n\n"
	      "usage: garita VERB ...\n\n",
	      out);
	print_summaries(verbs, out);
	fputs("  help           this text, or the help of a verb\n"
	      "  version        the version\n\n"
	      "See garita(1); garita-runtime(8) and garita-hook(8) are the "
	      "gate itself.\n",
	      out);
}

/* "garita policy: give check, show or test" */
static void list_forms(const struct garita_cli_verb *verb)
{
	const struct garita_cli_verb *const *form = verb->forms;

	fprintf(stderr, "garita %s: give", verb->name);
	for (; *form != NULL; form++)
		fprintf(stderr, "%s %s",
			form == verb->forms ? ""
			: form[1] == NULL   ? " or"
					    : ",",
			garita_cli_word(*form));
	fputs("\n", stderr);
}

/* Of the verbs, or of the forms of one. NULL when there is none, and that was
 * said. */
static const struct garita_cli_verb *find(const struct garita_cli_verb *of,
					  const char *word)
{
	const struct garita_cli_verb *const *table = of ? of->forms : verbs;
	const char *space = of ? " " : "", *name = of ? of->name : "";
	struct garita_nearest near = garita_nearest_to(word);

	for (; *table != NULL; table++) {
		const char *known = garita_cli_word(*table);

		if (strcmp(known, word) == 0)
			return *table;
		garita_nearest_try(&near, known);
	}
	if (near.word != NULL)
		fprintf(stderr,
			"garita%s%s: unknown verb %s; did you mean %s?\n",
			space, name, word, near.word);
	else if (of == NULL)
		fprintf(stderr, "garita: unknown verb %s; see garita help\n",
			word);
	else
		list_forms(of);
	return NULL;
}

static void print_help(const struct garita_cli_verb *verb)
{
	if (verb->forms == NULL) {
		printf("usage: garita %s\n\n%s", verb->usage, verb->help);
		return;
	}
	printf("usage: garita %s VERB ...\n\n", verb->name);
	print_summaries(verb->forms, stdout);
	printf("\nSee garita help %s VERB.\n", verb->name);
}

static bool is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool wants_help(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		if (is_help(argv[i]))
			return true;
	return false;
}

/* `garita help`, and behind it a verb, and one of its forms. */
static int help(char *argv[])
{
	const struct garita_cli_verb *verb;

	if (argv[0] == NULL) {
		print_overview(stdout);
		return 0;
	}
	verb = find(NULL, argv[0]);
	if (verb != NULL && verb->forms != NULL && argv[1] != NULL)
		verb = find(verb, argv[1]);
	if (verb == NULL)
		return GARITA_EXIT_ERROR;
	print_help(verb);
	return 0;
}

static bool wants_colour(char *envp[])
{
	for (size_t i = 0; envp[i] != NULL; i++)
		if (strncmp(envp[i], "NO_COLOR=", 9) == 0 && envp[i][9])
			return false;
	return isatty(STDOUT_FILENO) == 1;
}

static int run_verb(struct garita_cli *cli)
{
	const struct garita_cli_verb *verb = find(NULL, cli->argv[0]);

	if (verb != NULL && verb->forms != NULL &&
	    (cli->argc < 2 || !is_help(cli->argv[1]))) {
		verb = find(verb, cli->argc < 2 ? "" : cli->argv[1]);
		cli->argc--;
		cli->argv++;
	}
	if (verb == NULL)
		return GARITA_EXIT_ERROR;
	if (wants_help(cli->argc, cli->argv)) {
		print_help(verb);
		return 0;
	}
	cli->verb = verb->name;
	return verb->run(cli);
}

static int run(int argc, char *argv[], char *envp[])
{
	struct garita_cli cli = {
		.argc = argc - 1,
		.argv = argv + 1,
		.colour = wants_colour(envp),
		.envp = envp,
	};

	if (argc < 2) {
		print_overview(stderr);
		return GARITA_EXIT_ERROR;
	}
	if (strcmp(argv[1], "help") == 0 && argc > 2 &&
	    strcmp(argv[2], "--words") == 0) {
		garita_cli_words(verbs, argc - 3, argv + 3);
		return 0;
	}
	if (strcmp(argv[1], "help") == 0)
		return help(argv + 2);
	if (is_help(argv[1]))
		return help(argv + argc);
	if (strcmp(argv[1], "version") == 0 ||
	    strcmp(argv[1], "--version") == 0)
		return puts("garita " GARITA_VERSION) < 0;
	return run_verb(&cli);
}

int main(int argc, char *argv[], char *envp[])
{
	int code;

	garita_settle_standard(O_RDONLY);
	/* `garita rules | head` ends quietly. */
	signal(SIGPIPE, SIG_DFL);
	code = run(argc, argv, envp);
	/* A verdict that could not be written was not given. */
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("garita: cannot write the output\n", stderr);
		return GARITA_EXIT_ERROR;
	}
	return code;
}
