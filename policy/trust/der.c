/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * der - one encoding for each value, or it is refused. A reader that takes
 * other forms lets a stranger write the same signature in many ways.
 */
#include "policy/trust/der.h"

/* The content's length after the tag, and how many bytes say it; 0 when it is
 * not in its shortest form. Two bytes of length are more than we need. */
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
	return 0;
}

bool garita_der_take(struct garita_der *from, unsigned char tag,
		     struct garita_der *ret)
{
	size_t len = 0, said;

	if (from->left < 2 || from->at[0] != tag)
		return false;
	said = length_of(from->at + 1, from->left - 1, &len);
	if (said == 0 || len > from->left - 1 - said)
		return false;
	*ret = (struct garita_der){ from->at + 1 + said, len };
	from->at += 1 + said + len;
	from->left -= 1 + said + len;
	return true;
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
