/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * record - a decision in words: the JSON of docs/schema/record-1.schema.json,
 * the pieces of it that other logs have fields for, and a sentence for people.
 */
#ifndef GARITA_HOOK_RECORD_H
#define GARITA_HOOK_RECORD_H

#include "hook/clock.h"
#include "hook/log/decision_log.h"

/* A record and what is worked out once for all places. */
struct garita_log_entry {
	const struct garita_record *record;
	char time[GARITA_CLOCK_SIZE];
	const char *policy; /* digest; "": unreadable. Borrowed */
	char host[65];
	const char *engine;
	struct garita_text line; /* the whole record, without a newline */
};

void garita_log_entry_make(const struct garita_record *record,
			   const char *policy, struct garita_log_entry *ret);
void garita_log_entry_free(struct garita_log_entry *entry);

/* The record in at most `most` bytes: without its findings where it would be
 * longer, with only their number. The names of the rules stay. */
void garita_log_entry_short(const struct garita_log_entry *entry, size_t most,
			    struct garita_text *out);

/* "decision", "policy-change", "install", "uninstall" */
const char *garita_event_name(enum garita_event event);
/* "admit", "repair", "deny": what happened; NULL when it was no decision. */
const char *garita_record_verdict(const struct garita_record *record);
/* The same of what enforcing would have done; NULL outside dry-run. */
const char *garita_record_would(const struct garita_record *record);
/* The best name and the surest digest of the image; NULL: none. */
const char *garita_record_image(const struct garita_record *record);
const char *garita_record_digest(const struct garita_record *record);
/* The next rule that the verdict comes from, each once: those that refused, or
 * else that repaired, or else that warned. Begin with zeros; NULL: no more. */
const char *garita_record_rule(const struct garita_record *record,
			       struct garita_rule_walk *at);
/* "refused create of ID (IMAGE): RULE, RULE"; not yet made safe. */
void garita_record_words(const struct garita_record *record,
			 struct garita_text *out);
/* "podman", "docker", ...: which engine makes bundles at such a path, or NULL.
 * A courtesy to who reads the log, evidence of nothing. */
const char *garita_record_engine(const char *bundle);

#endif
