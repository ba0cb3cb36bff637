/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * skopeo - see the header.
 *
 * A person's ^C ends us only when skopeo has ended and what it wrote has been
 * removed: signals that would end us are held back from begin to end, and
 * waited for together with the child.
 */
#include "hook/trust/skopeo.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "garita/text.h"
#include "hook/file.h"

enum {
	SAID_MAX = 64 * 1024, /* bytes of what skopeo complains of */
	/* Bytes of any file that skopeo may write: more than we would read,
	 * and enough for its own cache. */
	FILE_MAX = 64 * 1024 * 1024,
};

/* Signals that would end us; what we were started to ignore would not. */
static void ends_us(sigset_t *ret)
{
	static const int all[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };

	sigemptyset(ret);
	for (size_t i = 0; i < GARITA_COUNT(all); i++) {
		struct sigaction now;

		if (sigaction(all[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(ret, all[i]);
	}
}

/* The child inherits the limit; we take it back. */
static int spawn_limited(char *const *envp, const char *const argv[],
			 const posix_spawn_file_actions_t *actions, pid_t *ret)
{
	/* NOLINTNEXTLINE(performance-no-int-to-ptr): nobody writes to it */
	char *const *words = (char *const *)(uintptr_t)argv;
	struct rlimit before, now;
	posix_spawnattr_t attributes;
	sigset_t none;
	int rc;

	if (getrlimit(RLIMIT_FSIZE, &before) < 0)
		return errno;
	now = before;
	if (now.rlim_cur > FILE_MAX)
		now.rlim_cur = FILE_MAX;
	rc = posix_spawnattr_init(&attributes);
	if (rc != 0)
		return rc;
	/* It minds the signals that we hold back. */
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	rc = setrlimit(RLIMIT_FSIZE, &now) < 0 ? errno : 0;
	if (rc == 0) {
		rc = posix_spawnp(ret, argv[0], actions, &attributes, words,
				  envp);
		if (setrlimit(RLIMIT_FSIZE, &before) < 0 && rc == 0)
			rc = errno;
	}
	posix_spawnattr_destroy(&attributes);
	return rc;
}

static int spawn(char *const *envp, const char *const argv[], int out, int said,
		 pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	int rc = posix_spawn_file_actions_init(&actions);

	if (rc != 0)
		return rc;
	rc = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
					      "/dev/null", O_RDONLY, 0);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, out,
						      STDOUT_FILENO);
	if (rc == 0)
		rc = posix_spawn_file_actions_adddup2(&actions, said,
						      STDERR_FILENO);
	if (rc == 0)
		rc = spawn_limited(envp, argv, &actions, ret);
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

/* The last line that it wrote, without what logrus puts before. */
static int complain(int said, struct garita_error *err)
{
	auto_free char *text = NULL;
	char *line, *message;
	size_t len = 0;

	if (lseek(said, 0, SEEK_SET) != 0 ||
	    garita_file_read(said, SAID_MAX, &text, &len, NULL) < 0 || len == 0)
		return garita_fail(err, EIO, "skopeo failed");
	while (len > 0 && text[len - 1] == '\n')
		text[--len] = '\0';
	line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	message = strstr(line, "msg=");
	return garita_fail(err, EIO, "skopeo: %s",
			   message ? message + strlen("msg=") : line);
}

/* Until the child ended; when a signal comes first, the child is told. True
 * when one came. */
static bool wait_for(pid_t child, int *ret_status)
{
	sigset_t signals;
	auto_fd int pidfd = (int)syscall(SYS_pidfd_open, (long)child, 0L);
	auto_fd int came = -1;
	bool told = false;
	pid_t ended;

	ends_us(&signals);
	came = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	while (pidfd >= 0 && came >= 0) {
		struct pollfd fds[] = { { .fd = pidfd, .events = POLLIN },
					{ .fd = told ? -1 : came,
					  .events = POLLIN } };

		if (poll(fds, GARITA_COUNT(fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents != 0)
			break;
		if (fds[1].revents != 0) {
			/* It is still pending: the caller lets it through. */
			kill(child, SIGTERM);
			told = true;
		}
	}
	do
		ended = waitpid(child, ret_status, 0);
	while (ended < 0 && errno == EINTR);
	if (ended != child)
		*ret_status = -1;
	return told;
}

int garita_skopeo(char *const *envp, const char *const argv[], int out,
		  struct garita_error *err)
{
	auto_fd int said = memfd_create("skopeo", MFD_CLOEXEC);
	sigset_t signals, before;
	int status = 0, rc;
	bool told;
	pid_t child = -1;

	if (said < 0)
		return garita_fail(err, errno, "%s", strerror(errno));
	ends_us(&signals);
	sigprocmask(SIG_BLOCK, &signals, &before);
	rc = spawn(envp, argv, out, said, &child);
	told = rc == 0 && wait_for(child, &status);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (rc != 0)
		return garita_fail(err, rc,
				   "cannot run skopeo, which reads registries: "
				   "%s",
				   strerror(rc));
	if (told) /* and the caller holds the signal back */
		return garita_fail(err, EINTR, "interrupted");
	return status == 0 ? 0 : complain(said, err);
}

int garita_skopeo_read(char *const *envp, const char *const argv[], size_t max,
		       char **ret, size_t *ret_len, struct garita_error *err)
{
	auto_fd int out = memfd_create("skopeo", MFD_CLOEXEC);
	int rc = out < 0 ? garita_fail(err, errno, "%s", strerror(errno))
			 : garita_skopeo(envp, argv, out, err);

	if (rc < 0)
		return rc;
	if (lseek(out, 0, SEEK_SET) != 0)
		return garita_fail(err, errno, "%s", strerror(errno));
	return garita_file_read(out, max, ret, ret_len, err);
}

/* ---- a directory that goes again ---- */

static int drop(const char *path, const struct stat *st, int type,
		struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

int garita_skopeo_place(struct garita_skopeo_place *ret,
			struct garita_error *err)
{
	static const char pattern[] = "/tmp/garita-import-XXXXXX";
	sigset_t signals;
	int rc = 0;

	ends_us(&signals);
	sigprocmask(SIG_BLOCK, &signals, &ret->before);
	memcpy(ret->path, pattern, sizeof(pattern));
	if (mkdtemp(ret->path) == NULL) {
		rc = garita_fail(err, errno, "%s: %s", pattern,
				 strerror(errno));
		sigprocmask(SIG_SETMASK, &ret->before, NULL);
	}
	return rc;
}

void garita_skopeo_leave(struct garita_skopeo_place *place)
{
	nftw(place->path, drop, 16, FTW_DEPTH | FTW_PHYS);
	/* And one that was held back ends us here. */
	sigprocmask(SIG_SETMASK, &place->before, NULL);
}
