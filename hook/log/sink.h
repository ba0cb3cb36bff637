/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sink - a place that takes records. One file a place.
 *
 * Each gets a record within `deadline_ms` or says in words why not; none
 * blocks, raises a signal, or touches what the others do.
 */
#ifndef GARITA_HOOK_SINK_H
#define GARITA_HOOK_SINK_H

#include "hook/log/record.h"

typedef int garita_sink(const struct garita_log_entry *entry,
			unsigned deadline_ms, struct garita_error *err);

garita_sink garita_sink_file, garita_sink_audit, garita_sink_syslog,
	garita_sink_journal;

/* The file that garita_sink_file() writes to; the caller frees. */
char *garita_log_path(const struct garita_gate *gate);

/* How urgent it is, as syslog(3) counts: 6 informational, 5 notice, 4 warning.
 */
unsigned garita_record_priority(const struct garita_record *record);

/* Would the place take a record? Nothing is put there; not for the file. */
int garita_sink_check(enum garita_log_to to, struct garita_error *err);
int garita_audit_check(struct garita_error *err);

#define GARITA_SYSLOG_SOCKET  "/dev/log"
#define GARITA_JOURNAL_SOCKET "/run/systemd/journal/socket"

/* socket.c: does somebody listen there? */
int garita_sink_reach(const char *path, struct garita_error *err);
/* socket.c: sends one datagram to the socket at `path`. */
int garita_sink_send(const char *path, const struct garita_text *message,
		     unsigned deadline_ms, struct garita_error *err);

/* audit_kernel.c: one message of user space to the kernel's audit log; NULL
 * only asks whether it keeps any. -ENODATA: it does not. */
int garita_audit_send(const char *text, unsigned deadline_ms,
		      struct garita_error *err);

/* audit.c, for tests: the message as the kernel is given it. */
void garita_audit_message(const struct garita_log_entry *entry,
			  struct garita_text *out);
/* journal.c, for tests: the datagram. */
void garita_journal_message(const struct garita_log_entry *entry,
			    struct garita_text *out);

#endif
