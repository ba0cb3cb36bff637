/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reach - what a policy can come to ask, of any container, and what a scope of
 * it takes back or adds. By that the gate knows what it need not look at, and
 * `garita policy check` what to warn of.
 */
#include "garita/match.h"

bool garita_policy_selects_images(const struct garita_policy *policy)
{
	for (size_t i = 0; i < policy->scope_count; i++)
		if (garita_selector_asks_image(&policy->scopes[i].match))
			return true;
	for (size_t i = 0; i < policy->exception_count; i++)
		if (garita_selector_asks_image(&policy->exceptions[i].match))
			return true;
	return false;
}

static bool scope_asks(const struct garita_policy *policy,
		       const struct garita_policy_scope *scope, size_t rule,
		       enum garita_action least)
{
	if (scope->has_profile && !policy->settings[rule].set &&
	    garita_profile_action(garita_rule_at(rule), scope->profile) >=
		    least)
		return true;
	for (enum garita_guard_part p = 0; p < GARITA_GUARD_PARTS; p++)
		if (garita_network_says(&scope->network, p) &&
		    (size_t)garita_rule_find(garita_guard_rule(p)) == rule)
			return true;
	for (size_t i = 0; i < scope->count; i++)
		if (scope->overrides[i].rule == rule &&
		    scope->overrides[i].setting.set &&
		    scope->overrides[i].setting.action >= least)
			return true;
	return false;
}

static bool asks(const struct garita_policy *policy, size_t rule,
		 enum garita_action least)
{
	if (policy->settings[rule].action >= least)
		return true;
	for (size_t i = 0; i < policy->scope_count; i++)
		if (scope_asks(policy, &policy->scopes[i], rule, least))
			return true;
	return false;
}

bool garita_policy_asks(const struct garita_policy *policy, size_t rule)
{
	return asks(policy, rule, GARITA_WARN);
}

bool garita_policy_asks_host(const struct garita_policy *policy)
{
	struct garita_rule_walk at = { 0 };

	while (garita_rule_next(&at))
		if (at.rule->scope == GARITA_SCOPE_HOST &&
		    asks(policy, at.i, policy->host_at_start))
			return true;
	return false;
}

/* What takes the place of something else may be more of it. */
static bool network_loosens(const struct garita_network *base,
			    const struct garita_network *with)
{
	return (base->has_listen && with->has_listen) ||
	       (base->has_egress && with->has_egress) ||
	       (base->deny_metadata && with->given && !with->deny_metadata);
}

bool garita_scope_loosens(const struct garita_policy *policy,
			  const struct garita_policy_scope *scope)
{
	if (network_loosens(&policy->network, &scope->network))
		return true;
	for (size_t i = 0; scope->has_profile && i < garita_rule_count(); i++)
		if (!policy->settings[i].set &&
		    garita_profile_action(garita_rule_at(i), scope->profile) <
			    policy->settings[i].action)
			return true;
	for (size_t i = 0; i < scope->count; i++) {
		const struct garita_override *o = &scope->overrides[i];
		const struct garita_setting *base = &policy->settings[o->rule];
		size_t params =
			garita_rule_param_count(garita_rule_at(o->rule));

		if (o->setting.set && o->setting.action < base->action)
			return true;
		/* Which way a parameter goes is known to its rule alone. */
		if (o->setting.allow_given && o->setting.allow_count > 0)
			return true;
		for (size_t p = 0; p < params; p++)
			if (garita_setting_value(&o->setting, p)->given)
				return true;
	}
	return false;
}

/* A network guard is one more where there was none. */
bool garita_scope_tightens(const struct garita_policy *policy,
			   const struct garita_policy_scope *scope)
{
	if (scope->network.given)
		return true;
	for (size_t i = 0; scope->has_profile && i < garita_rule_count(); i++)
		if (!policy->settings[i].set &&
		    garita_profile_action(garita_rule_at(i), scope->profile) >
			    policy->settings[i].action)
			return true;
	for (size_t i = 0; i < scope->count; i++) {
		const struct garita_override *o = &scope->overrides[i];

		if (o->setting.set &&
		    o->setting.action > policy->settings[o->rule].action)
			return true;
	}
	return false;
}
