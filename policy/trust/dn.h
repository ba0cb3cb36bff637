/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dn - distinguished names as trusted identities of the Notary Project have
 * them: some attributes, each once, of which country, state and organisation
 * have to be there. A certificate's subject fits when it has all of them.
 */
#ifndef GARITA_POLICY_TRUST_DN_H
#define GARITA_POLICY_TRUST_DN_H

#include <stdbool.h>
#include <stddef.h>

#include "garita/error.h"
#include "policy/trust/der.h"

/* Attributes that have a name here. */
enum garita_dn_type {
	GARITA_DN_CN,
	GARITA_DN_C,
	GARITA_DN_L,
	GARITA_DN_ST,
	GARITA_DN_O,
	GARITA_DN_OU,
	GARITA_DN_STREET,
	GARITA_DN_SERIAL,
	GARITA_DN_POSTAL,
	GARITA_DN_TYPES,
};

struct garita_dn {
	char *values[GARITA_DN_TYPES]; /* NULL: not there */
	bool other; /* has an attribute that no certificate is asked for */
};

/* "C=US, ST=WA, O=Example" (RFC 4514; S is ST, a semicolon a comma). -EINVAL
 * for an attribute that is there twice, several in one part, a value in hex, or
 * a missing C, ST, O.
 */
int garita_dn_parse(const char *text, struct garita_dn *ret,
		    struct garita_error *err);
/* A certificate's Name, with its head. Attributes without a name here are left
 * out. -EINVAL for one with a name that is there twice or is not text. */
int garita_dn_read(const struct garita_der *name, struct garita_dn *ret,
		   struct garita_error *err);
/* Has `whole` everything that `part` has, letter for letter? */
bool garita_dn_within(const struct garita_dn *part,
		      const struct garita_dn *whole);
void garita_dn_free(struct garita_dn *dn);
#define auto_dn __attribute__((cleanup(garita_dn_free))) struct garita_dn

#endif
