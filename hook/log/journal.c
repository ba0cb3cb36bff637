/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * journal - a record to systemd-journald in its own protocol, with fields that
 * journalctl can match: GARITA_VERDICT=deny, GARITA_RULE=run-as-non-root.
 *
 * Every field is sent in the form with a length, in which no value can end
 * early and begin another field.
 */
#include <stdio.h>
#include <string.h>

#include "hook/log/sink.h"

/* What fits into a datagram with the rest. */
enum { MOST_BYTES = 48 * 1024 };

static void put(struct garita_text *out, const char *field, const char *value)
{
	unsigned char size[8];
	size_t len;

	if (value == NULL || *value == '\0')
		return;
	len = strlen(value);
	for (size_t i = 0; i < sizeof(size); i++)
		size[i] = (unsigned char)((uint64_t)len >> 8 * i);
	garita_text_printf(out, "%s\n", field);
	garita_text_add(out, (const char *)size, sizeof(size));
	garita_text_add(out, value, len);
	garita_text_putc(out, '\n');
}

static void put_number(struct garita_text *out, const char *field,
		       uint64_t value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)value);
	put(out, field, digits);
}

void garita_journal_message(const struct garita_log_entry *entry,
			    struct garita_text *out)
{
	const struct garita_record *record = entry->record;
	auto_text words = { 0 }, line = { 0 };
	struct garita_rule_walk at = { 0 };
	const char *rule;

	garita_record_words(record, &words);
	garita_log_entry_short(entry, MOST_BYTES, &line);
	put(out, "MESSAGE", words.data);
	put_number(out, "PRIORITY", garita_record_priority(record));
	put(out, "SYSLOG_IDENTIFIER", record->program);
	put(out, "GARITA_EVENT", garita_event_name(record->event));
	put(out, "GARITA_VERB", record->verb);
	put(out, "GARITA_VERDICT", garita_record_verdict(record));
	put(out, "GARITA_WOULD", garita_record_would(record));
	put(out, "GARITA_ENGINE", entry->engine);
	put(out, "GARITA_CONTAINER", record->id);
	put(out, "GARITA_IMAGE", garita_record_image(record));
	put(out, "GARITA_DIGEST", garita_record_digest(record));
	while ((rule = garita_record_rule(record, &at)) != NULL)
		put(out, "GARITA_RULE", rule);
	put(out, "GARITA_POLICY", entry->policy);
	if (record->event == GARITA_EVENT_DECISION)
		put_number(out, "GARITA_COST_USEC", record->cost_us);
	put(out, "GARITA_RECORD", line.data);
}

int garita_sink_journal(const struct garita_log_entry *entry,
			unsigned deadline_ms, struct garita_error *err)
{
	auto_text message = { 0 };

	garita_journal_message(entry, &message);
	return garita_sink_send(GARITA_JOURNAL_SOCKET, &message, deadline_ms,
				err);
}
