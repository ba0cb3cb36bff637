/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec and update as they are read: options in both runtimes' words, the
 * command line made of them, and the processes that real engines wrote
 * (tests/samples/engines), which no profile may refuse in their own containers.
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "command_line.h"
#include "hook/exec.h"
#include "hook/update.h"
#include "tests/unit/cases.h"
#include "tests/unit/temporary.h"

void garita_out_of_memory(void)
{
	abort();
}

static const enum garita_runtime_kind R = GARITA_RUNTIME_RUNC;

static const char container[] =
	"{\"ociVersion\":\"1.0.2\",\"process\":{\"user\":{\"uid\":1000,"
	"\"gid\":1001,\"additionalGids\":[5]},\"args\":[\"own\"],"
	"\"env\":[\"OWN=1\"],\"cwd\":\"/own\",\"noNewPrivileges\":true,"
	"\"apparmorProfile\":\"mine\",\"capabilities\":{\"bounding\":"
	"[\"CAP_KILL\"]}},\"root\":{\"path\":\"rootfs\"},\"linux\":"
	"{\"resources\":{\"pids\":{\"limit\":100},\"memory\":{\"limit\":5}}}}";

/* A container that was started with this config. */
static void running_from(const char *text, struct garita_running *ret)
{
	*ret = (struct garita_running){ .bundle.fd = -1 };
	ret->bundle.config = garita_xstrdup(text);
	ret->bundle.config_len = strlen(text);
	assert_int_equal(
		garita_config_parse(text, strlen(text), &ret->config, NULL), 0);
	assert_int_equal(garita_spec_read(ret->config, &ret->spec, NULL), 0);
}

/* What the words make of the process, by crun's table where they begin with
 * c; without a pointer they are refused. */
static const struct {
	const char *why;
	const char *line, *pointer, *want;
} words[] = {
	{ "arguments", "r|exec|c1|sh|-c|--user=0", "/args",
	  "[\"sh\",\"-c\",\"--user=0\"]" },
	{ "a -- of its own is a program", "r|exec|c1|--|ls", "/args",
	  "[\"--\",\"ls\"]" },
	{ "one before the id is not", "r|exec|--|c1|ls", "/args", "[\"ls\"]" },
	{ "crun, too, begins with the container's user", "c|exec|c1|ls",
	  "/user", "{\"uid\":1000,\"gid\":1001,\"additionalGids\":[5]}" },
	{ "crun, too, keeps no-new-privileges", "c|exec|c1|ls",
	  "/noNewPrivileges", "true" },
	{ "a uid alone", "r|exec|-u|7|c1|ls", "/user/gid", "1001" },
	{ "a uid and a gid", "r|exec|--user=7:8|c1|ls", "/user",
	  "{\"uid\":7,\"gid\":8,\"additionalGids\":[5]}" },
	{ "groups", "r|exec|-g|7|-g|8|c1|ls", "/user/additionalGids",
	  "[5,7,8]" },
	{ "environment is added", "r|exec|-e|A=1|-e|B=|c1|ls", "/env",
	  "[\"OWN=1\",\"A=1\",\"B=\"]" },
	{ "a directory", "r|exec|--cwd|/x|c1|ls", "/cwd", "\"/x\"" },
	{ "a terminal", "r|exec|-t|c1|ls", "/terminal", "true" },
	{ "no terminal", "r|exec|c1|ls", "/terminal", "false" },
	{ "runc adds capabilities", "r|exec|-c|CAP_CHOWN|c1|ls",
	  "/capabilities/bounding", "[\"CAP_KILL\",\"CAP_CHOWN\"]" },
	{ "crun gives these only", "c|exec|-c|CAP_CHOWN|-c|CAP_FOWNER|c1|ls",
	  "/capabilities/bounding", "[\"CAP_CHOWN\",\"CAP_FOWNER\"]" },
	{ "labels", "r|exec|--apparmor|other|c1|ls", "/apparmorProfile",
	  "\"other\"" },
	{ "of SELinux", "r|exec|--process-label|a:b:c:d|c1|ls", "/selinuxLabel",
	  "\"a:b:c:d\"" },
	{ "no new privileges", "r|exec|--no-new-privs|c1|ls",
	  "/noNewPrivileges", "true" },
	{ "a name", "r|exec|-u|root|c1|ls", NULL, "--user" },
	{ "a sign", "r|exec|--user=+0|c1|ls", NULL, "--user" },
	{ "minus one is root to some", "r|exec|--user=-1|c1|ls", NULL,
	  "--user" },
	{ "4294967296 is 0 to some", "r|exec|--user=4294967296|c1|ls", NULL,
	  "--user" },
	{ "no gid", "r|exec|--user=1:|c1|ls", NULL, "--user" },
	{ "a foreign group", "r|exec|-g|x|c1|ls", NULL, "additional-gids" },
	{ "no command", "r|exec|c1", NULL, "no command" },
	{ "out of the control group", "r|exec|--cgroup|a/../..|c1|ls", NULL,
	  "--cgroup" },
	{ "of one controller", "r|exec|--cgroup|cpu:..|c1|ls", NULL,
	  "--cgroup" },
	{ "of crun's, which may lead out", "c|exec|--cgroup|a|c1|ls", NULL,
	  "--cgroup" },
	{ "the container's own", "c|exec|--cgroup|/|c1|ls", "/args",
	  "[\"ls\"]" },
	{ "below the container's", "r|exec|--cgroup|a|c1|ls", "/args",
	  "[\"ls\"]" },
	{ "two answers", "r|exec|--process=/f|-u|0|c1", NULL,
	  "--user beside --process" },
	{ "two programs", "r|exec|--process=/f|c1|sh", NULL,
	  "a command beside --process" },
};

static void expect(const char *why, struct garita_json *root, const char *above,
		   const char *pointer, const char *want)
{
	auto_text at = { 0 }, got = { 0 };

	garita_text_printf(&at, "%s%s", above, pointer);
	if (!garita_json_at(root, at.data))
		fail_msg("%s: there is no %s", why, at.data);
	garita_json_print(garita_json_at(root, at.data), &got);
	if (strcmp(got.data, want) != 0)
		fail_msg("%s: %s is %s", why, at.data, got.data);
}

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(words); i++) {
		enum garita_runtime_kind kind = words[i].line[0] == 'c'
							? GARITA_RUNTIME_CRUN
							: GARITA_RUNTIME_RUNC;
		auto_running running = { .bundle.fd = -1 };
		auto_command command = { 0 };
		auto_exec exec = { 0 };
		struct garita_error err = { 0 };
		char said[1024];
		int r;

		running_from(container, &running);
		assert_int_equal(parse(kind, words[i].line, &command, &err), 0);
		r = garita_exec_read(kind, &command, &running, &exec, &err);
		if ((r < 0) != (words[i].pointer == NULL))
			fail_msg("%s: %s", words[i].why, err.text);
		garita_error_words(&err, said, sizeof(said));
		if (r < 0 && !strstr(said, words[i].want))
			fail_msg("%s: %s", words[i].why, said);
		if (r == 0)
			expect(words[i].why, garita_json_root(exec.config),
			       "/process", words[i].pointer, words[i].want);
	}
}

static const struct {
	const char *why, *line, *pointer, *want;
} updates[] = {
	{ "a number", "r|update|--pids-limit|7|c1", "/pids/limit", "7" },
	{ "none", "r|update|--memory=-1|c1", "/memory/limit", "-1" },
	{ "a unit", "r|update|--memory=2k|c1", "/memory/limit", "2048" },
	{ "in capitals", "r|update|--memory=2GiB|c1", "/memory/limit",
	  "2147483648" },
	{ "bytes", "r|update|--memory=2b|c1", "/memory/limit", "2" },
	{ "what is not said stays", "r|update|--memory=2b|c1", "/pids/limit",
	  "100" },
	{ "what limits nothing", "r|update|--cpu-share=2|c1", "/pids/limit",
	  "100" },
	{ "an exponent", "r|update|--memory=1e9|c1", NULL, "--memory" },
	{ "a sign", "r|update|--memory=+1|c1", NULL, "--memory" },
	{ "no such unit", "r|update|--memory=1x|c1", NULL, "--memory" },
	{ "more behind it", "r|update|--memory=1kx|c1", NULL, "--memory" },
	{ "past the end", "r|update|--memory=9223372036854775807k|c1", NULL,
	  "--memory" },
	{ "no number", "r|update|--pids-limit=max|c1", NULL, "--pids-limit" },
	{ "a unit of what has none", "r|update|--pids-limit=1k|c1", NULL,
	  "--pids-limit" },
	{ "what limits nothing is a number, too",
	  "c|update|--cpu-share=2},\"pids\":{\"limit\":9|c1", NULL,
	  "--cpu-share" },
	{ "with a unit where it is bytes",
	  "c|update|--memory-reservation=2m|c1", "/pids/limit", "100" },
	{ "a list", "c|update|--cpuset-cpus=0-3,5|c1", "/pids/limit", "100" },
	{ "two answers", "r|update|--resources=/f|--memory=1|c1", NULL,
	  "--resources" },
};

static void test_updates(void **state)
{
	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(updates); i++) {
		auto_running running = { .bundle.fd = -1 };
		auto_command command = { 0 };
		auto_update update = { 0 };
		struct garita_error err = { 0 };
		int r;

		running_from(container, &running);
		assert_int_equal(parse(R, updates[i].line, &command, &err), 0);
		r = garita_update_read(&command, &running, &update, &err);
		if ((r < 0) != (updates[i].pointer == NULL) ||
		    (r < 0 && !strstr(err.text, updates[i].want)))
			fail_msg("%s: %s", updates[i].why, err.text);
		if (r == 0)
			expect(updates[i].why, garita_json_root(update.config),
			       "/linux/resources", updates[i].pointer,
			       updates[i].want);
	}
}

static void test_command_lines_made(void **state)
{
	static const char *const drop[] = { "user", "process", NULL };
	auto_command command = { 0 }, asks = { 0 };
	auto_free char *made = NULL, *state_of = NULL;

	(void)state;
	assert_int_equal(parse(R,
			       "r|--root|/r|exec|-u|0|-d|--pid-file|p|--|c1|"
			       "sh|--user=0",
			       &command, NULL),
			 0);
	garita_argv_state(&command, &asks);
	state_of = join(&asks);
	assert_string_equal(state_of, "*|--root=/r|state|c1");
	garita_argv_replace(&command, drop, "process", "/proc/self/fd/9");
	made = join(&command);
	assert_string_equal(made, "*|--root=/r|exec|--detach|--pid-file=p|"
				  "--process=/proc/self/fd/9|c1");
	assert_string_equal(command.id, "c1");
	assert_stable(R, made);
}

/* As garita would have printed it: with the least that it leaves. */
static void harden(struct garita_json_doc *doc)
{
	struct garita_json *process =
		garita_json_get(garita_json_root(doc), "process");

	garita_json_put_bool(doc, process, "noNewPrivileges", true);
	garita_json_put(doc, process, "capabilities",
			garita_json_new_object(doc));
}

static void check_sample(const char *process, const char *config,
			 const char *profile, bool hardened)
{
	auto_json struct garita_json_doc *doc = cases_parse(config);
	auto_running running = { .bundle.fd = -1 };
	auto_command command = { 0 };
	auto_case inputs = { 0 };
	auto_verdict verdict = { 0 };
	auto_free char *said = NULL;
	auto_exec exec = { 0 };
	auto_spec spec = { 0 };
	auto_text text = { 0 }, line = { 0 };
	struct garita_change change = { GARITA_SCOPE_EXEC, &running.spec };
	struct garita_error err = { 0 };

	if (hardened)
		harden(doc);
	garita_json_print(garita_json_root(doc), &text);
	running_from(text.data, &running);
	cases_load("sample", NULL, &inputs);
	assert_int_equal(
		garita_policy_set_profile(inputs.policy, profile, NULL), 0);
	garita_text_printf(&line, "r|exec|--process|%s|--detach|c1", process);
	assert_int_equal(parse(R, line.data, &command, NULL), 0);
	if (garita_exec_read(R, &command, &running, &exec, &err) < 0)
		fail_msg("%s: %s", config, err.text);
	assert_int_equal(garita_spec_read(exec.config, &spec, NULL), 0);
	assert_int_equal(garita_decide_change(&change, exec.config, &spec,
					      inputs.policy, &inputs.image,
					      &inputs.host, 0, 0, &verdict,
					      NULL),
			 0);
	said = cases_words(&verdict);
	if (verdict.outcome == GARITA_REFUSE ||
	    (hardened && verdict.outcome != GARITA_REPAIR))
		fail_msg("%s in %s: %s", config, profile, said);
}

/* A copy that is root's alone: a checkout may be anybody's. */
static void copy_to(const char *from, const char *to)
{
	size_t len;
	auto_free char *text = cases_read(from, &len);
	auto_fd int fd =
		open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, len), (ssize_t)len);
}

/* What stands in a file of the engine's; without text there is none. */
static const struct {
	const char *why, *text;
	mode_t mode;
	const char *exec, *update; /* how each refuses it; NULL: it does not */
} files[] = {
	{ "a process", "{\"args\":[\"ls\"],\"cwd\":\"/\"}", 0600, NULL, NULL },
	{ "limits", "{\"devices\":[{\"allow\":true}],\"pids\":{\"limit\":7}}",
	  0600, NULL, NULL },
	{ "not there", NULL, 0, "--process: ", "resources of the update: " },
	{ "another's to write", "{}", 0666, "by others", "by others" },
	{ "no JSON", "{\"args\":", 0600,
	  "process of the exec: ", "resources of the update: " },
	{ "a key twice", "{\"pids\":{},\"pids\":{}}", 0600, "twice", "twice" },
	{ "no object", "[]", 0600, "process of the exec: ", "not an object" },
	{ "of another type", "{\"args\":7,\"pids\":7}", 0600, "args", "pids" },
};

static void read_file(size_t row, bool update, const char *path)
{
	const char *wanted = update ? files[row].update : files[row].exec;
	auto_running running = { .bundle.fd = -1 };
	auto_command command = { 0 };
	auto_update limits = { 0 };
	auto_exec exec = { 0 };
	auto_text line = { 0 };
	struct garita_error err = { 0 };
	char said[1024] = "";
	int r;

	garita_text_printf(&line, "r|%s=%s|c1",
			   update ? "update|--resources" : "exec|--process",
			   path);
	running_from(container, &running);
	assert_int_equal(parse(R, line.data, &command, &err), 0);
	r = update ? garita_update_read(&command, &running, &limits, &err)
		   : garita_exec_read(R, &command, &running, &exec, &err);
	if (r < 0)
		garita_error_words(&err, said, sizeof(said));
	if ((r < 0) != (wanted != NULL) ||
	    (r < 0 && strstr(said, wanted) == NULL))
		fail_msg("%s, %s: \"%s\"", update ? "update" : "exec",
			 files[row].why, said);
	assert_null(
		garita_json_get(garita_json_root(limits.resources), "devices"));
}

static void test_files(void **state)
{
	char home[TEMPORARY_SIZE];

	(void)state;
	temporary_make("exec", home);
	for (size_t i = 0; i < GARITA_COUNT(files); i++) {
		auto_text path = { 0 };
		FILE *file;

		garita_text_printf(&path, "%s/%zu", home, i);
		if (files[i].text != NULL) {
			file = fopen(path.data, "wxe");
			assert_non_null(file);
			assert_true(fputs(files[i].text, file) >= 0);
			assert_int_equal(fchmod(fileno(file), files[i].mode),
					 0);
			assert_int_equal(fclose(file), 0);
		}
		read_file(i, false, path.data);
		read_file(i, true, path.data);
	}
	assert_int_equal(temporary_remove(home), 0);
}

static void test_engines(void **state)
{
	static const char *const profiles[] = { "baseline", "restricted" };
	char process[] = "/tmp/garita-exec.XXXXXX";
	auto_fd int fd = mkstemp(process);
	glob_t found;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(glob(GARITA_SRC_DIR
			      "/tests/samples/engines/*/exec-process.json",
			      0, NULL, &found),
			 0);
	assert_true(found.gl_pathc >= 11);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		char *path = found.gl_pathv[i];
		auto_text config = { 0 };

		copy_to(path, process);
		garita_text_add(&config, path,
				(size_t)(strrchr(path, '/') - path));
		garita_text_puts(&config, "/config.json");
		for (size_t p = 0; p < GARITA_COUNT(profiles); p++) {
			check_sample(process, config.data, profiles[p], false);
			check_sample(process, config.data, profiles[p], true);
		}
	}
	globfree(&found);
	unlink(process);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_updates),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_command_lines_made),
		cmocka_unit_test(test_engines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
