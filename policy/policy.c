/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy - the operator's file, member by member.
 *
 * Every object of the file has a table of its members; what is not in the
 * table is an error that names the nearest word that is. Profiles are columns
 * of the rule rows, so a policy is a profile and the operator's changes to it.
 */
#include "garita/policy.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy/nearest.h"
#include "policy/policy_reader.h"

enum { POLICY_VERSION = 1, PROFILE_VERSION = 1 };

static const char *const modes[] = {
	[GARITA_MODE_ENFORCE] = "enforce",
	[GARITA_MODE_DRY_RUN] = "dry-run",
};

static const char profiles[GARITA_PROFILES][11] = {
	[GARITA_PROFILE_OFF] = "off",
	[GARITA_PROFILE_BASELINE] = "baseline",
	[GARITA_PROFILE_RESTRICTED] = "restricted",
	[GARITA_PROFILE_STRICT] = "strict",
};

/* Written out, so that a report can borrow them. */
static const char profile_words[GARITA_PROFILES][13] = {
	[GARITA_PROFILE_OFF] = "off",
	[GARITA_PROFILE_BASELINE] = "baseline@1",
	[GARITA_PROFILE_RESTRICTED] = "restricted@1",
	[GARITA_PROFILE_STRICT] = "strict@1",
};

static int read_schema(struct garita_reader *r, const struct garita_json *value)
{
	if (garita_json_string(value) == NULL)
		return garita_reader_wrong(r, "must be a string");
	return 0;
}

static int read_version(struct garita_reader *r,
			const struct garita_json *value)
{
	uint64_t version;

	if (garita_json_u64(value, &version) < 0 || version != POLICY_VERSION)
		return garita_reader_wrong(
			r, "must be 1, the only version there is");
	return 0;
}

static int read_mode(struct garita_reader *r, const struct garita_json *value)
{
	size_t mode;
	int rc = garita_reader_word(r, value, "mode", modes,
				    GARITA_COUNT(modes), &mode);

	if (rc < 0)
		return rc;
	r->policy->mode = (enum garita_mode)mode;
	garita_reader_say_origin(r, GARITA_ORIGIN_MODE, value);
	return 0;
}

static int read_profile(struct garita_reader *r,
			const struct garita_json *value)
{
	struct garita_error reason = { 0 };
	const char *name = garita_json_string(value);

	if (name == NULL)
		return garita_reader_wrong(
			r, "must be a string like \"restricted@1\"");
	if (garita_policy_set_profile(r->policy, name, &reason) < 0)
		return garita_reader_wrong(r, "%s", reason.text);
	garita_reader_say_origin(r, GARITA_ORIGIN_PROFILE, value);
	return 0;
}

static int read_fix(struct garita_reader *r, const struct garita_json *value)
{
	garita_reader_say_origin(r, GARITA_ORIGIN_FIX, value);
	return garita_reader_bool(r, value, &r->policy->fix);
}

static int read_runtime(struct garita_reader *r,
			const struct garita_json *value)
{
	garita_reader_say_origin(r, GARITA_ORIGIN_RUNTIME, value);
	return garita_reader_file_name(r, value, true, &r->policy->runtime);
}

/* Was followed before anything else of this file was read. */
static int read_extends(struct garita_reader *r,
			const struct garita_json *value)
{
	(void)r;
	(void)value;
	return 0;
}

static const struct garita_policy_member root_members[] = {
	{ .name = "$schema",
	  .read = read_schema,
	  .schema = "{\"type\":\"string\"}" },
	{ .name = "version",
	  .read = read_version,
	  .schema = "{\"const\":1}",
	  .required = true },
	{ .name = "extends",
	  .read = read_extends,
	  .schema = GARITA_SCHEMA_TEXT },
	{ .name = "mode",
	  .read = read_mode,
	  .schema = "{\"enum\":[\"enforce\",\"dry-run\"]}" },
	{ .name = "profile",
	  .read = read_profile,
	  .schema = "{\"$ref\":\"#/$defs/profile\"}" },
	{ .name = "fix", .read = read_fix, .schema = GARITA_SCHEMA_BOOL },
	{ .name = "rules",
	  .read = garita_policy_read_rules,
	  .schema = "{\"$ref\":\"#/$defs/rules\"}" },
	{ .name = "images",
	  .read = garita_policy_read_images,
	  .table = &garita_policy_images_table },
	{ .name = "network",
	  .read = garita_policy_read_network,
	  .table = &garita_policy_network_table },
	{ .name = "scopes",
	  .read = garita_policy_read_scopes,
	  .table = &garita_policy_scope_table,
	  .array = true },
	{ .name = "exceptions",
	  .read = garita_policy_read_exceptions,
	  .table = &garita_policy_exception_table,
	  .array = true },
	{ .name = "host",
	  .read = garita_policy_read_host,
	  .table = &garita_policy_host_table },
	{ .name = "runtime",
	  .read = read_runtime,
	  .schema = GARITA_SCHEMA_ABSOLUTE },
	{ .name = "log",
	  .read = garita_policy_read_log,
	  .table = &garita_policy_log_table },
};
const struct garita_policy_table garita_policy_root_table = {
	.members = root_members,
	.count = GARITA_COUNT(root_members),
};

struct garita_policy *garita_policy_default(void)
{
	struct garita_policy *policy = garita_xalloc(sizeof(*policy));

	policy->mode = GARITA_MODE_ENFORCE;
	policy->fix = true;
	policy->log[GARITA_LOG_TO_FILE] = GARITA_LOG_ON;
	policy->host_at_start = GARITA_DENY;
	policy->host_max_age_h = GARITA_HOST_MAX_AGE_H;
	policy->settings =
		garita_xcalloc(garita_rule_count(), sizeof(*policy->settings));
	garita_policy_set_profile(policy, "restricted@1", NULL);
	return policy;
}

void garita_policy_free(struct garita_policy *policy)
{
	struct garita_rule_walk at = { 0 };

	if (policy == NULL)
		return;
	while (garita_rule_next(&at))
		garita_setting_free(&policy->settings[at.i], at.rule);
	free(policy->settings);
	garita_policy_free_images(policy);
	garita_network_free(&policy->network);
	free(policy->runtime);
	free(policy->log_file);
	garita_policy_free_scopes(policy);
	garita_free_strings(policy->files, policy->file_count);
	free(policy);
}

bool garita_policy_has_network(const struct garita_policy *policy)
{
	if (policy->network.given)
		return true;
	for (size_t i = 0; i < policy->scope_count; i++)
		if (policy->scopes[i].network.given)
			return true;
	return false;
}

enum garita_action garita_profile_action(const struct garita_rule *rule,
					 enum garita_profile profile)
{
	switch (profile) {
	case GARITA_PROFILE_BASELINE:
		return rule->baseline;
	case GARITA_PROFILE_RESTRICTED:
		return rule->restricted;
	case GARITA_PROFILE_STRICT:
		return rule->strict;
	case GARITA_PROFILE_OFF:
	case GARITA_PROFILES:
		break;
	}
	return GARITA_OFF;
}

/* "restricted", "restricted@1": the part before @ in *ret_len, and whether
 * what follows is a version that exists. */
static bool split_profile(const char *name, size_t *ret_len)
{
	const char *at = strchr(name, '@');
	uint32_t version;

	*ret_len = at ? (size_t)(at - name) : strlen(name);
	return at == NULL ||
	       garita_parse_u32(at + 1, 1, PROFILE_VERSION, &version) == 0;
}

int garita_policy_profile_named(const char *name, enum garita_profile *ret,
				struct garita_error *err)
{
	struct garita_nearest near = garita_nearest_to(name);
	size_t len;

	if (!split_profile(name, &len))
		return garita_fail(err, EINVAL,
				   "profile \"%s\" does not exist; the newest "
				   "version is @%d",
				   name, PROFILE_VERSION);
	for (enum garita_profile p = 0; p < GARITA_PROFILES; p++) {
		if (strlen(profiles[p]) != len ||
		    strncmp(profiles[p], name, len) != 0)
			continue;
		*ret = p;
		return 0;
	}
	for (enum garita_profile p = 0; p < GARITA_PROFILES; p++)
		garita_nearest_try(&near, profiles[p]);
	if (near.word != NULL)
		return garita_fail(
			err, EINVAL,
			"unknown profile \"%s\"; did you mean \"%s\"?", name,
			near.word);
	return garita_fail(err, EINVAL,
			   "unknown profile \"%s\"; there are off, baseline, "
			   "restricted and strict",
			   name);
}

int garita_policy_set_profile(struct garita_policy *policy, const char *name,
			      struct garita_error *err)
{
	struct garita_rule_walk at = { 0 };
	int rc = garita_policy_profile_named(name, &policy->profile, err);

	if (rc < 0)
		return rc;
	policy->profile_version = PROFILE_VERSION;
	policy->origins[GARITA_ORIGIN_PROFILE] = (struct garita_origin){ 0 };
	while (garita_rule_next(&at))
		if (!policy->settings[at.i].set)
			policy->settings[at.i].action =
				garita_profile_action(at.rule, policy->profile);
	return 0;
}

const char *garita_policy_profile_words(const struct garita_policy *policy)
{
	return profile_words[policy->profile];
}

const char *garita_profile_name(enum garita_profile profile)
{
	return profile_words[profile];
}
