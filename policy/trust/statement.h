/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statement - what an in-toto statement that is a signature says.
 */
#ifndef GARITA_POLICY_TRUST_STATEMENT_H
#define GARITA_POLICY_TRUST_STATEMENT_H

#include "policy/trust/format.h"

/* The strict reading of a statement that was verified: fills digests and said.
 * -EINVAL with the reason, also for an attestation, which is no signature. */
int garita_statement(const char *text, size_t len, struct garita_claim *claim,
		     struct garita_error *err);

#endif
