/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cases - a judgement set up from JSON: a config, a policy, and the facts
 * about host and image that hook/ would have gathered.
 *
 * A case says only what differs from tests/rules/base.json (a config that
 * every profile admits without a word), and from host.json and image.json
 * beside it (the host it would run on, the image it would run):
 *
 *   why      one line: who would write this, and what is at stake
 *   profile  of the policy; "restricted" when absent
 *   policy   further members of the policy file (the rule user-namespace is
 *            off unless they say otherwise)
 *   lists    {"allow": text, "deny": text}: what the policy's list files hold
 *   config   JSON merge patch (RFC 7396) over the base config
 *   remove   JSON pointers that are taken out of it, in order
 *   append   {"/mounts": [...]}: items added to its arrays
 *   exec     JSON merge patch over the process of that config: what is judged
 *            then is this process, started in that container
 *   update   likewise over its /linux/resources: new limits for it
 *   host     JSON merge patch over the host's facts
 *   image    JSON merge patch over the image's facts
 *   facts    JSON merge patch over what is known of the machine (facts.h);
 *   no-facts why nothing is
 *
 * and then what is expected, see test_rules.c.
 */
#ifndef GARITA_TEST_CASES_H
#define GARITA_TEST_CASES_H

#include "garita/verdict.h"

struct case_inputs {
	char *text; /* of the config, in the one spelling */
	size_t len;
	/* Of an exec or an update, the container's config; else NULL. */
	char *container;
	enum garita_scope subject; /* then */
	struct garita_policy *policy;
	struct garita_host host;
	struct garita_image image;
	char *lists[2]; /* bytes behind the policy's lists */
};

/* The whole of a file, with a NUL behind it; fails the test when it cannot
 * be read. The caller frees. */
char *cases_read(const char *path, size_t *ret_len);
/* Parses JSON of a test; fails the test when it is none. */
struct garita_json_doc *cases_parse(const char *path);

/* A copy of `node`, which may be of another document, as a node of `doc`. */
struct garita_json *cases_copy(struct garita_json_doc *doc,
			       const struct garita_json *node);
/* RFC 7396; the target belongs to `doc`, the patch may be of another. */
struct garita_json *cases_merge(struct garita_json_doc *doc,
				struct garita_json *target,
				const struct garita_json *patch);
/* Removes what a pointer leads to; false when nothing is there. */
bool cases_remove(struct garita_json *root, const char *pointer);

/* The facts of tests/rules/host.json in the struct of the judge. */
void cases_host(const struct garita_json *facts, struct garita_host *ret);
/* Adds a fact about a path, or replaces the one there is. */
void cases_add_path(struct garita_host *host, const char *path,
		    const struct garita_path_fact *fact);
/* The facts of tests/rules/facts.json with a case's "facts" over them, or none
 * and why ("no-facts"). The caller frees. */
struct garita_facts *cases_facts(const struct garita_json *of);
/* The facts of tests/rules/image.json likewise. */
void cases_image(const struct garita_json *facts, struct garita_image *ret);
/* As the base of the cases has them. */
void cases_base_host(struct garita_host *ret);
void cases_base_image(struct garita_image *ret);

/* Sets up a case; NULL: the base alone. Fails the test with its name when it
 * makes no sense. */
void cases_load(const char *name, const struct garita_json *of,
		struct case_inputs *ret);
void cases_free(struct case_inputs *inputs);
#define auto_case __attribute__((cleanup(cases_free))) struct case_inputs

/* Parses `text` as a config and decides. *ret_doc and *ret are the caller's;
 * fails the test when it cannot be judged. */
void cases_decide(const struct case_inputs *inputs, const char *text,
		  size_t len, unsigned flags, struct garita_json_doc **ret_doc,
		  struct garita_verdict *ret);
/* Everything a verdict says, for a message; the caller frees. */
char *cases_words(const struct garita_verdict *verdict);

#endif
