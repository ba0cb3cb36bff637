/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gate - loads the operator's files, gathers the facts, asks the judge.
 */
#include "hook/gate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "garita/match.h"
#include "garita/path.h"
#include "garita/sha256.h"
#include "hook/clock.h"
#include "hook/file.h"
#include "hook/host/facts.h"
#include "hook/host/observe.h"
#include "hook/host/upper.h"
#include "hook/owner.h"
#include "hook/program.h"
#include "hook/store/store.h"
#include "hook/trust/gather.h"

/* A policy is written by people: far below what a config may be. */
enum { POLICY_MAX_BYTES = 1024 * 1024 };

/* An author's own file: regular, and no fifo can hang us. */
static int open_given(const char *path, struct stat *ret_stat,
		      struct garita_error *err)
{
	auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return garita_fail(err, errno, "cannot open: %s",
				   strerror(errno));
	if (fstat(fd, ret_stat) < 0 || !S_ISREG(ret_stat->st_mode))
		return garita_fail(err, EINVAL, "not a regular file");
	return garita_take_fd(&fd);
}

/* One file of the policy, trusted as the first one is. */
static int open_policy(const struct garita_gate_options *options,
		       const char *path, struct stat *ret_stat,
		       struct garita_error *err)
{
	if (options->policy != NULL)
		return open_given(path, ret_stat, err);
	return garita_file_open_trusted(options->sysroot, path, ret_stat, err);
}

/* A name in a policy counts from the policy's own directory. */
static char *beside(const char *policy_path, const char *name)
{
	auto_free char *dir = garita_xstrdup(policy_path ? policy_path : "/");
	char *slash = strrchr(dir, '/');
	auto_text path = { 0 };

	if (*name == '/' || slash == NULL)
		return garita_xstrdup(name);
	*slash = '\0';
	garita_text_printf(&path, "%s/%s", dir, name);
	return garita_text_take(&path);
}

struct reading {
	const struct garita_gate_options *options;
	struct garita_gate *gate;
};

/* As sha256sum(1) prints it. */
static void put_sum(const char *text, size_t len, const char *path,
		    struct garita_text *out)
{
	char digest[GARITA_DIGEST_SIZE];

	garita_sha256_digest(text, len, digest);
	garita_text_printf(out, "%s  %s\n", digest + strlen("sha256:"), path);
}

/* For garita_policy_load(): the file that another extends. */
static int fetch(void *data, const char *from, const char *name,
		 char **ret_path, char **ret_text, size_t *ret_len,
		 struct garita_error *err)
{
	const struct reading *reading = data;
	auto_free char *path = beside(from, name);
	struct stat st = { 0 };
	auto_fd int fd = open_policy(reading->options, path, &st, err);
	int rc = fd;

	if (fd >= 0)
		rc = garita_file_read_all(fd, &st, POLICY_MAX_BYTES, ret_text,
					  ret_len, err);
	if (rc < 0)
		return garita_fail_in(err, path);
	put_sum(*ret_text, *ret_len, path, &reading->gate->policy_below);
	*ret_path = garita_take_ptr(&path);
	return 0;
}

static int parse_policy(const struct garita_gate_options *options, int fd,
			const struct stat *st, struct garita_gate *gate,
			struct garita_error *err)
{
	struct reading reading = { options, gate };
	const struct garita_policy_source source = {
		.fetch = fetch,
		.data = &reading,
		.path = gate->policy_path,
	};
	int rc = garita_file_read_all(fd, st, POLICY_MAX_BYTES,
				      &gate->policy_text, &gate->policy_len,
				      err);

	return rc < 0 ? rc
		      : garita_policy_load(gate->policy_text, gate->policy_len,
					   &source, &gate->policy, err);
}

/* Where a user's own policy would be; NULL when it is the machine that asks. */
static char *own_policy(const struct garita_gate_options *options)
{
	bool elsewhere = options->policy != NULL ||
			 (options->sysroot != NULL && *options->sysroot);

	return elsewhere ? NULL : garita_owner_home(GARITA_OWN_POLICY);
}

static int read_policy(const struct garita_gate_options *options,
		       struct garita_gate *gate, struct garita_error *err)
{
	auto_free char *own = own_policy(options);
	const char *path = options->policy ? options->policy
			   : own           ? own
					   : GARITA_POLICY_FILE;
	struct stat st = { 0 };
	auto_fd int fd = open_policy(options, path, &st, err);

	if (fd == -ENOENT && own != NULL) {
		path = GARITA_POLICY_FILE;
		fd = open_policy(options, path, &st, err);
	}
	if (fd == -ENOENT && options->policy == NULL) {
		gate->policy = garita_policy_default();
		if (err != NULL)
			*err = (struct garita_error){ 0 };
		return 0;
	}
	if (fd < 0)
		return garita_fail_in(err, path);
	/* Absolute: names in it count from its directory, not from ours. */
	gate->policy_path =
		options->policy ? realpath(path, NULL) : garita_xstrdup(path);
	if (gate->policy_path == NULL)
		return garita_fail(err, errno, "%s: %s", path, strerror(errno));
	return parse_policy(options, fd, &st, gate, err) < 0
		       ? garita_fail_in(err, path)
		       : 0;
}

static int open_list(const struct garita_gate *gate, const char *sysroot,
		     const char *name, struct garita_list_file *ret,
		     struct garita_error *err)
{
	auto_free char *path = beside(gate->policy_path, name);
	int rc = garita_list_open(sysroot, path, ret, err);

	return rc < 0 ? garita_fail_in(err, path) : 0;
}

static int open_lists(struct garita_gate *gate, struct garita_error *err)
{
	const char *sysroot = gate->policy_root;
	struct garita_policy *policy = gate->policy;
	int rc = 0;

	if (policy == NULL) /* which read_policy() does not leave so */
		return garita_fail(err, EINVAL, "there is no policy");
	if (policy->allow_file != NULL) {
		rc = open_list(gate, sysroot, policy->allow_file, &gate->allow,
			       err);
		policy->allow_list = gate->allow.digests;
	}
	if (rc == 0 && policy->deny_file != NULL) {
		rc = open_list(gate, sysroot, policy->deny_file, &gate->deny,
			       err);
		policy->deny_list = gate->deny.digests;
	}
	return rc;
}

int garita_gate_open(const struct garita_gate_options *options,
		     struct garita_gate *ret, struct garita_error *err)
{
	auto_gate gate = {
		.sysroot = options->sysroot ? options->sysroot : "",
		.policy_root = options->policy ? NULL : options->sysroot,
	};
	int rc = read_policy(options, &gate, err);

	if (rc == 0 && options->profile != NULL)
		rc = garita_policy_set_profile(gate.policy, options->profile,
					       err);
	if (rc == 0)
		rc = open_lists(&gate, err);
	if (rc < 0)
		return rc;
	*ret = gate;
	gate = (struct garita_gate){ 0 };
	return 0;
}

void garita_gate_close(struct garita_gate *gate)
{
	garita_policy_free(gate->policy);
	free(gate->policy_path);
	free(gate->policy_text);
	garita_text_free(&gate->policy_below);
	garita_list_close(&gate->allow);
	garita_list_close(&gate->deny);
	*gate = (struct garita_gate){ 0 };
}

void garita_gate_digest(const struct garita_gate *gate,
			char ret[GARITA_DIGEST_SIZE])
{
	auto_text sums = { 0 };

	if (gate->policy_text == NULL) {
		snprintf(ret, GARITA_DIGEST_SIZE, "built-in");
		return;
	}
	if (gate->policy_below.len == 0) {
		garita_sha256_digest(gate->policy_text, gate->policy_len, ret);
		return;
	}
	put_sum(gate->policy_text, gate->policy_len, gate->policy_path, &sums);
	garita_text_add(&sums, gate->policy_below.data, gate->policy_below.len);
	garita_sha256_digest(sums.data, sums.len, ret);
}

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

	garita_store_identify(&query, ret);
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
	auto_free char *root =
		garita_path_clean_from(bundle ? bundle : "/", spec->root_path);

	if (asks(gate->policy, "upper-is-fresh"))
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

int garita_gate_judge(const struct garita_gate *gate,
		      struct garita_json_doc *doc, const char *bundle,
		      const char *id, unsigned flags,
		      struct garita_decision *ret, struct garita_error *err)
{
	struct garita_decision decision = { 0 };
	struct garita_host host = { 0 };
	auto_spec spec = { 0 };
	time_t now = garita_clock_time();
	int rc = garita_spec_read(doc, &spec, err);

	if (rc < 0)
		return rc;
	rc = garita_observe(gate->sysroot, &spec, bundle, &host, err);
	if (rc < 0)
		return rc;
	look_for_guard(gate, &host);
	look_at_upper(gate, &spec, bundle, &host);
	look_at_machine(gate, now, &host);
	look_at_image(gate, &spec, bundle, id, now, &decision.image);
	rc = garita_decide(doc, &spec, gate->policy, &decision.image, &host,
			   now, flags, &decision.verdict, err);
	garita_host_free(&host);
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
	struct garita_image asked = { 0 };
	struct garita_host host = { 0 };
	auto_spec spec = { 0 };
	time_t now = given->now ? given->now : garita_clock_time();
	int rc = garita_spec_read(doc, &spec, err);

	if (rc < 0)
		return rc;
	rc = garita_observe(gate->sysroot, &spec, given->bundle, &host, err);
	if (rc < 0)
		return rc;
	look_for_guard(gate, &host);
	look_at_upper(gate, &spec, given->bundle, &host);
	if (given->with_machine)
		look_at_machine(gate, now, &host);
	if (given->image == NULL)
		look_at_image(gate, &spec, given->bundle, NULL, now, &asked);
	rc = garita_decide(doc, &spec, gate->policy,
			   given->image ? given->image : &asked, &host, now,
			   given->with_machine ? 0 : GARITA_DECIDE_NO_HOST, ret,
			   err);
	garita_image_free(&asked);
	garita_host_free(&host);
	return rc;
}

int garita_gate_judge_change(const struct garita_gate *gate,
			     const struct garita_change *change,
			     struct garita_json_doc *doc, const char *bundle,
			     unsigned flags, struct garita_decision *ret,
			     struct garita_error *err)
{
	struct garita_decision decision = { 0 };
	struct garita_host host = { 0 };
	auto_spec spec = { 0 };
	int rc = garita_spec_read(doc, &spec, err);

	if (rc < 0)
		return rc;
	rc = garita_observe(gate->sysroot, &spec, bundle, &host, err);
	if (rc < 0)
		return rc;
	look_for_guard(gate, &host);
	/* Only to know which scopes and exceptions are about it. */
	if (garita_policy_selects_images(gate->policy))
		identify(gate, change->container, bundle, NULL,
			 &decision.image);
	rc = garita_decide_change(change, doc, &spec, gate->policy,
				  &decision.image, &host, garita_clock_time(),
				  flags, &decision.verdict, err);
	garita_host_free(&host);
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

bool garita_gate_asks(const struct garita_gate *gate, enum garita_scope subject)
{
	struct garita_rule_walk at = { 0 };

	while (garita_rule_next(&at))
		if (garita_policy_asks(gate->policy, at.i) &&
		    (at.rule->scope & subject) != 0)
			return true;
	return false;
}
