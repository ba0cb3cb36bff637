/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reader - the lines of the log file and of those that it was rotated to.
 */
#ifndef GARITA_HOOK_READER_H
#define GARITA_HOOK_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "garita/error.h"

/* A line without its newline. False: enough. */
typedef bool garita_log_each(void *data, const char *path, uint64_t number,
			     const char *line, size_t len);

struct garita_log_files {
	char **paths;
	size_t count;
};

/* The log and what logrotate(8) made of it, oldest first: PATH-20261128, .gz
 * or not, PATH.2.gz, PATH.1, PATH. Without any of them: -ENOENT. */
int garita_log_files(const char *path, struct garita_log_files *ret,
		     struct garita_error *err);
void garita_log_files_free(struct garita_log_files *files);

/* Calls `each` for every line of a file, which may be compressed by gzip(1).
 * What is longer than a record can be is one long line: its first bytes. */
int garita_log_read(const char *path, garita_log_each *each, void *data,
		    struct garita_error *err);
/* Goes on for ever, at the end of the log and into the next one when it is
 * rotated; waits for one that is not there. Shows what is there already when
 * `from_start`. */
int garita_log_follow(const char *path, bool from_start, garita_log_each *each,
		      void *data, struct garita_error *err);

#endif
