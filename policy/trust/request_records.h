/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request_records - the records of a request, taken one after the other: each
 * whole, of the kind that has to stand there, and no longer than it may be.
 * Private to request_read.c.
 */
#ifndef GARITA_POLICY_TRUST_REQUEST_RECORDS_H
#define GARITA_POLICY_TRUST_REQUEST_RECORDS_H

#include "policy/trust/request_form.h"

struct garita_request_record {
	enum garita_request_tag tag;
	const char *bytes;
	size_t len;
};

/* Stands before a record that is whole. */
struct garita_request_reader {
	const char *at, *end;
	struct garita_request_record next; /* the one it stands before */
	struct garita_error *err;
};

/* Little endian, of so many bytes. */
uint64_t garita_request_number(const char *at, size_t bytes);
/* Looks at the one that stands next: before the first is taken. All return 0,
 * or -EBADMSG with the reason. */
int garita_request_look(struct garita_request_reader *r);
/* Takes the next record, which must be this one, of at most so many bytes. */
int garita_request_take(struct garita_request_reader *r,
			enum garita_request_tag tag, size_t most,
			struct garita_request_record *ret);
/* A text without NUL; the caller frees. */
int garita_request_take_text(struct garita_request_reader *r,
			     enum garita_request_tag tag, char **ret);
/* One that may be missing. */
int garita_request_may_take_text(struct garita_request_reader *r,
				 enum garita_request_tag tag, char **ret);
/* A digest into GARITA_DIGEST_SIZE bytes; an empty one leaves them alone. */
int garita_request_take_digest(struct garita_request_reader *r,
			       enum garita_request_tag tag, char *into);
/* All texts of that tag that follow; also on failure the caller frees those
 * that *ret_count counts, and the list. */
int garita_request_take_words(struct garita_request_reader *r,
			      enum garita_request_tag tag, char ***ret,
			      size_t *ret_count);

#endif
