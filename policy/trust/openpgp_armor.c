/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_armor - public keys in a text file (RFC 9580, section 6).
 *
 * Distributions put words of their own around the blocks, so what is outside
 * does not matter; inside, everything does. The checksum is optional since
 * RFC 9580, but when it is there it must be right: it tells a damaged file
 * from a revoked or an expired key.
 */
#include "policy/trust/openpgp.h"

#include <errno.h>
#include <string.h>

#include "garita/blobs.h"
#include "garita/memory.h"
#include "policy/trust/format.h"

#define BEGIN "-----BEGIN PGP "
#define KEYS  "-----BEGIN PGP PUBLIC KEY BLOCK-----"
#define END   "-----END PGP PUBLIC KEY BLOCK-----"

struct lines {
	const char *at, *end;
	unsigned number;
};

struct line {
	const char *at;
	size_t len; /* without white space at its end */
};

static bool next_line(struct lines *lines, struct line *ret)
{
	const char *start = lines->at, *end;

	if (start == lines->end)
		return false;
	end = memchr(start, '\n', (size_t)(lines->end - start));
	lines->at = end == NULL ? lines->end : end + 1;
	lines->number++;
	if (end == NULL)
		end = lines->end;
	while (end > start &&
	       (end[-1] == '\r' || end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*ret = (struct line){ start, (size_t)(end - start) };
	return true;
}

static bool is(struct line line, const char *word)
{
	return line.len == strlen(word) && memcmp(line.at, word, line.len) == 0;
}

static bool starts(struct line line, const char *word)
{
	return line.len >= strlen(word) &&
	       memcmp(line.at, word, strlen(word)) == 0;
}

static int fail_at(const struct lines *lines, struct garita_error *err,
		   const char *why)
{
	if (err != NULL)
		*err = (struct garita_error){ .line = lines->number };
	return garita_fail(err, EINVAL, "%s", why);
}

static uint32_t crc24(const unsigned char *data, size_t len)
{
	uint32_t crc = 0xb704ce;

	for (size_t i = 0; i < len; i++) {
		crc ^= (uint32_t)data[i] << 16;
		for (int bit = 0; bit < 8; bit++) {
			crc <<= 1;
			if ((crc & 0x1000000) != 0)
				crc ^= 0x1864cfb;
		}
	}
	return crc & 0xffffff;
}

bool garita_openpgp_is_armor(const char *text, size_t len)
{
	return starts((struct line){ text, len }, BEGIN);
}

/* "Version: ..." and the like, up to the empty line. */
static int skip_headers(struct lines *lines, struct garita_error *err)
{
	struct line line;

	while (next_line(lines, &line)) {
		if (line.len == 0)
			return 0;
		if (memmem(line.at, line.len, ": ", 2) == NULL &&
		    line.at[line.len - 1] != ':')
			return fail_at(lines, err,
				       "no empty line between the head and "
				       "the body of an armoured key");
	}
	return fail_at(lines, err, "an armoured key is cut off");
}

static int check_crc(const struct lines *lines, struct line line,
		     const unsigned char *data, size_t len,
		     struct garita_error *err)
{
	auto_free unsigned char *crc = NULL;
	size_t crc_len = 0;

	if (garita_base64(line.at + 1, line.len - 1, 3, &crc, &crc_len) < 0 ||
	    crc_len != 3 ||
	    crc24(data, len) != ((uint32_t)crc[0] << 16 |
				 (uint32_t)crc[1] << 8 | (uint32_t)crc[2]))
		return fail_at(lines, err,
			       "the checksum of an armoured key is wrong: the "
			       "file is damaged");
	return 0;
}

/* The block whose first line was read; adds its bytes to `into`. */
static int read_block(struct lines *lines, struct garita_text *into,
		      struct garita_error *err)
{
	auto_text body = { 0 };
	auto_free unsigned char *data = NULL;
	struct line line, crc = { NULL, 0 };
	size_t len = 0;
	int failure = skip_headers(lines, err);

	if (failure < 0)
		return failure;
	for (;;) {
		if (!next_line(lines, &line))
			return fail_at(lines, err,
				       "an armoured key is cut off");
		if (is(line, END))
			break;
		if (crc.at != NULL)
			return fail_at(lines, err,
				       "text behind the checksum of an "
				       "armoured key");
		if (line.len > 0 && line.at[0] == '=')
			crc = line;
		else
			garita_text_add(&body, line.at, line.len);
	}
	if (garita_base64(body.data == NULL ? "" : body.data, body.len,
			  GARITA_BLOB_MAX, &data, &len) < 0 ||
	    len == 0)
		return fail_at(lines, err, "an armoured key is not base64");
	if (crc.at != NULL) {
		failure = check_crc(lines, crc, data, len, err);
		if (failure < 0)
			return failure;
	}
	garita_text_add(into, (const char *)data, len);
	return 0;
}

int garita_openpgp_armor(const char *text, size_t len, unsigned char **ret,
			 size_t *ret_len, struct garita_error *err)
{
	struct lines lines = { text, text + len, 0 };
	auto_text all = { 0 };
	struct line line;

	while (next_line(&lines, &line)) {
		int failure;

		if (!starts(line, BEGIN))
			continue;
		if (!is(line, KEYS))
			return fail_at(&lines, err,
				       "an armoured text that is not a "
				       "\"PGP PUBLIC KEY BLOCK\"");
		failure = read_block(&lines, &all, err);
		if (failure < 0)
			return failure;
	}
	if (all.len == 0)
		return garita_fail(err, EINVAL, "no OpenPGP key in it");
	*ret_len = all.len;
	*ret = (unsigned char *)garita_text_take(&all);
	return 0;
}
