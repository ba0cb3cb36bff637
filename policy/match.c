/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * match - the settings that hold for one container; see the header.
 */
#include "garita/match.h"

#include <stdlib.h>
#include <string.h>

static bool matches(const struct garita_selector *match,
		    const struct garita_case *of)
{
	return garita_selector_matches(match, of->spec, of->image, of->host);
}

static bool may_match(const struct garita_selector *match,
		      const struct garita_case *of)
{
	return garita_selector_may_match(match, of->spec, of->image, of->host);
}

/* What the scope gives takes the place of what the policy has; the rest, and
 * all memory, stays the policy's. */
static void override(struct garita_setting *setting,
		     const struct garita_override *with)
{
	const struct garita_setting *given = &with->setting;
	size_t params = garita_rule_param_count(garita_rule_at(with->rule));

	if (given->set) {
		setting->action = given->action;
		setting->set = true;
	}
	if (given->allow_given) {
		setting->allow = given->allow;
		setting->allow_count = given->allow_count;
	}
	for (size_t i = 0; given->values != NULL && i < params; i++)
		if (given->values[i].given)
			setting->values[i] = given->values[i];
}

static void refine(const struct garita_policy_scope *scope,
		   struct garita_applied *ret)
{
	struct garita_rule_walk at = { 0 };

	while (scope->has_profile && garita_rule_next(&at))
		if (!ret->own[at.i].set)
			ret->own[at.i].action =
				garita_profile_action(at.rule, scope->profile);
	if (scope->has_profile)
		ret->profile = scope->profile;
	for (size_t i = 0; i < scope->count; i++)
		override(&ret->own[scope->overrides[i].rule],
			 &scope->overrides[i]);
}

static void raise_to(struct garita_setting *setting, enum garita_action action)
{
	if (action > setting->action)
		setting->action = action;
}

/* For a scope that an annotation selects: up, never down. */
static void tighten(const struct garita_policy_scope *scope,
		    struct garita_applied *ret)
{
	struct garita_rule_walk at = { 0 };

	while (scope->has_profile && garita_rule_next(&at))
		if (!ret->own[at.i].set)
			raise_to(
				&ret->own[at.i],
				garita_profile_action(at.rule, scope->profile));
	if (scope->has_profile && scope->profile > ret->profile)
		ret->profile = scope->profile;
	for (size_t i = 0; i < scope->count; i++)
		raise_to(&ret->own[scope->overrides[i].rule],
			 scope->overrides[i].setting.action);
}

static size_t param_total(void)
{
	struct garita_rule_walk at = { 0 };
	size_t total = 0;

	while (garita_rule_next(&at))
		total += garita_rule_param_count(at.rule);
	return total;
}

/* A copy of the policy's settings in one piece: the values of all rules lie
 * behind the settings. Lists and strings are borrowed from the policy. */
static struct garita_setting *copy_settings(const struct garita_policy *policy)
{
	size_t rules = garita_rule_count();
	struct garita_setting *copy =
		garita_xalloc(rules * sizeof(*copy) +
			      param_total() * sizeof(struct garita_value));
	struct garita_value *values = (struct garita_value *)(copy + rules);
	struct garita_rule_walk at = { 0 };

	while (garita_rule_next(&at)) {
		const struct garita_setting *of = &policy->settings[at.i];
		size_t params = garita_rule_param_count(at.rule);

		copy[at.i] = *of;
		copy[at.i].values = values;
		for (size_t p = 0; p < params; p++)
			*values++ = *garita_setting_value(of, p);
	}
	return copy;
}

static void apply_scopes(const struct garita_policy *policy,
			 const struct garita_case *of,
			 struct garita_applied *ret)
{
	for (size_t i = 0; i < policy->scope_count; i++) {
		const struct garita_policy_scope *scope = &policy->scopes[i];
		bool by_annotation = scope->match.annotation_count > 0;

		if (by_annotation || ret->scope != NULL ||
		    (scope->ends != 0 && of->now >= scope->ends))
			continue;
		if (ret->doubtful == NULL && may_match(&scope->match, of))
			ret->doubtful = scope;
		if (!matches(&scope->match, of))
			continue;
		ret->own = copy_settings(policy);
		ret->scope = scope;
		refine(scope, ret);
	}
	for (size_t i = 0; i < policy->scope_count; i++) {
		const struct garita_policy_scope *scope = &policy->scopes[i];

		if (scope->match.annotation_count == 0)
			continue;
		if (ret->doubtful == NULL && may_match(&scope->match, of))
			ret->doubtful = scope;
		if (!matches(&scope->match, of))
			continue;
		if (ret->own == NULL)
			ret->own = copy_settings(policy);
		tighten(scope, ret);
	}
	if (ret->own != NULL)
		ret->settings = ret->own;
}

/* The exception that ends last is the one that counts. */
static void note(const struct garita_exception **of_rules,
		 const struct garita_exception *exception)
{
	for (size_t i = 0; i < exception->count; i++) {
		const struct garita_exception **at =
			&of_rules[exception->rules[i]];

		if (*at == NULL || (*at)->ends < exception->ends)
			*at = exception;
	}
}

static void apply_exceptions(const struct garita_policy *policy,
			     const struct garita_case *of,
			     struct garita_applied *ret)
{
	size_t rules = garita_rule_count();

	ret->excepted = garita_xcalloc(rules, sizeof(*ret->excepted));
	ret->ended = garita_xcalloc(rules, sizeof(*ret->ended));
	ret->perhaps = garita_xcalloc(rules, sizeof(*ret->perhaps));
	for (size_t i = 0; i < policy->exception_count; i++) {
		const struct garita_exception *exception =
			&policy->exceptions[i];

		if (matches(&exception->match, of))
			note(of->now < exception->ends ? ret->excepted
						       : ret->ended,
			     exception);
		else if (of->now < exception->ends &&
			 may_match(&exception->match, of))
			note(ret->perhaps, exception);
	}
}

/* What the scope gives takes the place of what the policy has. */
static void refine_network(const struct garita_network *with,
			   struct garita_network *network)
{
	network->given = network->given || with->given;
	if (with->has_listen) {
		network->has_listen = true;
		network->listen = with->listen;
		network->listen_count = with->listen_count;
	}
	if (with->has_egress) {
		network->has_egress = true;
		network->egress = with->egress;
		network->egress_count = with->egress_count;
	}
	if (with->metadata_said || (with->given && !network->metadata_said)) {
		network->metadata_said = with->metadata_said;
		network->deny_metadata = with->deny_metadata;
	}
}

/* Who says what is to be guarded means it, under any profile. */
static void enforce_network(const struct garita_policy *policy,
			    const struct garita_network *network,
			    struct garita_applied *ret)
{
	for (enum garita_guard_part p = 0; p < GARITA_GUARD_PARTS; p++) {
		size_t rule = (size_t)garita_rule_find(garita_guard_rule(p));

		if (!garita_network_says(network, p) || ret->settings[rule].set)
			continue;
		if (ret->own == NULL)
			ret->own = copy_settings(policy);
		ret->settings = ret->own;
		raise_to(&ret->own[rule], GARITA_FIX);
	}
}

/* A guard that an annotation selects is one more: no guard opens what another
 * has shut. */
static void apply_networks(const struct garita_policy *policy,
			   const struct garita_case *of,
			   struct garita_applied *ret)
{
	struct garita_network *networks =
		garita_xcalloc(policy->scope_count + 1, sizeof(*networks));
	size_t count = 0;

	networks[0] = policy->network;
	if (ret->scope != NULL)
		refine_network(&ret->scope->network, &networks[0]);
	count += networks[0].given;
	for (size_t i = 0; i < policy->scope_count; i++) {
		const struct garita_policy_scope *scope = &policy->scopes[i];

		if (scope->match.annotation_count > 0 && scope->network.given &&
		    matches(&scope->match, of))
			networks[count++] = scope->network;
	}
	for (size_t i = 0; i < count; i++)
		enforce_network(policy, &networks[i], ret);
	ret->networks = networks;
	ret->network_count = count;
}

void garita_policy_apply(const struct garita_policy *policy,
			 const struct garita_spec *spec,
			 const struct garita_image *image,
			 const struct garita_host *host, time_t now,
			 struct garita_applied *ret)
{
	const struct garita_case of = {
		.spec = spec,
		.image = image,
		.host = host,
		.now = now,
	};

	*ret = (struct garita_applied){
		.settings = policy->settings,
		.profile = policy->profile,
	};
	if (policy->scope_count > 0)
		apply_scopes(policy, &of, ret);
	if (policy->exception_count > 0)
		apply_exceptions(policy, &of, ret);
	if (garita_policy_has_network(policy))
		apply_networks(policy, &of, ret);
}

/* Which store it was, and why it did not tell. */
static void put_store(const struct garita_image *image, struct garita_text *out)
{
	garita_text_printf(out, "%s%s%s",
			   image->store != NULL ? "the store of " : "",
			   image->store != NULL ? image->store : "",
			   image->store != NULL ? ": " : "");
	garita_text_puts(out,
			 *image->why_not ? image->why_not : "nobody looked");
}

static const time_t day_s = (time_t)24 * 60 * 60;

static char *until(const struct garita_exception *exception, time_t now)
{
	time_t days = (exception->ends - now) / day_s;
	auto_text words = { 0 };

	garita_text_printf(&words, "%s (%s, until %s", exception->reason,
			   exception->owner, exception->expires);
	if (days < GARITA_EXCEPTION_WARN_DAYS)
		garita_text_printf(&words, ": %s%lld day%s left",
				   days == 0 ? "less than " : "",
				   (long long)(days == 0 ? 1 : days),
				   days <= 1 ? "" : "s");
	garita_text_putc(&words, ')');
	return garita_text_take(&words);
}

static char *ended(const struct garita_exception *exception)
{
	auto_text words = { 0 };

	garita_text_printf(&words, "ended with %s: %s (%s)", exception->expires,
			   exception->reason, exception->owner);
	return garita_text_take(&words);
}

static char *perhaps(const struct garita_exception *exception,
		     const struct garita_image *image)
{
	auto_text words = { 0 };

	garita_text_printf(&words,
			   "would be for some images (%s, %s), but which this "
			   "is cannot be told: ",
			   exception->reason, exception->owner);
	put_store(image, &words);
	return garita_text_take(&words);
}

int garita_applied_doubt(const struct garita_applied *applied,
			 const struct garita_image *image,
			 struct garita_error *err)
{
	auto_text words = { 0 };

	put_store(image, &words);
	return garita_fail(err, ENODATA,
			   "the policy's scope \"%s\" is for some images, and "
			   "which this is cannot be told: %s; see to that and "
			   "start it again (garita image inspect tells more)",
			   applied->doubtful->name, words.data);
}

void garita_applied_except(const struct garita_applied *applied,
			   const struct garita_image *image, time_t now,
			   struct garita_verdict *verdict)
{
	if (applied->excepted == NULL)
		return;
	for (size_t i = 0; i < verdict->count; i++) {
		struct garita_finding *f = &verdict->findings[i];
		size_t rule = (size_t)garita_rule_find(f->rule->id);
		const struct garita_exception *by = applied->excepted[rule];

		if (by != NULL) {
			f->exception = until(by, now);
			f->action =
				by->ends - now < GARITA_EXCEPTION_WARN_DAYS *
							 day_s
					? GARITA_WARN
					: GARITA_OFF;
		} else if (applied->ended[rule] != NULL &&
			   f->action >= GARITA_FIX) {
			f->exception = ended(applied->ended[rule]);
		}
		if (by == NULL && applied->perhaps[rule] != NULL &&
		    f->action >= GARITA_FIX) {
			free(f->exception);
			f->exception = perhaps(applied->perhaps[rule], image);
			f->action = GARITA_DENY;
		}
	}
}

void garita_applied_free(struct garita_applied *applied)
{
	free(applied->own);
	free(applied->networks);
	free(applied->excepted);
	free(applied->ended);
	free(applied->perhaps);
	*applied = (struct garita_applied){ 0 };
}
