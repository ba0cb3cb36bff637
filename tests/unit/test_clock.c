/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The time of records against the C library's own calendar.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "hook/clock.h"

static void check(time_t seconds, long nanoseconds)
{
	struct timespec when = { seconds, nanoseconds };
	char ours[GARITA_CLOCK_SIZE], date[32], theirs[64];
	struct tm utc;

	assert_non_null(gmtime_r(&seconds, &utc));
	strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(theirs, sizeof(theirs), "%s.%06ldZ", date, nanoseconds / 1000);
	garita_clock_words(&when, ours);
	assert_string_equal(ours, theirs);
}

static void test_known_days(void **state)
{
	static const time_t days[] = {
		0,           /* 1970-01-01 */
		951782400,   /* 2000-02-29: a century that leaps */
		951868800,   /* 2000-03-01 */
		1709164800,  /* 2024-02-29 */
		1735689599,  /* the last second of 2024 */
		2147483647,  /* where 32 bits end */
		4107542400,  /* 2100-03-01: a century that does not */
		253402300799 /* the last second of 9999 */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(days) / sizeof(days[0]); i++)
		check(days[i], 999999999);
}

static void test_every_day_of_five_centuries(void **state)
{
	(void)state;
	for (time_t day = 0; day < 500L * 365; day++)
		check(day * 86400 + day % 86400, 0);
}

static void test_forward(void **state)
{
	uint64_t before = garita_clock_us();
	char now[GARITA_CLOCK_SIZE];

	(void)state;
	garita_clock_now(now);
	assert_int_equal(strlen(now), strlen("2026-11-21T22:12:49.747522Z"));
	assert_true(garita_clock_us() >= before);
}

static void test_what_people_say(void **state)
{
	const struct timespec now = { 1795305600, 123456789 }; /* 2026-11-22 */
	static const struct {
		const char *words, *means; /* NULL: refused */
	} rows[] = {
		{ "2026-11-21", "2026-11-21T00:00:00.000000Z" },
		{ "2026-11-21T22:12Z", "2026-11-21T22:12:00.000000Z" },
		{ "2026-11-21T22:12:49Z", "2026-11-21T22:12:49.000000Z" },
		{ "2026-11-21T22:12:49.7Z", "2026-11-21T22:12:49.700000Z" },
		{ "2026-11-21T22:12:49.747522Z",
		  "2026-11-21T22:12:49.747522Z" },
		{ "0s", "2026-11-22T00:00:00.123456Z" },
		{ "90s", "2026-11-21T23:58:30.123456Z" },
		{ "15m", "2026-11-21T23:45:00.123456Z" },
		{ "2h", "2026-11-21T22:00:00.123456Z" },
		{ "7d", "2026-11-15T00:00:00.123456Z" },
		{ "4w", "2026-10-25T00:00:00.123456Z" },
		{ "36500d", "1970-01-01T00:00:00.000000Z" },
		{ "99999d", NULL },
		{ "4294967295w", NULL },
		{ "-1d", NULL },
		{ "d", NULL },
		{ "1", NULL },
		{ "1y", NULL },
		{ "01d", NULL },
		{ "1.5h", NULL },
		{ "", NULL },
		{ "yesterday", NULL },
		{ "2026-11", NULL },
		{ "2026-11-21T", NULL },
		{ "2026-11-21T22:12", NULL },
		{ "2026-11-21T22Z", NULL },
		{ "2026-11-21Z", NULL },
		{ "2026-11-21T22:12:49", NULL },
		{ "2026-11-21T22:12:49.Z", NULL },
		{ "2026-11-21T22:12:49+01:00", NULL },
		{ "2026-11-21T22:12:49.7475221Z", NULL },
		{ " 2026-11-21", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char got[GARITA_CLOCK_SIZE] = "";
		int rc = garita_clock_read(rows[i].words, &now, got);

		if ((rc == 0) != (rows[i].means != NULL) ||
		    strcmp(got, rows[i].means ? rows[i].means : "") != 0)
			fail_msg("%s: %s", rows[i].words, got);
		assert_true(rc != 0 || garita_clock_is_words(got));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_days),
		cmocka_unit_test(test_every_day_of_five_centuries),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_what_people_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
