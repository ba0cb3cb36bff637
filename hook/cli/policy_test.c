/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_test - the cases below a folder: what a policy should say of a config,
 * rule by rule. What is found and not expected fails as much as what is
 * expected and not found: a test that passes says all that the policy does.
 */
#include <errno.h>
#include <string.h>

#include "hook/cli/policy.h"
#include "hook/report/report.h"

struct options {
	const char *policy, *profile, *sysroot, *format;
};

struct tally {
	size_t passed, failed;
	bool junit;
	struct garita_text out;
};

static void tell(struct tally *tally, const char *path, const char *wrong)
{
	if (wrong == NULL)
		tally->passed++;
	else
		tally->failed++;
	if (tally->junit) {
		garita_text_puts(&tally->out,
				 "  <testcase classname=\"garita\" name=\"");
		garita_report_put_xml(&tally->out, path);
		garita_text_puts(&tally->out,
				 wrong ? "\"><failure message=\"" : "\"/>\n");
		if (wrong == NULL)
			return;
		garita_report_put_xml(&tally->out, wrong);
		garita_text_puts(&tally->out, "\"/></testcase>\n");
		return;
	}
	if (wrong == NULL)
		return;
	garita_report_put_safe(&tally->out, path);
	garita_text_puts(&tally->out, ": ");
	garita_report_put_safe(&tally->out, wrong);
	garita_text_putc(&tally->out, '\n');
}

static bool lists(const struct garita_json *ids, const char *id)
{
	for (size_t i = 0; i < garita_json_count(ids); i++) {
		const char *word = garita_json_string(garita_json_item(ids, i));

		if (word != NULL && strcmp(word, id) == 0)
			return true;
	}
	return false;
}

static bool is_excepted(const struct garita_finding *f)
{
	return f->exception != NULL && f->action < GARITA_FIX;
}

/* Is a finding of this rule there that a person reads about? */
static bool found(const struct garita_verdict *verdict, const char *id,
		  bool excepted)
{
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (!f->covered && is_excepted(f) == excepted &&
		    strcmp(f->rule->id, id) == 0)
			return true;
	}
	return false;
}

static void add_wrong(struct garita_text *wrong, const char *what,
		      const char *id)
{
	garita_text_printf(wrong, "%s%s %s", wrong->len > 0 ? "; " : "", what,
			   id);
}

/* Both ways: expected and not found, found and not expected. */
static void compare_rules(const struct garita_json *expect, const char *member,
			  const struct garita_verdict *verdict, bool excepted,
			  struct garita_text *wrong)
{
	const struct garita_json *ids = garita_json_get(expect, member);

	for (size_t i = 0; i < garita_json_count(ids); i++) {
		const char *id = garita_json_string(garita_json_item(ids, i));

		if (id == NULL || garita_rule_find(id) < 0)
			add_wrong(wrong, "no such rule:", id ? id : "?");
		else if (!found(verdict, id, excepted))
			add_wrong(
				wrong,
				excepted ? "not excepted:" : "not found:", id);
	}
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const char *id = garita_rule_at(i)->id;

		if (found(verdict, id, excepted) && !lists(ids, id))
			add_wrong(wrong,
				  excepted ? "excepted, which is not expected:"
					   : "found, which is not expected:",
				  id);
	}
}

static void compare_words(const char *what, const char *expected,
			  const char *is, struct garita_text *wrong)
{
	if (expected != NULL && strcmp(expected, is) != 0)
		garita_text_printf(wrong, "%s%s %s, not %s",
				   wrong->len > 0 ? "; " : "", what, is,
				   expected);
}

static void compare(const struct garita_json *expect,
		    const struct garita_verdict *verdict,
		    struct garita_text *wrong)
{
	compare_words("verdict",
		      garita_json_string(garita_json_get(expect, "verdict")),
		      garita_outcome_name(verdict->outcome), wrong);
	compare_words("scope",
		      garita_json_string(garita_json_get(expect, "scope")),
		      verdict->scope ? verdict->scope : "none", wrong);
	compare_rules(expect, "rules", verdict, false, wrong);
	compare_rules(expect, "excepted", verdict, true, wrong);
}

static int open_gate(const struct options *options,
		     const struct garita_case_file *file,
		     struct garita_gate *ret, struct garita_error *err)
{
	auto_free char *beside =
		file->policy ? garita_case_file_beside(file, file->policy)
			     : NULL;
	const struct garita_gate_options gate_options = {
		.sysroot = options->sysroot,
		.policy = beside ? beside : options->policy,
		.profile = file->profile ? file->profile : options->profile,
	};

	return garita_gate_open(&gate_options, ret, err);
}

/* What is wrong with the case, in `wrong`; nothing when it passes. */
static void run_case(const struct options *options,
		     const struct garita_case_file *file,
		     struct garita_text *wrong)
{
	struct garita_error error = { 0 };
	auto_verdict verdict = { 0 };
	auto_gate gate = { 0 };
	const char *expected =
		garita_json_string(garita_json_get(file->expect, "verdict"));
	char words[1024];
	int rc = open_gate(options, file, &gate, &error);

	if (expected == NULL) {
		garita_text_puts(wrong, "no expect.verdict: a case says what "
					"should come out");
		return;
	}
	if (rc < 0) {
		garita_text_puts(wrong, garita_error_words(&error, words,
							   sizeof(words)));
		return;
	}
	rc = garita_case_file_judge(file, &gate, &verdict, &error);
	if (rc == 0)
		compare(file->expect, &verdict, wrong);
	else if (strcmp(expected, "error") != 0)
		garita_text_printf(
			wrong, "could not judge: %s",
			garita_error_words(&error, words, sizeof(words)));
}

static void run_file(const struct options *options, const char *path,
		     struct tally *tally)
{
	struct garita_error error = { 0 };
	auto_case_file file = { 0 };
	auto_text wrong = { 0 };
	char words[1024];
	int rc = garita_case_file_read(path, &file, &error);

	if (rc == -ENOMSG || (rc == 0 && file.doc == NULL))
		return; /* a config that cases share, or its policy */
	if (rc < 0)
		garita_text_puts(&wrong, garita_error_words(&error, words,
							    sizeof(words)));
	else
		run_case(options, &file, &wrong);
	tell(tally, path, wrong.data);
}

static void print(struct tally *tally)
{
	auto_text out = { 0 };

	if (tally->junit) {
		garita_text_printf(
			&out,
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			"<testsuite name=\"garita policy test\" "
			"tests=\"%zu\" failures=\"%zu\">\n",
			tally->passed + tally->failed, tally->failed);
		garita_text_add(&out, tally->out.data, tally->out.len);
		garita_text_puts(&out, "</testsuite>\n");
	} else {
		garita_text_add(&out, tally->out.data, tally->out.len);
		garita_text_printf(&out, "%zu passed, %zu failed\n",
				   tally->passed, tally->failed);
	}
	garita_cli_print(&out);
}

static int run_all(const struct garita_cli *cli, const struct options *options,
		   const char *dir)
{
	struct tally tally = {
		.junit = options->format != NULL &&
			 strcmp(options->format, "junit") == 0,
	};
	struct garita_error error = { 0 };
	auto_corpus corpus = { 0 };
	int code = GARITA_EXIT_ERROR;

	if (garita_corpus_list(dir, &corpus, &error) < 0)
		return garita_cli_fail(cli, &error);
	for (size_t i = 0; i < corpus.count; i++)
		run_file(options, corpus.paths[i], &tally);
	if (tally.passed + tally.failed == 0) {
		garita_cli_complain(cli, "%s: no case", dir);
	} else {
		print(&tally);
		code = tally.failed > 0 ? GARITA_EXIT_REFUSED : 0;
	}
	garita_text_free(&tally.out);
	return code;
}

static int run(const struct garita_cli *cli)
{
	struct options options = { 0 };
	const struct garita_cli_option table[] = {
		{ "--policy", &options.policy, NULL, NULL },
		{ "--profile", &options.profile, NULL, NULL },
		{ "--sysroot", &options.sysroot, NULL, NULL },
		{ "--format", &options.format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	size_t count;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count != 1) {
		garita_cli_complain(cli, "give one DIR of cases");
		return GARITA_EXIT_ERROR;
	}
	if (options.format != NULL && strcmp(options.format, "text") != 0 &&
	    strcmp(options.format, "junit") != 0) {
		garita_cli_complain(cli,
				    "unknown format %s; there are text and "
				    "junit",
				    options.format);
		return GARITA_EXIT_ERROR;
	}
	return run_all(cli, &options, words[0]);
}

const struct garita_cli_verb garita_policy_test = {
	.name = "policy test",
	.summary = "judge cases, and compare with what they expect",
	.usage = "policy test [--policy F] [--profile P] [--sysroot DIR]\n"
		 "                          [--format text|junit] DIR",
	.help = "Judges the cases below DIR (TESTS in garita-policy.json(5)); "
		"a finding that is\n"
		"not expected fails as one that is missing.\n"
		"\n"
		"  --policy F     this policy file instead "
		"of " GARITA_POLICY_FILE "\n"
		"  --profile P    off, baseline, restricted or strict\n"
		"  --sysroot DIR  read every fact about the host below DIR\n"
		"  --format F     text, or junit for CI\n"
		"\n"
		"Exits 0 all are as they should be, 1 one failed, 2 error.\n",
	.run = run,
};
