/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netlink - see the header. Only the kernel is listened to: whoever has a
 * netlink socket can send to another one.
 */
#include "hook/net/netlink.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <libmnl/libmnl.h>

#include "garita/memory.h"
#include "hook/net/ruleset.h"

enum {
	ANSWER_MAX = 65536, /* a datagram of the kernel is at most 32 kB */
	WAIT_S = 5,         /* it answers at once, or something is wrong */
	TRIES = 8,
	FIRST = 1, /* sequence number */
};

static void close_socket(struct mnl_socket **at)
{
	if (*at != NULL)
		mnl_socket_close(*at);
}
#define auto_socket __attribute__((cleanup(close_socket))) struct mnl_socket

static int open_socket(size_t longest, struct mnl_socket **ret,
		       struct garita_error *err)
{
	const struct timeval wait = { .tv_sec = WAIT_S };
	const int room = (int)longest * 2;
	auto_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	int fd;

	if (socket == NULL)
		return garita_fail(err, errno,
				   "this kernel has no nf_tables: a guard of "
				   "the network needs it (netlink: %s)",
				   strerror(errno));
	fd = mnl_socket_get_fd(socket);
	/* Beyond the usual limit where we may; else the send says so. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room,
				 sizeof(room));
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) < 0)
		return garita_fail(err, errno, "cannot open netlink: %s",
				   strerror(errno));
	*ret = garita_take_ptr(&socket);
	return 0;
}

static int receive(struct mnl_socket *socket, void *bytes, size_t *ret_len,
		   struct garita_error *err)
{
	struct sockaddr_nl from = { 0 };
	struct iovec part = { bytes, ANSWER_MAX };
	struct msghdr message = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do {
		n = recvmsg(mnl_socket_get_fd(socket), &message, 0);
	} while ((n < 0 && errno == EINTR) ||
		 (n >= 0 &&
		  (message.msg_namelen != sizeof(from) || from.nl_pid != 0)));
	if (n < 0)
		return garita_fail(err, errno, "no answer from the kernel: %s",
				   strerror(errno));
	if (message.msg_flags & MSG_TRUNC)
		return garita_fail(err, EMSGSIZE,
				   "the kernel's answer is too long");
	*ret_len = (size_t)n;
	return 0;
}

static int send_all(struct mnl_socket *socket, const void *bytes, size_t len,
		    struct garita_error *err)
{
	ssize_t n = mnl_socket_sendto(socket, bytes, len);

	if (n < 0 || (size_t)n != len)
		return garita_fail(err, n < 0 ? errno : EIO,
				   "cannot send the guard to the kernel: %s",
				   strerror(n < 0 ? errno : EIO));
	return 0;
}

static int put_in_place(const char *const *lines, size_t count, bool replace,
			struct garita_error *err)
{
	auto_free char *bytes = garita_xalloc(ANSWER_MAX);
	auto_batch batch = { 0 };
	auto_socket *socket = NULL;
	size_t len = 0;
	int rc = garita_batch_make(lines, count, FIRST, replace, &batch, err);

	if (rc == 0)
		rc = open_socket(batch.len, &socket, err);
	if (rc == 0)
		rc = send_all(socket, batch.bytes, batch.len, err);
	while (rc == 0) {
		rc = receive(socket, bytes, &len, err);
		if (rc == 0)
			rc = garita_answer_batch(bytes, len, batch.last, err);
	}
	return rc < 0 ? rc : 0;
}

/* Where a table is taken away the kernel waits for all its processors before
 * it lets the socket go, some ten milliseconds: only where one is there, in a
 * pod that has this guard already. */
int garita_netlink_guard(const char *const *lines, size_t count,
			 struct garita_error *err)
{
	int rc = put_in_place(lines, count, false, err);

	return rc == -EEXIST ? put_in_place(lines, count, true, err) : rc;
}

static int ask_for_rules(struct mnl_socket *socket, uint32_t sequence,
			 struct garita_error *err)
{
	char bytes[128] = { 0 }; /* a header and the family */
	struct nlmsghdr *message = mnl_nlmsg_put_header(bytes);
	struct nfgenmsg *family;

	message->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	message->nlmsg_seq = sequence;
	family = mnl_nlmsg_put_extra_header(message, sizeof(*family));
	family->nfgen_family = NFPROTO_INET;
	family->version = NFNETLINK_V0;
	return send_all(socket, message, message->nlmsg_len, err);
}

static int list_once(struct mnl_socket *socket, uint32_t sequence, void *bytes,
		     struct garita_net_rules *ret, struct garita_error *err)
{
	size_t len = 0;
	int rc = ask_for_rules(socket, sequence, err);

	while (rc == 0) {
		rc = receive(socket, bytes, &len, err);
		if (rc == 0)
			rc = garita_answer_rules(bytes, len, sequence, ret,
						 err);
	}
	return rc < 0 ? rc : 0;
}

int garita_netlink_list(struct garita_net_rules *ret, struct garita_error *err)
{
	auto_free char *bytes = garita_xalloc(ANSWER_MAX);
	int rc = -EINTR;

	/* A new socket each time: the rest of a list that was given up would
	 * be read as the next one. */
	for (uint32_t i = 0; rc == -EINTR && i < TRIES; i++) {
		auto_net_rules rules = { 0 };
		auto_socket *socket = NULL;

		rc = open_socket(ANSWER_MAX, &socket, err);
		if (rc == 0)
			rc = list_once(socket, FIRST + i, bytes, &rules, err);
		if (rc == 0) {
			*ret = rules;
			rules = (struct garita_net_rules){ 0 };
		}
	}
	return rc;
}
