/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * When kept facts count, and what setting members does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>

#include "garita/facts.h"
#include "garita/memory.h"

#define BOOT "8c3c7c2e-5d1f-4c07-9d62-0f4f5b1c2a10"
#define KEPT(gathered, boot)                                                   \
	"{\"version\":1,\"gathered\":" gathered ",\"boot\":\"" boot "\"}"

static int parse(const char *text, time_t now, const char *boot,
		 struct garita_error *err)
{
	const struct garita_facts_terms terms = {
		.now = now,
		.max_age_s = 86400,
		.boot_id = boot,
	};
	auto_facts facts = { 0 };
	int rc = garita_facts_parse(text, strlen(text), &terms, &facts, err);

	assert_true((rc == 0) == (facts.doc != NULL));
	return rc;
}

static void test_when_they_count(void **state)
{
	static const struct {
		const char *why, *text;
		time_t now;
		const char *boot;
		int wanted;
		const char *words;
	} rows[] = {
		{ "just now", KEPT("1000000", BOOT), 1000000, BOOT, 0, NULL },
		{ "a day ago, to the second", KEPT("1000000", BOOT), 1086400,
		  BOOT, 0, NULL },
		{ "a second more", KEPT("1000000", BOOT), 1086401, BOOT,
		  -ESTALE,
		  "they were gathered 24 hours ago, and at most 24 "
		  "hours counts" },
		{ "days ago", KEPT("1000000", BOOT), 1000000 + 260000, BOOT,
		  -ESTALE,
		  "they were gathered 3 days ago, and at most 24 hours "
		  "counts" },
		{ "the clock was set back a little", KEPT("1000000", BOOT),
		  999800, BOOT, 0, NULL },
		{ "the clock was set back", KEPT("1000000", BOOT), 999000, BOOT,
		  -ESTALE, "they were gathered in the future" },
		{ "before a reboot", KEPT("1000000", "other"), 1000000, BOOT,
		  -ESTALE, "they were gathered before the last boot" },
		{ "no boot at all", KEPT("1000000", ""), 1000000, "", -ESTALE,
		  "which boot this is cannot be told" },
		{ "another version",
		  "{\"version\":2,\"gathered\":1000000,\"boot\":\"" BOOT "\"}",
		  1000000, BOOT, -EINVAL, NULL },
		{ "a number that is none",
		  "{\"version\":1,\"gathered\":1e9,\"boot\":\"" BOOT "\"}",
		  1000000, BOOT, -EINVAL, NULL },
		{ "a time that no clock has",
		  KEPT("18446744073709551615", BOOT), 1000000, BOOT, -EINVAL,
		  NULL },
		{ "an array", "[]", 1000000, BOOT, -EINVAL, NULL },
		{ "cut short", "{\"version\":1,", 1000000, BOOT, -EINVAL,
		  NULL },
		{ "nothing", "", 1000000, BOOT, -EINVAL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(rows); i++) {
		struct garita_error err = { 0 };
		int rc = parse(rows[i].text, rows[i].now, rows[i].boot, &err);

		if (rc != rows[i].wanted)
			fail_msg("%s: %d, %s", rows[i].why, rc, err.text);
		if (rows[i].words != NULL)
			assert_string_equal(err.text, rows[i].words);
	}
}

static void test_members(void **state)
{
	auto_facts facts = { 0 };

	(void)state;
	garita_facts_none(&facts, "because");
	assert_string_equal(facts.why_not, "because");
	assert_null(garita_facts_at(&facts, "/a/b"));
	garita_facts_put_string(&facts, "/a/b", "c");
	garita_facts_put_bool(&facts, "/top", true);
	assert_string_equal(garita_json_string(garita_facts_at(&facts, "/a/b")),
			    "c");
	assert_true(garita_json_bool(garita_facts_at(&facts, "/top")));
	garita_facts_put_string(&facts, "/a/b", NULL);
	assert_null(garita_facts_at(&facts, "/a/b"));
	/* What is no object takes no member. */
	garita_facts_put_string(&facts, "/top/b", "c");
	assert_true(garita_json_bool(garita_facts_at(&facts, "/top")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_when_they_count),
		cmocka_unit_test(test_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
