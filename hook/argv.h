/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv - the command line of an OCI runtime, parsed with that runtime's own
 * option tables and rebuilt in one spelling.
 *
 * runc (urfave/cli) and crun (argp) read the same words differently
 * (abbreviations, -bX, repeated --bundle, values that look like verbs), so a
 * word list will not do: every option of every verb is in a table, an unknown
 * one is a refusal, and the runtime gets the canonical form
 *
 *	RUNTIME GLOBALS VERB OPTIONS ID ARGUMENTS
 *
 * with each option spelled --name=value (or --name), in the order given.
 * --help and --version stand alone: what else was said is left out, so that a
 * command we do not judge cannot start anything. Nothing here does I/O.
 */
#ifndef GARITA_HOOK_ARGV_H
#define GARITA_HOOK_ARGV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"

enum garita_runtime_kind {
	GARITA_RUNTIME_RUNC,
	GARITA_RUNTIME_CRUN,
};

/* What garita does with a verb: one visible decision, a column of the verb
 * table in argv_tables.c. */
enum garita_verb_action {
	GARITA_VERB_JUDGE,  /* brings a config: create, run */
	GARITA_VERB_EXEC,   /* starts a process in a container */
	GARITA_VERB_UPDATE, /* gives a container other limits */
	GARITA_VERB_REFUSE, /* restore: an attacker's memory image */
	GARITA_VERB_PASS,   /* handed on; needs a readable policy */
	GARITA_VERB_ALWAYS, /* handed on even without a readable policy: it can
			     * start nothing (delete, kill, state, --version) */
};

struct garita_command {
	enum garita_verb_action action;
	const char *verb; /* "create", ...; NULL: none (--version, --help) */
	char **argv;      /* canonical, NULL-terminated; argv[0] is NULL until
			   * the caller sets the runtime's path */
	size_t argc;
	size_t bundle_at;      /* index in argv of "--bundle=..."; 0: none */
	const char *bundle;    /* value of --bundle; NULL: the cwd */
	const char *id;        /* container id; NULL: the verb has none */
	const char *log;       /* file of --log; NULL: none, or no file */
	bool log_json;         /* --log-format json */
	uint32_t preserve_fds; /* --preserve-fds: 3 .. 3+n-1 stay open */
	int keep_fd;           /* a descriptor of ours that stays open too,
				* above those; 0: none. Not closed here */
};

/* -EINVAL for anything the runtime's own parser would not read as we do:
 * unknown option, missing or repeated value, an id outside [A-Za-z0-9_+.-] or
 * beginning with "-", --config. On failure the action is GARITA_VERB_REFUSE,
 * and ret->log and ret->log_json are still set when they were read, so that
 * the reason can be reported where the engine looks; free it in either case. */
int garita_argv_parse(enum garita_runtime_kind kind, int argc,
		      char *const argv[], struct garita_command *ret,
		      struct garita_error *err);
/* Puts --bundle=PATH in the place of the bundle the caller named (or did not
 * name). Does nothing to a command that is not judged. */
void garita_argv_set_bundle(struct garita_command *command, const char *path);

/* An option of the verb in the canonical form. Borrowed. */
struct garita_argv_option {
	const char *name; /* not ended by a NUL where a value follows */
	size_t name_len;
	const char *value; /* NULL: none */
};
/* The i-th option of the verb; false: there are no more. */
bool garita_argv_option(const struct garita_command *command, size_t i,
			struct garita_argv_option *ret);
bool garita_argv_option_is(const struct garita_argv_option *option,
			   const char *name);
/* The words behind the container id, NULL-terminated. */
char *const *garita_argv_rest(const struct garita_command *command);
/* Leaves of the verb's options those that are not in `drop` (ends in NULL),
 * adds --NAME=VALUE, and takes away what is behind the id. */
void garita_argv_replace(struct garita_command *command,
			 const char *const drop[], const char *name,
			 const char *value);
/* The command that asks for the state of the same container. */
void garita_argv_state(const struct garita_command *command,
		       struct garita_command *ret);
void garita_command_free(struct garita_command *command);
#define auto_command                                                           \
	__attribute__((cleanup(garita_command_free))) struct garita_command

#endif
