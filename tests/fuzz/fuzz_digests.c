/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzzer of digest lists. The input is once a list as it is, and once a row
 * of edits of a good long list; each time a plain reading of the same bytes,
 * one line after the other, must come to the same answers.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/image.h"
#include "garita/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LINES = 1000, LINE = GARITA_DIGESTS_LINE, DIGEST = LINE - 1 };

/* The digest in `line`, as a string; false when it is anything else. */
static bool take_digest(const char *line, size_t len,
			char ret[GARITA_DIGEST_SIZE])
{
	if (len != DIGEST || memcmp(line, "sha256:", 7) != 0)
		return false;
	for (size_t i = 7; i < len; i++)
		if (memchr("0123456789abcdef", line[i], 16) == NULL)
			return false;
	memcpy(ret, line, DIGEST);
	ret[DIGEST] = '\0';
	return true;
}

/* Would a person say that every line of the long list is as it should be? */
static bool is_good_long(const char *text, size_t len)
{
	char before[GARITA_DIGEST_SIZE] = "", digest[GARITA_DIGEST_SIZE];

	while (len > 0) {
		const char *end = memchr(text, '\n', len);

		if (end == NULL ||
		    !take_digest(text, (size_t)(end - text), digest) ||
		    strcmp(before, digest) >= 0)
			return false;
		memcpy(before, digest, sizeof(before));
		len -= (size_t)(end + 1 - text);
		text = end + 1;
	}
	return true;
}

/* Every digest that stands alone on a line must be found. */
static void find_all(const struct garita_digests *list)
{
	const char *text = list->bytes, *stop = list->bytes + list->len;

	while (text < stop) {
		const char *end = memchr(text, '\n', (size_t)(stop - text));
		char digest[GARITA_DIGEST_SIZE];

		if (end == NULL)
			end = stop;
		if (take_digest(text, (size_t)(end - text), digest) &&
		    !garita_digests_have(list, digest))
			abort();
		text = end < stop ? end + 1 : stop;
	}
}

static void check_short(const char *text, size_t len)
{
	struct garita_digests list;
	struct garita_error err = { 0 };

	if (garita_digests_open(text, len, false, &list, &err) < 0) {
		if (err.line == 0 || err.column == 0)
			abort();
		return;
	}
	find_all(&list);
	/* What differs from all that is there is not found. */
	if (len < DIGEST &&
	    garita_digests_have(&list,
				"sha256:000000000000000000000000000000000000000"
				"0000000000000000000000000"))
		abort();
}

/* Edits are three bytes each: two for a place, one for what is put there. An
 * odd place is removed, or doubled, instead. */
static void edit(struct garita_text *text, const uint8_t *data, size_t size)
{
	for (; size >= 3 && text->len > 1; data += 3, size -= 3) {
		size_t at = (data[0] | (size_t)data[1] << 8) * 2 % text->len;

		if (data[2] == 1) {
			memmove(text->data + at, text->data + at + 1,
				text->len - at);
			text->len--;
		} else if (data[2] == 2) {
			garita_text_putc(text, 'x');
			memmove(text->data + at + 1, text->data + at,
				text->len - at - 1);
		} else {
			text->data[at] = (char)data[2];
		}
	}
}

static void check_long(const uint8_t *data, size_t size)
{
	auto_text text = { 0 };
	struct garita_digests list;
	bool good;

	for (unsigned i = 0; i < LINES; i++)
		garita_text_printf(&text, "sha256:%08x%056x\n", i * 4294967u,
				   i);
	edit(&text, data, size);
	if (text.len <= GARITA_DIGESTS_SMALL)
		return;
	good = is_good_long(text.data, text.len);
	if ((garita_digests_open(text.data, text.len, false, &list, NULL) ==
	     0) != good)
		abort();
	if (good)
		find_all(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_short((const char *)data, size);
	check_long(data, size);
	return 0;
}
