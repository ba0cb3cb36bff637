/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who is a sandbox: what containerd and CRI-O start for a pod is one, and a
 * container that takes one thing more than a pause program needs is not,
 * whatever its annotations say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/cases.h"

#define CRI_STATE  "/run/containerd/io.containerd.grpc.v1.cri/sandboxes/6b09/"
#define CRIO_STATE "/run/containers/storage/overlay-containers/2682/userdata/"

static const char pause_config[] =
	"{\"process\":{\"args\":[\"/pause\"],"
	"\"user\":{\"uid\":65535,\"gid\":65535},\"cwd\":\"/\","
	"\"noNewPrivileges\":true,"
	"\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_NET_RAW\"]}},"
	"\"root\":{\"path\":\"rootfs\",\"readonly\":true},"
	"\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\"},"
	"{\"destination\":\"/dev/"
	"shm\",\"type\":\"bind\",\"source\":\"" CRI_STATE
	"shm\",\"options\":[\"rbind\",\"ro\"]}],"
	"\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\"}}";

/* JSON merge patches (RFC 7396) over the config above. */
static const struct {
	const char *why, *patch;
	enum garita_scope subject;
} subjects[] = {
	{ "as containerd writes it", "{}", GARITA_SCOPE_SANDBOX },
	{ "as CRI-O writes it",
	  "{\"annotations\":{\"io.kubernetes.cri.container-type\":null,"
	  "\"io.kubernetes.cri-o.ContainerType\":\"sandbox\"},"
	  "\"mounts\":[{\"destination\":\"/etc/hostname\",\"type\":\"bind\","
	  "\"source\":\"" CRIO_STATE "hostname\"}]}",
	  GARITA_SCOPE_SANDBOX },
	{ "nobody says so", "{\"annotations\":null}", GARITA_SCOPE_CONTAINER },
	{ "another word",
	  "{\"annotations\":{\"io.kubernetes.cri.container-type\":"
	  "\"container\"}}",
	  GARITA_SCOPE_CONTAINER },
	{ "docker run --annotation with a program of its own",
	  "{\"process\":{\"args\":[\"/bin/sh\"]}}", GARITA_SCOPE_CONTAINER },
	{ "pause is given arguments",
	  "{\"process\":{\"args\":[\"/pause\",\"-c\"]}}",
	  GARITA_SCOPE_CONTAINER },
	{ "no program", "{\"process\":{\"args\":null}}",
	  GARITA_SCOPE_CONTAINER },
	{ "another pause", "{\"process\":{\"args\":[\"pause\"]}}",
	  GARITA_SCOPE_CONTAINER },
	{ "root can be written", "{\"root\":{\"readonly\":false}}",
	  GARITA_SCOPE_CONTAINER },
	{ "privileges can be gained",
	  "{\"process\":{\"noNewPrivileges\":null}}", GARITA_SCOPE_CONTAINER },
	{ "as root", "{\"process\":{\"user\":{\"uid\":0}}}",
	  GARITA_SCOPE_CONTAINER },
	{ "nobody says as whom", "{\"process\":{\"user\":null}}",
	  GARITA_SCOPE_CONTAINER },
	{ "a capability no engine gives",
	  "{\"process\":{\"capabilities\":{\"ambient\":"
	  "[\"CAP_SYS_ADMIN\"]}}}",
	  GARITA_SCOPE_CONTAINER },
	{ "a device",
	  "{\"linux\":{\"devices\":[{\"path\":\"/dev/kvm\",\"type\":\"c\"}]}}",
	  GARITA_SCOPE_CONTAINER },
	{ "a mount of the host",
	  "{\"mounts\":[{\"destination\":\"/h\",\"type\":\"bind\","
	  "\"source\":\"/srv\"}]}",
	  GARITA_SCOPE_CONTAINER },
	{ "a way out of the engine's files",
	  "{\"mounts\":[{\"destination\":\"/h\",\"options\":[\"bind\"],"
	  "\"source\":\"" CRI_STATE "../../shm/../..\"}]}",
	  GARITA_SCOPE_CONTAINER },
};

static enum garita_scope subject_of(const char *text)
{
	auto_json struct garita_json_doc *config = NULL, *doc = NULL;
	auto_json struct garita_json_doc *patch = NULL;
	auto_text printed = { 0 };
	auto_spec spec = { 0 };

	assert_int_equal(garita_json_parse(pause_config, strlen(pause_config),
					   GARITA_JSON_STRICT, &config, NULL),
			 0);
	assert_int_equal(garita_json_parse(text, strlen(text),
					   GARITA_JSON_STRICT, &patch, NULL),
			 0);
	garita_json_print(cases_merge(config, garita_json_root(config),
				      garita_json_root(patch)),
			  &printed);
	assert_int_equal(
		garita_config_parse(printed.data, printed.len, &doc, NULL), 0);
	assert_int_equal(garita_spec_read(doc, &spec, NULL), 0);
	return garita_spec_subject(&spec);
}

static void test_subjects(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(subjects); i++)
		if (subject_of(subjects[i].patch) != subjects[i].subject)
			fail_msg("%s: %s", subjects[i].why, subjects[i].patch);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_subjects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
