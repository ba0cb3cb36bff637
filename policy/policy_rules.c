/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_rules - the "rules" of the policy file: by rule id an action, or an
 * object of an action and parameters. Which parameters there are is said by
 * the rule's own row.
 */
#include "policy/policy_reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/nearest.h"

/* What reading one rule's object needs beside the reader. */
struct target {
	const struct garita_rule *rule;
	struct garita_setting *setting;
};

static int read_action(struct garita_reader *r, const struct garita_json *value,
		       const struct target *to)
{
	static const char *const words[] = { "off", "warn", "fix", "deny" };
	size_t action;
	int rc = garita_reader_word(r, value, "action", words,
				    GARITA_COUNT(words), &action);

	if (rc < 0)
		return rc;
	if (action == GARITA_FIX && to->rule->fix == NULL)
		return garita_reader_wrong(
			r,
			"rule %s has no repair; use \"deny\", \"warn\" or "
			"\"off\"",
			to->rule->id);
	to->setting->action = (enum garita_action)action;
	to->setting->set = true;
	to->setting->origin = garita_reader_origin(r, value);
	return 0;
}

static int read_number(struct garita_reader *r, const struct garita_json *value,
		       const struct garita_param *param,
		       struct garita_value *into)
{
	int64_t number;

	if (garita_json_i64(value, &number) < 0)
		return garita_reader_wrong(r, "must be a whole number");
	if (number < param->least || number > param->most)
		return garita_reader_wrong(r, "must be from %lld to %lld",
					   (long long)param->least,
					   (long long)param->most);
	into->number = number;
	into->given = true;
	return 0;
}

static int read_allow(struct garita_reader *r, const struct garita_json *value,
		      struct garita_setting *into)
{
	int rc = garita_reader_strings(r, value, NULL, &into->allow,
				       &into->allow_count);

	if (rc == 0) {
		into->allow_given = true;
		into->allow_origin = garita_reader_origin(r, value);
	}
	return rc;
}

static int read_param(struct garita_reader *r, const struct garita_json *value,
		      const struct garita_param *param,
		      struct garita_value *into)
{
	int rc = 0;

	switch (param->kind) {
	case GARITA_PARAM_STRINGS:
		rc = garita_reader_strings(r, value, NULL, &into->strings,
					   &into->count);
		into->given = rc == 0;
		break;
	case GARITA_PARAM_NUMBER:
		rc = read_number(r, value, param, into);
		break;
	}
	if (rc == 0)
		into->origin = garita_reader_origin(r, value);
	return rc;
}

static struct garita_value *value_at(struct garita_setting *setting,
				     const struct garita_rule *rule, size_t i)
{
	if (setting->values == NULL)
		setting->values = garita_xcalloc(garita_rule_param_count(rule),
						 sizeof(*setting->values));
	return &setting->values[i];
}

static int unknown_parameter(struct garita_reader *r,
			     const struct garita_rule *rule, const char *key)
{
	struct garita_nearest near = garita_nearest_to(key);

	if (strcmp(key, "allow") == 0)
		return garita_reader_wrong(r, "rule %s takes no \"allow\" list",
					   rule->id);
	garita_nearest_try(&near, "action");
	if (rule->allows != NULL)
		garita_nearest_try(&near, "allow");
	for (size_t i = 0; i < garita_rule_param_count(rule); i++)
		garita_nearest_try(&near, rule->params[i].name);
	return garita_reader_unknown(r, "parameter", key, near.word);
}

static int read_member(struct garita_reader *r, const char *key,
		       const struct garita_json *value, const struct target *to)
{
	const struct garita_rule *rule = to->rule;

	if (strcmp(key, "action") == 0)
		return read_action(r, value, to);
	/* Which way a parameter goes, only its rule knows. */
	if (r->scope != NULL && r->annotated)
		return garita_reader_wrong(
			r, "a scope that an annotation selects can only give "
			   "actions: a parameter could loosen");
	if (strcmp(key, "allow") == 0 && rule->allows != NULL)
		return read_allow(r, value, to->setting);
	for (size_t i = 0; i < garita_rule_param_count(rule); i++)
		if (strcmp(key, rule->params[i].name) == 0)
			return read_param(r, value, &rule->params[i],
					  value_at(to->setting, rule, i));
	return unknown_parameter(r, rule, key);
}

/* {"action": ..., "allow": [...], ...} */
static int read_object(struct garita_reader *r, const struct garita_json *value,
		       const struct target *to)
{
	for (size_t i = 0; i < garita_json_count(value); i++) {
		size_t len = r->at.len;
		const char *key = garita_json_key(value, i);
		int rc;

		garita_json_pointer_add(&r->at, key);
		rc = read_member(r, key, garita_json_item(value, i), to);
		if (rc < 0)
			return rc;
		garita_reader_back(r, len);
	}
	return 0;
}

/* The policy's own setting, or one more override of the scope. */
static struct garita_setting *setting_of(struct garita_reader *r, size_t rule)
{
	struct garita_policy_scope *scope = r->scope;
	struct garita_override *added;

	if (scope == NULL)
		return &r->policy->settings[rule];
	scope->overrides = garita_xresize(scope->overrides, scope->count + 1,
					  sizeof(*scope->overrides));
	added = &scope->overrides[scope->count++];
	*added = (struct garita_override){ .rule = rule };
	return &added->setting;
}

void garita_setting_free(struct garita_setting *setting,
			 const struct garita_rule *rule)
{
	for (size_t i = 0;
	     setting->values != NULL && i < garita_rule_param_count(rule); i++)
		garita_free_strings(setting->values[i].strings,
				    setting->values[i].count);
	free(setting->values);
	garita_free_strings(setting->allow, setting->allow_count);
}

static int read_rule(struct garita_reader *r, const struct garita_json *value)
{
	const char *id = strrchr(r->at.data, '/') + 1;
	int index = garita_rule_find(id);
	struct target to;

	if (index < 0)
		return garita_reader_unknown(r, "rule", id,
					     garita_rule_nearest(id));
	to = (struct target){ garita_rule_at((size_t)index),
			      setting_of(r, (size_t)index) };
	if (garita_json_type(value) == GARITA_JSON_OBJECT)
		return read_object(r, value, &to);
	return read_action(r, value, &to);
}

int garita_policy_read_rules(struct garita_reader *r,
			     const struct garita_json *value)
{
	if (garita_json_type(value) != GARITA_JSON_OBJECT)
		return garita_reader_wrong(r, "must be an object of rule ids");
	for (size_t i = 0; i < garita_json_count(value); i++) {
		int rc = garita_reader_step(r, garita_json_key(value, i),
					    garita_json_item(value, i),
					    read_rule);

		if (rc < 0)
			return rc;
	}
	return 0;
}
