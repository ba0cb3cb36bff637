/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sha512 - the longer hashes of FIPS 180-4, of a text in two parts.
 */
#ifndef GARITA_POLICY_TRUST_SHA512_H
#define GARITA_POLICY_TRUST_SHA512_H

#include <stddef.h>

/* Either part may be empty. */
void garita_sha512(const void *first, size_t first_len, const void *second,
		   size_t second_len, unsigned char ret[64]);
void garita_sha384(const void *first, size_t first_len, const void *second,
		   size_t second_len, unsigned char ret[48]);

#endif
