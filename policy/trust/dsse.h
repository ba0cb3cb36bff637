/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dsse - the envelope that statements are signed in, alone or in a bundle.
 */
#ifndef GARITA_POLICY_TRUST_DSSE_H
#define GARITA_POLICY_TRUST_DSSE_H

#include "policy/trust/fields.h"
#include "policy/trust/format.h"

struct garita_dsse {
	const char *type;    /* borrowed of the JSON, as are the signatures */
	const char *payload; /* borrowed of the next */
	size_t len;
	struct garita_text pae; /* what is signed: the payload at its end */
	const struct garita_json *signatures;
};
/* From 1 to `max` signatures. */
int garita_dsse_read(const struct garita_json *object, enum garita_names how,
		     size_t max, struct garita_dsse *ret,
		     struct garita_error *err);
/* The bytes of the one at `at`; the caller frees. */
int garita_dsse_signature(const struct garita_dsse *envelope, size_t at,
			  enum garita_names how, unsigned char **ret,
			  size_t *ret_len, struct garita_error *err);
void garita_dsse_free(struct garita_dsse *envelope);
#define auto_dsse __attribute__((cleanup(garita_dsse_free))) struct garita_dsse

/* Checks an envelope that was read and adds a claim for each signature that one
 * of the keys made, or a note. What was signed is not in it any more then: it
 * may be megabytes, which are made one tree of in place. */
void garita_dsse_claims(const struct garita_format_case *of, const char *format,
			const struct garita_blob *blob,
			struct garita_dsse *envelope, enum garita_names how,
			struct garita_claims *out);

#endif
