/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The golden cases: tests/rules/<rule id>/{pass,fail,fix}-<slug>.json, each a
 * judgement (cases.h) and what must come of it:
 *
 *   find     [{"rule", "pointer", "found", "action", "covered"}]: exactly the
 *            findings of this rule (none where absent), and with "rule" one
 *            of another that must be among the rest. "rule" is the folder's
 *            and "action" deny or fix, as the file's name says, unless given
 *   outcome  of the whole judgement, where the case is about that
 *   after    {JSON pointer: value} of the repaired config; null: not there
 *
 * A rule without a case on either side fails here, as does a case of no rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>

#include "tests/unit/cases.h"

static const char folder[] = GARITA_SRC_DIR "/tests/rules";

enum kind { PASS, FAIL, FIX, KINDS };

static const char *const prefixes[KINDS] = { "pass-", "fail-", "fix-" };

struct golden {
	char *name; /* "<rule id>/<file>" */
	const struct garita_rule *rule;
	enum kind kind;
};

struct goldens {
	struct golden *list;
	size_t count;
	char *stray; /* the first entry that is no case of any rule, or NULL */
};

static bool same_text(const struct garita_json *wanted, const char *text)
{
	return wanted == NULL || strcmp(garita_json_string(wanted), text) == 0;
}

static const char *wanted_rule(const struct golden *golden,
			       const struct garita_json *wanted)
{
	const char *rule = garita_json_string(garita_json_get(wanted, "rule"));

	return rule ? rule : golden->rule->id;
}

static bool is_wanted(const struct golden *golden,
		      const struct garita_json *wanted,
		      const struct garita_finding *f)
{
	const struct garita_json *action = garita_json_get(wanted, "action");
	const char *usual = golden->kind == FIX ? "fix" : "deny";
	const char *got = garita_action_name(f->action);

	return strcmp(wanted_rule(golden, wanted), f->rule->id) == 0 &&
	       strcmp(action ? garita_json_string(action) : usual, got) == 0 &&
	       same_text(garita_json_get(wanted, "pointer"), f->pointer) &&
	       same_text(garita_json_get(wanted, "found"), f->found) &&
	       garita_json_bool(garita_json_get(wanted, "covered")) ==
		       f->covered;
}

/* Each wanted finding takes one that is there; none of the rule is left. */
static void check_findings(const struct golden *golden,
			   const struct garita_json *find,
			   const struct garita_verdict *verdict)
{
	auto_free bool *taken = garita_xcalloc(verdict->count, sizeof(*taken));
	auto_free char *words = cases_words(verdict);

	for (size_t i = 0; i < garita_json_count(find); i++) {
		const struct garita_json *wanted = garita_json_item(find, i);
		bool found = false;

		for (size_t n = 0; n < verdict->count && !found; n++) {
			found = !taken[n] && is_wanted(golden, wanted,
						       &verdict->findings[n]);
			taken[n] = taken[n] || found;
		}
		if (!found)
			fail_msg("%s: finding %zu is not there\n%s",
				 golden->name, i, words);
	}
	for (size_t n = 0; n < verdict->count; n++)
		if (!taken[n] && verdict->findings[n].rule == golden->rule)
			fail_msg("%s: finding %zu is one too many\n%s",
				 golden->name, n, words);
}

static void check_after(const struct golden *golden,
			const struct garita_json *after,
			struct garita_json_doc *doc)
{
	for (size_t i = 0; i < garita_json_count(after); i++) {
		const char *pointer = garita_json_key(after, i);
		const struct garita_json *want = garita_json_item(after, i);
		const struct garita_json *got =
			garita_json_at(garita_json_root(doc), pointer);
		auto_text text = { 0 };

		if (got == NULL && garita_json_type(want) == GARITA_JSON_NULL)
			continue;
		garita_json_print(got, &text);
		if (got == NULL || !garita_json_equal(got, want))
			fail_msg("%s: after the repair %s is %s", golden->name,
				 pointer, got ? text.data : "not there");
	}
}

/* What was repaired is admitted as it is, and repairs to itself. */
static void check_repaired(const struct golden *golden,
			   const struct case_inputs *inputs,
			   struct garita_json_doc *doc)
{
	auto_json struct garita_json_doc *again = NULL;
	auto_text first = { 0 }, second = { 0 };
	auto_verdict verdict = { 0 };
	auto_free char *words = NULL;

	garita_json_print(garita_json_root(doc), &first);
	cases_decide(inputs, first.data, first.len, 0, &again, &verdict);
	words = cases_words(&verdict);
	if (verdict.outcome != GARITA_ADMIT)
		fail_msg("%s: repaired, and then: %s", golden->name, words);
	garita_json_print(garita_json_root(again), &second);
	assert_string_equal(first.data, second.data);
}

/* With repairs off the same findings refuse. */
static void check_no_fix(const struct golden *golden,
			 const struct case_inputs *inputs)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_verdict verdict = { 0 };
	auto_text after = { 0 };

	cases_decide(inputs, inputs->text, inputs->len, GARITA_DECIDE_NO_FIX,
		     &doc, &verdict);
	if (verdict.outcome != GARITA_REFUSE)
		fail_msg("%s: not refused with repairs off", golden->name);
	garita_json_print(garita_json_root(doc), &after);
	assert_string_equal(after.data, inputs->text);
}

static void check_words(const struct golden *golden,
			const struct garita_verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (*f->found == '\0' || *f->wanted == '\0' ||
		    f->pointer[0] != '/')
			fail_msg("%s: finding %zu of %s says nothing",
				 golden->name, i, f->rule->id);
		/* A machine has no text to point into. */
		if (f->rule->scope != GARITA_SCOPE_HOST &&
		    (f->line == 0 || f->column == 0))
			fail_msg("%s: finding at %s has no place", golden->name,
				 f->pointer);
	}
}

static void check_outcome(const struct golden *golden,
			  const struct garita_json *of,
			  const struct garita_verdict *verdict)
{
	const char *wanted = garita_json_string(garita_json_get(of, "outcome"));
	const char *got = garita_outcome_name(verdict->outcome);
	auto_free char *words = cases_words(verdict);

	if (wanted == NULL && golden->kind == FIX)
		wanted = "repair";
	if (wanted != NULL && strcmp(wanted, got) != 0)
		fail_msg("%s: wanted %s, got %s", golden->name, wanted, words);
}

static void check_members(const struct golden *golden,
			  const struct garita_json *of)
{
	static const char *const known[] = {
		"why",     "profile", "policy", "lists",    "config", "remove",
		"append",  "exec",    "update", "host",     "image",  "find",
		"outcome", "after",   "facts",  "no-facts",
	};

	if (garita_json_string(garita_json_get(of, "why")) == NULL)
		fail_msg("%s does not say why", golden->name);
	for (size_t i = 0; i < garita_json_count(of); i++) {
		bool is_known = false;

		for (size_t n = 0; n < GARITA_COUNT(known); n++)
			is_known =
				is_known ||
				strcmp(known[n], garita_json_key(of, i)) == 0;
		if (!is_known)
			fail_msg("%s: unknown member \"%s\"", golden->name,
				 garita_json_key(of, i));
	}
	if ((golden->kind == PASS) != (garita_json_get(of, "find") == NULL))
		fail_msg("%s: only what does not pass has findings",
			 golden->name);
}

static void run_golden(void **state)
{
	const struct golden *golden = *state;
	auto_text path = { 0 };
	auto_json struct garita_json_doc *file = NULL, *doc = NULL;
	auto_case inputs = { 0 };
	auto_verdict verdict = { 0 };
	const struct garita_json *of;

	garita_text_printf(&path, "%s/%s", folder, golden->name);
	file = cases_parse(path.data);
	of = garita_json_root(file);
	check_members(golden, of);
	cases_load(golden->name, of, &inputs);
	cases_decide(&inputs, inputs.text, inputs.len, 0, &doc, &verdict);
	check_findings(golden, garita_json_get(of, "find"), &verdict);
	check_outcome(golden, of, &verdict);
	check_words(golden, &verdict);
	if (golden->kind != FIX)
		return;
	check_after(golden, garita_json_get(of, "after"), doc);
	check_repaired(golden, &inputs, doc);
	check_no_fix(golden, &inputs);
}

/* The base of all cases is quiet, whatever the profile. */
static void test_the_base_is_admitted_as_it_is(void **state)
{
	static const char *const profiles[] = { "off", "baseline", "restricted",
						"strict" };

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(profiles); i++) {
		auto_json struct garita_json_doc *doc = NULL;
		auto_case inputs = { 0 };
		auto_verdict verdict = { 0 };
		auto_free char *words = NULL;

		cases_load("base", NULL, &inputs);
		assert_int_equal(garita_policy_set_profile(inputs.policy,
							   profiles[i], NULL),
				 0);
		cases_decide(&inputs, inputs.text, inputs.len, 0, &doc,
			     &verdict);
		words = cases_words(&verdict);
		if (verdict.count != 0 || verdict.outcome != GARITA_ADMIT)
			fail_msg("under %s: %s", profiles[i], words);
	}
}

static bool has_kind(const struct goldens *all, const struct garita_rule *rule,
		     enum kind kind)
{
	for (size_t i = 0; i < all->count; i++)
		if (all->list[i].rule == rule && all->list[i].kind == kind)
			return true;
	return false;
}

static void test_every_rule_has_cases_on_both_sides(void **state)
{
	const struct goldens *all = *state;

	if (all->stray != NULL)
		fail_msg("tests/rules/%s is no case of a rule", all->stray);
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);

		if (!has_kind(all, rule, PASS))
			fail_msg("%s has no case that passes", rule->id);
		if (rule->fix != NULL && !has_kind(all, rule, FIX))
			fail_msg("%s has no case that is repaired", rule->id);
		if (rule->fix == NULL && !has_kind(all, rule, FAIL))
			fail_msg("%s has no case that fails", rule->id);
	}
}

static void stray(struct goldens *all, const char *name)
{
	if (all->stray == NULL)
		all->stray = garita_xstrdup(name);
}

static void add_file(struct goldens *all, const struct garita_rule *rule,
		     const char *file)
{
	struct golden golden = { .rule = rule, .kind = KINDS };
	size_t len = strlen(file);
	auto_text name = { 0 };

	garita_text_printf(&name, "%s/%s", rule->id, file);
	for (enum kind kind = 0; kind < KINDS; kind++)
		if (garita_starts_with(file, prefixes[kind]))
			golden.kind = kind;
	if (golden.kind == KINDS || len < 5 ||
	    strcmp(file + len - 5, ".json") != 0) {
		stray(all, name.data);
		return;
	}
	golden.name = garita_text_take(&name);
	all->list =
		garita_xresize(all->list, all->count + 1, sizeof(*all->list));
	all->list[all->count++] = golden;
}

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void add_folder(struct goldens *all, const char *id)
{
	int index = garita_rule_find(id);
	struct dirent **files = NULL;
	auto_text path = { 0 };
	int count;

	garita_text_printf(&path, "%s/%s", folder, id);
	count = scandir(path.data, &files, visible, alphasort);
	if (count < 0 && errno == ENOTDIR)
		return; /* base.json and its like */
	if (index < 0 || count < 0)
		stray(all, id);
	for (int i = 0; i < count; i++) {
		if (index >= 0)
			add_file(all, garita_rule_at((size_t)index),
				 files[i]->d_name);
		free(files[i]);
	}
	free(files);
}

static void find_goldens(struct goldens *all)
{
	struct dirent **folders = NULL;
	int count = scandir(folder, &folders, visible, alphasort);

	if (count < 0)
		stray(all, "(the folder itself)");
	for (int i = 0; i < count; i++) {
		add_folder(all, folders[i]->d_name);
		free(folders[i]);
	}
	free(folders);
}

int main(void)
{
	struct goldens all = { 0 };
	struct CMUnitTest *tests;
	int failed;

	find_goldens(&all);
	tests = garita_xcalloc(all.count + 2, sizeof(*tests));
	tests[0] = (struct CMUnitTest)cmocka_unit_test(
		test_the_base_is_admitted_as_it_is);
	tests[1] = (struct CMUnitTest)cmocka_unit_test_prestate(
		test_every_rule_has_cases_on_both_sides, &all);
	for (size_t i = 0; i < all.count; i++)
		tests[i + 2] = (struct CMUnitTest){
			.name = all.list[i].name,
			.test_func = run_golden,
			.initial_state = &all.list[i],
		};
	failed = _cmocka_run_group_tests("rules", tests, all.count + 2, NULL,
					 NULL);
	for (size_t i = 0; i < all.count; i++)
		free(all.list[i].name);
	free(all.list);
	free(all.stray);
	free(tests);
	return failed;
}
