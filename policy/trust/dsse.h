/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dsse - the envelope that statements are signed in, alone or in a bundle.
 */
#ifndef GARITA_POLICY_TRUST_DSSE_H
#define GARITA_POLICY_TRUST_DSSE_H

#include "policy/trust/fields.h"
#include "policy/trust/format.h"

/* Reads and checks an envelope and adds a claim for each signature that one of
 * the keys made, or a note. At most `max` signatures, at least one. */
void garita_dsse_check(const struct garita_format_case *of, const char *format,
		       const struct garita_blob *blob,
		       const struct garita_json *envelope,
		       enum garita_names how, size_t max,
		       struct garita_claims *out);

#endif
