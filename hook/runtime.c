/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * runtime - the real runc or crun: found by absolute path, checked and run by
 * descriptor, with an environment and descriptors we chose.
 *
 * What garita is called with belongs to an engine, but parts of it come from
 * further away: dockerd hands its whole environment on, conmon its
 * descriptors. The runtime runs as root before any container exists, so it
 * gets only what it is known to need.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "garita/memory.h"
#include "garita/text.h"
#include "hook/file.h"
#include "hook/owner.h"
#include "hook/runtime.h"

enum {
	FIRST_KEPT = 3, /* after stdin, stdout and stderr */
	MAX_LINKS = 16, /* fewer than the kernel follows */
	MAX_LISTEN = 1024,
	CANNOT_START = 125, /* no stdin to /dev/null: nothing was judged */
};

/* Where distributions and their users put a runtime, in the order of
 * preference. */
static const char usual_places[][21] = {
	"/usr/sbin/runc",      "/usr/bin/runc", "/usr/local/sbin/runc",
	"/usr/local/bin/runc", "/usr/bin/crun", "/usr/local/bin/crun",
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

/* Are stdin, stdout and stderr all open? One call where it can be asked. */
static bool has_standard(void)
{
	struct pollfd all[FIRST_KEPT] = { { .fd = 0 },
					  { .fd = 1 },
					  { .fd = 2 } };

	return poll(all, FIRST_KEPT, 0) >= 0 &&
	       ((all[0].revents | all[1].revents | all[2].revents) &
		POLLNVAL) == 0;
}

mode_t garita_runtime_settle(void)
{
	/* A file we open must not become the stdout of a runtime. */
	for (int fd = 0; !has_standard() && fd < FIRST_KEPT; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", O_RDWR) != fd)
			_exit(CANNOT_START);
	}
	return umask(077);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int kind_of(const char *path, enum garita_runtime_kind *ret,
		   struct garita_error *err)
{
	const char *name = base_name(path);

	if (garita_starts_with(name, "runc"))
		*ret = GARITA_RUNTIME_RUNC;
	else if (garita_starts_with(name, "crun"))
		*ret = GARITA_RUNTIME_CRUN;
	else
		return garita_fail(err, EINVAL,
				   "cannot tell from its name whether the "
				   "runtime %s is runc or crun; name it (or a "
				   "link to it) runc-... or crun-...",
				   path);
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* The next path of a chain of links; *ret is NULL when `path` is no link. */
static int read_link(const char *path, char **ret, struct garita_error *err)
{
	char target[PATH_MAX];
	auto_text next = { 0 };
	struct stat st;
	ssize_t len;

	*ret = NULL;
	if (lstat(path, &st) < 0)
		return garita_fail(err, errno, "cannot look at %s", path);
	if (!S_ISLNK(st.st_mode))
		return 0;
	/* In a sticky directory anybody can make one. */
	if (!garita_owner_trusted(st.st_uid))
		return garita_fail(err, EPERM,
				   "the link %s belongs to uid %u, neither "
				   "root nor us",
				   path, st.st_uid);
	len = readlink(path, target, sizeof(target));
	if (len <= 0 || (size_t)len >= sizeof(target))
		return garita_fail(err, len < 0 ? errno : ENAMETOOLONG,
				   "cannot read the link %s", path);
	if (target[0] != '/')
		garita_text_add(&next, path, (size_t)(base_name(path) - path));
	garita_text_add(&next, target, (size_t)len);
	*ret = garita_text_take(&next);
	return 0;
}

/* The name leads to this file over links that only root and we can change:
 * the way of each link's own name is checked as the first one's was. */
static int check_links(const char *path, const struct stat *st,
		       struct garita_error *err)
{
	auto_free char *at = garita_xstrdup(path);

	for (int links = 0; links < MAX_LINKS; links++) {
		char *next = NULL;
		struct stat seen;
		auto_fd int fd = -1;
		int r = read_link(at, &next, err);

		if (r < 0 || !next)
			return r;
		free(at);
		at = next;
		fd = garita_file_open_trusted(NULL, at, &seen, err);
		if (fd < 0)
			return fd;
		if (!same_file(st, &seen))
			return garita_fail(err, ESTALE,
					   "the link %s was changed just now",
					   path);
	}
	return garita_fail(err, ELOOP, "too many links from %s", path);
}

static int check_program(int fd, const char *path, const struct stat *st,
			 struct garita_error *err)
{
	char magic[4] = { 0 };

	if (!(st->st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)))
		return garita_fail(err, EACCES, "runtime %s is not executable",
				   path);
	if (pread(fd, magic, sizeof(magic), 0) != (ssize_t)sizeof(magic) ||
	    memcmp(magic, "\177ELF", sizeof(magic)) != 0)
		return garita_fail(
			err, ENOEXEC,
			"runtime %s is a script or another kind of "
			"file; garita runs ELF programs only, because"
			" an interpreter would look for the script "
			"by name again",
			path);
	return 0;
}

/* -EDEADLK: it is garita itself. -ENOENT: nothing there. */
static int open_program(const char *path, struct garita_error *err)
{
	struct stat st, self;
	auto_fd int fd = -1;
	bool linked;
	int r;

	if (path[0] != '/')
		return garita_fail(err, EINVAL,
				   "the runtime needs an absolute path, not "
				   "\"%s\"",
				   path);
	fd = garita_file_open_plain(path, &st, err);
	linked = fd == -ELOOP;
	if (linked)
		fd = garita_file_open_trusted(NULL, path, &st, err);
	if (fd < 0)
		return fd;
	if (stat("/proc/self/exe", &self) < 0)
		return garita_fail(err, errno, "cannot look at /proc/self/exe");
	if (same_file(&st, &self))
		return garita_fail(err, EDEADLK,
				   "the runtime %s is garita itself; name the "
				   "real one in the policy (\"runtime\")",
				   path);
	r = check_program(fd, path, &st, err);
	if (r == 0 && linked)
		r = check_links(path, &st, err);
	return r < 0 ? r : garita_take_fd(&fd);
}

/* Opens `place`, or PLACE.real where garita was put in its place. A runtime of
 * another kind than the one whose place garita took would not know the
 * caller's containers: *took remembers, once set. */
static int open_place(const char *place, int *took, char **ret_path,
		      struct garita_error *err)
{
	enum garita_runtime_kind kind = GARITA_RUNTIME_RUNC;
	auto_text real = { 0 };
	int fd = kind_of(place, &kind, err);

	if (fd < 0)
		return fd;
	if (*took >= 0 && *took != (int)kind)
		return -ENOENT;
	fd = open_program(place, err);
	garita_text_puts(&real, place);
	if (fd == -EDEADLK) {
		*took = (int)kind;
		garita_text_puts(&real, ".real");
		fd = open_program(real.data, err);
	}
	if (fd >= 0)
		*ret_path = garita_text_take(&real);
	return fd;
}

/* `took`: only of that kind; -1: of any. */
static int search(int took, char **ret_path, struct garita_error *err)
{
	for (size_t i = 0; i < GARITA_COUNT(usual_places); i++) {
		int fd = open_place(usual_places[i], &took, ret_path, err);

		/* One that is there and not trusted is not passed over. */
		if (fd != -ENOENT)
			return fd;
	}
	return garita_fail(err, ENOENT,
			   "there is neither runc nor crun in the usual places;"
			   " name the runtime in the policy (\"runtime\")");
}

static int take(int fd, const char *path, struct garita_runtime *ret,
		struct garita_error *err)
{
	enum garita_runtime_kind kind = GARITA_RUNTIME_RUNC;
	int r = kind_of(path, &kind, err);

	if (r < 0)
		return r;
	ret->fd = fd;
	ret->path = garita_xstrdup(path);
	ret->kind = kind;
	return 0;
}

int garita_runtime_open(const char *path, struct garita_runtime *ret,
			struct garita_error *err)
{
	auto_free char *used = path ? garita_xstrdup(path) : NULL;
	auto_fd int fd =
		path ? open_program(path, err) : search(-1, &used, err);
	int r = fd < 0 ? fd : take(fd, used, ret, err);

	if (r == 0)
		(void)garita_take_fd(&fd);
	return r;
}

int garita_runtime_search(enum garita_runtime_kind kind,
			  struct garita_runtime *ret, struct garita_error *err)
{
	auto_free char *used = NULL;
	auto_fd int fd = search((int)kind, &used, err);
	int r = fd < 0 ? fd : take(fd, used, ret, err);

	if (r == 0)
		(void)garita_take_fd(&fd);
	return r;
}

void garita_runtime_close(struct garita_runtime *runtime)
{
	/* A zeroed struct has no path and never had a descriptor. */
	if (runtime->path && runtime->fd >= 0)
		close(runtime->fd);
	free(runtime->path);
	runtime->path = NULL;
	runtime->fd = -1;
}

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
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int failure;

	if (!dir)
		return garita_fail(err, errno,
				   "cannot close descriptors: neither "
				   "close_range nor /proc/self/fd works");
	for (errno = 0; (entry = readdir(dir)) != NULL; errno = 0) {
		uint32_t fd;

		if (garita_parse_u32(entry->d_name, first, INT32_MAX, &fd) < 0)
			continue;
		if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0)
			break;
	}
	failure = errno;
	closedir(dir);
	if (entry || failure)
		return garita_fail(err, failure ? failure : EBADF,
				   "cannot close descriptors: %s",
				   strerror(failure));
	return 0;
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
