/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * audit - a record to the kernel's audit log, where auditd and whatever reads
 * the kernel's stream have it beside what the kernel itself noted.
 *
 * One netlink message, made by hand: libmnl has no archive in Debian, and
 * garita-runtime is static and libc alone (docs/linking.md). The type is
 * TRUSTED_APP, the one for programs that are not part of the audit system; the
 * text is what auparse(3) reads: key=value, and a value that could be taken for
 * more than one is in quotes or, where it holds a quote, a blank or a control
 * character, in hexadecimal, as audit_encode_nv_string(3) does. The kernel adds
 * who we are and the time.
 *
 * The kernel acknowledges a message also while auditing is off, and drops it:
 * so it is asked in the same breath whether it is on.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hook/log/sink.h"

#ifndef AUDIT_TRUSTED_APP
#define AUDIT_TRUSTED_APP 1121
#endif

enum {
	/* The kernel cuts at 8560 (AUDIT_MESSAGE_TEXT_MAX); a value that was
	 * cut in its quotes is none. */
	MOST_VALUE = 512,
	MOST_RULES = 4096,
};

/* ---- the text ---- */

static bool needs_hex(const char *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)value[i];

		/* The kernel puts the whole between single quotes. */
		if (c == '"' || c == '\'' || c <= ' ' || c >= 0x7f)
			return true;
	}
	return false;
}

/* A value that somebody else wrote. */
static void put_encoded(struct garita_text *out, const char *key,
			const char *value)
{
	size_t len = value ? strnlen(value, MOST_VALUE) : 0;

	garita_text_printf(out, " %s=", key);
	if (len == 0) {
		garita_text_putc(out, '?');
	} else if (needs_hex(value, len)) {
		for (size_t i = 0; i < len; i++)
			garita_text_printf(out, "%02X",
					   (unsigned char)value[i]);
	} else {
		garita_text_putc(out, '"');
		garita_text_add(out, value, len);
		garita_text_putc(out, '"');
	}
}

/* One of our own words, if there is one. */
static void put_word(struct garita_text *out, const char *key,
		     const char *value)
{
	if (value != NULL && *value != '\0')
		garita_text_printf(out, " %s=%s", key, value);
}

static void put_rules(struct garita_text *out,
		      const struct garita_record *record)
{
	struct garita_rule_walk at = { 0 };
	size_t start = out->len;
	const char *rule;

	while ((rule = garita_record_rule(record, &at)) != NULL &&
	       out->len - start < MOST_RULES)
		garita_text_printf(out, "%s%s",
				   out->len == start ? " rules=" : ",", rule);
}

/* op=create ... res=success, in the order in which auditors know them. The
 * names of encoded values are ones that auparse decodes. */
void garita_audit_message(const struct garita_log_entry *entry,
			  struct garita_text *out)
{
	const struct garita_record *record = entry->record;
	const char *verdict = garita_record_verdict(record);
	bool failed = verdict != NULL ? strcmp(verdict, "deny") == 0
				      : record->error != NULL;

	garita_text_printf(out, "op=%s", garita_event_name(record->event));
	if (record->verb != NULL)
		garita_text_printf(out, ":%s", record->verb);
	put_word(out, "verdict", verdict);
	put_word(out, "would", garita_record_would(record));
	put_rules(out, record);
	put_word(out, "engine", entry->engine);
	if (record->event == GARITA_EVENT_DECISION) {
		put_encoded(out, "vm", record->id);
		put_encoded(out, "name", garita_record_image(record));
		put_word(out, "digest", garita_record_digest(record));
	}
	put_word(out, "policy", entry->policy);
	put_word(out, "policy-before", record->before);
	if (record->error != NULL)
		put_encoded(out, "data", record->error->text);
	if (record->event == GARITA_EVENT_DECISION)
		garita_text_printf(out, " cost=%llu",
				   (unsigned long long)record->cost_us);
	garita_text_printf(out,
			   " exe=\"%s\" hostname=? addr=? terminal=? res=%s",
			   record->program, failed ? "failed" : "success");
}

/* ---- the kernel ---- */

/* Both questions lie in one datagram, each with a number of its own. */
enum { MESSAGE = 1, STATUS };

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
	bool taken, asked; /* acknowledged */
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

	while (!answers->taken || !answers->known) {
		char bytes[1024] __attribute__((aligned(NLMSG_ALIGNTO)));
		ssize_t len = recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT);
		int rc;

		if (len < 0 && errno == EAGAIN)
			rc = garita_sink_wait(fd, POLLIN, until_us);
		else if (len < 0)
			rc = errno == EINTR ? 0 : -errno;
		else if (read_answers(bytes, (size_t)len, answers, err) < 0)
			return -EIO;
		else
			rc = 0;
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

static int send_packet(int fd, const struct garita_text *packet,
		       struct garita_error *err)
{
	if (send(fd, packet->data, packet->len, MSG_NOSIGNAL | MSG_DONTWAIT) >=
	    0)
		return 0;
	return garita_fail(err, errno,
			   "the kernel takes no audit record from here: %s",
			   strerror(errno));
}

int garita_sink_audit(const struct garita_log_entry *entry,
		      unsigned deadline_ms, struct garita_error *err)
{
	struct answers answers = { 0 };
	auto_text text = { 0 }, packet = { 0 };
	auto_fd int fd = open_kernel(err);
	int rc;

	if (fd < 0)
		return fd;
	garita_audit_message(entry, &text);
	/* With the NUL, which the kernel wants to see. */
	put_netlink(&packet, AUDIT_TRUSTED_APP, MESSAGE, text.data,
		    text.len + 1);
	put_netlink(&packet, AUDIT_GET, STATUS, "", 0);
	rc = send_packet(fd, &packet, err);
	return rc < 0 ? rc : receive(fd, deadline_ms, &answers, err);
}

int garita_audit_check(struct garita_error *err)
{
	enum { DEADLINE_MS = 2000 };
	struct answers answers = { .taken = true };
	auto_text packet = { 0 };
	auto_fd int fd = open_kernel(err);
	int rc;

	if (fd < 0)
		return fd;
	put_netlink(&packet, AUDIT_GET, STATUS, "", 0);
	rc = send_packet(fd, &packet, err);
	return rc < 0 ? rc : receive(fd, DEADLINE_MS, &answers, err);
}
