/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request - one question about signatures as one byte string, and its answer.
 *
 * The question travels from a process with power to one without, and its hash
 * names the answer that is remembered; so there is exactly one spelling of a
 * question: records of a tag, a length and that many bytes, in a fixed order.
 * What is not that spelling is refused. Pure.
 *
 * The material, which may be megabytes, is behind all that, and what is before
 * has its hashes: it is sent from where it lies, and hashed once however many
 * questions there are about an image.
 */
#ifndef GARITA_POLICY_TRUST_REQUEST_H
#define GARITA_POLICY_TRUST_REQUEST_H

#include <stdint.h>

#include "garita/trust.h"

enum {
	GARITA_REQUEST_HEAD = 16 + 8 + 8,      /* magic, time, length */
	GARITA_REQUEST_MAX = 72 * 1024 * 1024, /* bytes of one */
	GARITA_REQUEST_KEY_MAX = 1024 * 1024,  /* bytes of a key file */
	GARITA_REQUEST_TEXT_MAX = 4096,        /* bytes of a name or word */
	GARITA_REQUEST_LIST_MAX =
		64, /* items of any list but these and blobs */
	GARITA_REQUEST_IGNORED_MAX = 1024, /* findings that do not count */
};

/* A question that was read; owns everything but the bytes of the material. */
struct garita_request {
	struct garita_image image;
	struct garita_requirements wanted;
	struct garita_blobs material;
	time_t now;
};

/* All of it but the bytes of the material, which are to follow: each blob's and
 * a NUL, in the order of the bag. -EINVAL, -E2BIG with the reason for what no
 * request can hold. Every key must have its bytes. */
int garita_request_write(const struct garita_trust_case *of,
			 struct garita_text *ret, struct garita_error *err);
/* How long a request is that begins so. */
int garita_request_length(const char head[GARITA_REQUEST_HEAD], size_t *ret,
			  struct garita_error *err);
/* `bytes` have to stay: the material is read where it is. */
int garita_request_read(const char *bytes, size_t len,
			struct garita_request *ret, struct garita_error *err);
/* The case that a request is about; borrows from it. */
struct garita_trust_case garita_request_case(
	const struct garita_request *request);
void garita_request_free(struct garita_request *request);
#define auto_request                                                           \
	__attribute__((cleanup(garita_request_free))) struct garita_request

/* "<hex>" of the question without its time, from what garita_request_write()
 * wrote, and of the sources that answer it (Makefile.am): an answer of others
 * is another's. */
enum { GARITA_REQUEST_NAME = 65 };
extern const char garita_judged_by[GARITA_REQUEST_NAME];
void garita_request_name(const struct garita_text *written,
			 char ret[GARITA_REQUEST_NAME]);

/* The answer: always these bytes. Only this machine's programs exchange it. */
struct garita_reply {
	char magic[16];
	int64_t until;
	uint32_t state;
	uint32_t zero;
	char words[512];
};

void garita_reply_write(const struct garita_trust *trust,
			struct garita_reply *ret);
/* Believes nothing: -EBADMSG for what is neither a refusal nor an acceptance
 * that holds now, with words that a person can be shown. */
int garita_reply_read(const struct garita_reply *reply, time_t now,
		      struct garita_trust *ret, struct garita_error *err);

#endif
