/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_lines - a policy file being written for people: JSON, a member a line,
 * with a comment behind those whose origin is known.
 */
#ifndef GARITA_HOOK_CLI_POLICY_LINES_H
#define GARITA_HOOK_CLI_POLICY_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "hook/cli/policy.h"

struct garita_lines {
	const struct garita_policy *policy;
	struct garita_text out;
	size_t depth;
	bool first;              /* in the object or array that is open */
	struct garita_text note; /* of the line that is not ended yet */
};

/* Ends the line before: a comma, then its comment. The others call it. */
void garita_lines_end(struct garita_lines *s, const char *comma);
void garita_lines_string(struct garita_lines *s, const char *text);
/* A new line, with its key unless that is NULL; the value is for the caller. */
void garita_lines_begin(struct garita_lines *s, const char *key);
void garita_lines_open(struct garita_lines *s, const char *key,
		       const char *bracket);
void garita_lines_close(struct garita_lines *s, const char *bracket);
/* Where the line that was begun is from; `otherwise` where nobody wrote it. */
void garita_lines_note(struct garita_lines *s, const struct garita_origin *at,
		       const char *otherwise);
/* Whole members. One without a value is left out. */
void garita_lines_member(struct garita_lines *s, const char *key,
			 const char *value, enum garita_policy_origin of);
void garita_lines_list(struct garita_lines *s, const char *key,
		       char *const *words, size_t count,
		       const struct garita_origin *at);
void garita_lines_text(struct garita_lines *s, const char *key,
		       const char *text);
void garita_lines_patterns(struct garita_lines *s, const char *key,
			   const struct garita_patterns *patterns);

/* policy_show_images: the member "images", if there is anything to say. */
void garita_policy_show_images(struct garita_lines *s);

#endif
