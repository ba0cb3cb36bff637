/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sct - a log of certificates saw this one before it was given out (RFC 6962):
 * the promises (SCT) that are embedded in it.
 */
#ifndef GARITA_POLICY_TRUST_SCT_H
#define GARITA_POLICY_TRUST_SCT_H

#include "policy/trust/trusted_root.h"

enum { GARITA_SCTS_MAX = 16 }; /* in one certificate */

/* At least one that a log of the root made. -EBADMSG with the reason. `issuer`
 * is who signed the certificate. */
int garita_sct_check(const struct garita_x509 *cert,
		     const struct garita_x509 *issuer,
		     const struct garita_trusted_root *root,
		     struct garita_error *err);

#endif
