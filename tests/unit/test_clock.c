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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_days),
		cmocka_unit_test(test_every_day_of_five_centuries),
		cmocka_unit_test(test_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
