/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pem - the armour around keys and certificates (RFC 7468), block by block.
 */
#ifndef GARITA_POLICY_TRUST_PEM_H
#define GARITA_POLICY_TRUST_PEM_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/error.h"

/* Text that is being read; zero but for `at` and `end`. */
struct garita_pem {
	const char *at, *end;
	unsigned line; /* the one taken last */
	bool prose;    /* text around the blocks is skipped, as openssl does */
};

struct garita_pem_block {
	const char *label; /* borrowed of the text */
	size_t label_len;
	unsigned char *bytes; /* the caller frees */
	size_t len;
};

/* The label of the next block: 1, or 0 when nothing but white space is left.
 * -EINVAL with the line. */
int garita_pem_begin(struct garita_pem *from, struct garita_pem_block *ret,
		     struct garita_error *err);
/* What is in it, up to its end. */
int garita_pem_body(struct garita_pem *from, size_t max,
		    struct garita_pem_block *ret, struct garita_error *err);
bool garita_pem_is(const struct garita_pem_block *block, const char *label);
/* Fails at the line that was taken last. */
int garita_pem_fail(const struct garita_pem *at, struct garita_error *err,
		    const char *words);

#endif
