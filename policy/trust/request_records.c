/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request_records - see the header.
 */
#include "policy/trust/request_records.h"

#include <errno.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/memory.h"

uint64_t garita_request_number(const char *at, size_t bytes)
{
	uint64_t value = 0;

	for (size_t i = bytes; i > 0; i--)
		value = value << 8 | (unsigned char)at[i - 1];
	return value;
}

int garita_request_look(struct garita_request_reader *r)
{
	size_t left = (size_t)(r->end - r->at);
	size_t len;

	if (left < RECORD)
		return garita_fail(r->err, EBADMSG, "the request is cut short");
	len = (size_t)garita_request_number(r->at + 1, 4);
	if (len > left - RECORD)
		return garita_fail(r->err, EBADMSG,
				   "a record is longer than the request");
	r->next = (struct garita_request_record){
		.tag = (enum garita_request_tag)(unsigned char)*r->at,
		.bytes = r->at + RECORD,
		.len = len,
	};
	return 0;
}

int garita_request_take(struct garita_request_reader *r,
			enum garita_request_tag tag, size_t most,
			struct garita_request_record *ret)
{
	if (r->next.tag != tag)
		return garita_fail(r->err, EBADMSG,
				   "record %d stands where %d should",
				   (int)r->next.tag, (int)tag);
	if (r->next.len > most)
		return garita_fail(r->err, EBADMSG,
				   "record %d of %zu bytes is too long",
				   (int)tag, r->next.len);
	*ret = r->next;
	r->at += RECORD + r->next.len;
	return tag == TAG_END ? 0 : garita_request_look(r);
}

int garita_request_take_text(struct garita_request_reader *r,
			     enum garita_request_tag tag, char **ret)
{
	struct garita_request_record record = { .bytes = "" };
	int rc = garita_request_take(r, tag, GARITA_REQUEST_TEXT_MAX, &record);

	if (rc < 0)
		return rc;
	if (memchr(record.bytes, '\0', record.len) != NULL)
		return garita_fail(r->err, EBADMSG, "record %d has a NUL",
				   (int)tag);
	*ret = garita_xstrndup(record.bytes, record.len);
	return 0;
}

int garita_request_may_take_text(struct garita_request_reader *r,
				 enum garita_request_tag tag, char **ret)
{
	return r->next.tag == tag ? garita_request_take_text(r, tag, ret) : 0;
}

int garita_request_take_digest(struct garita_request_reader *r,
			       enum garita_request_tag tag, char *into)
{
	struct garita_request_record record = { .bytes = "" };
	char digest[GARITA_DIGEST_SIZE] = "";
	int rc = garita_request_take(r, tag, sizeof(digest) - 1, &record);

	if (rc < 0 || record.len == 0)
		return rc;
	memcpy(digest, record.bytes, record.len);
	if (strlen(digest) != record.len || !garita_digest_well_formed(digest))
		return garita_fail(r->err, EBADMSG, "record %d is no digest",
				   (int)tag);
	memcpy(into, digest, sizeof(digest));
	return 0;
}

int garita_request_take_words(struct garita_request_reader *r,
			      enum garita_request_tag tag, char ***ret,
			      size_t *ret_count)
{
	*ret = garita_xcalloc(GARITA_REQUEST_LIST_MAX, sizeof(**ret));
	while (r->next.tag == tag) {
		int rc;

		if (*ret_count == GARITA_REQUEST_LIST_MAX)
			return garita_fail(r->err, EBADMSG, "too many words");
		rc = garita_request_take_text(r, tag, &(*ret)[*ret_count]);
		if (rc < 0)
			return rc;
		(*ret_count)++;
	}
	return 0;
}
