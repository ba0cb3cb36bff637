/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * digests - lists of image digests: "is this one on it?", never misread.
 *
 * A list is text: one "sha256:<64 lower case hex digits>" a line. A list of
 * up to GARITA_DIGESTS_SMALL bytes may be in any order and have blank lines,
 * and comments from "#" to the end of the line. A longer one must be
 * sorted bytewise without repeats and hold nothing but digest lines
 * (`LC_ALL=C sort -u`), so that it is searched instead of read. The
 * difference between "not on the list" and "the list cannot be trusted" is
 * never blurred: a list is checked as a whole before it is searched.
 *
 * Pure: the bytes come from the caller (who may have mapped the file).
 */
#ifndef GARITA_DIGESTS_H
#define GARITA_DIGESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/error.h"

enum {
	GARITA_DIGESTS_SMALL = 64 * 1024,
	GARITA_DIGESTS_LINE = 72, /* 71 characters and the newline */
};

struct garita_digests {
	const char *bytes; /* borrowed */
	size_t len;
	bool sorted; /* fixed-size sorted lines: searched by halves */
};

/* "sha256:" and 64 lower case hex digits, nothing else. */
bool garita_digest_well_formed(const char *text);

/* Checks every line of the list; -EINVAL with the line in err. A caller that
 * knows these very bytes were checked before (same file, unchanged) may pass
 * `checked` to skip the walk over a long list. */
int garita_digests_open(const char *bytes, size_t len, bool checked,
			struct garita_digests *ret, struct garita_error *err);
/* Is the (well-formed) digest on the list? */
bool garita_digests_have(const struct garita_digests *list, const char *digest);

#endif
