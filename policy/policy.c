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

/* Where reading stands; what a member's reader gets. */
struct reader {
	struct garita_json_doc *doc;
	struct garita_policy *policy;
	struct garita_error *err;
	struct garita_text at; /* JSON pointer of the member in hand */
};

struct member {
	const char *name;
	int (*read)(struct reader *r, const struct garita_json *value);
};

static int wrong(struct reader *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int wrong(struct reader *r, const char *fmt, ...)
{
	char text[384];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return garita_json_fail(r->err, r->doc, r->at.data ? r->at.data : "",
				EINVAL, "%s", text);
}

static int unknown(struct reader *r, const char *kind, const char *word,
		   const char *nearest)
{
	if (nearest != NULL)
		return wrong(r, "unknown %s \"%s\"; did you mean \"%s\"?", kind,
			     word, nearest);
	return wrong(r, "unknown %s \"%s\"", kind, word);
}

/* Calls `read` with r->at one step deeper. */
static int step(struct reader *r, const char *key,
		const struct garita_json *value,
		int (*read)(struct reader *r, const struct garita_json *value))
{
	size_t len = r->at.len;
	int rc;

	garita_json_pointer_add(&r->at, key);
	rc = read(r, value);
	r->at.len = len;
	r->at.data[len] = '\0';
	return rc;
}

static int unknown_member(struct reader *r, const char *key,
			  const struct member *members, size_t count)
{
	struct garita_nearest near = garita_nearest_to(key);

	for (size_t m = 0; m < count; m++)
		garita_nearest_try(&near, members[m].name);
	garita_json_pointer_add(&r->at, key);
	return unknown(r, "member", key, near.word);
}

static int read_members(struct reader *r, const struct garita_json *object,
			const struct member *members, size_t count)
{
	if (garita_json_type(object) != GARITA_JSON_OBJECT)
		return wrong(r, "must be an object, is %s",
			     garita_json_type_words(garita_json_type(object)));

	for (size_t i = 0; i < garita_json_count(object); i++) {
		const char *key = garita_json_key(object, i);
		const struct member *member = NULL;
		int rc;

		for (size_t m = 0; m < count && member == NULL; m++)
			if (strcmp(members[m].name, key) == 0)
				member = &members[m];
		if (member == NULL)
			return unknown_member(r, key, members, count);
		rc = step(r, key, garita_json_item(object, i), member->read);
		if (rc < 0)
			return rc;
	}
	return 0;
}

/* A word out of a list of `count`; its index in *ret. */
static int read_word(struct reader *r, const struct garita_json *value,
		     const char *kind, const char *const *words, size_t count,
		     size_t *ret)
{
	const char *word = garita_json_string(value);
	struct garita_nearest near;

	if (word == NULL)
		return wrong(r, "must be a string, is %s",
			     garita_json_type_words(garita_json_type(value)));
	near = garita_nearest_to(word);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(words[i], word) == 0) {
			*ret = i;
			return 0;
		}
		garita_nearest_try(&near, words[i]);
	}
	return unknown(r, kind, word, near.word);
}

static void free_strings(char **strings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(strings[i]);
	free(strings);
}

/* An array of non-empty strings; `bad` (may be NULL) returns what is wrong
 * with one, or NULL. */
static int read_strings(struct reader *r, const struct garita_json *value,
			const char *(*bad)(const char *word), char ***ret,
			size_t *ret_count)
{
	size_t count = garita_json_count(value);
	char **strings;

	if (garita_json_type(value) != GARITA_JSON_ARRAY)
		return wrong(r, "must be an array of strings, is %s",
			     garita_json_type_words(garita_json_type(value)));
	strings = garita_xcalloc(count, sizeof(*strings));
	for (size_t i = 0; i < count; i++) {
		const char *word =
			garita_json_string(garita_json_item(value, i));
		const char *why = word == NULL    ? "must be a string"
				  : *word == '\0' ? "must not be empty"
				  : bad           ? bad(word)
						  : NULL;

		if (why != NULL) {
			garita_text_printf(&r->at, "/%zu", i);
			free_strings(strings, i);
			return wrong(r, "%s", why);
		}
		strings[i] = garita_xstrdup(word);
	}
	*ret = strings;
	*ret_count = count;
	return 0;
}

static const char *bad_digest(const char *word)
{
	return garita_digest_well_formed(word)
		       ? NULL
		       : "must be \"sha256:\" and 64 lower case hex digits";
}

static int read_file_name(struct reader *r, const struct garita_json *value,
			  bool absolute, char **ret)
{
	const char *name = garita_json_string(value);

	if (name == NULL || *name == '\0')
		return wrong(r, "must be a file name");
	if (absolute && *name != '/')
		return wrong(r, "must be an absolute path");
	free(*ret);
	*ret = garita_xstrdup(name);
	return 0;
}

static int read_schema(struct reader *r, const struct garita_json *value)
{
	if (garita_json_string(value) == NULL)
		return wrong(r, "must be a string");
	return 0;
}

static int read_version(struct reader *r, const struct garita_json *value)
{
	uint64_t version;

	if (garita_json_u64(value, &version) < 0 || version != POLICY_VERSION)
		return wrong(r, "must be 1, the only version there is");
	return 0;
}

static int read_mode(struct reader *r, const struct garita_json *value)
{
	size_t mode;
	int rc = read_word(r, value, "mode", modes, GARITA_COUNT(modes), &mode);

	if (rc == 0)
		r->policy->mode = (enum garita_mode)mode;
	return rc;
}

static int read_profile(struct reader *r, const struct garita_json *value)
{
	struct garita_error reason = { 0 };
	const char *name = garita_json_string(value);

	if (name == NULL)
		return wrong(r, "must be a string like \"restricted@1\"");
	if (garita_policy_set_profile(r->policy, name, &reason) < 0)
		return wrong(r, "%s", reason.text);
	return 0;
}

static int read_fix(struct reader *r, const struct garita_json *value)
{
	if (garita_json_type(value) != GARITA_JSON_BOOL)
		return wrong(r, "must be true or false");
	r->policy->fix = garita_json_bool(value);
	return 0;
}

static int read_action(struct reader *r, const struct garita_json *value,
		       const struct garita_rule *rule,
		       struct garita_setting *setting)
{
	static const char *const words[] = { "off", "warn", "fix", "deny" };
	size_t action;
	int rc = read_word(r, value, "action", words, GARITA_COUNT(words),
			   &action);

	if (rc < 0)
		return rc;
	if (action == GARITA_FIX && rule->fix == NULL)
		return wrong(r,
			     "rule %s has no repair; use \"deny\", \"warn\" or "
			     "\"off\"",
			     rule->id);
	setting->action = (enum garita_action)action;
	setting->set = true;
	return 0;
}

static int unknown_parameter(struct reader *r, const char *key)
{
	struct garita_nearest near = garita_nearest_to(key);

	garita_nearest_try(&near, "action");
	garita_nearest_try(&near, "allow");
	return unknown(r, "parameter", key, near.word);
}

/* {"action": ..., "allow": [...]} */
static int read_rule_object(struct reader *r, const struct garita_json *value,
			    const struct garita_rule *rule,
			    struct garita_setting *setting)
{
	for (size_t i = 0; i < garita_json_count(value); i++) {
		const char *key = garita_json_key(value, i);
		const struct garita_json *item = garita_json_item(value, i);
		int rc;

		garita_json_pointer_add(&r->at, key);
		if (strcmp(key, "action") == 0)
			rc = read_action(r, item, rule, setting);
		else if (strcmp(key, "allow") == 0 && rule->allows != NULL)
			rc = read_strings(r, item, NULL, &setting->allow,
					  &setting->allow_count);
		else if (strcmp(key, "allow") == 0)
			rc = wrong(r, "rule %s takes no \"allow\" list",
				   rule->id);
		else
			rc = unknown_parameter(r, key);
		if (rc < 0)
			return rc;
		r->at.len -= strlen(key) + 1;
		r->at.data[r->at.len] = '\0';
	}
	return 0;
}

static int read_rule(struct reader *r, const struct garita_json *value)
{
	const char *id = strrchr(r->at.data, '/') + 1;
	int index = garita_rule_find(id);
	const struct garita_rule *rule;
	struct garita_setting *setting;

	if (index < 0)
		return unknown(r, "rule", id, garita_rule_nearest(id));
	rule = garita_rule_at((size_t)index);
	setting = &r->policy->settings[index];
	if (garita_json_type(value) == GARITA_JSON_OBJECT)
		return read_rule_object(r, value, rule, setting);
	return read_action(r, value, rule, setting);
}

static int read_rules(struct reader *r, const struct garita_json *value)
{
	if (garita_json_type(value) != GARITA_JSON_OBJECT)
		return wrong(r, "must be an object of rule ids");
	for (size_t i = 0; i < garita_json_count(value); i++) {
		int rc = step(r, garita_json_key(value, i),
			      garita_json_item(value, i), read_rule);

		if (rc < 0)
			return rc;
	}
	return 0;
}

static int read_allow(struct reader *r, const struct garita_json *value)
{
	r->policy->has_allow_list = true;
	return read_strings(r, value, bad_digest, &r->policy->allow,
			    &r->policy->allow_count);
}

static int read_deny(struct reader *r, const struct garita_json *value)
{
	r->policy->has_deny_list = true;
	return read_strings(r, value, bad_digest, &r->policy->deny,
			    &r->policy->deny_count);
}

static int read_allow_file(struct reader *r, const struct garita_json *value)
{
	r->policy->has_allow_list = true;
	return read_file_name(r, value, false, &r->policy->allow_file);
}

static int read_deny_file(struct reader *r, const struct garita_json *value)
{
	r->policy->has_deny_list = true;
	return read_file_name(r, value, false, &r->policy->deny_file);
}

static int read_images(struct reader *r, const struct garita_json *value)
{
	static const struct member members[] = {
		{ "allow", read_allow },
		{ "allow-file", read_allow_file },
		{ "deny", read_deny },
		{ "deny-file", read_deny_file },
	};

	return read_members(r, value, members, GARITA_COUNT(members));
}

static int read_runtime(struct reader *r, const struct garita_json *value)
{
	return read_file_name(r, value, true, &r->policy->runtime);
}

static int read_log_file(struct reader *r, const struct garita_json *value)
{
	return read_file_name(r, value, true, &r->policy->log_file);
}

static int read_log(struct reader *r, const struct garita_json *value)
{
	static const struct member members[] = {
		{ "file", read_log_file },
	};

	return read_members(r, value, members, GARITA_COUNT(members));
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

static int read_policy(struct reader *r, const struct garita_json *root)
{
	static const struct member members[] = {
		{ "$schema", read_schema }, { "version", read_version },
		{ "mode", read_mode },      { "profile", read_profile },
		{ "fix", read_fix },        { "rules", read_rules },
		{ "images", read_images },  { "runtime", read_runtime },
		{ "log", read_log },
	};
	int rc = read_members(r, root, members, GARITA_COUNT(members));

	if (rc < 0)
		return rc;
	if (garita_json_get(root, "version") == NULL)
		return wrong(r, "\"version\": 1 is missing");
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
	garita_policy_set_profile(policy, "restricted@1", NULL);
	return policy;
}

int garita_policy_parse(const char *text, size_t len,
			struct garita_policy **ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_policy *policy;
	struct reader r;
	int rc = garita_json_parse(text, len, GARITA_JSON_COMMENTS, &doc, err);

	if (rc < 0)
		return rc;
	policy = garita_policy_default();
	r = (struct reader){ .doc = doc, .policy = policy, .err = err };
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

void garita_policy_free(struct garita_policy *policy)
{
	if (policy == NULL)
		return;
	for (size_t i = 0; i < garita_rule_count(); i++)
		free_strings(policy->settings[i].allow,
			     policy->settings[i].allow_count);
	free(policy->settings);
	free_strings(policy->allow, policy->allow_count);
	free_strings(policy->deny, policy->deny_count);
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
