/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * audit - a record to the kernel's audit log, where auditd and whatever reads
 * the kernel's stream have it beside what the kernel itself noted.
 *
 * The type is TRUSTED_APP, the one for programs that are not part of the audit
 * system; the text is what auparse(3) reads: key=value, and a value that could
 * be taken for more than one is in quotes or, where it holds a quote, a blank
 * or a control character, in hexadecimal, as audit_encode_nv_string(3) does.
 * The kernel adds who we are and the time.
 */
#include <string.h>

#include "hook/log/sink.h"

enum {
	/* The kernel cuts at 8560 (AUDIT_MESSAGE_TEXT_MAX); a value that was
	 * cut in its quotes is none. */
	MOST_VALUE = 512,
	MOST_RULES = 4096,
};

static bool needs_hex(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		/* The kernel puts the whole between single quotes. */
		if (c == '"' || c == '\'' || c <= ' ' || c >= 0x7f)
			return true;
	}
	return false;
}

/* A value that somebody else wrote. */
static void put_encoded(struct garita_text *out, const char *key,
			const char *value)
{
	size_t len = value ? strnlen(value, MOST_VALUE) : 0;

	garita_text_printf(out, " %s=", key);
	if (len == 0) {
		garita_text_putc(out, '?');
	} else if (needs_hex(value, len)) {
		for (size_t i = 0; i < len; i++)
			garita_text_printf(out, "%02X",
					   (unsigned char)value[i]);
	} else {
		garita_text_putc(out, '"');
		garita_text_add(out, value, len);
		garita_text_putc(out, '"');
	}
}

/* One of our own words, if there is one. */
static void put_word(struct garita_text *out, const char *key,
		     const char *value)
{
	if (value != NULL && *value != '\0')
		garita_text_printf(out, " %s=%s", key, value);
}

static void put_rules(struct garita_text *out,
		      const struct garita_record *record)
{
	struct garita_rule_walk at = { 0 };
	size_t start = out->len;
	const char *rule;

	while ((rule = garita_record_rule(record, &at)) != NULL &&
	       out->len - start < MOST_RULES)
		garita_text_printf(out, "%s%s",
				   out->len == start ? " rules=" : ",", rule);
}

/* op=create ... res=success, in the order in which auditors know them. The
 * names of encoded values are ones that auparse decodes. */
void garita_audit_message(const struct garita_log_entry *entry,
			  struct garita_text *out)
{
	const struct garita_record *record = entry->record;
	const char *verdict = garita_record_verdict(record);
	bool failed = verdict != NULL ? strcmp(verdict, "deny") == 0
				      : record->error != NULL;

	garita_text_printf(out, "op=%s", garita_event_name(record->event));
	if (record->verb != NULL)
		garita_text_printf(out, ":%s", record->verb);
	put_word(out, "verdict", verdict);
	put_word(out, "would", garita_record_would(record));
	put_rules(out, record);
	put_word(out, "engine", entry->engine);
	if (record->event == GARITA_EVENT_DECISION) {
		put_encoded(out, "vm", record->id);
		put_encoded(out, "name", garita_record_image(record));
		put_word(out, "digest", garita_record_digest(record));
	}
	put_word(out, "policy", entry->policy);
	put_word(out, "policy-before", record->before);
	if (record->error != NULL)
		put_encoded(out, "data", record->error->text);
	if (record->event == GARITA_EVENT_DECISION)
		garita_text_printf(out, " cost=%llu",
				   (unsigned long long)record->cost_us);
	garita_text_printf(out,
			   " exe=\"%s\" hostname=? addr=? terminal=? res=%s",
			   record->program, failed ? "failed" : "success");
}

int garita_sink_audit(const struct garita_log_entry *entry,
		      unsigned deadline_ms, struct garita_error *err)
{
	auto_text text = { 0 };

	garita_audit_message(entry, &text);
	return garita_audit_send(text.data, deadline_ms, err);
}

int garita_audit_check(struct garita_error *err)
{
	enum { DEADLINE_MS = 2000 };

	return garita_audit_send(NULL, DEADLINE_MS, err);
}
