/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation - a trust policy and a trust store of the Notary Project, read as
 * notation(1) does: no symbolic links in the store, directories in it passed
 * over, and of files only those that end in .pem, .crt and .cer.
 */
#ifndef GARITA_HOOK_TRUST_NOTATION_H
#define GARITA_HOOK_TRUST_NOTATION_H

#include <stdbool.h>

#include "garita/trust.h"

/* All borrowed. */
struct garita_notation_files {
	const char *trust_policy; /* trustpolicy.json */
	const char *trust_store;  /* the directory that has x509 in it */
	const char *crls; /* a directory of .crl and .pem files; NULL: none */
	const char *root; /* sysroot of all of them, or NULL */
	bool trusted;     /* refuse what others than root and we can change */
};

/* Adds the requirement for an image by this name, with the bytes of its
 * files. A store that is not there has none, and so trusts nobody. */
int garita_notation_gather(const struct garita_notation_files *from,
			   const char *reference,
			   struct garita_requirements *ret,
			   struct garita_error *err);

#endif
