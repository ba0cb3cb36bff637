/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * timestamp - a token taken apart: CMS (RFC 5652) as far as RFC 3161 uses it,
 * which is one signer, signed attributes, and the time inside.
 */
#include "policy/trust/timestamp.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"

#define OID_SIGNED_DATA "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
#define OID_TST_INFO    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04"
#define OID_RSA_KEY     "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"

enum { EMBEDDED_MAX = 16 };

static int malformed(struct garita_error *err, const char *what)
{
	return garita_fail(err, EINVAL, "the timestamp is malformed: %s", what);
}

static bool take_oid(struct garita_der *from, struct garita_der *ret)
{
	return garita_der_take(from, GARITA_DER_OID, ret);
}

/* ---- the time ---- */

/* Seconds, and thousandths and millionths of one. */
static bool take_accuracy(struct garita_der *from, unsigned long *ret)
{
	struct garita_der all, part;
	unsigned long seconds = 0;
	bool more = false;

	if (!garita_der_next_is(from, GARITA_DER_SEQUENCE))
		return true;
	if (!garita_der_take(from, GARITA_DER_SEQUENCE, &all))
		return false;
	if (garita_der_next_is(&all, GARITA_DER_INTEGER) &&
	    !garita_der_take_small(&all, 1UL << 31, &seconds))
		return false;
	for (unsigned char i = 0; i < 2; i++) {
		if (!garita_der_next_is(&all, GARITA_DER_CONTEXT(i)))
			continue;
		if (!garita_der_take(&all, GARITA_DER_CONTEXT(i), &part) ||
		    part.left < 1 || part.left > 2)
			return false;
		more = true;
	}
	*ret = seconds + more;
	return all.left == 0;
}

static bool skip_optional(struct garita_der *from, unsigned char tag)
{
	struct garita_der value;

	return !garita_der_next_is(from, tag) ||
	       garita_der_take(from, tag, &value);
}

/* What stands behind the time: nothing of it restricts what it means, except
 * critical extensions, of which there are none that we know. */
static bool take_rest(struct garita_der *from, struct garita_timestamp *ret)
{
	bool ordering;

	if (!take_accuracy(from, &ret->accuracy_s))
		return false;
	if (garita_der_next_is(from, GARITA_DER_BOOLEAN) &&
	    (!garita_der_take_bool(from, &ordering) || !ordering))
		return false;
	return skip_optional(from, GARITA_DER_INTEGER) &&
	       skip_optional(from, GARITA_DER_INSIDE(0)) && from->left == 0;
}

static int read_info(struct garita_der from, struct garita_timestamp *ret,
		     struct garita_error *err)
{
	struct garita_der all, oid, imprint, algorithm, inside, serial;
	unsigned long version;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) || from.left > 0)
		return malformed(err, "its TSTInfo");
	if (!garita_der_take_small(&all, 1, &version) || version != 1 ||
	    !take_oid(&all, &oid))
		return malformed(err, "its version or policy");
	if (!garita_der_take(&all, GARITA_DER_SEQUENCE, &imprint) ||
	    !garita_der_take_whole(&imprint, GARITA_DER_SEQUENCE, &inside,
				   &algorithm) ||
	    !garita_der_take(&imprint, GARITA_DER_OCTETS, &ret->hashed) ||
	    imprint.left > 0)
		return malformed(err, "its imprint");
	if (!garita_x509_hash(&algorithm, &ret->hash))
		return garita_fail(err, EINVAL,
				   "the timestamp is over a hash that is not "
				   "of SHA-2");
	if (!garita_der_take_number(&all, &serial))
		return malformed(err, "its serial number");
	if (!garita_der_next_is(&all, GARITA_DER_TIME) ||
	    !garita_der_take_time(&all, true, &ret->time))
		return malformed(err, "its time");
	if (!take_rest(&all, ret))
		return malformed(err, "what stands behind its time");
	return 0;
}

/* ---- the signer ---- */

static bool take_signer_name(struct garita_der *from, unsigned long version,
			     struct garita_timestamp *ret)
{
	struct garita_der both, inside;

	if (version == 3)
		return garita_der_take(from, GARITA_DER_CONTEXT(0),
				       &ret->key_id) &&
		       ret->key_id.left > 0;
	return garita_der_take(from, GARITA_DER_SEQUENCE, &both) &&
	       garita_der_take_whole(&both, GARITA_DER_SEQUENCE, &inside,
				     &ret->issuer) &&
	       garita_der_take_number(&both, &ret->serial) && both.left == 0;
}

/* rsaEncryption says PKCS#1 v1.5 and leaves the hash to the digest. */
static bool is_plain_rsa(const struct garita_der *algorithm)
{
	struct garita_der from = *algorithm, all, oid, null;

	return garita_der_take(&from, GARITA_DER_SEQUENCE, &all) &&
	       take_oid(&all, &oid) && garita_der_is(&oid, OID_RSA_KEY) &&
	       garita_der_take(&all, GARITA_DER_NULL, &null) &&
	       null.left == 0 && all.left == 0;
}

static bool read_algorithm(const struct garita_der *whole,
			   struct garita_timestamp *ret)
{
	garita_x509_algorithm(whole, &ret->algorithm);
	if (!ret->algorithm.known && is_plain_rsa(whole))
		ret->algorithm = (struct garita_x509_algorithm){
			true, GARITA_SCHEME_PKCS1, ret->digest
		};
	return ret->algorithm.known && ret->algorithm.hash == ret->digest;
}

static int read_signer(struct garita_der from, struct garita_timestamp *ret,
		       struct garita_error *err)
{
	struct garita_der all, inside, algorithm;
	unsigned long version;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) || from.left > 0)
		return malformed(err, "it has not exactly one signer");
	if (!garita_der_take_small(&all, 3, &version) ||
	    (version != 1 && version != 3) ||
	    !take_signer_name(&all, version, ret))
		return malformed(err, "who its signer is");
	if (!garita_der_take_whole(&all, GARITA_DER_SEQUENCE, &inside,
				   &algorithm) ||
	    !garita_x509_hash(&algorithm, &ret->digest))
		return malformed(err, "its signer's hash is not of SHA-2");
	if (!garita_der_take(&all, GARITA_DER_INSIDE(0), &ret->attributes) ||
	    ret->attributes.left == 0)
		return malformed(err, "it has no signed attributes");
	if (!garita_der_take_whole(&all, GARITA_DER_SEQUENCE, &inside,
				   &algorithm) ||
	    !read_algorithm(&algorithm, ret))
		return malformed(err, "the way in which it is signed is not "
				      "known");
	if (!garita_der_take(&all, GARITA_DER_OCTETS, &ret->signature) ||
	    !skip_optional(&all, GARITA_DER_INSIDE(1)) || all.left > 0)
		return malformed(err, "its signature");
	return 0;
}

/* ---- the message ---- */

/* One that we cannot read signed nothing that we can check. */
static int read_certificates(struct garita_der from,
			     struct garita_timestamp *ret,
			     struct garita_error *err)
{
	for (size_t i = 0; from.left > 0; i++) {
		struct garita_der inside, all;
		unsigned char tag;

		if (i == EMBEDDED_MAX ||
		    !garita_der_take_any(&from, &tag, &inside, &all))
			return malformed(err, "its certificates");
		if (tag == GARITA_DER_SEQUENCE)
			garita_x509_list_add(&ret->certificates, all.at,
					     all.left, NULL);
	}
	return 0;
}

static bool take_content(struct garita_der *from, struct garita_der *ret)
{
	struct garita_der all, type, inside;

	return garita_der_take(from, GARITA_DER_SEQUENCE, &all) &&
	       take_oid(&all, &type) && garita_der_is(&type, OID_TST_INFO) &&
	       garita_der_take(&all, GARITA_DER_INSIDE(0), &inside) &&
	       all.left == 0 &&
	       garita_der_take(&inside, GARITA_DER_OCTETS, ret) &&
	       inside.left == 0;
}

static int read_signed_data(struct garita_der all, struct garita_timestamp *ret,
			    struct garita_error *err)
{
	struct garita_der algorithms, certificates, signers;
	unsigned long version;
	int r;

	if (!garita_der_take_small(&all, 5, &version) || version < 3 ||
	    !garita_der_take(&all, GARITA_DER_SET, &algorithms))
		return malformed(err, "its version");
	if (!take_content(&all, &ret->content))
		return malformed(err, "there is no time in it");
	if (garita_der_next_is(&all, GARITA_DER_INSIDE(0))) {
		if (!garita_der_take(&all, GARITA_DER_INSIDE(0), &certificates))
			return malformed(err, "its certificates");
		r = read_certificates(certificates, ret, err);
		if (r < 0)
			return r;
	}
	if (!skip_optional(&all, GARITA_DER_INSIDE(1)) ||
	    !garita_der_take(&all, GARITA_DER_SET, &signers) || all.left > 0)
		return malformed(err, "its signers");
	r = read_signer(signers, ret, err);
	return r < 0 ? r : read_info(ret->content, ret, err);
}

static int read_token(struct garita_der from, struct garita_timestamp *ret,
		      struct garita_error *err)
{
	struct garita_der all, type, inside, data;

	if (!garita_der_take(&from, GARITA_DER_SEQUENCE, &all) ||
	    from.left > 0 || !take_oid(&all, &type) ||
	    !garita_der_is(&type, OID_SIGNED_DATA) ||
	    !garita_der_take(&all, GARITA_DER_INSIDE(0), &inside) ||
	    all.left > 0 ||
	    !garita_der_take(&inside, GARITA_DER_SEQUENCE, &data) ||
	    inside.left > 0)
		return malformed(err, "it is no signed message in DER");
	return read_signed_data(data, ret, err);
}

/* Takes the status off an answer: granted, or granted with changes. */
static int take_status(struct garita_der *from, struct garita_error *err)
{
	struct garita_der all, status;
	unsigned long number;

	if (!garita_der_take(from, GARITA_DER_SEQUENCE, &all) ||
	    from->left > 0 ||
	    !garita_der_take(&all, GARITA_DER_SEQUENCE, &status) ||
	    !garita_der_take_small(&status, 255, &number))
		return malformed(err, "it is no answer in DER");
	if (number > 1)
		return garita_fail(err, EINVAL,
				   "the timestamp was not granted (status %lu)",
				   number);
	*from = all;
	return 0;
}

int garita_timestamp_read(enum garita_timestamp_form form, const void *bytes,
			  size_t len, struct garita_timestamp *ret,
			  struct garita_error *err)
{
	auto_timestamp stamp = { 0 };
	struct garita_der from = { bytes, len };
	int r = 0;

	if (len > GARITA_TIMESTAMP_BYTES_MAX)
		return malformed(err, "it is too large");
	if (form == GARITA_TIMESTAMP_RESPONSE)
		r = take_status(&from, err);
	if (r == 0)
		r = read_token(from, &stamp, err);
	if (r < 0)
		return r;
	*ret = stamp;
	stamp = (struct garita_timestamp){ 0 };
	return 0;
}

void garita_timestamp_free(struct garita_timestamp *stamp)
{
	garita_x509_list_free(&stamp->certificates);
}
