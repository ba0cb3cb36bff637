/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * syslog - a record to whoever listens at /dev/log, as RFC 3164 has it.
 *
 * "<PRI>PROGRAM[PID]: RECORD", without a time: the receiver puts its own, in
 * its own zone, and the record has the exact one. Daemons cut at 8 kB, and a
 * cut record is none, so a long one is sent without its findings.
 */
#include <string.h>
#include <unistd.h>

#include "hook/log/sink.h"

enum {
	MOST_BYTES = 7 * 1024,
	AUTHPRIV = 10, /* the facility for what not everybody may read */
};

unsigned garita_record_priority(const struct garita_record *record)
{
	enum { WARNING = 4, NOTICE, INFORMATION };
	const char *would = garita_record_would(record);
	const char *verdict = garita_record_verdict(record);

	if (verdict == NULL)
		return NOTICE;
	if (strcmp(verdict, "deny") == 0)
		return WARNING;
	return would != NULL && strcmp(would, "deny") == 0 ? NOTICE
							   : INFORMATION;
}

int garita_sink_syslog(const struct garita_log_entry *entry,
		       unsigned deadline_ms, struct garita_error *err)
{
	const struct garita_record *record = entry->record;
	auto_text message = { 0 };

	garita_text_printf(&message, "<%u>%s[%d]: ",
			   AUTHPRIV * 8 + garita_record_priority(record),
			   record->program, (int)getpid());
	garita_log_entry_short(entry, MOST_BYTES, &message);
	return garita_sink_send(GARITA_SYSLOG_SOCKET, &message, deadline_ms,
				err);
}
