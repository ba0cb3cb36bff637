/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * decision_log - every decision as one record, to every place that the policy
 * names: a file of JSON lines, the kernel's audit log, syslog, the journal.
 *
 * A place that does not take the record is told about on stderr and changes no
 * verdict; one that the policy calls "required" is asked first, and what it
 * does not take may not be admitted. None is waited for without a limit.
 */
#ifndef GARITA_HOOK_DECISION_LOG_H
#define GARITA_HOOK_DECISION_LOG_H

#include <stdint.h>

#include "hook/gate.h"

enum garita_event {
	GARITA_EVENT_DECISION,
	GARITA_EVENT_POLICY_CHANGE, /* made by the log itself */
	GARITA_EVENT_INSTALL,
	GARITA_EVENT_UNINSTALL,
	GARITA_EVENTS,
};

/* All borrowed; NULL: not known. */
struct garita_record {
	enum garita_event event;
	const char *program; /* "garita-runtime", "garita-hook" */
	const char *verb;    /* "create", "precreate", ... */
	const char *engine;  /* NULL: told by the bundle's path */
	const char *id;      /* container id */
	const char *bundle;
	const struct garita_gate *gate; /* NULL: the policy was unreadable */
	const struct garita_decision *decision; /* NULL: see error */
	const struct garita_error *error;       /* why it could not be judged */
	bool admitted; /* what happened; with dry-run not what was judged */
	uint64_t cost_us;
	const char *before; /* of a policy change: the digest before */
};

/* 0, or -errno where a required place did not take the record of something
 * that is to be admitted: then it must not be. In dry-run nothing is required.
 */
int garita_log_decision(const struct garita_record *record,
			struct garita_error *err);

#endif
