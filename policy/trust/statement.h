/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * statement - what an in-toto statement says, and of what.
 */
#ifndef GARITA_POLICY_TRUST_STATEMENT_H
#define GARITA_POLICY_TRUST_STATEMENT_H

#include "policy/trust/format.h"

/* The strict reading of a statement that was verified: fills digests and said,
 * and where an attestation is `wanted`, the statement. -errno with the reason,
 * also for one of another type: an attestation is no signature, unless `any`
 * statement will do. -ENOMSG: none of the type that is wanted, for sure. */
int garita_statement(const char *text, size_t len,
		     const struct garita_attestation *wanted, bool any,
		     struct garita_claim *claim, struct garita_error *err);
/* The same of one that is the end of *text, which is given away
 * (garita_json_parse_end()): a scan is megabytes. */
int garita_statement_end(char **text, size_t at, size_t len,
			 const struct garita_attestation *wanted, bool any,
			 struct garita_claim *claim, struct garita_error *err);

#endif
