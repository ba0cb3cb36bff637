/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fields - the members of a JSON object, these and no others.
 *
 * Readers of other projects ignore what they do not know, take the last of two
 * or do not mind letter case: whoever writes the object chooses what each of
 * them sees. Here an object has the members we know, each once.
 */
#ifndef GARITA_POLICY_TRUST_FIELDS_H
#define GARITA_POLICY_TRUST_FIELDS_H

#include "garita/json.h"

enum garita_names {
	GARITA_NAMES_EXACT,
	/* Protocol buffers as JSON: "mediaType" may be "media_type", and null
	 * is the same as not there. */
	GARITA_NAMES_PROTO,
};

/* Is it an object with none but these members? `names` ends in NULL. `what` is
 * for the reader of the message. */
int garita_fields_check(const struct garita_json *object, enum garita_names how,
			const char *const names[], const char *what,
			struct garita_error *err);
/* The member's value; NULL when it is not there. */
struct garita_json *garita_field(const struct garita_json *object,
				 enum garita_names how, const char *name);
/* The bytes of a member of protocol buffers, base64 in JSON; at most `max`. The
 * caller frees. */
int garita_field_bytes(const struct garita_json *object, const char *name,
		       size_t max, unsigned char **ret, size_t *ret_len,
		       struct garita_error *err);

#endif
