/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation_statement - one statement of trustpolicy.json.
 */
#ifndef GARITA_POLICY_TRUST_NOTATION_STATEMENT_H
#define GARITA_POLICY_TRUST_NOTATION_STATEMENT_H

#include "garita/notation.h"
#include "policy/trust/json_walk.h"

#define GARITA_NOTATION_SUBJECT "x509.subject:"

/* Fills an empty one from the value in hand; *ret_skip: it verifies nothing.
 * What was read until a failure is to be freed too. */
int garita_notation_statement(struct garita_walk *walk,
			      const struct garita_json *value,
			      struct garita_notation *ret, bool *ret_skip);

#endif
