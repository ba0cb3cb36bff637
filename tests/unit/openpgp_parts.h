/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_parts - the three packets of a signed message, to be put together
 * well or badly.
 */
#ifndef TESTS_UNIT_OPENPGP_PARTS_H
#define TESTS_UNIT_OPENPGP_PARTS_H

#include "tests/unit/openpgp_make.h"

#define SHORT_TEXT "{\"critical\":1}"

/* What a message is put together from. */
struct parts {
	struct made_key key;
	struct said said;
	struct garita_text announced, literal, signature;
};

void parts_free(struct parts *parts);
#define auto_parts __attribute__((cleanup(parts_free))) struct parts

void make_parts(struct parts *parts, const struct said *said, const char *text,
		unsigned algorithm);
void put_announced(struct garita_text *to, const struct parts *parts);
void put_literal(struct garita_text *to, const struct parts *parts);
void put_signed(struct garita_text *to, const struct parts *parts);
void put_body(struct garita_text *to, unsigned tag,
	      const struct garita_text *body);
/* All three, as gpg writes them. */
void usual(struct garita_text *to, const struct parts *parts);

struct message_case {
	const char *why;
	void (*build)(struct garita_text *to, const struct parts *parts);
	const char *refused; /* part of the reason; NULL: it is good */
	const char *text;    /* NULL: SHORT_TEXT */
	struct said said;
	unsigned algorithm; /* 0: EdDSA */
};
/* Builds it and fails the test when it is not as it says. */
void play_message(const struct message_case *play);
/* NULL when it is good, else why not. */
const char *outcome(const struct garita_text *bytes, const struct parts *parts,
		    const char *text, struct garita_error *err);

#endif
