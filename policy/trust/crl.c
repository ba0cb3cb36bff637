/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * crl - see the header.
 */
#include "policy/trust/crl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/pem.h"
#include "policy/trust/x509_parts.h"

#define OID_POINTS "\x55\x1d\x1f" /* cRLDistributionPoints of a certificate */
#define OID_ACCESS "\x2b\x06\x01\x05\x05\x07\x01\x01" /* authority's */
#define OID_OCSP   "\x2b\x06\x01\x05\x05\x07\x30\x01" /* one kind of it */
#define OID_POINT  "\x55\x1d\x1c" /* issuingDistributionPoint of a list */
#define OID_DELTA  "\x55\x1d\x1b" /* deltaCRLIndicator of a list */

enum { VERSION_2 = 1 };

static int malformed(struct garita_error *err, const char *what)
{
	return garita_fail(err, EINVAL,
			   "the list of revoked certificates is malformed: %s",
			   what);
}

/* ---- extensions ---- */

/* Only the name of one point may be in it: [0] { [0] names }. */
static bool read_point(struct garita_der from, struct garita_crl *ret)
{
	struct garita_der all, point;

	return garita_der_take(&from, GARITA_DER_SEQUENCE, &all) &&
	       from.left == 0 &&
	       garita_der_take(&all, GARITA_DER_INSIDE(0), &point) &&
	       all.left == 0 &&
	       garita_der_take(&point, GARITA_DER_INSIDE(0), &ret->point) &&
	       point.left == 0 && ret->point.left > 0;
}

static int read_extensions(struct garita_der from, struct garita_crl *ret,
			   struct garita_error *err)
{
	struct garita_der all;
	struct garita_x509_extension one;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) || from.left > 0)
		return malformed(err, "its extensions");
	while (all.left > 0) {
		if (!garita_x509_take_extension(&all, &one))
			return malformed(err, "an extension");
		if (garita_der_is(&one.oid, OID_POINT)) {
			if (ret->point.left > 0)
				return malformed(err, "two points");
			if (!read_point(one.value, ret))
				return garita_fail(
					err, EINVAL,
					"the list is not of all certificates "
					"of its issuer");
		} else if (garita_der_is(&one.oid, OID_DELTA)) {
			/* Also where its issuer forgot to mark it. */
			return garita_fail(err, EINVAL,
					   "the list has only what was revoked "
					   "since another one (a delta)");
		} else if (one.critical) {
			return garita_fail(err, EINVAL,
					   "the list has a critical extension "
					   "that is not known here");
		}
	}
	return 0;
}

/* ---- entries ---- */

/* Takes the next one. One with a critical extension is about a certificate of
 * somebody else. */
static bool take_entry(struct garita_der *from, struct garita_der *ret_serial)
{
	struct garita_der entry, extensions;
	struct garita_x509_extension one;
	time_t when;

	if (!garita_der_take(from, GARITA_DER_SEQUENCE, &entry) ||
	    !garita_der_take_number(&entry, ret_serial) ||
	    !garita_der_take_time(&entry, false, &when))
		return false;
	if (entry.left == 0)
		return true;
	if (!garita_der_take(&entry, GARITA_DER_SEQUENCE, &extensions) ||
	    entry.left > 0)
		return false;
	while (extensions.left > 0)
		if (!garita_x509_take_extension(&extensions, &one) ||
		    one.critical)
			return false;
	return true;
}

static int read_entries(struct garita_der *from, struct garita_crl *ret,
			struct garita_error *err)
{
	struct garita_der left, serial;

	if (!garita_der_next_is(from, GARITA_DER_SEQUENCE))
		return 0; /* nothing was revoked */
	if (!garita_der_take(from, GARITA_DER_SEQUENCE, &ret->revoked))
		return malformed(err, "its entries");
	left = ret->revoked;
	while (left.left > 0)
		if (!take_entry(&left, &serial))
			return malformed(err, "an entry");
	return 0;
}

/* ---- the whole ---- */

static int read_signed(struct garita_der tbs,
		       const struct garita_der *algorithm,
		       struct garita_crl *ret, struct garita_error *err)
{
	struct garita_der inside, unused, again;
	unsigned long version;
	int r;

	if (!garita_der_take_small(&tbs, VERSION_2, &version) ||
	    version != VERSION_2)
		return malformed(err, "not of version 2");
	if (!garita_der_take_whole(&tbs, GARITA_DER_SEQUENCE, &unused,
				   &again) ||
	    !garita_der_equal(&again, algorithm))
		return malformed(err, "its algorithm");
	if (!garita_der_take_whole(&tbs, GARITA_DER_SEQUENCE, &unused,
				   &ret->issuer) ||
	    !garita_der_take_time(&tbs, false, &ret->this_update))
		return malformed(err, "its issuer or date");
	if (!garita_der_take_time(&tbs, false, &ret->next_update))
		return garita_fail(err, EINVAL,
				   "the list does not say until when it holds");
	r = read_entries(&tbs, ret, err);
	if (r < 0 || tbs.left == 0)
		return r;
	if (!garita_der_take(&tbs, GARITA_DER_INSIDE(0), &inside) ||
	    tbs.left > 0)
		return malformed(err, "its end");
	return read_extensions(inside, ret, err);
}

static int read_der(struct garita_der from, struct garita_crl *ret,
		    struct garita_error *err)
{
	struct garita_der all, tbs, unused, algorithm, bits;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 ||
	    !garita_der_take_whole(&all, GARITA_DER_SEQUENCE, &tbs,
				   &ret->tbs) ||
	    !garita_der_take_whole(&all, GARITA_DER_SEQUENCE, &unused,
				   &algorithm) ||
	    !garita_der_take(&all, GARITA_DER_BIT_STRING, &bits) ||
	    all.left > 0 || bits.left < 1 || bits.at[0] != 0)
		return malformed(err, "not a list and a signature");
	ret->signature = (struct garita_der){ bits.at + 1, bits.left - 1 };
	garita_x509_algorithm(&algorithm, &ret->algorithm);
	return read_signed(tbs, &algorithm, ret, err);
}

static int read_pem(const char *text, size_t len, unsigned char **ret,
		    size_t *ret_len, struct garita_error *err)
{
	struct garita_pem from = { .at = text, .end = text + len };
	struct garita_pem_block block = { 0 }, next = { 0 };
	int r = garita_pem_begin(&from, &block, err);

	if (r < 0)
		return r;
	if (r == 0 || !garita_pem_is(&block, "X509 CRL"))
		return garita_pem_fail(&from, err,
				       "no list of revoked certificates");
	r = garita_pem_body(&from, len, &block, err);
	if (r < 0)
		return r;
	*ret = block.bytes;
	*ret_len = block.len;
	r = garita_pem_begin(&from, &next, err);
	return r > 0 ? garita_pem_fail(&from, err, "more than one list") : r;
}

int garita_crl_read(const char *bytes, size_t len, struct garita_crl *ret,
		    struct garita_error *err)
{
	auto_free unsigned char *copy = NULL;
	struct garita_crl list = { 0 };
	int r = 0;

	if (len > 0 && (unsigned char)bytes[0] == GARITA_DER_SEQUENCE) {
		copy = garita_xalloc(len + 1);
		memcpy(copy, bytes, len);
	} else {
		r = read_pem(bytes, len, &copy, &len, err);
	}
	if (r == 0)
		r = read_der((struct garita_der){ copy, len }, &list, err);
	if (r < 0)
		return r;
	list.bytes = garita_take_ptr(&copy);
	*ret = list;
	return 0;
}

void garita_crl_free(struct garita_crl *list)
{
	free(list->bytes);
	*list = (struct garita_crl){ 0 };
}

/* ---- questions ---- */

int garita_crl_check(const struct garita_crl *list,
		     const struct garita_x509 *issuer, time_t now,
		     struct garita_error *err)
{
	if (!garita_der_equal(&list->issuer, &issuer->subject))
		return garita_fail(err, EBADMSG,
				   "the list is of another "
				   "issuer");
	if (issuer->has_key_usage &&
	    !(issuer->key_usage & GARITA_X509_SIGNS_CRLS))
		return garita_fail(err, EBADMSG,
				   "the issuer may not sign lists of revoked "
				   "certificates");
	if (now < list->this_update)
		return garita_fail(err, EBADMSG,
				   "the list is of times to "
				   "come");
	if (now >= list->next_update)
		return garita_fail(err, EBADMSG,
				   "the list is out of date: there should be a "
				   "newer one");
	if (!list->algorithm.known ||
	    garita_key_verify(&issuer->key, list->algorithm.scheme,
			      list->algorithm.hash, list->tbs.at,
			      list->tbs.left, list->signature.at,
			      list->signature.left, NULL) < 0)
		return garita_fail(err, EBADMSG,
				   "the list is not signed by its issuer");
	return 0;
}

/* Does a name of one stand among those of the other? */
static bool share_name(struct garita_der names, const struct garita_der *others)
{
	struct garita_der one, unused, rest, other;
	unsigned char tag;

	while (garita_der_take_any(&names, &tag, &unused, &one)) {
		rest = *others;
		while (garita_der_take_any(&rest, &tag, &unused, &other))
			if (garita_der_equal(&one, &other))
				return true;
	}
	return false;
}

/* Is the list of one of the certificate's points? A point: [0] { [0] names },
 * then perhaps for which reasons, and whose list it is if not the issuer's. */
static bool is_of_point(const struct garita_crl *list,
			const struct garita_x509_extension *points)
{
	struct garita_der from = points->value, all, point, name, names;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all))
		return false;
	while (garita_der_take(&all, GARITA_DER_SEQUENCE, &point))
		if (garita_der_take(&point, GARITA_DER_INSIDE(0), &name) &&
		    garita_der_take(&name, GARITA_DER_INSIDE(0), &names) &&
		    share_name(names, &list->point))
			return true;
	return false;
}

bool garita_crl_covers(const struct garita_crl *list,
		       const struct garita_x509 *cert)
{
	const struct garita_x509_extension *points =
		garita_x509_has(cert, OID_POINTS);

	return garita_der_equal(&list->issuer, &cert->issuer) &&
	       (list->point.left == 0 ||
		(points != NULL && is_of_point(list, points)));
}

bool garita_crl_has(const struct garita_crl *list,
		    const struct garita_x509 *cert)
{
	struct garita_der left = list->revoked, serial;

	while (left.left > 0 && take_entry(&left, &serial))
		if (garita_der_equal(&serial, &cert->serial))
			return true;
	return false;
}

static bool has_responder(struct garita_der from)
{
	struct garita_der all, one, oid;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all))
		return true; /* malformed: more than we want to know */
	while (all.left > 0)
		if (!garita_der_take(&all, GARITA_DER_SEQUENCE, &one) ||
		    !garita_der_take(&one, GARITA_DER_OID, &oid) ||
		    garita_der_is(&oid, OID_OCSP))
			return true;
	return false;
}

bool garita_crl_is_wanted(const struct garita_x509 *cert)
{
	const struct garita_x509_extension *access =
		garita_x509_has(cert, OID_ACCESS);

	return garita_x509_has(cert, OID_POINTS) != NULL ||
	       (access != NULL && has_responder(access->value));
}
