/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * openpgp_message - a signed message: which bytes does the signature stand
 * for?
 *
 * RFC 9580's grammar lets messages nest and lets many signatures stand around
 * one text; a reader that loses count verifies one text and hands out
 * another. Of all that, this is read: one signature and one text, with or
 * without one layer of compression around the two.
 */
#include "policy/trust/openpgp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "garita/memory.h"

void garita_openpgp_message_free(struct garita_openpgp_message *message)
{
	garita_text_free(&message->joined);
	free(message->inflated);
	*message = (struct garita_openpgp_message){ 0 };
}

/* What the one-pass packet announces. */
struct announced {
	uint32_t type, hash, algorithm;
	unsigned char key_id[GARITA_OPENPGP_KEY_ID];
};

static int read_one_pass(struct garita_openpgp_bytes body,
			 struct announced *ret, struct garita_error *err)
{
	struct garita_openpgp_bytes id;
	uint32_t version, last;

	if (!garita_openpgp_number(&body, 1, &version) || version != 3 ||
	    !garita_openpgp_number(&body, 1, &ret->type) ||
	    !garita_openpgp_number(&body, 1, &ret->hash) ||
	    !garita_openpgp_number(&body, 1, &ret->algorithm) ||
	    !garita_openpgp_take(&body, GARITA_OPENPGP_KEY_ID, &id) ||
	    !garita_openpgp_number(&body, 1, &last) || body.left != 0)
		return garita_fail(err, EINVAL,
				   "a malformed one-pass signature, or one "
				   "that is not of version 3");
	if (last != 1)
		return garita_fail(err, EINVAL,
				   "a message with more than one signature");
	memcpy(ret->key_id, id.at, sizeof(ret->key_id));
	return 0;
}

static bool is_as_announced(const struct announced *announced,
			    const struct garita_openpgp_signature *sig)
{
	return announced->type == sig->type &&
	       announced->hash == sig->hash_id &&
	       announced->algorithm == sig->algorithm &&
	       (!sig->has_key_id || memcmp(announced->key_id, sig->key_id,
					   GARITA_OPENPGP_KEY_ID) == 0);
}

/* A signature of text is over lines that end in CR LF. Readers differ in what
 * they do to others, so there may be no others. */
static bool is_canonical(struct garita_openpgp_bytes text)
{
	for (size_t i = 0; i < text.left; i++) {
		bool cr = i > 0 && text.at[i - 1] == '\r';

		if ((text.at[i] == '\n') != cr)
			return false;
	}
	return text.left == 0 || text.at[text.left - 1] != '\r';
}

/* Format, file name, date (none of them is signed), then the text. */
static int read_literal(struct garita_openpgp_bytes body,
			struct garita_openpgp_bytes *ret,
			struct garita_error *err)
{
	struct garita_openpgp_bytes skipped;
	uint32_t format, len;

	if (!garita_openpgp_number(&body, 1, &format) ||
	    !garita_openpgp_number(&body, 1, &len) ||
	    !garita_openpgp_take(&body, len + 4, &skipped))
		return garita_fail(err, EINVAL, "a malformed literal packet");
	if (format != 'b' && format != 't' && format != 'u')
		return garita_fail(err, EINVAL,
				   "a literal packet of a format that is not "
				   "known");
	if (body.left > GARITA_OPENPGP_TEXT_MAX)
		return garita_fail(err, E2BIG,
				   "a signed text of more than %d bytes",
				   GARITA_OPENPGP_TEXT_MAX);
	*ret = body;
	return 0;
}

/* The next packet, which must be of this kind. */
static int expect(struct garita_openpgp_bytes *bytes, unsigned tag,
		  struct garita_openpgp_packet *ret, const char *why,
		  struct garita_error *err)
{
	int failure;

	if (bytes->left == 0)
		return garita_fail(err, EINVAL, "%s", why);
	failure = garita_openpgp_next(bytes, ret, err);
	if (failure == 0 && ret->tag != tag)
		return garita_fail(err, EINVAL, "%s", why);
	return failure;
}

/* Why a message that begins so is none. */
static const char *not_signed(unsigned tag)
{
	switch (tag) {
	case GARITA_OPENPGP_LITERAL:
		return "a text that nobody signed";
	case GARITA_OPENPGP_COMPRESSED:
		return "compressed twice";
	default:
		return "no signed message";
	}
}

/* As every program writes it since 1998: announced, text, signature. */
static int read_announced(struct garita_openpgp_bytes announcement,
			  struct garita_openpgp_bytes *bytes,
			  struct garita_openpgp_packet *literal,
			  struct garita_openpgp_signature *sig,
			  struct garita_error *err)
{
	auto_openpgp_packet last = { 0 };
	struct announced announced = { 0 };
	int failure = read_one_pass(announcement, &announced, err);

	if (failure == 0)
		failure = expect(bytes, GARITA_OPENPGP_LITERAL, literal,
				 "no text behind a one-pass signature", err);
	if (failure == 0)
		failure = expect(bytes, GARITA_OPENPGP_SIGNATURE, &last,
				 "a text whose signature is missing", err);
	if (failure == 0)
		failure = garita_openpgp_signature(last.body, sig, err);
	if (failure < 0)
		return failure;
	if (sig->why_not == NULL && !is_as_announced(&announced, sig))
		return garita_fail(err, EINVAL,
				   "the signature is not the one that was "
				   "announced before the text");
	return 0;
}

/* The old form: signature, text. GnuPG and with it podman read it too. */
static int read_old(struct garita_openpgp_bytes signature,
		    struct garita_openpgp_bytes *bytes,
		    struct garita_openpgp_packet *literal,
		    struct garita_openpgp_signature *sig,
		    struct garita_error *err)
{
	int failure = garita_openpgp_signature(signature, sig, err);

	if (failure == 0)
		failure = expect(bytes, GARITA_OPENPGP_LITERAL, literal,
				 "a detached signature, without what it signs",
				 err);
	return failure;
}

static int read_signed(struct garita_openpgp_bytes bytes,
		       struct garita_openpgp_message *into,
		       struct garita_error *err)
{
	auto_openpgp_packet first = { 0 }, literal = { 0 };
	struct garita_openpgp_bytes text = { 0 };
	int failure;

	if (bytes.left == 0)
		return garita_fail(err, EINVAL, "an empty message");
	failure = garita_openpgp_next(&bytes, &first, err);
	if (failure < 0)
		return failure;
	if (first.tag == GARITA_OPENPGP_ONE_PASS)
		failure = read_announced(first.body, &bytes, &literal,
					 &into->signature, err);
	else if (first.tag == GARITA_OPENPGP_SIGNATURE)
		failure = read_old(first.body, &bytes, &literal,
				   &into->signature, err);
	else
		failure = garita_fail(err, EINVAL, "%s", not_signed(first.tag));
	if (failure == 0)
		failure = read_literal(literal.body, &text, err);
	if (failure < 0)
		return failure;
	if (bytes.left != 0)
		return garita_fail(err, EINVAL,
				   "something stands behind the message");
	if (into->signature.type == GARITA_OPENPGP_OF_TEXT &&
	    !is_canonical(text))
		return garita_fail(err, EINVAL,
				   "signed as text, with lines that do not end "
				   "in CR LF");
	into->text = (const char *)text.at;
	into->len = text.left;
	into->joined = literal.joined;
	literal.joined = (struct garita_text){ 0 };
	return 0;
}

int garita_openpgp_message(const char *bytes, size_t len,
			   struct garita_openpgp_message *ret,
			   struct garita_error *err)
{
	struct garita_openpgp_bytes rest = { (const unsigned char *)bytes,
					     len };
	struct garita_openpgp_bytes behind = rest;
	auto_openpgp_message message = { 0 };
	auto_openpgp_packet outer = { 0 };
	int failure;

	if (len == 0)
		return garita_fail(err, EINVAL, "an empty message");
	failure = garita_openpgp_next(&behind, &outer, err);
	if (failure < 0)
		return failure;
	if (outer.tag == GARITA_OPENPGP_COMPRESSED) {
		if (behind.left != 0)
			return garita_fail(err, EINVAL,
					   "something stands behind the "
					   "compressed message");
		failure = garita_openpgp_inflate(outer.body, &message.inflated,
						 &rest.left, err);
		if (failure < 0)
			return failure;
		rest.at = message.inflated;
	}
	failure = read_signed(rest, &message, err);
	if (failure < 0)
		return failure;
	*ret = message;
	message = (struct garita_openpgp_message){ 0 };
	return 0;
}
