/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509_parts - parts of certificates, for the files that read them.
 */
#ifndef GARITA_POLICY_TRUST_X509_PARTS_H
#define GARITA_POLICY_TRUST_X509_PARTS_H

#include "policy/trust/x509.h"

#define GARITA_OID_ALT_NAMES "\x55\x1d\x11"

/* x509_extension.c. The next one of a list, of a certificate or a CRL. */
bool garita_x509_take_extension(struct garita_der *from,
				struct garita_x509_extension *ret);
/* All of a certificate, and what they say about it. NULL, or what is malformed.
 */
const char *garita_x509_read_extensions(struct garita_der from,
					struct garita_x509 *ret);

/* x509_name.c. Are these alternative names, well formed? */
bool garita_x509_are_names(struct garita_der from);
/* A Name, with its head. */
bool garita_x509_take_dn(struct garita_der *from, struct garita_der *ret);

#endif
