/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_log - the "log" of the policy file: where every decision is recorded,
 * and which of those places must have it before a container may start.
 */
#include <string.h>

#include "policy/policy_reader.h"

static const char names[GARITA_LOG_TOS][8] = {
	[GARITA_LOG_TO_FILE] = "file",
	[GARITA_LOG_TO_AUDIT] = "audit",
	[GARITA_LOG_TO_SYSLOG] = "syslog",
	[GARITA_LOG_TO_JOURNAL] = "journal",
};

const char *garita_log_to_name(enum garita_log_to to)
{
	return names[to];
}

static int read_how(struct garita_reader *r, const struct garita_json *value,
		    enum garita_log_to to, enum garita_policy_origin of)
{
	const char *word = garita_json_string(value);

	if (word != NULL && strcmp(word, "required") == 0)
		r->policy->log[to] = GARITA_LOG_REQUIRED;
	else if (garita_json_type(value) == GARITA_JSON_BOOL)
		r->policy->log[to] = garita_json_bool(value) ? GARITA_LOG_ON
							     : GARITA_LOG_OFF;
	else
		return garita_reader_wrong(
			r, "must be %strue, false or \"required\"",
			to == GARITA_LOG_TO_FILE ? "an absolute path, " : "");
	garita_reader_say_origin(r, of, value);
	return 0;
}

static int read_path(struct garita_reader *r, const struct garita_json *value)
{
	garita_reader_say_origin(r, GARITA_ORIGIN_LOG_PATH, value);
	return garita_reader_file_name(r, value, true, &r->policy->log_file);
}

/* A path turns it on and says where, in one word. */
static int read_file(struct garita_reader *r, const struct garita_json *value)
{
	const char *word = garita_json_string(value);

	if (word == NULL || *word != '/')
		return read_how(r, value, GARITA_LOG_TO_FILE,
				GARITA_ORIGIN_LOG_FILE);
	r->policy->log[GARITA_LOG_TO_FILE] = GARITA_LOG_ON;
	garita_reader_say_origin(r, GARITA_ORIGIN_LOG_FILE, value);
	return read_path(r, value);
}

static int read_audit(struct garita_reader *r, const struct garita_json *value)
{
	return read_how(r, value, GARITA_LOG_TO_AUDIT, GARITA_ORIGIN_LOG_AUDIT);
}

static int read_syslog(struct garita_reader *r, const struct garita_json *value)
{
	return read_how(r, value, GARITA_LOG_TO_SYSLOG,
			GARITA_ORIGIN_LOG_SYSLOG);
}

static int read_journal(struct garita_reader *r,
			const struct garita_json *value)
{
	return read_how(r, value, GARITA_LOG_TO_JOURNAL,
			GARITA_ORIGIN_LOG_JOURNAL);
}

#define HOW "{\"enum\":[true,false,\"required\"]}"

static const struct garita_policy_member members[] = {
	{ .name = "file",
	  .read = read_file,
	  .schema = "{\"anyOf\":[" HOW "," GARITA_SCHEMA_ABSOLUTE "]}" },
	{ .name = "path", .read = read_path, .schema = GARITA_SCHEMA_ABSOLUTE },
	{ .name = "audit", .read = read_audit, .schema = HOW },
	{ .name = "syslog", .read = read_syslog, .schema = HOW },
	{ .name = "journal", .read = read_journal, .schema = HOW },
};
const struct garita_policy_table garita_policy_log_table = {
	.members = members,
	.count = GARITA_COUNT(members),
};

int garita_policy_read_log(struct garita_reader *r,
			   const struct garita_json *value)
{
	return garita_reader_members(r, value, &garita_policy_log_table);
}
