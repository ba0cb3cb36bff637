/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pem - the armour around keys and certificates, RFC 7468 in its strict form:
 * no headers and no white space in a block, and it ends as it began. A file in
 * which one reader finds another thing than the next is no statement about
 * whom to trust.
 */
#include "policy/trust/pem.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "policy/trust/format.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next line without its end, LF or CRLF; false after the last. */
static bool next_line(struct garita_pem *from, const char **ret,
		      size_t *ret_len)
{
	const char *end;
	size_t len;

	if (from->at >= from->end)
		return false;
	end = memchr(from->at, '\n', (size_t)(from->end - from->at));
	*ret = from->at;
	from->at = end ? end + 1 : from->end;
	from->line++;
	len = (size_t)((end ? end : from->end) - *ret);
	if (end && len > 0 && (*ret)[len - 1] == '\r')
		len--;
	*ret_len = len;
	return true;
}

int garita_pem_fail(const struct garita_pem *at, struct garita_error *err,
		    const char *words)
{
	garita_fail(err, EINVAL, "%s", words);
	if (err)
		err->line = at->line;
	return -EINVAL;
}

/* "-----BEGIN label-----": the label, which points into the line. */
static bool take_label(const char *line, size_t len, const char *begin,
		       const char **ret, size_t *ret_len)
{
	static const char dashes[] = "-----";
	size_t before = strlen(begin), after = sizeof(dashes) - 1;

	if (len < before + after || memcmp(line, begin, before) != 0 ||
	    memcmp(line + len - after, dashes, after) != 0)
		return false;
	*ret = line + before;
	*ret_len = len - before - after;
	return true;
}

bool garita_pem_is(const struct garita_pem_block *block, const char *label)
{
	return block->label_len == strlen(label) &&
	       memcmp(block->label, label, block->label_len) == 0;
}

static void skip_blanks(struct garita_pem *from)
{
	while (from->at < from->end && is_blank(from->at[0]))
		if (*from->at++ == '\n')
			from->line++;
	while (from->end > from->at && is_blank(from->end[-1]))
		from->end--;
}

int garita_pem_begin(struct garita_pem *from, struct garita_pem_block *ret,
		     struct garita_error *err)
{
	const char *line;
	size_t len;

	skip_blanks(from);
	while (next_line(from, &line, &len)) {
		if (take_label(line, len, "-----BEGIN ", &ret->label,
			       &ret->label_len))
			return 1;
		if (!from->prose || memmem(line, len, "-----", 5) != NULL)
			return garita_pem_fail(
				from, err,
				"not a key: neither DER nor a PEM block");
	}
	return 0;
}

int garita_pem_body(struct garita_pem *from, size_t max,
		    struct garita_pem_block *ret, struct garita_error *err)
{
	auto_text body = { 0 };
	const char *line = NULL, *end;
	size_t len = 0, end_len;

	while (next_line(from, &line, &len) && len > 0 && line[0] != '-') {
		if (memchr(line, ':', len) != NULL)
			return garita_pem_fail(from, err,
					       "a header inside the PEM block");
		for (size_t i = 0; i < len; i++)
			if (is_blank(line[i]))
				return garita_pem_fail(
					from, err,
					"white space inside the base64");
		garita_text_add(&body, line, len);
	}
	if (!line || !take_label(line, len, "-----END ", &end, &end_len) ||
	    end_len != ret->label_len || memcmp(end, ret->label, end_len) != 0)
		return garita_pem_fail(from, err,
				       "the PEM block does not end as it "
				       "began");
	if (body.len == 0 ||
	    garita_base64(body.data, body.len, max, &ret->bytes, &ret->len) < 0)
		return garita_fail(err, EINVAL,
				   "what is in the PEM block is not base64");
	return 0;
}
