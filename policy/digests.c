/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * digests - one pass that proves a list is what it seems, then lookups.
 *
 * A long list is an array of lines of one size, in ascending order: when
 * every line was seen to be a digest, and greater than the one before, the
 * search by halves cannot miss one that is there. A short list is read line
 * by line, each time. In both, one line that is anything else makes the whole
 * list unusable: a "sha512:" entry or a stray carriage return on a deny list
 * must never mean that something is not denied.
 */
#include "garita/digests.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

enum {
	PREFIX_LEN = 7,  /* "sha256:" */
	DIGEST_LEN = 71, /* prefix and 64 hex digits */
};

/* No early way out and no branch, so that the compiler does many bytes at
 * once: this runs 64 million times for a list of a million. */
static bool all_lower_hex(const char *at)
{
	unsigned bad = 0;

	for (size_t i = 0; i < DIGEST_LEN - PREFIX_LEN; i++) {
		uint8_t c = (uint8_t)at[i];
		uint8_t digit = (uint8_t)(c - '0') > 9;
		uint8_t letter = (uint8_t)(c - 'a') > 5;

		bad |= digit & letter;
	}
	return bad == 0;
}

/* DIGEST_LEN bytes are there to be read. */
static bool is_digest(const char *at)
{
	return memcmp(at, "sha256:", PREFIX_LEN) == 0 &&
	       all_lower_hex(at + PREFIX_LEN);
}

bool garita_digest_well_formed(const char *text)
{
	return strnlen(text, DIGEST_LEN + 1) == DIGEST_LEN && is_digest(text);
}

/* The next line of a short list, without its comment and the blanks around
 * what is left. Moves *at behind the line's end. */
static const char *next_line(const char **at, const char *end, size_t *ret_len)
{
	const char *line = *at;
	const char *stop = memchr(line, '\n', (size_t)(end - line));
	const char *comment;

	if (stop == NULL)
		stop = end;
	*at = stop < end ? stop + 1 : end;
	comment = memchr(line, '#', (size_t)(stop - line));
	if (comment != NULL)
		stop = comment;
	while (line < stop && (*line == ' ' || *line == '\t'))
		line++;
	while (stop > line && (stop[-1] == ' ' || stop[-1] == '\t'))
		stop--;
	*ret_len = (size_t)(stop - line);
	return line;
}

/* Line and column of a byte, for a person. */
static int fail_at(struct garita_error *err, const char *bytes, const char *at,
		   const char *reason)
{
	unsigned line = 1;
	const char *start = bytes;

	for (const char *i = bytes; i < at; i++) {
		if (*i == '\n') {
			line++;
			start = i + 1;
		}
	}
	if (err != NULL) {
		garita_fail(err, EINVAL, "%s", reason);
		err->line = line;
		err->column = (unsigned)(at - start) + 1;
	}
	return -EINVAL;
}

static int check_short(const char *bytes, size_t len, struct garita_error *err)
{
	const char *end = bytes + len;

	/* A carriage return or another control character inside a comment can
	 * look like a new line to a person or an editor, with a digest behind
	 * it that we would skip. */
	for (const char *at = bytes; at < end; at++) {
		unsigned char c = (unsigned char)*at;

		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			return fail_at(err, bytes, at,
				       "a control character in a digest list "
				       "(lines end in a line feed alone)");
	}
	for (const char *at = bytes; at < end;) {
		size_t n;
		const char *line = next_line(&at, end, &n);

		if (n != 0 && (n != DIGEST_LEN || !is_digest(line)))
			return fail_at(err, bytes, line,
				       "not a digest: a line is \"sha256:\" "
				       "and 64 lower case hex digits");
	}
	return 0;
}

/* What is wrong with a line of a long list. Lines have one size, so the
 * first one that differs is where a person must look, also when what it did
 * was to shift all others. */
static const char *long_line_fault(const char *line, const char *before)
{
	int order;

	if (!is_digest(line) || line[DIGEST_LEN] != '\n')
		return "not a digest line: a list of more than 64 KiB has "
		       "nothing but \"sha256:\", 64 lower case hex digits and "
		       "a line feed (no comments, no blank lines)";
	if (before == NULL)
		return NULL;
	order = memcmp(before, line, DIGEST_LEN);
	if (order == 0)
		return "the digest of the line before again: sort the list "
		       "with LC_ALL=C sort -u";
	if (order > 0)
		return "less than the digest of the line before: a list of "
		       "more than 64 KiB must be sorted with LC_ALL=C sort -u";
	return NULL;
}

static int check_long(const char *bytes, size_t len, struct garita_error *err)
{
	const char *before = NULL;
	const char *end =
		bytes + len / GARITA_DIGESTS_LINE * GARITA_DIGESTS_LINE;

	for (const char *line = bytes; line < end;
	     line += GARITA_DIGESTS_LINE) {
		const char *fault = long_line_fault(line, before);

		if (fault != NULL)
			return fail_at(err, bytes, line, fault);
		before = line;
	}
	/* Not even the last line feed may be missing: that is also how a list
	 * looks of which the writer has not yet written all. */
	if (end != bytes + len)
		return fail_at(err, bytes, end,
			       "the last line is cut off or has no line feed");
	return 0;
}

int garita_digests_open(const char *bytes, size_t len, bool checked,
			struct garita_digests *ret, struct garita_error *err)
{
	bool sorted = len > GARITA_DIGESTS_SMALL;
	int failure = 0;

	if (!sorted)
		failure = check_short(bytes, len, err);
	else if (!checked)
		failure = check_long(bytes, len, err);
	else if (len % GARITA_DIGESTS_LINE != 0)
		failure = garita_fail(err, EINVAL,
				      "a checked digest list of %zu bytes, "
				      "which is no number of lines",
				      len);
	if (failure < 0)
		return failure;
	*ret = (struct garita_digests){ bytes, len, sorted };
	return 0;
}

static bool search_short(const struct garita_digests *list, const char *digest)
{
	const char *end = list->bytes + list->len;

	for (const char *at = list->bytes; at < end;) {
		size_t n;
		const char *line = next_line(&at, end, &n);

		if (n == DIGEST_LEN && memcmp(line, digest, DIGEST_LEN) == 0)
			return true;
	}
	return false;
}

/* As memcmp: is the digest before (< 0), on or behind that line? */
static int compare_line(const struct garita_digests *list, size_t line,
			const char *digest)
{
	return memcmp(digest, list->bytes + line * GARITA_DIGESTS_LINE,
		      DIGEST_LEN);
}

/* The line where a hash would be if hashes were spread evenly, which they
 * are. Always less than `count`, unless that is 0. */
static size_t likely_line(const char *digest, size_t count)
{
	uint64_t part = 0; /* the hash's first 24 bits */

	if ((uint64_t)count >> 40 != 0) /* the product must fit */
		return 0;
	for (size_t i = 0; i < 6; i++) {
		unsigned char c = (unsigned char)digest[PREFIX_LEN + i];

		part = part << 4 |
		       (c <= '9' ? c - (uint64_t)'0' : c - (uint64_t)'a' + 10);
	}
	return (size_t)(part * count >> 24);
}

/* By halves, but beginning near the likely line: of a mapped file a plain
 * search by halves would touch a page in each of its first ten steps. A list
 * that somebody made uneven costs two steps more. */
static bool search_sorted(const struct garita_digests *list, const char *digest)
{
	enum { NEAR = 1024 };
	size_t low = 0, high = list->len / GARITA_DIGESTS_LINE;
	size_t likely = likely_line(digest, high);

	if (likely > NEAR) {
		if (compare_line(list, likely - NEAR, digest) < 0)
			high = likely - NEAR;
		else
			low = likely - NEAR;
	}
	if (high > likely && high - likely > NEAR) {
		if (compare_line(list, likely + NEAR, digest) < 0)
			high = likely + NEAR;
		else
			low = likely + NEAR;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = compare_line(list, middle, digest);

		if (order == 0)
			return true;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

bool garita_digests_have(const struct garita_digests *list, const char *digest)
{
	if (!garita_digest_well_formed(digest))
		return false;
	return list->sorted ? search_sorted(list, digest)
			    : search_short(list, digest);
}
