/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Single tokens: strings, words, numbers, and what may stand between. Stricter
 * than any reader behind us: malformed UTF-8, an unpaired surrogate escape and
 * U+0000 (which ends a C string early) are refused, in strings and comments
 * alike, so that nothing is left of which two readers could make two things.
 *
 * The text is our own copy with a NUL and slack behind its end. A NUL within
 * it is refused wherever it stands, so a walk needs no look at the length
 * before it meets one.
 */
#include <stdio.h>
#include <string.h>

#include "policy/json_tree.h"

enum {
	SURROGATE_HIGH = 0xd800,
	SURROGATE_LOW = 0xdc00,
	SURROGATE_END = 0xe000,
};

size_t garita_json_utf8(const unsigned char *at, size_t left)
{
	/* The second byte has a narrower range after four first bytes. */
	unsigned char low = 0x80, high = 0xbf;
	size_t len;

	if (left == 0)
		return 0;
	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xc2 && at[0] <= 0xdf)
		len = 2;
	else if (at[0] >= 0xe0 && at[0] <= 0xef)
		len = 3;
	else if (at[0] >= 0xf0 && at[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (len > left)
		return 0;

	if (at[0] == 0xe0)
		low = 0xa0; /* below: overlong */
	else if (at[0] == 0xed)
		high = 0x9f; /* above: surrogates */
	else if (at[0] == 0xf0)
		low = 0x90; /* below: overlong */
	else if (at[0] == 0xf4)
		high = 0x8f; /* above: beyond U+10FFFF */
	if (at[1] < low || at[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++) {
		if (at[i] < 0x80 || at[i] > 0xbf)
			return 0;
	}
	return len;
}

static bool refuse(struct garita_json_scan *s, const unsigned char *bad_at,
		   const char *problem)
{
	snprintf(s->problem, sizeof(s->problem), "%s", problem);
	s->bad_at = (size_t)(bad_at - s->text);
	return false;
}

/* What any token may stumble over. */
static bool refuse_byte(struct garita_json_scan *s, const unsigned char *bad_at)
{
	unsigned char byte = *bad_at;

	if (byte == 0)
		return refuse(s, bad_at, "a NUL byte");
	if (byte >= 0x80 &&
	    garita_json_utf8(bad_at, (size_t)(s->end - bad_at)) == 0)
		return refuse(s, bad_at, "malformed UTF-8");
	if (bad_at == s->text && memcmp(bad_at, "\xef\xbb\xbf", 3) == 0)
		return refuse(s, bad_at,
			      "a byte order mark before the document");
	if (byte == '\'')
		return refuse(s, bad_at,
			      "a single quote: strings have double quotes");
	snprintf(s->problem, sizeof(s->problem),
		 byte > 0x20 && byte < 0x7f ? "unexpected '%c'"
					    : "unexpected byte 0x%02x",
		 byte);
	s->bad_at = (size_t)(bad_at - s->text);
	return false;
}

/* Four hex digits at `at`, or -1. */
static long hex4(const unsigned char *at)
{
	long value = 0;

	for (size_t i = 0; i < 4; i++) {
		unsigned char digit = at[i];

		if (digit >= '0' && digit <= '9')
			value = value * 16 + (digit - '0');
		else if (digit >= 'a' && digit <= 'f')
			value = value * 16 + (digit - 'a' + 10);
		else if (digit >= 'A' && digit <= 'F')
			value = value * 16 + (digit - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/* Length of the escape at the backslash `at`; 0 when there is a problem. */
static size_t check_unicode(struct garita_json_scan *s, const unsigned char *at)
{
	long unit = hex4(at + 2), second;

	if (unit < 0) {
		refuse(s, at, "\\u without four hex digits");
		return 0;
	}
	if (unit == 0) {
		refuse(s, at, "U+0000 in a string, where C readers end it");
		return 0;
	}
	if (unit < SURROGATE_HIGH || unit >= SURROGATE_END)
		return 6;
	second = unit < SURROGATE_LOW && at[6] == '\\' && at[7] == 'u'
			 ? hex4(at + 8)
			 : -1;
	if (second >= SURROGATE_LOW && second < SURROGATE_END)
		return 12;
	refuse(s, at, "an unpaired surrogate escape");
	return 0;
}

static size_t check_escape(struct garita_json_scan *s, const unsigned char *at)
{
	if (at[1] == 'u')
		return check_unicode(s, at);
	if (at[1] != 0 && strchr("\"\\/bfnrt", at[1]))
		return 2;
	refuse(s, at,
	       at + 1 == s->end ? "a string has no end"
				: "an escape that JSON does not have");
	return 0;
}

/* To the next byte that does not mean itself in a string. The slack behind the
 * text has one. */
static unsigned char *skip_plain(unsigned char *at)
{
	size_t plain;

	/* A constant: where a long string goes on does not wait for a sum. */
	while ((plain = garita_json_plain(at)) == GARITA_JSON_STEP)
		at += GARITA_JSON_STEP;
	return at + plain;
}

static size_t put_utf8(unsigned char *out, unsigned long c)
{
	if (c < 0x80) {
		out[0] = (unsigned char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (unsigned char)(0xc0 | c >> 6);
		out[1] = (unsigned char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (unsigned char)(0xe0 | c >> 12);
		out[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (unsigned char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (unsigned char)(0xf0 | c >> 18);
	out[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (unsigned char)(0x80 | (c & 0x3f));
	return 4;
}

/* What one checked escape means; moves *at behind it. */
static unsigned long unescape(const unsigned char **at)
{
	static const char letters[] = "b\bf\fn\nr\rt\t";
	unsigned char kind = (*at)[1];
	const char *letter;
	long unit;

	if (kind != 'u') {
		*at += 2;
		letter = strchr(letters, kind);
		return letter ? (unsigned char)letter[1] : kind;
	}
	unit = hex4(*at + 2);
	*at += 6;
	if (unit >= SURROGATE_HIGH && unit < SURROGATE_END) {
		unit = 0x10000 + ((unit - SURROGATE_HIGH) << 10) +
		       (hex4(*at + 2) - SURROGATE_LOW);
		*at += 6;
	}
	return (unsigned long)unit;
}

/* A checked string as it is meant. No escape means more bytes than it has. */
static void decode(struct garita_json_scan *s, const unsigned char *at,
		   const unsigned char *end)
{
	size_t len = (size_t)(end - at);
	unsigned char *text = garita_json_take(s->doc, len + 1, 1), *out = text;

	while (at < end) {
		if (*at == '\\')
			out += put_utf8(out, unescape(&at));
		else
			*out++ = *at++;
	}
	*out = '\0';
	s->token.text = (const char *)text;
	s->token.count = (uint32_t)(out - text);
}

/* The quote that ends the string in which `at` is something that does not mean
 * itself, or NULL. */
static unsigned char *check_string(struct garita_json_scan *s,
				   unsigned char *at, bool *ret_escapes)
{
	for (; *at != '"'; at = skip_plain(at)) {
		size_t len;

		if (*at == '\\') {
			*ret_escapes = true;
			len = check_escape(s, at);
			if (len == 0)
				return NULL;
			at += len;
			continue;
		}
		len = garita_json_utf8(at, (size_t)(s->end - at));
		if (at == s->end)
			refuse(s, s->at, "a string has no end");
		else if (len == 0 || *at == 0)
			refuse_byte(s, at);
		else if (*at < 0x20)
			refuse(s, at, "a raw control character in a string");
		else {
			at += len;
			continue;
		}
		return NULL;
	}
	return at;
}

static void slice(struct garita_json_scan *s, const unsigned char *start,
		  unsigned char *end)
{
	*end = '\0'; /* in the place of the quote */
	s->token.text = (const char *)start;
	s->token.count = (uint32_t)(end - start); /* texts end at 32 MiB */
	s->at = end + 1;
}

/* The rare string with something in it that does not mean itself; apart, so
 * that the common one stays short. */
static __attribute__((noinline)) bool scan_odd_string(
	struct garita_json_scan *s, unsigned char *at)
{
	unsigned char *start = s->at + 1, *end;
	bool escapes = false;

	end = check_string(s, at, &escapes);
	if (!end)
		return false;
	if (!escapes) {
		slice(s, start, end);
		return true;
	}
	decode(s, start, end);
	s->at = end + 1;
	return true;
}

bool garita_json_scan_string(struct garita_json_scan *s)
{
	unsigned char *start = s->at + 1, *end = skip_plain(start);

	s->token.type = GARITA_JSON_STRING;
	if (*end != '"')
		return scan_odd_string(s, end);
	slice(s, start, end);
	return true;
}

/* At the slash. A quote in a comment begins no string. */
static bool skip_comment(struct garita_json_scan *s)
{
	unsigned char *start = s->at, *at = start + 2;
	bool block = start[1] == '*';

	if (!block && start[1] != '/')
		return refuse_byte(s, start);
	if (!(s->flags & GARITA_JSON_COMMENTS))
		return refuse(s, start, "a comment, which JSON does not have");

	while (at < s->end) {
		size_t len = garita_json_utf8(at, (size_t)(s->end - at));

		if (len == 0 || *at == 0)
			return refuse_byte(s, at);
		if (*at == '\n')
			s->doc->lines->several = true;
		if (block && at[0] == '*' && at[1] == '/') {
			s->at = at + 2;
			return true;
		}
		if (!block && *at == '\n')
			break; /* white space from here */
		at += len;
	}
	s->at = at;
	return block ? refuse(s, start, "a comment has no end") : true;
}

bool garita_json_skip(struct garita_json_scan *s)
{
	for (;;) {
		switch (*s->at) {
		case ' ': /* indented text is full of them */
			while (memcmp(s->at, "        ", 8) == 0)
				s->at += 8;
			while (*s->at == ' ')
				s->at++;
			break;
		case '\n':
			s->doc->lines->several = true;
			s->at++;
			break;
		case '\t':
		case '\r':
			s->at++;
			break;
		case '/':
			if (!skip_comment(s))
				return false;
			break;
		default:
			return true;
		}
	}
}

static size_t digits(const unsigned char *text, size_t at, size_t len)
{
	size_t start = at;

	while (at < len && text[at] >= '0' && text[at] <= '9')
		at++;
	return at - start;
}

/* The number grammar of RFC 8259, all of it. */
static bool is_number(const unsigned char *text, size_t len)
{
	size_t at = 0, count;

	if (at < len && text[at] == '-')
		at++;
	count = digits(text, at, len);
	if (count == 0 || (count > 1 && text[at] == '0'))
		return false;
	at += count;
	if (at < len && text[at] == '.') {
		count = digits(text, ++at, len);
		if (count == 0)
			return false;
		at += count;
	}
	if (at < len && (text[at] == 'e' || text[at] == 'E')) {
		at++;
		if (at < len && (text[at] == '+' || text[at] == '-'))
			at++;
		count = digits(text, at, len);
		if (count == 0)
			return false;
		at += count;
	}
	return at == len;
}

static bool is_word_byte(unsigned char byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
	       (byte >= 'A' && byte <= 'Z') || byte == '-' || byte == '+' ||
	       byte == '.' || byte == '_';
}

/* Everything up to what cannot be part of a word has to be exactly one. */
bool garita_json_scan_word(struct garita_json_scan *s)
{
	const char *word = (const char *)s->at;
	size_t len = 0;

	while (is_word_byte((unsigned char)word[len]))
		len++;
	if (len == 0)
		return refuse_byte(s, s->at);
	s->token.count = 0;
	if (len == 4 && memcmp(word, "null", len) == 0) {
		s->token.type = GARITA_JSON_NULL;
	} else if (len == 4 && memcmp(word, "true", len) == 0) {
		s->token.type = GARITA_JSON_BOOL;
		s->token.count = 1;
	} else if (len == 5 && memcmp(word, "false", len) == 0) {
		s->token.type = GARITA_JSON_BOOL;
	} else if (is_number((const unsigned char *)word, len)) {
		s->token.type = GARITA_JSON_NUMBER;
		s->token.text = garita_json_take_text(s->doc, word, len);
		s->token.count = (uint32_t)len;
	} else {
		snprintf(s->problem, sizeof(s->problem),
			 "'%.*s%s' is neither a number nor true, false or null",
			 len > 24 ? 24 : (int)len, word, len > 24 ? "..." : "");
		s->bad_at = (size_t)(s->at - s->text);
		return false;
	}
	s->at += len;
	return true;
}
