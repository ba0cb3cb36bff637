/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * key_pem - the armour around a public key (RFC 7468), one block and nothing
 * else. A file in which one reader finds the first key and another the last
 * is no statement about whom to trust.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "policy/trust/format.h"
#include "policy/trust/key_parts.h"

struct lines {
	const char *at, *end;
	unsigned number; /* of the line taken last */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The next line without its end, LF or CRLF; false after the last. */
static bool next_line(struct lines *from, const char **ret, size_t *ret_len)
{
	const char *end;
	size_t len;

	if (from->at >= from->end)
		return false;
	end = memchr(from->at, '\n', (size_t)(from->end - from->at));
	*ret = from->at;
	from->at = end ? end + 1 : from->end;
	from->number++;
	len = (size_t)((end ? end : from->end) - *ret);
	if (end && len > 0 && (*ret)[len - 1] == '\r')
		len--;
	*ret_len = len;
	return true;
}

static int fail_at(const struct lines *text, struct garita_error *err,
		   const char *words)
{
	garita_fail(err, EINVAL, "%s", words);
	if (err)
		err->line = text->number;
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

static bool is_label(const char *label, size_t len, const char *wanted)
{
	return len == strlen(wanted) && memcmp(label, wanted, len) == 0;
}

/* A block of this label is no public key: which mistake was it? */
static int wrong_label(const struct lines *text, const char *label, size_t len,
		       struct garita_error *err)
{
	if (memmem(label, len, "PRIVATE KEY", strlen("PRIVATE KEY")) != NULL)
		return fail_at(text, err,
			       "this is a private key: keep it away from here "
			       "and give its public half");
	if (memmem(label, len, "CERTIFICATE", strlen("CERTIFICATE")) != NULL)
		return fail_at(text, err,
			       "this is a certificate, not a public key");
	if (memmem(label, len, "PGP", strlen("PGP")) != NULL)
		return fail_at(text, err,
			       "this is an OpenPGP key, for signedBy only");
	return fail_at(text, err, "the block is no PUBLIC KEY");
}

static int take_begin(struct lines *from, const char **ret, size_t *ret_len,
		      struct garita_error *err)
{
	const char *line;
	size_t len;

	if (!next_line(from, &line, &len))
		return fail_at(from, err, "the key is empty");
	if (!take_label(line, len, "-----BEGIN ", ret, ret_len))
		return fail_at(from, err,
			       "not a key: neither DER nor a PEM block");
	if (!is_label(*ret, *ret_len, "PUBLIC KEY") &&
	    !is_label(*ret, *ret_len, "RSA PUBLIC KEY"))
		return wrong_label(from, *ret, *ret_len, err);
	return 0;
}

/* Up to the end line, which must be the last. */
static int take_body(struct lines *from, const char *label, size_t label_len,
		     struct garita_text *ret, struct garita_error *err)
{
	const char *line = NULL, *end;
	size_t len = 0, end_len;

	while (next_line(from, &line, &len) && len > 0 && line[0] != '-') {
		if (memchr(line, ':', len) != NULL)
			return fail_at(from, err,
				       "a header inside the PEM block");
		for (size_t i = 0; i < len; i++)
			if (is_blank(line[i]))
				return fail_at(from, err,
					       "white space inside the base64");
		garita_text_add(ret, line, len);
	}
	if (!line || !take_label(line, len, "-----END ", &end, &end_len) ||
	    end_len != label_len || memcmp(end, label, label_len) != 0)
		return fail_at(from, err,
			       "the PEM block does not end as it began");
	if (from->at < from->end)
		return fail_at(from, err, "more than one PEM block");
	return 0;
}

int garita_key_pem(const char *text, size_t len, unsigned char **ret,
		   size_t *ret_len, bool *ret_pkcs1, struct garita_error *err)
{
	struct lines from = { .at = text, .end = text + len };
	auto_text body = { 0 };
	const char *label = NULL;
	size_t label_len = 0;
	int r;

	while (from.at < from.end && is_blank(from.at[0])) {
		if (*from.at++ == '\n')
			from.number++;
	}
	while (from.end > from.at && is_blank(from.end[-1]))
		from.end--;
	r = take_begin(&from, &label, &label_len, err);
	if (r < 0)
		return r;
	r = take_body(&from, label, label_len, &body, err);
	if (r < 0)
		return r;
	if (body.len == 0 ||
	    garita_base64(body.data, body.len, (size_t)2 * GARITA_KEY_RSA_MAX,
			  ret, ret_len) < 0)
		return garita_fail(err, EINVAL,
				   "what is in the PEM block is not base64");
	*ret_pkcs1 = is_label(label, label_len, "RSA PUBLIC KEY");
	return 0;
}
