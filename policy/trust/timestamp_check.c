/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * timestamp_check - is a timestamp about these bytes, and by an authority that
 * is trusted?
 *
 * The signature is over the attributes; they hold the hash of the time and of
 * the signer's own certificate, so that no other certificate of the same key
 * can be put in its place.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/key_parts.h"
#include "policy/trust/sha1.h"
#include "policy/trust/timestamp.h"

#define OID_CONTENT_TYPE "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x03"
#define OID_DIGEST       "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x04"
#define OID_SIGNER_1     "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x0c"
#define OID_SIGNER_2     "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f"
#define OID_TST_INFO     "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x04"
#define OID_KEY_ID       "\x55\x1d\x0e"

static int bad(struct garita_error *err, const char *why)
{
	return garita_fail(err, EBADMSG, "the timestamp %s", why);
}

/* The one value of the one attribute of this type. */
static bool find_attribute(struct garita_der attributes, const char *oid,
			   size_t oid_len, struct garita_der *ret)
{
	struct garita_der one, type, values;
	unsigned found = 0;

	while (attributes.left > 0) {
		if (!garita_der_take(&attributes, GARITA_DER_SEQUENCE, &one) ||
		    !garita_der_take(&one, GARITA_DER_OID, &type) ||
		    !garita_der_take(&one, GARITA_DER_SET, &values) ||
		    one.left > 0)
			return false;
		if (type.left != oid_len || memcmp(type.at, oid, oid_len) != 0)
			continue;
		*ret = values;
		found++;
	}
	return found == 1;
}
#define FIND(attributes, oid, ret)                                             \
	find_attribute((attributes), (oid), sizeof(oid) - 1, (ret))

static bool content_is(const struct garita_timestamp *stamp)
{
	struct garita_der value, type, hash;
	unsigned char again[GARITA_HASH_MAX];

	garita_hash_of(stamp->digest, stamp->content.at, stamp->content.left,
		       NULL, 0, again);
	return FIND(stamp->attributes, OID_CONTENT_TYPE, &value) &&
	       garita_der_take(&value, GARITA_DER_OID, &type) &&
	       value.left == 0 && garita_der_is(&type, OID_TST_INFO) &&
	       FIND(stamp->attributes, OID_DIGEST, &value) &&
	       garita_der_take(&value, GARITA_DER_OCTETS, &hash) &&
	       value.left == 0 && hash.left == garita_hash_len(stamp->digest) &&
	       memcmp(hash.at, again, hash.left) == 0;
}

/* The first certificate that the attribute names, without its algorithm. */
static bool first_named(struct garita_der value, struct garita_der *ret)
{
	struct garita_der all, list;

	return garita_der_take(&value, GARITA_DER_SEQUENCE, &all) &&
	       value.left == 0 &&
	       garita_der_take(&all, GARITA_DER_SEQUENCE, &list) &&
	       garita_der_take(&list, GARITA_DER_SEQUENCE, ret);
}

/* RFC 5816: by SHA-2, SHA-256 when it does not say. */
static bool is_named_2(struct garita_der value, const struct garita_x509 *by)
{
	enum garita_hash how = GARITA_SHA256;
	struct garita_der named, algorithm, inside, hash;
	unsigned char again[GARITA_HASH_MAX];

	if (!first_named(value, &named))
		return false;
	if (garita_der_next_is(&named, GARITA_DER_SEQUENCE) &&
	    (!garita_der_take_whole(&named, GARITA_DER_SEQUENCE, &inside,
				    &algorithm) ||
	     !garita_x509_hash(&algorithm, &how)))
		return false;
	garita_hash_of(how, by->all.at, by->all.left, NULL, 0, again);
	return garita_der_take(&named, GARITA_DER_OCTETS, &hash) &&
	       hash.left == garita_hash_len(how) &&
	       memcmp(hash.at, again, hash.left) == 0;
}

/* RFC 2634: by SHA-1. Only the name of a certificate whose chain and signature
 * are checked as well; older authorities still write it. */
static bool is_named_1(struct garita_der value, const struct garita_x509 *by)
{
	unsigned char again[GARITA_SHA1_SIZE];
	struct garita_der named, hash;

	garita_sha1(by->all.at, by->all.left, again);
	return first_named(value, &named) &&
	       garita_der_take(&named, GARITA_DER_OCTETS, &hash) &&
	       hash.left == sizeof(again) &&
	       memcmp(hash.at, again, hash.left) == 0;
}

static bool is_named(const struct garita_timestamp *stamp,
		     const struct garita_x509 *by)
{
	struct garita_der value;

	if (FIND(stamp->attributes, OID_SIGNER_2, &value))
		return is_named_2(value, by);
	return FIND(stamp->attributes, OID_SIGNER_1, &value) &&
	       is_named_1(value, by);
}

static bool is_signer(const struct garita_timestamp *stamp,
		      const struct garita_x509 *by)
{
	const struct garita_x509_extension *id;
	struct garita_der from, bytes;

	if (stamp->key_id.left == 0)
		return garita_der_equal(&stamp->issuer, &by->issuer) &&
		       garita_der_equal(&stamp->serial, &by->serial);
	id = garita_x509_has(by, OID_KEY_ID);
	if (id == NULL)
		return false;
	from = id->value;
	return garita_der_take(&from, GARITA_DER_OCTETS, &bytes) &&
	       garita_der_equal(&bytes, &stamp->key_id);
}

/* The attributes are signed as the SET that they stand for, whose head differs
 * from the one they have in the message (RFC 5652, 5.4). */
static int check_signature(const struct garita_timestamp *stamp,
			   const struct garita_x509 *by,
			   struct garita_error *err)
{
	size_t len = stamp->attributes.left, head = 0;
	auto_free unsigned char *text = garita_xalloc(len + 4);
	struct garita_error why = { 0 };

	text[head++] = GARITA_DER_SET;
	if (len > 0xff)
		text[head++] = 0x82;
	else if (len > 0x7f)
		text[head++] = 0x81;
	if (len > 0xff)
		text[head++] = (unsigned char)(len >> 8);
	text[head++] = (unsigned char)len;
	memcpy(text + head, stamp->attributes.at, len);
	if (garita_key_verify(&by->key, stamp->algorithm.scheme,
			      stamp->algorithm.hash, text, head + len,
			      stamp->signature.at, stamp->signature.left,
			      &why) < 0)
		return bad(err, "is not signed by the authority it names");
	return 0;
}

static int check_signer(const struct garita_timestamp *stamp,
			const struct garita_timestamp_case *of,
			const struct garita_x509 *by,
			struct garita_x509_chain *ret, struct garita_error *err)
{
	const struct garita_x509_chain_case chain = {
		.leaf = by,
		.roots = of->roots,
		.between = { of->between,
			     of->signers ? NULL : &stamp->certificates },
		.at = stamp->time,
		.eku = GARITA_EKU_TIMESTAMP,
	};
	int r;

	if (garita_x509_eku_count(by) != 1 || !garita_x509_eku_is_critical(by))
		return bad(err, "is signed by a certificate that is not for "
				"timestamps alone");
	if (!is_named(stamp, by))
		return bad(err, "does not say that this certificate signed it");
	r = garita_x509_chain(&chain, ret, err);
	if (r < 0)
		return garita_fail_in(err, "the timestamp's authority");
	return check_signature(stamp, by, err);
}

int garita_timestamp_check(const struct garita_timestamp *stamp,
			   const struct garita_timestamp_case *of,
			   struct garita_x509_chain *ret_chain,
			   struct garita_error *err)
{
	const struct garita_x509_list *from =
		of->signers ? of->signers : &stamp->certificates;
	unsigned char hash[GARITA_HASH_MAX];
	struct garita_x509_chain chain;
	int r = -ENOENT;

	garita_hash_of(stamp->hash, of->message, of->len, NULL, 0, hash);
	if (stamp->hashed.left != garita_hash_len(stamp->hash) ||
	    memcmp(stamp->hashed.at, hash, stamp->hashed.left) != 0)
		return bad(err, "is about something else");
	if (!content_is(stamp))
		return bad(err, "does not sign the time in it");
	/* The first that fits all: a file may have a key's old certificate
	 * beside the new one. */
	for (size_t i = 0; i < from->count && r != 0; i++)
		if (is_signer(stamp, &from->all[i]))
			r = check_signer(stamp, of, &from->all[i], &chain, err);
	if (r == -ENOENT)
		return bad(err, "is by an authority that is not trusted");
	if (r < 0)
		return r;
	if (ret_chain != NULL)
		*ret_chain = chain;
	return 0;
}
