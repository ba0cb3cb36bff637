/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a config.json, judged under two policies: the built-in one, and
 * one that repairs whatever can be repaired. What is refused when reading has
 * a reason; what is admitted is as it was; what is repaired is admitted by a
 * second judgement that changes nothing. Seeds: tests/samples/engines.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "garita/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* A host that knows few paths, so that both answers are met. */
static void make_host(struct garita_host *ret)
{
	static const char *const known[] = {
		"/etc",
		"/proc/1/ns/net",
		"/proc/2/ns/net",
		"/run/docker.sock",
	};
	struct garita_host host = {
		.machine = "x86_64",
		.kernel_major = 6,
		.kernel_minor = 1,
		.bundle = garita_xstrdup("/b"),
		.path_count = GARITA_COUNT(known),
	};

	host.paths = garita_xcalloc(host.path_count, sizeof(*host.paths));
	for (size_t i = 0; i < host.path_count; i++)
		host.paths[i] = (struct garita_path_fact){
			.path = garita_xstrdup(known[i]),
			.real = garita_xstrdup(known[i]),
			.device = 4,
			.inode = 100 + i,
			.mode = i == 3 ? S_IFSOCK | 0660 : S_IFREG | 0644,
		};
	for (size_t t = 0; t < GARITA_NS_TYPES; t++) {
		host.init_ns[t].known = true;
		host.init_ns[t].device = 4;
		host.init_ns[t].inode = 101;
	}
	*ret = host;
}

static struct garita_policy *make_policy(bool repair_all)
{
	struct garita_policy *policy = garita_policy_default();

	for (size_t i = 0; repair_all && i < garita_rule_count(); i++)
		policy->settings[i].action =
			garita_rule_at(i)->fix ? GARITA_FIX : GARITA_WARN;
	return policy;
}

/* Returns the outcome and, as text, what became of the config. */
static enum garita_outcome decide(const char *text, size_t len,
				  const struct garita_policy *policy,
				  const struct garita_host *host,
				  struct garita_text *after)
{
	struct garita_image image = { .why_not = "fuzzed" };
	auto_json struct garita_json_doc *doc = NULL;
	auto_verdict verdict = { 0 };
	struct garita_error err = { 0 };
	auto_spec spec = { 0 };
	int rc = garita_config_parse(text, len, &doc, &err);

	if (rc == 0)
		rc = garita_spec_read(doc, &spec, &err);
	if (rc == 0)
		rc = garita_decide(doc, &spec, policy, &image, host, 0, 0,
				   &verdict, &err);
	if (rc < 0) {
		must(err.code == -rc && err.text[0] != '\0');
		return GARITA_REFUSE;
	}
	for (size_t i = 0; i < verdict.count; i++) {
		const struct garita_finding *f = &verdict.findings[i];

		must(f->pointer[0] == '/' && f->wanted[0] != '\0');
		must(f->line > 0 || f->action != GARITA_FIX || f->fixed);
	}
	garita_json_print(garita_json_root(doc), after);
	return verdict.outcome;
}

static void try_policy(const char *text, size_t len, bool repair_all,
		       const struct garita_host *host)
{
	struct garita_policy *policy = make_policy(repair_all);
	auto_text after = { 0 }, again = { 0 };

	switch (decide(text, len, policy, host, &after)) {
	case GARITA_ADMIT:
	case GARITA_REPAIR:
		must(decide(after.data, after.len, policy, host, &again) ==
		     GARITA_ADMIT);
		must(strcmp(after.data, again.data) == 0);
		break;
	case GARITA_REFUSE:
		break;
	}
	garita_policy_free(policy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct garita_host host;

	make_host(&host);
	try_policy((const char *)data, size, false, &host);
	try_policy((const char *)data, size, true, &host);
	garita_host_free(&host);
	return 0;
}
