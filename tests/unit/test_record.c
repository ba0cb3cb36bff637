/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records as each log gets them: nothing that others chose ends one or adds to
 * one, and what is too much is left out without losing a rule.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "hook/log/line.h"
#include "hook/log/sink.h"

enum { FINDINGS = 50000 };

static struct garita_finding finding(size_t rule, enum garita_action action)
{
	return (struct garita_finding){
		.rule = garita_rule_at(rule),
		.action = action,
		.pointer = (char *)"/x",
		.found = (char *)"y",
	};
}

static void make(const char *id, const struct garita_decision *decision,
		 struct garita_record *record, struct garita_log_entry *ret)
{
	*record = (struct garita_record){
		.program = "garita-runtime",
		.verb = "create",
		.id = id,
		.bundle = "/b",
		.decision = decision,
	};
	garita_log_entry_make(record, "built-in", ret);
}

static void test_every_rule_once_however_many_findings(void **state)
{
	auto_free struct garita_finding *findings =
		garita_xcalloc(FINDINGS, sizeof(*findings));
	const struct garita_decision decision = {
		.verdict = { .outcome = GARITA_REFUSE,
			     .findings = findings,
			     .count = FINDINGS,
			     .denied = FINDINGS },
	};
	struct garita_record record;
	struct garita_log_entry entry;
	auto_log_line line = { 0 };
	auto_text brief = { 0 };

	(void)state;
	for (size_t i = 0; i < FINDINGS; i++)
		findings[i] = finding(i < FINDINGS - 3 ? 0 : i - FINDINGS + 4,
				      GARITA_DENY);
	make("x", &decision, &record, &entry);
	assert_int_equal(garita_log_line_read(entry.line.data, entry.line.len,
					      &line, NULL),
			 0);
	assert_int_equal(garita_json_count(line.findings), 64 + 3);
	assert_int_equal(garita_json_count(line.rules), 4);
	garita_log_entry_short(&entry, 4096, &brief);
	assert_true(brief.len < 4096);
	garita_log_line_free(&line);
	assert_int_equal(
		garita_log_line_read(brief.data, brief.len, &line, NULL), 0);
	assert_null(line.findings);
	assert_int_equal(garita_json_count(line.rules), 4);
	garita_log_entry_free(&entry);
}

static void test_rules_are_those_that_decided(void **state)
{
	struct garita_finding findings[] = {
		finding(0, GARITA_WARN), finding(1, GARITA_FIX),
		finding(2, GARITA_DENY), finding(3, GARITA_DENY),
		finding(4, GARITA_OFF),
	};
	struct garita_decision decision = {
		.verdict = { .findings = findings, .count = 5 },
	};
	const struct garita_record record = { .decision = &decision };
	const struct {
		unsigned denied, fixed;
		size_t rule;
	} rows[] = { { 1, 0, 2 }, { 0, 1, 1 }, { 0, 0, 0 } };

	(void)state;
	findings[1].fixed = true;
	findings[3].covered = true;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_rule_walk at = { 0 };

		decision.verdict.denied = rows[i].denied;
		decision.verdict.fixed = rows[i].fixed;
		assert_string_equal(garita_record_rule(&record, &at),
				    garita_rule_at(rows[i].rule)->id);
		assert_null(garita_record_rule(&record, &at));
	}
}

static const struct {
	const char *id, *audit;
} odd[] = {
	{ "plain-1.2_3+4", " vm=\"plain-1.2_3+4\" " },
	{ "a b", " vm=612062 " },
	{ "a'b", " vm=612762 " },
	{ "a\"b", " vm=612262 " },
	{ "a\nb", " vm=610A62 " },
	{ "a\x7f", " vm=617F " },
	{ "\xc3\xa9", " vm=C3A9 " },
	{ "", " vm=? " },
	{ NULL, " vm=? " },
};

static void test_names_of_others(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(odd); i++) {
		struct garita_record record;
		struct garita_log_entry entry;
		auto_text audit = { 0 }, journal = { 0 };
		auto_log_line line = { 0 };

		make(odd[i].id, NULL, &record, &entry);
		garita_audit_message(&entry, &audit);
		if (strstr(audit.data, odd[i].audit) == NULL)
			fail_msg("%s", audit.data);
		assert_null(memchr(entry.line.data, '\n', entry.line.len));
		assert_int_equal(garita_log_line_read(entry.line.data,
						      entry.line.len, &line,
						      NULL),
				 0);
		if (odd[i].id != NULL)
			assert_string_equal(line.id, odd[i].id);
		garita_journal_message(&entry, &journal);
		assert_non_null(memmem(journal.data, journal.len,
				       "GARITA_EVENT\n\x08\0\0\0\0\0\0\0"
				       "decision\n",
				       30));
		garita_log_entry_free(&entry);
	}
}

/* The kernel cuts a message at 8560 bytes. */
static void test_a_message_that_the_kernel_takes(void **state)
{
	size_t count = garita_rule_count();
	auto_free struct garita_finding *findings =
		garita_xcalloc(count, sizeof(*findings));
	struct garita_decision decision = {
		.verdict = { .outcome = GARITA_REFUSE,
			     .findings = findings,
			     .count = count,
			     .denied = 1 },
		.image = { .sure = GARITA_IMAGE_CONFIG },
	};
	auto_text longest = { 0 }, audit = { 0 };
	struct garita_error error = { 0 };
	struct garita_record record;
	struct garita_log_entry entry;

	(void)state;
	for (size_t i = 0; i < 5000; i++)
		garita_text_putc(&longest, '\n');
	for (size_t i = 0; i < count; i++)
		findings[i] = finding(i, GARITA_DENY);
	garita_fail(&error, 1, "%s", longest.data);
	decision.image.reference = longest.data;
	make(longest.data, &decision, &record, &entry);
	record.error = &error;
	garita_audit_message(&entry, &audit);
	assert_true(audit.len < 8560);
	assert_string_equal(audit.data + audit.len - 11, " res=failed");
	garita_log_entry_free(&entry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_rule_once_however_many_findings),
		cmocka_unit_test(test_rules_are_those_that_decided),
		cmocka_unit_test(test_names_of_others),
		cmocka_unit_test(test_a_message_that_the_kernel_takes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
