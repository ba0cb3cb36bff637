/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ask - see the header.
 *
 * Two pipes, and never both waited for: the child has read the question before
 * it says anything, and one that does not has its two seconds. It shares our
 * memory until its exec, so starting it costs the same however large we are; by
 * hand, because posix_spawn() of musl makes a system call for each signal.
 */
#include "hook/trust/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook/clock.h"
#include "hook/file.h"
#include "hook/program.h"
#include "hook/trust/send.h"
#include "hook/wait.h"
#include "policy/trust/request.h"

static const char program_name[] = "garita-verify";

/* One question to one child. */
struct asking {
	const struct garita_text *written;   /* the question */
	const struct garita_blobs *material; /* and its material */
	int program;
	int request, answer; /* our ends of its standard input and output */
	pid_t child;
	volatile int failed; /* why it does not run; written by the child */
	uint64_t deadline_us;
	char *bytes; /* of the answer */
	size_t len;
};

/* ---- question and answer ---- */

/* In the child. Does not return, and gives what it could not do to who waits:
 * the memory is still theirs. */
static void become(struct asking *asking, const char *path, char *const argv[],
		   int in, int out)
{
	static char *const nothing[] = { NULL };
	sigset_t none;

	sigemptyset(&none);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0) {
		close(STDERR_FILENO);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execve(path, argv, nothing);
	}
	asking->failed = errno;
	_exit(127);
}

static void start_with(struct asking *asking, int in, int out, bool notes)
{
	char name[] = "garita-verify", with_notes[] = "--notes";
	char *const argv[] = { name, notes ? with_notes : NULL, NULL };
	sigset_t all, before;
	char path[64];

	/* By descriptor: what was checked is what runs. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", asking->program);
	sigfillset(&all);
	/* What comes between stays with us: the child has our handlers. */
	sigprocmask(SIG_SETMASK, &all, &before);
	/* NOLINTNEXTLINE(clang-analyzer-*): the child only becomes another */
	asking->child = vfork();
	if (asking->child == 0)
		become(asking, path, argv, in, out);
	if (asking->child < 0)
		asking->failed = errno;
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static int start(struct asking *asking, bool notes, struct garita_error *err)
{
	int question[2], answer[2];
	int rc = garita_send_open(asking->written, asking->material, question,
				  err);

	if (rc < 0)
		return rc;
	asking->request = question[1];
	if (pipe2(answer, O_CLOEXEC) < 0) {
		rc = garita_fail(err, errno, "cannot make a pipe: %s",
				 strerror(errno));
		close(question[0]);
		return rc;
	}
	asking->answer = answer[0];
	start_with(asking, question[0], answer[1], notes);
	close(question[0]);
	close(answer[1]);
	if (asking->failed == 0)
		return 0;
	if (asking->child > 0)
		waitpid(asking->child, NULL, 0);
	return garita_fail(err, asking->failed, "cannot run %s: %s",
			   program_name, strerror(asking->failed));
}

/* The end of the question is the end of the pipe. */
static int tell(struct asking *asking, struct garita_error *err)
{
	int rc = garita_send(asking->request, asking->written, asking->material,
			     asking->deadline_us, err);

	garita_cleanup_fd(&asking->request);
	return rc;
}

/* Until `fd` can be read (a pidfd: until the process ended). */
static int wait_for(const struct asking *asking, int fd,
		    struct garita_error *err)
{
	int rc = garita_wait(fd, POLLIN, asking->deadline_us);

	if (rc == -ETIMEDOUT)
		return garita_fail(err, ETIMEDOUT,
				   "%s gave no answer within %d ms",
				   program_name, GARITA_ASK_DEADLINE_MS);
	return rc < 0 ? garita_fail(err, -rc, "cannot wait for %s",
				    program_name)
		      : 0;
}

static int read_answer(struct asking *asking, struct garita_error *err)
{
	const size_t most = sizeof(struct garita_reply) + GARITA_ASK_NOTES_MAX;

	asking->bytes = garita_xalloc(most + 1);
	for (;;) {
		int rc = wait_for(asking, asking->answer, err);
		ssize_t n;

		if (rc < 0)
			return rc;
		n = read(asking->answer, asking->bytes + asking->len,
			 most + 1 - asking->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return garita_fail(err, errno, "cannot read from %s",
					   program_name);
		if (n == 0)
			return 0;
		asking->len += (size_t)n;
		if (asking->len > most)
			return garita_fail(err, E2BIG, "%s says too much",
					   program_name);
	}
}

/* What it said counts only when it also ended well. */
static int see_end(const struct asking *asking, struct garita_error *err)
{
	auto_fd int pidfd =
		(int)syscall(SYS_pidfd_open, (long)asking->child, 0L);

	if (pidfd < 0)
		return garita_fail(err, errno, "cannot wait for %s: %s",
				   program_name, strerror(errno));
	return wait_for(asking, pidfd, err);
}

static int judge_end(int status, struct garita_error *err)
{
	if (WIFSIGNALED(status))
		return garita_fail(err, EIO, "%s was ended by signal %d (%s)",
				   program_name, WTERMSIG(status),
				   strsignal(WTERMSIG(status)));
	if (WEXITSTATUS(status) == GARITA_EXIT_NO_MEMORY)
		return garita_fail(err, ENOMEM, "%s ran out of memory",
				   program_name);
	if (status != 0)
		return garita_fail(err, EIO, "%s failed with code %d",
				   program_name, WEXITSTATUS(status));
	return 0;
}

/* Takes leave of the child, however it went. */
static int listen_to(struct asking *asking, struct garita_error *err)
{
	int rc = tell(asking, err), status = 0;
	pid_t ended;

	if (rc == 0)
		rc = read_answer(asking, err);
	if (rc == 0)
		rc = see_end(asking, err);
	if (rc < 0)
		kill(asking->child, SIGKILL);
	do
		ended = waitpid(asking->child, &status, 0);
	while (ended < 0 && errno == EINTR);
	if (rc < 0)
		return rc;
	if (ended < 0)
		return garita_fail(err, errno, "cannot wait for %s",
				   program_name);
	return judge_end(status, err);
}

static int converse(struct asking *asking, bool notes, struct garita_error *err)
{
	const struct sigaction usual = { .sa_handler = SIG_DFL };
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction child, pipe;
	int rc;

	/* Our caller may have us ignore children: then none could be waited
	 * for. A child that ends before it has read is no end of us. Put back
	 * below, as the runtime inherits it. */
	sigaction(SIGCHLD, &usual, &child);
	rc = start(asking, notes, err);
	if (rc == 0) {
		sigaction(SIGPIPE, &ignored, &pipe);
		rc = listen_to(asking, err);
		sigaction(SIGPIPE, &pipe, NULL);
	}
	sigaction(SIGCHLD, &child, NULL);
	return rc;
}

static int understand(const struct asking *asking, time_t now,
		      struct garita_trust *ret, struct garita_text *notes,
		      struct garita_error *err)
{
	struct garita_reply reply;
	int rc;

	if (asking->len < sizeof(reply))
		return garita_fail(err, EBADMSG, "%s gave no answer",
				   program_name);
	memcpy(&reply, asking->bytes, sizeof(reply));
	rc = garita_reply_read(&reply, now, ret, err);
	if (rc == 0 && notes != NULL)
		garita_text_add(notes, asking->bytes + sizeof(reply),
				asking->len - sizeof(reply));
	return rc;
}

static int ask(const struct garita_trust_case *of,
	       const struct garita_text *written, const char *program,
	       struct garita_trust *ret, struct garita_text *notes,
	       struct garita_error *err)
{
	struct asking asking = {
		.written = written,
		.material = of->material,
		.request = -1,
		.answer = -1,
		.deadline_us =
			garita_clock_us() + GARITA_ASK_DEADLINE_MS * 1000ULL,
	};
	int rc;

	asking.program = program ? garita_program_open(program, err)
				 : garita_program_find(program_name, NULL, err);
	if (asking.program < 0)
		return asking.program;
	rc = converse(&asking, notes != NULL, err);
	if (rc == 0)
		rc = understand(&asking, of->now, ret, notes, err);
	garita_cleanup_fd(&asking.program);
	garita_cleanup_fd(&asking.request);
	garita_cleanup_fd(&asking.answer);
	free(asking.bytes);
	return rc;
}

static int refuse(int rc, const struct garita_error *why,
		  struct garita_trust *ret)
{
	*ret = (struct garita_trust){ .state = GARITA_TRUST_REFUSED };
	garita_error_words(why, ret->words, sizeof(ret->words));
	return rc;
}

int garita_ask_written(const struct garita_trust_case *of,
		       const struct garita_text *written, const char *program,
		       struct garita_trust *ret, struct garita_text *notes)
{
	struct garita_error error = { 0 };
	int rc = ask(of, written, program, ret, notes, &error);

	return rc < 0 ? refuse(rc, &error, ret) : 0;
}

int garita_ask(const struct garita_trust_case *of, const char *program,
	       struct garita_trust *ret, struct garita_text *notes)
{
	struct garita_error error = { 0 };
	auto_text written = { 0 };
	int rc = garita_request_write(of, &written, &error);

	return rc < 0 ? refuse(rc, &error, ret)
		      : garita_ask_written(of, &written, program, ret, notes);
}
