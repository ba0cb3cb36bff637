/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * client - an engine's own program, run and waited for.
 *
 * With the operator's own environment, which says which daemon is meant. What
 * it prints is shown to the operator, safely, and never obeyed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "hook/clock.h"
#include "hook/doctor/doctor.h"
#include "hook/wait.h"

enum {
	CANNOT_START = 125,
	MAX_SAID = 256 * 1024, /* bytes kept; the rest is read and dropped */
	PATIENCE_US = 120 * 1000 * 1000,
};

static const char *const directories[] = {
	"/usr/local/bin", "/usr/local/sbin", "/usr/bin", "/usr/sbin",
	"/bin",           "/sbin",           NULL,
};

/* Its path; NULL: not here. */
static char *find(const char *name)
{
	if (name[0] == '/')
		return access(name, X_OK) == 0 ? garita_xstrdup(name) : NULL;
	for (const char *const *dir = directories; *dir != NULL; dir++) {
		auto_text path = { 0 };

		garita_text_printf(&path, "%s/%s", *dir, name);
		if (access(path.data, X_OK) == 0)
			return garita_text_take(&path);
	}
	return NULL;
}

static void become(const char *path, const char *const argv[],
		   char *const envp[], int in, int out, int errors)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (null < 0 || dup2(in >= 0 ? in : null, STDIN_FILENO) < 0 ||
	    dup2(out, STDOUT_FILENO) < 0 || dup2(errors, STDERR_FILENO) < 0)
		_exit(CANNOT_START);
	/* A group of its own, so that all of it can be ended. */
	setpgid(0, 0);
	signal(SIGPIPE, SIG_DFL);
	execve(path, (char *const *)argv, envp);
	_exit(CANNOT_START);
}

static void keep(struct garita_text *text, const char *data, size_t len)
{
	if (text->len + len <= MAX_SAID)
		garita_text_add(text, data, len);
}

/* Reads both ends until they are closed. 0, or -ETIMEDOUT. */
static int listen_to(int out, int errors, uint64_t until,
		     struct garita_client *client)
{
	struct pollfd ends[] = { { .fd = out, .events = POLLIN },
				 { .fd = errors, .events = POLLIN } };

	while (ends[0].fd >= 0 || ends[1].fd >= 0) {
		uint64_t now = garita_clock_us();

		if (now >= until)
			return -ETIMEDOUT;
		if (poll(ends, 2, (int)((until - now) / 1000) + 1) < 0)
			continue;
		for (int i = 0; i < 2; i++) {
			char some[4096];
			ssize_t n;

			if (ends[i].fd < 0 || ends[i].revents == 0)
				continue;
			n = read(ends[i].fd, some, sizeof(some));
			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0) {
				ends[i].fd = -1;
				continue;
			}
			keep(&client->all, some, (size_t)n);
			if (i == 0)
				keep(&client->out, some, (size_t)n);
		}
	}
	return 0;
}

/* Until it ended, which it need not have who said no more; its exit status. One
 * that was not `heard` out, or goes on until then, is ended with all of its
 * group: -ETIMEDOUT. */
static int wait_for(pid_t child, bool heard, uint64_t until, int *ret_code)
{
	auto_fd int pidfd = (int)syscall(SYS_pidfd_open, (long)child, 0L);
	bool late = !heard || (pidfd >= 0 &&
			       garita_wait(pidfd, POLLIN, until) == -ETIMEDOUT);
	int status = 0;

	if (late)
		kill(-child, SIGKILL);
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			break;
	*ret_code = WIFEXITED(status) ? WEXITSTATUS(status)
				      : 128 + WTERMSIG(status);
	return late ? -ETIMEDOUT : 0;
}

int garita_client_run(const struct garita_doctor *doctor,
		      const char *const argv[], int in,
		      struct garita_client *ret, struct garita_error *err)
{
	uint64_t until = garita_clock_us() + PATIENCE_US;
	auto_free char *path = find(argv[0]);
	int out[2], errors[2], rc = 0;
	bool heard = false;
	pid_t child;

	if (path == NULL)
		return garita_fail(err, ENOENT, "%s is not here", argv[0]);
	if (pipe2(out, O_CLOEXEC) < 0)
		return garita_fail(err, errno, "cannot make a pipe");
	if (pipe2(errors, O_CLOEXEC) < 0) {
		close(out[0]);
		close(out[1]);
		return garita_fail(err, errno, "cannot make a pipe");
	}
	child = fork();
	if (child == 0)
		become(path, argv, doctor->envp, in, out[1], errors[1]);
	close(out[1]);
	close(errors[1]);
	if (child < 0)
		rc = garita_fail(err, errno, "cannot fork");
	else
		heard = listen_to(out[0], errors[0], until, ret) == 0;
	close(out[0]);
	close(errors[0]);
	if (child > 0 && wait_for(child, heard, until, &ret->code) < 0)
		rc = garita_fail(err, ETIMEDOUT,
				 "%s did not end within two minutes", argv[0]);
	return rc;
}

void garita_client_free(struct garita_client *client)
{
	garita_text_free(&client->out);
	garita_text_free(&client->all);
}

char *garita_client_last_line(const struct garita_client *client)
{
	const char *data = client->all.len > 0 ? client->all.data : "";
	size_t end = client->all.len, begin;

	while (end > 0 && (data[end - 1] == '\n' || data[end - 1] == ' '))
		end--;
	for (begin = end; begin > 0 && data[begin - 1] != '\n'; begin--)
		;
	return garita_xstrndup(data + begin, end - begin);
}
