/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * lsm - whether AppArmor and SELinux are on, of the host or of a sysroot.
 */
#ifndef GARITA_HOST_LSM_H
#define GARITA_HOST_LSM_H

#include "garita/host.h"

/* Fills in host->apparmor and host->selinux where the config makes a rule ask
 * for them. `root` is a descriptor of the sysroot, -1: the host itself. */
void garita_observe_lsm(int root, const struct garita_spec *spec,
			struct garita_host *host);

#endif
