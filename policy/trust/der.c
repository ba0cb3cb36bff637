/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * der - one encoding for each value, or it is refused. A reader that takes
 * other forms lets a stranger write the same signature in many ways.
 */
#include "policy/trust/der.h"

/* The content's length after the tag, and how many bytes say it; 0 when it is
 * not in its shortest form. Three bytes of length are more than we need. */
static size_t length_of(const unsigned char *at, size_t left, size_t *ret)
{
	if (left < 1)
		return 0;
	if (at[0] < 0x80) {
		*ret = at[0];
		return 1;
	}
	if (at[0] == 0x81 && left >= 2 && at[1] >= 0x80) {
		*ret = at[1];
		return 2;
	}
	if (at[0] == 0x82 && left >= 3 && at[1] != 0) {
		*ret = (size_t)at[1] << 8 | at[2];
		return 3;
	}
	if (at[0] == 0x83 && left >= 4 && at[1] != 0) {
		*ret = (size_t)at[1] << 16 | (size_t)at[2] << 8 | at[3];
		return 4;
	}
	return 0;
}

/* Numbers of seven bits a byte, each as short as it can be. */
static bool is_oid(const struct garita_der *value)
{
	bool begins = true;

	for (size_t i = 0; i < value->left; i++) {
		if (begins && value->at[i] == 0x80)
			return false;
		begins = value->at[i] < 0x80;
	}
	return value->left > 0 && begins;
}

bool garita_der_take_any(struct garita_der *from, unsigned char *ret_tag,
			 struct garita_der *ret, struct garita_der *ret_all)
{
	size_t len = 0, said;

	if (from->left < 2 || (from->at[0] & 0x1f) == 0x1f)
		return false;
	said = length_of(from->at + 1, from->left - 1, &len);
	if (said == 0 || len > from->left - 1 - said)
		return false;
	*ret_tag = from->at[0];
	if (ret_all != NULL)
		*ret_all = (struct garita_der){ from->at, 1 + said + len };
	*ret = (struct garita_der){ from->at + 1 + said, len };
	if (*ret_tag == GARITA_DER_OID && !is_oid(ret))
		return false;
	from->at += 1 + said + len;
	from->left -= 1 + said + len;
	return true;
}

bool garita_der_take_whole(struct garita_der *from, unsigned char tag,
			   struct garita_der *ret, struct garita_der *ret_all)
{
	unsigned char found;

	return garita_der_next_is(from, tag) &&
	       garita_der_take_any(from, &found, ret, ret_all);
}

bool garita_der_take(struct garita_der *from, unsigned char tag,
		     struct garita_der *ret)
{
	return garita_der_take_whole(from, tag, ret, NULL);
}

bool garita_der_take_number(struct garita_der *from, struct garita_der *ret)
{
	struct garita_der rest = *from, number;

	if (!garita_der_take(&rest, GARITA_DER_INTEGER, &number) ||
	    number.left == 0 || number.at[0] >= 0x80)
		return false;
	if (number.at[0] == 0) {
		/* A zero in front only keeps a number from being negative. */
		if (number.left > 1 && number.at[1] < 0x80)
			return false;
		number.at++;
		number.left--;
	}
	*from = rest;
	*ret = number;
	return true;
}

bool garita_der_take_bool(struct garita_der *from, bool *ret)
{
	struct garita_der rest = *from, value;

	if (!garita_der_take(&rest, GARITA_DER_BOOLEAN, &value) ||
	    value.left != 1 || (value.at[0] != 0 && value.at[0] != 0xff))
		return false;
	*from = rest;
	*ret = value.at[0] != 0;
	return true;
}

bool garita_der_take_small(struct garita_der *from, unsigned long max,
			   unsigned long *ret)
{
	struct garita_der rest = *from, number;
	unsigned long value = 0;

	if (!garita_der_take_number(&rest, &number) || number.left > 4)
		return false;
	for (size_t i = 0; i < number.left; i++)
		value = value << 8 | number.at[i];
	if (value > max)
		return false;
	*from = rest;
	*ret = value;
	return true;
}

static bool two_digits(struct garita_der *from, int min, int max, int *ret)
{
	int value;

	if (from->left < 2 || from->at[0] < '0' || from->at[0] > '9' ||
	    from->at[1] < '0' || from->at[1] > '9')
		return false;
	value = 10 * (from->at[0] - '0') + from->at[1] - '0';
	if (value < min || value > max)
		return false;
	from->at += 2;
	from->left -= 2;
	*ret = value;
	return true;
}

/* ".123": some digits, of which DER leaves out zeros at the end. */
static bool skip_fraction(struct garita_der *from)
{
	size_t i = 1;

	if (from->left < 2 || from->at[0] != '.')
		return true;
	while (i < from->left && from->at[i] >= '0' && from->at[i] <= '9')
		i++;
	if (i == 1 || i > 10 || from->at[i - 1] == '0')
		return false;
	from->at += i;
	from->left -= i;
	return true;
}

static int days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

bool garita_der_take_time(struct garita_der *from, bool fraction, time_t *ret)
{
	struct garita_der rest = *from, text;
	struct tm tm = { 0 };
	int century = 0, year, month, day;
	unsigned char tag;

	if (!garita_der_take_any(&rest, &tag, &text, NULL) ||
	    (tag != GARITA_DER_UTC_TIME && tag != GARITA_DER_TIME) ||
	    (tag == GARITA_DER_TIME && !two_digits(&text, 19, 99, &century)) ||
	    !two_digits(&text, 0, 99, &year))
		return false;
	if (tag == GARITA_DER_UTC_TIME)
		century = year < 50 ? 20 : 19;
	year += 100 * century;
	if (!two_digits(&text, 1, 12, &month) ||
	    !two_digits(&text, 1, days_of(year, month), &day) ||
	    !two_digits(&text, 0, 23, &tm.tm_hour) ||
	    !two_digits(&text, 0, 59, &tm.tm_min) ||
	    !two_digits(&text, 0, 59, &tm.tm_sec) ||
	    (fraction && tag == GARITA_DER_TIME && !skip_fraction(&text)) ||
	    text.left != 1 || text.at[0] != 'Z')
		return false;
	tm.tm_year = year - 1900;
	tm.tm_mon = month - 1;
	tm.tm_mday = day;
	*from = rest;
	*ret = timegm(&tm);
	return true;
}
