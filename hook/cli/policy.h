/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - what the parts of `garita policy` share: a folder of configs, and
 * what one of them says beside the config.
 */
#ifndef GARITA_HOOK_CLI_POLICY_H
#define GARITA_HOOK_CLI_POLICY_H

#include "hook/cli/cli.h"
#include "hook/gate.h"

/* The *.json files below a folder, in order of their names. Names that begin
 * with a point and symbolic links are left out. */
struct garita_corpus {
	char **paths;
	size_t count;
};

int garita_corpus_list(const char *dir, struct garita_corpus *ret,
		       struct garita_error *err);
void garita_corpus_free(struct garita_corpus *corpus);
#define auto_corpus                                                            \
	__attribute__((cleanup(garita_corpus_free))) struct garita_corpus

/* One file: a config, or a case that says with what facts one is judged and
 * what should come out (garita-policy.json(5)). */
struct garita_case_file {
	struct garita_json_doc *doc; /* of the case; NULL: a bare config */
	char *text;                  /* of the config */
	size_t len;
	char *dir; /* names in the case count from here */
	bool has_image;
	struct garita_image image;
	const char *bundle, *policy, *profile; /* borrowed, or NULL */
	time_t now;                            /* 0: this moment */
	const struct garita_json *expect;      /* or NULL */
};

/* -ENOMSG: a *.json file that is neither. Frees nothing on failure that
 * garita_case_file_free() would not. */
int garita_case_file_read(const char *path, struct garita_case_file *ret,
			  struct garita_error *err);
void garita_case_file_free(struct garita_case_file *file);
#define auto_case_file                                                         \
	__attribute__((cleanup(garita_case_file_free))) struct garita_case_file

/* "beside" of a file name in a case; the caller frees. */
char *garita_case_file_beside(const struct garita_case_file *file,
			      const char *name);
/* Judges the config of the file. */
int garita_case_file_judge(const struct garita_case_file *file,
			   const struct garita_gate *gate,
			   struct garita_verdict *ret,
			   struct garita_error *err);

/* What may be wrong with a policy that can be read: "FILE:LINE: text", a line
 * each; how many. */
size_t garita_policy_review(const struct garita_gate *gate,
			    struct garita_text *out);

extern const struct garita_cli_verb garita_policy_check;
extern const struct garita_cli_verb garita_policy_show;
extern const struct garita_cli_verb garita_policy_test;
extern const struct garita_cli_verb garita_policy_diff;
extern const struct garita_cli_verb garita_policy_suggest;

#endif
