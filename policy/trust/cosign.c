/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cosign - signatures as cosign kept them before version 3 and skopeo and
 * podman still do: an OCI manifest (tag sha256-<hex>.sig) each of whose layers
 * is a signed payload, the signature beside it in an annotation.
 *
 * The manifest itself is signed by nobody. All that is believed of it is which
 * bytes to look at, and those have to hash to what it says.
 */
#include "policy/trust/cosign.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/fields.h"
#include "policy/trust/key_signer.h"
#include "policy/trust/keyless.h"

enum { PAYLOAD_MAX = 256 * 1024 };

static const char signature_key[] = "dev.cosignproject.cosign/signature";
static const char certificate_key[] = "dev.sigstore.cosign/certificate";
static const char chain_key[] = "dev.sigstore.cosign/chain";
static const char log_key[] = "dev.sigstore.cosign/bundle";
static const char stamp_key[] = "dev.sigstore.cosign/rfc3161timestamp";
static const char claim_type[] = "cosign container image signature";

static const char *text_at(const struct garita_json *annotations,
			   const char *key)
{
	return garita_json_string(garita_json_get(annotations, key));
}

static int read_signature(const struct garita_json *annotations,
			  unsigned char **ret, size_t *ret_len,
			  struct garita_error *err)
{
	const char *text = text_at(annotations, signature_key);

	if (text == NULL || *text == '\0')
		return garita_fail(err, EINVAL,
				   "a payload without a signature");
	if (garita_base64(text, strlen(text), GARITA_KEY_RSA_MAX, ret,
			  ret_len) < 0)
		return garita_fail(err, EINVAL, "the signature is not base64");
	return 0;
}

/* ---- what came beside it ---- */

static int read_entry(const struct garita_json *annotations,
		      struct garita_log_entries *ret, struct garita_error *err)
{
	const char *text = text_at(annotations, log_key);

	if (text == NULL)
		return 0; /* and whoever needs one says so */
	return garita_log_entries_read_old(text, strlen(text), ret, err);
}

static int read_stamp(const struct garita_json *annotations,
		      struct garita_stamps *ret, struct garita_error *err)
{
	static const char *const names[] = { "SignedRFC3161Timestamp", NULL };
	const char *text = text_at(annotations, stamp_key);
	auto_json struct garita_json_doc *doc = NULL;
	unsigned char *bytes = NULL;
	const char *base64;
	size_t len = 0;
	int r;

	if (text == NULL)
		return 0;
	r = garita_json_parse(text, strlen(text), GARITA_JSON_STRICT, &doc,
			      err);
	if (r == 0)
		r = garita_fields_check(garita_json_root(doc),
					GARITA_NAMES_EXACT, names,
					"the timestamp", err);
	if (r < 0)
		return garita_fail_in(err, "time");
	base64 = text_at(garita_json_root(doc), names[0]);
	if (base64 == NULL ||
	    garita_base64(base64, strlen(base64), GARITA_TIMESTAMP_BYTES_MAX,
			  &bytes, &len) < 0)
		return garita_fail(err, EINVAL,
				   "time: the timestamp is not base64");
	garita_stamps_add(ret, bytes, len);
	return 0;
}

/* What is sent along to lead to an authority: all but the last, which would be
 * the authority itself (as containers/image has it). */
static int read_between(const struct garita_json *annotations,
			struct garita_x509_list *ret, struct garita_error *err)
{
	const char *text = text_at(annotations, chain_key);
	int r;

	if (text == NULL || *text == '\0')
		return 0;
	r = garita_x509_list_read(ret, text, strlen(text), err);
	if (r < 0)
		return garita_fail_in(err, "chain");
	garita_x509_list_cut(ret, ret->count - 1);
	return 0;
}

static int read_certificate(const struct garita_json *annotations,
			    struct garita_x509_list *ret,
			    struct garita_error *err)
{
	const char *text = text_at(annotations, certificate_key);
	int r;

	if (text == NULL)
		return garita_fail(err, EINVAL,
				   "identity: signed without a certificate, "
				   "and somebody whom one names is wanted");
	r = garita_x509_list_read(ret, text, strlen(text), err);
	if (r < 0)
		return garita_fail_in(err, "chain");
	if (ret->count != 1)
		return garita_fail(err, EINVAL,
				   "chain: more than one certificate of a "
				   "signer");
	return 0;
}

/* ---- who ---- */

static int check_certificate(const struct garita_format_case *of,
			     const struct garita_json *annotations,
			     const struct garita_logged *what,
			     struct garita_keyless_found *ret,
			     struct garita_error *err)
{
	auto_x509_list cert = { 0 }, between = { 0 };
	auto_log_entries entries = { 0 };
	auto_stamps stamps = { 0 };
	struct garita_keyless_material material = {
		.between = &between,
		.entries = &entries,
		.stamps = &stamps,
		.needs_promise = true,
	};
	int r = read_certificate(annotations, &cert, err);

	if (r == 0)
		r = read_between(annotations, &between, err);
	if (r == 0)
		r = read_entry(annotations, &entries, err);
	if (r == 0)
		r = read_stamp(annotations, &stamps, err);
	if (r == 0)
		r = garita_work_take(of, GARITA_WORK_CERTIFICATE, err);
	if (r < 0 || cert.count == 0)
		return r < 0 ? r : -EINVAL;
	material.cert = cert.all[0].all.at;
	material.cert_len = cert.all[0].all.left;
	return garita_keyless_check(of->keyless, &material, what, ret, err);
}

/* The key that a log knows the signature by; any when no log is asked. */
static int check_logged(const struct garita_format_case *of,
			const struct garita_json *annotations,
			const struct garita_logged *what,
			const struct garita_key *signer,
			struct garita_error *err)
{
	struct garita_logged logged = *what;
	auto_log_entries entries = { 0 };
	int r = read_entry(annotations, &entries, err);

	logged.key = signer;
	return r == 0 ? garita_keyless_check_logged(of->logs, &entries, false,
						    &logged, err)
		      : r;
}

static int find_signer(const struct garita_format_case *of,
		       const struct garita_json *annotations,
		       const struct garita_logged *what,
		       const struct garita_key **ret, struct garita_error *err)
{
	const struct garita_signed is_signed = {
		.message = what->message,
		.len = what->len,
		.sig = what->sig,
		.sig_len = what->sig_len,
	};
	int r = garita_signer(of, &is_signed, ret, err);

	if (r < 0 && of->keyless == NULL &&
	    text_at(annotations, certificate_key) != NULL)
		return garita_fail(err, EBADMSG,
				   "keyless: signed with a certificate, and a "
				   "key is wanted");
	if (r == 0 && of->logs != NULL)
		r = check_logged(of, annotations, what, *ret, err);
	return r;
}

static void claim_payload(const struct garita_format_case *of,
			  const char *format, const struct garita_blob *blob,
			  const struct garita_json *annotations,
			  const struct garita_logged *what,
			  struct garita_claims *out)
{
	const struct garita_key *signer = NULL;
	struct garita_error err = { 0 };
	struct garita_claim claim;

	if (find_signer(of, annotations, what, &signer, &err) < 0) {
		garita_claims_note(out, format, blob, "%s", err.text);
		return;
	}
	claim = garita_claim_begin(of, format, blob, signer);
	if (garita_simple_signing(what->message, what->len, claim_type, &claim,
				  &err) < 0) {
		garita_claims_note(out, format, blob, "signed by %s, but %s",
				   garita_signer_words(of, signer), err.text);
		garita_claim_free(&claim);
		return;
	}
	if (!garita_claims_add(out, &claim))
		garita_claims_note(out, format, blob, "too many signatures");
}

void garita_cosign_check(const struct garita_format_case *of,
			 const char *format, const struct garita_blob *blob,
			 const char *payload, size_t len,
			 const struct garita_json *annotations,
			 struct garita_claims *out)
{
	auto_free unsigned char *sig = NULL;
	struct garita_logged what = { .message = payload, .len = len };
	struct garita_keyless_found found = { 0 };
	struct garita_format_case as = *of;
	struct garita_error err = { 0 };
	int r = read_signature(annotations, &sig, &what.sig_len, &err);

	what.sig = sig;
	if (r == 0 && of->keyless != NULL) {
		r = check_certificate(of, annotations, &what, &found, &err);
		if (r == 0)
			garita_keyless_case(of, &found, &as);
	}
	if (r < 0)
		garita_claims_note(out, format, blob, "%s", err.text);
	else
		claim_payload(&as, format, blob, annotations, &what, out);
	free(found.words);
}

static bool knows(const struct garita_blob *blob)
{
	return blob->len > 0 && blob->bytes[0] == '{' &&
	       (garita_blob_has(blob, GARITA_COSIGN_PAYLOAD_TYPE) ||
		garita_blob_has(blob, signature_key));
}

/* The payload of a layer. Only blobs of the size that the layer says are
 * hashed, so that many layers cannot make us hash all of the material often. */
static const struct garita_blob *find_payload(const struct garita_blobs *in,
					      const struct garita_json *layer)
{
	const char *digest =
		garita_json_string(garita_json_get(layer, "digest"));
	uint64_t size;

	if (!digest ||
	    garita_json_u64(garita_json_get(layer, "size"), &size) < 0 ||
	    size > PAYLOAD_MAX)
		return NULL;
	for (size_t i = 0; i < in->count; i++) {
		struct garita_blobs one = { .all = &in->all[i], .count = 1 };

		if (in->all[i].len == size &&
		    garita_blobs_find(&one, digest) != NULL)
			return &in->all[i];
	}
	return NULL;
}

static void read_layer(const struct garita_format_case *of,
		       const struct garita_blob *blob,
		       const struct garita_json *layer,
		       struct garita_claims *out)
{
	const char *format = garita_format_cosign.name;
	const char *type =
		garita_json_string(garita_json_get(layer, "mediaType"));
	const struct garita_blob *payload;

	if (!type || strcmp(type, GARITA_COSIGN_PAYLOAD_TYPE) != 0) {
		garita_claims_note(out, format, blob,
				   "a layer of type \"%.80s\" is no signature",
				   type ? type : "");
		return;
	}
	payload = find_payload(of->material, layer);
	if (!payload) {
		garita_claims_note(
			out, format, blob,
			"the payload %.80s is not in the material",
			garita_json_string(garita_json_get(layer, "digest"))
				?: "without a digest");
		return;
	}
	garita_cosign_check(of, format, blob, payload->bytes, payload->len,
			    garita_json_get(layer, "annotations"), out);
}

static void look_at(const struct garita_format_case *of,
		    const struct garita_blob *blob, struct garita_claims *out)
{
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *layers;
	struct garita_error err = { 0 };
	size_t count;

	if (garita_json_parse(blob->bytes, blob->len, GARITA_JSON_STRICT, &doc,
			      &err) < 0) {
		garita_claims_note(out, garita_format_cosign.name, blob, "%s",
				   err.text);
		return;
	}
	layers = garita_json_get(garita_json_root(doc), "layers");
	count = garita_json_count(layers);
	if (garita_json_type(layers) != GARITA_JSON_ARRAY || count == 0) {
		garita_claims_note(out, garita_format_cosign.name, blob,
				   "a manifest without layers");
		return;
	}
	if (count > GARITA_SIGNATURES_MAX) {
		garita_claims_note(out, garita_format_cosign.name, blob,
				   "only the first %d signatures are looked at",
				   GARITA_SIGNATURES_MAX);
		count = GARITA_SIGNATURES_MAX;
	}
	for (size_t i = 0; i < count; i++)
		read_layer(of, blob, garita_json_item(layers, i), out);
}

const struct garita_format garita_format_cosign = {
	.name = "cosign simple signing",
	.kind = GARITA_REQUIRE_KEYS,
	.certificates = true,
	.knows = knows,
	.read = look_at,
};
