/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_show_images - what the effective policy says about images: lists, and
 * who has to have signed what about them.
 */
#include <string.h>
#include <time.h>

#include "hook/cli/policy_lines.h"
#include "policy/trust/identity.h"

static void put_identity(struct garita_lines *s,
			 const struct garita_identity *identity)
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
	garita_lines_open(s, "identity", "{");
	garita_lines_text(s, "type", garita_identity_words(identity->kind));
	if (first != NULL)
		garita_lines_text(s, first, identity->first);
	if (second != NULL)
		garita_lines_text(s, second, identity->second);
	garita_lines_close(s, "}");
}

static void put_named(struct garita_lines *s,
		      const struct garita_keyless_identity *one)
{
	static const char *const words[] = {
		[GARITA_SUBJECT_ANY] = "subject",
		[GARITA_SUBJECT_EMAIL] = "subject-email",
		[GARITA_SUBJECT_URI] = "subject-uri",
	};

	garita_lines_open(s, NULL, "{");
	if (one->subject != NULL)
		garita_lines_text(s, words[one->kind], one->subject);
	if (one->pattern != NULL)
		garita_lines_text(s, "subject-regexp", one->pattern);
	garita_lines_text(s, "issuer", one->issuer);
	if (one->extension_count > 0) {
		garita_lines_open(s, "extensions", "{");
		for (size_t i = 0; i < one->extension_count; i++)
			garita_lines_text(s,
					  garita_keyless_extension_word(
						  one->extensions[i].number),
					  one->extensions[i].value);
		garita_lines_close(s, "}");
	}
	garita_lines_close(s, "}");
}

static void put_keyless(struct garita_lines *s,
			const struct garita_signers *signers)
{
	const struct garita_keyless *keyless = signers->keyless;

	garita_lines_open(s, "keyless", "{");
	garita_lines_text(s, "trusted-root", signers->keys[0]);
	if (keyless->max_age_s > 0) {
		garita_lines_begin(s, "max-age");
		garita_text_printf(&s->out, "\"%llum\"",
				   (unsigned long long)keyless->max_age_s / 60);
	}
	garita_lines_text(s, "stale",
			  keyless->stale_refuses ? "refuse" : "warn");
	garita_lines_open(s, "identities", "[");
	for (size_t i = 0; i < keyless->count; i++)
		put_named(s, &keyless->identities[i]);
	garita_lines_close(s, "]");
	garita_lines_close(s, "}");
}

static void put_words(struct garita_lines *s, const char *key,
		      const struct garita_words *words)
{
	if (words->count > 0)
		garita_lines_list(s, key, words->all, words->count, NULL);
}

static void put_day(struct garita_lines *s, const char *key, time_t ends)
{
	char day[32] = "";
	struct tm tm = { 0 };
	time_t last = ends - 1;

	gmtime_r(&last, &tm);
	strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	garita_lines_text(s, key, day);
}

static void put_scan(struct garita_lines *s,
		     const struct garita_attestation *of)
{
	garita_lines_text(s, "max-severity", garita_severity_word(of->most));
	garita_lines_text(s, "unknown-severity",
			  garita_severity_word(of->unknown));
	garita_lines_begin(s, "fixable-only");
	garita_text_puts(&s->out, of->fixable_only ? "true" : "false");
	garita_lines_begin(s, "accept-vex");
	garita_text_puts(&s->out, of->vex ? "true" : "false");
	if (of->ignored_count == 0)
		return;
	garita_lines_open(s, "ignore", "[");
	for (size_t i = 0; i < of->ignored_count; i++) {
		garita_lines_open(s, NULL, "{");
		garita_lines_text(s, "id", of->ignored[i].id);
		garita_lines_text(s, "reason", of->ignored[i].reason);
		put_day(s, "expires", of->ignored[i].ends);
		garita_lines_close(s, "}");
	}
	garita_lines_close(s, "]");
}

static void put_attested(struct garita_lines *s,
			 const struct garita_attestation *of)
{
	auto_text age = { 0 };

	garita_lines_text(s, "type",
			  of->predicate ? of->predicate
					: garita_attestation_word(of->type));
	garita_text_printf(&age, "%lluh",
			   (unsigned long long)of->max_age / 3600);
	if (of->max_age > 0)
		garita_lines_text(s, "max-age", age.data);
	if (of->type == GARITA_ATTEST_VULN)
		put_scan(s, of);
	put_words(s, "builder", &of->builders);
	put_words(s, "source", &of->sources);
	put_words(s, "build-type", &of->build_types);
}

static void put_annotations(struct garita_lines *s,
			    const struct garita_annotation *all, size_t count)
{
	if (count == 0)
		return;
	garita_lines_open(s, "annotations", "{");
	for (size_t i = 0; i < count; i++)
		garita_lines_text(s, all[i].key, all[i].value);
	garita_lines_close(s, "}");
}

static void put_signers(struct garita_lines *s,
			const struct garita_signers *signers)
{
	garita_lines_open(s, NULL, "{");
	garita_lines_note(s, &signers->origin, "");
	garita_lines_patterns(s, "match", &signers->match);
	if (signers->keyless != NULL)
		put_keyless(s, signers);
	else
		garita_lines_list(s, signers->openpgp ? "keyrings" : "keys",
				  signers->keys, signers->key_count, NULL);
	if (signers->attested != NULL) {
		put_attested(s, signers->attested);
		garita_lines_close(s, "}");
		return;
	}
	garita_lines_begin(s, "require");
	garita_text_printf(&s->out, "%u", signers->need);
	put_identity(s, &signers->identity);
	put_annotations(s, signers->annotations, signers->annotation_count);
	garita_lines_close(s, "}");
}

static void put_notation(struct garita_lines *s,
			 const struct garita_policy_notation *notation)
{
	if (notation->trust_policy == NULL)
		return;
	garita_lines_open(s, "notation", "{");
	garita_lines_member(s, "trust-policy", notation->trust_policy,
			    GARITA_ORIGIN_NOTATION);
	garita_lines_text(s, "trust-store", notation->trust_store);
	if (notation->crls != NULL)
		garita_lines_text(s, "crls", notation->crls);
	put_annotations(s, notation->annotations, notation->annotation_count);
	garita_lines_close(s, "}");
}

static void put_trust(struct garita_lines *s)
{
	const struct garita_policy *policy = s->policy;
	const struct garita_origin *at = policy->origins;

	garita_lines_member(s, "containers-policy", policy->containers_policy,
			    GARITA_ORIGIN_CONTAINERS_POLICY);
	put_notation(s, &policy->notation);
	if (policy->signers_count > 0) {
		garita_lines_open(s, "signatures", "[");
		for (size_t i = 0; i < policy->signers_count; i++)
			put_signers(s, &policy->signers[i]);
		garita_lines_close(s, "]");
	}
	if (policy->attestation_count > 0) {
		garita_lines_open(s, "attestations", "[");
		for (size_t i = 0; i < policy->attestation_count; i++)
			put_signers(s, &policy->attestations[i]);
		garita_lines_close(s, "]");
	}
	garita_lines_begin(s, "accept-signed-index");
	garita_text_puts(&s->out, policy->signed_index ? "true" : "false");
	garita_lines_note(s, &at[GARITA_ORIGIN_SIGNED_INDEX], "default");
}

void garita_policy_show_images(struct garita_lines *s)
{
	const struct garita_policy *policy = s->policy;
	const struct garita_origin *at = policy->origins;

	if (!policy->has_allow_list && !policy->has_deny_list &&
	    !garita_policy_names_signers(policy) &&
	    policy->attestation_count == 0)
		return;
	garita_lines_open(s, "images", "{");
	if (at[GARITA_ORIGIN_ALLOW].file != 0)
		garita_lines_list(s, "allow", policy->allow,
				  policy->allow_count,
				  &at[GARITA_ORIGIN_ALLOW]);
	garita_lines_member(s, "allow-file", policy->allow_file,
			    GARITA_ORIGIN_ALLOW_FILE);
	if (at[GARITA_ORIGIN_DENY].file != 0)
		garita_lines_list(s, "deny", policy->deny, policy->deny_count,
				  &at[GARITA_ORIGIN_DENY]);
	garita_lines_member(s, "deny-file", policy->deny_file,
			    GARITA_ORIGIN_DENY_FILE);
	if (garita_policy_names_signers(policy) ||
	    policy->attestation_count > 0)
		put_trust(s);
	garita_lines_close(s, "}");
}
