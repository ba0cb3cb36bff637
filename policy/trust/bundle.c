/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle - sigstore bundles (v0.1 to v0.3) that were signed with a key, which
 * is what cosign 3 writes: a statement in an envelope, or a signature over the
 * manifest itself.
 *
 * The hint says which key and is not signed, so it is not looked at. Entries of
 * a transparency log and timestamps prove when something was signed, which a
 * key that is trusted by name does not need; they are noted as not looked at.
 * A bundle with a certificate instead of a key is noted and never accepted.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "policy/trust/base64.h"
#include "policy/trust/dsse.h"
#include "policy/trust/key_parts.h"
#include "policy/trust/key_signer.h"

#define PROTO GARITA_NAMES_PROTO

static const char *const types[] = {
	"application/vnd.dev.sigstore.bundle+json;version=0.1",
	"application/vnd.dev.sigstore.bundle+json;version=0.2",
	"application/vnd.dev.sigstore.bundle+json;version=0.3",
	"application/vnd.dev.sigstore.bundle.v0.3+json",
};

static const struct algorithm {
	const char *name;
	enum garita_hash hash;
} algorithms[] = {
	{ "SHA2_256", GARITA_SHA256 },
	{ "SHA2_384", GARITA_SHA384 },
	{ "SHA2_512", GARITA_SHA512 },
};

/* messageSignature, decoded. */
struct message {
	struct algorithm algorithm;
	unsigned char digest[GARITA_HASH_MAX];
	unsigned char *sig;
	size_t digest_len, sig_len;
};

static void message_free(struct message *message)
{
	free(message->sig);
}

static bool has(const struct garita_blob *blob, const char *word)
{
	return memmem(blob->bytes, blob->len, word, strlen(word)) != NULL;
}

static bool knows(const struct garita_blob *blob)
{
	return blob->len > 0 && blob->bytes[0] == '{' &&
	       (has(blob, "\"verificationMaterial\"") ||
		has(blob, "\"verification_material\"") ||
		has(blob, "\"dsseEnvelope\"") ||
		has(blob, "\"dsse_envelope\"") ||
		has(blob, "\"messageSignature\"") ||
		has(blob, "\"message_signature\""));
}

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

static int read_digest(const struct garita_json *object, struct message *ret,
		       struct garita_error *err)
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
	ret->algorithm = *algorithm;
	if (ret->digest_len != garita_hash_len(algorithm->hash))
		return garita_fail(err, EINVAL,
				   "messageDigest is not as long as %s",
				   algorithm->name);
	return 0;
}

static int read_message(const struct garita_json *object, struct message *ret,
			struct garita_error *err)
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

/* The bytes that were signed, if they are in the material. */
static const struct garita_blob *find_signed(const struct garita_blobs *in,
					     const struct message *message)
{
	for (size_t i = 0; i < in->count; i++) {
		unsigned char hash[GARITA_HASH_MAX];

		garita_hash_of(message->algorithm.hash, in->all[i].bytes,
			       in->all[i].len, NULL, 0, hash);
		if (memcmp(hash, message->digest, message->digest_len) == 0)
			return &in->all[i];
	}
	return NULL;
}

static void words_of_sha256(const unsigned char *hash,
			    char ret[GARITA_DIGEST_SIZE])
{
	static const char hex[] = "0123456789abcdef";

	memcpy(ret, "sha256:", 7);
	for (size_t i = 0; i < 32; i++) {
		ret[7 + 2 * i] = hex[hash[i] >> 4];
		ret[8 + 2 * i] = hex[hash[i] & 15];
	}
	ret[71] = '\0';
}

/* Some of the keys sign the bytes, or another hash of them than SHA-256. */
static bool want_bytes(const struct garita_format_case *of)
{
	for (size_t i = 0; i < of->key_count; i++)
		if (of->keys[i].kind != GARITA_KEY_RSA &&
		    of->keys[i].kind != GARITA_KEY_P256)
			return true;
	return false;
}

/* By the SHA-256 alone, which is the name of an image: enough for ECDSA and
 * RSA when it is the hash that was signed. */
static int check_hash(const struct garita_format_case *of,
		      const struct message *message,
		      const struct garita_key **ret_signer,
		      char ret_digest[GARITA_DIGEST_SIZE],
		      struct garita_error *err)
{
	const struct garita_signed what = {
		.hashed = message->digest,
		.hash = message->algorithm.hash,
		.sig = message->sig,
		.sig_len = message->sig_len,
	};
	int r = garita_signer(of, &what, ret_signer, err);

	if (r == 0)
		words_of_sha256(message->digest, ret_digest);
	return r;
}

/* Who signed, and the sha256 of what. */
static int check_message(const struct garita_format_case *of,
			 const struct message *message,
			 const struct garita_key **ret_signer,
			 char ret_digest[GARITA_DIGEST_SIZE],
			 struct garita_error *err)
{
	struct garita_signed what = {
		.sig = message->sig,
		.sig_len = message->sig_len,
		.may_be_prehashed = true,
	};
	const struct garita_blob *found;
	int r = -EBADMSG;

	if (message->algorithm.hash == GARITA_SHA256)
		r = check_hash(of, message, ret_signer, ret_digest, err);
	if (r != -EBADMSG ||
	    (message->algorithm.hash == GARITA_SHA256 && !want_bytes(of)))
		return r;
	found = find_signed(of->material, message);
	if (!found)
		return garita_fail(
			err, ENOENT,
			"not signed by a key of this requirement, as "
			"far as its %s tells: what was signed is not "
			"in the material",
			message->algorithm.name);
	what.message = found->bytes;
	what.len = found->len;
	r = garita_signer(of, &what, ret_signer, err);
	if (r == 0)
		garita_sha256_digest(found->bytes, found->len, ret_digest);
	return r;
}

static void read_message_signature(const struct garita_format_case *of,
				   const struct garita_blob *blob,
				   const struct garita_json *object,
				   struct garita_claims *out)
{
	__attribute__((cleanup(message_free))) struct message message = { 0 };
	const char *format = garita_format_bundle.name;
	char digest[GARITA_DIGEST_SIZE];
	const struct garita_key *signer = NULL;
	struct garita_error err = { 0 };
	struct garita_claim claim;

	if (read_message(object, &message, &err) < 0 ||
	    check_message(of, &message, &signer, digest, &err) < 0) {
		garita_claims_note(out, format, blob, "%s", err.text);
		return;
	}
	claim = garita_claim_begin(format, blob, signer);
	garita_claim_digest(&claim, digest); /* there is room for one */
	if (!garita_claims_add(out, &claim))
		garita_claims_note(out, format, blob, "too many signatures");
}

static int check_type(const struct garita_json *root, struct garita_error *err)
{
	const char *type =
		garita_json_string(garita_field(root, PROTO, "mediaType"));

	for (size_t i = 0; type && i < GARITA_COUNT(types); i++)
		if (strcmp(type, types[i]) == 0)
			return 0;
	return garita_fail(err, EINVAL,
			   "a bundle of the unknown type \"%.80s\"",
			   type ? type : "");
}

/* Exactly one way to say who signed, and it has to be a key. *ret_more: there
 * is something in it that we do not look at. */
static int check_material(const struct garita_json *material, bool *ret_more,
			  struct garita_error *err)
{
	static const char *const names[] = {
		"publicKey",   "x509CertificateChain",      "certificate",
		"tlogEntries", "timestampVerificationData", NULL
	};
	static const char *const key_names[] = { "hint", NULL };
	const struct garita_json *key, *entries;
	int r = garita_fields_check(material, PROTO, names,
				    "verificationMaterial", err);

	if (r < 0)
		return r;
	key = garita_field(material, PROTO, "publicKey");
	if (garita_field(material, PROTO, "certificate") ||
	    garita_field(material, PROTO, "x509CertificateChain"))
		return key ? garita_fail(err, EINVAL,
					 "the bundle has both a key and a "
					 "certificate")
			   : garita_fail(err, ENOTSUP,
					 "keyless: not checked yet");
	r = garita_fields_check(key, PROTO, key_names, "publicKey", err);
	if (r < 0)
		return r;
	entries = garita_field(material, PROTO, "tlogEntries");
	*ret_more = garita_json_count(entries) > 0 ||
		    garita_field(material, PROTO, "timestampVerificationData");
	return 0;
}

static int check_bundle(const struct garita_json *root, bool *ret_more,
			struct garita_error *err)
{
	static const char *const names[] = { "mediaType",
					     "verificationMaterial",
					     "messageSignature", "dsseEnvelope",
					     NULL };
	int r = garita_fields_check(root, PROTO, names, "the bundle", err);

	if (r == 0)
		r = check_type(root, err);
	if (r == 0)
		r = check_material(
			garita_field(root, PROTO, "verificationMaterial"),
			ret_more, err);
	if (r == 0 && !garita_field(root, PROTO, "messageSignature") ==
			      !garita_field(root, PROTO, "dsseEnvelope"))
		r = garita_fail(err, EINVAL,
				"the bundle has not exactly one of "
				"messageSignature and dsseEnvelope");
	return r;
}

static void look_at(const struct garita_format_case *of,
		    const struct garita_blob *blob, struct garita_claims *out)
{
	const char *format = garita_format_bundle.name;
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *root, *message;
	struct garita_error err = { 0 };
	bool more = false;

	if (garita_json_parse(blob->bytes, blob->len, GARITA_JSON_STRICT, &doc,
			      &err) < 0 ||
	    check_bundle(garita_json_root(doc), &more, &err) < 0) {
		garita_claims_note(out, format, blob, "%s", err.text);
		return;
	}
	if (more)
		garita_claims_note(out, format, blob,
				   "a key needs no log entry or timestamp: "
				   "those in it are not looked at");
	root = garita_json_root(doc);
	message = garita_field(root, PROTO, "messageSignature");
	if (message)
		read_message_signature(of, blob, message, out);
	else
		garita_dsse_check(of, format, blob,
				  garita_field(root, PROTO, "dsseEnvelope"),
				  PROTO, 1, out);
}

const struct garita_format garita_format_bundle = {
	.name = "sigstore bundle",
	.kind = GARITA_REQUIRE_KEYS,
	.statements = true,
	.knows = knows,
	.read = look_at,
};
