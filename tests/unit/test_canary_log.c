/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_canary_log - whose decision is it that the log has? A canary that
 * nobody judged must not be taken for one that was refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "garita/policy.h"
#include "hook/doctor/canary.h"
#include "tests/unit/temporary.h"

static char home[TEMPORARY_SIZE];

#define LINE(id, verdict, rule)                                                \
	"{\"version\":1,\"time\":\"2026-01-02T03:04:05.000000Z\","             \
	"\"event\":\"decision\",\"verb\":\"create\",\"verdict\":\"" verdict    \
	"\",\"id\":\"" id "\",\"rules\":[\"" rule "\"]}\n"
#define OLD LINE("old", "deny", "a-rule")

static const struct {
	const char *why, *log, *id;
	enum garita_canary_verdict verdict;
	const char *rules;
} rows[] = {
	{ "nothing was logged", OLD, "c", GARITA_CANARY_NOT_JUDGED, "" },
	{ "it was refused", OLD LINE("c", "deny", "x"), "c",
	  GARITA_CANARY_REFUSED, "x" },
	{ "it was admitted", OLD LINE("c", "admit", "x"), "c",
	  GARITA_CANARY_ADMITTED, "" },
	{ "its hook refused it afterwards",
	  OLD LINE("c", "repair", "x") LINE("c", "deny", "y"), "c",
	  GARITA_CANARY_REFUSED, "y" },
	{ "another was refused", OLD LINE("d", "deny", "x"), "c",
	  GARITA_CANARY_NOT_JUDGED, "" },
	{ "without an id, one was refused",
	  OLD LINE("d", "admit", "x") LINE("c", "deny", "y"), NULL,
	  GARITA_CANARY_REFUSED, "y" },
	{ "without an id, one was refused twice",
	  OLD LINE("c", "deny", "x") LINE("c", "deny", "y"), NULL,
	  GARITA_CANARY_REFUSED, "y" },
	{ "without an id, which of two?",
	  OLD LINE("c", "deny", "x") LINE("d", "deny", "y"), NULL,
	  GARITA_CANARY_NOT_JUDGED, NULL },
	{ "without an id, all was admitted", OLD LINE("c", "admit", "x"), NULL,
	  GARITA_CANARY_NOT_JUDGED, "" },
};

static void test_whose_decision(void **state)
{
	char path[TEMPORARY_SIZE + 16];
	struct garita_policy policy = { .log_file = path };
	struct garita_doctor doctor = { .gate = { .policy = &policy },
					.has_gate = true };

	(void)state;
	snprintf(path, sizeof(path), "%s/log", home);
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		enum garita_canary_verdict found;
		auto_free char *rules = NULL;
		FILE *log = fopen(path, "w");

		assert_non_null(log);
		fputs(rows[i].log, log);
		fclose(log);
		found = garita_canary_log_find(&doctor, (off_t)strlen(OLD),
					       rows[i].id, &rules);
		if (found != rows[i].verdict ||
		    (rows[i].rules != NULL &&
		     strcmp(rules, rows[i].rules) != 0))
			fail_msg("%s: %d (%s)", rows[i].why, (int)found, rules);
	}
}

static int make_home(void **state)
{
	(void)state;
	temporary_make("canary", home);
	return 0;
}

static int remove_home(void **state)
{
	(void)state;
	return temporary_remove(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose_decision),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
