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
#include <stdint.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/base64_wide.h"
#include "policy/trust/format.h"

/* Characters. Asking the processor takes as long as this many do. */
enum { LARGE = 64 * 1024 };

/* The value of each character; all bits set where it is none. */
struct values {
	uint32_t of[256];
};

/* `last` are the characters of 62 and 63. */
static void set_values(struct values *values, const char last[2])
{
	static const char first[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789";

	memset(values->of, 0xff, sizeof(values->of));
	for (uint32_t i = 0; i < sizeof(first) - 1; i++)
		values->of[(unsigned char)first[i]] = i;
	values->of[(unsigned char)last[0]] = 62;
	values->of[(unsigned char)last[1]] = 63;
}

/* Four characters are three bytes. */
static bool decode_group(const struct values *values, const char *at,
			 unsigned char *into)
{
	uint32_t a = values->of[(unsigned char)at[0]];
	uint32_t b = values->of[(unsigned char)at[1]];
	uint32_t c = values->of[(unsigned char)at[2]];
	uint32_t d = values->of[(unsigned char)at[3]];
	uint32_t bits = a << 18 | b << 12 | c << 6 | d;

	into[0] = (unsigned char)(bits >> 16);
	into[1] = (unsigned char)(bits >> 8);
	into[2] = (unsigned char)bits;
	return ((a | b | c | d) & ~63U) == 0;
}

/* Bytes of `len` characters without padding. */
static size_t size_of(size_t len)
{
	return len / 4 * 3 + (len % 4 == 0 ? 0 : len % 4 - 1);
}

/* `len` characters without padding into as many bytes as they are. */
static int decode(const char *text, size_t len, const char last[2],
		  unsigned char *into)
{
	struct values values;
	uint32_t bits = 0;
	unsigned have = 0;
	size_t i = 0;

	if (len % 4 == 1)
		return -EINVAL;
	set_values(&values, last);
	if (len >= LARGE && last[0] == '+') {
		i = garita_base64_wide(text, len, into);
		into += i / 4 * 3;
	}
	for (; len - i >= 4; i += 4, into += 3)
		if (!decode_group(&values, text + i, into))
			return -EINVAL;
	for (; i < len; i++) {
		uint32_t value = values.of[(unsigned char)text[i]];

		if (value > 63)
			return -EINVAL;
		bits = (bits << 6 | value) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			*into++ = (unsigned char)(bits >> have);
		}
	}
	return (bits & ((1U << have) - 1)) == 0 ? 0 : -EINVAL;
}

static int decode_new(const char *text, size_t len, const char last[2],
		      size_t max, unsigned char **ret, size_t *ret_len)
{
	auto_free unsigned char *bytes = NULL;
	size_t size = size_of(len);

	if (len % 4 == 1)
		return -EINVAL;
	if (size > max)
		return -E2BIG;
	bytes = garita_xalloc(size + 1);
	if (decode(text, len, last, bytes) < 0)
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
	return decode_new(text, without_padding(text, len), "+/", max, ret,
			  ret_len);
}

/* In one alphabet or else in the other: a text in neither of which there is a
 * character of its own is the same in both. */
int garita_base64_proto(const char *text, size_t len, size_t max,
			unsigned char **ret, size_t *ret_len)
{
	int r;

	len = without_padding(text, len);
	r = decode_new(text, len, "+/", max, ret, ret_len);
	return r == -EINVAL ? decode_new(text, len, "-_", max, ret, ret_len)
			    : r;
}

size_t garita_base64_size(const char *text, size_t len)
{
	return size_of(without_padding(text, len));
}

int garita_base64_proto_add(const char *text, size_t len,
			    struct garita_text *ret)
{
	size_t size = garita_base64_size(text, len);
	unsigned char *into;

	garita_text_reserve(ret, size);
	into = (unsigned char *)ret->data + ret->len;
	len = without_padding(text, len);
	if (decode(text, len, "+/", into) < 0 &&
	    decode(text, len, "-_", into) < 0) {
		*into = '\0';
		return -EINVAL;
	}
	ret->len += size;
	ret->data[ret->len] = '\0';
	return 0;
}

void garita_base64_write(const unsigned char *bytes, size_t len,
			 struct garita_text *ret)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		"0123456789+/";

	garita_text_reserve(ret, len / 3 * 4 + 4);
	for (size_t i = 0; i < len; i += 3) {
		unsigned bits = (unsigned)bytes[i] << 16;

		if (i + 1 < len)
			bits |= (unsigned)bytes[i + 1] << 8;
		if (i + 2 < len)
			bits |= bytes[i + 2];
		garita_text_putc(ret, letters[bits >> 18]);
		garita_text_putc(ret, letters[bits >> 12 & 63]);
		garita_text_putc(
			ret,
			(char)(i + 1 < len ? letters[bits >> 6 & 63] : '='));
		garita_text_putc(
			ret, (char)(i + 2 < len ? letters[bits & 63] : '='));
	}
}
