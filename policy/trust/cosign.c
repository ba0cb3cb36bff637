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

#include <string.h>

#include "garita/memory.h"
#include "policy/trust/key_signer.h"

enum { PAYLOAD_MAX = 256 * 1024 };

static const char signature_key[] = "dev.cosignproject.cosign/signature";
static const char certificate_key[] = "dev.sigstore.cosign/certificate";
static const char claim_type[] = "cosign container image signature";

/* The signature over a payload; true when one of the keys made it. */
static bool find_signer(const struct garita_format_case *of, const char *format,
			const struct garita_blob *blob, const char *payload,
			size_t len, const struct garita_json *annotations,
			const struct garita_key **ret,
			struct garita_claims *out)
{
	const char *text =
		garita_json_string(garita_json_get(annotations, signature_key));
	auto_free unsigned char *sig = NULL;
	struct garita_signed what = { .message = payload, .len = len };
	struct garita_error err = { 0 };

	if (!text || *text == '\0') {
		garita_claims_note(out, format, blob,
				   "a payload without a signature");
		return false;
	}
	if (garita_base64(text, strlen(text), GARITA_KEY_RSA_MAX, &sig,
			  &what.sig_len) < 0) {
		garita_claims_note(out, format, blob,
				   "the signature is not base64");
		return false;
	}
	what.sig = sig;
	if (garita_signer(of, &what, ret, &err) < 0) {
		bool keyless = garita_json_get(annotations, certificate_key);

		garita_claims_note(out, format, blob, "%s%s", err.text,
				   keyless ? ", and keyless: not checked yet"
					   : "");
		return false;
	}
	return true;
}

void garita_cosign_check(const struct garita_format_case *of,
			 const char *format, const struct garita_blob *blob,
			 const char *payload, size_t len,
			 const struct garita_json *annotations,
			 struct garita_claims *out)
{
	const struct garita_key *signer = NULL;
	struct garita_error err = { 0 };
	struct garita_claim claim;

	if (!find_signer(of, format, blob, payload, len, annotations, &signer,
			 out))
		return;
	claim = garita_claim_begin(format, blob, signer);
	if (garita_simple_signing(payload, len, claim_type, &claim, &err) < 0) {
		garita_claims_note(out, format, blob, "signed by %s, but %s",
				   signer->words, err.text);
		garita_claim_free(&claim);
		return;
	}
	if (!garita_claims_add(out, &claim))
		garita_claims_note(out, format, blob, "too many signatures");
}

static bool knows(const struct garita_blob *blob)
{
	return blob->len > 0 && blob->bytes[0] == '{' &&
	       (memmem(blob->bytes, blob->len, GARITA_COSIGN_PAYLOAD_TYPE,
		       strlen(GARITA_COSIGN_PAYLOAD_TYPE)) != NULL ||
		memmem(blob->bytes, blob->len, signature_key,
		       strlen(signature_key)) != NULL);
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
	.knows = knows,
	.read = look_at,
};
