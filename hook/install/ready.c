/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ready - would anything start behind the gate?
 *
 * The judge itself is asked, about a container that asks for nothing: it is
 * first repaired by the strict profile of the built-in rules. Who refuses that
 * refuses every container. There is no image in it and no program, so what the
 * rules say about those is left out; but a list that allows no image is seen.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "hook/file.h"
#include "hook/gate.h"
#include "hook/install/install.h"
#include "hook/program.h"
#include "hook/report/report.h"
#include "hook/runtime.h"

static const char harmless[] =
	"{\"ociVersion\":\"1.0.2\",\"process\":{\"terminal\":false,"
	"\"user\":{\"uid\":65532,\"gid\":65532},\"args\":[\"/app\"],"
	"\"env\":[\"PATH=/bin\"],\"cwd\":\"/\",\"noNewPrivileges\":true},"
	"\"root\":{\"path\":\"/rootfs\",\"readonly\":true},"
	"\"hostname\":\"app\",\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\"]}],"
	"\"linux\":{\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},"
	"{\"type\":\"ipc\"},{\"type\":\"uts\"},{\"type\":\"mount\"},"
	"{\"type\":\"cgroup\"},{\"type\":\"user\"}],"
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":1000000,"
	"\"size\":65536}],"
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":1000000,"
	"\"size\":65536}],"
	"\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}],"
	"\"memory\":{\"limit\":268435456},\"pids\":{\"limit\":64},"
	"\"cpu\":{\"quota\":100000,\"period\":100000}},"
	"\"maskedPaths\":[\"/proc/acpi\",\"/proc/kcore\",\"/proc/keys\","
	"\"/proc/latency_stats\",\"/proc/timer_list\",\"/proc/sched_debug\","
	"\"/proc/scsi\",\"/sys/firmware\"],"
	"\"readonlyPaths\":[\"/proc/asound\",\"/proc/bus\",\"/proc/fs\","
	"\"/proc/irq\",\"/proc/sys\",\"/proc/sysrq-trigger\"]}}";

/* Rules that look at the image, what lies under a container, or its program. */
static bool asks_for_image(const struct garita_rule *rule)
{
	static const char *const about[] = { "image-", "unknown-image",
					     "trusted-registry",
					     "upper-is-fresh",
					     "process-allowlist" };

	for (size_t i = 0; i < GARITA_COUNT(about); i++)
		if (garita_starts_with(rule->id, about[i]))
			return true;
	return false;
}

static void leave_out_image(struct garita_policy *policy)
{
	for (size_t i = 0; i < garita_rule_count(); i++)
		if (asks_for_image(garita_rule_at(i)))
			policy->settings[i].action = GARITA_OFF;
}

/* As strict as the built-in rules can make it. */
static int make_harmless(struct garita_json_doc **ret, struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	struct garita_policy *policy = garita_policy_default();
	struct garita_gate gate = { .sysroot = "", .policy = policy };
	const struct garita_image none = { .imageless = true };
	const struct garita_gate_given given = { .image = &none };
	auto_verdict verdict = { 0 };
	auto_text text = { 0 };
	int rc = garita_policy_set_profile(policy, "strict", err);

	leave_out_image(policy);
	if (rc == 0)
		rc = garita_config_parse(harmless, strlen(harmless), &doc, err);
	if (rc == 0)
		rc = garita_gate_judge_given(&gate, &given, doc, &verdict, err);
	garita_policy_free(policy);
	if (rc < 0)
		return rc;
	garita_json_print(garita_json_root(doc), &text);
	return garita_config_parse(text.data, text.len, ret, err);
}

static int check_verdict(const struct garita_verdict *verdict,
			 struct garita_error *err)
{
	for (size_t i = 0; i < verdict->count; i++) {
		const struct garita_finding *finding = &verdict->findings[i];

		if (finding->action < GARITA_FIX || finding->fixed ||
		    finding->covered || asks_for_image(finding->rule))
			continue;
		return garita_fail(err, EPERM,
				   "the policy would stop every container: %s "
				   "refuses one that asks for nothing",
				   finding->rule->id);
	}
	return 0;
}

static bool allows_no_image(const struct garita_gate *gate)
{
	const struct garita_policy *policy = gate->policy;
	int rule = garita_rule_find("image-allowlist");

	return policy->mode == GARITA_MODE_ENFORCE && rule >= 0 &&
	       policy->settings[rule].action >= GARITA_FIX &&
	       (policy->allow_file != NULL || policy->has_allow_list) &&
	       policy->allow_count == 0 && gate->allow.map.len == 0 &&
	       policy->scope_count == 0 && policy->exception_count == 0;
}

/* What podman puts into every config once the entry is there. */
static void add_hook(struct garita_json_doc *doc, const char *path)
{
	struct garita_json *hooks = garita_json_make_object(doc, "/hooks");
	struct garita_json *all = garita_json_new_array(doc);
	struct garita_json *args = garita_json_new_array(doc);
	struct garita_json *env = garita_json_new_array(doc);
	struct garita_json *hook = garita_json_new_object(doc);

	garita_json_append(doc, args,
			   garita_json_new_string(doc, "garita-hook"));
	garita_json_append(doc, args,
			   garita_json_new_string(doc, "createRuntime"));
	garita_json_append(doc, env,
			   garita_json_new_string(
				   doc, "PATH=/usr/sbin:/usr/bin:/sbin:/bin"));
	garita_json_put_string(doc, hook, "path", path);
	garita_json_put(doc, hook, "args", args);
	garita_json_put(doc, hook, "env", env);
	garita_json_append(doc, all, hook);
	garita_json_put(doc, hooks, "createRuntime", all);
}

static int check_judge(const struct garita_gate *gate, const char *hook,
		       struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_image none = { .imageless = true };
	const struct garita_gate_given given = { .image = &none,
						 .with_machine = true };
	auto_verdict verdict = { 0 };
	int rc;

	if (allows_no_image(gate))
		return garita_fail(err, EPERM,
				   "the policy would stop every container: its "
				   "list of allowed images is empty");
	leave_out_image(gate->policy);
	rc = make_harmless(&doc, err);
	if (rc == 0 && hook != NULL)
		add_hook(doc, hook);
	if (rc == 0)
		rc = garita_gate_judge_given(gate, &given, doc, &verdict, err);
	if (rc < 0)
		return rc;
	return gate->policy->mode == GARITA_MODE_ENFORCE
		       ? check_verdict(&verdict, err)
		       : 0;
}

/* The runtimes behind the gate; below a sysroot nothing can be said of it. */
static int check_runtime(const struct garita_install_options *options,
			 const struct garita_gate *gate,
			 struct garita_error *err)
{
	const struct garita_policy *policy = gate->policy;
	size_t count = policy->scope_count + 1;
	int rc = 0;

	if (options->sysroot[0] != '\0')
		return 0;
	for (size_t i = 0; rc == 0 && i < count; i++) {
		auto_runtime runtime = { 0 };
		const char *path = i == 0 ? policy->runtime
					  : policy->scopes[i - 1].runtime;

		if (i == 0 || path != NULL)
			rc = garita_runtime_open(path, &runtime, err);
	}
	return rc;
}

int garita_install_is_ready(const struct garita_install_options *options,
			    const struct garita_install_engine *engine,
			    struct garita_error *err)
{
	const struct garita_gate_options gate_options = {
		.sysroot = options->sysroot,
	};
	auto_gate gate = { 0 };
	int rc = garita_gate_open(&gate_options, &gate, err);

	if (rc < 0) {
		garita_fail_in(err, "the policy would stop every container");
		return rc;
	}
	rc = check_judge(&gate,
			 engine == &garita_install_podman || options->base_spec
				 ? options->hook
				 : NULL,
			 err);
	return rc < 0 ? rc : check_runtime(options, &gate, err);
}

/* It goes into files of four syntaxes, and words of it into none. */
static bool is_plain(const char *path)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyz"
				   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789/._+-";

	return path[0] == '/' && path[strspn(path, good)] == '\0';
}

int garita_install_check_program(const struct garita_install_options *options,
				 const char *path, struct garita_error *err)
{
	struct stat st;
	auto_fd int fd = -1;

	if (!is_plain(path))
		return garita_fail(err, EINVAL,
				   "\"%s\" is no absolute path of plain "
				   "characters",
				   path);
	fd = garita_file_open_trusted(options->sysroot, path, &st, err);
	return fd < 0 ? fd
		      : garita_program_check(fd, &st, "program", path, err);
}
