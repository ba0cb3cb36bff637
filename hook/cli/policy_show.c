/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_show - the effective policy, as a policy file whose comments say
 * where each line came from. Read again, it decides the same.
 */
#include <stdio.h>
#include <string.h>

#include "hook/cli/policy.h"
#include "hook/report/report.h"
#include "policy/trust/identity.h"

struct show {
	const struct garita_policy *policy;
	struct garita_text out;
	size_t depth;
	bool first;              /* in the object or array that is open */
	struct garita_text note; /* of the line that is not ended yet */
};

/* Ends the line before: a comma, then the comment. */
static void end_line(struct show *s, const char *comma)
{
	garita_text_puts(&s->out, comma);
	if (s->note.len > 0) {
		garita_text_puts(&s->out, " // ");
		garita_report_put_safe(&s->out, s->note.data);
		s->note.len = 0;
	}
	garita_text_putc(&s->out, '\n');
}

static void put_string(struct show *s, const char *text)
{
	auto_json struct garita_json_doc *doc = garita_json_new();

	garita_json_print(garita_json_new_string(doc, text), &s->out);
}

static void begin(struct show *s, const char *key)
{
	end_line(s, s->first ? "" : ",");
	s->first = false;
	for (size_t i = 0; i < s->depth; i++)
		garita_text_puts(&s->out, "  ");
	if (key != NULL) {
		put_string(s, key);
		garita_text_puts(&s->out, ": ");
	}
}

static void open_with(struct show *s, const char *key, const char *bracket)
{
	begin(s, key);
	garita_text_puts(&s->out, bracket);
	s->depth++;
	s->first = true;
}

static void close_with(struct show *s, const char *bracket)
{
	end_line(s, "");
	s->depth--;
	for (size_t i = 0; i < s->depth; i++)
		garita_text_puts(&s->out, "  ");
	garita_text_puts(&s->out, bracket);
	s->first = false;
}

static void note(struct show *s, const struct garita_origin *at,
		 const char *otherwise)
{
	if (at == NULL || at->file == 0)
		garita_text_puts(&s->note, otherwise);
	else
		garita_text_printf(&s->note, "%s:%u",
				   s->policy->files[at->file - 1], at->line);
}

static void put_member(struct show *s, const char *key, const char *value,
		       enum garita_policy_origin of)
{
	if (value == NULL)
		return;
	begin(s, key);
	put_string(s, value);
	note(s, &s->policy->origins[of], "default");
}

static void put_list(struct show *s, const char *key, char *const *words,
		     size_t count, const struct garita_origin *at)
{
	begin(s, key);
	garita_text_putc(&s->out, '[');
	for (size_t i = 0; i < count; i++) {
		garita_text_puts(&s->out, i ? ", " : "");
		put_string(s, words[i]);
	}
	garita_text_putc(&s->out, ']');
	if (at != NULL)
		note(s, at, "default");
}

static bool has_params(const struct garita_rule *rule,
		       const struct garita_setting *setting)
{
	for (size_t i = 0; i < garita_rule_param_count(rule); i++)
		if (setting->values[i].given)
			return true;
	return setting->allow_given;
}

static void put_params(struct show *s, const struct garita_rule *rule,
		       const struct garita_setting *setting)
{
	if (setting->allow_given)
		put_list(s, "allow", setting->allow, setting->allow_count,
			 &setting->allow_origin);
	for (size_t i = 0; i < garita_rule_param_count(rule); i++) {
		const struct garita_value *value = &setting->values[i];

		if (!value->given)
			continue;
		switch (rule->params[i].kind) {
		case GARITA_PARAM_STRINGS:
			put_list(s, rule->params[i].name, value->strings,
				 value->count, &value->origin);
			break;
		case GARITA_PARAM_NUMBER:
			begin(s, rule->params[i].name);
			garita_text_printf(&s->out, "%lld",
					   (long long)value->number);
			note(s, &value->origin, "default");
			break;
		}
	}
}

/* What the operator said of a rule; nothing where the profile speaks. */
static void put_rule(struct show *s, const struct garita_rule *rule,
		     const struct garita_setting *setting)
{
	if (!has_params(rule, setting)) {
		if (!setting->set)
			return;
		begin(s, rule->id);
		put_string(s, garita_action_name(setting->action));
		note(s, &setting->origin, "");
		return;
	}
	open_with(s, rule->id, "{");
	if (setting->set) {
		begin(s, "action");
		put_string(s, garita_action_name(setting->action));
		note(s, &setting->origin, "");
	}
	put_params(s, rule, setting);
	close_with(s, "}");
}

/* What the profile says of the others, as comments: were they members, no
 * scope's profile would change them when this is read again. */
static void put_profile(struct show *s)
{
	const char *profile = garita_policy_profile_words(s->policy);

	end_line(s, "");
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

static void put_patterns(struct show *s, const char *key,
			 const struct garita_patterns *patterns)
{
	if (patterns->count > 0)
		put_list(s, key, patterns->words, patterns->count, NULL);
}

static void put_uids(struct show *s, const struct garita_selector *match)
{
	if (match->uid_count == 0)
		return;
	begin(s, "uid");
	for (size_t i = 0; i < match->uid_count; i++)
		garita_text_printf(&s->out, "%s\"%u-%u\"", i ? ", " : "[",
				   match->uids[i].least, match->uids[i].most);
	garita_text_putc(&s->out, ']');
}

static void put_match(struct show *s, const struct garita_selector *match)
{
	open_with(s, "match", "{");
	put_patterns(s, "image", &match->images);
	put_patterns(s, "digest", &match->digests);
	if (match->stores.count > 0) {
		begin(s, "store");
		put_string(s, match->stores.words[0]);
	}
	put_uids(s, match);
	put_patterns(s, "args", &match->args);
	put_patterns(s, "bundle", &match->bundles);
	put_patterns(s, "host", &match->hosts);
	put_patterns(s, "cgroup", &match->cgroups);
	if (match->annotation_count > 0) {
		open_with(s, "annotations", "{");
		for (size_t i = 0; i < match->annotation_count; i++)
			put_patterns(s, match->annotations[i].key,
				     &match->annotations[i].values);
		close_with(s, "}");
	}
	close_with(s, "}");
}

static void put_text(struct show *s, const char *key, const char *text)
{
	begin(s, key);
	put_string(s, text);
}

static void put_ports(struct show *s, const char *key,
		      const struct garita_ports *ports, size_t count)
{
	begin(s, key);
	garita_text_putc(&s->out, '[');
	for (size_t i = 0; i < count; i++) {
		garita_text_puts(&s->out, i ? ", \"" : "\"");
		garita_ports_words(&ports[i], &s->out);
		garita_text_putc(&s->out, '"');
	}
	garita_text_putc(&s->out, ']');
}

static void put_egress(struct show *s, const struct garita_network *network)
{
	open_with(s, "egress", "[");
	for (size_t i = 0; i < network->egress_count; i++) {
		const struct garita_egress *egress = &network->egress[i];
		auto_text to = { 0 };

		garita_cidr_words(&egress->to, &to);
		if (egress->port_count == 0) {
			begin(s, NULL);
			put_string(s, to.data);
			continue;
		}
		open_with(s, NULL, "{");
		put_text(s, "to", to.data);
		put_ports(s, "ports", egress->ports, egress->port_count);
		close_with(s, "}");
	}
	close_with(s, "]");
}

static void put_network(struct show *s, const struct garita_network *network,
			const struct garita_origin *at)
{
	if (!network->given)
		return;
	open_with(s, "network", "{");
	if (at != NULL)
		note(s, at, "default");
	if (network->has_listen)
		put_ports(s, "listen", network->listen, network->listen_count);
	if (network->has_egress)
		put_egress(s, network);
	if (network->metadata_said) {
		begin(s, "deny-metadata");
		garita_text_puts(&s->out,
				 network->deny_metadata ? "true" : "false");
	}
	close_with(s, "}");
}

static void put_scope(struct show *s, const struct garita_policy_scope *scope)
{
	open_with(s, NULL, "{");
	note(s, &scope->origin, "");
	put_text(s, "name", scope->name);
	put_match(s, &scope->match);
	if (scope->has_profile)
		put_text(s, "profile", garita_profile_name(scope->profile));
	if (scope->ends != 0)
		put_text(s, "expires", scope->expires);
	if (scope->count > 0) {
		open_with(s, "rules", "{");
		for (size_t i = 0; i < scope->count; i++)
			put_rule(s, garita_rule_at(scope->overrides[i].rule),
				 &scope->overrides[i].setting);
		close_with(s, "}");
	}
	put_network(s, &scope->network, NULL);
	if (scope->runtime != NULL)
		put_text(s, "runtime", scope->runtime);
	close_with(s, "}");
}

static void put_exception(struct show *s,
			  const struct garita_exception *exception)
{
	open_with(s, NULL, "{");
	note(s, &exception->origin, "");
	begin(s, "rules");
	for (size_t i = 0; i < exception->count; i++) {
		garita_text_puts(&s->out, i ? ", " : "[");
		put_string(s, garita_rule_at(exception->rules[i])->id);
	}
	garita_text_putc(&s->out, ']');
	put_match(s, &exception->match);
	put_text(s, "reason", exception->reason);
	put_text(s, "owner", exception->owner);
	put_text(s, "expires", exception->expires);
	close_with(s, "}");
}

static void put_identity(struct show *s, const struct garita_identity *identity)
{
	const char *first = NULL, *second = NULL;

	switch (identity->kind) {
	case GARITA_IDENTITY_EXACT_REFERENCE:
		first = "dockerReference";
		break;
	case GARITA_IDENTITY_EXACT_REPOSITORY:
		first = "dockerRepository";
		break;
	case GARITA_IDENTITY_REMAP:
		first = "prefix";
		second = "signedPrefix";
		break;
	case GARITA_IDENTITY_REPO_DIGEST_OR_EXACT:
	case GARITA_IDENTITY_EXACT:
	case GARITA_IDENTITY_REPOSITORY:
	case GARITA_IDENTITY_IF_SIGNED:
	case GARITA_IDENTITY_ANY:
		break;
	}
	open_with(s, "identity", "{");
	put_text(s, "type", garita_identity_words(identity->kind));
	if (first != NULL)
		put_text(s, first, identity->first);
	if (second != NULL)
		put_text(s, second, identity->second);
	close_with(s, "}");
}

static void put_named(struct show *s, const struct garita_keyless_identity *one)
{
	static const char *const words[] = {
		[GARITA_SUBJECT_ANY] = "subject",
		[GARITA_SUBJECT_EMAIL] = "subject-email",
		[GARITA_SUBJECT_URI] = "subject-uri",
	};

	open_with(s, NULL, "{");
	if (one->subject != NULL)
		put_text(s, words[one->kind], one->subject);
	if (one->pattern != NULL)
		put_text(s, "subject-regexp", one->pattern);
	put_text(s, "issuer", one->issuer);
	if (one->extension_count > 0) {
		open_with(s, "extensions", "{");
		for (size_t i = 0; i < one->extension_count; i++)
			put_text(s,
				 garita_keyless_extension_word(
					 one->extensions[i].number),
				 one->extensions[i].value);
		close_with(s, "}");
	}
	close_with(s, "}");
}

static void put_keyless(struct show *s, const struct garita_signers *signers)
{
	const struct garita_keyless *keyless = signers->keyless;

	open_with(s, "keyless", "{");
	put_text(s, "trusted-root", signers->keys[0]);
	if (keyless->max_age_s > 0) {
		begin(s, "max-age");
		garita_text_printf(&s->out, "\"%llum\"",
				   (unsigned long long)keyless->max_age_s / 60);
	}
	put_text(s, "stale", keyless->stale_refuses ? "refuse" : "warn");
	open_with(s, "identities", "[");
	for (size_t i = 0; i < keyless->count; i++)
		put_named(s, &keyless->identities[i]);
	close_with(s, "]");
	close_with(s, "}");
}

static void put_words(struct show *s, const char *key,
		      const struct garita_words *words)
{
	if (words->count > 0)
		put_list(s, key, words->all, words->count, NULL);
}

static void put_day(struct show *s, const char *key, time_t ends)
{
	char day[32] = "";
	struct tm tm = { 0 };
	time_t last = ends - 1;

	gmtime_r(&last, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	put_text(s, key, day);
}

static void put_scan(struct show *s, const struct garita_attestation *of)
{
	put_text(s, "max-severity", garita_severity_word(of->most));
	put_text(s, "unknown-severity", garita_severity_word(of->unknown));
	begin(s, "fixable-only");
	garita_text_puts(&s->out, of->fixable_only ? "true" : "false");
	begin(s, "accept-vex");
	garita_text_puts(&s->out, of->vex ? "true" : "false");
	if (of->ignored_count == 0)
		return;
	open_with(s, "ignore", "[");
	for (size_t i = 0; i < of->ignored_count; i++) {
		open_with(s, NULL, "{");
		put_text(s, "id", of->ignored[i].id);
		put_text(s, "reason", of->ignored[i].reason);
		put_day(s, "expires", of->ignored[i].ends);
		close_with(s, "}");
	}
	close_with(s, "]");
}

static void put_attested(struct show *s, const struct garita_attestation *of)
{
	auto_text age = { 0 };

	put_text(s, "type",
		 of->predicate ? of->predicate
			       : garita_attestation_word(of->type));
	garita_text_printf(&age, "%lluh",
			   (unsigned long long)of->max_age / 3600);
	if (of->max_age > 0)
		put_text(s, "max-age", age.data);
	if (of->type == GARITA_ATTEST_VULN)
		put_scan(s, of);
	put_words(s, "builder", &of->builders);
	put_words(s, "source", &of->sources);
	put_words(s, "build-type", &of->build_types);
}

static void put_annotations(struct show *s, const struct garita_annotation *all,
			    size_t count)
{
	if (count == 0)
		return;
	open_with(s, "annotations", "{");
	for (size_t i = 0; i < count; i++)
		put_text(s, all[i].key, all[i].value);
	close_with(s, "}");
}

static void put_signers(struct show *s, const struct garita_signers *signers)
{
	open_with(s, NULL, "{");
	note(s, &signers->origin, "");
	put_patterns(s, "match", &signers->match);
	if (signers->keyless != NULL)
		put_keyless(s, signers);
	else
		put_list(s, signers->openpgp ? "keyrings" : "keys",
			 signers->keys, signers->key_count, NULL);
	if (signers->attested != NULL) {
		put_attested(s, signers->attested);
		close_with(s, "}");
		return;
	}
	begin(s, "require");
	garita_text_printf(&s->out, "%u", signers->need);
	put_identity(s, &signers->identity);
	put_annotations(s, signers->annotations, signers->annotation_count);
	close_with(s, "}");
}

static void put_notation(struct show *s,
			 const struct garita_policy_notation *notation)
{
	if (notation->trust_policy == NULL)
		return;
	open_with(s, "notation", "{");
	put_member(s, "trust-policy", notation->trust_policy,
		   GARITA_ORIGIN_NOTATION);
	put_text(s, "trust-store", notation->trust_store);
	if (notation->crls != NULL)
		put_text(s, "crls", notation->crls);
	put_annotations(s, notation->annotations, notation->annotation_count);
	close_with(s, "}");
}

static void put_trust(struct show *s)
{
	const struct garita_policy *policy = s->policy;
	const struct garita_origin *at = policy->origins;

	put_member(s, "containers-policy", policy->containers_policy,
		   GARITA_ORIGIN_CONTAINERS_POLICY);
	put_notation(s, &policy->notation);
	if (policy->signers_count > 0) {
		open_with(s, "signatures", "[");
		for (size_t i = 0; i < policy->signers_count; i++)
			put_signers(s, &policy->signers[i]);
		close_with(s, "]");
	}
	if (policy->attestation_count > 0) {
		open_with(s, "attestations", "[");
		for (size_t i = 0; i < policy->attestation_count; i++)
			put_signers(s, &policy->attestations[i]);
		close_with(s, "]");
	}
	begin(s, "accept-signed-index");
	garita_text_puts(&s->out, policy->signed_index ? "true" : "false");
	note(s, &at[GARITA_ORIGIN_SIGNED_INDEX], "default");
}

static void put_images(struct show *s)
{
	const struct garita_policy *policy = s->policy;
	const struct garita_origin *at = policy->origins;

	if (!policy->has_allow_list && !policy->has_deny_list &&
	    !garita_policy_names_signers(policy) &&
	    policy->attestation_count == 0)
		return;
	open_with(s, "images", "{");
	if (at[GARITA_ORIGIN_ALLOW].file != 0)
		put_list(s, "allow", policy->allow, policy->allow_count,
			 &at[GARITA_ORIGIN_ALLOW]);
	put_member(s, "allow-file", policy->allow_file,
		   GARITA_ORIGIN_ALLOW_FILE);
	if (at[GARITA_ORIGIN_DENY].file != 0)
		put_list(s, "deny", policy->deny, policy->deny_count,
			 &at[GARITA_ORIGIN_DENY]);
	put_member(s, "deny-file", policy->deny_file, GARITA_ORIGIN_DENY_FILE);
	if (garita_policy_names_signers(policy) ||
	    policy->attestation_count > 0)
		put_trust(s);
	close_with(s, "}");
}

static void put_host(struct show *s)
{
	static const char *const words[] = {
		[GARITA_OFF] = "warn",    [GARITA_WARN] = "warn",
		[GARITA_FIX] = "deny",    [GARITA_DENY] = "deny",
		[GARITA_ACTIONS] = "off",
	};
	const struct garita_policy *policy = s->policy;

	open_with(s, "host", "{");
	put_member(s, "at-start", words[policy->host_at_start],
		   GARITA_ORIGIN_HOST_AT_START);
	begin(s, "max-age");
	garita_text_printf(&s->out, "%u", policy->host_max_age_h);
	note(s, &policy->origins[GARITA_ORIGIN_HOST_MAX_AGE], "default");
	close_with(s, "}");
}

static void put_log(struct show *s)
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

	open_with(s, "log", "{");
	for (enum garita_log_to to = 0; to < GARITA_LOG_TOS; to++) {
		begin(s, garita_log_to_name(to));
		garita_text_puts(&s->out, words[s->policy->log[to]]);
		note(s, &s->policy->origins[origins[to]], "default");
	}
	put_member(s, "path", s->policy->log_file, GARITA_ORIGIN_LOG_PATH);
	close_with(s, "}");
}

static void put_parts(struct show *s)
{
	const struct garita_policy *policy = s->policy;

	put_images(s);
	put_network(s, &policy->network,
		    &policy->origins[GARITA_ORIGIN_NETWORK]);
	if (policy->scope_count > 0) {
		open_with(s, "scopes", "[");
		for (size_t i = 0; i < policy->scope_count; i++)
			put_scope(s, &policy->scopes[i]);
		close_with(s, "]");
	}
	if (policy->exception_count > 0) {
		open_with(s, "exceptions", "[");
		for (size_t i = 0; i < policy->exception_count; i++)
			put_exception(s, &policy->exceptions[i]);
		close_with(s, "]");
	}
	put_member(s, "runtime", policy->runtime, GARITA_ORIGIN_RUNTIME);
	put_host(s);
	put_log(s);
}

static void put_policy(struct show *s)
{
	const struct garita_policy *policy = s->policy;

	garita_text_putc(&s->out, '{');
	s->first = true;
	s->depth = 1;
	begin(s, "version");
	garita_text_putc(&s->out, '1');
	put_member(s, "mode",
		   policy->mode == GARITA_MODE_DRY_RUN ? "dry-run" : "enforce",
		   GARITA_ORIGIN_MODE);
	put_member(s, "profile", garita_policy_profile_words(policy),
		   GARITA_ORIGIN_PROFILE);
	begin(s, "fix");
	garita_text_puts(&s->out, policy->fix ? "true" : "false");
	note(s, &policy->origins[GARITA_ORIGIN_FIX], "default");
	open_with(s, "rules", "{");
	for (size_t i = 0; i < garita_rule_count(); i++)
		put_rule(s, garita_rule_at(i), &policy->settings[i]);
	put_profile(s);
	put_parts(s);
	close_with(s, "}");
	garita_text_putc(&s->out, '\n');
}

int garita_policy_show(const struct garita_cli *cli)
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
	struct show show = { 0 };
	char said[1024];
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
	if (garita_gate_open(&options, &gate, &error) < 0) {
		garita_cli_complain(
			cli, "%s",
			garita_error_words(&error, said, sizeof(said)));
		return GARITA_EXIT_ERROR;
	}
	show.policy = gate.policy;
	put_policy(&show);
	garita_cli_print(&show.out);
	garita_text_free(&show.out);
	garita_text_free(&show.note);
	return 0;
}
