/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cosign - one signature of cosign's old layout, wherever it was kept.
 */
#ifndef GARITA_POLICY_TRUST_COSIGN_H
#define GARITA_POLICY_TRUST_COSIGN_H

#include "policy/trust/format.h"

#define GARITA_COSIGN_PAYLOAD_TYPE                                             \
	"application/vnd.dev.cosign.simplesigning.v1+json"

/* Checks the signature in `annotations` over the payload, and adds a claim or
 * a note. */
void garita_cosign_check(const struct garita_format_case *of,
			 const char *format, const struct garita_blob *blob,
			 const char *payload, size_t len,
			 const struct garita_json *annotations,
			 struct garita_claims *out);

#endif
