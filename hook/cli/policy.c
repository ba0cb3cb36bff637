/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - `garita policy`: look at a policy before it decides anything.
 */
#include <stdio.h>
#include <string.h>

#include "hook/cli/policy.h"
#include "policy/nearest.h"

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

static const struct {
	const char *name; /* what messages call it, too */
	int (*run)(const struct garita_cli *cli);
} parts[] = {
	{ "policy check", garita_policy_check },
	{ "policy show", garita_policy_show },
	{ "policy test", garita_policy_test },
	{ "policy diff", garita_policy_diff },
	{ "policy suggest", garita_policy_suggest },
	{ "policy schema", print_schema },
};

static int run(const struct garita_cli *cli)
{
	auto_free char **argv =
		garita_xcalloc((size_t)cli->argc, sizeof(*argv));
	struct garita_cli part = { cli->argc - 1, argv, cli->colour,
				   cli->envp };
	const char *word = cli->argc > 1 ? cli->argv[1] : "";
	const size_t prefix = strlen("policy ");
	struct garita_nearest near = garita_nearest_to(word);

	for (size_t i = 0; i < GARITA_COUNT(parts); i++) {
		auto_free char *name = garita_xstrdup(parts[i].name);

		garita_nearest_try(&near, parts[i].name + prefix);
		if (strcmp(parts[i].name + prefix, word) != 0)
			continue;
		for (int a = 1; a < part.argc; a++)
			argv[a] = cli->argv[a + 1];
		argv[0] = name;
		return parts[i].run(&part);
	}
	if (near.word != NULL && *word != '\0')
		garita_cli_complain(cli, "unknown verb %s; did you mean %s?",
				    word, near.word);
	else
		garita_cli_complain(cli,
				    "give check, show, test, diff, suggest or "
				    "schema");
	return GARITA_EXIT_ERROR;
}

const struct garita_cli_verb garita_cli_policy = {
	.name = "policy",
	.summary = "check, show, test and compare policies",
	.usage = "policy check [--corpus DIR] [--sysroot DIR] [FILE]\n"
		 "       garita policy show [--profile P] [FILE]\n"
		 "       garita policy test [--policy F] [--profile P] "
		 "[--sysroot DIR]\n"
		 "                    [--format text|junit] DIR\n"
		 "       garita policy diff [--format text|json] [--sysroot "
		 "DIR] OLD NEW CORPUS\n"
		 "       garita policy suggest [--exceptions] [--scopes] "
		 "[--ttl SPAN] [--owner TEXT]\n"
		 "                    [--reason TEXT] [--since WHEN] "
		 "[--until WHEN] [--refused]\n"
		 "                    [--whole] [--policy F] [LOG...]\n"
		 "       garita policy schema",
	.help = "  check   read a policy and warn of what does nothing, has "
		"ended, or loosens\n"
		"          by what anybody can choose\n"
		"  show    the policy with all that it leaves to its profile, "
		"and which line\n"
		"          of which file says so; itself a policy\n"
		"  test    judge the cases below DIR; a finding that is not "
		"expected fails\n"
		"  diff    which containers of a corpus would be decided "
		"otherwise\n"
		"  suggest the fewest exceptions, or scopes, that let through "
		"what dry-run would\n"
		"          have refused by the log: by digest, and for a "
		"while\n"
		"  schema  the JSON Schema of the policy file\n"
		"\n"
		"  --scopes       scopes that end, which warn, instead of "
		"exceptions\n"
		"  --ttl SPAN     how long they hold: 30d, unless you say "
		"otherwise\n"
		"  --owner TEXT   who answers for the exceptions\n"
		"  --reason TEXT  why they are needed\n"
		"  --refused      also what was refused, which may be an "
		"attack\n"
		"  --whole        the policy's own text with them in it; else "
		"a "
		"policy that extends it\n"
		"\n"
		"Without FILE the policy is " GARITA_POLICY_FILE ".\n"
		"Exits 0 nothing found, 1 warnings, failed cases or "
		"differences, 2 error.\n",
	.run = run,
};
