/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * dsse - Dead Simple Signing Envelopes around in-toto statements.
 *
 * What is signed is not the payload but its type, its length and the payload
 * in a row (PAE), so that bytes signed as one thing cannot be shown as
 * another. The key id of a signature is not signed and not looked at.
 */
#include "policy/trust/dsse.h"

#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/base64.h"
#include "policy/trust/key_signer.h"
#include "policy/trust/statement.h"

enum { PAE_HEAD = 128 }; /* bytes, more than it has */

void garita_dsse_free(struct garita_dsse *envelope)
{
	garita_text_free(&envelope->pae);
}

static int read_payload(const struct garita_json *object, enum garita_names how,
			struct garita_dsse *ret, struct garita_error *err)
{
	const char *text =
		garita_json_string(garita_field(object, how, "payload"));
	size_t text_len;

	ret->type =
		garita_json_string(garita_field(object, how, "payloadType"));
	if (!ret->type ||
	    strcmp(ret->type, "application/vnd.in-toto+json") != 0)
		return garita_fail(err, EINVAL,
				   "the payloadType is \"%.80s\", not that of "
				   "a statement",
				   ret->type ? ret->type : "");
	text_len = garita_json_length(garita_field(object, how, "payload"));
	ret->len = text ? garita_base64_size(text, text_len) : 0;
	garita_text_reserve(&ret->pae, ret->len + PAE_HEAD);
	garita_text_printf(&ret->pae, "DSSEv1 %zu %s %zu ", strlen(ret->type),
			   ret->type, ret->len);
	if (!text || ret->len > GARITA_JSON_LARGE_BYTES ||
	    garita_base64_proto_add(text, text_len, &ret->pae) < 0)
		return garita_fail(err, EINVAL, "the payload is not base64");
	ret->payload = ret->pae.data + ret->pae.len - ret->len;
	return 0;
}

int garita_dsse_read(const struct garita_json *object, enum garita_names how,
		     size_t max, struct garita_dsse *ret,
		     struct garita_error *err)
{
	static const char *const names[] = { "payload", "payloadType",
					     "signatures", NULL };
	size_t count;
	int r = garita_fields_check(object, how, names, "the envelope", err);

	if (r < 0)
		return r;
	ret->signatures = garita_field(object, how, "signatures");
	count = garita_json_count(ret->signatures);
	if (garita_json_type(ret->signatures) != GARITA_JSON_ARRAY ||
	    count == 0)
		return garita_fail(err, EINVAL,
				   "the envelope has no signatures");
	if (count > max)
		return garita_fail(err, EINVAL,
				   "the envelope has %zu signatures, not %s%zu",
				   count, max == 1 ? "" : "up to ", max);
	return read_payload(object, how, ret, err);
}

int garita_dsse_signature(const struct garita_dsse *envelope, size_t at,
			  enum garita_names how, unsigned char **ret,
			  size_t *ret_len, struct garita_error *err)
{
	static const char *const names[] = { "sig", "keyid", NULL };
	const struct garita_json *signature =
		garita_json_item(envelope->signatures, at);
	const char *text;
	int r = garita_fields_check(signature, how, names, "a signature", err);

	if (r < 0)
		return r;
	text = garita_json_string(garita_field(signature, how, "sig"));
	if (!text || garita_base64_proto(text, strlen(text), GARITA_KEY_RSA_MAX,
					 ret, ret_len) < 0)
		return garita_fail(err, EINVAL, "the signature is not base64");
	return 0;
}

static int find_signer(const struct garita_format_case *of,
		       const struct garita_dsse *envelope, size_t at,
		       enum garita_names how, const struct garita_key **ret,
		       struct garita_error *err)
{
	auto_free unsigned char *sig = NULL;
	struct garita_signed what = {
		.message = envelope->pae.data,
		.len = envelope->pae.len,
		.may_be_prehashed = true,
	};
	int r = garita_dsse_signature(envelope, at, how, &sig, &what.sig_len,
				      err);

	if (r < 0)
		return r;
	what.sig = sig;
	return garita_signer(of, &what, ret, err);
}

/* Nobody reads what was signed any more after the last signature. */
static int read_statement(const struct garita_format_case *of,
			  struct garita_dsse *envelope, bool last,
			  struct garita_claim *claim, struct garita_error *err)
{
	const struct garita_attestation *wanted = of->wanted->attested;
	bool any = of->wanted->any_statement;
	size_t before = envelope->pae.len - envelope->len;
	auto_free char *text = NULL;

	if (!last)
		return garita_statement(envelope->payload, envelope->len,
					wanted, any, claim, err);
	text = garita_text_take(&envelope->pae);
	return garita_statement_end(&text, before, envelope->len, wanted, any,
				    claim, err);
}

/* Signed by who is wanted, and not what is wanted or not to be read. */
static void note_statement(const struct garita_format_case *of,
			   const char *format, const struct garita_blob *blob,
			   const struct garita_key *signer, int r,
			   const struct garita_error *err,
			   struct garita_claims *out)
{
	const char *words = garita_signer_words(of, signer);

	if (of->wanted->attested == NULL) {
		garita_claims_note_at(out, GARITA_STEP_TYPE, format, blob,
				      "signed by %s, but %s", words, err->text);
		return;
	}
	garita_claims_note_at(out, GARITA_STEP_TYPE, format, blob,
			      "predicate: %s; signed by %s", err->text, words);
	if (r != -ENOMSG)
		garita_claims_unread(out, blob, err->text);
}

static void check_signature(const struct garita_format_case *of,
			    const char *format, const struct garita_blob *blob,
			    struct garita_dsse *envelope, size_t at,
			    enum garita_names how, struct garita_claims *out)
{
	bool last = at + 1 == garita_json_count(envelope->signatures);
	const struct garita_key *signer = NULL;
	struct garita_error err = { 0 };
	struct garita_claim claim;
	int r;

	if (find_signer(of, envelope, at, how, &signer, &err) < 0) {
		garita_claims_note(out, format, blob, "%s", err.text);
		return;
	}
	claim = garita_claim_begin(of, format, blob, signer);
	r = read_statement(of, envelope, last, &claim, &err);
	if (r < 0) {
		note_statement(of, format, blob, signer, r, &err, out);
		garita_claim_free(&claim);
		return;
	}
	if (!garita_claims_add(out, &claim))
		garita_claims_note(out, format, blob, "too many signatures");
}

void garita_dsse_claims(const struct garita_format_case *of, const char *format,
			const struct garita_blob *blob,
			struct garita_dsse *envelope, enum garita_names how,
			struct garita_claims *out)
{
	for (size_t i = 0; i < garita_json_count(envelope->signatures); i++)
		check_signature(of, format, blob, envelope, i, how, out);
}

/* A bundle has an envelope in it, and is not one. */
static bool knows(const struct garita_blob *blob)
{
	return blob->len > 0 && blob->bytes[0] == '{' &&
	       garita_blob_has(blob, "\"payloadType\"") &&
	       !garita_format_bundle.knows(blob);
}

static void look_at(const struct garita_format_case *of,
		    const struct garita_blob *blob, struct garita_claims *out)
{
	const char *format = garita_format_dsse.name;
	auto_json struct garita_json_doc *doc = NULL;
	auto_dsse envelope = { 0 };
	struct garita_error err = { 0 };

	if (garita_json_parse(blob->bytes, blob->len, GARITA_JSON_LARGE, &doc,
			      &err) < 0 ||
	    garita_dsse_read(garita_json_root(doc), GARITA_NAMES_EXACT,
			     GARITA_SIGNATURES_MAX, &envelope, &err) < 0)
		garita_claims_note(out, format, blob, "%s", err.text);
	else
		garita_dsse_claims(of, format, blob, &envelope,
				   GARITA_NAMES_EXACT, out);
}

const struct garita_format garita_format_dsse = {
	.name = "DSSE",
	.kind = GARITA_REQUIRE_KEYS,
	.statements = true,
	.knows = knows,
	.read = look_at,
};
