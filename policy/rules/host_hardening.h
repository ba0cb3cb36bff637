/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * host_hardening - which sysctls are looked at when facts are gathered.
 */
#ifndef GARITA_RULES_HOST_HARDENING_H
#define GARITA_RULES_HOST_HARDENING_H

#include <stddef.h>

/* The i-th, "kernel.kptr_restrict", or NULL behind the last. */
const char *garita_host_sysctl(size_t i);

/* In place of a value: this kernel has no such sysctl. */
#define GARITA_SYSCTL_ABSENT "absent"
/* One for all interfaces: "0", or the names of those where it is not. */
#define GARITA_SYSCTL_ROUTE_LOCALNET "net.ipv4.conf.*.route_localnet"

#endif
