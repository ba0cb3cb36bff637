/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Any bytes as a policy file. What is refused has a reason and a place inside
 * the text; what is accepted has an action and a list for every rule that it
 * may have, and can judge. Seeds: examples/.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "garita/verdict.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static const char config[] =
	"{\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":0},\"capabilities\":{"
	"\"bounding\":[\"CAP_CHOWN\",\"CAP_SYS_ADMIN\"],\"ambient\":["
	"\"CAP_NEW\"]}},\"root\":{\"path\":\"r\"},\"mounts\":[{\"destination\":"
	"\"/s\",\"type\":\"bind\",\"source\":\"/run/docker.sock\"},"
	"{\"destination\":\"/"
	"sys\",\"type\":\"sysfs\"}],\"linux\":{\"devices\":["
	"{\"path\":\"/dev/fuse\",\"type\":\"c\",\"major\":10,\"minor\":229}],"
	"\"maskedPaths\":[]},\"hooks\":{\"prestart\":[{\"path\":\"/bin/sh\"}]},"
	"\"annotations\":{\"run.oci.handler\":\"x\"}}";

static void check_settings(const struct garita_policy *policy)
{
	for (size_t i = 0; i < garita_rule_count(); i++) {
		const struct garita_rule *rule = garita_rule_at(i);
		const struct garita_setting *setting = &policy->settings[i];

		must(setting->action < GARITA_ACTIONS);
		must(setting->action != GARITA_FIX || rule->fix != NULL);
		must(setting->allow_count == 0 || rule->allows != NULL);
		for (size_t n = 0; n < setting->allow_count; n++)
			must(setting->allow[n][0] != '\0');
	}
	for (size_t i = 0; i < policy->allow_count; i++)
		must(garita_digest_well_formed(policy->allow[i]));
	must(policy->runtime == NULL || policy->runtime[0] == '/');
	must(policy->log_file == NULL || policy->log_file[0] == '/');
	must(garita_policy_profile_words(policy) != NULL);
}

static void judge(struct garita_policy *policy)
{
	struct garita_image image = { .sure = GARITA_IMAGE_VERIFIED };
	struct garita_host host = { .machine = "x86_64" };
	auto_json struct garita_json_doc *doc = NULL;
	auto_verdict verdict = { 0 };
	auto_spec spec = { 0 };

	/* The caller opens the files; here they are empty. */
	must(garita_digests_open("", 0, false, &policy->allow_list, NULL) == 0);
	must(garita_digests_open("", 0, false, &policy->deny_list, NULL) == 0);
	must(garita_config_parse(config, strlen(config), &doc, NULL) == 0);
	must(garita_spec_read(doc, &spec, NULL) == 0);
	must(garita_decide(doc, &spec, policy, &image, &host, 0, 0, &verdict,
			   NULL) == 0);
	must(verdict.outcome != GARITA_REPAIR || policy->fix);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct garita_policy *policy = NULL;
	struct garita_error err = { 0 };
	int rc = garita_policy_parse((const char *)data, size, &policy, &err);

	if (rc < 0) {
		must(policy == NULL && err.code == -rc && err.text[0] != '\0');
		must(rc == -E2BIG || (err.line > 0 && err.column > 0 &&
				      err.column <= size + 1));
		return 0;
	}
	check_settings(policy);
	judge(policy);
	garita_policy_free(policy);
	return 0;
}
