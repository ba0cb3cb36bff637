/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * log - what the readers of the decision log share: which files, which lines,
 * and what becomes of a line that is no record.
 */
#ifndef GARITA_HOOK_CLI_LOG_H
#define GARITA_HOOK_CLI_LOG_H

#include "hook/cli/cli.h"
#include "hook/log/line.h"

typedef void garita_cli_log_each(void *data, const struct garita_log_line *line,
				 const char *text, size_t len);

/* How the log is read: what is looked for, and what becomes of it. */
struct garita_cli_log {
	const struct garita_cli *cli;
	const struct garita_log_filter *filter;
	garita_cli_log_each *each;
	void *data;   /* for it */
	uint64_t bad; /* lines that were no records, each told on stderr */
};

/* Reads `count` files, or without any the policy's log and what it was rotated
 * to, and gives every record that the filter wants to `each`. */
int garita_cli_log_read(struct garita_cli_log *log, const char *const *files,
			size_t count, struct garita_error *err);
/* The policy's log file; the caller frees. */
char *garita_cli_log_path(void);
/* --since or --until. False after having said what is wrong. */
bool garita_cli_log_moment(const struct garita_cli *cli, const char *option,
			   const char *words, char into[GARITA_CLOCK_SIZE]);

/* log_summary.c: counts of records. */
struct garita_log_summary;
struct garita_log_summary *garita_log_summary_new(void);
void garita_log_summary_add(struct garita_log_summary *summary,
			    const struct garita_log_line *line);
void garita_log_summary_text(const struct garita_log_summary *summary,
			     struct garita_text *out);
void garita_log_summary_json(const struct garita_log_summary *summary,
			     struct garita_text *out);
void garita_log_summary_free(struct garita_log_summary *summary);

#endif
