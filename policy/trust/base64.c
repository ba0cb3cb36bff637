/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base64 - one text for each string of bytes. Everything in which decoders
 * differ is refused: white space, characters after the padding, and bits that
 * are not part of any byte. The two readings differ in the alphabet and in
 * whether padding may be missing, never in what a text means.
 */
#include "policy/trust/base64.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/format.h"

/* The value of a character; -1 when it is none. `last` are the characters of
 * 62 and 63. */
static int value_of(char c, const char last[2])
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == last[0])
		return 62;
	if (c == last[1])
		return 63;
	return -1;
}

/* `len` characters without padding. */
static int decode(const char *text, size_t len, const char last[2], size_t max,
		  unsigned char **ret, size_t *ret_len)
{
	size_t size = len / 4 * 3 + (len % 4 == 0 ? 0 : len % 4 - 1), at = 0;
	auto_free unsigned char *bytes = NULL;
	unsigned bits = 0, have = 0;

	if (len % 4 == 1)
		return -EINVAL;
	if (size > max)
		return -E2BIG;
	bytes = garita_xalloc(size + 1);
	for (size_t i = 0; i < len; i++) {
		int value = value_of(text[i], last);

		if (value < 0)
			return -EINVAL;
		bits = (bits << 6 | (unsigned)value) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			bytes[at++] = (unsigned char)(bits >> have);
		}
	}
	if ((bits & ((1U << have) - 1)) != 0)
		return -EINVAL;
	*ret = garita_take_ptr(&bytes);
	*ret_len = size;
	return 0;
}

/* Takes up to two "=" off the end of a text of whole groups of four. */
static size_t without_padding(const char *text, size_t len)
{
	if (len > 0 && len % 4 == 0 && text[len - 1] == '=') {
		len--;
		if (text[len - 1] == '=')
			len--;
	}
	return len;
}

int garita_base64(const char *text, size_t len, size_t max, unsigned char **ret,
		  size_t *ret_len)
{
	if (len % 4 != 0)
		return -EINVAL;
	return decode(text, without_padding(text, len), "+/", max, ret,
		      ret_len);
}

int garita_base64_proto(const char *text, size_t len, size_t max,
			unsigned char **ret, size_t *ret_len)
{
	bool url = memchr(text, '-', len) != NULL ||
		   memchr(text, '_', len) != NULL;

	return decode(text, without_padding(text, len), url ? "-_" : "+/", max,
		      ret, ret_len);
}
