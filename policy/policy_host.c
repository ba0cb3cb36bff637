/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_host - the "host" of the policy file: when the rules about the machine
 * are asked at a start. What they want is said in "rules", as of all others, so
 * that profiles, scopes and exceptions hold for them alike.
 */
#include "policy/policy_reader.h"

enum { MOST_AGE = 365 * 24 };

static int read_at_start(struct garita_reader *r,
			 const struct garita_json *value)
{
	static const char *const words[] = { "deny", "warn", "off" };
	static const enum garita_action from[] = { GARITA_DENY, GARITA_WARN,
						   GARITA_ACTIONS };
	size_t word;
	int rc = garita_reader_word(r, value, "word", words,
				    GARITA_COUNT(words), &word);

	if (rc < 0)
		return rc;
	r->policy->host_at_start = from[word];
	garita_reader_say_origin(r, GARITA_ORIGIN_HOST_AT_START, value);
	return 0;
}

static int read_max_age(struct garita_reader *r,
			const struct garita_json *value)
{
	uint64_t hours;

	if (garita_json_u64(value, &hours) < 0 || hours < 1 || hours > MOST_AGE)
		return garita_reader_wrong(
			r, "must be a number of hours from 1 to %d", MOST_AGE);
	r->policy->host_max_age_h = (uint32_t)hours;
	garita_reader_say_origin(r, GARITA_ORIGIN_HOST_MAX_AGE, value);
	return 0;
}

static const struct garita_policy_member host_members[] = {
	{ .name = "at-start",
	  .read = read_at_start,
	  .schema = "{\"enum\":[\"deny\",\"warn\",\"off\"]}" },
	{ .name = "max-age",
	  .read = read_max_age,
	  .schema = "{\"type\":\"integer\",\"minimum\":1,\"maximum\":8760}" },
};
const struct garita_policy_table garita_policy_host_table = {
	.members = host_members,
	.count = GARITA_COUNT(host_members),
};

int garita_policy_read_host(struct garita_reader *r,
			    const struct garita_json *value)
{
	return garita_reader_members(r, value, &garita_policy_host_table);
}
