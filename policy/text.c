/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A string that grows, and decimal numbers of which there is one spelling.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "garita/text.h"

enum { FIRST_ROOM = 64 };

/* Doubles, so that adding one byte at a time stays linear. */
void garita_text_reserve(struct garita_text *text, size_t more)
{
	size_t needed;
	size_t room = text->room > 0 ? text->room : FIRST_ROOM;

	if (__builtin_add_overflow(text->len, more, &needed) ||
	    __builtin_add_overflow(needed, (size_t)1, &needed))
		garita_out_of_memory();
	if (needed <= text->room)
		return;
	while (room < needed) {
		if (__builtin_mul_overflow(room, (size_t)2, &room))
			room = needed;
	}
	text->data = garita_xresize(text->data, room, 1);
	text->room = room;
}

void garita_text_free(struct garita_text *text)
{
	if (!text)
		return;
	free(text->data);
	*text = (struct garita_text){ 0 };
}

void garita_text_add(struct garita_text *text, const char *data, size_t len)
{
	garita_text_reserve(text, len);
	if (len > 0) /* data may be NULL then, which memcpy does not allow */
		memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void garita_text_puts(struct garita_text *text, const char *string)
{
	garita_text_add(text, string, strlen(string));
}

void garita_text_printf(struct garita_text *text, const char *fmt, ...)
{
	char small[256];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(small, sizeof(small), fmt, args);
	va_end(args);
	/* Text that cannot be made is never left out silently. */
	if (len < 0)
		garita_out_of_memory();
	if ((size_t)len < sizeof(small)) {
		garita_text_add(text, small, (size_t)len);
		return;
	}

	garita_text_reserve(text, (size_t)len);
	va_start(args, fmt);
	vsnprintf(text->data + text->len, (size_t)len + 1, fmt, args);
	va_end(args);
	text->len += (size_t)len;
}

char *garita_text_take(struct garita_text *text)
{
	char *ret = text->data ? text->data : garita_xstrdup("");

	*text = (struct garita_text){ 0 };
	return ret;
}

int garita_parse_u64(const char *text, uint64_t *ret)
{
	uint64_t value = 0;
	bool too_large = false;

	if (!text || !garita_is_digit(text[0]))
		return -EINVAL;
	if (text[0] == '0' && text[1] != '\0')
		return -EINVAL;

	/* To the end even when it is too large: "99999999999999999999x" is
	 * not a large number but no number. */
	for (; *text; text++) {
		if (!garita_is_digit(*text))
			return -EINVAL;
		if (__builtin_mul_overflow(value, (uint64_t)10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(*text - '0'),
					   &value))
			too_large = true;
	}
	if (too_large)
		return -ERANGE;

	*ret = value;
	return 0;
}

int garita_parse_u32(const char *text, uint32_t min, uint32_t max,
		     uint32_t *ret)
{
	uint64_t value;
	int r = garita_parse_u64(text, &value);

	if (r < 0)
		return r;
	if (value < min || value > max)
		return -ERANGE;

	*ret = (uint32_t)value;
	return 0;
}

static uint32_t seconds_of(char unit)
{
	switch (unit) {
	case 'm':
		return 60;
	case 'h':
		return 60 * 60;
	case 'd':
		return 24 * 60 * 60;
	case 'w':
		return 7 * 24 * 60 * 60;
	default:
		return 0;
	}
}

int garita_parse_age(const char *text, const char *units, uint64_t *ret_s)
{
	const uint64_t most = 3660ULL * 24 * 60 * 60;
	size_t len = text ? strlen(text) : 0;
	char digits[sizeof("9999999")] = "";
	uint32_t count, seconds;

	if (len < 2 || len > sizeof(digits) ||
	    strchr(units, text[len - 1]) == NULL)
		return -EINVAL;
	memcpy(digits, text, len - 1);
	seconds = seconds_of(text[len - 1]);
	if (garita_parse_u32(digits, 1, UINT32_MAX, &count) < 0 ||
	    (uint64_t)count * seconds > most)
		return -EINVAL;
	*ret_s = (uint64_t)count * seconds;
	return 0;
}

bool garita_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}
