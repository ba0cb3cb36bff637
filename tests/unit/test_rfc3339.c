/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * test_rfc3339 - moments as text; the seconds are date(1)'s.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "garita/memory.h"
#include "garita/rfc3339.h"

static const struct {
	const char *text;
	time_t seconds;
} good[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "2026-11-21T20:42:17Z", 1795293737 },
	{ "2026-11-21t20:42:17z", 1795293737 },
	{ "2026-11-21T20:42:17.123456789Z", 1795293737 },
	{ "2026-11-21T21:42:17+01:00", 1795293737 },
	{ "2026-11-21T15:12:17.5-05:30", 1795293737 },
	{ "2024-02-29T23:59:59Z", 1709251199 },
	{ "0001-01-01T00:00:00Z", -62135596800 },
	{ "9999-12-31T23:59:59Z", 253402300799 },
};

static const char *const bad[] = {
	"",
	"2026-11-21",
	"2026-11-21T20:42:17",
	"2026-11-21 20:42:17Z",
	"2026-11-21T20:42Z",
	"2026-02-29T00:00:00Z",
	"2100-02-29T00:00:00Z",
	"2026-13-01T00:00:00Z",
	"2026-00-01T00:00:00Z",
	"2026-04-31T00:00:00Z",
	"2026-11-21T24:00:00Z",
	"2026-11-21T20:60:17Z",
	"2026-11-21T20:42:60Z",
	"2026-11-21T20:42:17.Z",
	"2026-11-21T20:42:17.1234567890Z",
	"2026-11-21T20:42:17,5Z",
	"2026-11-21T20:42:17+0100",
	"2026-11-21T20:42:17+24:00",
	"2026-11-21T20:42:17Z ",
	" 2026-11-21T20:42:17Z",
	"+026-11-21T20:42:17Z",
	"0000-01-01T00:00:00Z",
	"26-11-21T20:42:17Z",
};

static void test_moments_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(good); i++) {
		time_t found = 1;

		if (garita_rfc3339(good[i].text, &found) < 0)
			fail_msg("%s is refused", good[i].text);
		if (found != good[i].seconds)
			fail_msg("%s is %jd", good[i].text, (intmax_t)found);
	}
}

static void test_others_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(bad); i++) {
		time_t found = 7;

		if (garita_rfc3339(bad[i], &found) != -EINVAL)
			fail_msg("\"%s\" is taken", bad[i]);
		assert_int_equal(found, 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moments_are_read),
		cmocka_unit_test(test_others_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
