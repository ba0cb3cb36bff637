/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base64 - the second, laxer reading that some formats ask for; the strict one
 * is in format.h.
 */
#ifndef GARITA_POLICY_TRUST_BASE64_H
#define GARITA_POLICY_TRUST_BASE64_H

#include <stddef.h>

#include "garita/text.h"

/* Bytes in the JSON form of protocol buffers: either alphabet of RFC 4648 but
 * not both in one text, padding or none. No white space, no bits left over.
 * The caller frees. -EINVAL, -E2BIG above max. */
int garita_base64_proto(const char *text, size_t len, size_t max,
			unsigned char **ret, size_t *ret_len);
/* How many bytes that is, and the same added to a text, which stays as it was
 * on failure. */
size_t garita_base64_size(const char *text, size_t len);
int garita_base64_proto_add(const char *text, size_t len,
			    struct garita_text *ret);
/* Adds the standard form, with padding. */
void garita_base64_write(const unsigned char *bytes, size_t len,
			 struct garita_text *ret);

#endif
