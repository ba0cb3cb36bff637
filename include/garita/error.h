/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * error - one reason, in words for a person, with the place it is about.
 *
 * The caller owns it, it has a fixed size and nothing in it is allocated, so
 * reporting a failure cannot fail. Functions that can fail return 0 or -errno
 * and take one as their last argument; NULL is fine when nobody will read it.
 *
 * Text is lower case, has no full stop and names the thing: "config.json is a
 * fifo". It never carries a secret: values from the environment of a process
 * are not quoted.
 */
#ifndef GARITA_ERROR_H
#define GARITA_ERROR_H

#include <stdarg.h>
#include <stddef.h>

struct garita_error {
	int code;          /* errno value, positive; 0 when nothing failed */
	unsigned line;     /* 1-based line in the text; 0: not about a text */
	unsigned column;   /* 1-based, in bytes */
	char pointer[256]; /* JSON pointer (RFC 6901); "": whole document */
	char text[512];    /* the reason; cut with "..." when too long */
};

/* Fills err (when not NULL) and returns -code, so an error path is one line.
 * Cold, as whatever says why not: what leads there is then kept apart from the
 * code that a start runs, which fits in fewer pages. */
int garita_fail(struct garita_error *err, int code, const char *fmt, ...)
	__attribute__((cold, format(printf, 3, 4)));

/* Puts `what: ` before the text that is there; returns -err->code, or -EIO for
 * a NULL err. For a caller that knows which file the reason is about. */
int garita_fail_in(struct garita_error *err, const char *what)
	__attribute__((cold));

/* "text (line 3, column 9, at /process/user)", leaving out what is not set.
 * Always ends in NUL; returns `into`. */
const char *garita_error_words(const struct garita_error *err, char *into,
			       size_t size);

#endif
