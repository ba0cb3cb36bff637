/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request_form - of what a request is made: what request.c writes and
 * request_read.c reads. Private to the two.
 *
 * Magic, eight bytes of time, then records; all numbers little endian.
 */
#ifndef GARITA_POLICY_TRUST_REQUEST_FORM_H
#define GARITA_POLICY_TRUST_REQUEST_FORM_H

#include "garita/notation.h"

#define GARITA_REQUEST_MAGIC "garita trust 1\n" /* and its NUL */

/* In the order in which they stand. */
enum garita_request_tag {
	TAG_SURE = 1,
	TAG_MANIFEST,
	TAG_INDEX,
	TAG_CONFIG,
	TAG_REFERENCE,
	TAG_REPO_DIGEST,
	TAG_REQUIREMENT,
	TAG_FIRST,
	TAG_SECOND,
	TAG_WHY,
	TAG_KEY_PATH,
	TAG_KEY,
	TAG_KEYLESS,
	TAG_SIGNER,
	TAG_SUBJECT,
	TAG_PATTERN,
	TAG_HOST,
	TAG_ISSUER,
	TAG_EXTENSION,
	TAG_STATEMENT,
	TAG_NAME,
	TAG_STORE,
	TAG_TRUSTED,
	TAG_ANNOTATION,
	TAG_VALUE,
	TAG_ATTESTED,
	TAG_PREDICATE,
	TAG_IGNORED,
	TAG_ENDS,
	TAG_BUILDER,
	TAG_SOURCE,
	TAG_BUILD_TYPE,
	TAG_BLOB,
	TAG_BYTES,
	TAG_END,
};

enum {
	HEAD = sizeof(GARITA_REQUEST_MAGIC) + 8, /* magic and the time */
	RECORD = 1 + 4,                          /* tag and length */
	/* kind, need, identity, signed_index, any_statement */
	REQUIREMENT = 5,
	SOURCE = 1 + 8, /* before the bytes of a key: role, time of change */
	KEYLESS = 1 + 1 + 8, /* way, stale_refuses, max_age_s */
	STATEMENT = GARITA_NOTATION_CHECKS + 1, /* actions, after_expiry */
	/* type, most, unknown, fixable_only, vex, and eight of max_age */
	ATTESTED = 5 + 8,
};

#endif
