/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtime_exec - running the runtime by descriptor, with an environment and
 * descriptors that we chose.
 *
 * What garita is called with belongs to an engine, but parts of it come from
 * further away: dockerd hands its whole environment on, conmon its
 * descriptors. The runtime runs as root before any container exists, so it
 * gets only what it is known to need.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/directory.h"
#include "hook/file.h"
#include "hook/runtime.h"

enum {
	FIRST_KEPT = 3, /* after stdin, stdout and stderr */
	MAX_LISTEN = 1024,
	CANNOT_START = 125, /* of a child that did not become the runtime */
};

static const char fixed_path[] = "PATH=/usr/local/sbin:/usr/local/bin:"
				 "/usr/sbin:/usr/bin:/sbin:/bin";

/* What runc and crun read from their environment, and what the hooks that
 * inherit it may expect of an ordinary one. Not here on purpose: LD_*,
 * GCONV_PATH, LOCPATH (code or data for libc to load), GODEBUG, GOTRACEBACK,
 * GOMAXPROCS (change how Go runs), BASH_ENV, POSIXLY_CORRECT (changes how
 * getopt reads argv), _LIBCONTAINER_* and _OCI_* (the runtime's and conmon's
 * own channels, set by nobody else), RUN_OCI_SECCOMP_RECEIVER. */
static const char kept_variables[][25] = {
	"HOME",
	"USER", /* in a user namespace runc goes by it to where it keeps all */
	"XDG_RUNTIME_DIR",
	"NOTIFY_SOCKET",
	"DBUS_SESSION_BUS_ADDRESS",
	"DBUS_SYSTEM_BUS_ADDRESS",
	"TMPDIR",
	"TERM",
};

/* Socket activation: only together, and only when meant for us. */
static const char listen_variables[][15] = {
	"LISTEN_FDS",
	"LISTEN_PID",
	"LISTEN_FDNAMES",
};

/* "NAME=value" of the first entry with that name, as getenv(3) has it. */
static char *find_variable(char *const envp[], const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; envp != NULL && envp[i] != NULL; i++) {
		char *entry = envp[i];

		if (strncmp(entry, name, len) == 0 && entry[len] == '=')
			return entry;
	}
	return NULL;
}

static const char *value_of(char *const envp[], const char *name)
{
	char *entry = find_variable(envp, name);

	return entry ? entry + strlen(name) + 1 : NULL;
}

/* Number of sockets passed to us as sd_listen_fds(3) counts them. crun does
 * not compare LISTEN_PID: with what was meant for another process, it would
 * take whatever is open for a socket of the container. */
static uint32_t listen_fds(char *const envp[])
{
	uint32_t pid = 0, count = 0;

	if (garita_parse_u32(value_of(envp, "LISTEN_PID"), 1, INT32_MAX, &pid) <
		    0 ||
	    pid != (uint32_t)getpid() ||
	    garita_parse_u32(value_of(envp, "LISTEN_FDS"), 1, MAX_LISTEN,
			     &count) < 0)
		return 0;
	return count;
}

/* A new environment whose strings are borrowed; the caller frees the array. */
static char **make_environment(char *const envp[], bool listening)
{
	size_t most = 1 + GARITA_COUNT(kept_variables) +
		      GARITA_COUNT(listen_variables) + 1;
	char **ret = garita_xcalloc(most, sizeof(*ret));
	size_t n = 0;

	ret[n++] = (char *)fixed_path;
	for (size_t i = 0; i < GARITA_COUNT(kept_variables); i++) {
		ret[n] = find_variable(envp, kept_variables[i]);
		n += ret[n] != NULL;
	}
	for (size_t i = 0; listening && i < GARITA_COUNT(listen_variables);
	     i++) {
		ret[n] = find_variable(envp, listen_variables[i]);
		n += ret[n] != NULL;
	}
	return ret;
}

/* The same without close_range(2): kernels before 5.11, or a filter. */
static int close_on_exec_by_proc(unsigned first, struct garita_error *err)
{
	auto_directory *list = garita_directory_open("/proc/self/fd");
	const char *name = NULL;
	int failed = 0;

	if (list == NULL)
		return garita_fail(err, errno,
				   "cannot close descriptors: neither "
				   "close_range nor /proc/self/fd works");
	while (failed == 0 &&
	       (failed = garita_directory_next(list, &name)) == 0 &&
	       name != NULL) {
		uint32_t fd;

		if (garita_parse_u32(name, first, INT32_MAX, &fd) == 0 &&
		    fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
			failed = -errno;
	}
	return failed < 0 ? garita_fail(err, -failed,
					"cannot close descriptors: %s",
					strerror(-failed))
			  : 0;
}

/* Every descriptor from `first` on closes when the runtime starts. Those below
 * are the caller's: ours are born closing. */
static int close_on_exec_from(unsigned first, struct garita_error *err)
{
	if (syscall(SYS_close_range, first, ~0U, CLOSE_RANGE_CLOEXEC) == 0)
		return 0;
	return close_on_exec_by_proc(first, err);
}

uint32_t garita_runtime_first_free(const struct garita_command *command,
				   char *const envp[])
{
	return FIRST_KEPT + listen_fds(envp) + command->preserve_fds;
}

/* Becomes the program; returns -errno. */
static int execute(const struct garita_runtime *runtime,
		   struct garita_command *command, char *const envp[],
		   bool listening)
{
	auto_free char **environment = make_environment(envp, listening);

	free(command->argv[0]);
	command->argv[0] = garita_xstrdup(runtime->path);
	/* execveat(), which not every libc has by name. */
	syscall(SYS_execveat, runtime->fd, "", command->argv, environment,
		AT_EMPTY_PATH);
	return -errno;
}

int garita_runtime_exec(const struct garita_runtime *runtime,
			struct garita_command *command, char *const envp[],
			mode_t caller_umask, struct garita_error *err)
{
	mode_t ours;
	int r = close_on_exec_from(garita_runtime_first_free(command, envp),
				   err);

	if (r < 0)
		return r;
	if (command->keep_fd > 0 && fcntl(command->keep_fd, F_SETFD, 0) < 0)
		return garita_fail(err, errno, "cannot keep descriptor %d",
				   command->keep_fd);
	ours = umask(caller_umask);
	r = execute(runtime, command, envp, listen_fds(envp) > 0);
	umask(ours);
	return garita_fail(err, -r, "cannot run %s: %s", runtime->path,
			   strerror(-r));
}

static void become_child(const struct garita_runtime *runtime,
			 struct garita_command *command, char *const envp[],
			 bool quiet, int out)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (nothing < 0 || dup2(nothing, STDIN_FILENO) < 0 ||
	    (quiet && dup2(nothing, STDERR_FILENO) < 0) ||
	    dup2(out, STDOUT_FILENO) < 0 ||
	    close_on_exec_from(FIRST_KEPT, NULL) < 0)
		_exit(CANNOT_START);
	execute(runtime, command, envp, false);
	_exit(CANNOT_START);
}

/* -ECHILD: our caller has us ignore children; what was read must do then. */
static int wait_for(pid_t child, struct garita_error *err)
{
	int status = 0;
	pid_t pid;

	do
		pid = waitpid(child, &status, 0);
	while (pid < 0 && errno == EINTR);
	if (pid < 0 && errno != ECHILD)
		return garita_fail(err, errno, "cannot wait for the runtime");
	if (status != 0)
		return garita_fail(err, EIO,
				   "the runtime cannot tell about it");
	return 0;
}

int garita_runtime_capture(const struct garita_runtime *runtime,
			   struct garita_command *command, char *const envp[],
			   bool quiet, size_t max_bytes, char **ret,
			   size_t *ret_len, struct garita_error *err)
{
	auto_free char *text = NULL;
	size_t len = 0;
	int ends[2], r, ended;
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return garita_fail(err, errno, "cannot make a pipe");
	child = fork();
	if (child == 0)
		become_child(runtime, command, envp, quiet, ends[1]);
	r = child < 0 ? garita_fail(err, errno, "cannot fork") : 0;
	close(ends[1]);
	if (r == 0)
		r = garita_file_read(ends[0], max_bytes, &text, &len, err);
	close(ends[0]); /* a child that would print more ends */
	if (child < 0)
		return r;
	ended = wait_for(child, r < 0 ? NULL : err);
	if (r < 0 || ended < 0)
		return r < 0 ? r : ended;
	*ret = garita_take_ptr(&text);
	*ret_len = len;
	return 0;
}
