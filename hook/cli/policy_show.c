/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_show - the effective policy, as a policy file whose comments say
 * where each line came from. Read again, it decides the same.
 */
#include <stdio.h>
#include <string.h>

#include "hook/cli/policy_lines.h"
#include "hook/report/report.h"

static bool has_params(const struct garita_rule *rule,
		       const struct garita_setting *setting)
{
	for (size_t i = 0; i < garita_rule_param_count(rule); i++)
		if (garita_setting_value(setting, i)->given)
			return true;
	return setting->allow_given;
}

static void put_params(struct garita_lines *s, const struct garita_rule *rule,
		       const struct garita_setting *setting)
{
	if (setting->allow_given)
		garita_lines_list(s, "allow", setting->allow,
				  setting->allow_count, &setting->allow_origin);
	for (size_t i = 0; i < garita_rule_param_count(rule); i++) {
		const struct garita_value *value =
			garita_setting_value(setting, i);

		if (!value->given)
			continue;
		switch (rule->params[i].kind) {
		case GARITA_PARAM_STRINGS:
			garita_lines_list(s, rule->params[i].name,
					  value->strings, value->count,
					  &value->origin);
			break;
		case GARITA_PARAM_NUMBER:
			garita_lines_begin(s, rule->params[i].name);
			garita_text_printf(&s->out, "%lld",
					   (long long)value->number);
			garita_lines_note(s, &value->origin, "default");
			break;
		}
	}
}

/* What the operator said of a rule; nothing where the profile speaks. */
static void put_rule(struct garita_lines *s, const struct garita_rule *rule,
		     const struct garita_setting *setting)
{
	if (!has_params(rule, setting)) {
		if (!setting->set)
			return;
		garita_lines_begin(s, rule->id);
		garita_lines_string(s, garita_action_name(setting->action));
		garita_lines_note(s, &setting->origin, "");
		return;
	}
	garita_lines_open(s, rule->id, "{");
	if (setting->set) {
		garita_lines_begin(s, "action");
		garita_lines_string(s, garita_action_name(setting->action));
		garita_lines_note(s, &setting->origin, "");
	}
	put_params(s, rule, setting);
	garita_lines_close(s, "}");
}

/* What the profile says of the others, as comments: were they members, no
 * scope's profile would change them when this is read again. */
static void put_profile(struct garita_lines *s)
{
	const char *profile = garita_policy_profile_words(s->policy);

	garita_lines_end(s, "");
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_setting *setting = &s->policy->settings[i];

		if (!setting->set)
			garita_text_printf(&s->out, "    // %s: %s, by %s\n",
					   garita_rule_at(i)->id,
					   garita_action_name(setting->action),
					   profile);
	}
	s->depth--;
	garita_text_puts(&s->out, "  }");
	s->first = false;
}

static void put_uids(struct garita_lines *s,
		     const struct garita_selector *match)
{
	if (match->uid_count == 0)
		return;
	garita_lines_begin(s, "uid");
	for (size_t i = 0; i < match->uid_count; i++)
		garita_text_printf(&s->out, "%s\"%u-%u\"", i ? ", " : "[",
				   match->uids[i].least, match->uids[i].most);
	garita_text_putc(&s->out, ']');
}

static void put_match(struct garita_lines *s,
		      const struct garita_selector *match)
{
	garita_lines_open(s, "match", "{");
	garita_lines_patterns(s, "image", &match->images);
	garita_lines_patterns(s, "digest", &match->digests);
	if (match->stores.count > 0) {
		garita_lines_begin(s, "store");
		garita_lines_string(s, match->stores.words[0]);
	}
	put_uids(s, match);
	garita_lines_patterns(s, "args", &match->args);
	garita_lines_patterns(s, "bundle", &match->bundles);
	garita_lines_patterns(s, "host", &match->hosts);
	garita_lines_patterns(s, "cgroup", &match->cgroups);
	if (match->annotation_count > 0) {
		garita_lines_open(s, "annotations", "{");
		for (size_t i = 0; i < match->annotation_count; i++)
			garita_lines_patterns(s, match->annotations[i].key,
					      &match->annotations[i].values);
		garita_lines_close(s, "}");
	}
	garita_lines_close(s, "}");
}

static void put_ports(struct garita_lines *s, const char *key,
		      const struct garita_ports *ports, size_t count)
{
	garita_lines_begin(s, key);
	garita_text_putc(&s->out, '[');
	for (size_t i = 0; i < count; i++) {
		garita_text_puts(&s->out, i ? ", \"" : "\"");
		garita_ports_words(&ports[i], &s->out);
		garita_text_putc(&s->out, '"');
	}
	garita_text_putc(&s->out, ']');
}

static void put_egress(struct garita_lines *s,
		       const struct garita_network *network)
{
	garita_lines_open(s, "egress", "[");
	for (size_t i = 0; i < network->egress_count; i++) {
		const struct garita_egress *egress = &network->egress[i];
		auto_text to = { 0 };

		garita_cidr_words(&egress->to, &to);
		if (egress->port_count == 0) {
			garita_lines_begin(s, NULL);
			garita_lines_string(s, to.data);
			continue;
		}
		garita_lines_open(s, NULL, "{");
		garita_lines_text(s, "to", to.data);
		put_ports(s, "ports", egress->ports, egress->port_count);
		garita_lines_close(s, "}");
	}
	garita_lines_close(s, "]");
}

static void put_network(struct garita_lines *s,
			const struct garita_network *network,
			const struct garita_origin *at)
{
	if (!network->given)
		return;
	garita_lines_open(s, "network", "{");
	if (at != NULL)
		garita_lines_note(s, at, "default");
	if (network->has_listen)
		put_ports(s, "listen", network->listen, network->listen_count);
	if (network->has_egress)
		put_egress(s, network);
	if (network->metadata_said) {
		garita_lines_begin(s, "deny-metadata");
		garita_text_puts(&s->out,
				 network->deny_metadata ? "true" : "false");
	}
	garita_lines_close(s, "}");
}

static void put_scope(struct garita_lines *s,
		      const struct garita_policy_scope *scope)
{
	garita_lines_open(s, NULL, "{");
	garita_lines_note(s, &scope->origin, "");
	garita_lines_text(s, "name", scope->name);
	put_match(s, &scope->match);
	if (scope->has_profile)
		garita_lines_text(s, "profile",
				  garita_profile_name(scope->profile));
	if (scope->ends != 0)
		garita_lines_text(s, "expires", scope->expires);
	if (scope->count > 0) {
		garita_lines_open(s, "rules", "{");
		for (size_t i = 0; i < scope->count; i++)
			put_rule(s, garita_rule_at(scope->overrides[i].rule),
				 &scope->overrides[i].setting);
		garita_lines_close(s, "}");
	}
	put_network(s, &scope->network, NULL);
	if (scope->runtime != NULL)
		garita_lines_text(s, "runtime", scope->runtime);
	garita_lines_close(s, "}");
}

static void put_exception(struct garita_lines *s,
			  const struct garita_exception *exception)
{
	garita_lines_open(s, NULL, "{");
	garita_lines_note(s, &exception->origin, "");
	garita_lines_begin(s, "rules");
	for (size_t i = 0; i < exception->count; i++) {
		garita_text_puts(&s->out, i ? ", " : "[");
		garita_lines_string(s, garita_rule_at(exception->rules[i])->id);
	}
	garita_text_putc(&s->out, ']');
	put_match(s, &exception->match);
	garita_lines_text(s, "reason", exception->reason);
	garita_lines_text(s, "owner", exception->owner);
	garita_lines_text(s, "expires", exception->expires);
	garita_lines_close(s, "}");
}

static void put_host(struct garita_lines *s)
{
	static const char *const words[] = {
		[GARITA_OFF] = "warn",    [GARITA_WARN] = "warn",
		[GARITA_FIX] = "deny",    [GARITA_DENY] = "deny",
		[GARITA_ACTIONS] = "off",
	};
	const struct garita_policy *policy = s->policy;

	garita_lines_open(s, "host", "{");
	garita_lines_member(s, "at-start", words[policy->host_at_start],
			    GARITA_ORIGIN_HOST_AT_START);
	garita_lines_begin(s, "max-age");
	garita_text_printf(&s->out, "%u", policy->host_max_age_h);
	garita_lines_note(s, &policy->origins[GARITA_ORIGIN_HOST_MAX_AGE],
			  "default");
	garita_lines_close(s, "}");
}

static void put_log(struct garita_lines *s)
{
	static const enum garita_policy_origin origins[GARITA_LOG_TOS] = {
		[GARITA_LOG_TO_FILE] = GARITA_ORIGIN_LOG_FILE,
		[GARITA_LOG_TO_AUDIT] = GARITA_ORIGIN_LOG_AUDIT,
		[GARITA_LOG_TO_SYSLOG] = GARITA_ORIGIN_LOG_SYSLOG,
		[GARITA_LOG_TO_JOURNAL] = GARITA_ORIGIN_LOG_JOURNAL,
	};
	static const char *const words[] = {
		[GARITA_LOG_OFF] = "false",
		[GARITA_LOG_ON] = "true",
		[GARITA_LOG_REQUIRED] = "\"required\"",
	};

	garita_lines_open(s, "log", "{");
	for (enum garita_log_to to = 0; to < GARITA_LOG_TOS; to++) {
		garita_lines_begin(s, garita_log_to_name(to));
		garita_text_puts(&s->out, words[s->policy->log[to]]);
		garita_lines_note(s, &s->policy->origins[origins[to]],
				  "default");
	}
	garita_lines_member(s, "path", s->policy->log_file,
			    GARITA_ORIGIN_LOG_PATH);
	garita_lines_close(s, "}");
}

static void put_parts(struct garita_lines *s)
{
	const struct garita_policy *policy = s->policy;

	garita_policy_show_images(s);
	put_network(s, &policy->network,
		    &policy->origins[GARITA_ORIGIN_NETWORK]);
	if (policy->scope_count > 0) {
		garita_lines_open(s, "scopes", "[");
		for (size_t i = 0; i < policy->scope_count; i++)
			put_scope(s, &policy->scopes[i]);
		garita_lines_close(s, "]");
	}
	if (policy->exception_count > 0) {
		garita_lines_open(s, "exceptions", "[");
		for (size_t i = 0; i < policy->exception_count; i++)
			put_exception(s, &policy->exceptions[i]);
		garita_lines_close(s, "]");
	}
	garita_lines_member(s, "runtime", policy->runtime,
			    GARITA_ORIGIN_RUNTIME);
	put_host(s);
	put_log(s);
}

static void put_policy(struct garita_lines *s)
{
	const struct garita_policy *policy = s->policy;

	garita_text_putc(&s->out, '{');
	s->first = true;
	s->depth = 1;
	garita_lines_begin(s, "version");
	garita_text_putc(&s->out, '1');
	garita_lines_member(s, "mode",
			    policy->mode == GARITA_MODE_DRY_RUN ? "dry-run"
								: "enforce",
			    GARITA_ORIGIN_MODE);
	garita_lines_member(s, "profile", garita_policy_profile_words(policy),
			    GARITA_ORIGIN_PROFILE);
	garita_lines_begin(s, "fix");
	garita_text_puts(&s->out, policy->fix ? "true" : "false");
	garita_lines_note(s, &policy->origins[GARITA_ORIGIN_FIX], "default");
	garita_lines_open(s, "rules", "{");
	for (size_t i = 0; i < garita_rule_count(); i++)
		put_rule(s, garita_rule_at(i), &policy->settings[i]);
	put_profile(s);
	put_parts(s);
	garita_lines_close(s, "}");
	garita_text_putc(&s->out, '\n');
}

static int run(const struct garita_cli *cli)
{
	const char *profile = NULL;
	const struct garita_cli_option table[] = {
		{ "--profile", &profile, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	struct garita_gate_options options = { 0 };
	struct garita_error error = { 0 };
	auto_gate gate = { 0 };
	struct garita_lines show = { 0 };
	size_t count;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count > 1) {
		garita_cli_complain(cli, "give one FILE");
		return GARITA_EXIT_ERROR;
	}
	options.policy = count > 0 ? words[0] : NULL;
	options.profile = profile;
	if (garita_gate_open(&options, &gate, &error) < 0)
		return garita_cli_fail(cli, &error);
	show.policy = gate.policy;
	put_policy(&show);
	garita_cli_print(&show.out);
	garita_text_free(&show.out);
	garita_text_free(&show.note);
	return 0;
}

const struct garita_cli_verb garita_policy_show = {
	.name = "policy show",
	.summary = "a policy with all that it leaves to its profile",
	.usage = "policy show [--profile P] [FILE]",
	.help = "Prints the policy with all that it leaves to its profile, "
		"and which line of\n"
		"which file says so; itself a policy. Without FILE it "
		"is " GARITA_POLICY_FILE ".\n"
		"\n"
		"  --profile P    off, baseline, restricted or strict, in "
		"place of its own\n"
		"\n"
		"Exits 0, or 2 when it cannot be read.\n",
	.run = run,
};
