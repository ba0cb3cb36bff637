/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The walk over the raw text before yajl sees it. yajl lets overlong and
 * surrogate UTF-8 pass, turns an unpaired surrogate escape into '?', keeps
 * U+0000 (which ends a C string early), and old builds of it read beyond a
 * short \u escape. So every token is checked here first, completely; what is
 * left to yajl is how tokens may follow each other. The offsets noted on the
 * way are also compared with what yajl reports: two lexers must agree.
 */
#include <stdio.h>
#include <string.h>

#include "policy/json_tree.h"

struct cursor {
	const unsigned char *text;
	size_t len;
	size_t at;
	size_t token_room;
	size_t newline_room;
	struct garita_json_scan *scan;
};

enum {
	SURROGATE_HIGH = 0xd800,
	SURROGATE_LOW = 0xdc00,
	SURROGATE_END = 0xe000
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

static void note(uint32_t **list, size_t *count, size_t *room, size_t offset)
{
	if (*count == *room) {
		*room = *room > 0 ? *room * 2 : 512;
		*list = garita_xresize(*list, *room, sizeof(**list));
	}
	(*list)[(*count)++] = (uint32_t)offset; /* texts end at 4 MiB */
}

static bool refuse(struct cursor *c, size_t bad_at, const char *problem)
{
	snprintf(c->scan->problem, sizeof(c->scan->problem), "%s", problem);
	c->scan->bad_at = bad_at;
	return false;
}

/* What any token may stumble over. */
static bool refuse_byte(struct cursor *c, size_t bad_at)
{
	unsigned char byte = c->text[bad_at];

	if (byte == 0)
		return refuse(c, bad_at, "a NUL byte");
	if (byte >= 0x80 &&
	    garita_json_utf8(c->text + bad_at, c->len - bad_at) == 0)
		return refuse(c, bad_at, "malformed UTF-8");
	if (bad_at == 0 && c->len >= 3 &&
	    memcmp(c->text, "\xef\xbb\xbf", 3) == 0)
		return refuse(c, bad_at,
			      "a byte order mark before the document");
	if (byte == '\'')
		return refuse(c, bad_at,
			      "a single quote: strings have double quotes");
	snprintf(c->scan->problem, sizeof(c->scan->problem),
		 byte > 0x20 && byte < 0x7f ? "unexpected '%c'"
					    : "unexpected byte 0x%02x",
		 byte);
	c->scan->bad_at = bad_at;
	return false;
}

/* Four hex digits at `at`, or -1. */
static long hex4(const struct cursor *c, size_t at)
{
	long value = 0;

	if (c->len - at < 4)
		return -1;
	for (size_t i = at; i < at + 4; i++) {
		unsigned char digit = c->text[i];

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

/* At the backslash of "\u". */
static bool scan_unicode(struct cursor *c)
{
	size_t start = c->at;
	long unit = hex4(c, start + 2), second;

	if (unit < 0)
		return refuse(c, start, "\\u without four hex digits");
	if (unit == 0)
		return refuse(c, start,
			      "U+0000 in a string, where C readers end it");
	c->at += 6;
	if (unit < SURROGATE_HIGH || unit >= SURROGATE_END)
		return true;

	if (unit >= SURROGATE_LOW || c->len - c->at < 6 ||
	    c->text[c->at] != '\\' || c->text[c->at + 1] != 'u')
		return refuse(c, start, "an unpaired surrogate escape");
	second = hex4(c, c->at + 2);
	if (second < SURROGATE_LOW || second >= SURROGATE_END)
		return refuse(c, start, "an unpaired surrogate escape");
	c->at += 6;
	return true;
}

/* At a backslash. */
static bool scan_escape(struct cursor *c)
{
	if (c->len - c->at < 2)
		return refuse(c, c->at, "a string has no end");
	if (c->text[c->at + 1] == 'u')
		return scan_unicode(c);
	if (c->text[c->at + 1] == 0 ||
	    !strchr("\"\\/bfnrt", c->text[c->at + 1]))
		return refuse(c, c->at, "an escape that JSON does not have");
	c->at += 2;
	return true;
}

/* Bytes that mean themselves in a string: printable ASCII but " and \. */
static bool is_plain(unsigned char byte)
{
	return byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
}

/* The same for eight bytes at once, which is what most text is made of. Each
 * line sets the top bit of some byte when any byte is: not ASCII, a control
 * character, a quote, a backslash. */
static bool is_plain_eight(const unsigned char *at)
{
	const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
	uint64_t bytes, quote, backslash;

	memcpy(&bytes, at, sizeof(bytes));
	quote = bytes ^ (ones * '"');
	backslash = bytes ^ (ones * '\\');
	return ((bytes | (bytes - ones * 0x20) | (quote - ones) |
		 (backslash - ones)) &
		tops) == 0;
}

/* At the opening quote. */
static bool scan_string(struct cursor *c)
{
	const unsigned char *text = c->text;
	size_t start = c->at, at = start + 1;

	while (at < c->len) {
		size_t len;

		if (c->len - at >= 8 && is_plain_eight(text + at)) {
			at += 8;
			continue;
		}
		while (at < c->len && is_plain(text[at]))
			at++;
		if (at == c->len)
			break;
		c->at = at;
		if (text[at] == '"') {
			c->at++;
			return true;
		}
		if (text[at] == '\\') {
			if (!scan_escape(c))
				return false;
			at = c->at;
			continue;
		}
		len = garita_json_utf8(text + at, c->len - at);
		if (text[at] == 0 || len == 0)
			return refuse_byte(c, at);
		if (text[at] < 0x20)
			return refuse(c, at,
				      "a raw control character in a string");
		at += len;
	}
	return refuse(c, start, "a string has no end");
}

/* At the slash. Comments are walked by the same rules as yajl's: a quote in
 * them begins no string. */
static bool scan_comment(struct cursor *c, unsigned flags)
{
	size_t start = c->at;
	bool block = c->len - start >= 2 && c->text[start + 1] == '*';

	if (!block && !(c->len - start >= 2 && c->text[start + 1] == '/'))
		return refuse_byte(c, start);
	if (!(flags & GARITA_JSON_COMMENTS))
		return refuse(c, start, "a comment, which JSON does not have");

	c->at += 2;
	while (c->at < c->len) {
		size_t len = garita_json_utf8(c->text + c->at, c->len - c->at);

		if (len == 0 || c->text[c->at] == 0)
			return refuse_byte(c, c->at);
		if (block && c->text[c->at] == '*' && c->len - c->at >= 2 &&
		    c->text[c->at + 1] == '/') {
			c->at += 2;
			return true;
		}
		if (c->text[c->at] == '\n') {
			if (!block)
				return true; /* white space from here */
			note(&c->scan->newlines, &c->scan->newline_count,
			     &c->newline_room, c->at);
		}
		c->at += len;
	}
	return block ? refuse(c, start, "a comment has no end") : true;
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

/* true, false, null or a number: everything up to what cannot be part of one
 * has to be exactly that. */
static bool scan_word(struct cursor *c)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t start = c->at, len;
	const unsigned char *word = c->text + start;

	while (c->at < c->len && is_word_byte(c->text[c->at]))
		c->at++;
	len = c->at - start;
	if (len == 0)
		return refuse_byte(c, start);
	for (size_t i = 0; i < GARITA_COUNT(words); i++) {
		if (len == strlen(words[i]) && memcmp(word, words[i], len) == 0)
			return true;
	}
	if (is_number(word, len))
		return true;

	snprintf(c->scan->problem, sizeof(c->scan->problem),
		 "'%.*s%s' is neither a number nor true, false or null",
		 len > 24 ? 24 : (int)len, (const char *)word,
		 len > 24 ? "..." : "");
	c->scan->bad_at = start;
	return false;
}

/* White space and punctuation; a token or comment follows, or the end. */
static void skip_between(struct cursor *c)
{
	struct garita_json_scan *scan = c->scan;
	size_t at = c->at;

	for (; at < c->len; at++) {
		switch (c->text[at]) {
		case '\n':
			note(&scan->newlines, &scan->newline_count,
			     &c->newline_room, at);
			break;
		case ' ': /* indented text is full of them */
			while (c->len - at > 8 &&
			       memcmp(c->text + at + 1, "        ", 8) == 0)
				at += 8;
			break;
		case '\t':
		case '\r':
		case '}':
		case ']':
		case ',':
		case ':':
			break;
		default:
			c->at = at;
			return;
		}
	}
	c->at = at;
}

static bool scan_token(struct cursor *c)
{
	note(&c->scan->tokens, &c->scan->token_count, &c->token_room, c->at);
	switch (c->text[c->at]) {
	case '{':
	case '[':
		c->at++;
		return true;
	case '"':
		return scan_string(c);
	default:
		return scan_word(c);
	}
}

void garita_json_scan_text(const unsigned char *text, size_t len,
			   unsigned flags, struct garita_json_scan *ret)
{
	struct cursor c = { .text = text, .len = len, .scan = ret };

	*ret = (struct garita_json_scan){ 0 };
	for (;;) {
		skip_between(&c);
		ret->good = c.at;
		if (c.at == c.len)
			return;
		if (text[c.at] == '/' ? !scan_comment(&c, flags)
				      : !scan_token(&c))
			return;
	}
}

void garita_json_scan_free(struct garita_json_scan *scan)
{
	free(scan->tokens);
	free(scan->newlines);
	*scan = (struct garita_json_scan){ 0 };
}
