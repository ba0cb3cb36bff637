/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * cose - COSE_Sign1 (RFC 9052) under its tag, as the Notary Project has it.
 *
 *	18([ protected: bytes with a map in them, { unprotected },
 *	     payload: bytes, signature: bytes ])
 *
 * The same headers as in jws.c; a label is a small number or text. No label
 * stands twice, in one of the two maps or in both.
 */
#include <errno.h>
#include <string.h>

#include "garita/memory.h"
#include "policy/trust/cbor.h"
#include "policy/trust/notation_envelope.h"

enum {
	TAG_SIGN1 = 18,
	TAG_EPOCH = 1, /* seconds since 1970 */
	PARTS = 4,     /* of the array */
	HEADERS_MAX = 32,
	LABEL_ALG = 1,
	LABEL_CRIT = 2,
	LABEL_CTY = 3,
	LABEL_X5CHAIN = 33,
};

/* Every label so far, of both maps. */
struct reader {
	struct garita_cbor_item labels[HEADERS_MAX];
	size_t count;
	struct garita_notation_envelope *envelope;
	struct garita_error *err;
};

bool garita_cose_is(const char *bytes, size_t len)
{
	/* The tag and the array. */
	return len > 2 && (unsigned char)bytes[0] == 0xd2 &&
	       (unsigned char)bytes[1] == 0x84;
}

static int malformed(struct reader *r, const char *what)
{
	return garita_fail(r->err, EINVAL, "%s", what);
}

static const char *text_of(const struct garita_cbor_item *item)
{
	return (const char *)item->bytes;
}

static bool same_label(const struct garita_cbor_item *a,
		       const struct garita_cbor_item *b)
{
	return a->kind == b->kind && a->number == b->number &&
	       (a->kind != GARITA_CBOR_TEXT ||
		memcmp(a->bytes, b->bytes, (size_t)a->number) == 0);
}

static int take_label(struct reader *r, struct garita_cbor *from,
		      struct garita_cbor_item *ret)
{
	struct garita_cbor_item label;

	if (!garita_cbor_take(from, &label) ||
	    (label.kind != GARITA_CBOR_NUMBER &&
	     label.kind != GARITA_CBOR_NEGATIVE &&
	     label.kind != GARITA_CBOR_TEXT))
		return malformed(r, "a header's label is no number or text");
	for (size_t i = 0; i < r->count; i++)
		if (same_label(&r->labels[i], &label))
			return malformed(r, "a header stands there twice");
	if (r->count == HEADERS_MAX)
		return malformed(r, "too many headers");
	r->labels[r->count++] = label;
	*ret = label;
	return 0;
}

/* 0 for text. */
static int number_of(const struct garita_cbor_item *label)
{
	int number = 0;

	return garita_cbor_int(label, &number) ? number : 0;
}

/* ---- signed ---- */

static int read_algorithm(struct reader *r, struct garita_cbor *from)
{
	struct garita_cbor_item value;
	int number;

	if (!garita_cbor_take(from, &value) ||
	    !garita_cbor_int(&value, &number))
		return malformed(r, "the algorithm is no number");
	r->envelope->algorithm = garita_notation_algorithm(NULL, number);
	if (r->envelope->algorithm == NULL)
		return garita_fail(r->err, EINVAL,
				   "the algorithm %d is not allowed", number);
	return 0;
}

static int read_critical(struct reader *r, struct garita_cbor *from)
{
	struct garita_cbor_item list, name;
	int rc = 0;

	if (!garita_cbor_take_kind(from, GARITA_CBOR_ARRAY, &list) ||
	    list.number == 0 || list.number > GARITA_NOTATION_CRITICAL_MAX)
		return malformed(r, "crit is no list of headers");
	for (uint64_t i = 0; rc == 0 && i < list.number; i++) {
		if (!garita_cbor_take_kind(from, GARITA_CBOR_TEXT, &name))
			return malformed(r, "crit has what is not known here");
		rc = garita_notation_critical(r->envelope, text_of(&name),
					      (size_t)name.number, r->err);
	}
	return rc;
}

static int read_content(struct reader *r, struct garita_cbor *from,
			bool *ret_found)
{
	struct garita_cbor_item value;

	if (!garita_cbor_take(from, &value) ||
	    !garita_cbor_is(&value, GARITA_NOTATION_CONTENT))
		return malformed(r, "the content is no payload of notation");
	*ret_found = true;
	return 0;
}

static int read_time(struct reader *r, struct garita_cbor *from, time_t *ret)
{
	struct garita_cbor_item tag, value;

	if (!garita_cbor_take_kind(from, GARITA_CBOR_TAG, &tag) ||
	    tag.number != TAG_EPOCH ||
	    !garita_cbor_take_kind(from, GARITA_CBOR_NUMBER, &value) ||
	    value.number > INT64_MAX / 2)
		return malformed(r, "a time is no number of seconds");
	*ret = (time_t)value.number;
	return 0;
}

static int read_named(struct reader *r, const struct garita_cbor_item *label,
		      struct garita_cbor *from)
{
	enum garita_notation_header header =
		garita_notation_header(text_of(label), (size_t)label->number);
	struct garita_cbor_item value;

	if (header == GARITA_NOTATION_HEADERS)
		return garita_cbor_skip(from)
			       ? garita_notation_other_header(
					 text_of(label), (size_t)label->number,
					 r->err)
			       : malformed(r, "a header is malformed");
	if (header == GARITA_NOTATION_SCHEME) {
		if (!garita_cbor_take_kind(from, GARITA_CBOR_TEXT, &value))
			return malformed(r, "the signing scheme is not text");
		return garita_notation_set_scheme(r->envelope, text_of(&value),
						  (size_t)value.number, r->err);
	}
	r->envelope->has[header] = true;
	return read_time(r, from, &r->envelope->times[header]);
}

static int read_signed(struct reader *r, struct garita_cbor from)
{
	struct garita_cbor_item map, label = { 0 };
	bool says_content = false;
	int rc = 0;

	if (!garita_cbor_take_kind(&from, GARITA_CBOR_MAP, &map))
		return malformed(r, "the signed headers are no map");
	for (uint64_t i = 0; rc == 0 && i < map.number; i++) {
		rc = take_label(r, &from, &label);
		if (rc < 0)
			break;
		if (label.kind == GARITA_CBOR_TEXT)
			rc = read_named(r, &label, &from);
		else if (number_of(&label) == LABEL_ALG)
			rc = read_algorithm(r, &from);
		else if (number_of(&label) == LABEL_CRIT)
			rc = read_critical(r, &from);
		else if (number_of(&label) == LABEL_CTY)
			rc = read_content(r, &from, &says_content);
		else if (!garita_cbor_skip(&from))
			rc = malformed(r, "a header is malformed");
	}
	if (rc == 0 && from.left > 0)
		rc = malformed(r, "bytes follow the signed headers");
	if (rc == 0 && !says_content)
		rc = malformed(r, "the headers do not say what is signed");
	return rc;
}

/* ---- what nobody signed ---- */

static int add_certificate(struct reader *r, const struct garita_cbor_item *one)
{
	return garita_notation_add_certificate(r->envelope, one->bytes,
					       (size_t)one->number, r->err);
}

/* One as it is, several in an array (RFC 9360). */
static int read_chain(struct reader *r, struct garita_cbor *from)
{
	struct garita_cbor_item item, one;
	int rc = 0;

	if (!garita_cbor_take(from, &item))
		return malformed(r, "x5chain is malformed");
	if (item.kind == GARITA_CBOR_BYTES)
		return add_certificate(r, &item);
	if (item.kind != GARITA_CBOR_ARRAY ||
	    item.number > GARITA_NOTATION_CHAIN_MAX)
		return malformed(r, "x5chain is no list of certificates");
	for (uint64_t i = 0; rc == 0 && i < item.number; i++) {
		if (!garita_cbor_take_kind(from, GARITA_CBOR_BYTES, &one))
			return malformed(r,
					 "x5chain is no list of certificates");
		rc = add_certificate(r, &one);
	}
	return rc;
}

static int read_token(struct reader *r, struct garita_cbor *from)
{
	struct garita_cbor_item value;

	if (!garita_cbor_take_kind(from, GARITA_CBOR_BYTES, &value) ||
	    value.number > GARITA_NOTATION_TOKEN_MAX)
		return malformed(r, "the timestamp is no string of bytes");
	r->envelope->token_len = (size_t)value.number;
	r->envelope->token = garita_xalloc(r->envelope->token_len + 1);
	memcpy(r->envelope->token, value.bytes, r->envelope->token_len);
	return 0;
}

static int read_unsigned(struct reader *r, struct garita_cbor *from)
{
	struct garita_cbor_item map, label = { 0 };
	int rc = 0;

	if (!garita_cbor_take_kind(from, GARITA_CBOR_MAP, &map))
		return malformed(r, "the headers are no map");
	for (uint64_t i = 0; rc == 0 && i < map.number; i++) {
		rc = take_label(r, from, &label);
		if (rc < 0)
			break;
		if (number_of(&label) == LABEL_X5CHAIN)
			rc = read_chain(r, from);
		else if (garita_cbor_is(&label, GARITA_NOTATION_TOKEN))
			rc = read_token(r, from);
		else if (!garita_cbor_skip(from))
			rc = malformed(r, "a header is malformed");
	}
	return rc;
}

/* ---- the whole ---- */

static void put_head(struct garita_text *out, unsigned kind, size_t number)
{
	unsigned bytes = number < 24            ? 0
			 : number <= UINT8_MAX  ? 1
			 : number <= UINT16_MAX ? 2
						: 4;
	unsigned more = bytes == 0   ? (unsigned)number
			: bytes == 1 ? 24
			: bytes == 2 ? 25
				     : 26;

	garita_text_putc(out, (char)(unsigned char)(kind << 5 | more));
	for (unsigned i = bytes; i > 0; i--)
		garita_text_putc(out,
				 (char)(unsigned char)(number >> 8 * (i - 1)));
}

static void put_string(struct garita_text *out, enum garita_cbor_kind kind,
		       const void *bytes, size_t len)
{
	put_head(out, kind, len);
	garita_text_add(out, bytes, len);
}

/* Sig_structure: what is signed, and not among the bytes that we have. */
static void put_message(const struct garita_cbor_item *headers,
			const struct garita_cbor_item *payload,
			struct garita_text *out)
{
	static const char context[] = "Signature1";

	put_head(out, GARITA_CBOR_ARRAY, PARTS);
	put_string(out, GARITA_CBOR_TEXT, context, sizeof(context) - 1);
	put_string(out, GARITA_CBOR_BYTES, headers->bytes,
		   (size_t)headers->number);
	put_string(out, GARITA_CBOR_BYTES, "", 0);
	put_string(out, GARITA_CBOR_BYTES, payload->bytes,
		   (size_t)payload->number);
}

static int read_parts(struct reader *r, struct garita_cbor from)
{
	struct garita_notation_envelope *envelope = r->envelope;
	struct garita_cbor_item item, headers, payload, sig;
	int rc;

	if (!garita_cbor_take_kind(&from, GARITA_CBOR_TAG, &item) ||
	    item.number != TAG_SIGN1 ||
	    !garita_cbor_take_kind(&from, GARITA_CBOR_ARRAY, &item) ||
	    item.number != PARTS ||
	    !garita_cbor_take_kind(&from, GARITA_CBOR_BYTES, &headers))
		return malformed(r, "not a COSE_Sign1");
	rc = read_signed(r, (struct garita_cbor){ headers.bytes,
						  (size_t)headers.number });
	if (rc == 0)
		rc = read_unsigned(r, &from);
	if (rc < 0)
		return rc;
	if (!garita_cbor_take_kind(&from, GARITA_CBOR_BYTES, &payload) ||
	    !garita_cbor_take_kind(&from, GARITA_CBOR_BYTES, &sig) ||
	    sig.number > GARITA_KEY_RSA_MAX)
		return malformed(r, "has no payload or no signature");
	if (from.left > 0)
		return malformed(r, "bytes follow the envelope");
	envelope->payload_len = (size_t)payload.number;
	envelope->payload = garita_xalloc(envelope->payload_len + 1);
	memcpy(envelope->payload, payload.bytes, envelope->payload_len);
	envelope->sig_len = (size_t)sig.number;
	envelope->sig = garita_xalloc(envelope->sig_len + 1);
	memcpy(envelope->sig, sig.bytes, envelope->sig_len);
	put_message(&headers, &payload, &envelope->message);
	return garita_notation_headers_check(envelope, r->err);
}

int garita_cose_read(const char *bytes, size_t len,
		     struct garita_notation_envelope *ret,
		     struct garita_error *err)
{
	auto_notation_envelope envelope = { 0 };
	struct reader r = { .envelope = &envelope, .err = err };
	int rc;

	if (len > GARITA_NOTATION_ENVELOPE_MAX)
		return garita_fail(err, E2BIG, "larger than %d bytes",
				   GARITA_NOTATION_ENVELOPE_MAX);
	rc = read_parts(
		&r, (struct garita_cbor){ (const unsigned char *)bytes, len });
	if (rc < 0)
		return rc;
	*ret = envelope;
	envelope = (struct garita_notation_envelope){ 0 };
	return 0;
}
