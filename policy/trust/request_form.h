/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request_form - of what a request is made: what request.c writes and
 * request_read.c and request_records.c read. Private to these.
 *
 * Magic, eight bytes of time, eight of how long all of it is, then records
 * up to TAG_END, then the bytes of the material, in the order of its records
 * and each with its NUL; all numbers little endian.
 */
#ifndef GARITA_POLICY_TRUST_REQUEST_FORM_H
#define GARITA_POLICY_TRUST_REQUEST_FORM_H

#include "garita/notation.h"
#include "garita/sha256.h"
#include "policy/trust/request.h"

#define GARITA_REQUEST_MAGIC "garita trust 2\n" /* and its NUL */

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
	TAG_PIECE,
	TAG_END,
};

enum {
	TIME_AT = sizeof(GARITA_REQUEST_MAGIC),
	LENGTH_AT = TIME_AT + 8,
	HEAD = GARITA_REQUEST_HEAD,
	RECORD = 1 + 4, /* tag and length */
	/* kind, need, identity, signed_index, any_statement */
	REQUIREMENT = 5,
	SOURCE = 1 + 8, /* before the bytes of a key: role, time of change */
	KEYLESS = 1 + 1 + 8, /* way, stale_refuses, max_age_s */
	STATEMENT = GARITA_NOTATION_CHECKS + 1, /* actions, after_expiry */
	/* type, most, unknown, fixable_only, vex, and eight of max_age */
	ATTESTED = 5 + 8,
	PIECE = 8 + GARITA_SHA256_SIZE, /* length without the NUL, hash */
};
_Static_assert(HEAD == LENGTH_AT + 8, "the head ends with the length");

#endif
