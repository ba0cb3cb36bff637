/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * fulcio - identities in certificates (fulcio docs/oid-info.md).
 *
 * Names are compared byte by byte: not folded, not normalised, never a part of
 * one. Which kind a name is of is part of it, so nobody who can get a URI is
 * taken for an e-mail address.
 */
#include "policy/trust/fulcio.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "garita/memory.h"
#include "garita/text.h"

#define OID_FULCIO  "\x2b\x06\x01\x04\x01\x83\xbf\x30\x01"
#define OID_SUBJECT OID_FULCIO "\x07"

enum { OLD_ISSUER = 1, ISSUER = 8, FIRST_DER = 7 };

static int bad(struct garita_error *err, const char *why)
{
	return garita_fail(err, EBADMSG, "identity: %s", why);
}

/* Extension <number>: the early ones are the text itself, the later DER. NULL
 * in ret->at when it is not there; false when it is malformed. */
static bool extension(const struct garita_x509 *cert, unsigned number,
		      struct garita_der *ret)
{
	char oid[] = OID_FULCIO "\x00";
	const struct garita_x509_extension *found;
	struct garita_der from;

	oid[sizeof(oid) - 2] = (char)number;
	found = garita_x509_extension(cert, oid, sizeof(oid) - 1);
	*ret = (struct garita_der){ 0 };
	if (found == NULL)
		return true;
	from = found->value;
	if (number >= FIRST_DER) {
		if (!garita_der_take(&from, GARITA_DER_UTF8, ret) ||
		    from.left > 0)
			return false;
	} else {
		*ret = from;
	}
	return garita_x509_is_text(ret);
}

static bool is(const struct garita_der *text, const char *wanted)
{
	return text->at != NULL && text->left == strlen(wanted) &&
	       memcmp(text->at, wanted, text->left) == 0;
}

int garita_fulcio_issuer(const struct garita_x509 *cert, struct garita_der *ret,
			 struct garita_error *err)
{
	struct garita_der old, new;

	if (!extension(cert, OLD_ISSUER, &old) ||
	    !extension(cert, ISSUER, &new))
		return bad(err, "the certificate's issuer is malformed");
	if (old.at == NULL && new.at == NULL)
		return bad(err, "the certificate names no OIDC issuer");
	if (old.at != NULL && new.at != NULL && !garita_der_equal(&old, &new))
		return bad(err, "the certificate names two OIDC issuers");
	*ret = new.at != NULL ? new : old;
	return 0;
}

/* RFC 6125: a whole name, or its first label for a star. */
static bool is_host(const struct garita_der *name, const char *host)
{
	const char *text = (const char *)name->at;
	size_t len = name->left, host_len = strlen(host);

	if (len > 2 && text[0] == '*' && text[1] == '.') {
		const char *dot = strchr(host, '.');

		if (dot == NULL || dot == host)
			return false;
		text++;
		len--;
		host_len -= (size_t)(dot - host);
		host = dot;
	}
	return len == host_len && host_len > 0 &&
	       strncasecmp(text, host, len) == 0;
}

static bool is_kind(const struct garita_x509_name *name,
		    enum garita_keyless_subject wanted)
{
	bool other = name->kind == GARITA_X509_OTHER &&
		     garita_der_is(&name->oid, OID_SUBJECT);

	switch (wanted) {
	case GARITA_SUBJECT_ANY:
		return other || name->kind == GARITA_X509_EMAIL ||
		       name->kind == GARITA_X509_URI;
	case GARITA_SUBJECT_EMAIL:
		return name->kind == GARITA_X509_EMAIL;
	case GARITA_SUBJECT_URI:
		return name->kind == GARITA_X509_URI;
	case GARITA_SUBJECT_OTHER:
		return other;
	case GARITA_SUBJECT_HOST:
		return name->kind == GARITA_X509_DNS;
	}
	return false;
}

static bool is_subject(const struct garita_x509_name *name,
		       const struct garita_keyless_identity *wanted,
		       const struct garita_regexp *pattern)
{
	if (!is_kind(name, wanted->kind))
		return false;
	if (wanted->kind == GARITA_SUBJECT_HOST)
		return is_host(&name->text, wanted->subject);
	if (wanted->subject != NULL)
		return is(&name->text, wanted->subject);
	if (pattern != NULL)
		return garita_regexp_fits(pattern, (const char *)name->text.at,
					  name->text.left);
	return wanted->pattern == NULL;
}

/* The first name that fits; says which the certificate has when none does. */
static int find_subject(const struct garita_x509 *cert,
			const struct garita_keyless_identity *wanted,
			const struct garita_regexp *pattern,
			struct garita_der *ret, struct garita_error *err)
{
	struct garita_x509_name name, some = { 0 };

	for (size_t i = 0; garita_x509_name(cert, i, &name); i++) {
		if (is_subject(&name, wanted, pattern)) {
			*ret = name.text;
			return 0;
		}
		if (some.text.at == NULL && name.kind != GARITA_X509_NO_NAME)
			some = name;
	}
	if (some.text.at == NULL)
		return bad(err, "the certificate names nobody");
	return garita_fail(err, EBADMSG,
			   "identity: the certificate is of \"%.*s\"",
			   (int)(some.text.left < 200 ? some.text.left : 200),
			   (const char *)some.text.at);
}

static int check_host(const struct garita_x509 *cert, const char *host,
		      struct garita_error *err)
{
	struct garita_x509_name name;

	for (size_t i = 0; host != NULL; i++) {
		if (!garita_x509_name(cert, i, &name))
			return garita_fail(err, EBADMSG,
					   "identity: the certificate is not "
					   "of the host %.200s",
					   host);
		if (name.kind == GARITA_X509_DNS && is_host(&name.text, host))
			break;
	}
	return 0;
}

static int check_issuer(const struct garita_x509 *cert, const char *wanted,
			struct garita_der *ret, struct garita_error *err)
{
	int r = garita_fulcio_issuer(cert, ret, err);

	if (r < 0)
		return r;
	if (!is(ret, wanted))
		return garita_fail(
			err, EBADMSG,
			"identity: the certificate's OIDC issuer is \"%.*s\"",
			(int)(ret->left < 200 ? ret->left : 200),
			(const char *)ret->at);
	return 0;
}

static int check_extensions(const struct garita_x509 *cert,
			    const struct garita_keyless_identity *wanted,
			    struct garita_error *err)
{
	for (size_t i = 0; i < wanted->extension_count; i++) {
		const struct garita_keyless_extension *one =
			&wanted->extensions[i];
		const char *word = garita_keyless_extension_word(one->number);
		struct garita_der value;

		if (extension(cert, one->number, &value) &&
		    is(&value, one->value))
			continue;
		return garita_fail(err, EBADMSG,
				   "identity: the certificate's %s is not "
				   "\"%.200s\"",
				   word != NULL ? word : "extension",
				   one->value);
	}
	return 0;
}

int garita_fulcio_is(const struct garita_x509 *cert,
		     const struct garita_keyless_identity *wanted,
		     const struct garita_regexp *pattern, char **ret_words,
		     struct garita_error *err)
{
	struct garita_der subject = { 0 }, issuer = { 0 };
	auto_text words = { 0 };
	int r = 0;

	if (wanted->issuer != NULL)
		r = check_issuer(cert, wanted->issuer, &issuer, err);
	if (r == 0)
		r = find_subject(cert, wanted, pattern, &subject, err);
	if (r == 0)
		r = check_host(cert, wanted->host, err);
	if (r == 0)
		r = check_extensions(cert, wanted, err);
	if (r < 0)
		return r;
	garita_text_add(&words, (const char *)subject.at, subject.left);
	if (issuer.at != NULL)
		garita_text_printf(&words, " of %.*s", (int)issuer.left,
				   (const char *)issuer.at);
	*ret_words = garita_text_take(&words);
	return 0;
}
