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
	unsigned file;         /* in the policy's files, counted from 1 */
	const char *dir; /* names count from here; NULL: kept as written */
	/* What is being filled; NULL outside of one. */
	struct garita_policy_scope *scope;
	bool annotated; /* the scope has a selector that anybody can meet */
	struct garita_exception *exception;
	struct garita_selector *match;
	struct garita_signers *signers;
	struct garita_network *network;
};

typedef int garita_reader_fn(struct garita_reader *r,
			     const struct garita_json *value);

struct garita_policy_table;

struct garita_policy_member {
	const char *name;
	garita_reader_fn *read;
	/* What the JSON Schema says of it: its text, or for an object, or an
	 * array of objects, the table of those. */
	const char *schema;
	const struct garita_policy_table *table;
	bool array, required;
};

/* The members of one object of the file. */
struct garita_policy_table {
	const struct garita_policy_member *members;
	size_t count;
	/* Those of another table too, but not these; the list ends in NULL. */
	const struct garita_policy_table *also;
	const char *const *but;
};

/* "<text>" at the member in hand; returns -EINVAL. */
int garita_reader_wrong(struct garita_reader *r, const char *fmt, ...)
	__attribute__((cold, format(printf, 2, 3)));
/* "unknown KIND "word"; did you mean "nearest"?" (nearest may be NULL). */
int garita_reader_unknown(struct garita_reader *r, const char *kind,
			  const char *word, const char *nearest);
/* Back to where r->at was `len` bytes long. */
void garita_reader_back(struct garita_reader *r, size_t len);
/* Calls `read` with r->at one step deeper. */
int garita_reader_step(struct garita_reader *r, const char *key,
		       const struct garita_json *value, garita_reader_fn *read);
/* An object that has only the members of the table, and all required ones. */
int garita_reader_members(struct garita_reader *r,
			  const struct garita_json *object,
			  const struct garita_policy_table *table);
/* An array; `read` is called for each item with r->at there. */
int garita_reader_items(struct garita_reader *r,
			const struct garita_json *array,
			garita_reader_fn *read);
/* Where in the policy's files the node is. */
struct garita_origin garita_reader_origin(const struct garita_reader *r,
					  const struct garita_json *node);
/* Notes where a member of the policy was said. */
void garita_reader_say_origin(struct garita_reader *r,
			      enum garita_policy_origin of,
			      const struct garita_json *value);
/* A word out of a list of `count`; its index in *ret. */
int garita_reader_word(struct garita_reader *r, const struct garita_json *value,
		       const char *kind, const char *const *words, size_t count,
		       size_t *ret);
/* An array of non-empty strings; `bad` (may be NULL) returns what is wrong
 * with one, or NULL. They take the place of *ret, which the caller frees
 * with garita_free_strings(). */
int garita_reader_strings(struct garita_reader *r,
			  const struct garita_json *value,
			  const char *(*bad)(const char *word), char ***ret,
			  size_t *ret_count);
/* A file name, which takes the place of *ret. */
int garita_reader_file_name(struct garita_reader *r,
			    const struct garita_json *value, bool absolute,
			    char **ret);

/* One word, or an array of them that is not empty. */
int garita_reader_patterns(struct garita_reader *r,
			   const struct garita_json *value,
			   const char *(*bad)(const char *word),
			   struct garita_patterns *ret);
/* For it and garita_reader_strings(): too long for a pattern; no digest. */
const char *garita_reader_bad_pattern(const char *word);
const char *garita_reader_bad_digest(const char *word);

int garita_reader_bool(struct garita_reader *r, const struct garita_json *value,
		       bool *ret);
/* A string that is not empty, which takes the place of *ret. */
int garita_reader_text(struct garita_reader *r, const struct garita_json *value,
		       char **ret);

/* "90d": a number of minutes (m), hours (h), days (d) or weeks (w), in
 * seconds; from a minute to ten years. */
int garita_reader_age(struct garita_reader *r, const struct garita_json *value,
		      uint64_t *ret_s);

/* What the JSON Schema says of members that several objects have. */
#define GARITA_SCHEMA_TEXT     "{\"type\":\"string\",\"minLength\":1}"
#define GARITA_SCHEMA_BOOL     "{\"type\":\"boolean\"}"
#define GARITA_SCHEMA_ABSOLUTE "{\"type\":\"string\",\"pattern\":\"^/\"}"
#define GARITA_SCHEMA_AGE                                                      \
	"{\"type\":\"string\",\"pattern\":\"^[1-9][0-9]{0,6}[mhdw]$\"}"
#define GARITA_SCHEMA_DAY                                                      \
	"{\"type\":\"string\",\"pattern\":"                                    \
	"\"^[0-9]{4}-[0-9]{2}-[0-9]{2}$\"}"
#define GARITA_SCHEMA_PATTERNS "{\"$ref\":\"#/$defs/patterns\"}"

/* The "rules" member (policy_rules.c), of the policy or of r->scope. */
garita_reader_fn garita_policy_read_rules;
void garita_setting_free(struct garita_setting *setting,
			 const struct garita_rule *rule);
/* The "images" member (policy_images.c). */
garita_reader_fn garita_policy_read_images;
/* One of "attestations" (policy_attestations.c), into r->signers. Its table
 * has also what one of "signatures" says of who signs. */
garita_reader_fn garita_policy_read_attestation;
void garita_policy_free_images(struct garita_policy *policy);
/* The "log" member (policy_log.c). */
garita_reader_fn garita_policy_read_log;
/* An object of strings, into *ret, which has to be empty. */
int garita_reader_annotations(struct garita_reader *r,
			      const struct garita_json *value,
			      struct garita_annotation **ret,
			      size_t *ret_count);
/* "notation" of images (policy_notation.c). */
garita_reader_fn garita_policy_read_notation;
extern const struct garita_policy_table garita_policy_notation_table;
void garita_policy_free_notation(struct garita_policy_notation *notation);
/* The "keyless" member of whoever signs (policy_keyless.c), into r->signers. */
garita_reader_fn garita_policy_read_keyless;
extern const struct garita_policy_table garita_policy_keyless_table;
/* The "network" member (policy_network.c), of the policy or of r->scope. */
garita_reader_fn garita_policy_read_network;
/* The "scopes" and "exceptions" members (policy_scopes.c). */
garita_reader_fn garita_policy_read_scopes, garita_policy_read_exceptions;
/* After all members: scopes from the first `count` that an annotation selects
 * and that would loosen. */
int garita_policy_check_scopes(struct garita_reader *r, size_t count);
void garita_policy_free_scopes(struct garita_policy *policy);
/* The "host" member (policy_host.c). */
garita_reader_fn garita_policy_read_host;
/* The "match" member (policy_selector.c), into r->match. */
garita_reader_fn garita_policy_read_match;
void garita_selector_free(struct garita_selector *match);

/* The tables of the file's objects. */
extern const struct garita_policy_table garita_policy_root_table,
	garita_policy_scope_table, garita_policy_exception_table,
	garita_policy_match_table, garita_policy_images_table,
	garita_policy_host_table, garita_policy_log_table,
	garita_policy_network_table, garita_policy_signers_table,
	garita_policy_attestations_table;

/* The i-th member of a table and those that it shares; NULL behind the last. */
const struct garita_policy_member *garita_policy_member_at(
	const struct garita_policy_table *table, size_t i);

/* Seconds of the epoch at the end of a day "2027-03-01", UTC. -EINVAL for
 * what is no day between 1970 and 9999. */
int garita_policy_day_end(const char *day, time_t *ret);

#endif
