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

static const char *const profiles[GARITA_PROFILES] = {
	[GARITA_PROFILE_OFF] = "off",
	[GARITA_PROFILE_BASELINE] = "baseline",
	[GARITA_PROFILE_RESTRICTED] = "restricted",
	[GARITA_PROFILE_STRICT] = "strict",
};

/* Written out, so that a report can borrow them. */
static const char *const profile_words[GARITA_PROFILES] = {
	[GARITA_PROFILE_OFF] = "off",
	[GARITA_PROFILE_BASELINE] = "baseline@1",
	[GARITA_PROFILE_RESTRICTED] = "restricted@1",
	[GARITA_PROFILE_STRICT] = "strict@1",
};

static const char *bad_digest(const char *word)
{
	return garita_digest_well_formed(word)
		       ? NULL
		       : "must be \"sha256:\" and 64 lower case hex digits";
}

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

	if (rc == 0)
		r->policy->mode = (enum garita_mode)mode;
	return rc;
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
	return 0;
}

static int read_fix(struct garita_reader *r, const struct garita_json *value)
{
	if (garita_json_type(value) != GARITA_JSON_BOOL)
		return garita_reader_wrong(r, "must be true or false");
	r->policy->fix = garita_json_bool(value);
	return 0;
}

static int read_allow(struct garita_reader *r, const struct garita_json *value)
{
	r->policy->has_allow_list = true;
	return garita_reader_strings(r, value, bad_digest, &r->policy->allow,
				     &r->policy->allow_count);
}

static int read_deny(struct garita_reader *r, const struct garita_json *value)
{
	r->policy->has_deny_list = true;
	return garita_reader_strings(r, value, bad_digest, &r->policy->deny,
				     &r->policy->deny_count);
}

static int read_allow_file(struct garita_reader *r,
			   const struct garita_json *value)
{
	r->policy->has_allow_list = true;
	return garita_reader_file_name(r, value, false, &r->policy->allow_file);
}

static int read_deny_file(struct garita_reader *r,
			  const struct garita_json *value)
{
	r->policy->has_deny_list = true;
	return garita_reader_file_name(r, value, false, &r->policy->deny_file);
}

static int read_images(struct garita_reader *r, const struct garita_json *value)
{
	static const struct garita_policy_member members[] = {
		{ "allow", read_allow },
		{ "allow-file", read_allow_file },
		{ "deny", read_deny },
		{ "deny-file", read_deny_file },
	};

	return garita_reader_members(r, value, members, GARITA_COUNT(members));
}

static int read_runtime(struct garita_reader *r,
			const struct garita_json *value)
{
	return garita_reader_file_name(r, value, true, &r->policy->runtime);
}

static int read_log_file(struct garita_reader *r,
			 const struct garita_json *value)
{
	return garita_reader_file_name(r, value, true, &r->policy->log_file);
}

static int read_log(struct garita_reader *r, const struct garita_json *value)
{
	static const struct garita_policy_member members[] = {
		{ "file", read_log_file },
	};

	return garita_reader_members(r, value, members, GARITA_COUNT(members));
}

/* Who writes a list means it, under any profile, also "off". */
static void enforce_lists(struct garita_policy *policy)
{
	struct garita_setting *setting =
		&policy->settings[garita_rule_find("image-allowlist")];

	if ((policy->has_allow_list || policy->has_deny_list) &&
	    !setting->set) {
		setting->action = GARITA_DENY;
		setting->set = true;
	}
}

static int read_policy(struct garita_reader *r, const struct garita_json *root)
{
	static const struct garita_policy_member members[] = {
		{ "$schema", read_schema },
		{ "version", read_version },
		{ "mode", read_mode },
		{ "profile", read_profile },
		{ "fix", read_fix },
		{ "rules", garita_policy_read_rules },
		{ "images", read_images },
		{ "runtime", read_runtime },
		{ "log", read_log },
	};
	int rc = garita_reader_members(r, root, members, GARITA_COUNT(members));

	if (rc < 0)
		return rc;
	if (garita_json_get(root, "version") == NULL)
		return garita_reader_wrong(r, "\"version\": 1 is missing");
	enforce_lists(r->policy);
	return 0;
}

struct garita_policy *garita_policy_default(void)
{
	struct garita_policy *policy = garita_xalloc(sizeof(*policy));

	policy->mode = GARITA_MODE_ENFORCE;
	policy->fix = true;
	policy->settings =
		garita_xcalloc(garita_rule_count(), sizeof(*policy->settings));
	for (size_t i = 0; i < garita_rule_count(); i++)
		policy->settings[i].values = garita_xcalloc(
			garita_rule_param_count(garita_rule_at(i)),
			sizeof(*policy->settings[i].values));
	garita_policy_set_profile(policy, "restricted@1", NULL);
	return policy;
}

int garita_policy_parse(const char *text, size_t len,
			struct garita_policy **ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_policy *policy;
	struct garita_reader r;
	int rc = garita_json_parse(text, len, GARITA_JSON_COMMENTS, &doc, err);

	if (rc < 0)
		return rc;
	policy = garita_policy_default();
	r = (struct garita_reader){ .doc = doc, .policy = policy, .err = err };
	garita_text_puts(&r.at, "");
	rc = read_policy(&r, garita_json_root(doc));
	garita_text_free(&r.at);
	if (rc < 0) {
		garita_policy_free(policy);
		return rc;
	}
	*ret = policy;
	return 0;
}

static void free_setting(struct garita_setting *setting,
			 const struct garita_rule *rule)
{
	for (size_t i = 0; i < garita_rule_param_count(rule); i++)
		garita_free_strings(setting->values[i].strings,
				    setting->values[i].count);
	free(setting->values);
	garita_free_strings(setting->allow, setting->allow_count);
}

void garita_policy_free(struct garita_policy *policy)
{
	if (policy == NULL)
		return;
	for (size_t i = 0; i < garita_rule_count(); i++)
		free_setting(&policy->settings[i], garita_rule_at(i));
	free(policy->settings);
	garita_free_strings(policy->allow, policy->allow_count);
	garita_free_strings(policy->deny, policy->deny_count);
	free(policy->allow_file);
	free(policy->deny_file);
	free(policy->runtime);
	free(policy->log_file);
	free(policy);
}

static enum garita_action column(const struct garita_rule *rule,
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

int garita_policy_set_profile(struct garita_policy *policy, const char *name,
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
		garita_nearest_try(&near, profiles[p]);
		if (strlen(profiles[p]) != len ||
		    strncmp(profiles[p], name, len) != 0)
			continue;
		policy->profile = p;
		policy->profile_version = PROFILE_VERSION;
		for (size_t i = 0; i < garita_rule_count(); i++)
			if (!policy->settings[i].set)
				policy->settings[i].action =
					column(garita_rule_at(i), p);
		return 0;
	}
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

const char *garita_policy_profile_words(const struct garita_policy *policy)
{
	return profile_words[policy->profile];
}
