/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs a program on a kernel without netfilter: its sockets are refused as
 * such a kernel does.
 */
#include <errno.h>
#include <linux/netlink.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	if (argc < 2 || filter == NULL)
		return 125;
	if (seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0) != 0 ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPROTONOSUPPORT),
			     SCMP_SYS(socket), 2,
			     SCMP_A0(SCMP_CMP_EQ, AF_NETLINK, 0),
			     SCMP_A2(SCMP_CMP_EQ, NETLINK_NETFILTER, 0)) != 0 ||
	    seccomp_load(filter) != 0) {
		fputs("no_netfilter: no filter\n", stderr);
		return 125;
	}
	execv(argv[1], argv + 1);
	perror(argv[1]);
	return 125;
}
