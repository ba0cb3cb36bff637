/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The last step: what the runtime is run with. A compiled probe
 * (tests/programs/show_runtime) says what it got; the real runc and crun say
 * their version.
 */
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "runtime_home.h"

#include "hook/runtime.h"
#include "hook/settle.h"

void garita_out_of_memory(void)
{
	abort();
}

/* What a child does before it becomes the runtime. */
struct setting {
	const char *program;
	const char *line; /* words of the command, by blanks */
	char **envp;
	mode_t umask;
	bool filter; /* close_range(2) answers ENOSYS */
	bool closed; /* stdin is closed */
};

static void become(const struct setting *setting)
{
	auto_free char *path = in_home(setting->program);
	auto_runtime runtime = { 0 };
	auto_command command = { 0 };
	struct garita_error err = { 0 };
	auto_free char *line = garita_xstrdup(setting->line);
	char *words[16] = { 0 };
	char *rest = line;
	int count = 0;
	mode_t caller;

	umask(setting->umask);
	if (setting->closed)
		close(0);
	caller = garita_settle(O_RDWR);
	while ((words[count] = strsep(&rest, " ")) != NULL)
		count++;
	if (setting->filter) {
		scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

		if (!filter ||
		    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
				     SCMP_SYS(close_range), 0) < 0 ||
		    seccomp_load(filter) < 0)
			_exit(98);
		seccomp_release(filter);
	}
	if (garita_runtime_open(setting->program[0] == '/' ? setting->program
							   : path,
				&runtime, &err) == 0 &&
	    garita_argv_parse(runtime.kind, count, words, &command, &err) == 0)
		garita_runtime_exec(&runtime, &command, setting->envp, caller,
				    &err);
	fprintf(stderr, "%s\n", err.text);
	_exit(99);
}

/* Standard output to `out`, 3 to 9 open as if the caller had left them so, and
 * nothing above. */
static void inherit(int out)
{
	dup2(out, 1);
	for (int fd = 3; fd < 10; fd++)
		dup2(2, fd);
	close_range(10, ~0U, 0);
}

/* Runs it; what it printed. */
static char *run(const struct setting *setting)
{
	auto_text out = { 0 };
	char bytes[4096];
	int pipe_fds[2], status = 0;
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		inherit(pipe_fds[1]);
		become(setting);
	}
	close(pipe_fds[1]);
	while ((n = read(pipe_fds[0], bytes, sizeof(bytes))) > 0)
		garita_text_add(&out, bytes, (size_t)n);
	close(pipe_fds[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail_msg("status %x", (unsigned)status);
	return garita_text_take(&out);
}

static bool has_line(const char *text, const char *start)
{
	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (garita_starts_with(at, start))
			return true;
	}
	return false;
}

static void test_arguments_umask_and_cwd(void **state)
{
	const struct setting setting = {
		.program = "runc-show",
		.line = "garita --root /r run -b /b c1",
		.umask = 0123,
	};
	auto_free char *out = run(&setting);
	auto_text want = { 0 };

	(void)state;
	garita_text_printf(&want,
			   "arg %s/runc-show\narg --root=/r\narg run\n"
			   "arg --bundle=/b\narg c1\nenv PATH=",
			   home);
	if (!garita_starts_with(out, want.data))
		fail_msg("%s", out);
	assert_true(has_line(out, "umask 0123\n"));
	assert_false(has_line(out, "signal "));
}

static char *const hostile[] = {
	(char *)"LD_PRELOAD=/evil.so",
	(char *)"LD_LIBRARY_PATH=/opt/containerd/lib:",
	(char *)"PATH=/evil",
	(char *)"GODEBUG=x",
	(char *)"GOMAXPROCS=1",
	(char *)"GCONV_PATH=/evil",
	(char *)"BASH_ENV=/evil",
	(char *)"POSIXLY_CORRECT=1",
	(char *)"_LIBCONTAINER_INITPIPE=3",
	(char *)"HOMER=x",
	(char *)"HOME",
	(char *)"HOME=/first",
	(char *)"HOME=/second",
	(char *)"TERM=xterm",
	(char *)"NOTIFY_SOCKET=/n",
	(char *)"LISTEN_FDS=2",
	(char *)"LISTEN_PID=1",
	(char *)"LISTEN_FDNAMES=a:b",
	NULL,
};

static void test_environment_is_ours(void **state)
{
	const struct setting setting = { .program = "runc-show",
					 .line = "garita run c1",
					 .envp = (char **)hostile };
	auto_free char *out = run(&setting);
	const char *begin = strstr(out, "env "), *end = strstr(out, "fd 0");

	(void)state;
	assert_non_null(begin);
	assert_non_null(end);
	out[end - out] = '\0';
	assert_string_equal(begin, "env PATH=/usr/local/sbin:/usr/local/bin:"
				   "/usr/sbin:/usr/bin:/sbin:/bin\n"
				   "env HOME=/first\nenv NOTIFY_SOCKET=/n\n"
				   "env TERM=xterm\n");
}

static void assert_descriptors(const struct setting *setting, int last)
{
	auto_free char *out = run(setting);

	for (int fd = 0; fd < 32; fd++) {
		char start[16];

		snprintf(start, sizeof(start), "fd %d ", fd);
		if (has_line(out, start) != (fd <= last))
			fail_msg("%s, up to %d:\n%s", setting->line, last, out);
	}
}

static void test_descriptors(void **state)
{
	struct setting setting = { .program = "runc-show",
				   .line = "garita run c1" };

	(void)state;
	for (int filter = 0; filter < 2; filter++) {
		setting.filter = filter;
		setting.line = "garita run c1";
		assert_descriptors(&setting, 2);
		setting.line = "garita run --preserve-fds 2 c1";
		assert_descriptors(&setting, 4);
		/* More than there are: none of garita's own among them. */
		setting.line = "garita run --preserve-fds 20 c1";
		assert_descriptors(&setting, 9);
	}
	setting.line = "garita run --preserve-fds 2 c1";
	setting.closed = true;
	assert_descriptors(&setting, 4);
}

/* The sockets are ours only when LISTEN_PID is us; and only the child knows
 * its number. */
static void test_listen_fds(void **state)
{
	auto_text out = { 0 };
	char bytes[4096];
	int pipe_fds[2];
	ssize_t n;
	pid_t child;

	(void)state;
	assert_int_equal(pipe2(pipe_fds, O_CLOEXEC), 0);
	child = fork();
	if (child == 0) {
		static char fds[] = "LISTEN_FDS=3", pid[32];
		char *envp[] = { fds, pid, NULL };
		const struct setting setting = {
			.program = "runc-show",
			.line = "garita run --preserve-fds=1 c1",
			.envp = envp,
		};

		snprintf(pid, sizeof(pid), "LISTEN_PID=%d", getpid());
		inherit(pipe_fds[1]);
		become(&setting);
	}
	close(pipe_fds[1]);
	while ((n = read(pipe_fds[0], bytes, sizeof(bytes))) > 0)
		garita_text_add(&out, bytes, (size_t)n);
	close(pipe_fds[0]);
	waitpid(child, NULL, 0);
	assert_true(has_line(out.data, "env LISTEN_FDS=3\n"));
	assert_true(has_line(out.data, "env LISTEN_PID="));
	assert_true(has_line(out.data, "fd 6 ")); /* 3 sockets and one more */
	assert_false(has_line(out.data, "fd 7 "));
}

static void test_the_real_ones(void **state)
{
	static const char *const programs[] = { "/usr/sbin/runc",
						"/usr/bin/crun" };
	unsigned ran = 0;

	(void)state;
	for (size_t i = 0; i < GARITA_COUNT(programs); i++) {
		const struct setting setting = { .program = programs[i],
						 .line = "garita --version" };
		auto_free char *out = NULL;

		if (access(programs[i], X_OK) != 0)
			continue;
		out = run(&setting);
		assert_non_null(strstr(out, " version 1."));
		ran++;
	}
	if (ran == 0)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arguments_umask_and_cwd),
		cmocka_unit_test(test_environment_is_ours),
		cmocka_unit_test(test_descriptors),
		cmocka_unit_test(test_listen_fds),
		cmocka_unit_test(test_the_real_ones),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
