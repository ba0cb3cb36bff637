/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * decision_log - every decision as one JSON line.
 *
 * One write(2) of one line to a file opened for appending, so writers do not
 * mix. What was torn by a full disk is closed off by the next writer's
 * newline. Failing to log changes no verdict; it is said on stderr.
 */
#ifndef GARITA_HOOK_DECISION_LOG_H
#define GARITA_HOOK_DECISION_LOG_H

#include <stdint.h>

#include "hook/gate.h"

/* All borrowed; NULL: not known. */
struct garita_record {
	const char *program; /* "garita-runtime", "garita-hook" */
	const char *verb;    /* "create", "precreate", ... */
	const char *id;      /* container id */
	const char *bundle;
	const struct garita_gate *gate; /* NULL: the policy was unreadable */
	const struct garita_decision *decision; /* NULL: see error */
	const struct garita_error *error;       /* why it could not be judged */
	bool admitted; /* what happened; with dry-run not what was judged */
	uint64_t cost_us;
};

void garita_log_decision(const struct garita_record *record);

#endif
