/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sha1 - the hash that names OpenPGP keys of version 4 and, in old timestamps,
 * certificates. Two texts with one SHA-1 can be made: never what is signed.
 */
#ifndef GARITA_POLICY_TRUST_SHA1_H
#define GARITA_POLICY_TRUST_SHA1_H

#include <stddef.h>

enum { GARITA_SHA1_SIZE = 20 };

void garita_sha1(const void *bytes, size_t len,
		 unsigned char ret[GARITA_SHA1_SIZE]);

#endif
