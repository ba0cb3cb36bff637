/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a verdict says: what was repaired and what was not, why not, and how
 * many things a person has to read about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cases.h"

static void decide_case(const char *of, unsigned flags,
			struct garita_verdict *ret)
{
	auto_json struct garita_json_doc *json = NULL, *doc = NULL;
	auto_case inputs = { 0 };

	assert_int_equal(garita_json_parse(of, strlen(of), GARITA_JSON_STRICT,
					   &json, NULL),
			 0);
	cases_load(of, garita_json_root(json), &inputs);
	cases_decide(&inputs, inputs.text, inputs.len, flags, &doc, ret);
}

/* The only finding of a rule; it must be there. */
static const struct garita_finding *finding_of(
	const struct garita_verdict *verdict, const char *id)
{
	const struct garita_finding *found = NULL;

	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *f = &verdict->findings[i];

		if (strcmp(f->rule->id, id) != 0)
			continue;
		assert_null(found);
		found = f;
	}
	assert_non_null(found);
	return found;
}

#define TWO_REPAIRS                                                            \
	"{\"config\":{\"process\":{\"noNewPrivileges\":false},"                \
	"\"linux\":{\"seccomp\":null}},"                                       \
	"\"host\":{\"machine\":\"%s\"}}"

static void test_a_repair_that_fails_says_why(void **state)
{
	auto_verdict good = { 0 }, bad = { 0 };
	auto_text of = { 0 };

	(void)state;
	garita_text_printf(&of, TWO_REPAIRS, "x86_64");
	decide_case(of.data, 0, &good);
	assert_int_equal(good.outcome, GARITA_REPAIR);
	assert_int_equal(good.fixed, 2);
	assert_int_equal(good.denied + good.warned, 0);
	assert_null(finding_of(&good, "seccomp-required")->problem);

	of.len = 0;
	garita_text_printf(&of, TWO_REPAIRS, "vax");
	decide_case(of.data, 0, &bad);
	assert_int_equal(bad.outcome, GARITA_REFUSE);
	assert_int_equal(bad.denied, 1);
	assert_int_equal(bad.fixed, 1);
	assert_non_null(strstr(finding_of(&bad, "seccomp-required")->problem,
			       "machine \"vax\""));
	assert_false(finding_of(&bad, "seccomp-required")->fixed);
	assert_true(finding_of(&bad, "no-new-privileges")->fixed);
	assert_null(finding_of(&bad, "no-new-privileges")->problem);
}

/* Also when both looks find it. */
static void test_a_warning_is_said_once(void **state)
{
	auto_verdict verdict = { 0 };

	(void)state;
	decide_case("{\"config\":{\"linux\":{\"seccomp\":null}},"
		    "\"image\":{\"sure\":\"unknown\","
		    "\"why_not\":\"no record\"}}",
		    0, &verdict);
	assert_int_equal(verdict.outcome, GARITA_REPAIR);
	assert_int_equal(verdict.count, 2);
	assert_int_equal(verdict.fixed, 1);
	assert_int_equal(verdict.warned, 1);
	assert_int_equal(verdict.denied, 0);
	assert_false(finding_of(&verdict, "unknown-image")->fixed);
}

static void test_repairs_that_are_off_say_so(void **state)
{
	auto_verdict verdict = { 0 };
	auto_text of = { 0 };

	(void)state;
	garita_text_printf(&of, TWO_REPAIRS, "x86_64");
	decide_case(of.data, GARITA_DECIDE_NO_FIX, &verdict);
	assert_int_equal(verdict.outcome, GARITA_REFUSE);
	assert_int_equal(verdict.denied, 2);
	assert_int_equal(verdict.fixed, 0);
	for (size_t i = 0; i < verdict.count; i++) {
		assert_int_equal(verdict.findings[i].action, GARITA_DENY);
		assert_string_equal(verdict.findings[i].problem,
				    "could be repaired, but repairs are off");
	}
}

/* A refusal by another rule leaves repairs untried, and they say nothing. */
static void test_nothing_is_repaired_beside_a_refusal(void **state)
{
	auto_verdict verdict = { 0 };

	(void)state;
	decide_case("{\"config\":{\"process\":{\"user\":{\"uid\":0},"
		    "\"noNewPrivileges\":false}}}",
		    0, &verdict);
	assert_int_equal(verdict.outcome, GARITA_REFUSE);
	assert_int_equal(verdict.denied, 1);
	assert_int_equal(verdict.fixed, 0);
	assert_int_equal(finding_of(&verdict, "no-new-privileges")->action,
			 GARITA_FIX);
	assert_null(finding_of(&verdict, "no-new-privileges")->problem);
	assert_null(finding_of(&verdict, "run-as-non-root")->problem);
}

/* What is part of "privileged" is not counted beside it. */
static void test_a_composite_counts_once(void **state)
{
	auto_verdict verdict = { 0 };
	auto_text caps = { 0 }, of = { 0 };

	(void)state;
	for (unsigned i = 0; i <= GARITA_CAP_LAST; i++)
		garita_text_printf(&caps, "%s\"%s\"", i ? "," : "",
				   garita_cap_name(i));
	garita_text_printf(&of,
			   "{\"config\":{\"process\":{\"capabilities\":{"
			   "\"bounding\":[%s]}},\"linux\":{\"maskedPaths\":"
			   "null,\"seccomp\":null}}}",
			   caps.data);
	decide_case(of.data, 0, &verdict);
	assert_int_equal(verdict.outcome, GARITA_REFUSE);
	assert_int_equal(verdict.denied, 1);
	assert_false(finding_of(&verdict, "privileged")->covered);
	assert_true(finding_of(&verdict, "capabilities-baseline")->covered);
	assert_true(finding_of(&verdict, "seccomp-required")->covered);
}

/* No row has it so, but a policy made in code could: "fix" without a repair
 * refuses. */
static void test_fix_without_a_repair_refuses(void **state)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_case inputs = { 0 };
	auto_verdict verdict = { 0 };
	static const char of[] =
		"{\"config\":{\"process\":{\"user\":{\"uid\":0}}}}";
	auto_json struct garita_json_doc *json = NULL;
	int index = garita_rule_find("run-as-non-root");

	(void)state;
	assert_int_equal(garita_json_parse(of, strlen(of), 0, &json, NULL), 0);
	cases_load("fix", garita_json_root(json), &inputs);
	inputs.policy->settings[index].action = GARITA_FIX;
	cases_decide(&inputs, inputs.text, inputs.len, 0, &doc, &verdict);
	assert_int_equal(verdict.outcome, GARITA_REFUSE);
	assert_int_equal(finding_of(&verdict, "run-as-non-root")->action,
			 GARITA_DENY);
	assert_null(finding_of(&verdict, "run-as-non-root")->problem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_repair_that_fails_says_why),
		cmocka_unit_test(test_a_warning_is_said_once),
		cmocka_unit_test(test_repairs_that_are_off_say_so),
		cmocka_unit_test(test_nothing_is_repaired_beside_a_refusal),
		cmocka_unit_test(test_a_composite_counts_once),
		cmocka_unit_test(test_fix_without_a_repair_refuses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
