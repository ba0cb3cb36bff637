/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * line - a line of the log, read back, and whether it is one that is looked
 * for. What containers are called and images are named was written by others:
 * it is kept, and made safe where it is shown. Nothing here does I/O.
 */
#ifndef GARITA_HOOK_LINE_H
#define GARITA_HOOK_LINE_H

#include "garita/json.h"
#include "garita/policy.h"
#include "hook/clock.h"

/* Longer ones are no records. */
enum { GARITA_LOG_LINE_MAX = 1024 * 1024 };

/* Strings are borrowed from the document, NULL where they are missing. */
struct garita_log_line {
	struct garita_json_doc *doc;
	const char *time, *event, *verb, *verdict, *would;
	const char *engine, *id, *error, *policy, *before, *scope, *subject;
	const char *why_not; /* the image is not known */
	const char *image;   /* its best name */
	const char *digest;  /* its surest digest, which a selector can name */
	uint64_t cost_us;    /* 0: not said */
	const struct garita_json *rules, *covered, *findings;
	const struct garita_json *names; /* further ones of the image */
};

/* One line without its newline. -EINVAL with a reason when it is no record of
 * a version that is known. */
int garita_log_line_read(const char *text, size_t len,
			 struct garita_log_line *ret, struct garita_error *err);
void garita_log_line_free(struct garita_log_line *line);
#define auto_log_line                                                          \
	__attribute__((cleanup(garita_log_line_free))) struct garita_log_line

/* In one word: "admit", "repair", "deny", "would-deny", "would-repair", or the
 * event that was no decision. */
const char *garita_log_line_word(const struct garita_log_line *line);

/* What is looked for: one of each kind that is given. Borrowed. */
struct garita_log_filter {
	struct garita_patterns rules, images, verdicts, containers, engines;
	char since[GARITA_CLOCK_SIZE], until[GARITA_CLOCK_SIZE]; /* "": any */
};

bool garita_log_filter_wants(const struct garita_log_filter *filter,
			     const struct garita_log_line *line);

#endif
