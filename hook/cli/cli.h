/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cli - what the verbs of `garita` share: the table of verbs, options read
 * exactly, and where output goes.
 */
#ifndef GARITA_HOOK_CLI_H
#define GARITA_HOOK_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/error.h"
#include "garita/text.h"

/* The contract of every verb (garita(1)). */
enum garita_exit {
	GARITA_EXIT_ADMITTED = 0,
	GARITA_EXIT_REFUSED = 1,
	GARITA_EXIT_ERROR = 2, /* bad input, bad policy, bad usage */
};

struct garita_cli {
	const char *verb; /* what messages call it: "image verify" */
	int argc;         /* argv[0] is the verb's last word */
	char **argv;
	bool colour;       /* stdout is a terminal and NO_COLOR is not set */
	char *const *envp; /* for programs that a verb runs */
};

struct garita_cli_verb {
	const char *name; /* "image", or of one of its forms "image verify" */
	const char *summary;
	const char *usage; /* after "garita " */
	const char *help;  /* paragraphs below the usage */
	int (*run)(const struct garita_cli *cli);
	/* Verbs that its next word chooses from; ends in NULL. Then it has no
	 * usage, help and run of its own. */
	const struct garita_cli_verb *const *forms;
};

/* The word that chooses it: the last one of its name. */
const char *garita_cli_word(const struct garita_cli_verb *verb);

extern const struct garita_cli_verb garita_cli_check;
extern const struct garita_cli_verb garita_cli_rules;
extern const struct garita_cli_verb garita_cli_explain;
extern const struct garita_cli_verb garita_cli_host;
extern const struct garita_cli_verb garita_cli_seccomp;
extern const struct garita_cli_verb garita_cli_policy;
extern const struct garita_cli_verb garita_cli_image;
extern const struct garita_cli_verb garita_cli_verify_bundle;
extern const struct garita_cli_verb garita_cli_log;
extern const struct garita_cli_verb garita_cli_net;
extern const struct garita_cli_verb garita_cli_install;
extern const struct garita_cli_verb garita_cli_uninstall;
extern const struct garita_cli_verb garita_cli_status;
extern const struct garita_cli_verb garita_cli_doctor;

/* The values of an option that may be given again. The words are borrowed,
 * the array is the caller's to free. */
struct garita_cli_list {
	const char **words;
	size_t count;
};

/* One option of a verb. Exactly one of the three pointers is set. */
struct garita_cli_option {
	const char *name;   /* "--policy" */
	const char **value; /* takes a value: "--policy F", "--policy=F" */
	bool *flag;
	struct garita_cli_list *list; /* takes a value, any number of times */
};

/* Reads options anywhere among the words; "--" ends them. No abbreviations.
 * Other words go to `words` (room for cli->argc of them), their number to
 * *ret_count. On a bad option prints why and returns -EINVAL. */
int garita_cli_options(const struct garita_cli *cli,
		       const struct garita_cli_option *options, size_t count,
		       const char **words, size_t *ret_count);

/* What --format says, of verbs that know text and json; NULL is text. On
 * another word says so and returns -EINVAL. */
int garita_cli_wants_json(const struct garita_cli *cli, const char *format,
			  bool *ret);

/* What may come after these words of a command line, for completion: a line
 * each, "@file" for any file. `verbs` ends in NULL. */
void garita_cli_words(const struct garita_cli_verb *const *verbs, int count,
		      char *const words[]);
/* garita-rules(7). */
void garita_cli_print_mdoc(void);

/* Prints to stdout; a reader that went away is no error of ours. */
void garita_cli_print(const struct garita_text *text);
/* "garita check: <reason, and where>" on stderr. Returns GARITA_EXIT_ERROR. */
int garita_cli_fail(const struct garita_cli *cli,
		    const struct garita_error *error);
/* "garita check: <text>" on stderr. */
void garita_cli_complain(const struct garita_cli *cli, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
