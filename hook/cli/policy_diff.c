/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_diff - which containers of a corpus are decided otherwise by another
 * policy. Both judge the same bytes with the same facts.
 */
#include <errno.h>
#include <string.h>

#include "hook/cli/policy.h"
#include "hook/report/report.h"

enum { DIFF_VERSION = 1 };

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

/* What differs, as the tree that both forms of output are made from. */
struct changes {
	struct garita_json_doc *doc;
	struct garita_json *list; /* one a container */
	size_t judged, differ;
};

static void put_action(struct garita_json_doc *doc, struct garita_json *node,
		       const char *key, bool found, enum garita_action action)
{
	if (found)
		garita_json_put_string(doc, node, key,
				       garita_action_name(action));
}

/* An item for every rule that is found by one only, or answered otherwise. */
static struct garita_json *rules_of(struct garita_json_doc *doc,
				    const struct opinion *old,
				    const struct opinion *new)
{
	struct garita_json *list = garita_json_new_array(doc);

	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);
		enum garita_action was = GARITA_OFF, is = GARITA_OFF;
		bool found_old = finds(old, rule, &was);
		bool found_new = finds(new, rule, &is);
		struct garita_json *node;

		if (found_old == found_new && was == is)
			continue;
		node = garita_json_new_object(doc);
		garita_json_put_string(doc, node, "rule", rule->id);
		put_action(doc, node, "old", found_old, was);
		put_action(doc, node, "new", found_new, is);
		garita_json_append(doc, list, node);
	}
	return list;
}

static void compare(const char *path, const struct garita_case_file *file,
		    const struct garita_gate gates[2], struct changes *ret)
{
	struct opinion opinions[2] = { 0 };
	struct garita_json *rules, *node;
	bool differ;

	for (size_t i = 0; i < 2; i++)
		opinions[i].judged =
			garita_case_file_judge(file, &gates[i],
					       &opinions[i].verdict, NULL) == 0;
	differ = strcmp(word(&opinions[0]), word(&opinions[1])) != 0;
	rules = rules_of(ret->doc, &opinions[0], &opinions[1]);
	if (garita_json_count(rules) > 0 || differ) {
		node = garita_json_new_object(ret->doc);
		garita_report_put_string(ret->doc, node, "path", path);
		garita_json_put_string(ret->doc, node, "old",
				       word(&opinions[0]));
		garita_json_put_string(ret->doc, node, "new",
				       word(&opinions[1]));
		garita_json_put(ret->doc, node, "rules", rules);
		garita_json_append(ret->doc, ret->list, node);
	}
	ret->judged++;
	ret->differ += differ;
	for (size_t i = 0; i < 2; i++)
		garita_verdict_free(&opinions[i].verdict);
}

static const char *text_of(const struct garita_json *node, const char *key)
{
	return garita_json_string(garita_json_get(node, key));
}

static void put_rule(const struct garita_json *node, struct garita_text *out)
{
	const char *id = text_of(node, "rule");
	const char *was = text_of(node, "old"), *is = text_of(node, "new");

	if (is == NULL)
		garita_text_printf(out, "  - %s (%s)\n", id, was);
	else if (was == NULL)
		garita_text_printf(out, "  + %s (%s)\n", id, is);
	else
		garita_text_printf(out, "  ~ %s (%s -> %s)\n", id, was, is);
}

static void print_text(const struct changes *changes, struct garita_text *out)
{
	for (size_t i = 0; i < garita_json_count(changes->list); i++) {
		const struct garita_json *node =
			garita_json_item(changes->list, i);
		const struct garita_json *rules =
			garita_json_get(node, "rules");
		const char *was = text_of(node, "old");
		const char *is = text_of(node, "new");

		garita_report_put_safe(out, text_of(node, "path"));
		garita_text_printf(out, ": %s", was);
		if (strcmp(was, is) != 0)
			garita_text_printf(out, " -> %s", is);
		garita_text_putc(out, '\n');
		for (size_t r = 0; r < garita_json_count(rules); r++)
			put_rule(garita_json_item(rules, r), out);
	}
	garita_text_printf(out, "%zu of %zu decided otherwise\n",
			   changes->differ, changes->judged);
}

static void print_json(const struct changes *changes, struct garita_text *out)
{
	struct garita_json *root = garita_json_root(changes->doc);

	garita_json_put_u64(changes->doc, root, "version", DIFF_VERSION);
	garita_json_put_u64(changes->doc, root, "judged", changes->judged);
	garita_json_put_u64(changes->doc, root, "differ", changes->differ);
	garita_json_put(changes->doc, root, "changes", changes->list);
	garita_report_put_tree(root, out);
}

static int compare_files(const struct garita_cli *cli, const char *dir,
			 const struct garita_gate gates[2], struct changes *ret)
{
	struct garita_error error = { 0 };
	auto_corpus corpus = { 0 };

	if (garita_corpus_list(dir, &corpus, &error) < 0)
		return garita_cli_fail(cli, &error);
	for (size_t i = 0; i < corpus.count; i++) {
		auto_case_file file = { 0 };
		int rc = garita_case_file_read(corpus.paths[i], &file, &error);

		if (rc == -ENOMSG)
			continue;
		if (rc < 0) {
			garita_fail_in(&error, corpus.paths[i]);
			return garita_cli_fail(cli, &error);
		}
		compare(corpus.paths[i], &file, gates, ret);
	}
	if (ret->judged == 0) {
		garita_cli_complain(cli, "%s: no config", dir);
		return GARITA_EXIT_ERROR;
	}
	return ret->differ > 0 ? GARITA_EXIT_REFUSED : GARITA_EXIT_ADMITTED;
}

static int compare_all(const struct garita_cli *cli, const char *dir,
		       const struct garita_gate gates[2], bool json)
{
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct changes changes = { .doc = doc };
	auto_text out = { 0 };
	int code;

	changes.list = garita_json_new_array(doc);
	code = compare_files(cli, dir, gates, &changes);
	if (code != GARITA_EXIT_ERROR)
		(json ? print_json : print_text)(&changes, &out);
	garita_cli_print(&out);
	return code;
}

static int run(const struct garita_cli *cli)
{
	const char *sysroot = NULL, *format = NULL;
	const struct garita_cli_option table[] = {
		{ "--sysroot", &sysroot, NULL, NULL },
		{ "--format", &format, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	struct garita_gate gates[2] = { 0 };
	struct garita_error error = { 0 };
	size_t count;
	int code, rc = 0;
	bool json;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
		    0 ||
	    garita_cli_wants_json(cli, format, &json) < 0)
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
	code = rc < 0 ? garita_cli_fail(cli, &error)
		      : compare_all(cli, words[2], gates, json);
	garita_gate_close(&gates[0]);
	garita_gate_close(&gates[1]);
	return code;
}

const struct garita_cli_verb garita_policy_diff = {
	.name = "policy diff",
	.summary = "which containers another policy would decide otherwise",
	.usage = "policy diff [--format text|json] [--sysroot DIR] OLD NEW "
		 "CORPUS",
	.help = "Names the containers that NEW decides otherwise than OLD, "
		"and the rules that\n"
		"make the difference. CORPUS is a directory of configs, or of "
		"cases.\n"
		"\n"
		"  --format F     text or json\n"
		"  --sysroot DIR  read every fact about the host below DIR\n"
		"\n"
		"Exits 0 none, 1 some, 2 error.\n",
	.run = run,
};
