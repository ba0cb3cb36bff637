/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate - the question: gathers the facts that the policy asks for, no others,
 * and asks the judge.
 */
#include "hook/gate.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "garita/match.h"
#include "garita/path.h"
#include "hook/clock.h"
#include "hook/file.h"
#include "hook/host/facts.h"
#include "hook/host/observe.h"
#include "hook/host/upper.h"
#include "hook/program.h"
#include "hook/store/store.h"
#include "hook/trust/gather.h"

void garita_decision_free(struct garita_decision *decision)
{
	garita_verdict_free(&decision->verdict);
	garita_image_free(&decision->image);
}

/* Is this rule on, for any container? */
static bool asks(const struct garita_policy *policy, const char *id)
{
	return garita_policy_asks(policy, (size_t)garita_rule_find(id));
}

/* The questions about an image whose answers a rule will read: a bit each. */
static unsigned wanted_topics(const struct garita_policy *policy)
{
	unsigned topics = 0;

	for (enum garita_topic topic = 0; topic < GARITA_TOPICS; topic++)
		if (garita_policy_wants(policy, topic) &&
		    asks(policy, garita_topic_rule(topic)))
			topics |= 1U << topic;
	return topics;
}

/* Without a list that rule asks nothing. */
static bool lists_registries(const struct garita_policy *policy)
{
	size_t rule = (size_t)garita_rule_find("trusted-registry");

	if (policy->settings[rule].allow_given)
		return true;
	for (size_t i = 0; i < policy->scope_count; i++)
		for (size_t o = 0; o < policy->scopes[i].count; o++)
			if (policy->scopes[i].overrides[o].rule == rule)
				return true;
	return false;
}

/* A trial run is for finding out whom an exception would be for, and who wants
 * more than the default log wants an answer to "which image was it". */
static bool wants_records(const struct garita_policy *policy)
{
	if (policy->mode == GARITA_MODE_DRY_RUN ||
	    policy->log[GARITA_LOG_TO_FILE] == GARITA_LOG_REQUIRED)
		return true;
	for (size_t to = 0; to < GARITA_LOG_TOS; to++)
		if (to != GARITA_LOG_TO_FILE &&
		    policy->log[to] != GARITA_LOG_OFF)
			return true;
	return false;
}

/* Asking the store reads and hashes files: not done when nobody will look. */
static bool wants_image(const struct garita_policy *policy)
{
	return wants_records(policy) || policy->has_allow_list ||
	       policy->has_deny_list || asks(policy, "unknown-image") ||
	       asks(policy, "image-digest-pinned") || wanted_topics(policy) ||
	       lists_registries(policy) || garita_policy_selects_images(policy);
}

static void ask_for_signatures(const struct garita_gate *gate, time_t now,
			       struct garita_image *image)
{
	const struct garita_gather gather = {
		.policy = gate->policy,
		.policy_path = gate->policy_path,
		.policy_root = gate->policy_root,
		.sysroot = gate->sysroot,
		.now = now,
	};
	unsigned topics = wanted_topics(gate->policy);

	if (topics != 0)
		garita_gather_judge(&gather, topics, image);
}

/* What is mounted at "/" takes the place of the root file system: runc starts
 * in it, whatever root.path leads to. */
static bool is_hidden(const struct garita_spec *spec)
{
	for (size_t i = 0; i < spec->mount_count; i++)
		if (strcmp(spec->mounts[i].clean, "/") == 0)
			return true;
	return false;
}

static void identify(const struct garita_gate *gate,
		     const struct garita_spec *spec, const char *bundle,
		     const char *id, struct garita_image *ret)
{
	auto_free char *root =
		garita_path_clean_from(bundle ? bundle : "/", spec->root_path);
	const struct garita_store_query query = {
		.sysroot = gate->sysroot,
		.root_path = root,
		.bundle = bundle,
		.id = id,
		.want_material = wanted_topics(gate->policy) != 0,
	};

	if (!is_hidden(spec)) {
		garita_store_identify(&query, ret);
		return;
	}
	*ret = (struct garita_image){ .sure = GARITA_IMAGE_UNKNOWN };
	snprintf(ret->why_not, sizeof(ret->why_not),
		 "a mount at / hides the root file system");
}

/* The image, and whether it is signed where the policy wants that. */
static void look_at_image(const struct garita_gate *gate,
			  const struct garita_spec *spec, const char *bundle,
			  const char *id, time_t now, struct garita_image *ret)
{
	if (!wants_image(gate->policy))
		return;
	identify(gate, spec, bundle, id, ret);
	ask_for_signatures(gate, now, ret);
}

/* Only where a guard is asked for. */
static void look_for_guard(const struct garita_gate *gate,
			   struct garita_host *host)
{
	static const char installed[] = GARITA_LIBEXEC_DIR "/garita-net";
	auto_fd int fd = -1;
	struct stat st;

	if (!garita_policy_has_network(gate->policy))
		return;
	if (*gate->sysroot == '\0') {
		auto_fd int found =
			garita_program_find("garita-net", &host->guard, NULL);

		(void)found; /* that it is there is all that is asked */
		return;
	}
	fd = garita_file_open_trusted(gate->sysroot, installed, &st, NULL);
	if (fd >= 0)
		host->guard = garita_xstrdup(installed);
}

/* Only where a rule wants to know: it reads directories. */
static void look_at_upper(const struct garita_gate *gate,
			  const struct garita_spec *spec, const char *bundle,
			  struct garita_host *host)
{
	auto_free char *root = NULL;

	if (!asks(gate->policy, "upper-is-fresh"))
		return;
	root = garita_path_clean_from(bundle ? bundle : "/", spec->root_path);
	host->upper = garita_observe_upper(gate->sysroot, root);
}

/* Only where a rule about the machine may refuse: it reads a file. */
static void look_at_machine(const struct garita_gate *gate, time_t now,
			    struct garita_host *host)
{
	if (garita_policy_asks_host(gate->policy))
		host->facts = garita_facts_observe(
			gate->sysroot, now, gate->policy->host_max_age_h);
}

/* What every question about a config begins with. *ret_host is the caller's to
 * free, also after a failure. */
static int look(const struct garita_gate *gate, struct garita_json_doc *doc,
		const char *bundle, struct garita_spec *ret_spec,
		struct garita_host *ret_host, struct garita_error *err)
{
	int rc = garita_spec_read(doc, ret_spec, err);

	if (rc == 0)
		rc = garita_observe(gate->sysroot, ret_spec, bundle, ret_host,
				    err);
	if (rc == 0)
		look_for_guard(gate, ret_host);
	return rc;
}

int garita_gate_judge(const struct garita_gate *gate,
		      struct garita_json_doc *doc, const char *bundle,
		      const char *id, unsigned flags,
		      struct garita_decision *ret, struct garita_error *err)
{
	struct garita_decision decision = { 0 };
	auto_host host = { 0 };
	auto_spec spec = { 0 };
	time_t now = garita_clock_time();
	int rc = look(gate, doc, bundle, &spec, &host, err);

	if (rc < 0)
		return rc;
	look_at_upper(gate, &spec, bundle, &host);
	look_at_machine(gate, now, &host);
	look_at_image(gate, &spec, bundle, id, now, &decision.image);
	rc = garita_decide(doc, &spec, gate->policy, &decision.image, &host,
			   now, flags, &decision.verdict, err);
	if (rc < 0) {
		garita_decision_free(&decision);
		return rc;
	}
	/* For the record; who starts many is not slowed down by it. */
	if (decision.verdict.outcome == GARITA_REFUSE &&
	    !wants_image(gate->policy))
		identify(gate, &spec, bundle, id, &decision.image);
	*ret = decision;
	return 0;
}

int garita_gate_judge_given(const struct garita_gate *gate,
			    const struct garita_gate_given *given,
			    struct garita_json_doc *doc,
			    struct garita_verdict *ret,
			    struct garita_error *err)
{
	auto_image asked = { 0 };
	auto_host host = { 0 };
	auto_spec spec = { 0 };
	time_t now = given->now ? given->now : garita_clock_time();
	int rc = look(gate, doc, given->bundle, &spec, &host, err);

	if (rc < 0)
		return rc;
	look_at_upper(gate, &spec, given->bundle, &host);
	if (given->with_machine)
		look_at_machine(gate, now, &host);
	if (given->image == NULL)
		look_at_image(gate, &spec, given->bundle, NULL, now, &asked);
	return garita_decide(doc, &spec, gate->policy,
			     given->image ? given->image : &asked, &host, now,
			     given->with_machine ? 0 : GARITA_DECIDE_NO_HOST,
			     ret, err);
}

int garita_gate_judge_change(const struct garita_gate *gate,
			     const struct garita_change *change,
			     struct garita_json_doc *doc, const char *bundle,
			     unsigned flags, struct garita_decision *ret,
			     struct garita_error *err)
{
	struct garita_decision decision = { 0 };
	auto_host host = { 0 };
	auto_spec spec = { 0 };
	int rc = look(gate, doc, bundle, &spec, &host, err);

	if (rc < 0)
		return rc;
	/* Only to know which scopes and exceptions are about it. */
	if (garita_policy_selects_images(gate->policy))
		identify(gate, change->container, bundle, NULL,
			 &decision.image);
	rc = garita_decide_change(change, doc, &spec, gate->policy,
				  &decision.image, &host, garita_clock_time(),
				  flags, &decision.verdict, err);
	if (rc < 0)
		garita_decision_free(&decision);
	else
		*ret = decision;
	return rc;
}

/* There is no config yet: an empty one, which no selector by what runs in a
 * container fits. */
int garita_gate_judge_pull(const struct garita_gate *gate,
			   struct garita_image *image,
			   struct garita_decision *ret,
			   struct garita_error *err)
{
	const struct garita_change pull = { .subject = GARITA_SCOPE_IMAGE };
	const struct garita_host host = { 0 };
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_decision decision = { .image = *image };
	struct garita_spec none = { 0 };
	time_t now = garita_clock_time();
	int rc;

	*image = (struct garita_image){ 0 };
	ask_for_signatures(gate, now, &decision.image);
	rc = garita_decide_change(&pull, doc, &none, gate->policy,
				  &decision.image, &host, now,
				  GARITA_DECIDE_NO_FIX, &decision.verdict, err);
	if (rc < 0)
		garita_decision_free(&decision);
	else
		*ret = decision;
	return rc;
}

int garita_gate_judge_machine(const struct garita_gate *gate,
			      struct garita_facts *facts,
			      struct garita_decision *ret,
			      struct garita_error *err)
{
	const struct garita_change change = { .subject = GARITA_SCOPE_HOST };
	struct garita_host host = { .facts = facts };
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_decision decision = { .image.imageless = true };
	struct garita_spec none = { 0 };
	int rc;

	garita_observe_kernel(&host);
	rc = garita_decide_change(&change, doc, &none, gate->policy,
				  &decision.image, &host, garita_clock_time(),
				  GARITA_DECIDE_NO_FIX, &decision.verdict, err);

	if (rc == 0)
		*ret = decision;
	return rc;
}

bool garita_gate_is_dry_run(const struct garita_gate *gate)
{
	return gate != NULL && gate->policy != NULL &&
	       gate->policy->mode == GARITA_MODE_DRY_RUN;
}

void garita_gate_fail_in_config(struct garita_error *err, const char *config)
{
	if (err->line > 0 || *err->pointer != '\0')
		garita_fail_in(err, config);
}

bool garita_gate_asks(const struct garita_gate *gate, enum garita_scope subject)
{
	struct garita_rule_walk at = { 0 };

	while (garita_rule_next(&at))
		if (garita_policy_asks(gate->policy, at.i) &&
		    (at.rule->scope & subject) != 0)
			return true;
	return false;
}
