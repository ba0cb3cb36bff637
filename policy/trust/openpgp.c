/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp - GPG simple signing (containers-signature(5)): a signed OpenPGP
 * message whose text is simple signing's JSON.
 *
 * First the signature proper is checked, then whether its key may sign: the
 * second takes longer, and no stranger comes that far. The signer is the
 * primary key, whichever of its subkeys signed: one person, one signer.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/format.h"
#include "policy/trust/openpgp_keys.h"

#define TYPE "atomic container signature"

/* What containers-storage and newer files put before the message. */
static const char prefix[] = "\0simple-signing\n";

static struct garita_openpgp_bytes message_of(const struct garita_blob *blob)
{
	size_t skip = sizeof(prefix) - 1;

	if (blob->len < skip || memcmp(blob->bytes, prefix, skip) != 0)
		skip = 0;
	return (struct garita_openpgp_bytes){
		(const unsigned char *)blob->bytes + skip, blob->len - skip
	};
}

/* Every message that anybody could mean; those that do not count get a reason
 * instead of silence. */
static bool knows(const struct garita_blob *blob)
{
	struct garita_openpgp_bytes message = message_of(blob);
	unsigned tag;

	if (message.at != (const unsigned char *)blob->bytes)
		return true;
	if (garita_openpgp_is_armor(blob->bytes, blob->len))
		return !garita_starts_with(blob->bytes,
					   "-----BEGIN PGP PUBLIC KEY");
	if (message.left == 0 || (message.at[0] & 0x80) == 0)
		return false;
	tag = (message.at[0] & 0x40) != 0 ? message.at[0] & 0x3f
					  : message.at[0] >> 2 & 0xf;
	return tag == GARITA_OPENPGP_SIGNATURE ||
	       tag == GARITA_OPENPGP_ONE_PASS ||
	       tag == GARITA_OPENPGP_COMPRESSED ||
	       tag == GARITA_OPENPGP_LITERAL;
}

static void put_hex(struct garita_text *text, const unsigned char *bytes,
		    size_t len)
{
	for (size_t i = 0; i < len; i++)
		garita_text_printf(text, "%02X", bytes[i]);
}

static char *signer(const struct garita_openpgp_certificate *of)
{
	auto_text words = { 0 };

	garita_text_puts(&words, "openpgp ");
	put_hex(&words, of->parts[0].key->fingerprint,
		GARITA_OPENPGP_FINGERPRINT);
	return garita_text_take(&words);
}

/* Tries one key; the reason in err when it is not that one, or may not. */
static int try_key(const struct garita_format_case *of,
		   const struct garita_openpgp_message *message,
		   const struct garita_openpgp_certificate *certificate,
		   const struct garita_openpgp_part *part, time_t *ret_until,
		   struct garita_error *err)
{
	int failure = garita_openpgp_verify(&message->signature, part->key,
					    message->text, message->len, err);

	if (failure == -EBADMSG)
		return garita_fail(err, EBADMSG,
				   "the signature is wrong: text or signature "
				   "were changed");
	if (failure < 0)
		return failure;
	return garita_openpgp_may_sign(of->openpgp, certificate, part,
				       message->signature.created, of->now,
				       ret_until, err);
}

/* Who says to have made it, for a person. */
static void fail_unknown(const struct garita_openpgp_signature *sig,
			 struct garita_error *err)
{
	auto_text id = { 0 };

	if (sig->has_fingerprint)
		put_hex(&id, sig->fingerprint, GARITA_OPENPGP_FINGERPRINT);
	else if (sig->has_key_id)
		put_hex(&id, sig->key_id, GARITA_OPENPGP_KEY_ID);
	garita_fail(err, ENOKEY,
		    "signed by key %s, which is not in the keyring",
		    id.len > 0 ? id.data : "(not said)");
}

/* The certificate whose key made it and may; NULL with the reason. */
static const struct garita_openpgp_certificate *find_key(
	const struct garita_format_case *of,
	const struct garita_openpgp_message *message, time_t *ret_until,
	struct garita_error *err)
{
	bool found = false;

	for (size_t i = 0; i < of->openpgp->count; i++) {
		const struct garita_openpgp_certificate *certificate =
			&of->openpgp->all[i];

		for (size_t n = 0; n < certificate->count; n++) {
			const struct garita_openpgp_part *part =
				&certificate->parts[n];

			if (part->key == NULL ||
			    !garita_openpgp_is_by(&message->signature,
						  part->key))
				continue;
			if (try_key(of, message, certificate, part, ret_until,
				    err) == 0)
				return certificate;
			found = true;
		}
	}
	if (!found)
		fail_unknown(&message->signature, err);
	return NULL;
}

/* Is the signature, as it describes itself, one that can count now? */
static int check_signature(const struct garita_openpgp_signature *sig,
			   time_t now, struct garita_error *err)
{
	time_t end = garita_openpgp_end(sig->created, sig->lifetime);

	if (sig->why_not != NULL)
		return garita_fail(err, ENOTSUP,
				   "the signature does not count: %s",
				   sig->why_not);
	if (sig->type != GARITA_OPENPGP_OF_BINARY &&
	    sig->type != GARITA_OPENPGP_OF_TEXT)
		return garita_fail(err, EINVAL,
				   "a signature of type 0x%02x, which is not "
				   "one of data",
				   sig->type);
	if (garita_openpgp_is_future(sig->created, now))
		return garita_fail(err, EACCES,
				   "a signature from the future (is the clock "
				   "right?)");
	if (end != 0 && end <= now)
		return garita_fail(err, EACCES, "the signature has expired");
	return 0;
}

static int read_message(const struct garita_format_case *of,
			const struct garita_blob *blob,
			struct garita_claim *claim, struct garita_error *err)
{
	struct garita_openpgp_bytes bytes = message_of(blob);
	auto_openpgp_message message = { 0 };
	const struct garita_openpgp_certificate *certificate;
	time_t until = 0;
	int failure;

	if (garita_openpgp_is_armor(blob->bytes, blob->len))
		return garita_fail(err, EINVAL,
				   "an armoured or clear text signature: only "
				   "the binary form is a signature of an "
				   "image");
	failure = garita_openpgp_message((const char *)bytes.at, bytes.left,
					 &message, err);
	if (failure == 0)
		failure = check_signature(&message.signature, of->now, err);
	if (failure < 0)
		return failure;
	certificate = find_key(of, &message, &until, err);
	if (certificate == NULL)
		return -EACCES;
	failure = garita_simple_signing(message.text, message.len, TYPE, claim,
					err);
	if (failure < 0)
		return failure;
	claim->signer = signer(certificate);
	claim->until = garita_openpgp_sooner(
		until, garita_openpgp_end(message.signature.created,
					  message.signature.lifetime));
	return 0;
}

static void read_blob(const struct garita_format_case *of,
		      const struct garita_blob *blob, struct garita_claims *out)
{
	struct garita_claim claim = { 0 };
	struct garita_error err = { 0 };

	if (read_message(of, blob, &claim, &err) < 0) {
		garita_claims_note(out, garita_format_openpgp.name, blob, "%s",
				   err.text);
		garita_claim_free(&claim);
		return;
	}
	claim.format = garita_format_openpgp.name;
	claim.from = garita_xstrdup(blob->name);
	if (!garita_claims_add(out, &claim))
		garita_claims_note(out, garita_format_openpgp.name, blob,
				   "too many signatures");
}

const struct garita_format garita_format_openpgp = {
	.name = "GPG simple signing",
	.kind = GARITA_REQUIRE_GPG,
	.knows = knows,
	.read = read_blob,
};
