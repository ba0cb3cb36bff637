/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_reader - what the readers of the policy file's members share: where
 * reading stands, and errors that name the place and the nearest valid word.
 */
#ifndef GARITA_POLICY_READER_H
#define GARITA_POLICY_READER_H

#include "garita/policy.h"

struct garita_reader {
	struct garita_json_doc *doc;
	struct garita_policy *policy;
	struct garita_error *err;
	struct garita_text at; /* JSON pointer of the member in hand */
};

typedef int garita_reader_fn(struct garita_reader *r,
			     const struct garita_json *value);

struct garita_policy_member {
	const char *name;
	garita_reader_fn *read;
};

/* "<text>" at the member in hand; returns -EINVAL. */
int garita_reader_wrong(struct garita_reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* "unknown KIND "word"; did you mean "nearest"?" (nearest may be NULL). */
int garita_reader_unknown(struct garita_reader *r, const char *kind,
			  const char *word, const char *nearest);
/* Calls `read` with r->at one step deeper. */
int garita_reader_step(struct garita_reader *r, const char *key,
		       const struct garita_json *value, garita_reader_fn *read);
/* An object that has only the members of the table. */
int garita_reader_members(struct garita_reader *r,
			  const struct garita_json *object,
			  const struct garita_policy_member *members,
			  size_t count);
/* A word out of a list of `count`; its index in *ret. */
int garita_reader_word(struct garita_reader *r, const struct garita_json *value,
		       const char *kind, const char *const *words, size_t count,
		       size_t *ret);
/* An array of non-empty strings; `bad` (may be NULL) returns what is wrong
 * with one, or NULL. The caller frees with garita_free_strings(). */
int garita_reader_strings(struct garita_reader *r,
			  const struct garita_json *value,
			  const char *(*bad)(const char *word), char ***ret,
			  size_t *ret_count);
void garita_free_strings(char **strings, size_t count);
/* A file name, which takes the place of *ret. */
int garita_reader_file_name(struct garita_reader *r,
			    const struct garita_json *value, bool absolute,
			    char **ret);

/* The "rules" member (policy_rules.c). */
garita_reader_fn garita_policy_read_rules;

#endif
