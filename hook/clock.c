/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * clock - see the header. Not gmtime(3): it reads the time zone file even for
 * UTC, at every start.
 */
#include "hook/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/text.h"

enum { DAY_SECONDS = 86400, DAYS_TO_1970 = 719468 };

/* The last second of 9999. */
#define END_OF_TIME INT64_C(253402300799)

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

static struct timespec read_clock(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) < 0)
		now = (struct timespec){ .tv_sec = END_OF_TIME };
	return now;
}

time_t garita_clock_time(void)
{
	return read_clock().tv_sec;
}

void garita_clock_now(char into[GARITA_CLOCK_SIZE])
{
	const struct timespec now = read_clock();

	garita_clock_words(&now, into);
}

static const char shape[] = "0000-00-00T00:00:00.000000Z";

/* How far `text` is as the shape. */
static size_t fits_shape(const char *text)
{
	size_t i = 0;

	while (shape[i] != '\0' && (shape[i] == '0' ? garita_is_digit(text[i])
						    : text[i] == shape[i]))
		i++;
	return i;
}

bool garita_clock_is_words(const char *text)
{
	size_t len = fits_shape(text);

	return shape[len] == '\0' && text[len] == '\0';
}

int garita_clock_span(const char *words, int64_t *ret)
{
	static const struct {
		char unit;
		int64_t seconds;
	} units[] = {
		{ 's', 1 },
		{ 'm', 60 },
		{ 'h', 3600 },
		{ 'd', DAY_SECONDS },
		{ 'w', INT64_C(7) * DAY_SECONDS },
	};
	const int64_t most = INT64_C(36525) * DAY_SECONDS;
	size_t len = strlen(words);
	char digits[16];
	uint32_t count;

	if (len < 2 || len > sizeof(digits))
		return -EINVAL;
	memcpy(digits, words, len - 1);
	digits[len - 1] = '\0';
	if (garita_parse_u32(digits, 0, UINT32_MAX, &count) < 0)
		return -EINVAL;
	for (size_t i = 0; i < GARITA_COUNT(units); i++) {
		if (units[i].unit != words[len - 1])
			continue;
		if (count > most / units[i].seconds)
			return -EINVAL;
		*ret = count * units[i].seconds;
		return 0;
	}
	return -EINVAL;
}

int garita_clock_read(const char *words, const struct timespec *now,
		      char into[GARITA_CLOCK_SIZE])
{
	enum { DATE = 10, MINUTE = 16, SECOND = 19, DOT = 20 };
	size_t len = strlen(words), fits = fits_shape(words);
	struct timespec then = *now;
	int64_t span;

	if (garita_clock_span(words, &span) == 0) {
		then.tv_sec -= span;
		if (then.tv_sec < 0)
			then = (struct timespec){ 0 };
		garita_clock_words(&then, into);
		return 0;
	}
	if (len >= sizeof(shape))
		return -EINVAL;
	if (fits != len) { /* up to the Z, which may come early */
		if (fits + 1 != len || words[fits] != 'Z' ||
		    (fits != MINUTE && fits != SECOND && fits <= DOT))
			return -EINVAL;
		len = fits;
	} else if (len != DATE && len != sizeof(shape) - 1) {
		return -EINVAL;
	}
	snprintf(into, GARITA_CLOCK_SIZE, "%.*s%s", (int)len, words,
		 shape + len);
	return 0;
}

uint64_t garita_clock_us(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_MONOTONIC, &now) < 0)
		return 0;
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
