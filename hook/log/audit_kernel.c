/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * audit_kernel - one message to the kernel's audit log, and its answers.
 *
 * By hand: libmnl has no archive in Debian, and garita-runtime is static and
 * libc alone (docs/linking.md). The kernel acknowledges a message also while
 * auditing is off, and drops it: so it is asked in the same breath whether it
 * is on.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hook/log/sink.h"
#include "hook/wait.h"

#ifndef AUDIT_TRUSTED_APP
#define AUDIT_TRUSTED_APP 1121
#endif

/* Both questions lie in one datagram, each with a number of its own. */
enum { MESSAGE = 1, STATUS };

/* Of looking for both answers, whatever the clock says. */
enum { MAX_TRIES = 256 };

static void put_netlink(struct garita_text *out, uint16_t type, uint32_t number,
			const char *payload, size_t len)
{
	const struct nlmsghdr head = {
		.nlmsg_len = (uint32_t)NLMSG_LENGTH(len),
		.nlmsg_type = type,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.nlmsg_seq = number,
	};

	garita_text_add(out, (const char *)&head, sizeof(head));
	garita_text_add(out, payload, len);
	while (out->len % NLMSG_ALIGNTO != 0)
		garita_text_putc(out, '\0');
}

static int open_kernel(struct garita_error *err)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	auto_fd int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		       NETLINK_AUDIT);

	if (fd < 0)
		return garita_fail(err, errno,
				   "the kernel has no audit log: %s",
				   strerror(errno));
	/* Connected, so that only the kernel can answer. */
	if (connect(fd, (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return garita_fail(err, errno,
				   "cannot reach the kernel's audit log: %s",
				   strerror(errno));
	return garita_take_fd(&fd);
}

struct answers {
	bool taken; /* acknowledged */
	bool known, on;
};

static int read_error(const struct nlmsghdr *head, struct answers *ret,
		      struct garita_error *err)
{
	struct nlmsgerr answer;

	if (head->nlmsg_len < NLMSG_LENGTH(sizeof(answer)))
		return garita_fail(err, EBADMSG, "the kernel's answer is cut");
	memcpy(&answer, NLMSG_DATA(head), sizeof(answer));
	if (answer.error != 0 && head->nlmsg_seq == MESSAGE)
		return garita_fail(err, -answer.error,
				   "the kernel takes no audit record from "
				   "here: %s",
				   strerror(-answer.error));
	if (answer.error != 0 && head->nlmsg_seq == STATUS)
		return garita_fail(err, -answer.error,
				   "cannot tell whether the kernel keeps audit "
				   "records: %s",
				   strerror(-answer.error));
	ret->taken = ret->taken || head->nlmsg_seq == MESSAGE;
	return 0;
}

static int read_status(const struct nlmsghdr *head, struct answers *ret,
		       struct garita_error *err)
{
	struct audit_status status = { 0 };
	size_t len = head->nlmsg_len - NLMSG_HDRLEN;

	/* Older kernels have fewer members behind these. */
	if (len < offsetof(struct audit_status, failure))
		return garita_fail(err, EBADMSG, "the kernel's answer is cut");
	memcpy(&status, NLMSG_DATA(head),
	       len < sizeof(status) ? len : sizeof(status));
	ret->known = true;
	ret->on = status.enabled != 0;
	return 0;
}

/* Whatever is not an answer to one of ours is left aside. */
static int read_answers(const char *bytes, size_t len, struct answers *ret,
			struct garita_error *err)
{
	while (len >= NLMSG_HDRLEN) {
		struct nlmsghdr head;
		size_t step;
		int rc = 0;

		memcpy(&head, bytes, sizeof(head));
		if (head.nlmsg_len < NLMSG_HDRLEN || head.nlmsg_len > len)
			return garita_fail(err, EBADMSG,
					   "the kernel's answer is cut");
		if (head.nlmsg_type == NLMSG_ERROR)
			rc = read_error((const struct nlmsghdr *)bytes, ret,
					err);
		else if (head.nlmsg_type == AUDIT_GET &&
			 head.nlmsg_seq == STATUS)
			rc = read_status((const struct nlmsghdr *)bytes, ret,
					 err);
		if (rc < 0)
			return rc;
		step = NLMSG_ALIGN(head.nlmsg_len);
		if (step >= len)
			break;
		bytes += step;
		len -= step;
	}
	return 0;
}

static int receive(int fd, unsigned deadline_ms, struct answers *answers,
		   struct garita_error *err)
{
	uint64_t until_us = garita_clock_us() + deadline_ms * UINT64_C(1000);

	for (int tries = 0; !answers->taken || !answers->known; tries++) {
		char bytes[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
		ssize_t len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		int rc;

		if (len < 0 && errno == EAGAIN)
			rc = garita_wait(fd, POLLIN, until_us);
		else if (len < 0)
			rc = errno == EINTR ? 0 : -errno;
		else if (read_answers(bytes, (size_t)len, answers, err) < 0)
			return -EIO;
		else
			rc = 0;
		if (tries == MAX_TRIES)
			rc = -ETIMEDOUT;
		if (rc < 0)
			return garita_fail(err, -rc,
					   "no answer from the kernel's audit "
					   "log: %s",
					   strerror(-rc));
	}
	if (!answers->on)
		return garita_fail(err, ENODATA,
				   "auditing is off in this kernel (auditctl "
				   "-e 1 turns it on)");
	return 0;
}

static int ask(const struct garita_text *packet, struct answers *answers,
	       unsigned deadline_ms, struct garita_error *err)
{
	auto_fd int fd = open_kernel(err);

	if (fd < 0)
		return fd;
	if (send(fd, packet->data, packet->len, MSG_NOSIGNAL | MSG_DONTWAIT) <
	    0)
		return garita_fail(err, errno,
				   "the kernel takes no audit record from "
				   "here: %s",
				   strerror(errno));
	return receive(fd, deadline_ms, answers, err);
}

/* The other process: tells in `to` how it went, in words or with none. It may
 * outlive us, and keeps nothing open that somebody waits for the end of. */
static void ask_and_tell(int to, const struct garita_text *packet,
			 struct answers *answers, unsigned deadline_ms)
{
	struct garita_error error = { 0 };
	unsigned fd = (unsigned)to;

	if ((fd > 0 && syscall(SYS_close_range, 0U, fd - 1, 0U) < 0) ||
	    syscall(SYS_close_range, fd + 1, ~0U, 0U) < 0)
		garita_fail(&error, errno, "cannot close descriptors: %s",
			    strerror(errno));
	else
		(void)ask(packet, answers, deadline_ms, &error);
	(void)!write(to, &error, sizeof(error));
	_exit(0);
}

static int hear(int from, unsigned deadline_ms, struct garita_error *err)
{
	uint64_t until_us = garita_clock_us() + deadline_ms * UINT64_C(1000);
	struct garita_error said = { 0 };
	int rc = garita_wait(from, POLLIN, until_us);

	if (rc < 0)
		return garita_fail(err, -rc,
				   "the kernel's audit log took nothing for "
				   "%u ms",
				   deadline_ms);
	if (read(from, &said, sizeof(said)) != (ssize_t)sizeof(said))
		return garita_fail(err, EIO,
				   "who wrote to the kernel's audit log died");
	if (said.code != 0)
		return garita_fail(err, said.code, "%s", said.text);
	return 0;
}

/* Whoever writes to the audit log while auditd does not keep up is put to sleep
 * by the kernel, for a minute as it comes (--backlog_wait_time), whatever flags
 * and signals say: measured 47 s. So another process writes, and is left to its
 * sleep when that takes too long. */
static int ask_aside(const struct garita_text *packet, struct answers *answers,
		     unsigned deadline_ms, struct garita_error *err)
{
	int ends[2];
	pid_t pid;
	int rc;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return garita_fail(err, errno, "cannot make a pipe: %s",
				   strerror(errno));
	pid = fork();
	if (pid == 0)
		ask_and_tell(ends[1], packet, answers, deadline_ms);
	close(ends[1]);
	if (pid < 0)
		rc = garita_fail(err, errno, "cannot fork: %s",
				 strerror(errno));
	else
		rc = hear(ends[0], deadline_ms, err);
	close(ends[0]);
	/* One that has answered is ending; one that sleeps is nobody's. */
	if (pid > 0)
		(void)waitpid(pid, NULL, rc == -ETIMEDOUT ? WNOHANG : 0);
	return rc;
}

int garita_audit_send(const char *text, unsigned deadline_ms,
		      struct garita_error *err)
{
	struct answers answers = { .taken = text == NULL };
	auto_text packet = { 0 };

	/* With the NUL, which the kernel wants to see. */
	if (text != NULL)
		put_netlink(&packet, AUDIT_TRUSTED_APP, MESSAGE, text,
			    strlen(text) + 1);
	put_netlink(&packet, AUDIT_GET, STATUS, "", 0);
	return ask_aside(&packet, &answers, deadline_ms, err);
}
