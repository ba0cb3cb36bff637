/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * policy_check - what a policy that can be read may still have wrong with it:
 * parts that can never do anything, exceptions that have ended, and what
 * loosens for whoever chooses a name.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "garita/match.h"
#include "hook/cli/policy.h"
#include "hook/report/report.h"
#include "hook/trust/ask.h"
#include "hook/trust/gather.h"

struct review {
	const struct garita_policy *policy;
	struct garita_text out;
	size_t warnings;
};

static void warn(struct review *review, const struct garita_origin *at,
		 const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static void warn(struct review *review, const struct garita_origin *at,
		 const char *fmt, ...)
{
	char said[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(said, sizeof(said), fmt, args);
	va_end(args);
	garita_report_put_safe(&review->out,
			       review->policy->files[at->file - 1]);
	garita_text_printf(&review->out, ":%u: ", at->line);
	garita_report_put_safe(&review->out, said);
	garita_text_putc(&review->out, '\n');
	review->warnings++;
}

/* Everything but a digest, and which machine it is, can be chosen by who
 * starts the container: a name
 * is one `podman tag` away. */
static bool is_certain(const struct garita_selector *match)
{
	return match->digests.count > 0 || match->hosts.count > 0;
}

enum { DAY = 24 * 60 * 60 };

static bool ends_soon(time_t ends, time_t now)
{
	return now < ends &&
	       ends - now < (time_t)GARITA_EXCEPTION_WARN_DAYS * DAY;
}

/* Does the operator have a rule do less than guard? A scope's word is before
 * the policy's. */
static bool is_guard_off(const struct garita_policy *policy,
			 const struct garita_policy_scope *scope, size_t rule)
{
	const struct garita_setting *setting = &policy->settings[rule];

	for (size_t i = 0; scope != NULL && i < scope->count; i++)
		if (scope->overrides[i].rule == rule &&
		    scope->overrides[i].setting.set)
			setting = &scope->overrides[i].setting;
	return setting->set && setting->action < GARITA_FIX;
}

/* What is written down and not done. */
static void review_network(struct review *review,
			   const struct garita_network *network,
			   const struct garita_policy_scope *scope,
			   const struct garita_origin *at)
{
	for (enum garita_guard_part p = 0; p < GARITA_GUARD_PARTS; p++) {
		const char *id = garita_guard_rule(p);

		if (garita_network_says(network, p) &&
		    is_guard_off(review->policy, scope,
				 (size_t)garita_rule_find(id)))
			warn(review, at,
			     "\"network\" asks for what rule %s does, which "
			     "does not act: there is no such guard",
			     id);
	}
}

static bool refuses_unknown(const struct garita_policy *policy)
{
	size_t rule = (size_t)garita_rule_find("unknown-image");

	return policy->settings[rule].action == GARITA_DENY;
}

static void review_scope(struct review *review, size_t at, time_t now)
{
	const struct garita_policy *policy = review->policy;
	const struct garita_policy_scope *scope = &policy->scopes[at];
	bool by_annotation = scope->match.annotation_count > 0;

	review_network(review, &scope->network, scope, &scope->origin);
	if (scope->ends != 0 && now >= scope->ends)
		warn(review, &scope->origin, "scope \"%s\" ended with %s",
		     scope->name, scope->expires);
	else if (ends_soon(scope->ends, now))
		warn(review, &scope->origin, "scope \"%s\" ends soon, with %s",
		     scope->name, scope->expires);
	if (scope->count == 0 && !scope->has_profile && !scope->network.given &&
	    scope->runtime == NULL)
		warn(review, &scope->origin,
		     "scope \"%s\" changes nothing; containers that it matches "
		     "are kept from later scopes",
		     scope->name);
	for (size_t i = 0; !by_annotation && i < at; i++) {
		if (!garita_selector_covers(&policy->scopes[i].match,
					    &scope->match))
			continue;
		warn(review, &scope->origin,
		     "scope \"%s\" is never reached: \"%s\" before it takes "
		     "all that it matches",
		     scope->name, policy->scopes[i].name);
		break;
	}
	if (!by_annotation && !is_certain(&scope->match) &&
	    garita_scope_loosens(policy, scope))
		warn(review, &scope->origin,
		     "scope \"%s\" loosens for what whoever starts a container "
		     "can choose; a \"digest\" cannot be chosen",
		     scope->name);
	if (garita_selector_asks_image(&scope->match) &&
	    garita_scope_tightens(policy, scope) && !refuses_unknown(policy))
		warn(review, &scope->origin,
		     "scope \"%s\" is not for what is of no image, or in a "
		     "store that garita does not know: what it adds, such a "
		     "container is spared; have unknown-image deny",
		     scope->name);
}

static void review_exception(struct review *review, size_t at, time_t now)
{
	const struct garita_policy *policy = review->policy;
	const struct garita_exception *e = &policy->exceptions[at];
	bool asked = false;

	if (now >= e->ends)
		warn(review, &e->origin,
		     "the exception of %s ended with %s: \"%s\"", e->owner,
		     e->expires, e->reason);
	else if (ends_soon(e->ends, now))
		warn(review, &e->origin,
		     "the exception of %s ends soon, with %s: \"%s\"", e->owner,
		     e->expires, e->reason);
	for (size_t i = 0; i < e->count; i++)
		asked = asked || garita_policy_asks(policy, e->rules[i]);
	if (!asked)
		warn(review, &e->origin,
		     "the exception is for rules that nothing turns on");
	if (!is_certain(&e->match))
		warn(review, &e->origin,
		     "the exception is for what whoever starts a container can "
		     "choose; a \"digest\" cannot be chosen");
}

/* A key that cannot be read, or is none, refuses every image that it is wanted
 * for. garita-verify is asked, which will be asked at the start: with nothing
 * to look at it gets as far as the keys, and then says what is `good`. */
static void review_wanted(struct review *review, const struct garita_gather *of,
			  const struct garita_origin *origin,
			  const struct garita_requirements *wanted,
			  const char *good)
{
	static const char some[] =
		"sha256:"
		"0000000000000000000000000000000000000000000000000000000000000"
		"000";
	struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };
	const struct garita_blobs nothing = { 0 };
	const struct garita_trust_case asked = { &image, wanted, &nothing,
						 of->now };
	struct garita_trust said;

	memcpy(image.manifest, some, sizeof(some));
	(void)garita_ask(&asked, of->program, &said, NULL);
	if (!garita_starts_with(said.words, good))
		warn(review, origin, "%s", said.words);
}

static void review_keys(struct review *review, const struct garita_gather *of,
			const struct garita_signers *signers)
{
	const char *good = signers->attested
				   ? "signature: no attestation is here"
				   : "no signature is here";
	auto_requirements wanted = { 0 };
	struct garita_error error = { 0 };

	garita_gather_signers(of, signers, &wanted);
	if (garita_gather_keys(of, &wanted.all[0], &error) < 0)
		warn(review, &signers->origin, "%s", error.text);
	else
		review_wanted(review, of, &signers->origin, &wanted, good);
}

/* One statement, and the stores that it names. `scope`: an image that it is
 * about. */
static void review_statement(struct review *review,
			     const struct garita_gather *of, const char *scope)
{
	const struct garita_origin *origin =
		&review->policy->origins[GARITA_ORIGIN_NOTATION];
	auto_requirements wanted = { 0 };
	struct garita_error error = { 0 };
	const struct garita_requirement *one;
	char said[1024];

	if (garita_gather_notation(of, scope, &wanted, &error) < 0) {
		warn(review, origin, "%s",
		     garita_error_words(&error, said, sizeof(said)));
		return;
	}
	one = &wanted.all[0];
	if (one->kind != GARITA_REQUIRE_NOTATION)
		return;
	if (one->key_count == 0)
		warn(review, origin,
		     "the statement \"%s\" trusts nobody: its stores have no "
		     "certificate",
		     one->notation->name);
	review_wanted(review, of, origin, &wanted, "no signature is here");
}

static void review_notation(struct review *review,
			    const struct garita_gather *of)
{
	struct garita_error error = { 0 };
	char **scopes = NULL, said[1024];
	size_t count = 0;

	if (garita_gather_notation_scopes(of, &scopes, &count, &error) < 0)
		warn(review, &review->policy->origins[GARITA_ORIGIN_NOTATION],
		     "%s", garita_error_words(&error, said, sizeof(said)));
	for (size_t i = 0; i < count; i++)
		review_statement(review, of, scopes[i]);
	garita_free_strings(scopes, count);
}

/* What is ignored until a day that has passed counts again. */
static void review_ignored(struct review *review,
			   const struct garita_signers *signers, time_t now)
{
	const struct garita_attestation *of = signers->attested;

	for (size_t i = 0; i < of->ignored_count; i++)
		if (of->ignored[i].ends <= now)
			warn(review, &signers->origin,
			     "%s is no longer ignored, the day has passed: "
			     "\"%s\"",
			     of->ignored[i].id, of->ignored[i].reason);
}

static void review_trust(struct review *review, const struct garita_gate *gate,
			 time_t now)
{
	const struct garita_policy *policy = review->policy;
	const struct garita_gather of = {
		.policy = policy,
		.policy_path = gate->policy_path,
		.policy_root = gate->policy_root,
		.sysroot = gate->sysroot,
		.now = now,
	};
	auto_requirements wanted = { 0 };
	struct garita_error error = { 0 };
	auto_free char *scope = NULL;
	char said[1024];

	for (size_t i = 0; i < policy->signers_count; i++)
		review_keys(review, &of, &policy->signers[i]);
	for (size_t i = 0; i < policy->attestation_count; i++) {
		review_keys(review, &of, &policy->attestations[i]);
		review_ignored(review, &policy->attestations[i], now);
	}
	if (policy->notation.trust_policy != NULL)
		review_notation(review, &of);
	if (policy->containers_policy != NULL &&
	    garita_gather_containers(&of, NULL, &wanted, &scope, &error) < 0)
		warn(review, &policy->origins[GARITA_ORIGIN_CONTAINERS_POLICY],
		     "%s", garita_error_words(&error, said, sizeof(said)));
}

static bool excepts_finding(const struct garita_exception *exception,
			    const struct garita_verdict *verdict)
{
	for (size_t i = 0; i < verdict->count; i++)
		for (size_t r = 0; r < exception->count; r++)
			if (verdict->findings[i].exception != NULL &&
			    verdict->findings[i].rule ==
				    garita_rule_at(exception->rules[r]))
				return true;
	return false;
}

/* Which exceptions let something through in this file? Judged with each alone:
 * of two that are about the same rule only one counts in a verdict. */
static void try_exceptions(struct garita_gate *gate,
			   const struct garita_case_file *file, bool *used)
{
	struct garita_policy *policy = gate->policy;
	struct garita_exception *all = policy->exceptions;
	size_t count = policy->exception_count;

	policy->exception_count = 1;
	for (size_t i = 0; i < count; i++) {
		auto_verdict verdict = { 0 };

		policy->exceptions = &all[i];
		if (!used[i] &&
		    garita_case_file_judge(file, gate, &verdict, NULL) == 0)
			used[i] = excepts_finding(&all[i], &verdict);
	}
	policy->exceptions = all;
	policy->exception_count = count;
}

static int review_corpus(struct review *review, struct garita_gate *gate,
			 const char *dir, struct garita_error *err)
{
	size_t count = review->policy->exception_count, configs = 0;
	auto_free bool *used = garita_xcalloc(count, sizeof(*used));
	auto_corpus corpus = { 0 };
	int rc = garita_corpus_list(dir, &corpus, err);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < corpus.count; i++) {
		auto_case_file file = { 0 };

		rc = garita_case_file_read(corpus.paths[i], &file, err);
		if (rc == -ENOMSG)
			continue;
		if (rc < 0)
			return garita_fail_in(err, corpus.paths[i]);
		configs++;
		try_exceptions(gate, &file, used);
	}
	if (configs == 0)
		return garita_fail(err, ENOENT, "%s: no config", dir);
	for (size_t i = 0; i < count; i++)
		if (!used[i])
			warn(review, &review->policy->exceptions[i].origin,
			     "the exception lets nothing through in the "
			     "corpus: "
			     "\"%s\"",
			     review->policy->exceptions[i].reason);
	return 0;
}

size_t garita_policy_review(const struct garita_gate *gate,
			    struct garita_text *out)
{
	struct review review = { .policy = gate->policy };
	time_t now = time(NULL);

	review_network(&review, &gate->policy->network, NULL,
		       &gate->policy->origins[GARITA_ORIGIN_NETWORK]);
	for (size_t i = 0; i < gate->policy->scope_count; i++)
		review_scope(&review, i, now);
	for (size_t i = 0; i < gate->policy->exception_count; i++)
		review_exception(&review, i, now);
	review_trust(&review, gate, now);
	if (review.out.len > 0)
		garita_text_add(out, review.out.data, review.out.len);
	garita_text_free(&review.out);
	return review.warnings;
}

static int review_policy(const struct garita_cli *cli, struct garita_gate *gate,
			 const char *dir)
{
	struct review review = { .policy = gate->policy };
	const char *path = gate->policy_path;
	struct garita_error error = { 0 };
	int code = GARITA_EXIT_ERROR;

	review.warnings = garita_policy_review(gate, &review.out);
	if (dir != NULL && review_corpus(&review, gate, dir, &error) < 0) {
		(void)garita_cli_fail(cli, &error);
	} else {
		if (review.warnings == 0) {
			garita_report_put_safe(&review.out,
					       path ? path : "built-in policy");
			garita_text_puts(&review.out, ": good\n");
		}
		garita_cli_print(&review.out);
		code = review.warnings > 0 ? GARITA_EXIT_REFUSED : 0;
	}
	garita_text_free(&review.out);
	return code;
}

static int run(const struct garita_cli *cli)
{
	const char *dir = NULL, *sysroot = NULL;
	const struct garita_cli_option table[] = {
		{ "--corpus", &dir, NULL, NULL },
		{ "--sysroot", &sysroot, NULL, NULL },
	};
	auto_free const char **words =
		garita_xcalloc((size_t)cli->argc, sizeof(*words));
	struct garita_gate_options options = { 0 };
	struct garita_error error = { 0 };
	auto_gate gate = { 0 };
	size_t count;

	if (garita_cli_options(cli, table, GARITA_COUNT(table), words, &count) <
	    0)
		return GARITA_EXIT_ERROR;
	if (count > 1) {
		garita_cli_complain(cli, "give one FILE");
		return GARITA_EXIT_ERROR;
	}
	options.sysroot = sysroot;
	options.policy = count > 0 ? words[0] : NULL;
	if (garita_gate_open(&options, &gate, &error) < 0)
		return garita_cli_fail(cli, &error);
	return review_policy(cli, &gate, dir);
}

const struct garita_cli_verb garita_policy_check = {
	.name = "policy check",
	.summary = "read a policy, and warn of what is wrong with it",
	.usage = "policy check [--corpus DIR] [--sysroot DIR] [FILE]",
	.help = "Reads a policy as the gate will, and warns of what in it "
		"does nothing, has\n"
		"ended, or loosens by what anybody can choose. Without FILE "
		"the policy\n"
		"is " GARITA_POLICY_FILE ".\n"
		"\n"
		"  --corpus DIR   also of what selects none of the containers "
		"whose configs are\n"
		"                 below DIR\n"
		"  --sysroot DIR  read every fact about the host below DIR\n"
		"\n"
		"Exits 0 nothing to say, 1 warnings, 2 it cannot be read.\n",
	.run = run,
};
