/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clock - see the header. Not gmtime(3): it reads the time zone file even for
 * UTC, at every start.
 */
#include "hook/clock.h"

#include <stdio.h>

enum { DAY_SECONDS = 86400, DAYS_TO_1970 = 719468 };

/* The date of a day number, by the calendar that begins its years in March
 * and repeats every 400 years (146097 days). */
static void date_of(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
	int64_t all = days + DAYS_TO_1970;
	int64_t era = all / 146097;
	int64_t of_era = all % 146097;
	int64_t year =
		(of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) /
		365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	*ret_day = (int)(of_year - (153 * month + 2) / 5 + 1);
	*ret_month = (int)(month < 10 ? month + 3 : month - 9);
	*ret_year = (int)(year + era * 400 + (*ret_month <= 2));
}

void garita_clock_words(const struct timespec *when,
			char into[GARITA_CLOCK_SIZE])
{
	int second = (int)(when->tv_sec % DAY_SECONDS);
	int year, month, day;

	date_of(when->tv_sec / DAY_SECONDS, &year, &month, &day);
	snprintf(into, GARITA_CLOCK_SIZE,
		 "%04d-%02d-%02dT%02d:%02d:%02d.%06ldZ", year, month, day,
		 second / 3600, second / 60 % 60, second % 60,
		 (long)(when->tv_nsec / 1000 % 1000000));
}

void garita_clock_now(char into[GARITA_CLOCK_SIZE])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	garita_clock_words(&now, into);
}

uint64_t garita_clock_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
