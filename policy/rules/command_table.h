/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * command_table - programs that start other programs, and how their command
 * lines are read.
 */
#ifndef GARITA_RULES_COMMAND_TABLE_H
#define GARITA_RULES_COMMAND_TABLE_H

enum garita_launcher_kind {
	GARITA_LAUNCHER_WRAPS,   /* options, operands, then a command */
	GARITA_LAUNCHER_SHELL,   /* -c SCRIPT, a file, or its input */
	GARITA_LAUNCHER_SU,      /* -c SCRIPT anywhere */
	GARITA_LAUNCHER_FIND,    /* -exec COMMAND ; */
	GARITA_LAUNCHER_SERVICE, /* the name of a service */
	GARITA_LAUNCHER_CODE,    /* an interpreter: may be given code */
	GARITA_LAUNCHER_VAGUE,   /* starts things in ways not read here */
};

/* An option that is in neither list makes the command unclear: what follows
 * it may be its value or the program. */
struct garita_launcher {
	char name[18];
	char flags[18];  /* letters of options without a value */
	char values[18]; /* and of those with one */
	enum garita_launcher_kind kind : 8;
	unsigned operands : 8; /* words between the options and the command */
};

/* Long options, as "name name". */
struct garita_launcher_long {
	char name[18];
	char flags[120];
	char values[128]; /* the next word may be the value */
};

/* By the name of a program, without what a version adds ("python3.11"); NULL
 * when it starts nothing else, as far as is known. */
const struct garita_launcher *garita_launcher_find(const char *name);
/* NULL: it has none. */
const struct garita_launcher_long *garita_launcher_long(
	const struct garita_launcher *launcher);

#endif
