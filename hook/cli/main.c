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
	&garita_cli_verify_bundle, &garita_cli_host,
};

static void print_overview(FILE *out)
{
	fputs("garita judges containers before they start.\n\n"
	      "usage: garita VERB ...\n\n",
	      out);
	for (size_t i = 0; i < GARITA_COUNT(verbs); i++)
		fprintf(out, "  %-15s%s\n", verbs[i]->name, verbs[i]->summary);
	fputs("  help           this text, or the help of a verb\n"
	      "  version        the version\n\n"
	      "See garita(1); garita-runtime(8) and garita-hook(8) are the "
	      "gate itself.\n",
	      out);
}

static const struct garita_cli_verb *find_verb(const char *name)
{
	struct garita_nearest near = garita_nearest_to(name);

	for (size_t i = 0; i < GARITA_COUNT(verbs); i++) {
		if (strcmp(verbs[i]->name, name) == 0)
			return verbs[i];
		garita_nearest_try(&near, verbs[i]->name);
	}
	if (near.word != NULL)
		fprintf(stderr, "garita: unknown verb %s; did you mean %s?\n",
			name, near.word);
	else
		fprintf(stderr, "garita: unknown verb %s; see garita help\n",
			name);
	return NULL;
}

static int print_help(const char *name)
{
	const struct garita_cli_verb *verb;

	if (name == NULL) {
		print_overview(stdout);
		return 0;
	}
	verb = find_verb(name);
	if (verb == NULL)
		return GARITA_EXIT_ERROR;
	printf("usage: garita %s\n\n%s", verb->usage, verb->help);
	return 0;
}

static bool wants_help(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0 ||
		    strcmp(argv[i], "-h") == 0)
			return true;
	return false;
}

static bool wants_colour(char *envp[])
{
	for (size_t i = 0; envp[i] != NULL; i++)
		if (strncmp(envp[i], "NO_COLOR=", 9) == 0 && envp[i][9])
			return false;
	return isatty(STDOUT_FILENO) == 1;
}

static int run(int argc, char *argv[], char *envp[])
{
	struct garita_cli cli = { argc - 1, argv + 1, wants_colour(envp),
				  envp };
	const struct garita_cli_verb *verb;

	if (argc < 2) {
		print_overview(stderr);
		return GARITA_EXIT_ERROR;
	}
	if (strcmp(argv[1], "help") == 0 && argc > 2 &&
	    strcmp(argv[2], "--words") == 0) {
		garita_cli_words(verbs, GARITA_COUNT(verbs), argv[3],
				 argc > 4 ? argv[4] : NULL);
		return 0;
	}
	if (strcmp(argv[1], "help") == 0)
		return print_help(argv[2]);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return print_help(NULL);
	if (strcmp(argv[1], "version") == 0 ||
	    strcmp(argv[1], "--version") == 0)
		return puts("garita " GARITA_VERSION) < 0;
	verb = find_verb(argv[1]);
	if (verb == NULL)
		return GARITA_EXIT_ERROR;
	if (wants_help(cli.argc, cli.argv))
		return print_help(verb->name);
	return verb->run(&cli);
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
