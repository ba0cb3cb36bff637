/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * x509 - one certificate, read in place. libcrypto's reader takes BER, copies
 * everything and looks for providers first; this one takes DER, in some
 * microseconds, and keeps where each part was.
 */
#include "policy/trust/x509.h"

#include <errno.h>

#include "policy/trust/x509_parts.h"

static int malformed(struct garita_error *err, const char *what)
{
	return garita_fail(err, EINVAL, "the certificate is malformed: %s",
			   what);
}

static bool take_validity(struct garita_der *from, struct garita_x509 *ret)
{
	struct garita_der both;

	return garita_der_take(from, GARITA_DER_SEQUENCE, &both) &&
	       garita_der_take_time(&both, false, &ret->not_before) &&
	       garita_der_take_time(&both, false, &ret->not_after) &&
	       both.left == 0 && ret->not_before <= ret->not_after;
}

static bool take_version_3(struct garita_der *from)
{
	struct garita_der inside;
	unsigned long version;

	return garita_der_take(from, GARITA_DER_INSIDE(0), &inside) &&
	       garita_der_take_small(&inside, 255, &version) &&
	       inside.left == 0 && version == 2;
}

/* Two optional bit strings that nobody has used for decades. */
static bool skip_unique_ids(struct garita_der *from)
{
	struct garita_der bits;

	for (unsigned char i = 1; i <= 2; i++)
		/* The first byte counts the bits of the last that are none. */
		if (garita_der_next_is(from, GARITA_DER_CONTEXT(i)) &&
		    (!garita_der_take(from, GARITA_DER_CONTEXT(i), &bits) ||
		     bits.left == 0 || bits.at[0] > 7))
			return false;
	return true;
}

static int read_tbs(struct garita_der tbs, const struct garita_der *algorithm,
		    struct garita_x509 *ret, struct garita_error *err)
{
	struct garita_der same, inside;
	const char *wrong;
	int r;

	if (!take_version_3(&tbs))
		return malformed(err, "it is not of version 3");
	if (!garita_der_take_number(&tbs, &ret->serial) ||
	    ret->serial.left > 20)
		return malformed(err, "its serial number");
	if (!garita_der_take_whole(&tbs, GARITA_DER_SEQUENCE, &inside, &same) ||
	    !garita_der_equal(&same, algorithm))
		return malformed(err, "it names two ways of signing");
	if (!garita_x509_take_dn(&tbs, &ret->issuer))
		return malformed(err, "its issuer");
	if (!take_validity(&tbs, ret))
		return malformed(err, "its validity");
	if (!garita_x509_take_dn(&tbs, &ret->subject))
		return malformed(err, "its subject");
	if (!garita_der_take_whole(&tbs, GARITA_DER_SEQUENCE, &inside,
				   &ret->spki))
		return malformed(err, "its key");
	r = garita_key_read((const char *)ret->spki.at, ret->spki.left,
			    &ret->key, err);
	if (r < 0)
		return garita_fail_in(err, "the certificate");
	if (!skip_unique_ids(&tbs))
		return malformed(err, "its unique identifiers");
	if (tbs.left == 0)
		return 0;
	if (!garita_der_take(&tbs, GARITA_DER_INSIDE(3), &inside) ||
	    tbs.left > 0)
		return malformed(err, "something stands behind its key");
	wrong = garita_x509_read_extensions(inside, ret);
	return wrong != NULL ? malformed(err, wrong) : 0;
}

int garita_x509_read(const void *bytes, size_t len, struct garita_x509 *ret,
		     struct garita_error *err)
{
	struct garita_x509 cert = { .path_len = -1, .all = { bytes, len } };
	struct garita_der from = cert.all, all, tbs, algorithm, inside;
	int r;

	if (len > GARITA_X509_BYTES_MAX)
		return malformed(err, "it is too large");
	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 ||
	    !garita_der_take_whole(&all, GARITA_DER_SEQUENCE, &tbs,
				   &cert.tbs) ||
	    !garita_der_take_whole(&all, GARITA_DER_SEQUENCE, &inside,
				   &algorithm) ||
	    !garita_der_take(&all, GARITA_DER_BIT_STRING, &cert.signature) ||
	    all.left > 0 || cert.signature.left < 2 ||
	    cert.signature.at[0] != 0)
		return malformed(err, "it is no certificate in DER");
	cert.signature.at++;
	cert.signature.left--;
	garita_x509_algorithm(&algorithm, &cert.algorithm);
	r = read_tbs(tbs, &algorithm, &cert, err);
	if (r < 0)
		return r;
	*ret = cert;
	return 0;
}
