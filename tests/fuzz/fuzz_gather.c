/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A machine's /proc, /sys and /etc with anything in them: facts are gathered,
 * what is kept of them is read again as they were, and every rule about the
 * machine comes to an answer in words.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/verdict.h"
#include "hook/host/facts.h"
#include "hook/host/look.h"
#include "hook/host/lsm.h"
#include "tests/fuzz/sysroot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1000000 };

/* A pattern, so that modules of any name are told. */
static const char text[] = "{\"version\":1,\"profile\":\"strict\",\"rules\":{"
			   "\"kernel-modules-allowlist\":{\"action\":\"deny\","
			   "\"deny\":[\"x*\"]}}}";

static const struct garita_policy *policy(void)
{
	static struct garita_policy *kept;

	if (kept == NULL)
		must(garita_policy_parse(text, strlen(text), &kept, NULL) == 0);
	return kept;
}

static void judge(struct garita_facts *facts)
{
	const struct garita_change change = { .subject = GARITA_SCOPE_HOST };
	const struct garita_host host = { .facts = facts };
	const struct garita_image image = { 0 };
	auto_json struct garita_json_doc *doc = garita_json_new();
	struct garita_spec none = { 0 };
	auto_verdict verdict = { 0 };

	must(garita_decide_change(&change, doc, &none, policy(), &image, &host,
				  NOW, 0, &verdict, NULL) == 0);
	for (size_t i = 0; i < verdict.count; i++) {
		const struct garita_finding *f = &verdict.findings[i];

		must(*f->pointer == '/' && *f->found != '\0' &&
		     *f->wanted != '\0');
	}
}

/* They count at a start, which reads them as strictly as anything. */
static void read_again(const struct garita_facts *facts)
{
	const char *boot = garita_json_string(garita_facts_at(facts, "/boot"));
	const struct garita_facts_terms terms = {
		.now = NOW,
		.max_age_s = 60,
		.boot_id = boot,
	};
	struct garita_error err = { 0 };
	auto_text out = { 0 }, again = { 0 };
	auto_facts kept = { 0 };
	int rc;

	must(boot != NULL);
	garita_json_print(garita_json_root(facts->doc), &out);
	rc = garita_facts_parse(out.data, out.len, &terms, &kept, &err);
	must(rc == (*boot == '\0' ? -ESTALE : 0));
	if (rc < 0)
		return;
	garita_json_print(garita_json_root(kept.doc), &again);
	must(out.len == again.len &&
	     memcmp(out.data, again.data, out.len) == 0);
}

/* What a start looks at, be there kept facts or not. */
static void look(const char *sysroot)
{
	auto_fd int root = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct garita_view view = { .root = root };
	const struct garita_spec spec = { 0 };
	struct garita_host host = { 0 };
	struct garita_facts *facts = garita_facts_observe(sysroot, NOW, 1);
	auto_free char *group = garita_look_cgroup(&view, "/proc/7/ns/net");

	must(facts->doc != NULL);
	must(group == NULL || (*group != '\0' && strchr(group, '\n') == NULL));
	garita_observe_lsm(root, &spec, &host);
	garita_facts_free(facts);
	free(facts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *sysroot = fuzz_sysroot(data, size);
	struct garita_error err = { 0 };
	auto_facts facts = { 0 };
	int rc = garita_facts_gather(sysroot, policy(), NOW, &facts, &err);

	if (rc < 0) { /* a table of advisories that is none */
		must(err.text[0] != '\0' && facts.doc == NULL);
	} else {
		read_again(&facts);
		judge(&facts);
	}
	look(sysroot);
	return 0;
}
