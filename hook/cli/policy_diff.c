/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_diff - which containers of a corpus are decided otherwise by another
 * policy. Both judge the same bytes with the same facts.
 */
#include <errno.h>
#include <string.h>

#include "hook/cli/policy.h"
#include "hook/report/report.h"

/* What one policy says of a file. */
struct opinion {
	struct garita_verdict verdict;
	bool judged;
};

static const char *word(const struct opinion *opinion)
{
	return opinion->judged ? garita_outcome_name(opinion->verdict.outcome)
			       : "error";
}

static bool finds(const struct opinion *opinion, const struct garita_rule *rule,
		  enum garita_action *ret)
{
	for (size_t i = 0; i < opinion->verdict.count; i++) {
		if (opinion->verdict.findings[i].rule != rule)
			continue;
		*ret = opinion->verdict.findings[i].action;
		return true;
	}
	return false;
}

/* A line for every rule that is found by one only, or answered otherwise. */
static bool put_rules(const struct opinion *old, const struct opinion *new,
		      struct garita_text *out)
{
	bool any = false;

	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);
		enum garita_action was = GARITA_OFF, is = GARITA_OFF;
		bool found_old = finds(old, rule, &was);
		bool found_new = finds(new, rule, &is);

		if (found_old == found_new && was == is)
			continue;
		any = true;
		if (!found_new)
			garita_text_printf(out, "  - %s (%s)\n", rule->id,
					   garita_action_name(was));
		else if (!found_old)
			garita_text_printf(out, "  + %s (%s)\n", rule->id,
					   garita_action_name(is));
		else
			garita_text_printf(out, "  ~ %s (%s -> %s)\n", rule->id,
					   garita_action_name(was),
					   garita_action_name(is));
	}
	return any;
}

static bool compare(const char *path, const struct garita_case_file *file,
		    const struct garita_gate gates[2], struct garita_text *out)
{
	struct opinion opinions[2] = { 0 };
	auto_text rules = { 0 };
	bool differ;

	for (size_t i = 0; i < 2; i++)
		opinions[i].judged =
			garita_case_file_judge(file, &gates[i],
					       &opinions[i].verdict, NULL) == 0;
	differ = strcmp(word(&opinions[0]), word(&opinions[1])) != 0;
	if (put_rules(&opinions[0], &opinions[1], &rules) || differ) {
		garita_report_put_safe(out, path);
		garita_text_printf(out, ": %s", word(&opinions[0]));
		if (differ)
			garita_text_printf(out, " -> %s", word(&opinions[1]));
		garita_text_putc(out, '\n');
		garita_text_add(out, rules.data, rules.len);
	}
	for (size_t i = 0; i < 2; i++)
		garita_verdict_free(&opinions[i].verdict);
	return differ;
}

static int compare_all(const struct garita_cli *cli, const char *dir,
		       const struct garita_gate gates[2])
{
	struct garita_error error = { 0 };
	auto_corpus corpus = { 0 };
	auto_text out = { 0 };
	size_t judged = 0, differ = 0;

	if (garita_corpus_list(dir, &corpus, &error) < 0) {
		garita_cli_complain(cli, "%s", error.text);
		return GARITA_EXIT_ERROR;
	}
	for (size_t i = 0; i < corpus.count; i++) {
		auto_case_file file = { 0 };
		int rc = garita_case_file_read(corpus.paths[i], &file, &error);

		if (rc == -ENOMSG)
			continue;
		if (rc < 0) {
			garita_cli_complain(cli, "%s: %s", corpus.paths[i],
					    error.text);
			return GARITA_EXIT_ERROR;
		}
		judged++;
		differ += compare(corpus.paths[i], &file, gates, &out);
	}
	if (judged == 0) {
		garita_cli_complain(cli, "%s: no config", dir);
		return GARITA_EXIT_ERROR;
	}
	garita_text_printf(&out, "%zu of %zu decided otherwise\n", differ,
			   judged);
	garita_cli_print(&out);
	return differ > 0 ? GARITA_EXIT_REFUSED : 0;
}

int garita_policy_diff(const struct garita_cli *cli)
{
	const char *sysroot = NULL;
	const struct garita_cli_option table[] = {
		{ "--sysroot", &sysroot, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	struct garita_gate gates[2] = { 0 };
	struct garita_error error = { 0 };
	size_t count;
	int code = GARITA_EXIT_ERROR, rc = 0;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count != 3) {
		garita_cli_complain(cli, "give OLD, NEW and CORPUS");
		return GARITA_EXIT_ERROR;
	}
	for (size_t i = 0; rc == 0 && i < 2; i++) {
		const struct garita_gate_options options = {
			.sysroot = sysroot,
			.policy = words[i],
		};

		rc = garita_gate_open(&options, &gates[i], &error);
	}
	if (rc < 0) {
		char said[1024];

		garita_cli_complain(
			cli, "%s",
			garita_error_words(&error, said, sizeof(said)));
	} else {
		code = compare_all(cli, words[2], gates);
	}
	garita_gate_close(&gates[0]);
	garita_gate_close(&gates[1]);
	return code;
}
