/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_scopes - the "scopes" and "exceptions" of the policy file.
 *
 * A scope says the policy differently for some containers; an exception lets
 * something through that the policy refuses, with a reason, somebody who
 * answers for it, and an end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "garita/match.h"
#include "garita/rfc3339.h"
#include "policy/policy_reader.h"

int garita_policy_day_end(const char *day, time_t *ret)
{
	char midnight[sizeof("2027-03-01T00:00:00Z")];
	time_t start;

	if (strlen(day) != strlen("2027-03-01"))
		return -EINVAL;
	snprintf(midnight, sizeof(midnight), "%sT00:00:00Z", day);
	if (garita_rfc3339(midnight, &start) < 0 || start < 0)
		return -EINVAL;
	*ret = start + (time_t)24 * 60 * 60;
	return 0;
}

static int read_name(struct garita_reader *r, const struct garita_json *value)
{
	const struct garita_policy_scope *scopes = r->policy->scopes;
	int rc = garita_reader_text(r, value, &r->scope->name);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i + 1 < r->policy->scope_count; i++)
		if (strcmp(scopes[i].name, r->scope->name) == 0)
			return garita_reader_wrong(
				r, "another scope is called \"%s\"",
				r->scope->name);
	return 0;
}

static int read_profile(struct garita_reader *r,
			const struct garita_json *value)
{
	const char *name = garita_json_string(value);
	struct garita_error reason = { 0 };

	if (name == NULL)
		return garita_reader_wrong(
			r, "must be a string like \"restricted@1\"");
	if (garita_policy_profile_named(name, &r->scope->profile, &reason) < 0)
		return garita_reader_wrong(r, "%s", reason.text);
	r->scope->has_profile = true;
	return 0;
}

static int read_runtime(struct garita_reader *r,
			const struct garita_json *value)
{
	if (r->annotated)
		return garita_reader_wrong(
			r, "an annotation can be written by anybody: it cannot "
			   "choose the runtime");
	return garita_reader_file_name(r, value, true, &r->scope->runtime);
}

/* The last day of something, in both ways of having it. */
static int read_end(struct garita_reader *r, const struct garita_json *value,
		    const char *what, char into[sizeof("2027-03-01")],
		    time_t *ret)
{
	const char *day = garita_json_string(value);

	if (day == NULL || garita_policy_day_end(day, ret) < 0)
		return garita_reader_wrong(
			r,
			"must be a day like \"2027-03-01\", the last on which "
			"the %s holds",
			what);
	memcpy(into, day, sizeof("2027-03-01"));
	return 0;
}

static int read_scope_end(struct garita_reader *r,
			  const struct garita_json *value)
{
	return read_end(r, value, "scope", r->scope->expires, &r->scope->ends);
}

static const struct garita_policy_member scope_members[] = {
	{ .name = "name",
	  .read = read_name,
	  .schema = GARITA_SCHEMA_TEXT,
	  .required = true },
	{ .name = "match",
	  .read = garita_policy_read_match,
	  .table = &garita_policy_match_table,
	  .required = true },
	{ .name = "profile",
	  .read = read_profile,
	  .schema = "{\"$ref\":\"#/$defs/profile\"}" },
	{ .name = "rules",
	  .read = garita_policy_read_rules,
	  .schema = "{\"$ref\":\"#/$defs/rules\"}" },
	{ .name = "network",
	  .read = garita_policy_read_network,
	  .table = &garita_policy_network_table },
	{ .name = "runtime",
	  .read = read_runtime,
	  .schema = GARITA_SCHEMA_ABSOLUTE },
	{ .name = "expires",
	  .read = read_scope_end,
	  .schema = GARITA_SCHEMA_DAY },
};
const struct garita_policy_table garita_policy_scope_table = {
	.members = scope_members,
	.count = GARITA_COUNT(scope_members),
};

/* What else a scope can say could tighten, and with its end be loose again. */
static int check_ending(struct garita_reader *r,
			const struct garita_json *value)
{
	static const char may[][8] = { "name", "match", "rules", "expires" };

	for (size_t i = 0; i < garita_json_count(value); i++) {
		const char *key = garita_json_key(value, i);
		bool known = false;

		for (size_t m = 0; m < GARITA_COUNT(may); m++)
			known = known || strcmp(may[m], key) == 0;
		if (known)
			continue;
		garita_json_pointer_add(&r->at, key);
		return garita_reader_wrong(r, "a scope that ends can only "
					      "loosen rules");
	}
	return 0;
}

static int read_scope(struct garita_reader *r, const struct garita_json *value)
{
	struct garita_policy *policy = r->policy;
	int rc;

	policy->scopes = garita_xresize(policy->scopes, policy->scope_count + 1,
					sizeof(*policy->scopes));
	r->scope = &policy->scopes[policy->scope_count++];
	*r->scope = (struct garita_policy_scope){
		.name = garita_xstrdup(""),
		.origin = garita_reader_origin(r, value),
	};
	r->match = &r->scope->match;
	/* Wherever in the scope it stands. */
	r->annotated = garita_json_get(garita_json_get(value, "match"),
				       "annotations") != NULL;
	rc = garita_reader_members(r, value, &garita_policy_scope_table);
	if (rc == 0 && r->scope->ends != 0)
		rc = check_ending(r, value);
	r->scope = NULL;
	r->match = NULL;
	return rc;
}

int garita_policy_read_scopes(struct garita_reader *r,
			      const struct garita_json *value)
{
	return garita_reader_items(r, value, read_scope);
}

/* At /scopes/<scope>: which rule the scope would loosen. */
static int loosens(struct garita_reader *r, size_t scope, const char *id,
		   enum garita_action from, enum garita_action to)
{
	r->at.len = 0;
	garita_text_printf(&r->at, "/scopes/%zu", scope);
	return garita_reader_wrong(
		r,
		"would loosen %s from %s to %s, but its annotation can be "
		"written by anybody: it can only tighten",
		id, garita_action_name(from), garita_action_name(to));
}

static int check_scope(struct garita_reader *r, size_t at)
{
	const struct garita_policy *policy = r->policy;
	const struct garita_policy_scope *scope = &policy->scopes[at];

	for (size_t i = 0; scope->has_profile && i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);
		enum garita_action from = policy->settings[i].action;
		enum garita_action to =
			garita_profile_action(rule, scope->profile);

		if (!policy->settings[i].set && to < from)
			return loosens(r, at, rule->id, from, to);
	}
	for (size_t i = 0; i < scope->count; i++) {
		size_t rule = scope->overrides[i].rule;
		enum garita_action from = policy->settings[rule].action;
		enum garita_action to = scope->overrides[i].setting.action;

		if (scope->overrides[i].setting.set && to < from)
			return loosens(r, at, garita_rule_at(rule)->id, from,
				       to);
	}
	return 0;
}

/* A parameter's way is known to its rule alone; an action's is not up. */
static int check_loosens(struct garita_reader *r, size_t at)
{
	const struct garita_policy *policy = r->policy;
	const struct garita_policy_scope *scope = &policy->scopes[at];

	for (size_t i = 0; i < scope->count; i++) {
		const struct garita_override *o = &scope->overrides[i];
		const struct garita_rule *rule = garita_rule_at(o->rule);
		bool only_action = o->setting.set && !o->setting.allow_given;

		for (size_t p = 0; p < garita_rule_param_count(rule); p++)
			only_action =
				only_action &&
				!garita_setting_value(&o->setting, p)->given;
		if (only_action &&
		    o->setting.action <= policy->settings[o->rule].action)
			continue;
		r->at.len = 0;
		garita_text_printf(&r->at, "/scopes/%zu/rules/%s", at,
				   rule->id);
		return garita_reader_wrong(
			r, "a scope that ends can only loosen rules: its end "
			   "would loosen this one");
	}
	return 0;
}

int garita_policy_check_scopes(struct garita_reader *r, size_t count)
{
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < count; i++) {
		if (r->policy->scopes[i].match.annotation_count > 0)
			rc = check_scope(r, i);
		if (rc == 0 && r->policy->scopes[i].ends != 0)
			rc = check_loosens(r, i);
	}
	return rc;
}

static int read_excepted(struct garita_reader *r,
			 const struct garita_json *value)
{
	struct garita_exception *exception = r->exception;
	const char *id = garita_json_string(value);
	int rule;

	if (id == NULL)
		return garita_reader_wrong(r, "must be a rule's id");
	rule = garita_rule_find(id);
	if (rule < 0)
		return garita_reader_unknown(r, "rule", id,
					     garita_rule_nearest(id));
	exception->rules =
		garita_xresize(exception->rules, exception->count + 1,
			       sizeof(*exception->rules));
	exception->rules[exception->count++] = (size_t)rule;
	return 0;
}

static int read_rules(struct garita_reader *r, const struct garita_json *value)
{
	int rc = garita_reader_items(r, value, read_excepted);

	if (rc == 0 && r->exception->count == 0)
		return garita_reader_wrong(r, "must name a rule");
	return rc;
}

static int read_reason(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_text(r, value, &r->exception->reason);
}

static int read_owner(struct garita_reader *r, const struct garita_json *value)
{
	return garita_reader_text(r, value, &r->exception->owner);
}

static int read_expires(struct garita_reader *r,
			const struct garita_json *value)
{
	return read_end(r, value, "exception", r->exception->expires,
			&r->exception->ends);
}

static const struct garita_policy_member exception_members[] = {
	{ .name = "rules",
	  .read = read_rules,
	  .schema = "{\"type\":\"array\",\"minItems\":1,\"items\":"
		    "{\"$ref\":\"#/$defs/rule\"}}",
	  .required = true },
	{ .name = "match",
	  .read = garita_policy_read_match,
	  .table = &garita_policy_match_table,
	  .required = true },
	{ .name = "reason",
	  .read = read_reason,
	  .schema = GARITA_SCHEMA_TEXT,
	  .required = true },
	{ .name = "owner",
	  .read = read_owner,
	  .schema = GARITA_SCHEMA_TEXT,
	  .required = true },
	{ .name = "expires",
	  .read = read_expires,
	  .schema = GARITA_SCHEMA_DAY,
	  .required = true },
};
const struct garita_policy_table garita_policy_exception_table = {
	.members = exception_members,
	.count = GARITA_COUNT(exception_members),
};

static int read_exception(struct garita_reader *r,
			  const struct garita_json *value)
{
	struct garita_policy *policy = r->policy;
	int rc;

	policy->exceptions =
		garita_xresize(policy->exceptions, policy->exception_count + 1,
			       sizeof(*policy->exceptions));
	r->exception = &policy->exceptions[policy->exception_count++];
	*r->exception = (struct garita_exception){
		.origin = garita_reader_origin(r, value),
	};
	r->match = &r->exception->match;
	rc = garita_reader_members(r, value, &garita_policy_exception_table);
	if (rc == 0 && r->match->annotation_count > 0) {
		garita_text_puts(&r->at, "/match/annotations");
		rc = garita_reader_wrong(
			r, "an annotation can be written by anybody: it can "
			   "only tighten, and an exception loosens");
	}
	r->exception = NULL;
	r->match = NULL;
	return rc;
}

int garita_policy_read_exceptions(struct garita_reader *r,
				  const struct garita_json *value)
{
	return garita_reader_items(r, value, read_exception);
}

static void free_scope(struct garita_policy_scope *scope)
{
	for (size_t i = 0; i < scope->count; i++)
		garita_setting_free(&scope->overrides[i].setting,
				    garita_rule_at(scope->overrides[i].rule));
	free(scope->overrides);
	free(scope->name);
	garita_network_free(&scope->network);
	free(scope->runtime);
	garita_selector_free(&scope->match);
}

void garita_policy_free_scopes(struct garita_policy *policy)
{
	for (size_t i = 0; i < policy->scope_count; i++)
		free_scope(&policy->scopes[i]);
	free(policy->scopes);
	for (size_t i = 0; i < policy->exception_count; i++) {
		struct garita_exception *exception = &policy->exceptions[i];

		free(exception->rules);
		free(exception->reason);
		free(exception->owner);
		garita_selector_free(&exception->match);
	}
	free(policy->exceptions);
}
