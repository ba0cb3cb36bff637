/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notation - signatures of the Notary Project, in either envelope.
 *
 * First integrity: the chain is whole, the leaf's key signed these headers and
 * this payload, and the payload names a manifest that is here by its digest,
 * size and media type. Then, as far as the statement enforces it: a store and
 * an identity that it trusts, the signature's expiry, the time, revocation.
 * What it only logs becomes a note.
 */
#include <errno.h>
#include <string.h>

#include "garita/digests.h"
#include "garita/json.h"
#include "garita/manifest.h"
#include "garita/memory.h"
#include "garita/sha256.h"
#include "policy/trust/fields.h"
#include "policy/trust/format.h"
#include "policy/trust/notation_trust.h"
#include "policy/trust/timestamp.h"

/* One envelope. */
struct judge {
	const struct garita_format_case *of;
	const struct garita_blob *blob;
	const char *format;
	struct garita_claims *out;
	struct garita_notation_envelope *envelope;
	time_t until;
};

static const char *const check_words[GARITA_NOTATION_CHECKS] = {
	[GARITA_NOTATION_AUTHENTICITY] = "authenticity",
	[GARITA_NOTATION_TIMESTAMP] = "time",
	[GARITA_NOTATION_EXPIRED] = "expiry",
	[GARITA_NOTATION_REVOCATION] = "revocation",
};

static void note(const struct judge *j, const char *step, const char *why)
{
	garita_claims_note(j->out, j->format, j->blob, "%s: %s", step, why);
}

/* ---- the payload ---- */

static int read_annotations(const struct garita_json *object,
			    struct garita_claim *claim,
			    struct garita_error *err)
{
	size_t count = garita_json_count(object);

	if (object == NULL)
		return 0;
	if (garita_json_type(object) != GARITA_JSON_OBJECT)
		return garita_fail(err, EINVAL,
				   "the annotations are no object");
	claim->said = garita_xcalloc(count, sizeof(*claim->said));
	for (size_t i = 0; i < count; i++) {
		const char *value =
			garita_json_string(garita_json_item(object, i));

		if (value == NULL)
			return garita_fail(err, EINVAL,
					   "an annotation is not text");
		claim->said[i].key = garita_xstrdup(garita_json_key(object, i));
		claim->said[i].value = garita_xstrdup(value);
		claim->said_count++;
	}
	return 0;
}

/* What a manifest says it is; the first ones say nothing. */
static void media_type(const struct garita_blob *manifest,
		       struct garita_text *ret)
{
	auto_json struct garita_json_doc *doc = NULL;
	const char *said = NULL;

	if (garita_json_parse(manifest->bytes, manifest->len,
			      GARITA_JSON_STRICT, &doc, NULL) == 0)
		said = garita_json_string(
			garita_json_get(garita_json_root(doc), "mediaType"));
	if (said == NULL)
		said = garita_manifest_is_index(manifest->bytes, manifest->len)
			       ? "application/vnd.oci.image.index.v1+json"
			       : "application/vnd.oci.image.manifest.v1+json";
	garita_text_puts(ret, said);
}

static int check_target(const struct judge *j, const struct garita_json *target,
			const char *digest, struct garita_error *err)
{
	const char *type = garita_json_string(
		garita_field(target, GARITA_NAMES_EXACT, "mediaType"));
	const struct garita_blob *manifest =
		garita_blobs_find(j->of->material, digest);
	auto_text found = { 0 };
	uint64_t size;

	if (type == NULL ||
	    garita_json_u64(garita_field(target, GARITA_NAMES_EXACT, "size"),
			    &size) < 0)
		return garita_fail(err, EINVAL,
				   "the payload has no media type or size");
	if (manifest == NULL)
		return garita_fail(err, EBADMSG,
				   "is about %s, of which no manifest is here "
				   "to compare",
				   digest);
	if (size != manifest->len)
		return garita_fail(err, EBADMSG,
				   "is about %ju bytes, and the manifest has "
				   "%zu",
				   (uintmax_t)size, manifest->len);
	media_type(manifest, &found);
	if (strcmp(found.data, type) != 0)
		return garita_fail(err, EBADMSG,
				   "is about a %.80s, and the manifest is a "
				   "%.80s",
				   type, found.data);
	return 0;
}

static int read_payload(const struct judge *j, struct garita_claim *claim,
			struct garita_error *err)
{
	static const char *const root_names[] = { "targetArtifact", NULL };
	static const char *const names[] = { "mediaType", "digest", "size",
					     "annotations", NULL };
	auto_json struct garita_json_doc *doc = NULL;
	const struct garita_json *target;
	const char *digest;
	int r = garita_json_parse(j->envelope->payload,
				  j->envelope->payload_len, GARITA_JSON_STRICT,
				  &doc, err);

	if (r == 0)
		r = garita_fields_check(garita_json_root(doc),
					GARITA_NAMES_EXACT, root_names,
					"the payload", err);
	if (r < 0)
		return r;
	target = garita_json_get(garita_json_root(doc), "targetArtifact");
	r = garita_fields_check(target, GARITA_NAMES_EXACT, names,
				"targetArtifact", err);
	if (r < 0)
		return r;
	digest = garita_json_string(garita_json_get(target, "digest"));
	if (digest == NULL || !garita_digest_well_formed(digest))
		return garita_fail(err, EINVAL, "the payload has no digest");
	claim->digests = garita_xcalloc(1, sizeof(*claim->digests));
	memcpy(claim->digests[0], digest, sizeof(claim->digests[0]));
	claim->digest_count = 1;
	r = read_annotations(garita_json_get(target, "annotations"), claim,
			     err);
	return r == 0 ? check_target(j, target, digest, err) : r;
}

/* ---- integrity ---- */

static int check_signature(const struct judge *j, struct garita_error *err)
{
	const struct garita_notation_envelope *envelope = j->envelope;
	const struct garita_notation_algorithm *how = envelope->algorithm;
	const struct garita_key *key = &envelope->chain.all[0].key;

	if (key->kind != how->kind ||
	    (how->rsa_bytes != 0 && key->len != how->rsa_bytes))
		return garita_fail(err, EBADMSG,
				   "the signer's key does not sign by %s",
				   how->jws);
	if (garita_key_verify(key, how->scheme, how->hash,
			      envelope->message.data, envelope->message.len,
			      envelope->sig, envelope->sig_len, NULL) < 0)
		return garita_fail(err, EBADMSG,
				   "not signed by the key of its certificate");
	return 0;
}

static bool is_whole(struct judge *j, struct garita_claim *claim)
{
	const struct garita_notation_trust *trust = j->of->notation;
	struct garita_error err = { 0 };
	int r;

	/* Whatever its keys are: a signature each, and the envelope's. */
	r = garita_work_take(j->of,
			     GARITA_WORK_P384 *
				     ((unsigned)j->envelope->chain.count + 1),
			     &err);
	if (r < 0) {
		note(j, "integrity", err.text);
		return false;
	}
	r = garita_notation_chain(trust, &j->envelope->chain, &err);
	if (r < 0) {
		note(j, "chain", err.text);
		return false;
	}
	r = check_signature(j, &err);
	if (r < 0) {
		note(j, "signature", err.text);
		return false;
	}
	r = read_payload(j, claim, &err);
	if (r < 0)
		note(j, "target", err.text);
	return r == 0;
}

/* ---- what the statement enforces ---- */

static enum garita_notation_action action(const struct judge *j,
					  enum garita_notation_check check)
{
	return j->of->notation->statement->actions[check];
}

/* Does a check that ended like this let the signature pass? */
static bool pass(const struct judge *j, enum garita_notation_check check, int r,
		 const struct garita_error *err)
{
	char words[sizeof(err->text) + 32];

	if (r == 0)
		return true;
	if (action(j, check) == GARITA_NOTATION_ENFORCE) {
		note(j, check_words[check], err->text);
		return false;
	}
	snprintf(words, sizeof(words), "%s (not enforced)", err->text);
	note(j, check_words[check], words);
	return true;
}

/* When an end that is enforced is reached, the answer is another. */
static void ends(struct judge *j, enum garita_notation_check check, time_t end)
{
	if (action(j, check) == GARITA_NOTATION_ENFORCE)
		garita_notation_ends(&j->until, end);
}

static bool is_authentic(const struct judge *j)
{
	struct garita_error err = { 0 };
	int r = garita_notation_authentic(j->of->notation,
					  j->envelope->authority
						  ? GARITA_NOTATION_AUTHORITY
						  : GARITA_NOTATION_CA,
					  &j->envelope->chain, &err);

	return pass(j, GARITA_NOTATION_AUTHENTICITY, r, &err);
}

static bool is_fresh(struct judge *j)
{
	time_t expiry = j->envelope->times[GARITA_NOTATION_EXPIRY];
	struct garita_error err = { 0 };
	int r = 0;

	if (!j->envelope->has[GARITA_NOTATION_EXPIRY])
		return true;
	if (j->of->now >= expiry)
		r = garita_fail(&err, EBADMSG, "the signature has expired");
	else
		ends(j, GARITA_NOTATION_EXPIRED, expiry);
	return pass(j, GARITA_NOTATION_EXPIRED, r, &err);
}

/* ---- time ---- */

/* Valid from `from` to `to`, all of them. */
static int valid_at(const struct garita_x509_list *chain, time_t from,
		    time_t to, struct garita_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < chain->count; i++) {
		r = garita_x509_valid_at(&chain->all[i], from, err);
		if (r == 0)
			r = garita_x509_valid_at(&chain->all[i], to, err);
	}
	return r;
}

/* When one of them expires the answer is another, also where that is only
 * logged: a timestamp may be asked for then, and whether its authority was
 * revoked is enforced or not by itself. */
static int valid_now(struct judge *j, struct garita_error *err)
{
	const struct garita_x509_list *chain = &j->envelope->chain;
	int r = valid_at(chain, j->of->now, j->of->now, err);

	for (size_t i = 0; r == 0 && i < chain->count; i++)
		garita_notation_ends(&j->until, chain->all[i].not_after + 1);
	return r;
}

static int check_revoked(struct judge *j, const struct garita_x509 *const *all,
			 size_t count, struct garita_error *err)
{
	time_t until = 0;
	int r = garita_notation_revocation(j->of->notation, all, count,
					   j->of->now, &until, err);

	if (r == 0 && until != 0)
		ends(j, GARITA_NOTATION_REVOCATION, until);
	return r;
}

static bool revocation_passes(struct judge *j,
			      const struct garita_x509 *const *all,
			      size_t count)
{
	struct garita_error err = { 0 };

	return action(j, GARITA_NOTATION_REVOCATION) == GARITA_NOTATION_SKIP ||
	       pass(j, GARITA_NOTATION_REVOCATION,
		    check_revoked(j, all, count, &err), &err);
}

/* A trusted authority saw the signature while all certificates were valid. */
static int was_stamped(struct judge *j, bool *ret_revoked,
		       struct garita_error *err)
{
	const struct garita_notation_envelope *envelope = j->envelope;
	const struct garita_timestamp_case asked = {
		.message = envelope->sig,
		.len = envelope->sig_len,
		.roots = &j->of->notation->stores[GARITA_NOTATION_TSA],
	};
	auto_timestamp stamp = { 0 };
	struct garita_x509_chain chain = { 0 };
	int r;

	if (envelope->token == NULL)
		return garita_fail(err, EBADMSG, "has no timestamp");
	r = garita_work_take(j->of, GARITA_WORK_CERTIFICATE, err);
	if (r < 0)
		return r;
	r = garita_timestamp_read(GARITA_TIMESTAMP_TOKEN, envelope->token,
				  envelope->token_len, &stamp, err);
	if (r == 0)
		r = garita_timestamp_check(&stamp, &asked, &chain, err);
	if (r == 0)
		r = valid_at(&envelope->chain,
			     stamp.time - (time_t)stamp.accuracy_s,
			     stamp.time + (time_t)stamp.accuracy_s, err);
	if (r == 0 && !revocation_passes(j, chain.all, chain.count)) {
		*ret_revoked = true;
		r = -EBADMSG;
	}
	return r;
}

static bool any_expired(const struct judge *j)
{
	const struct garita_x509_list *chain = &j->envelope->chain;

	for (size_t i = 0; i < chain->count; i++)
		if (j->of->now > chain->all[i].not_after)
			return true;
	return false;
}

static bool is_timely(struct judge *j)
{
	const struct garita_notation_trust *trust = j->of->notation;
	time_t authentic = j->envelope->times[GARITA_NOTATION_AUTHENTIC];
	struct garita_error err = { 0 };
	bool revoked = false;
	int r;

	if (j->envelope->authority)
		r = valid_at(&j->envelope->chain, authentic, authentic, &err);
	else if (trust->named[GARITA_NOTATION_TSA] &&
		 (!trust->statement->after_expiry || any_expired(j)))
		r = was_stamped(j, &revoked, &err);
	else
		r = valid_now(j, &err);
	return !revoked && pass(j, GARITA_NOTATION_TIMESTAMP, r, &err);
}

static bool is_not_revoked(struct judge *j)
{
	const struct garita_x509_list *list = &j->envelope->chain;
	const struct garita_x509 *all[GARITA_NOTATION_CHAIN_MAX];

	for (size_t i = 0; i < list->count; i++)
		all[i] = &list->all[i];
	return revocation_passes(j, all, list->count);
}

/* ---- a claim ---- */

static char *signer_words(const struct garita_x509 *leaf)
{
	char digest[GARITA_DIGEST_SIZE], words[160];
	struct garita_text text = { 0 };

	garita_sha256_digest(leaf->all.at, leaf->all.left, digest);
	garita_x509_words(&leaf->subject, words, sizeof(words));
	garita_text_printf(&text, "%s, certificate %s", words, digest);
	return garita_text_take(&text);
}

/* An enforced authenticity is asked first: it is cheap, and strangers' chains
 * are not. */
static bool counts(struct judge *j, struct garita_claim *claim)
{
	bool enforced = action(j, GARITA_NOTATION_AUTHENTICITY) ==
			GARITA_NOTATION_ENFORCE;

	return (!enforced || is_authentic(j)) && is_whole(j, claim) &&
	       (enforced || is_authentic(j)) && is_fresh(j) && is_timely(j) &&
	       is_not_revoked(j);
}

static void judge(struct judge *j)
{
	struct garita_claim claim = { .format = j->format };

	if (!counts(j, &claim)) {
		garita_claim_free(&claim);
		return;
	}
	claim.from = garita_xstrdup(j->blob->name);
	claim.signer = signer_words(&j->envelope->chain.all[0]);
	claim.until = j->until;
	if (!garita_claims_add(j->out, &claim))
		note(j, "integrity", "too many signatures");
}

typedef int read_fn(const char *bytes, size_t len,
		    struct garita_notation_envelope *ret,
		    struct garita_error *err);

static void look_at(const struct garita_format_case *of,
		    const struct garita_blob *blob,
		    const struct garita_format *format, read_fn *read,
		    struct garita_claims *out)
{
	auto_notation_envelope envelope = { 0 };
	struct garita_error err = { 0 };
	struct judge j = { .of = of,
			   .blob = blob,
			   .format = format->name,
			   .out = out,
			   .envelope = &envelope };

	if (read(blob->bytes, blob->len, &envelope, &err) < 0)
		note(&j, "envelope", err.text);
	else
		judge(&j);
}

static bool knows_jws(const struct garita_blob *blob)
{
	return garita_jws_is(blob->bytes, blob->len);
}

static void read_jws(const struct garita_format_case *of,
		     const struct garita_blob *blob, struct garita_claims *out)
{
	look_at(of, blob, &garita_format_jws, garita_jws_read, out);
}

static bool knows_cose(const struct garita_blob *blob)
{
	return garita_cose_is(blob->bytes, blob->len);
}

static void read_cose(const struct garita_format_case *of,
		      const struct garita_blob *blob, struct garita_claims *out)
{
	look_at(of, blob, &garita_format_cose, garita_cose_read, out);
}

const struct garita_format garita_format_jws = {
	.name = "notation JWS",
	.kind = GARITA_REQUIRE_NOTATION,
	.knows = knows_jws,
	.read = read_jws,
};
const struct garita_format garita_format_cose = {
	.name = "notation COSE",
	.kind = GARITA_REQUIRE_NOTATION,
	.knows = knows_cose,
	.read = read_cose,
};
