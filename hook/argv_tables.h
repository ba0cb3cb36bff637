/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * argv_tables - every option of every verb of runc and crun, as data.
 *
 * Private to argv.c and its tests, which compare the rows with `--help` of the
 * programs that are installed. A row that some version reads differently from
 * another has a reason in why_not and is refused by name.
 */
#ifndef GARITA_HOOK_ARGV_TABLES_H
#define GARITA_HOOK_ARGV_TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "hook/argv.h"

enum garita_takes {
	GARITA_TAKES_NOTHING, /* a switch; runc also reads --x=true|false */
	GARITA_TAKES_ON,    /* a switch where =false is not the same as leaving
			     * it out */
	GARITA_TAKES_MAYBE, /* crun --tty[=true|false] */
	GARITA_TAKES_VALUE,
	GARITA_TAKES_VALUES, /* may be repeated, order kept */
	GARITA_TAKES_HELP,   /* prints and ends: --help, --version */
};

/* Why a row is refused. */
enum garita_option_why {
	GARITA_OPTION_TAKEN, /* it is not */
	GARITA_OPTION_CONFIG,
	GARITA_OPTION_STATUS_FD,
	GARITA_OPTION_ROOTLESS,
	GARITA_OPTION_NETWORK_LOCK,
};

struct garita_option {
	char name[24];
	char letter; /* 0: none */
	enum garita_takes takes;
	uint16_t since; /* first version with it; 0: all we know */
	enum garita_option_why why_not;
};

enum garita_operands {
	GARITA_OPERANDS_NONE,
	GARITA_OPERANDS_ID,
	GARITA_OPERANDS_ID_SIGNAL, /* kill */
	GARITA_OPERANDS_ID_REST,   /* exec, ps: anything after the id */
	GARITA_OPERANDS_VERB,      /* help [VERB] */
	GARITA_OPERANDS_ANY,       /* of a refused verb: nobody reads them */
};

struct garita_verb {
	char name[12];
	enum garita_verb_action action;
	enum garita_operands operands;
	uint16_t since;
	bool optional; /* left out of some builds (crun without criu) */
	const struct garita_option *options; /* ends in "" */
};

struct garita_runtime_tables {
	const char *program;
	bool one_dash_long; /* -name is --name (Go's flag package) */
	const struct garita_option *globals;
	const struct garita_verb *verbs; /* ends in "" */
};

/* 1.2 is 102: versions compare as numbers. */
#define GARITA_SINCE(major, minor) ((major)*100 + (minor))

const struct garita_runtime_tables *garita_argv_tables(
	enum garita_runtime_kind kind);
/* The refusal's words. */
const char *garita_option_why_words(enum garita_option_why why)
	__attribute__((const));

#endif
