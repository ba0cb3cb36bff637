/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * suggest - what `garita policy suggest` knows, and its parts: out of the log,
 * into the fewest entries, into a policy.
 */
#ifndef GARITA_HOOK_CLI_SUGGEST_H
#define GARITA_HOOK_CLI_SUGGEST_H

#include <time.h>

#include "hook/cli/index.h"
#include "hook/clock.h"
#include "hook/gate.h"

/* An image and the rules that refused containers of it. */
struct garita_suggest_image {
	char digest[GARITA_DIGEST_SIZE];
	char *name;  /* the last one, or NULL */
	bool *rules; /* one a rule */
	uint64_t records;
	bool in_scope; /* a scope of the policy speaks for it already */
};

struct garita_suggest {
	struct garita_gate gate;    /* the policy that it is for */
	const char *owner, *reason; /* NULL: placeholders */
	char expires[GARITA_CLOCK_SIZE];
	struct garita_index digests;
	struct garita_suggest_image *images; /* one a digest */
	uint64_t records;
	char first[GARITA_CLOCK_SIZE], last[GARITA_CLOCK_SIZE];
};

/* These rules for these images; both by number. */
struct garita_suggest_entry {
	bool *images, *rules;
};

struct garita_suggest_entries {
	struct garita_suggest_entry *all;
	size_t count;
};

/* suggest_entries.c: so that each image has its rules and no other. */
/* The fewest, whether an image is in one or in several of them. */
struct garita_suggest_entries garita_suggest_fewest(
	const struct garita_suggest *s);
/* The fewest with each image in one of them; of the images that are in a scope
 * of the policy, or of the others. */
struct garita_suggest_entries garita_suggest_by_image(
	const struct garita_suggest *s, bool in_scope);
void garita_suggest_entries_free(struct garita_suggest_entries *entries);
#define auto_entries                                                           \
	__attribute__((cleanup(                                                \
		garita_suggest_entries_free))) struct garita_suggest_entries

/* suggest_text.c: as exceptions, or as scopes and, for images that a scope
 * speaks for, exceptions. Nothing when there is none. With `whole` in the
 * policy's own text, else in a policy that extends it. */
int garita_suggest_print(const struct garita_suggest *s, bool scopes,
			 bool whole, struct garita_text *out,
			 struct garita_error *err);

#endif
