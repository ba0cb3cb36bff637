/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * netlink - a socket to the nf_tables of the network namespace that this
 * process is in, and the two things that are asked there.
 */
#ifndef GARITA_NET_NETLINK_H
#define GARITA_NET_NETLINK_H

#include "hook/net/answer.h"

/* Puts the guards of these lines in place: all of them, or on failure none. */
int garita_netlink_guard(const char *const *lines, size_t count,
			 struct garita_error *err);
/* All rules of guards that are there. */
int garita_netlink_list(struct garita_net_rules *ret, struct garita_error *err);

#endif
