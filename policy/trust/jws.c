/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * jws - the flattened JSON form of a JSON Web Signature (RFC 7515, 7.2.2), as
 * the Notary Project has it.
 *
 * Signed headers are read strictly where we know them; others that are not
 * critical are none of our business. Of those that nobody signed only the
 * certificates and the timestamp are looked at, which prove themselves.
 */
#include <errno.h>
#include <string.h>

#include "garita/json.h"
#include "garita/memory.h"
#include "garita/rfc3339.h"
#include "policy/trust/base64.h"
#include "policy/trust/fields.h"
#include "policy/trust/format.h"
#include "policy/trust/notation_envelope.h"

#define EXACT GARITA_NAMES_EXACT

static bool has(const char *bytes, size_t len, const char *word)
{
	return memmem(bytes, len, word, strlen(word)) != NULL;
}

bool garita_jws_is(const char *bytes, size_t len)
{
	return len > 0 && bytes[0] == '{' && has(bytes, len, "\"protected\"") &&
	       has(bytes, len, "\"signature\"");
}

/* base64url without padding, and no other. */
static int read_url(const struct garita_json *object, const char *name,
		    size_t max, const char **ret_text, unsigned char **ret,
		    size_t *ret_len, struct garita_error *err)
{
	const char *text =
		garita_json_string(garita_field(object, EXACT, name));

	if (text == NULL || strpbrk(text, "+/=") != NULL ||
	    garita_base64_proto(text, strlen(text), max, ret, ret_len) < 0)
		return garita_fail(err, EINVAL, "%s is not base64url", name);
	if (ret_text != NULL)
		*ret_text = text;
	return 0;
}

/* ---- headers ---- */

static int read_critical(const struct garita_json *list,
			 struct garita_notation_envelope *ret,
			 struct garita_error *err)
{
	size_t count = garita_json_count(list);

	if (garita_json_type(list) != GARITA_JSON_ARRAY || count == 0 ||
	    count > GARITA_NOTATION_CRITICAL_MAX)
		return garita_fail(err, EINVAL, "crit is no list of headers");
	for (size_t i = 0; i < count; i++) {
		const char *name =
			garita_json_string(garita_json_item(list, i));
		int r = name == NULL ? garita_fail(err, EINVAL,
						   "crit is no list of headers")
				     : garita_notation_critical(
					       ret, name, strlen(name), err);

		if (r < 0)
			return r;
	}
	return 0;
}

static int read_text(const char *name, const char *value,
		     struct garita_notation_envelope *ret,
		     struct garita_error *err)
{
	if (value == NULL)
		return garita_fail(err, EINVAL, "%s is not text", name);
	if (strcmp(name, "alg") == 0) {
		ret->algorithm = garita_notation_algorithm(value, 0);
		return ret->algorithm != NULL
			       ? 0
			       : garita_fail(err, EINVAL,
					     "the algorithm \"%.40s\" is not "
					     "allowed",
					     value);
	}
	if (strcmp(value, GARITA_NOTATION_CONTENT) != 0)
		return garita_fail(err, EINVAL,
				   "the content is a \"%.80s\", not a payload "
				   "of notation",
				   value);
	return 0;
}

static int read_header(const char *name, const struct garita_json *value,
		       struct garita_notation_envelope *ret,
		       struct garita_error *err)
{
	enum garita_notation_header header =
		garita_notation_header(name, strlen(name));
	const char *text = garita_json_string(value);

	if (strcmp(name, "crit") == 0)
		return read_critical(value, ret, err);
	if (strcmp(name, "alg") == 0 || strcmp(name, "cty") == 0)
		return read_text(name, text, ret, err);
	if (header == GARITA_NOTATION_HEADERS)
		return garita_notation_other_header(name, strlen(name), err);
	if (text == NULL)
		return garita_fail(err, EINVAL, "%s is not text", name);
	if (header == GARITA_NOTATION_SCHEME)
		return garita_notation_set_scheme(ret, text, strlen(text), err);
	if (garita_rfc3339(text, &ret->times[header]) < 0)
		return garita_fail(err, EINVAL, "%s is not a time", name);
	ret->has[header] = true;
	return 0;
}

static int read_protected(const struct garita_json *root,
			  const struct garita_json *unsigned_headers,
			  const char **ret_text,
			  struct garita_notation_envelope *ret,
			  struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_free unsigned char *bytes = NULL;
	const struct garita_json *headers;
	size_t len = 0;
	int r = read_url(root, "protected", GARITA_NOTATION_ENVELOPE_MAX,
			 ret_text, &bytes, &len, err);

	if (r < 0)
		return r;
	r = garita_json_parse((const char *)bytes, len, GARITA_JSON_STRICT,
			      &doc, err);
	if (r < 0)
		return garita_fail_in(err, "protected");
	headers = garita_json_root(doc);
	if (garita_json_type(headers) != GARITA_JSON_OBJECT ||
	    garita_json_get(headers, "cty") == NULL)
		return garita_fail(err, EINVAL,
				   "protected does not say what is signed");
	for (size_t i = 0; r == 0 && i < garita_json_count(headers); i++) {
		const char *name = garita_json_key(headers, i);

		if (garita_json_get(unsigned_headers, name) != NULL)
			return garita_fail(err, EINVAL,
					   "the header \"%.80s\" is there both "
					   "signed and not",
					   name);
		r = read_header(name, garita_json_item(headers, i), ret, err);
	}
	return r;
}

/* ---- what nobody signed ---- */

static int read_chain(const struct garita_json *list,
		      struct garita_notation_envelope *ret,
		      struct garita_error *err)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < garita_json_count(list); i++) {
		const char *text =
			garita_json_string(garita_json_item(list, i));
		auto_free unsigned char *bytes = NULL;
		size_t len = 0;

		if (text == NULL ||
		    garita_base64(text, strlen(text), GARITA_X509_BYTES_MAX,
				  &bytes, &len) < 0)
			return garita_fail(err, EINVAL,
					   "x5c has what is not base64");
		r = garita_notation_add_certificate(ret, bytes, len, err);
	}
	return r;
}

static int read_unsigned(const struct garita_json *headers,
			 struct garita_notation_envelope *ret,
			 struct garita_error *err)
{
	const struct garita_json *token =
		garita_json_get(headers, GARITA_NOTATION_TOKEN);
	const char *text = garita_json_string(token);
	int r;

	if (garita_json_type(headers) != GARITA_JSON_OBJECT)
		return garita_fail(err, EINVAL, "has no certificates");
	r = read_chain(garita_json_get(headers, "x5c"), ret, err);
	if (r < 0 || token == NULL)
		return r;
	if (text == NULL ||
	    garita_base64(text, strlen(text), GARITA_NOTATION_TOKEN_MAX,
			  &ret->token, &ret->token_len) < 0)
		return garita_fail(err, EINVAL, "%s is not base64",
				   GARITA_NOTATION_TOKEN);
	return 0;
}

static int read_root(const struct garita_json *root,
		     struct garita_notation_envelope *ret,
		     struct garita_error *err)
{
	static const char *const members[] = { "payload", "protected", "header",
					       "signature", NULL };
	const struct garita_json *headers = garita_field(root, EXACT, "header");
	const char *payload = NULL, *protected = NULL;
	auto_free unsigned char *bytes = NULL;
	int r = garita_fields_check(root, EXACT, members, "the envelope", err);

	if (r == 0)
		r = read_protected(root, headers, &protected, ret, err);
	if (r == 0)
		r = read_unsigned(headers, ret, err);
	if (r == 0)
		r = read_url(root, "signature", GARITA_KEY_RSA_MAX, NULL,
			     &ret->sig, &ret->sig_len, err);
	if (r == 0)
		r = read_url(root, "payload", GARITA_NOTATION_ENVELOPE_MAX,
			     &payload, &bytes, &ret->payload_len, err);
	if (r < 0)
		return r;
	ret->payload = (char *)garita_take_ptr(&bytes);
	garita_text_puts(&ret->message, protected);
	garita_text_putc(&ret->message, '.');
	garita_text_puts(&ret->message, payload);
	return garita_notation_headers_check(ret, err);
}

int garita_jws_read(const char *bytes, size_t len,
		    struct garita_notation_envelope *ret,
		    struct garita_error *err)
{
	auto_json struct garita_json_doc *doc = NULL;
	auto_notation_envelope envelope = { 0 };
	int r;

	if (len > GARITA_NOTATION_ENVELOPE_MAX)
		return garita_fail(err, E2BIG, "larger than %d bytes",
				   GARITA_NOTATION_ENVELOPE_MAX);
	r = garita_json_parse(bytes, len, GARITA_JSON_STRICT, &doc, err);
	if (r == 0)
		r = read_root(garita_json_root(doc), &envelope, err);
	if (r < 0)
		return r;
	*ret = envelope;
	envelope = (struct garita_notation_envelope){ 0 };
	return 0;
}
