/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * decision_log - see the header.
 */
#include "hook/log/decision_log.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "hook/file.h"
#include "hook/log/policy_seen.h"
#include "hook/log/sink.h"
#include "hook/report/report.h"

enum {
	/* What a stuck daemon may cost a start that does not depend on it; and
	 * one that does, on a machine with much else to do. */
	DEADLINE_MS = 100,
	DEADLINE_REQUIRED_MS = 2000,
};

static garita_sink *const sinks[GARITA_LOG_TOS] = {
	[GARITA_LOG_TO_FILE] = garita_sink_file,
	[GARITA_LOG_TO_AUDIT] = garita_sink_audit,
	[GARITA_LOG_TO_SYSLOG] = garita_sink_syslog,
	[GARITA_LOG_TO_JOURNAL] = garita_sink_journal,
};

int garita_sink_check(enum garita_log_to to, struct garita_error *err)
{
	switch (to) {
	case GARITA_LOG_TO_AUDIT:
		return garita_audit_check(err);
	case GARITA_LOG_TO_SYSLOG:
		return garita_sink_reach(GARITA_SYSLOG_SOCKET, err);
	case GARITA_LOG_TO_JOURNAL:
		return garita_sink_reach(GARITA_JOURNAL_SOCKET, err);
	case GARITA_LOG_TO_FILE:
	case GARITA_LOG_TOS:
		break;
	}
	return 0;
}

/* Without a readable policy there is the file that is there without one. */
static enum garita_log_how how(const struct garita_record *record,
			       enum garita_log_to to)
{
	if (record->gate != NULL)
		return record->gate->policy->log[to];
	return to == GARITA_LOG_TO_FILE ? GARITA_LOG_ON : GARITA_LOG_OFF;
}

static void complain(enum garita_log_to to, const struct garita_error *why)
{
	auto_text line = { 0 };

	garita_text_printf(&line, "garita: warning: decision not logged (%s): ",
			   garita_log_to_name(to));
	garita_report_put_safe(&line, why->text);
	garita_text_putc(&line, '\n');
	garita_file_write(STDERR_FILENO, line.data, line.len);
}

/* The required ones first: what they do not take is not admitted, and no other
 * place should say that it was. */
static int put_all(const struct garita_log_entry *entry, bool must,
		   enum garita_log_how which, struct garita_error *err)
{
	for (enum garita_log_to to = 0; to < GARITA_LOG_TOS; to++) {
		struct garita_error why = { 0 };

		if (how(entry->record, to) != which ||
		    sinks[to](entry, must ? DEADLINE_REQUIRED_MS : DEADLINE_MS,
			      &why) == 0)
			continue;
		if (must)
			return garita_fail(err, why.code,
					   "the policy requires its record in "
					   "log/%s: %s",
					   garita_log_to_name(to), why.text);
		complain(to, &why);
	}
	return 0;
}

static int put_record(const struct garita_record *record, const char *policy,
		      bool must, struct garita_error *err)
{
	struct garita_log_entry entry;
	int rc;

	garita_log_entry_make(record, policy, &entry);
	rc = put_all(&entry, must, GARITA_LOG_REQUIRED, err);
	if (rc == 0)
		rc = put_all(&entry, false, GARITA_LOG_ON, err);
	garita_log_entry_free(&entry);
	return rc;
}

/* The first decision by another policy than the one before says so first. */
static void note_policy(const struct garita_record *record, const char *policy)
{
	struct garita_policy_seen seen = { .lock = -1 };
	const struct garita_record change = {
		.event = GARITA_EVENT_POLICY_CHANGE,
		.program = record->program,
		.gate = record->gate,
		.before = seen.before,
	};

	if (!garita_policy_is_new(record->gate, policy, &seen))
		return;
	if (*seen.before != '\0')
		put_record(&change, policy, false, NULL);
	garita_policy_note(&seen, policy);
}

int garita_log_decision(const struct garita_record *record,
			struct garita_error *err)
{
	bool must = record->event == GARITA_EVENT_DECISION &&
		    record->admitted && record->gate != NULL &&
		    !garita_gate_is_dry_run(record->gate);
	char policy[GARITA_DIGEST_SIZE] = "";

	if (record->gate != NULL) {
		garita_gate_digest(record->gate, policy);
		note_policy(record, policy);
	}
	return put_record(record, policy, must, err);
}
