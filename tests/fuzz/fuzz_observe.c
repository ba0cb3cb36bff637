/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A bundle in /b, an image with any links in it and a machine around: where a
 * path is said to lead, no link is on the way, so the runtime will come to no
 * other place; and what was seen is judged.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/path.h"
#include "garita/verdict.h"
#include "hook/file.h"
#include "hook/host/observe.h"
#include "hook/host/upper.h"
#include "hook/resolve.h"
#include "tests/fuzz/sysroot.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char policy_text[] = "{\"version\":1,\"profile\":\"strict\","
				  "\"rules\":{\"upper-is-fresh\":\"deny\"}}";

static const struct garita_policy *policy(void)
{
	static struct garita_policy *kept;

	if (kept == NULL)
		must(garita_policy_parse(policy_text, strlen(policy_text),
					 &kept, NULL) == 0);
	return kept;
}

static int open_in(const char *dir, const char *path, uint64_t resolve)
{
	auto_fd int root = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	return garita_resolve(root, path, O_PATH, RESOLVE_IN_ROOT | resolve);
}

/* In the root file system, so far as it is there. */
static void check_leads(int rootfs, const char *path)
{
	auto_free char *clean = garita_path_clean(path);
	auto_fd int fd = garita_resolve(rootfs, path, O_PATH,
					RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS);

	must(*path == '/' && strcmp(path, clean) == 0);
	must(fd != -ELOOP);
}

static void check_seen(const char *sysroot, const struct garita_host *host)
{
	auto_fd int rootfs = -1;

	for (size_t i = 1; i < host->path_count; i++)
		must(strcmp(host->paths[i - 1].path, host->paths[i].path) < 0);
	for (size_t i = 1; i < host->target_count; i++)
		must(strcmp(host->targets[i - 1].path, host->targets[i].path) <
		     0);
	must(host->cwd == NULL || host->cwd_failure == 0);
	if (host->root == NULL) {
		must(host->target_count == 0 && host->cwd == NULL);
		return;
	}
	rootfs = open_in(sysroot, host->root, 0);
	must(rootfs >= 0);
	if (host->cwd != NULL)
		check_leads(rootfs, host->cwd);
	for (size_t i = 0; i < host->target_count; i++)
		if (host->targets[i].real != NULL)
			check_leads(rootfs, host->targets[i].real);
}

static void check_upper(const struct garita_upper *upper)
{
	for (size_t i = 0; i < upper->count; i++)
		must(*upper->all[i].path == '/');
	must(upper->why_not[0] == '\0' || upper->count == 0 || !upper->more);
}

/* The config that the input has; false: it is none. */
static bool read_config(const char *sysroot, struct garita_json_doc **ret,
			struct garita_spec *ret_spec)
{
	auto_fd int dir = open(sysroot, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_free char *text = NULL;
	size_t len = 0;

	return garita_file_read_given(dir, "b/config.json",
				      GARITA_JSON_MAX_BYTES, &text, &len,
				      NULL) == 0 &&
	       garita_config_parse(text, len, ret, NULL) == 0 &&
	       garita_spec_read(*ret, ret_spec, NULL) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *sysroot = fuzz_sysroot(data, size);
	const struct garita_image image = { .why_not = "fuzzed" };
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_error err = { 0 };
	struct garita_host host = { 0 };
	auto_verdict verdict = { 0 };
	auto_spec spec = { 0 };

	if (!read_config(sysroot, &doc, &spec))
		return 0;
	if (garita_observe(sysroot, &spec, "/b", &host, &err) < 0) {
		must(err.text[0] != '\0' && host.paths == NULL);
		return 0;
	}
	check_seen(sysroot, &host);
	host.upper = garita_observe_upper(sysroot, "/b/rootfs");
	check_upper(host.upper);
	must(garita_decide(doc, &spec, policy(), &image, &host, 0, 0, &verdict,
			   &err) == 0);
	must(verdict.outcome != GARITA_ADMIT || verdict.count == 0 ||
	     verdict.findings[0].action != GARITA_DENY);
	garita_host_free(&host);
	return 0;
}
