/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * bundle - sigstore bundles (v0.1 to v0.3), which is what cosign 3 writes: a
 * statement in an envelope, or a signature over the manifest itself, by a key
 * or by whoever a certificate names.
 *
 * A bundle of one kind never meets a rule for the other. The hint says which
 * key and is not signed, so it is not looked at. Entries of a log and
 * timestamps prove when something was signed: for a certificate that is what
 * counts; a key that is trusted by name does not need it, and they are noted as
 * not looked at.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/sha256.h"
#include "policy/trust/bundle_parts.h"
#include "policy/trust/dsse.h"
#include "policy/trust/key_signer.h"

#define PROTO GARITA_NAMES_PROTO

static bool knows(const struct garita_blob *blob)
{
	return blob->len > 0 && blob->bytes[0] == '{' &&
	       (garita_blob_has(blob, "\"verificationMaterial\"") ||
		garita_blob_has(blob, "\"verification_material\"") ||
		garita_blob_has(blob, "\"dsseEnvelope\"") ||
		garita_blob_has(blob, "\"dsse_envelope\"") ||
		garita_blob_has(blob, "\"messageSignature\"") ||
		garita_blob_has(blob, "\"message_signature\""));
}

/* The bytes that were signed, if they are in the material. */
static const struct garita_blob *find_signed(
	const struct garita_blobs *in, const struct garita_message *message)
{
	for (size_t i = 0; i < in->count; i++) {
		unsigned char hash[GARITA_HASH_MAX];

		if (message->hash == GARITA_SHA256)
			memcpy(hash, in->all[i].sha256, GARITA_SHA256_SIZE);
		else
			garita_hash_of(message->hash, in->all[i].bytes,
				       in->all[i].len, NULL, 0, hash);
		if (memcmp(hash, message->digest, message->digest_len) == 0)
			return &in->all[i];
	}
	return NULL;
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
		      const struct garita_message *message,
		      const struct garita_key **ret_signer,
		      char ret_digest[GARITA_DIGEST_SIZE],
		      struct garita_error *err)
{
	const struct garita_signed what = {
		.hashed = message->digest,
		.hash = message->hash,
		.sig = message->sig,
		.sig_len = message->sig_len,
	};
	int r = garita_signer(of, &what, ret_signer, err);

	if (r == 0)
		garita_sha256_words(message->digest, ret_digest);
	return r;
}

/* Who signed, and the sha256 of what. */
static int check_message(const struct garita_format_case *of,
			 const struct garita_message *message,
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

	if (message->hash == GARITA_SHA256)
		r = check_hash(of, message, ret_signer, ret_digest, err);
	if (r != -EBADMSG ||
	    (message->hash == GARITA_SHA256 && !want_bytes(of)))
		return r;
	found = find_signed(of->material, message);
	if (!found)
		return garita_fail(
			err, ENOENT,
			"not signed by a key of this requirement, as "
			"far as its %s tells: what was signed is not "
			"in the material",
			message->algorithm);
	what.message = found->bytes;
	what.len = found->len;
	r = garita_signer(of, &what, ret_signer, err);
	if (r == 0)
		garita_sha256_words(found->sha256, ret_digest);
	return r;
}

static void claim_message(const struct garita_format_case *of,
			  const struct garita_blob *blob,
			  const struct garita_message *message,
			  struct garita_claims *out)
{
	const char *format = garita_format_bundle.name;
	char digest[GARITA_DIGEST_SIZE];
	const struct garita_key *signer = NULL;
	struct garita_error err = { 0 };
	struct garita_claim claim;

	if (check_message(of, message, &signer, digest, &err) < 0) {
		garita_claims_note(out, format, blob, "%s", err.text);
		return;
	}
	claim = garita_claim_begin(of, format, blob, signer);
	garita_claim_digest(&claim, digest); /* there is room for one */
	if (!garita_claims_add(out, &claim))
		garita_claims_note(out, format, blob, "too many signatures");
}

/* ---- what was signed ---- */

/* One of two. Read once: it may be megabytes in base64. */
struct content {
	bool is_message;
	struct garita_message message;
	struct garita_dsse envelope;
};

static void content_free(struct content *content)
{
	garita_message_free(&content->message);
	garita_dsse_free(&content->envelope);
}
#define auto_content __attribute__((cleanup(content_free))) struct content

static int read_content(const struct garita_bundle *bundle, struct content *ret,
			struct garita_error *err)
{
	ret->is_message = bundle->message != NULL;
	return ret->is_message ? garita_message_read(bundle->message,
						     &ret->message, err)
			       : garita_dsse_read(bundle->envelope, PROTO, 1,
						  &ret->envelope, err);
}

static void claim_content(const struct garita_format_case *of,
			  const struct garita_blob *blob,
			  struct content *content, struct garita_claims *out)
{
	if (content->is_message)
		claim_message(of, blob, &content->message, out);
	else
		garita_dsse_claims(of, garita_format_bundle.name, blob,
				   &content->envelope, PROTO, out);
}

/* ---- what the log has to say ---- */

/* The signature and what it is over, as an entry has them. *ret_sig is what of
 * it the caller frees. */
static int put_logged(const struct garita_format_case *of,
		      const struct content *content, struct garita_logged *ret,
		      unsigned char **ret_sig, struct garita_error *err)
{
	const struct garita_message *message = &content->message;
	const struct garita_dsse *envelope = &content->envelope;
	const struct garita_blob *found;
	size_t sig_len = 0;
	int r;

	if (content->is_message) {
		found = find_signed(of->material, message);
		*ret = (struct garita_logged){
			.sig = message->sig,
			.sig_len = message->sig_len,
			.message = found ? found->bytes : NULL,
			.len = found ? found->len : 0,
			.hash = message->hash,
			.hashed = message->digest,
		};
		return 0;
	}
	r = garita_dsse_signature(envelope, 0, PROTO, ret_sig, &sig_len, err);
	if (r < 0)
		return r;
	*ret = (struct garita_logged){
		.sig = *ret_sig,
		.sig_len = sig_len,
		.message = envelope->pae.data,
		.len = envelope->pae.len,
		.payload = envelope->payload,
		.payload_len = envelope->len,
	};
	return 0;
}

/* Everything but the signature itself. */
static int check_certificate(const struct garita_format_case *of,
			     const struct garita_bundle *bundle,
			     struct content *content,
			     struct garita_keyless_found *ret,
			     struct garita_error *err)
{
	auto_free unsigned char *sig = NULL;
	auto_log_entries entries = { 0 };
	auto_stamps stamps = { 0 };
	struct garita_logged logged = { 0 };
	const struct garita_keyless_material material = {
		.cert = bundle->cert,
		.cert_len = bundle->cert_len,
		.entries = &entries,
		.stamps = &stamps,
		.needs_promise = bundle->minor == 1,
		.needs_proof = bundle->minor > 1,
	};
	int r = garita_work_take(of, GARITA_WORK_CERTIFICATE, err);

	if (r == 0)
		r = garita_bundle_entries(bundle, &entries, err);
	if (r == 0)
		r = garita_bundle_stamps(bundle, &stamps, err);
	if (r == 0)
		r = read_content(bundle, content, err);
	if (r == 0)
		r = put_logged(of, content, &logged, &sig, err);
	return r == 0 ? garita_keyless_check(of->keyless, &material, &logged,
					     ret, err)
		      : r;
}

/* A key, and a log that has to know: for each key, whose entry it is. */
static int check_logged(const struct garita_format_case *of,
			const struct garita_bundle *bundle,
			struct content *content, const struct garita_key **ret,
			struct garita_error *err)
{
	auto_free unsigned char *sig = NULL;
	auto_log_entries entries = { 0 };
	struct garita_logged logged = { 0 };
	int r = garita_bundle_entries(bundle, &entries, err);

	if (r == 0)
		r = read_content(bundle, content, err);
	if (r == 0)
		r = put_logged(of, content, &logged, &sig, err);
	if (r < 0)
		return r;
	r = -EBADMSG;
	for (size_t i = 0; i < of->key_count && r < 0; i++) {
		logged.key = &of->keys[i];
		r = garita_keyless_check_logged(
			of->logs, &entries, bundle->minor > 1, &logged, err);
		if (r == 0)
			*ret = &of->keys[i];
	}
	return r;
}

/* ---- a bundle ---- */

static void read_keyless(const struct garita_format_case *of,
			 const struct garita_blob *blob,
			 const struct garita_bundle *bundle,
			 struct garita_claims *out)
{
	const char *format = garita_format_bundle.name;
	struct garita_format_case as = *of;
	struct garita_keyless_found found = { 0 };
	auto_content content = { 0 };
	struct garita_error err = { 0 };

	if (bundle->has_key) {
		garita_claims_note(out, format, blob,
				   "identity: signed with a key, and somebody "
				   "whom a certificate names is wanted");
		return;
	}
	if (check_certificate(of, bundle, &content, &found, &err) < 0) {
		garita_claims_note(out, format, blob, "%s", err.text);
		return;
	}
	garita_keyless_case(of, &found, &as);
	claim_content(&as, blob, &content, out);
	free(found.words);
}

static void read_keyed(const struct garita_format_case *of,
		       const struct garita_blob *blob,
		       const struct garita_bundle *bundle,
		       struct garita_claims *out)
{
	const char *format = garita_format_bundle.name;
	struct garita_format_case as = *of;
	auto_content content = { 0 };
	struct garita_error err = { 0 };
	int r;

	if (!bundle->has_key) {
		garita_claims_note(out, format, blob,
				   "keyless: signed with a certificate, and a "
				   "key is wanted");
		return;
	}
	if (of->logs != NULL) {
		r = check_logged(of, bundle, &content, &as.keys, &err);
		as.key_count = 1;
	} else {
		if (garita_bundle_has_proofs(bundle))
			garita_claims_note(out, format, blob,
					   "a key needs no log entry or "
					   "timestamp: those in it are not "
					   "looked at");
		r = read_content(bundle, &content, &err);
	}
	if (r < 0)
		garita_claims_note(out, format, blob, "%s", err.text);
	else
		claim_content(&as, blob, &content, out);
}

static void look_at(const struct garita_format_case *of,
		    const struct garita_blob *blob, struct garita_claims *out)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_bundle bundle = { 0 };
	struct garita_error err = { 0 };

	if (garita_json_parse(blob->bytes, blob->len, GARITA_JSON_LARGE, &doc,
			      &err) < 0 ||
	    garita_bundle_read(garita_json_root(doc), &bundle, &err) < 0)
		garita_claims_note(out, garita_format_bundle.name, blob, "%s",
				   err.text);
	else if (of->keyless != NULL)
		read_keyless(of, blob, &bundle, out);
	else
		read_keyed(of, blob, &bundle, out);
}

const struct garita_format garita_format_bundle = {
	.name = "sigstore bundle",
	.kind = GARITA_REQUIRE_KEYS,
	.certificates = true,
	.statements = true,
	.knows = knows,
	.read = look_at,
};
