/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle_parts - a bundle's members, these and no others (protobuf-specs,
 * sigstore_bundle.proto). What a version does not have is refused in it.
 */
#include "policy/trust/bundle_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/base64.h"

#define PROTO GARITA_NAMES_PROTO

static const struct {
	const char *name;
	unsigned minor;
} types[] = {
	{ "application/vnd.dev.sigstore.bundle+json;version=0.1", 1 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.2", 2 },
	{ "application/vnd.dev.sigstore.bundle+json;version=0.3", 3 },
	{ "application/vnd.dev.sigstore.bundle.v0.3+json", 3 },
};

static const struct algorithm {
	const char *name;
	enum garita_hash hash;
} algorithms[] = {
	{ "SHA2_256", GARITA_SHA256 },
	{ "SHA2_384", GARITA_SHA384 },
	{ "SHA2_512", GARITA_SHA512 },
};

/* ---- a message ---- */

static int read_bytes(const struct garita_json *object, const char *name,
		      size_t max, unsigned char **ret, size_t *ret_len,
		      struct garita_error *err)
{
	const char *text =
		garita_json_string(garita_field(object, PROTO, name));

	if (!text ||
	    garita_base64_proto(text, strlen(text), max, ret, ret_len) < 0) {
		garita_fail(err, EINVAL, "%s is not base64", name);
		return -EINVAL;
	}
	return 0;
}

static int read_digest(const struct garita_json *object,
		       struct garita_message *ret, struct garita_error *err)
{
	static const char *const names[] = { "algorithm", "digest", NULL };
	const struct algorithm *algorithm = NULL;
	unsigned char *bytes = NULL;
	const char *name;
	int r = garita_fields_check(object, PROTO, names, "messageDigest", err);

	if (r < 0)
		return r;
	name = garita_json_string(garita_field(object, PROTO, "algorithm"));
	for (size_t i = 0; i < GARITA_COUNT(algorithms); i++)
		if (name && strcmp(name, algorithms[i].name) == 0)
			algorithm = &algorithms[i];
	if (!algorithm)
		return garita_fail(err, EINVAL,
				   "messageDigest does not say by SHA-2 what "
				   "was signed");
	r = read_bytes(object, "digest", sizeof(ret->digest), &bytes,
		       &ret->digest_len, err);
	if (r < 0)
		return r;
	memcpy(ret->digest, bytes, ret->digest_len);
	free(bytes);
	ret->algorithm = algorithm->name;
	ret->hash = algorithm->hash;
	if (ret->digest_len != garita_hash_len(algorithm->hash))
		return garita_fail(err, EINVAL,
				   "messageDigest is not as long as %s",
				   algorithm->name);
	return 0;
}

int garita_message_read(const struct garita_json *object,
			struct garita_message *ret, struct garita_error *err)
{
	static const char *const names[] = { "messageDigest", "signature",
					     NULL };
	int r = garita_fields_check(object, PROTO, names, "messageSignature",
				    err);

	if (r < 0)
		return r;
	r = read_digest(garita_field(object, PROTO, "messageDigest"), ret, err);
	if (r < 0)
		return r;
	return read_bytes(object, "signature", GARITA_KEY_RSA_MAX, &ret->sig,
			  &ret->sig_len, err);
}

void garita_message_free(struct garita_message *message)
{
	free(message->sig);
}

/* ---- who ---- */

/* Only the first certificate is looked at; what else is sent says nothing, and
 * to send a root is to ask for trust. */
static int read_chain(const struct garita_json *chain,
		      struct garita_bundle *ret, struct garita_error *err)
{
	static const char *const names[] = { "certificates", NULL };
	static const char *const each[] = { "rawBytes", NULL };
	const struct garita_json *list;
	size_t count;
	int r = garita_fields_check(chain, PROTO, names, "x509CertificateChain",
				    err);

	if (r < 0)
		return r;
	list = garita_field(chain, PROTO, "certificates");
	count = garita_json_count(list);
	if (garita_json_type(list) != GARITA_JSON_ARRAY || count == 0 ||
	    count > GARITA_X509_CHAIN_MAX)
		return garita_fail(err, EINVAL,
				   "x509CertificateChain has not from 1 to %d "
				   "certificates",
				   GARITA_X509_CHAIN_MAX);
	for (size_t i = 0; i < count; i++) {
		auto_free unsigned char *bytes = NULL;
		struct garita_x509 cert;
		size_t len = 0;

		r = garita_fields_check(garita_json_item(list, i), PROTO, each,
					"a certificate", err);
		if (r == 0)
			r = read_bytes(garita_json_item(list, i), "rawBytes",
				       GARITA_X509_BYTES_MAX, &bytes, &len,
				       err);
		if (r < 0)
			return r;
		if (i == 0) {
			ret->cert = garita_take_ptr(&bytes);
			ret->cert_len = len;
		} else if (garita_x509_read(bytes, len, &cert, err) < 0) {
			return garita_fail_in(err, "chain");
		} else if (garita_der_equal(&cert.subject, &cert.issuer)) {
			return garita_fail(err, EINVAL,
					   "chain: the bundle brings its own "
					   "root");
		}
	}
	return 0;
}

static int read_certificate(const struct garita_json *cert,
			    struct garita_bundle *ret, struct garita_error *err)
{
	static const char *const names[] = { "rawBytes", NULL };
	int r = garita_fields_check(cert, PROTO, names, "certificate", err);

	return r < 0 ? r
		     : read_bytes(cert, "rawBytes", GARITA_X509_BYTES_MAX,
				  &ret->cert, &ret->cert_len, err);
}

static int read_who(struct garita_bundle *ret, struct garita_error *err)
{
	static const char *const names[] = {
		"publicKey",   "x509CertificateChain",      "certificate",
		"tlogEntries", "timestampVerificationData", NULL
	};
	static const char *const key_names[] = { "hint", NULL };
	const struct garita_json *key, *chain, *cert;
	int r = garita_fields_check(ret->material, PROTO, names,
				    "verificationMaterial", err);

	if (r < 0)
		return r;
	key = garita_field(ret->material, PROTO, "publicKey");
	chain = garita_field(ret->material, PROTO, "x509CertificateChain");
	cert = garita_field(ret->material, PROTO, "certificate");
	if (key != NULL && (chain != NULL || cert != NULL))
		return garita_fail(err, EINVAL,
				   "the bundle has both a key and a "
				   "certificate");
	if (chain != NULL && cert != NULL)
		return garita_fail(err, EINVAL,
				   "the bundle has two ways to a certificate");
	if (chain != NULL && ret->minor >= 3)
		return garita_fail(err, EINVAL,
				   "chain: a bundle of this version has one "
				   "certificate and no chain");
	if (chain != NULL)
		return read_chain(chain, ret, err);
	if (cert != NULL)
		return read_certificate(cert, ret, err);
	ret->has_key = true;
	return garita_fields_check(key, PROTO, key_names, "publicKey", err);
}

/* ---- the bundle ---- */

static int read_type(const struct garita_json *root, unsigned *ret,
		     struct garita_error *err)
{
	const char *type =
		garita_json_string(garita_field(root, PROTO, "mediaType"));

	for (size_t i = 0; type != NULL && i < GARITA_COUNT(types); i++) {
		if (strcmp(type, types[i].name) != 0)
			continue;
		*ret = types[i].minor;
		return 0;
	}
	return garita_fail(err, EINVAL,
			   "a bundle of the unknown type \"%.80s\"",
			   type != NULL ? type : "");
}

int garita_bundle_read(const struct garita_json *root,
		       struct garita_bundle *ret, struct garita_error *err)
{
	static const char *const names[] = { "mediaType",
					     "verificationMaterial",
					     "messageSignature", "dsseEnvelope",
					     NULL };
	int r = garita_fields_check(root, PROTO, names, "the bundle", err);

	if (r == 0)
		r = read_type(root, &ret->minor, err);
	if (r < 0)
		return r;
	ret->material = garita_field(root, PROTO, "verificationMaterial");
	ret->message = garita_field(root, PROTO, "messageSignature");
	ret->envelope = garita_field(root, PROTO, "dsseEnvelope");
	r = read_who(ret, err);
	if (r == 0 && (ret->message == NULL) == (ret->envelope == NULL))
		r = garita_fail(err, EINVAL,
				"the bundle has not exactly one of "
				"messageSignature and dsseEnvelope");
	return r;
}

void garita_bundle_free(struct garita_bundle *bundle)
{
	free(bundle->cert);
}

bool garita_bundle_has_proofs(const struct garita_bundle *bundle)
{
	return garita_json_count(garita_field(bundle->material, PROTO,
					      "tlogEntries")) > 0 ||
	       garita_field(bundle->material, PROTO,
			    "timestampVerificationData") != NULL;
}

int garita_bundle_entries(const struct garita_bundle *bundle,
			  struct garita_log_entries *ret,
			  struct garita_error *err)
{
	return garita_log_entries_read(
		garita_field(bundle->material, PROTO, "tlogEntries"), ret, err);
}

int garita_bundle_stamps(const struct garita_bundle *bundle,
			 struct garita_stamps *ret, struct garita_error *err)
{
	static const char *const names[] = { "rfc3161Timestamps", NULL };
	static const char *const each[] = { "signedTimestamp", NULL };
	const struct garita_json *data = garita_field(
		bundle->material, PROTO, "timestampVerificationData");
	const struct garita_json *list;
	int r = 0;

	if (data == NULL)
		return 0;
	r = garita_fields_check(data, PROTO, names, "timestampVerificationData",
				err);
	list = garita_field(data, PROTO, "rfc3161Timestamps");
	if (r == 0 && list != NULL &&
	    garita_json_type(list) != GARITA_JSON_ARRAY)
		r = garita_fail(err, EINVAL, "rfc3161Timestamps is no array");
	for (size_t i = 0; r == 0 && i < garita_json_count(list); i++) {
		const struct garita_json *one = garita_json_item(list, i);
		unsigned char *bytes = NULL;
		size_t len = 0;

		r = garita_fields_check(one, PROTO, each, "a timestamp", err);
		if (r == 0)
			r = read_bytes(one, "signedTimestamp",
				       GARITA_TIMESTAMP_BYTES_MAX, &bytes, &len,
				       err);
		if (r == 0 && !garita_stamps_add(ret, bytes, len))
			r = garita_fail(err, EINVAL,
					"time: a timestamp stands twice, or "
					"there are more than %d",
					GARITA_STAMPS_MAX);
	}
	return r;
}
