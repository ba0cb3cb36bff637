/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * regexp - regular expressions that always fit all of a text, in a time that
 * only grows with the text.
 *
 * A part of what Go, RE2 and POSIX extended expressions have in common, so an
 * expression that cosign takes means the same here, but for ^ and $, which are
 * implied: bytes, '.', [sets] with ranges and [^...], (groups), |, * + ?,
 * {n} {n,} {n,m} up to 64, \d \w \s and a backslash before punctuation. No
 * back references, no look around, no lazy forms: what is not listed here is
 * refused when it is read, and nothing depends on the locale. Pure.
 */
#ifndef GARITA_REGEXP_H
#define GARITA_REGEXP_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/error.h"

enum {
	GARITA_REGEXP_TEXT_MAX = 1024, /* bytes of an expression */
	GARITA_REGEXP_STATES_MAX = 4096,
	GARITA_REGEXP_DEPTH_MAX = 32, /* groups in groups */
};

struct garita_regexp;

/* -EINVAL with the reason and the column. */
int garita_regexp_read(const char *text, struct garita_regexp **ret,
		       struct garita_error *err);
/* Does it fit all of the text? At most states * len steps. */
bool garita_regexp_fits(const struct garita_regexp *of, const char *text,
			size_t len);
void garita_regexp_free(struct garita_regexp *one);

static inline void garita_cleanup_regexp(struct garita_regexp **at)
{
	garita_regexp_free(*at);
}
#define auto_regexp __attribute__((cleanup(garita_cleanup_regexp)))

#endif
