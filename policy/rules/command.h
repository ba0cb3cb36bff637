/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command - which programs a command line starts.
 *
 * A container that runs `tini -- sh -c "exec /usr/sbin/sshd -D"` runs sshd.
 * The reader looks through what only starts something else (shells, env,
 * init programs, sudo and its like) and through the shell's own grammar as far
 * as a command can be told without running it. Where it cannot (a program
 * name out of a variable, a here-document, eval), nothing is guessed: every
 * word is reported, and that the command is unclear.
 *
 * That is the limit, too: a word may be put together from pieces that are no
 * name of anything. A list of forbidden names catches mistakes; only a list of
 * allowed ones holds against somebody who wants past it.
 */
#ifndef GARITA_RULES_COMMAND_H
#define GARITA_RULES_COMMAND_H

#include <stdbool.h>

#include "garita/json.h"

enum garita_program_how {
	GARITA_PROGRAM_STARTED,   /* will run, with this name */
	GARITA_PROGRAM_LAUNCHER,  /* will run, and starts what follows */
	GARITA_PROGRAM_MENTIONED, /* a word of code for an interpreter */
	GARITA_PROGRAM_UNCLEAR,   /* a word of a command nobody can tell */
};

struct garita_program {
	const char *path; /* as written, quotes removed; "" when unclear */
	const char *name; /* its last component */
	enum garita_program_how how;
	bool waits; /* a shell that takes its commands from its input */
};

/* Called for each program, in the order of the line, perhaps more than once.
 * The strings live until it returns. True: enough, no more calls. */
typedef bool garita_program_visit(const struct garita_program *program,
				  void *data);

/* All programs of process.args, an array of strings or NULL. True when a
 * visit said enough. Time and memory are linear in the text, for the eight
 * levels of nesting that are read. */
bool garita_command_programs(const struct garita_json *args,
			     garita_program_visit *visit, void *data);

#endif
