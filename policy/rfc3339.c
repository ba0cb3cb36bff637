/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rfc3339 - see the header.
 */
#include "garita/rfc3339.h"

#include <errno.h>
#include <stdbool.h>

#include "garita/text.h"

/* `digits` digits and then `after`, unless that is NUL. */
static bool take(const char **at, unsigned digits, char after, int *ret)
{
	int value = 0;

	for (unsigned i = 0; i < digits; i++) {
		if (!garita_is_digit((*at)[i]))
			return false;
		value = 10 * value + ((*at)[i] - '0');
	}
	*at += digits;
	if (after != '\0' && *(*at)++ != after)
		return false;
	*ret = value;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool take_fraction(const char **at)
{
	const char *begin = ++*at;

	while (garita_is_digit(**at))
		(*at)++;
	return *at > begin && *at - begin <= 9;
}

/* Seconds that the clock there is ahead of UTC. */
static bool take_offset(const char **at, int *ret)
{
	int hours, minutes, sign = **at == '-' ? -1 : 1;

	if (**at == 'Z' || **at == 'z') {
		(*at)++;
		*ret = 0;
		return true;
	}
	if (**at != '+' && **at != '-')
		return false;
	(*at)++;
	if (!take(at, 2, ':', &hours) || !take(at, 2, '\0', &minutes) ||
	    hours > 23 || minutes > 59)
		return false;
	*ret = sign * (hours * 3600 + minutes * 60);
	return true;
}

int garita_rfc3339(const char *text, time_t *ret)
{
	struct tm tm = { 0 };
	const char *at = text;
	int year, month, day, offset;

	if (!take(&at, 4, '-', &year) || !take(&at, 2, '-', &month) ||
	    !take(&at, 2, '\0', &day) || year < 1 || month < 1 || month > 12 ||
	    day < 1 || day > days_of(year, month))
		return -EINVAL;
	if (*at != 'T' && *at != 't')
		return -EINVAL;
	at++;
	if (!take(&at, 2, ':', &tm.tm_hour) || !take(&at, 2, ':', &tm.tm_min) ||
	    !take(&at, 2, '\0', &tm.tm_sec) || tm.tm_hour > 23 ||
	    tm.tm_min > 59 || tm.tm_sec > 59)
		return -EINVAL;
	if ((*at == '.' && !take_fraction(&at)) || !take_offset(&at, &offset) ||
	    *at != '\0')
		return -EINVAL;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	*ret = timegm(&tm) - offset;
	return 0;
}
